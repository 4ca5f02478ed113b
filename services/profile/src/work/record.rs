//! Records at work: who writes which, what is saved with its revision and its journal entry, what a repeated call is told (P-47, P-48).

pub mod again;

use std::collections::BTreeSet;

use dossier_authority::Effect;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Missing, Result};
use dossier_kernel::name;
use dossier_kernel::time::{micros, to_proto};
use dossier_proto::journal::v1::RecordChanged;
use dossier_proto::journal::v1::event::Kind;
use dossier_regime::{RecordKind, Template};
use prost::Message as _;
use sqlx::types::Json;
use uuid::Uuid;

use super::customer_file::session::Session;
use crate::content::{Committed, Content, Seal, secrets};
use crate::domain::changed::{Rules, Writing};
use crate::domain::completeness::{basis_points, whole};
use crate::domain::header::template_name;
use crate::domain::record::{PART, Record, denied};
use crate::store::customer_file::{self, Loaded, inconsistent};
use crate::store::record::{self, Revision};

/// A record with its content, in a file that the caller sees.
#[derive(Debug)]
pub struct Opened<'a> {
    /// The file.
    pub loaded: Loaded,
    /// The record.
    pub record: Record,
    /// Its newest content.
    pub content: Content,
    /// The seal of both.
    pub seal: Seal<'a>,
}

/// A change of a record that was decided.
#[derive(Debug)]
pub struct Change<'a> {
    /// The record as it is read; a new one has no content yet.
    pub opened: Opened<'a>,
    /// Whether it is new.
    pub new: bool,
    /// What is written.
    pub writing: Writing,
    /// Why.
    pub reason: String,
    /// The call's `request_id`.
    pub request_id: &'a str,
}

/// A right to write records, as the lists of their kinds give it.
#[derive(Clone, Copy, Debug)]
pub struct Right {
    action: &'static str,
    posts: fn(&RecordKind) -> &[String],
}

/// To make records.
pub const CREATE: Right = Right { action: "record.create", posts: |kind| &kind.create };
/// To change them.
pub const UPDATE: Right = Right { action: "record.update", posts: |kind| &kind.edit };

// === impl Right ===

impl Right {
    /// Demands that some kind gives it to the caller, before anything of the request is looked at.
    ///
    /// # Errors
    /// `PERMISSION_DENIED`.
    pub fn require_some(self, session: &Session<'_>) -> Result<()> {
        let held = |post: &String| session.principal.holds(post, None);
        let some = session.pack().records.iter().any(|kind| (self.posts)(kind).iter().any(held));
        if some { Ok(()) } else { Err(denied(self.action)) }
    }

    /// Demands that `kind` gives it to the caller for the unit of the file, which they see by standing access; a kind that the pack has
    /// no more gives it to nobody.
    ///
    /// # Errors
    /// `PERMISSION_DENIED`.
    pub fn require_in(self, session: &Session<'_>, loaded: &Loaded, kind: Option<&RecordKind>) -> Result<()> {
        let posts = kind.map(self.posts).unwrap_or_default();
        let may = loaded.standing && session.holds_in(posts, &loaded.file.unit);
        if may { Ok(()) } else { Err(denied(self.action)) }
    }
}

/// The record `id` in the visible file `file`.
///
/// # Errors
/// `RESOURCE_NOT_FOUND`, the same for what is invisible and what is not there (I10); `AUTHORITY_STALE`, `KEY_DESTROYED`.
pub async fn load<'a>(session: &Session<'a>, tx: &mut Tx, (file, id): (Uuid, Uuid)) -> Result<Opened<'a>> {
    let missing = || Error::missing(Missing::FileRecord, name::below("files", file, PART, id));
    // What is not seen is the record: its file is named by nobody.
    let unseen = |fault: Error| if fault.is_missing().is_some() { missing() } else { fault };
    let loaded = session.load(tx, file).await.map_err(unseen)?;
    let record = record::lookup(tx, &session.call.org, file, id).await?.ok_or_else(missing)?;
    let newest = record::revision(tx, &session.call.org, id, record.version).await?;
    let content =
        Content::read("record_revision", &newest.ok_or_else(|| inconsistent("record_revision", "revision"))?.content)?;
    let seal = session.seal(&loaded)?.part(PART, id, &record.sealed_key)?;
    Ok(Opened { loaded, record, content, seal })
}

