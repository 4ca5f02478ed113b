//! Saving a change: the file, its new revision, its index, and the journal entry, all in one transaction (P-48, I3).

use std::collections::{BTreeMap, BTreeSet};

use dossier_authority::Effect;
use dossier_authority::feed;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::states;
use dossier_kernel::time::{micros, to_proto};
use dossier_proto::journal::v1::event::Kind;
use dossier_proto::journal::v1::{FileChanged, FileImported, FileTerms};
use dossier_proto::types::FieldValue;
use dossier_regime::Template;
use prost::Message as _;
use sqlx::types::Json;

use super::session::Session;
use super::{contest, duties, header as shown, retention, ties as others};
use crate::content::{Committed, Content, Seal, secrets, tokens};
use crate::domain::changed::{Writing, parts};
use crate::domain::classification;
use crate::domain::completeness::{basis_points, whole};
use crate::domain::condition::is_searchable;
use crate::domain::customer_file::{Act, CustomerFile};
use crate::domain::field_visibility::UNIT_REF;
use crate::domain::filling::Filling;
use crate::domain::form::plain;
use crate::domain::header;
use crate::domain::ties::{self, Ties};
use crate::store::customer_file::{self, Loaded};
use crate::store::revision::{self, Revision};
use crate::store::token;

/// What identifies the unit of a new file.
#[derive(Clone, Debug)]
pub struct NewUnit {
    /// In clear, for the commitment.
    pub clear: String,
    /// Its blind token.
    pub token: Vec<u8>,
}

/// A change that was decided.
#[derive(Debug)]
pub struct Change<'a> {
    /// What is done.
    pub act: Act,
    /// The file before; `None` for a new one.
    pub before: Option<&'a CustomerFile>,
    /// The file after.
    pub after: CustomerFile,
    /// The content before.
    pub content: Content,
    /// What is written into the content.
    pub writing: Writing,
    /// The unit of a new file.
    pub unit: Option<NewUnit>,
    /// Why.
    pub reason: String,
    /// The approval that it rests on; empty: none was needed.
    pub approval: String,
    /// The call's `request_id`.
    pub request_id: &'a str,
    /// What is told of a version that came from elsewhere.
    pub imported: Option<FileImported>,
}

/// What was saved.
#[derive(Debug)]
pub struct Saved {
    /// The file as it is now.
    pub file: CustomerFile,
    /// What is filled of it.
    pub filling: Filling,
    /// What the call itself wrote of it.
    pub written: BTreeMap<String, FieldValue>,
    /// The files that it names, as far as the caller may see them.
    pub told: Ties,
}

// === impl Change ===

impl<'a> Change<'a> {
    /// A change of a loaded file that does not touch its content.
    pub fn of(act: Act, loaded: &'a Loaded, after: CustomerFile, reason: String, request_id: &'a str) -> Self {
        Self {
            act,
            before: Some(&loaded.file),
            after,
            content: loaded.content.clone(),
            writing: Writing::default(),
            unit: None,
            reason,
            approval: String::new(),
            request_id,
            imported: None,
        }
    }

    // Paths of everything that differs from the revision before.
    fn changed(&self) -> BTreeSet<String> {
        let mut changed = self.writing.paths();
        match self.before {
            Some(before) => changed.extend(parts(before, &self.after)),
            None => {
                changed.extend(["customer_type", "level", "unit", "custodian", "state"].map(str::to_owned));
                changed.extend([UNIT_REF.to_owned()]);
                changed.extend(self.after.ties.of.map(|_| "of".to_owned()));
                changed.extend((!self.after.ties.links.is_empty()).then(|| "links".to_owned()));
                changed.extend(self.after.classification.keys().map(|axis| format!("classification.{axis}")));
            }
        }
        changed
    }

    // What identifies a new file's unit besides.
    fn secrets(&self) -> BTreeMap<String, String> {
        let unit = self.unit.iter().map(|unit| (UNIT_REF.to_owned(), unit.clear.clone()));
        secrets(&self.writing, &self.reason).into_iter().chain(unit).collect()
    }
}

/// Saves `change` and gives the file as it is then.
///
/// # Errors
/// `FILE_UNIT_TAKEN` for a new file whose unit has one that the caller may see, `CONFLICT_RETRY` when somebody was faster, `JOURNAL_FAULT`.
pub async fn save(
    session: &Session<'_>,
    tx: &mut Tx,
    seal: &Seal<'_>,
    template: &Template,
    mut change: Change<'_>,
) -> Result<Saved> {
    let content = change.content.after(&change.writing, template, seal)?;
    let after = &mut change.after;
    let labels = &change.writing.labels;
    after.classification = classification::merged(session.pack(), after.customer_type, &after.classification, labels);
    let filling = content.filling(template, seal)?;
    after.weights = whole(template, after.customer_type, |key| filling.of(key)).weights;
    after.keep_until = retention::last_day(session, after, &content, seal)?;
    let after = &change.after;
    match &change.unit {
        None => customer_file::update(tx, &session.call.org, after).await?,
        Some(unit) => insert(session, tx, seal, after, unit).await?,
    }
    let changed = keep(session, tx, (seal, template), &change, &content).await?;
    let fields = changed.iter().any(|path| path.starts_with("fields."));
    duties::follow(session, tx, change.act, change.before, after, fields).await?;
    if change.act.ends() {
        customer_file::contest::release(tx, &session.call.org, after.id).await?;
    }
    let told = others::shown(session, tx, &change.after.ties).await?;
    Ok(Saved { file: change.after, filling, written: change.writing.set, told })
}

