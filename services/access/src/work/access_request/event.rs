//! What the journal says of a request.

use dossier_kernel::name::name;
use dossier_kernel::states;
use dossier_proto::access::v1 as pb;
use dossier_proto::journal::v1::event::Kind;
use dossier_proto::journal::v1::{AccessRequestChanged, AccessRequestTerms};

use crate::domain::access_request::{AccessRequest, State};
use crate::work::wire::{duration, kind, named};

/// What the journal says of a request.
pub(super) fn changed(one: &AccessRequest) -> Kind {
    Kind::AccessRequestChanged(AccessRequestChanged {
        access_request: one.name(),
        file: name("files", one.file),
        requester: name("persons", one.requester),
        purpose: one.purpose.clone(),
        kind: kind(one.kind).into(),
        state: states::wire::<pb::AccessRequestState>(one.state).as_str_name().to_owned(),
        approval: named("approvals", one.approval),
        grant: named("grants", one.grant),
        terms: Some(AccessRequestTerms {
            fields: one.scope.fields().to_vec(),
            scope: one.scope.message(),
            duration: one.duration.map(duration),
            reading_place: one.reading_place.clone(),
            level: one.level.clone(),
            matter: one.matter.clone(),
        }),
    })
}

/// The action of the entry that says where the request now stands.
pub(super) fn action(request: &AccessRequest) -> &'static str {
    match request.state {
        State::Pending => "access_request.pending",
        State::Returned => "access_request.returned",
        State::Granted => "access_request.granted",
        State::Refused => "access_request.refused",
        State::Cancelled => "access_request.cancelled",
    }
}