/// A new record of `kind` in a file, with a key of its own.
///
/// # Errors
/// `KEY_DESTROYED`, `KEY_UNAVAILABLE`.
pub fn begin<'a>(session: &Session<'a>, loaded: Loaded, kind: &RecordKind, template: &Template) -> Result<Opened<'a>> {
    let (id, now) = (session.base.providers.ids.uuid(), session.call.now);
    let (seal, sealed_key) = session.seal(&loaded)?.begin_part(PART, id)?;
    let new = Record::new(id, loaded.file.id, kind, template, session.principal.person, now);
    Ok(Opened { loaded, record: Record { sealed_key, ..new }, content: Content::default(), seal })
}

/// The template of a record. One that its kind no longer has still describes it.
///
/// # Errors
/// `RESOURCE_NOT_FOUND` when no pack has it any more.
pub fn template<'a>(session: &Session<'a>, id: &str) -> Result<&'a Template> {
    session.tenant.form(id).map_or_else(|| session.template(id), |form| Ok(form))
}

/// What a record's fields are checked against.
pub fn rules<'a>(session: &Session<'a>, loaded: &Loaded, template: &'a Template) -> Rules<'a> {
    Rules { origin: session.origin(), template, customer: loaded.file.customer_type, own: false }
}

/// Saves a change with its revision and its entry; false when the file has the one record of the kind already.
///
/// # Errors
/// `CONFLICT_RETRY` when somebody was faster, `JOURNAL_FAULT`.
pub async fn save(session: &Session<'_>, tx: &mut Tx, template: &Template, change: &mut Change<'_>) -> Result<bool> {
    let (org, now) = (&session.call.org, session.call.now);
    let opened = &mut change.opened;
    // The file as it was read: nobody closes, raises or hands it over beside this, or writes another record into it.
    customer_file::lock(tx, org, &opened.loaded.file).await?;
    opened.content = opened.content.after(&change.writing, template, &opened.seal)?;
    let customer = opened.loaded.file.customer_type;
    let filling = opened.content.filling(template, &opened.seal)?;
    opened.record.weights = whole(template, customer, |key| filling.of(key)).weights;
    opened.record.updated_at = opened.record.updated_at.max(now);
    match change.new {
        true if is_taken(tx, org, &opened.record).await? => return Ok(false),
        true if !record::insert(tx, org, &opened.record).await? => return Ok(false),
        true => {}
        false => record::update(tx, org, &mut opened.record).await?,
    }
    let (secrets, opened) = (secrets(&change.writing, &change.reason), &change.opened);
    let committed = opened.seal.commit(&*session.base.providers.ids, opened.record.version, &secrets)?;
    record::keep(tx, org, &change.revision(session.principal.person, committed.salts.clone())?).await?;
    journal(session, tx, change, committed).await?;
    Ok(true)
}

// A kind of which a file may have one now may have had many before.
async fn is_taken(tx: &mut Tx, org: &str, one: &Record) -> Result<bool> {
    Ok(one.slot.is_empty() && record::has_kind(tx, org, one.file, &one.kind).await?)
}

async fn journal(session: &Session<'_>, tx: &mut Tx, change: &Change<'_>, committed: Committed) -> Result<()> {
    let effect = Effect {
        action: if change.new { "record.created" } else { "record.updated" },
        subject: &change.opened.record.name(),
        event: Kind::RecordChanged(change.event()),
        request_id: change.request_id,
        words: &[],
        commitments: committed.digests,
    };
    session.base.record(tx, session.call, &session.principal.name(), effect).await.map(drop)
}

// === impl Change ===

impl Change<'_> {
    fn keys(&self) -> BTreeSet<String> {
        self.writing.keys().cloned().collect()
    }

    fn revision(&self, author: Uuid, salts: Option<Vec<u8>>) -> Result<Revision> {
        let Opened { record, content, seal, .. } = &self.opened;
        Ok(Revision {
            record: record.id,
            revision: record.version,
            at: micros(record.updated_at),
            author,
            changed: Json(self.keys()),
            content: content.encode_to_vec(),
            reason: seal.close_reason(record.version, &self.reason)?,
            salts,
        })
    }

    fn event(&self) -> RecordChanged {
        let one = &self.opened.record;
        RecordChanged {
            record: one.name(),
            file: name::name("files", one.file),
            kind: one.kind.clone(),
            stage: one.stage.clone(),
            template: template_name(&one.template),
            template_version: i32::try_from(one.template_version).unwrap_or(i32::MAX),
            revision: one.version,
            changed_fields: self.keys().into_iter().collect(),
            creator: name::name("persons", one.creator),
            create_time: Some(to_proto(one.created_at)),
            completeness_basis_points: basis_points(one.weights.filled, one.weights.applicable),
            complete: one.weights.complete,
            single: one.slot.is_empty(),
        }
    }
}
