//! The documents of a file that comes, and their contents, which are kept before the file is (P-28, P-58, P-61).

use std::collections::BTreeSet;
use std::sync::Arc;

use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::faults::Faults;
use dossier_kernel::id::Ids;
use dossier_kernel::states;
use dossier_proto::profile::v1 as wire;
use dossier_regime::{DocumentKind, Pack};
use dossier_vault::{DataKey, Vault};
use uuid::Uuid;

use super::records::{Keys, said as versions};
use super::versions::weights;
use super::{Brings, mark};
use crate::content::{Content, Seal};
use crate::domain::document::content::{Kept, MOST, Upload, hash_at};
use crate::domain::document::said::{self, PARTS};
use crate::domain::document::{Document, Link, PART, Relation, State, kind as kind_of, media, require_kind};
use crate::domain::transfer;
use crate::domain::transfer::parcel::Sheaf;
use crate::store::document as rows;
use crate::store::document::upload;
use crate::store::transfer as store;
use crate::work::document::{Change, Opened, keep};
use crate::work::record::template;

/// The action of a document that came from elsewhere.
const IMPORTED: &str = "document.imported";

/// A document that is coming: its id and its key here, and what is kept of its content already.
#[derive(Debug)]
pub struct Held {
    /// Its id.
    pub id: Uuid,
    /// Its key.
    pub key: Arc<DataKey>,
    /// That, sealed under the key of the file.
    pub sealed_key: Vec<u8>,
    /// The pieces that are kept of its content; nothing where none comes.
    pub upload: Option<Upload>,
    /// The hash of the content once all of it is kept, as hexadecimal digits.
    pub hash: String,
}

// === impl Held ===

impl Held {
    /// A document that begins to come, under the seal of its file.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn begin(ids: &dyn Ids, seal: &Seal<'_>) -> Result<Self> {
        let id = ids.uuid();
        let (own, sealed_key) = seal.begin_part(PART, id)?;
        Ok(Self { id, key: own.key(), sealed_key, upload: None, hash: String::new() })
    }

    /// Its seal, as a document of `file`.
    pub fn seal<'a>(&self, vault: &'a Vault, org: &'a str, file: Uuid) -> Seal<'a> {
        Seal::new(vault, org, file, Arc::clone(&self.key))
    }
}

/// Demands of what is said of a content that is to come that it may: size and type by its kind, and that it is not of a paper.
///
/// # Errors
/// Violations of `content`, `carrier`.
pub fn require_content(pack: &Pack, given: &wire::Document) -> Result<()> {
    let content = given.content.clone().unwrap_or_default();
    if !(1..=MOST).contains(&content.size_bytes) {
        return Err(Error::violation("content.size_bytes", format!("must be 1 to {MOST}")));
    }
    if given.carrier == i32::from(wire::DocumentCarrier::Original)
        || given.carrier == i32::from(wire::DocumentCarrier::Copy)
    {
        return Err(Error::violation("carrier", "is paper, and paper has no content"));
    }
    media::require(pack.document(&given.kind), &content.media_type).map_err(|fault| fault.under("content"))
}

/// Brings them, the first first.
///
/// # Errors
/// Everything that is at fault, under its document; `CONFLICT_RETRY`, `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub(super) async fn bring(brings: &Brings<'_>, tx: &mut Tx, records: &Keys) -> Result<()> {
    let parcel = brings.coming.parcel;
    // They may name each other in any order.
    let mut keys = Keys::new();
    for (at, (sheaf, held)) in parcel.documents.iter().zip(brings.coming.held).enumerate() {
        let mut faults = Faults::default();
        let key = transfer::key("name", &sheaf.head.name, &mut faults);
        if keys.insert(key, held.id).is_some() {
            faults.add("name", "is that of another document of the file");
        }
        faults.finish().map_err(|fault| fault.under(&format!("documents.{at}")))?;
    }
    for (at, (sheaf, held)) in parcel.documents.iter().zip(brings.coming.held).enumerate() {
        let one = Box::pin(one(brings, tx, (sheaf, held), (records, &keys))).await;
        one.map_err(|fault| fault.under(&format!("documents.{at}")))?;
    }
    Ok(())
}

