//! What the journal says of a grant.

use dossier_kernel::name::name;
use dossier_kernel::time::micros_to_proto;
use dossier_proto::journal::v1::event::Kind;
use dossier_proto::journal::v1::{GrantChanged, GrantTerms};

use crate::domain::grant::Grant;
use crate::work::wire::{duration, kind, named, small};

/// What the journal says of a grant: until when the file may be read on it. How often its original may be handed out is
/// access's own business and counted here, so the readings are not.
pub(super) fn changed(one: &Grant) -> Kind {
    Kind::GrantChanged(GrantChanged {
        grant: one.name(),
        file: name("files", one.file),
        holder: name("persons", one.holder),
        purpose: one.purpose.clone(),
        // For replicas of the version before, which know no scope and would take none for the whole file.
        fields: one.scope.fields().to_vec(),
        scope: one.scope.message(),
        kind: kind(one.kind).into(),
        valid_from: Some(micros_to_proto(one.valid_from)),
        valid_until: Some(micros_to_proto(one.read_until)),
        max_uses: 0,
        revoked: one.revoked_at.is_some(),
        completed: one.completed_at.is_some(),
        approval: one.approval.map(|id| name("approvals", id)).unwrap_or_default(),
        access_request: name("accessRequests", one.access_request),
        terms: Some(GrantTerms {
            level: one.level.clone(),
            reading_place: one.reading_place.clone(),
            use_until: Some(micros_to_proto(one.valid_until)),
            loan_duration: one.loan_term.map(duration),
            hand_outs: small(one.hand_outs),
            revoker: named("persons", one.revoker),
        }),
    })
}
