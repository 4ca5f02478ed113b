//! The rpcs of documents, and how a document is shown (P-58, P-61).

mod act;
pub mod attach;
pub mod create;
pub mod download;
pub mod get;
pub mod get_upload;
pub mod list;
pub mod list_revisions;
pub mod update;
pub mod upload;
pub mod void;

use dossier_kernel::error::Result;
use dossier_kernel::name::name;
use dossier_kernel::time::to_proto;
use dossier_kernel::{etag, states};
use dossier_proto::profile::v1 as wire;
use dossier_regime::Template;

use super::customer_file::view;
use crate::domain::completeness::whole;
use crate::domain::document::content::Upload;
use crate::domain::document::{Document, Link, Relation, name_of};
use crate::domain::header::template_name;
use crate::store::customer_file::Loaded;
use crate::work::customer_file::header::weighed;
use crate::work::document::Change;

/// Everything but the form: what a list gives.
pub(super) fn basic(loaded: &Loaded, one: &Document) -> wire::Document {
    let (said, small) = (&one.said, |count: i64| i32::try_from(count).unwrap_or(i32::MAX));
    wire::Document {
        name: one.name(),
        kind: one.kind.clone(),
        carrier: states::wire::<wire::DocumentCarrier>(one.carrier).into(),
        state: states::wire::<wire::DocumentState>(one.state).into(),
        record: one.record_name(),
        relations: one.relations.iter().map(|relation| told(one, relation)).collect(),
        document_date: said.document_date.clone(),
        expire_date: said.expire_date.clone(),
        sheets: small(said.sheets),
        pages: small(said.pages),
        paper: said.paper.clone(),
        ink: said.ink.clone(),
        template: template_name(&one.template),
        template_version: small(one.template_version),
        level: loaded.file.level.clone(),
        completeness: Some(weighed(one.weights)),
        content: one.content.as_ref().map(|content| wire::DocumentContent {
            size_bytes: content.size,
            media_type: content.media_type.clone(),
            sha256: Vec::new(),
        }),
        revision: one.version,
        etag: etag::of(one.version),
        create_time: Some(to_proto(one.created_at)),
        update_time: Some(to_proto(one.updated_at)),
        creator: name("persons", one.creator),
        ..wire::Document::default()
    }
}

fn told(one: &Document, relation: &Relation) -> wire::DocumentRelation {
    let link = Link::ALL.iter().copied().find(|link| link.as_str() == relation.link);
    let kind = link.map(states::wire::<wire::DocumentRelationKind>).unwrap_or_default();
    wire::DocumentRelation { kind: kind.into(), document: name_of(one.file, relation.document) }
}

/// A document after a change: of its form only what the caller wrote.
///
/// # Errors
/// `SEAL_BROKEN`.
fn saved(change: &Change<'_>, template: &Template) -> Result<wire::Document> {
    let (opened, written) = (&change.opened, &change.writing.set);
    let filling = opened.content.filling(template, &opened.seal)?.shown(|key| written.contains_key(key));
    let measured = whole(template, opened.loaded.file.customer_type, |key| filling.of(key));
    let fields = written.iter().map(|(key, value)| (key.clone(), view::typed(template, key, value.clone()))).collect();
    let basic = basic(&opened.loaded, &opened.document);
    Ok(wire::Document { fields, completeness: Some(view::detailed(&measured)), ..basic })
}

/// How far an upload has come; `hash` is told once it was found.
fn shown(one: &Upload, hash: &str) -> wire::DocumentUpload {
    wire::DocumentUpload {
        name: one.name(),
        received_bytes: one.received(),
        size_bytes: one.size,
        media_type: one.media_type.clone(),
        sha256: hex::decode(hash).unwrap_or_default(),
        expire_time: Some(to_proto(one.expires())),
    }
}
