//! A whole file comes in: checked as what it says now, kept as what it was, in one transaction (P-47, P-48, I3).
//!
//! [`header`] says where it will stand, [`versions`] what it said from one version to the next, [`records`] and [`documents`] bring what
//! lies in it, [`mark`] keeps what was told of before, [`back`] takes a batch back.
//!
//! Nothing here opens a duty, draws a signature or lets an effect happen: what comes is history.

pub mod back;
pub mod documents;
mod header;
pub mod mark;
mod records;
mod versions;

use std::collections::BTreeMap;

use dossier_authority::Effect;
use dossier_authority::promise::Word;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::faults::Faults;
use dossier_proto::journal::v1::ImportBatchChanged;
use dossier_proto::journal::v1::event::Kind;
use dossier_proto::profile::v1 as wire;
use dossier_proto::types::FieldValue;
use dossier_vault::normal::Kind as Compared;
use dossier_vault::vault::Drawn;
use uuid::Uuid;

use super::customer_file::retention;
use super::customer_file::save::insert;
use super::customer_file::session::Session;
use crate::content::Seal;
use crate::domain::form::{MOST_FIELDS, path};
use crate::domain::transfer::parcel::Parcel;
use crate::domain::transfer::{Batch, key};
use crate::store::customer_file::Loaded;
use crate::store::transfer::{self as store, Imported};
use documents::Held;

/// A file that has come whole.
#[derive(Debug)]
pub struct Coming<'a> {
    /// The batch that brings it.
    pub batch: &'a Batch,
    /// Its parts.
    pub parcel: &'a Parcel,
    /// Its id here, and its key.
    pub drawn: &'a Drawn,
    /// What is kept already of its documents, in their order.
    pub held: &'a [Held],
    /// Whether it is only tried: nothing of it is kept anywhere.
    pub tried: bool,
}

/// What became of a file that came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brought {
    /// The file here.
    pub file: Uuid,
    /// Its number; empty: it has none.
    pub number: String,
    /// Whether it was here before.
    pub existing: bool,
}

/// The file that a key of the batch's source stands for.
///
/// # Errors
/// `KEY_UNAVAILABLE`, `STORE_UNAVAILABLE`.
pub async fn known(session: &Session<'_>, tx: &mut Tx, batch: &Batch, key: &str) -> Result<Option<Imported>> {
    store::of_key(tx, &session.call.org, &batch.source, &token(session, key)?).await
}

// Keys may be identity numbers: they are compared blind. Every letter counts, whatever an identifier folds.
fn token(session: &Session<'_>, key: &str) -> Result<Vec<u8>> {
    let spelled = hex::encode(key);
    let token = session.base.vault.index().exact(&session.call.org, "import_key", Compared::Identifier, &spelled)?;
    Ok(token.map(|token| token.to_vec()).unwrap_or_default())
}

/// Brings a file in, or finds that it is here.
///
/// # Errors
/// Everything that is at fault in it, under the part that it is in; `CONFLICT_RETRY`, `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub async fn bring(session: &Session<'_>, tx: &mut Tx, coming: &Coming<'_>) -> Result<Brought> {
    let (org, parcel) = (session.call.org.as_str(), coming.parcel);
    let key = own_key(parcel)?;
    if let Some(known) = known(session, tx, coming.batch, &key).await? {
        return Ok(Brought { file: known.file, number: String::new(), existing: true });
    }
    let head = header::checked(session, tx, coming).await.map_err(|fault| fault.under("file"))?;
    let seal = Seal::new(&session.base.vault, org, head.file.id, coming.drawn.key.clone());
    let versions = versions::checked(session, parcel, &head, &seal)?;
    let content = versions.last().map(|one| one.said.content.clone()).unwrap_or_default();
    session.base.vault.keep_key(tx, org, coming.drawn, session.call.now).await?;
    let loaded = Loaded {
        file: head.file.clone(),
        key: coming.drawn.row(),
        unit_ref: Vec::new(),
        unit_token: head.unit.token.clone(),
        content,
        standing: true,
    };
    let mut loaded = header::numbered(session, tx, &head, loaded).await?;
    loaded.file.weights = loaded.content.weigh(&head.template, loaded.file.customer_type, &seal)?;
    loaded.file.keep_until = retention::last_day(session, &loaded.file, &loaded.content, &seal)?;
    insert(session, tx, &seal, &loaded.file, &head.unit).await.map_err(|fault| fault.under("file"))?;
    versions::keep(session, tx, (coming, &head), (versions, &seal), &loaded.file).await?;
    let brought = Brings { session, coming, loaded: &loaded, seal: &seal };
    let records = records::bring(&brought, tx).await?;
    documents::bring(&brought, tx, &records).await?;
    let mark = seal.close(mark::PLACE, &mark::of_file(coming, &key))?;
    let one = Imported {
        file: loaded.file.id,
        batch: coming.batch.id,
        source: coming.batch.source.clone(),
        token: token(session, &key)?,
        revision: loaded.file.revision,
        parts: i64::try_from(parcel.records.len() + parcel.documents.len()).unwrap_or(i64::MAX),
        stands: true,
        told: mark,
    };
    if !store::keep(tx, org, &one).await? || (!coming.tried && !store::count_in(tx, org, coming.batch.id).await?) {
        // Another stream brought it, or took the batch back, beside this one.
        return Err(Error::new(Reason::ConflictRetry).transient());
    }
    Ok(Brought { file: loaded.file.id, number: loaded.file.number.clone().unwrap_or_default(), existing: false })
}

/// The key of a file at its source.
///
/// # Errors
/// A violation of `file.name`.
pub fn own_key(parcel: &Parcel) -> Result<String> {
    let mut faults = Faults::default();
    let found = key("file.name", &parcel.file.name, &mut faults);
    faults.finish().map(|()| found)
}

/// What the parts of a file that comes are brought with.
struct Brings<'a> {
    session: &'a Session<'a>,
    coming: &'a Coming<'a>,
    loaded: &'a Loaded,
    seal: &'a Seal<'a>,
}

/// Journals what became of a batch.
///
/// # Errors
/// `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub async fn journal(
    session: &Session<'_>,
    tx: &mut Tx,
    batch: &Batch,
    (action, reason, request_id): (&str, &str, &str),
) -> Result<()> {
    let event = ImportBatchChanged {
        batch: batch.name(),
        label: batch.label.clone(),
        source: batch.source.clone(),
        state: batch.state.as_str().to_owned(),
        files: if batch.require_open().is_ok() { 0 } else { batch.files },
    };
    let subject = batch.name();
    let words = [Word::reason(reason)];
    let effect = Effect { request_id, words: &words, ..Effect::new(action, &subject, Kind::ImportBatchChanged(event)) };
    session.base.record(tx, session.call, &session.principal.name(), effect).await.map(drop)
}

/// Demands that every field of a form that is kept as it was told has a value.
fn written(fields: &BTreeMap<String, FieldValue>) -> Result<()> {
    match fields.iter().find(|(_, value)| value.value.is_none()) {
        None if fields.len() <= MOST_FIELDS => Ok(()),
        None => Err(Error::violation("fields", format!("must be at most {MOST_FIELDS}"))),
        Some((key, _)) => Err(Error::violation(path(key), "has no value")),
    }
}

/// What of a version is told of where it came from.
fn told(revision: usize, author: &str, time: Option<prost_types::Timestamp>) -> wire::ToldRevision {
    wire::ToldRevision {
        revision: i64::try_from(revision + 1).unwrap_or(i64::MAX),
        author: author.chars().take(mark::LONGEST).collect(),
        create_time: time,
    }
}
