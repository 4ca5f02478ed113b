//! What a file said from one version to the next: the last is checked, those before are kept as they were told (P-48).

use std::collections::BTreeMap;

use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::faults::Faults;
use dossier_kernel::time::to_proto;
use dossier_proto::journal::v1::FileImported;
use dossier_proto::types::FieldValue;
use dossier_regime::Template;

use super::header::{Head, labels, state};
use super::{Coming, written};
use crate::content::{Content, Seal};
use crate::domain::changed::{Rules, Writing, of_form};
use crate::domain::completeness::whole;
use crate::domain::customer_file::{Act, CustomerFile, State};
use crate::domain::form;
use crate::domain::origin::Origin;
use crate::domain::text;
use crate::domain::transfer::parcel::Parcel;
use crate::work::customer_file::save::{self, Change, NewUnit};
use crate::work::customer_file::session::Session;

/// One version, as it is kept.
pub struct Version {
    /// What it wrote against the one before.
    pub writing: Writing,
    /// Where the file stood.
    pub state: State,
    /// How it was classified.
    pub labels: BTreeMap<String, String>,
    /// Why it was made.
    pub reason: String,
}

/// Checks what the file says now, and takes what it said before.
///
/// # Errors
/// Everything that is at fault, under its version; where the last contradicts where the file stands, that.
pub fn checked(session: &Session<'_>, parcel: &Parcel, head: &Head<'_>) -> Result<Vec<Version>> {
    let rules =
        Rules { origin: session.origin(), template: &head.template, customer: head.file.customer_type, own: true };
    let (mut before, mut versions) = (BTreeMap::new(), Vec::new());
    for (at, one) in parcel.revisions.iter().enumerate() {
        let (path, last) = (format!("revisions.{at}"), at + 1 == parcel.revisions.len());
        let given = one.customer_file.clone().unwrap_or_default();
        let fields = taken(rules, &given.fields, last).map_err(|fault| fault.under(&path))?;
        let mut faults = Faults::default();
        let reason = faults.absorb(text::reason(&one.reason, false)).unwrap_or_default();
        let then = if last { head.file.state } else { state(given.state, &mut faults) };
        let mut said = Faults::default();
        let then_labels = labels(session, &head.file, &given.classification, &mut said);
        faults.finish().map_err(|fault| fault.under(&path))?;
        let writing = difference(&before, &fields);
        let labels = if last { head.file.classification.clone() } else { then_labels };
        versions.push(Version { writing, state: then, labels, reason });
        before = fields;
    }
    Ok(versions)
}

/// The values of a form, as they are kept: the newest by the rules, an older one by the template where it fits, and as it was told where
/// it does not.
///
/// # Errors
/// Everything that is at fault in the newest; of an older one a value that is none.
pub(super) fn taken(
    rules: Rules<'_>,
    given: &BTreeMap<String, FieldValue>,
    newest: bool,
) -> Result<BTreeMap<String, FieldValue>> {
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
pub(super) fn difference(before: &BTreeMap<String, FieldValue>, now: &BTreeMap<String, FieldValue>) -> Writing {
    let set = now.iter().filter(|(key, value)| before.get(*key) != Some(value));
    Writing {
        set: set.map(|(key, value)| (key.clone(), value.clone())).collect(),
        cleared: before.keys().filter(|key| !now.contains_key(*key)).cloned().collect(),
        labels: BTreeMap::new(),
    }
}

/// What the file says now, sealed.
///
/// # Errors
/// When there is no randomness.
pub fn last(versions: &[Version], head: &Head<'_>, seal: &Seal<'_>) -> Result<Content> {
    versions.iter().try_fold(Content::default(), |content, one| content.after(&one.writing, &head.template, seal))
}

/// The file with how complete it is.
///
/// # Errors
/// `SEAL_BROKEN`.
pub fn weighed(file: &CustomerFile, content: &Content, head: &Head<'_>, seal: &Seal<'_>) -> Result<CustomerFile> {
    let filling = content.filling(&head.template, seal)?;
    let weights = whole(&head.template, file.customer_type, |key| filling.of(key)).weights;
    Ok(CustomerFile { weights, ..file.clone() })
}

/// Keeps every version with its entry. Who may see a file hangs on level, unit and custodian: those are of now in all of them.
///
/// # Errors
/// `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub async fn keep(
    session: &Session<'_>,
    tx: &mut Tx,
    (coming, head): (&Coming<'_>, &Head<'_>),
    (versions, seal): (Vec<Version>, &Seal<'_>),
    file: &CustomerFile,
) -> Result<()> {
    let (mut content, mut before) = (Content::default(), None);
    let count = versions.len();
    for (at, one) in versions.into_iter().enumerate() {
        let last = at + 1 == count;
        let revision = i64::try_from(at + 1).unwrap_or(i64::MAX);
        let mut after = CustomerFile { revision, state: one.state, classification: one.labels, ..file.clone() };
        if !last {
            after.number = after.number.filter(|_| matches!(one.state, State::Active | State::Closed));
        }
        let first = before.is_none();
        content = content.after(&one.writing, &head.template, seal)?;
        let change = Change {
            act: Act::Import,
            before: before.as_ref(),
            after: after.clone(),
            content: Content::default(),
            writing: one.writing,
            unit: first.then(|| NewUnit { clear: head.unit.clear.clone(), token: head.unit.token.clone() }),
            reason: one.reason,
            approval: String::new(),
            request_id: "",
            imported: Some(imported(coming, file)),
        };
        save::keep(session, tx, (seal, &head.template), &change, &content).await?;
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
