//! Documents at work: what is saved with its revision and its journal entry (P-28, P-48, P-58).
//!
//! [`right`] says who has which part in a document, [`again`] what a repeated call is told, [`content`] brings pieces in and out,
//! [`sweep`] drops what nobody goes on with, [`stray`] finds what no row knows.

pub mod again;
pub mod content;
mod duties;
mod event;
pub mod right;
pub mod stray;
pub mod sweep;

use dossier_authority::Effect;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Missing, Result};
use dossier_proto::journal::v1::event::Kind;
use dossier_regime::{DocumentKind, Sensitivity, Template};
use uuid::Uuid;

use super::customer_file::session::Session;
use super::record::lock;
use super::volume::{Touch, require_loose};
use crate::content::{Committed, Content, Seal, secrets};
use crate::domain::changed::Writing;
use crate::domain::document::{Carrier, Document, PART, State, name_of};
use crate::store::customer_file::{Loaded, inconsistent};
use crate::store::{document, record};

/// A document with what is said in its form, in a file that the caller sees.
#[derive(Debug)]
pub struct Opened<'a> {
    /// The file.
    pub loaded: Loaded,
    /// The document.
    pub document: Document,
    /// Its newest form.
    pub content: Content,
    /// The seal of both.
    pub seal: Seal<'a>,
}

/// A change of a document that was decided: it is what it will be, but for its form.
#[derive(Debug)]
pub struct Change<'a> {
    /// The document; a new one has no form yet.
    pub opened: Opened<'a>,
    /// The action in the journal.
    pub action: &'static str,
    /// What is written.
    pub writing: Writing,
    /// The hash of the content that is attached, as hexadecimal digits.
    pub attached: Option<String>,
    /// Whether it lapses on another day than before.
    pub lapses_otherwise: bool,
    /// The document whose place it takes, or that takes its place, by name; empty: none.
    pub exchanged: String,
    /// Why.
    pub reason: String,
    /// The call's `request_id`.
    pub request_id: &'a str,
}

/// The action of a document that is new.
pub const FILED: &str = "document.filed";
/// The action of one of which something else is said.
pub const UPDATED: &str = "document.updated";
/// The action of one that ends.
pub const VOIDED: &str = "document.voided";
// The action of one whose place another takes.
const SUPERSEDED: &str = "document.superseded";
/// Under what an entry promises the hash of a content.
pub const CONTENT: &str = "content";

/// The document `id` in the visible file `file`, without its form.
///
/// # Errors
/// `RESOURCE_NOT_FOUND`, the same for what is invisible and what is not there (I10); `AUTHORITY_STALE`.
pub async fn find(session: &Session<'_>, tx: &mut Tx, (file, id): (Uuid, Uuid)) -> Result<(Loaded, Document)> {
    let unseen = |fault: Error| if fault.is_missing().is_some() { missing(file, id) } else { fault };
    let loaded = session.load(tx, file).await.map_err(unseen)?;
    let document = document::lookup(tx, &session.call.org, file, id).await?;
    Ok((loaded, document.ok_or_else(|| missing(file, id))?))
}

/// How sensitive the content of a document is; one of a kind that the pack has no more counts as secret.
pub fn sensitivity(session: &Session<'_>, one: &Document) -> Sensitivity {
    session.pack().document(&one.kind).map_or(Sensitivity::Secret, |kind| kind.sensitivity)
}

/// What is answered for a document that is not there for this caller.
pub fn missing(file: Uuid, id: Uuid) -> Error {
    Error::missing(Missing::Document, name_of(file, id))
}

/// As [`find`], with its form.
///
/// # Errors
/// As [`find`]; `KEY_DESTROYED`.
pub async fn load<'a>(session: &Session<'a>, tx: &mut Tx, ids: (Uuid, Uuid)) -> Result<Opened<'a>> {
    let (loaded, document) = find(session, tx, ids).await?;
    let newest = record::revision(tx, &session.call.org, document.id, document.version).await?;
    let newest = newest.ok_or_else(|| inconsistent("record_revision", "revision"))?;
    let content = Content::read("record_revision", &newest.content)?;
    let seal = session.seal(&loaded)?.part(PART, document.id, &document.sealed_key)?;
    Ok(Opened { loaded, document, content, seal })
}

