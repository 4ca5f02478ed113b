//! Records at work: what is saved with its revision and its journal entry (P-47, P-48).
//!
//! [`right`] says who has which part in a record, [`around`] gathers what its stages ask for, [`again`] what a repeated call is told,
//! [`approval`] carries what a stage asks of access, [`approver`] shows who decides what they decide about.

pub mod again;
pub mod approval;
pub mod approver;
pub mod around;
mod duties;
mod effect;
mod event;
mod numbered;
pub mod right;

use std::collections::{BTreeMap, BTreeSet};

use dossier_authority::Effect;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Missing, Result};
use dossier_kernel::name;
use dossier_proto::journal::v1::event::Kind;
use dossier_regime::{RecordKind, RecordLimit, Template};
use uuid::Uuid;

use super::customer_file::session::Session;
use crate::content::{Committed, Content, SIGNED, Seal, secrets, signed};
use crate::domain::changed::{Rules, Writing};
use crate::domain::customer_file::CustomerFile;
use crate::domain::record::signing::Signature;
use crate::domain::record::{PART, Record};
use crate::store::customer_file::{self, Loaded, inconsistent};
use crate::store::record::{self, signature};
use around::Around;

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

/// A change of a record that was decided: it is what it will be, but for its content.
#[derive(Debug)]
pub struct Change<'a> {
    /// The record; a new one has no content yet.
    pub opened: Opened<'a>,
    /// The action in the journal.
    pub action: &'static str,
    /// What is written.
    pub writing: Writing,
    /// The signature that is given.
    pub signing: Option<Signing>,
    /// The stages that it goes back from.
    pub left: Vec<String>,
    /// The approval whose outcome moves it.
    pub decided: Decided,
    /// Why.
    pub reason: String,
    /// The call's `request_id`; empty: no call does it.
    pub request_id: &'a str,
}

/// What an approval came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decided {
    /// The approval, by name; empty: none was asked for.
    pub approval: String,
    /// The matter, where the answer was yes.
    pub granted: Option<String>,
}

/// A signature that the caller gives.
#[derive(Clone, Debug)]
pub struct Signing {
    /// For this stage.
    pub stage: String,
    /// In this slot.
    pub slot: String,
    /// In this post; empty: the slot hangs on none.
    pub post: String,
    /// Its id.
    pub id: Uuid,
}

/// The action of a record that is new.
pub const CREATED: &str = "record.created";

/// The record `id` in the visible file `file`, without its content.
///
/// # Errors
/// `RESOURCE_NOT_FOUND`, the same for what is invisible and what is not there (I10); `AUTHORITY_STALE`.
pub async fn find(session: &Session<'_>, tx: &mut Tx, (file, id): (Uuid, Uuid)) -> Result<(Loaded, Record)> {
    let missing = || Error::missing(Missing::FileRecord, name::below("files", file, PART, id));
    // What is not seen is the record: its file is named by nobody.
    let unseen = |fault: Error| if fault.is_missing().is_some() { missing() } else { fault };
    let loaded = session.load(tx, file).await.map_err(unseen)?;
    let record = record::lookup(tx, &session.call.org, file, id).await?.ok_or_else(missing)?;
    Ok((loaded, record))
}

/// As [`find`], with its content.
///
/// # Errors
/// As [`find`]; `KEY_DESTROYED`.
pub async fn load<'a>(session: &Session<'a>, tx: &mut Tx, ids: (Uuid, Uuid)) -> Result<Opened<'a>> {
    let found = find(session, tx, ids).await?;
    reach(session, tx, found).await
}

/// A record that was found, with its content.
///
/// # Errors
/// `KEY_DESTROYED`, `STORE_INCONSISTENT`.
pub async fn reach<'a>(session: &Session<'a>, tx: &mut Tx, (loaded, record): (Loaded, Record)) -> Result<Opened<'a>> {
    let newest = record::revision(tx, &session.call.org, record.id, record.version).await?;
    let content =
        Content::read("record_revision", &newest.ok_or_else(|| inconsistent("record_revision", "revision"))?.content)?;
    let seal = session.seal(&loaded)?.part(PART, record.id, &record.sealed_key)?;
    Ok(Opened { loaded, record, content, seal })
}

