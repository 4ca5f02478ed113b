//! Requests for a file.

mod ask;
mod cancel;
mod read;

pub(super) use ask::ask;
pub(super) use cancel::cancel;
pub(super) use read::{get, list};

use dossier_kernel::error::{Error, Missing, Result, one_of};
use dossier_kernel::etag;
use dossier_kernel::name::name;
use dossier_kernel::states;
use dossier_kernel::time::micros_to_proto;
use dossier_proto::access::v1 as pb;

use crate::domain::access_request::{AccessKind, AccessRequest};
use crate::work::wire::{self, duration, named};

/// The request as the contract shows it.
pub(crate) fn message(one: &AccessRequest) -> pb::AccessRequest {
    pb::AccessRequest {
        name: one.name(),
        file: name("files", one.file),
        requester: name("persons", one.requester),
        kind: wire::kind(one.kind).into(),
        purpose: one.purpose.clone(),
        justification: one.justification.clone(),
        scope: one.scope.message(),
        duration: one.duration.map(duration),
        reading_place: one.reading_place.clone(),
        level: one.level.clone(),
        matter: one.matter.clone(),
        state: states::wire::<pb::AccessRequestState>(one.state).into(),
        approval: named("approvals", one.approval),
        grant: named("grants", one.grant),
        create_time: Some(micros_to_proto(one.created_at)),
        decide_time: one.decided_at.map(micros_to_proto),
        update_time: Some(micros_to_proto(one.updated_at)),
        etag: etag::of(one.version),
    }
}

/// The kind of use that a request names.
///
/// # Errors
/// A violation of `kind` when it is not set or unknown.
pub(crate) fn kind(number: i32) -> Result<AccessKind> {
    let known = AccessKind::of(i64::from(number));
    known.ok_or_else(|| Error::violation("kind", one_of(AccessKind::ALL.map(AccessKind::as_str))))
}

/// A length of time in microseconds.
///
/// # Errors
/// A violation of `field` unless it is more than 0 and in whole seconds.
pub(crate) fn length(field: &str, value: &prost_types::Duration) -> Result<i64> {
    if value.nanos != 0 || value.seconds < 1 {
        return Err(Error::violation(field, "must be more than 0, in whole seconds"));
    }
    dossier_kernel::time::duration_micros(field, value)
}

/// There is no such request for this caller.
pub(crate) fn no_request(request: &str) -> Error {
    Error::missing(Missing::AccessRequest, request)
}
