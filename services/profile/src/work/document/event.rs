//! What the journal and the revision say of a change of a document.

use dossier_kernel::error::Result;
use dossier_kernel::name;
use dossier_kernel::time::{micros, to_proto};
use dossier_proto::journal::v1::DocumentChanged;
use prost::Message as _;
use sqlx::types::Json;
use uuid::Uuid;

use super::{Change, Opened};
use crate::domain::completeness::basis_points;
use crate::domain::header::template_name;
use crate::store::record::Revision;

// === impl Change ===

impl Change<'_> {
    pub(super) fn revision(&self, author: Uuid, salts: Option<Vec<u8>>) -> Result<Revision> {
        let Opened { document, content, seal, .. } = &self.opened;
        Ok(Revision {
            record: document.id,
            revision: document.version,
            at: micros(document.updated_at),
            author,
            changed: Json(self.writing.keys().cloned().collect()),
            content: content.encode_to_vec(),
            reason: seal.close_reason(document.version, &self.reason)?,
            salts,
        })
    }

    pub(super) fn event(&self) -> DocumentChanged {
        let one = &self.opened.document;
        let (said, content) = (&one.said, one.content.as_ref());
        DocumentChanged {
            document: one.name(),
            file: name::name("files", one.file),
            kind: one.kind.clone(),
            carrier: one.carrier.as_str().to_owned(),
            state: one.state.as_str().to_owned(),
            record: one.record_name(),
            relations: one.relations.iter().map(|relation| relation.text(one.file)).collect(),
            document_date: said.document_date.clone(),
            expire_date: said.expire_date.clone(),
            sheets: said.sheets,
            pages: said.pages,
            paper: said.paper.clone(),
            ink: said.ink.clone(),
            template: template_name(&one.template),
            template_version: i32::try_from(one.template_version).unwrap_or(i32::MAX),
            revision: one.version,
            changed_fields: self.writing.keys().cloned().collect(),
            creator: name::name("persons", one.creator),
            create_time: Some(to_proto(one.created_at)),
            size_bytes: content.map_or(0, |content| content.size),
            media_type: content.map(|content| content.media_type.clone()).unwrap_or_default(),
            exchanged: self.exchanged.clone(),
            completeness_basis_points: basis_points(one.weights.filled, one.weights.applicable),
            complete: one.weights.complete,
        }
    }
}
