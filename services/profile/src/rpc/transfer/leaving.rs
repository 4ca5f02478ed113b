//! One file as it leaves: its parts, and what the journal must know of it first (A-42, I3).

use std::collections::BTreeSet;
use std::sync::Arc;

use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Result};
use dossier_kernel::name::name;
use dossier_kernel::time::micros_to_proto;
use dossier_proto::journal::v1::RecordDisclosed;
use dossier_proto::profile::v1 as wire;
use dossier_proto::profile::v1::transfer_part::Part;
use dossier_proto::types::FieldValue;
use dossier_regime::{Action, Template};
use dossier_vault::DataKey;
use std::collections::BTreeMap;
use uuid::Uuid;

use crate::content::{Content, Seal, reason_at};
use crate::domain::document::content::Kept;
use crate::domain::document::{Document, PART as DOCUMENTS};
use crate::domain::field_visibility::FieldVisibility;
use crate::domain::record::{PART as RECORDS, Record};
use crate::rpc::customer_file::list_revisions::{header, revision_name};
use crate::rpc::customer_file::reading::{self, Outgoing};
use crate::rpc::customer_file::view;
use crate::rpc::{document as documents, record as records};
use crate::store::customer_file::{Loaded, inconsistent};
use crate::store::record::{self, signature};
use crate::store::{document, revision};
use crate::work::customer_file::session::{Session, denied};
use crate::work::customer_file::ties::shown;
use crate::work::document::content::hash_of;
use crate::work::document::{CONTENT, sensitivity};
use crate::work::record::template;
use crate::work::transfer::mark;

/// A file that is about to leave.
pub struct Leaving {
    /// The file.
    pub file: Uuid,
    /// Its parts up to its documents.
    pub parts: Vec<Part>,
    /// Its documents.
    pub documents: Vec<LeavingDocument>,
    /// What the journal must know first.
    pub disclosed: Vec<Outgoing<()>>,
}

/// A document of a file that is about to leave.
pub struct LeavingDocument {
    /// The document.
    pub id: Uuid,
    /// It and its versions.
    pub parts: Vec<Part>,
    /// Its content, where it has one that leaves.
    pub content: Option<LeavingContent>,
}

/// A content that is about to leave.
pub struct LeavingContent {
    /// Where it lies.
    pub kept: Kept,
    /// The key of its document.
    pub key: Arc<DataKey>,
}

/// Demands that the caller takes the file out: they see it by standing access, hold the right where it lies, and no rule keeps it in a
/// place.
///
/// # Errors
/// `PERMISSION_DENIED`.
pub fn may_leave(session: &Session<'_>, loaded: &Loaded) -> Result<()> {
    session.require_in(Action::FileExport, &loaded.file.unit)?;
    let (pack, level) = (session.pack(), &loaded.file.level);
    let free = loaded.standing && !pack.is_closed(level) && pack.is_read_in(level, "");
    if free { Ok(()) } else { Err(stays()) }
}

// What is answered for a file that may not leave.
fn stays() -> Error {
    denied(Action::FileExport)
}

/// What is opened of a file, by whom it may be opened.
struct Reading<'a> {
    session: &'a Session<'a>,
    loaded: &'a Loaded,
    visibility: FieldVisibility,
    // Keys that leave, for the journal.
    fields: BTreeSet<String>,
}