/// What each of `records` says in its newest version, by record; nothing of it is opened.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn contents<'r>(
    tx: &mut Tx,
    org: &str,
    records: impl Iterator<Item = &'r Record>,
) -> Result<BTreeMap<Uuid, Content>> {
    contents_of(tx, org, &records.map(|one| (one.id, one.version)).collect()).await
}

/// As [`contents`], of records or documents by id and version.
///
/// # Errors
/// As [`contents`].
pub async fn contents_of(tx: &mut Tx, org: &str, wanted: &BTreeSet<(Uuid, i64)>) -> Result<BTreeMap<Uuid, Content>> {
    let mut versions = record::revisions(tx, org, wanted).await?;
    let content = |key: &(Uuid, i64)| {
        let version = versions.remove(key).ok_or_else(|| inconsistent("record_revision", "revision"))?;
        Ok((key.0, Content::read("record_revision", &version.content)?))
    };
    wanted.iter().map(content).collect()
}

/// A new record of `kind` in a file, with a key of its own.
///
/// # Errors
/// `KEY_DESTROYED`, `KEY_UNAVAILABLE`.
pub fn begin<'a>(session: &Session<'a>, loaded: Loaded, kind: &RecordKind, template: &Template) -> Result<Opened<'a>> {
    let (id, now) = (session.base.providers.ids.uuid(), session.call.now);
    let (seal, sealed_key) = session.seal(&loaded)?.begin_part(PART, id)?;
    let (who, day) = (session.principal.person, session.tenant.day(now));
    let new = Record::new(id, loaded.file.id, kind, template, who, (now, day));
    Ok(Opened { loaded, record: Record { sealed_key, ..new }, content: Content::default(), seal })
}

/// Lets a new record enter the first stage of its kind, where that asks for nothing.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn enter_first(
    session: &Session<'_>,
    tx: &mut Tx,
    opened: &mut Opened<'_>,
    (kind, template): (&RecordKind, &Template),
) -> Result<()> {
    let around = Around::gather(session, tx, opened, template).await?;
    let Some(first) = around.first(session, opened).map(|first| first.id.clone()) else { return Ok(()) };
    let version = opened.record.version;
    opened.record.enter(kind, &first, session.call.micros(), version);
    Ok(())
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

/// Demands that records of `kind` are made and go on in the file: it is not closed, or the kind outlives that (C-06).
///
/// # Errors
/// `WRONG_STATE`.
pub fn require_living(session: &Session<'_>, file: &CustomerFile, kind: &str) -> Result<()> {
    match session.pack().record(kind).is_some_and(RecordKind::outlives) {
        true => Ok(()),
        false => file.require_open(),
    }
}

/// Keeps everybody else from changing the file and what lies in it until the transaction ends: what stages ask for is read behind it.
///
/// # Errors
/// `CONFLICT_RETRY` when somebody was faster.
pub async fn lock(session: &Session<'_>, tx: &mut Tx, loaded: &Loaded) -> Result<()> {
    customer_file::lock(tx, &session.call.org, &loaded.file).await
}

/// Saves a change with its revision and its entry; false when the file has the one record of the kind already.
///
/// # Errors
/// `CONFLICT_RETRY` when somebody was faster, `ALREADY_EXISTS` when the slot was signed meanwhile, `NUMBERS_EXHAUSTED`, `JOURNAL_FAULT`.
pub async fn save(session: &Session<'_>, tx: &mut Tx, template: &Template, change: &mut Change<'_>) -> Result<bool> {
    let (org, now) = (&session.call.org, session.call.now);
    let opened = &mut change.opened;
    // The file as it was read: nobody closes, raises or hands it over beside this, or writes another record into it.
    lock(session, tx, &opened.loaded).await?;
    opened.content = opened.content.after(&change.writing, template, &opened.seal)?;
    opened.record.weights = opened.content.weigh(template, opened.loaded.file.customer_type, &opened.seal)?;
    opened.record.updated_at = opened.record.updated_at.max(now);
    let coming = opened.record.version + i64::from(change.action != CREATED);
    effect::note(session, opened, coming)?;
    numbered::draw(session, tx, opened, (coming, change.request_id)).await?;
    match change.action == CREATED {
        true if is_taken(session, tx, &opened.record).await? => return Ok(false),
        true if !record::insert(tx, org, &opened.record).await? => return Ok(false),
        true => {}
        false => record::update(tx, org, &mut opened.record).await?,
    }
    keep(session, tx, change).await?;
    duties::follow(session, tx, change).await?;
    effect::happen(session, tx, change).await?;
    Ok(true)
}

/// Keeps the revision that a change makes, with what was signed and its entry.
///
/// # Errors
/// `ALREADY_EXISTS` when the record has that revision or the slot was signed meanwhile, `JOURNAL_FAULT`.
pub async fn keep(session: &Session<'_>, tx: &mut Tx, change: &Change<'_>) -> Result<()> {
    let committed = change.commit(session)?;
    let revision = change.revision(session.principal.person, committed.salts.clone())?;
    record::keep(tx, &session.call.org, &revision).await?;
    if let Some(one) = change.signature(session, &committed) {
        signature::keep(tx, &session.call.org, &one).await?;
    }
    journal(session, tx, change, committed).await
}

/// Whether the file has the one that it may have; a kind of which it may have one now may have had many before.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn is_taken(session: &Session<'_>, tx: &mut Tx, one: &Record) -> Result<bool> {
    let limit = session.pack().record(&one.kind).map(|kind| kind.limit).unwrap_or_default();
    let open = match limit {
        RecordLimit::Once => false,
        RecordLimit::OneOpen => true,
        RecordLimit::Many | RecordLimit::OneAMonth | RecordLimit::OneAYear => return Ok(false),
    };
    record::has_kind(tx, &session.call.org, one.file, &one.kind, open).await
}

