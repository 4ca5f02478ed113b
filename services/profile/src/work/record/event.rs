//! What the journal and the revision say of a change of a record.

use std::collections::BTreeSet;

use dossier_kernel::error::Result;
use dossier_kernel::name;
use dossier_kernel::time::{from_micros, micros, to_proto};
use dossier_proto::journal::v1::{RecordChanged, RecordSigned, RecordStep};
use prost::Message as _;
use sqlx::types::Json;
use uuid::Uuid;

use super::{Change, Opened, Signing};
use crate::domain::completeness::basis_points;
use crate::domain::header::template_name;
use crate::domain::record::Step;
use crate::store::record::Revision;

// === impl Change ===

impl Change<'_> {
    fn keys(&self) -> BTreeSet<String> {
        self.writing.keys().cloned().collect()
    }

    pub(super) fn revision(&self, author: Uuid, salts: Option<Vec<u8>>) -> Result<Revision> {
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

    pub(super) fn event(&self) -> RecordChanged {
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
            period: one.period().to_owned(),
            state: one.state.as_str().to_owned(),
            of: one.of_name(),
            steps: one.steps.iter().map(step).collect(),
            round: one.round,
            done: one.done.iter().map(step).collect(),
            pending: one.pending.clone(),
            number: one.number.clone().unwrap_or_default(),
            approval: self.decided.approval.clone(),
            signed: self.signing.as_ref().map(signed),
            imported: one.imported,
        }
    }
}

fn step(one: &Step) -> RecordStep {
    let (stage, enter_time) = (one.stage.clone(), Some(to_proto(from_micros(one.at))));
    RecordStep { stage, enter_time, revision: one.revision, round: one.round }
}

fn signed(one: &Signing) -> RecordSigned {
    let (stage, slot, post) = (one.stage.clone(), one.slot.clone(), one.post.clone());
    RecordSigned { stage, slot, post, signature: one.id.to_string() }
}