/// Reads a file whole.
///
/// # Errors
/// `PERMISSION_DENIED` when there is something in it that the caller's grade does not reach; `SEAL_BROKEN`, `STORE_UNAVAILABLE`.
pub async fn read(session: &Session<'_>, tx: &mut Tx, loaded: Loaded, with_contents: bool) -> Result<Leaving> {
    let visibility = FieldVisibility::standing(session.grade());
    let mut reading = Reading { session, loaded: &loaded, visibility, fields: BTreeSet::new() };
    let mark = mark::file(tx, &session.call.org, loaded.file.id, &session.seal(&loaded)?).await?;
    let mut parts = vec![reading.file(tx, mark.as_ref()).await?];
    reading.revisions(tx, mark.as_ref(), &mut parts).await?;
    let mut disclosed = Vec::new();
    for one in record::of_file(tx, &session.call.org, loaded.file.id).await? {
        disclosed.push(reading.record(tx, one, &mut parts).await?);
    }
    let (mut leaving, mut named) = (Vec::new(), Vec::new());
    for one in document::of_file(tx, &session.call.org, loaded.file.id).await? {
        let (document, fields) = reading.document(tx, one, with_contents).await?;
        named.push((document.id, fields));
        leaving.push(document);
    }
    let ground = |place: &str| reading::require_ground_of(session, &loaded, &[], "", place);
    let own = Outgoing {
        message: (),
        resource: String::new(),
        file: loaded.file.id,
        revision: loaded.file.revision,
        fields: reading.fields.into_iter().collect(),
        records: disclosed,
        ground: ground("")?,
    };
    let mut disclosed = vec![own];
    for (id, (revision, fields)) in named {
        let resource = dossier_kernel::name::below("files", loaded.file.id, DOCUMENTS, id);
        let (file, records) = (loaded.file.id, Vec::new());
        disclosed.push(Outgoing { message: (), resource, file, revision, fields, records, ground: ground("")? });
    }
    Ok(Leaving { file: loaded.file.id, parts, documents: leaving, disclosed })
}

// === impl Reading ===