async fn one(
    brings: &Brings<'_>,
    tx: &mut Tx,
    (sheaf, held): (&Sheaf<wire::Document>, &Held),
    keys: (&Keys, &Keys),
) -> Result<()> {
    let (session, given, loaded) = (brings.session, &sheaf.head, brings.loaded);
    let (org, mut faults) = (&session.call.org, Faults::default());
    let kind = kind_of(session.pack(), &given.kind, &mut faults);
    let kind = faults.finish_with(kind)?;
    require_kind(kind, &loaded.file.unit_kind)?;
    let form = template(session, &kind.template)?;
    let seal = held.seal(&session.base.vault, org, loaded.file.id);
    let versions = versions(brings, sheaf, form, &seal)?;
    let document = stands(brings, (given, held), kind, keys)?;
    let mut opened = Opened { loaded: loaded.clone(), document, content: Content::default(), seal };
    opened.document.weights = weights(&versions, form, loaded.file.customer_type, &opened.seal)?;
    opened.document.content = attached(brings, tx, held, (given, &opened.seal)).await?;
    let last = versions.len();
    for (at, one) in versions.into_iter().enumerate() {
        match at {
            0 => rows::insert(tx, org, &opened.document).await?,
            _ => rows::update(tx, org, &mut opened.document).await?,
        }
        opened.content = one.content;
        let mut change = Change::new(opened, IMPORTED, one.reason, "");
        change.writing = one.writing;
        // The hash of the content is promised once, with what is said of it now.
        change.attached = (at + 1 == last && held.upload.is_some()).then(|| held.hash.clone());
        keep(session, tx, &change).await?;
        opened = change.opened;
    }
    let told = mark::of_part(&sheaf.head.name, (&given.creator, given.create_time), &sheaf.versions, &[]);
    let told = opened.seal.close(mark::PLACE, &told)?;
    store::keep_part(tx, org, (loaded.file.id, held.id), &told).await
}

// The pieces become the content in the transaction that makes the file: before, they are an upload that nobody goes on with.
async fn attached(
    brings: &Brings<'_>,
    tx: &mut Tx,
    held: &Held,
    (given, seal): (&wire::Document, &Seal<'_>),
) -> Result<Option<Kept>> {
    let Some(upload) = &held.upload else { return Ok(None) };
    let org = &brings.session.call.org;
    if !brings.coming.tried && !upload::end_whole(tx, org, upload).await? {
        return Err(Error::new(Reason::ConflictRetry).transient());
    }
    let place = upload.place();
    let hash = seal.close(&hash_at(held.id, upload.id), held.hash.as_bytes())?;
    let media_type = given.content.as_ref().map(|content| content.media_type.clone()).unwrap_or_default();
    Ok(Some(Kept { size: upload.size, media_type, place, hash: hex::encode(hash) }))
}

fn stands(
    brings: &Brings<'_>,
    (given, held): (&wire::Document, &Held),
    kind: &DocumentKind,
    (records, documents): (&Keys, &Keys),
) -> Result<Document> {
    let (session, mut faults) = (brings.session, Faults::default());
    let form = template(session, &kind.template)?;
    let carrier = said::carrier(Some(kind), given.carrier, &mut faults);
    let record = match given.record.as_str() {
        "" => None,
        key => records.get(key).copied().or_else(|| {
            faults.add("record", "names no record of the file");
            None
        }),
    };
    let relations = relations(given, documents, &mut faults);
    let state = transfer::state::<wire::DocumentState, _>(given.state, State::Current, &mut faults);
    let carrier = faults.finish_with(carrier)?;
    let mut faults = Faults::default();
    let (id, who) = ((held.id, brings.loaded.file.id), session.principal.person);
    let mut one = Document::new(id, (kind, form), carrier, who, session.call.now);
    let all: BTreeSet<_> = PARTS.into_iter().collect();
    one.said = one.said.after((kind, carrier), given, &all, &mut faults);
    faults.finish()?;
    Ok(Document { state, record, relations, sealed_key: held.sealed_key.clone(), ..one })
}

fn relations(given: &wire::Document, documents: &Keys, faults: &mut Faults) -> Vec<Relation> {
    let mut found = BTreeSet::new();
    for (at, one) in given.relations.iter().enumerate() {
        let kind = format!("relations.{at}.kind");
        let link = states::read::<wire::DocumentRelationKind, Link>(kind, one.kind, faults);
        let other = documents.get(&one.document).copied();
        if other.is_none() {
            faults.add(format!("relations.{at}.document"), "names no document of the file");
        }
        found.extend(link.zip(other).map(|(link, document)| Relation { link: link.as_str().to_owned(), document }));
    }
    found.into_iter().collect()
}
