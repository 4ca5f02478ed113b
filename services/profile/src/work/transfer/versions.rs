//! What a file said from one version to the next: the last is checked, those before are kept as they were told (P-48).

use std::collections::BTreeMap;

use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::faults::Faults;
use dossier_kernel::time::to_proto;
use dossier_proto::journal::v1::FileImported;
use dossier_proto::types::FieldValue;
use dossier_regime::{CustomerType, Template};

use super::header::{Head, labels, state};
use super::{Coming, written};
use crate::content::{Content, Seal};
use crate::domain::changed::{Rules, Writing, of_form};
use crate::domain::customer_file::{Act, CustomerFile, State, Weights};
use crate::domain::form;
use crate::domain::origin::Origin;
use crate::domain::text;
use crate::domain::transfer::parcel::Parcel;
use crate::work::customer_file::save::{self, Change};
use crate::work::customer_file::session::Session;

/// What one version says, and why it was made.
pub(super) struct Said {
    /// What it wrote against the one before.
    pub writing: Writing,
    /// All that it says, sealed.
    pub content: Content,
    /// Why it was made.
    pub reason: String,
}

/// One version of a file, as it is kept.
pub(super) struct Version {
    /// What it says.
    pub said: Said,
    /// Where the file stood.
    pub state: State,
    /// How it was classified.
    pub labels: BTreeMap<String, String>,
}

/// What was written up to a version; each value is sealed once, with the version that writes it.
pub(super) struct Written<'a> {
    rules: Rules<'a>,
    seal: &'a Seal<'a>,
    fields: BTreeMap<String, FieldValue>,
    content: Content,
}

// === impl Written ===

impl<'a> Written<'a> {
    /// Nothing yet.
    pub fn new(rules: Rules<'a>, seal: &'a Seal<'a>) -> Self {
        Self { rules, seal, fields: BTreeMap::new(), content: Content::default() }
    }

    /// What the next version writes, and all that it says, sealed.
    ///
    /// # Errors
    /// As [`taken`].
    pub fn next(&mut self, given: &BTreeMap<String, FieldValue>, newest: bool) -> Result<(Writing, Content)> {
        let fields = taken(self.rules, given, newest)?;
        let writing = difference(&self.fields, &fields);
        self.content = self.content.after(&writing, self.rules.template, self.seal)?;
        self.fields = fields;
        Ok((writing, self.content.clone()))
    }
}

/// Checks what the file says now, and takes what it said before.
///
/// # Errors
/// Everything that is at fault, under its version; where the last contradicts where the file stands, that.
pub(super) fn checked(
    session: &Session<'_>,
    parcel: &Parcel,
    head: &Head<'_>,
    seal: &Seal<'_>,
) -> Result<Vec<Version>> {
    let rules =
        Rules { origin: session.origin(), template: &head.template, customer: head.file.customer_type, own: true };
    let (mut written, mut versions) = (Written::new(rules, seal), Vec::new());
    for (at, one) in parcel.revisions.iter().enumerate() {
        let (path, last) = (format!("revisions.{at}"), at + 1 == parcel.revisions.len());
        let given = one.customer_file.clone().unwrap_or_default();
        let (writing, content) = written.next(&given.fields, last).map_err(|fault| fault.under(&path))?;
        let mut faults = Faults::default();
        let reason = faults.absorb(text::reason(&one.reason, false)).unwrap_or_default();
        let then = if last { head.file.state } else { state(given.state, &mut faults) };
        let mut said = Faults::default();
        let then_labels = labels(session, &head.file, &given.classification, &mut said);
        faults.finish().map_err(|fault| fault.under(&path))?;
        let labels = if last { head.file.classification.clone() } else { then_labels };
        versions.push(Version { said: Said { writing, content, reason }, state: then, labels });
    }
    Ok(versions)
}

/// The values of a form, as they are kept: the newest by the rules, an older one by the template where it fits, and as it was told where
/// it does not.
///
/// # Errors
/// Everything that is at fault in the newest; of an older one a value that is none.
fn taken(rules: Rules<'_>, given: &BTreeMap<String, FieldValue>, newest: bool) -> Result<BTreeMap<String, FieldValue>> {
    if newest {
        let mut faults = Faults::default();
        let writing = of_form(rules, given, &mut faults);
        return writing.checked(faults).map(|writing| writing.set);
    }
    written(given)?;
    let fitting = |(key, value): (&String, &FieldValue)| {
        let kept = fitting(rules.template, &rules.origin, key, value).unwrap_or_else(|| value.clone());
        (key.clone(), kept)
    };
    Ok(given.iter().map(fitting).collect())
}

fn fitting(template: &Template, origin: &Origin<'_>, key: &str, value: &FieldValue) -> Option<FieldValue> {
    let mut faults = Faults::default();
    let found = form::accept(template.field(key)?, value, origin, &mut faults);
    found.filter(|_| faults.is_empty())
}

/// What `now` writes against `before`.
fn difference(before: &BTreeMap<String, FieldValue>, now: &BTreeMap<String, FieldValue>) -> Writing {
    let set = now.iter().filter(|(key, value)| before.get(*key) != Some(value));
    Writing {
        set: set.map(|(key, value)| (key.clone(), value.clone())).collect(),
        cleared: before.keys().filter(|key| !now.contains_key(*key)).cloned().collect(),
        labels: BTreeMap::new(),
    }
}

/// How complete the newest of `versions` is.
///
/// # Errors
/// `SEAL_BROKEN`.
pub(super) fn weights(
    versions: &[Said],
    form: &Template,
    customer: Option<CustomerType>,
    seal: &Seal<'_>,
) -> Result<Weights> {
    let empty = Content::default();
    versions.last().map_or(&empty, |one| &one.content).weigh(form, customer, seal)
}

/// Keeps every version with its entry. Who may see a file hangs on level, unit and custodian: those are of now in all of them.
///
/// # Errors
/// `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub(super) async fn keep(
    session: &Session<'_>,
    tx: &mut Tx,
    (coming, head): (&Coming<'_>, &Head<'_>),
    (versions, seal): (Vec<Version>, &Seal<'_>),
    file: &CustomerFile,
) -> Result<()> {
    let mut before = None;
    let count = versions.len();
    for (at, one) in versions.into_iter().enumerate() {
        let last = at + 1 == count;
        let revision = i64::try_from(at + 1).unwrap_or(i64::MAX);
        let mut after = CustomerFile { revision, state: one.state, classification: one.labels, ..file.clone() };
        if !last {
            after.number = after.number.filter(|_| matches!(one.state, State::Active | State::Closed));
        }
        let first = before.is_none();
        let change = Change {
            act: Act::Import,
            before: before.as_ref(),
            after: after.clone(),
            content: Content::default(),
            writing: one.said.writing,
            unit: first.then(|| head.unit.clone()),
            reason: one.said.reason,
            approval: String::new(),
            request_id: "",
            imported: Some(imported(coming, file)),
        };
        save::keep(session, tx, (seal, &head.template), &change, &one.said.content).await?;
        before = Some(after);
    }
    Ok(())
}

fn imported(coming: &Coming<'_>, file: &CustomerFile) -> FileImported {
    FileImported {
        batch: coming.batch.name(),
        activate_time: file.activated.map(to_proto),
        close_time: file.closed.map(to_proto),
    }
}