impl Reading<'_> {
    fn org(&self) -> &str {
        &self.session.call.org
    }

    // All of a form, or a refusal: what leaves is whole.
    fn open(
        &self,
        template: &Template,
        content: &Content,
        seal: &Seal<'_>,
    ) -> Result<(BTreeMap<String, FieldValue>, Vec<String>)> {
        let (fields, shown, masked) = view::opened(template, content, seal, &self.visibility)?;
        if masked.is_empty() { Ok((fields, shown)) } else { Err(stays()) }
    }

    async fn file(&mut self, tx: &mut Tx, mark: Option<&wire::ImportMark>) -> Result<Part> {
        let (file, seal) = (&self.loaded.file, self.session.seal(self.loaded)?);
        if !self.visibility.shows_unit_ref() || !self.visibility.shows_reasons() {
            return Err(stays());
        }
        let mut message = view::basic(file);
        shown(self.session, tx, &file.ties).await?.tell(&mut message);
        message.unit_ref = seal.open_text(crate::domain::field_visibility::UNIT_REF, &self.loaded.unit_ref)?;
        self.fields.insert(crate::domain::field_visibility::UNIT_REF.to_owned());
        if let Some(mark) = mark {
            (message.creator, message.create_time) = (mark.creator.clone(), mark.create_time);
        }
        Ok(Part::File(message))
    }

    async fn revisions(&mut self, tx: &mut Tx, mark: Option<&wire::ImportMark>, parts: &mut Vec<Part>) -> Result<()> {
        let (file, seal) = (&self.loaded.file, self.session.seal(self.loaded)?);
        let form = self.session.template(&file.template)?;
        for number in 1..=file.revision {
            let row = revision::numbered(tx, self.org(), file.id, number).await?;
            let row = row.ok_or_else(|| inconsistent("customer_file_revision", "revision"))?;
            let content = Content::read("customer_file_revision", &row.content)?;
            let (fields, shown) = self.open(form, &content, &seal)?;
            self.fields.extend(shown);
            let (then, _) = header(&row.header)?;
            let reason = row.reason.as_ref().map(|sealed| seal.open_text(&reason_at(number), sealed)).transpose()?;
            let (author, time) = told(mark, number, (name("persons", row.author), micros_to_proto(row.at)));
            parts.push(Part::Revision(wire::CustomerFileRevision {
                name: revision_name(file.id, number),
                revision: number,
                customer_file: Some(wire::CustomerFile { fields, ..then }),
                create_time: Some(time),
                author,
                changed_paths: row.changed.0.into_iter().collect(),
                reason: reason.unwrap_or_default(),
            }));
        }
        Ok(())
    }

    async fn record(&mut self, tx: &mut Tx, one: Record, parts: &mut Vec<Part>) -> Result<RecordDisclosed> {
        let seal = self.session.seal(self.loaded)?.part(RECORDS, one.id, &one.sealed_key)?;
        let mark = mark::part(tx, self.org(), (one.file, one.id), &seal).await?;
        let mut message = records::basic(self.loaded, &one);
        let own = signature::of_record(tx, self.org(), one.id).await?;
        message.signatures = own.iter().map(records::signature).collect();
        if let Some(mark) = &mark {
            (message.creator, message.create_time) = (mark.creator.clone(), mark.create_time);
            message.signatures.clone_from(&mark.signatures);
        }
        parts.push(Part::Record(message));
        let form = template(self.session, &one.template)?;
        let of = (one.name(), one.id, one.version);
        let fields = self.versions(tx, of, (form, &seal, mark.as_ref()), parts).await?;
        Ok(RecordDisclosed { record: one.name(), revision: one.version, fields })
    }

    async fn document(
        &mut self,
        tx: &mut Tx,
        one: Document,
        with_contents: bool,
    ) -> Result<(LeavingDocument, (i64, Vec<String>))> {
        let seal = self.session.seal(self.loaded)?.part(DOCUMENTS, one.id, &one.sealed_key)?;
        let mark = mark::part(tx, self.org(), (one.file, one.id), &seal).await?;
        let content = one.content.clone().filter(|_| with_contents);
        if content.is_some() && !self.visibility.shows_content(sensitivity(self.session, &one)) {
            return Err(stays());
        }
        let mut message = documents::basic(self.loaded, &one);
        message.content = message.content.filter(|_| with_contents);
        if let (Some(told), Some(kept)) = (&mut message.content, &content) {
            told.sha256 = hex::decode(hash_of(one.id, kept, &seal)?).unwrap_or_default();
        }
        if let Some(mark) = &mark {
            (message.creator, message.create_time) = (mark.creator.clone(), mark.create_time);
        }
        let mut parts = vec![Part::Document(message)];
        let form = template(self.session, &one.template)?;
        let of = (one.name(), one.id, one.version);
        let mut fields = self.versions(tx, of, (form, &seal, mark.as_ref()), &mut parts).await?;
        fields.extend(content.is_some().then(|| CONTENT.to_owned()));
        let content = content.map(|kept| LeavingContent { kept, key: seal.key() });
        Ok((LeavingDocument { id: one.id, parts, content }, (one.version, fields)))
    }

    // The versions of a record or a document; gives the keys that leave.
    async fn versions(
        &self,
        tx: &mut Tx,
        (called, id, newest): (String, Uuid, i64),
        (form, seal, mark): (&Template, &Seal<'_>, Option<&wire::ImportMark>),
        parts: &mut Vec<Part>,
    ) -> Result<Vec<String>> {
        let mut keys = BTreeSet::new();
        let wanted = (1..=newest).map(|number| (id, number)).collect();
        let mut rows = record::revisions(tx, self.org(), &wanted).await?;
        for number in 1..=newest {
            let row = rows.remove(&(id, number)).ok_or_else(|| inconsistent("record_revision", "revision"))?;
            let content = Content::read("record_revision", &row.content)?;
            let (fields, shown) = self.open(form, &content, seal)?;
            keys.extend(shown);
            let reason = row.reason.as_ref().map(|sealed| seal.open_text(&reason_at(number), sealed)).transpose()?;
            let (author, time) = told(mark, number, (name("persons", row.author), micros_to_proto(row.at)));
            parts.push(Part::Version(wire::FileRecordRevision {
                name: format!("{called}/revisions/{number}"),
                revision: number,
                fields,
                masked_fields: Vec::new(),
                create_time: Some(time),
                author,
                changed_paths: row.changed.0.iter().map(|key| crate::domain::form::path(key)).collect(),
                reason: reason.unwrap_or_default(),
            }));
        }
        Ok(keys.into_iter().collect())
    }
}

// Of a version that came from elsewhere, who made it there, and when.
fn told(
    mark: Option<&wire::ImportMark>,
    number: i64,
    here: (String, prost_types::Timestamp),
) -> (String, prost_types::Timestamp) {
    let found = mark.and_then(|mark| mark.revisions.iter().find(|one| one.revision == number));
    match found {
        Some(one) => (one.author.clone(), one.create_time.unwrap_or(here.1)),
        None => here,
    }
}