/// A new document of `kind` in a file, with a key of its own.
///
/// # Errors
/// `KEY_DESTROYED`, `KEY_UNAVAILABLE`.
pub fn begin<'a>(
    session: &Session<'a>,
    loaded: Loaded,
    (kind, template): (&DocumentKind, &Template),
    carrier: Carrier,
) -> Result<Opened<'a>> {
    let id = session.base.providers.ids.uuid();
    let (seal, sealed_key) = session.seal(&loaded)?.begin_part(PART, id)?;
    let (file, who) = (loaded.file.id, session.principal.person);
    let new = Document::new((id, file), (kind, template), carrier, who, session.call.now);
    Ok(Opened { loaded, document: Document { sealed_key, ..new }, content: Content::default(), seal })
}

/// Saves a change with its revision and its entry.
///
/// # Errors
/// `CONFLICT_RETRY` when somebody was faster, `WRONG_STATE` when it is bound in a volume against that, `JOURNAL_FAULT`.
pub async fn save(session: &Session<'_>, tx: &mut Tx, template: &Template, change: &mut Change<'_>) -> Result<()> {
    let (org, now) = (&session.call.org, session.call.now);
    let opened = &mut change.opened;
    // The file as it was read: nobody closes or raises it beside this.
    lock(session, tx, &opened.loaded).await?;
    if let Some(touch) = touch(change.action) {
        require_loose(session, tx, &opened.document, touch).await?;
    }
    opened.content = opened.content.after(&change.writing, template, &opened.seal)?;
    opened.document.weights = opened.content.weigh(template, opened.loaded.file.customer_type, &opened.seal)?;
    opened.document.updated_at = opened.document.updated_at.max(now);
    match change.action == FILED {
        true => document::insert(tx, org, &opened.document).await?,
        false => document::update(tx, org, &mut opened.document).await?,
    }
    keep(session, tx, change).await?;
    duties::follow(session, tx, change).await
}

// What the change does to the volume that the document lies in; its content is none of that.
fn touch(action: &str) -> Option<Touch> {
    match action {
        UPDATED => Some(Touch::Said),
        SUPERSEDED => Some(Touch::Superseded),
        VOIDED => Some(Touch::Void),
        _ => None,
    }
}

/// Keeps the revision that a change makes, with its entry.
///
/// # Errors
/// `ALREADY_EXISTS` when the document has that revision, `JOURNAL_FAULT`.
pub async fn keep(session: &Session<'_>, tx: &mut Tx, change: &Change<'_>) -> Result<()> {
    let committed = change.commit(session)?;
    let revision = change.revision(session.principal.person, committed.salts.clone())?;
    record::keep(tx, &session.call.org, &revision).await?;
    journal(session, tx, change, committed).await
}

/// Lets `new`, which was saved, take the place of `old`.
///
/// # Errors
/// `WRONG_STATE` when that holds no more; as [`save`].
pub async fn exchange(session: &Session<'_>, tx: &mut Tx, new: &Change<'_>, old: Opened<'_>) -> Result<()> {
    old.document.require_current()?;
    let template = super::record::template(session, &old.document.template)?;
    let change = Change::new(old, SUPERSEDED, new.reason.clone(), new.request_id);
    let mut change = Change { exchanged: new.opened.document.name(), ..change };
    change.opened.document.state = State::Superseded;
    save(session, tx, template, &mut change).await
}

async fn journal(session: &Session<'_>, tx: &mut Tx, change: &Change<'_>, committed: Committed) -> Result<()> {
    let effect = Effect {
        action: change.action,
        subject: &change.opened.document.name(),
        event: Kind::DocumentChanged(change.event()),
        request_id: change.request_id,
        words: &[],
        commitments: committed.digests,
    };
    session.base.record(tx, session.call, &session.principal.name(), effect).await.map(drop)
}

// === impl Change ===

impl<'a> Change<'a> {
    /// A change that writes nothing.
    pub fn new(opened: Opened<'a>, action: &'static str, reason: String, request_id: &'a str) -> Self {
        let (writing, exchanged) = (Writing::default(), String::new());
        Self { opened, action, writing, attached: None, lapses_otherwise: false, exchanged, reason, request_id }
    }

    // Everything written, why, and the hash of what is attached.
    fn commit(&self, session: &Session<'_>) -> Result<Committed> {
        let Opened { document, seal, .. } = &self.opened;
        let mut secrets = secrets(&self.writing, &self.reason);
        secrets.extend(self.attached.iter().map(|hash| (CONTENT.to_owned(), hash.clone())));
        seal.commit(&*session.base.providers.ids, document.version, &secrets)
    }
}
