//! Requests for a file.

mod ask;
mod cancel;
mod close;
mod read;
mod settle;
mod submit;

pub(super) use ask::ask;
pub(super) use cancel::cancel;
pub(super) use read::{get, list};

pub(crate) use close::close_above;
pub(crate) use settle::settle;

use dossier_authority::store::file::FileCopy;
use dossier_kernel::error::{Error, Missing, Reason, Result, one_of};
use dossier_kernel::etag;
use dossier_kernel::name::name;
use dossier_kernel::states::wire;
use dossier_kernel::time::micros_to_proto;
use dossier_proto::access::v1 as pb;
use dossier_proto::journal::v1::event::Kind;
use dossier_proto::journal::v1::{AccessRequestChanged, AccessRequestTerms};
use dossier_proto::profile::v1::CustomerFileState;
use dossier_proto::types;

use super::enter::named;
use crate::domain::access_request::{AccessKind, AccessRequest};

/// The request as the contract shows it.
pub(crate) fn message(one: &AccessRequest) -> pb::AccessRequest {
    pb::AccessRequest {
        name: one.name(),
        file: name("files", one.file),
        requester: name("persons", one.requester),
        kind: kind_message(one.kind).into(),
        purpose: one.purpose.clone(),
        justification: one.justification.clone(),
        scope: one.scope.message(),
        duration: one.duration.map(duration),
        reading_place: one.reading_place.clone(),
        level: one.level.clone(),
        matter: one.matter.clone(),
        state: wire::<pb::AccessRequestState>(one.state).into(),
        approval: named("approvals", one.approval),
        grant: named("grants", one.grant),
        create_time: Some(micros_to_proto(one.created_at)),
        decide_time: one.decided_at.map(micros_to_proto),
        update_time: Some(micros_to_proto(one.updated_at)),
        etag: etag::of(one.version),
    }
}

/// What the journal says of a request.
pub(crate) fn changed(one: &AccessRequest) -> Kind {
    Kind::AccessRequestChanged(AccessRequestChanged {
        access_request: one.name(),
        file: name("files", one.file),
        requester: name("persons", one.requester),
        purpose: one.purpose.clone(),
        kind: kind_message(one.kind).into(),
        state: wire::<pb::AccessRequestState>(one.state).as_str_name().to_owned(),
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

/// The kind of use as the contract names it.
pub(crate) fn kind_message(kind: AccessKind) -> types::AccessKind {
    match kind {
        AccessKind::View => types::AccessKind::View,
        AccessKind::Copy => types::AccessKind::Copy,
        AccessKind::Original => types::AccessKind::Original,
        AccessKind::Share => types::AccessKind::Share,
        AccessKind::Edit => types::AccessKind::Edit,
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

/// Microseconds as the contract carries a length of time.
pub(crate) fn duration(micros: i64) -> prost_types::Duration {
    let nanos = i32::try_from(micros.rem_euclid(1_000_000) * 1000).unwrap_or_default();
    prost_types::Duration { seconds: micros.div_euclid(1_000_000), nanos }
}

/// That a file of this state has gone through activation, so that there is something to consult or to lend.
///
/// # Errors
/// `WRONG_STATE`.
pub(crate) fn require_filed(file: &str, state: &str) -> Result<()> {
    if is_filed(state) {
        return Ok(());
    }
    let allowed = [CustomerFileState::Active, CustomerFileState::Closed].map(|state| state.as_str_name());
    Err(Error::wrong_state(file, state, &allowed))
}

/// That the revision which the caller has seen is known here; 0 demands nothing. Only for a file that the caller may know of.
///
/// # Errors
/// `NOT_KNOWN_YET`.
pub(crate) fn require_known(file: &str, found: &FileCopy, seen: i64) -> Result<()> {
    if seen <= found.revision {
        return Ok(());
    }
    Err(Error::new(Reason::NotKnownYet).with("file", file).with("revision", found.revision.to_string()))
}

/// Whether a file of this state is active or closed.
pub(crate) fn is_filed(state: &str) -> bool {
    let state = CustomerFileState::from_str_name(state);
    matches!(state, Some(CustomerFileState::Active | CustomerFileState::Closed))
}

/// There is no such request for this caller.
pub(crate) fn no_request(request: &str) -> Error {
    Error::missing(Missing::AccessRequest, request)
}

/// There is no such file for this caller: one answer for missing, closed, above clearance (A-23, I10).
pub(crate) fn no_file(file: &str) -> Error {
    Error::missing(Missing::CustomerFile, file)
}