async fn journal(session: &Session<'_>, tx: &mut Tx, change: &Change<'_>, committed: Committed) -> Result<()> {
    let effect = Effect {
        action: change.action,
        subject: &change.opened.record.name(),
        event: Kind::RecordChanged(change.event()),
        request_id: change.request_id,
        words: &[],
        commitments: committed.digests,
    };
    session.base.record(tx, session.call, &session.principal.name(), effect).await.map(drop)
}

// === impl Change ===

impl<'a> Change<'a> {
    /// A change that writes and signs nothing.
    pub fn new(opened: Opened<'a>, action: &'static str, reason: String, request_id: &'a str) -> Self {
        let (writing, decided) = (Writing::default(), Decided::default());
        Self { opened, action, writing, signing: None, left: Vec::new(), decided, reason, request_id }
    }

    /// One that follows from this: for the same reason, in the same call, by the same decision.
    pub fn next<'o>(&self, opened: Opened<'o>, action: &'static str) -> Change<'o>
    where
        'a: 'o,
    {
        let next = Change::new(opened, action, self.reason.clone(), self.request_id);
        Change { decided: self.decided.clone(), ..next }
    }

    // Everything written, why, and what is signed.
    fn commit(&self, session: &Session<'_>) -> Result<Committed> {
        let Opened { record, content, seal, .. } = &self.opened;
        let mut secrets = secrets(&self.writing, &self.reason);
        if let Some(one) = &self.signing {
            let text = signed(&record.name(), (&one.stage, &one.slot), content, seal)?;
            secrets.insert(SIGNED.to_owned(), text);
        }
        seal.commit(&*session.base.providers.ids, record.version, &secrets)
    }

    fn signature(&self, session: &Session<'_>, committed: &Committed) -> Option<Signature> {
        let (one, record) = (self.signing.as_ref()?, &self.opened.record);
        let digest = committed.digests.iter().find(|(at, _)| at == SIGNED).map(|(_, digest)| digest.to_vec())?;
        Some(Signature {
            id: one.id,
            record: record.id,
            revision: record.version,
            stage: one.stage.clone(),
            slot: one.slot.clone(),
            round: record.round,
            signer: session.principal.person,
            post: one.post.clone(),
            at: session.call.now,
            digest,
        })
    }
}