/// Keeps the revision that a change makes, with what it is found by and its entry; `content` is that after it. Gives the paths that it
/// changed.
///
/// # Errors
/// `ALREADY_EXISTS` when the file has that revision, `JOURNAL_FAULT`.
pub async fn keep(
    session: &Session<'_>,
    tx: &mut Tx,
    (seal, template): (&Seal<'_>, &Template),
    change: &Change<'_>,
    content: &Content,
) -> Result<BTreeSet<String>> {
    let changed = change.changed();
    let committed = seal.commit(&*session.base.providers.ids, change.after.revision, &change.secrets())?;
    keep_revision(session, tx, seal, change, content, &changed, committed.salts.clone()).await?;
    index(session, tx, template, change).await?;
    journal(session, tx, change, &changed, committed).await?;
    Ok(changed)
}

/// Keeps the row of a new file.
///
/// # Errors
/// `FILE_UNIT_TAKEN` when its unit has one that the caller may see, `CONFLICT_RETRY` when somebody was faster.
pub async fn insert(
    session: &Session<'_>,
    tx: &mut Tx,
    seal: &Seal<'_>,
    file: &CustomerFile,
    unit: &NewUnit,
) -> Result<()> {
    let sealed = seal.close(UNIT_REF, unit.clear.as_bytes())?;
    customer_file::insert(tx, &session.call.org, file, &sealed, &unit.token).await?;
    contest::require_unseen(session, tx, file).await
}

async fn keep_revision(
    session: &Session<'_>,
    tx: &mut Tx,
    seal: &Seal<'_>,
    change: &Change<'_>,
    content: &Content,
    changed: &BTreeSet<String>,
    salts: Option<Vec<u8>>,
) -> Result<()> {
    let number = change.after.revision;
    let reason = seal.close_reason(number, &change.reason)?;
    let row = Revision {
        revision: number,
        at: micros(change.after.updated),
        author: session.principal.person,
        act: change.act.as_str().to_owned(),
        changed: Json(changed.clone()),
        header: shown::kept(&change.after).encode_to_vec(),
        content: content.encode_to_vec(),
        reason,
        salts,
    };
    revision::insert(tx, &session.call.org, change.after.id, &row).await
}

// New values replace the tokens of the old ones; numbers are found as soon as they are given.
async fn index(session: &Session<'_>, tx: &mut Tx, template: &Template, change: &Change<'_>) -> Result<()> {
    let (org, file, writing) = (&session.call.org, &change.after, &change.writing);
    let values = writing.set.iter().map(|(key, value)| (key, plain(value)));
    let numbers =
        [("file_no".to_owned(), file.number.clone()), ("customer_no".to_owned(), file.customer_number.clone())];
    let numbers = numbers.iter().filter_map(|(key, number)| Some((key, number.clone()?)));
    let mut found = tokens(&session.base.vault, org, template, values.chain(numbers))?;
    if let Some(unit) = &change.unit {
        found.push((unit.token.clone(), UNIT_REF.to_owned()));
        return token::create(tx, org, file.id, &found).await;
    }
    let written = writing.keys().filter(|key| template.field(key).is_some_and(is_searchable));
    token::change(tx, org, file.id, written, &found).await
}

async fn journal(
    session: &Session<'_>,
    tx: &mut Tx,
    change: &Change<'_>,
    changed: &BTreeSet<String>,
    committed: Committed,
) -> Result<()> {
    let effect = Effect {
        action: change.act.action(),
        subject: &change.after.name(),
        event: Kind::FileChanged(event(change, changed)),
        request_id: change.request_id,
        words: &[],
        commitments: committed.digests,
    };
    let entry = session.base.record(tx, session.call, &session.principal.name(), effect).await?;
    // The shared tables here learn of it as those of the other services do.
    feed::apply(tx, session.pack(), &entry).await
}

fn event(change: &Change<'_>, changed: &BTreeSet<String>) -> FileChanged {
    let (file, writing) = (&change.after, &change.writing);
    let waived = |value: &FieldValue| value.provenance.as_ref().is_some_and(|origin| origin.check_digit_waived);
    let weights = file.weights;
    FileChanged {
        file: file.name(),
        number: file.number.clone().unwrap_or_default(),
        level: file.level.clone(),
        unit: file.unit.clone(),
        custodian: shown::custodian(file),
        state: states::wire::<dossier_proto::profile::v1::CustomerFileState>(file.state).as_str_name().to_owned(),
        customer_type: header::told(file.customer_type).into(),
        revision: file.revision,
        completeness_basis_points: basis_points(weights.filled, weights.applicable),
        complete: weights.complete,
        file_kind: file.unit_kind.clone(),
        template: header::template_name(&file.template),
        template_version: i32::try_from(file.template_version).unwrap_or(i32::MAX),
        waived_fields: writing.set.iter().filter(|(_, value)| waived(value)).map(|(key, _)| key.clone()).collect(),
        changed_fields: changed.iter().filter_map(|path| path.strip_prefix("fields.")).map(str::to_owned).collect(),
        classification: file.classification.clone(),
        approval: change.approval.clone(),
        terms: Some(FileTerms {
            customer_number: file.customer_number.clone().unwrap_or_default(),
            first_contact_time: file.first_contact.map(to_proto),
            contract_effect_time: file.contract_effect.map(to_proto),
            of: ties::named(file.ties.of),
            links: ties::told(&file.ties.links),
            merged_into: ties::named(file.ties.into),
            merged: ties::names(&file.ties.merged),
            keep_until_date: file.keep_until.map(|day| day.to_string()).unwrap_or_default(),
        }),
        imported: change.imported.clone(),
    }
}
