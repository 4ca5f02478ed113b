//! Grants: how they come, what they answer, how they end (A-01, A-42, I5).

mod cause;
mod check;
mod end;
mod follow;
mod forfeit;
mod give;
mod read;
mod retell;

pub(super) use check::{Checks, batch, check};
pub(super) use end::{complete, revoke};
pub(super) use read::{get, list};

pub(crate) use cause::Cause;
pub(crate) use end::revoke_by;
pub use follow::ProfileFeed;
pub use forfeit::revoke_forfeited;
pub(crate) use give::{give, publish};
pub use retell::ProfileRebuild;

use dossier_kernel::error::{Error, Missing};
use dossier_kernel::etag;
use dossier_kernel::name::name;
use dossier_kernel::states::wire;
use dossier_kernel::time::{from_micros, micros_to_proto};
use dossier_proto::access::v1 as pb;
use dossier_proto::journal::v1::event::Kind;
use dossier_proto::journal::v1::{GrantChanged, GrantTerms};
use dossier_regime::Tenant;

use super::access_request::{duration, kind_message};
use super::enter::named;
use crate::domain::access_request::Rule;
use crate::domain::grant::Grant;

/// The grant as the contract shows it at `now`.
pub(crate) fn message(tenant: &Tenant, one: &Grant, now: i64) -> pb::Grant {
    let longest = Rule::of(tenant.pack(), &one.level, one.kind).map(|rule| rule.longest());
    let small = |number: i64| i32::try_from(number).unwrap_or(i32::MAX);
    pb::Grant {
        name: one.name(),
        file: name("files", one.file),
        holder: name("persons", one.holder),
        access_request: name("accessRequests", one.access_request),
        approval: named("approvals", one.approval),
        kind: kind_message(one.kind).into(),
        purpose: one.purpose.clone(),
        scope: one.scope.message(),
        reading_place: one.reading_place.clone(),
        level: one.level.clone(),
        valid_from: Some(micros_to_proto(one.valid_from)),
        valid_until: Some(micros_to_proto(one.valid_until)),
        loan_duration: one.loan_term.map(duration),
        max_uses: small(one.max_uses()),
        uses: small(one.uses()),
        state: wire::<pb::GrantState>(one.state(now)).into(),
        revoker: named("persons", one.revoker),
        end_time: one.ended_at().map(micros_to_proto),
        create_time: Some(micros_to_proto(one.created_at)),
        update_time: Some(micros_to_proto(one.updated_at)),
        etag: etag::of(one.version),
        end_provisional: longest.is_ok_and(|term| tenant.is_provisional(term, from_micros(one.valid_until))),
    }
}

/// What the journal says of a grant: until when the file may be read on it. How often its original may be handed out is
/// access's own business and counted here, so the readings are not.
pub(crate) fn changed(one: &Grant) -> Kind {
    Kind::GrantChanged(GrantChanged {
        grant: one.name(),
        file: name("files", one.file),
        holder: name("persons", one.holder),
        purpose: one.purpose.clone(),
        // For replicas of the version before, which know no scope and would take none for the whole file.
        fields: one.scope.fields().to_vec(),
        scope: one.scope.message(),
        kind: kind_message(one.kind).into(),
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
            hand_outs: i32::try_from(one.hand_outs).unwrap_or(i32::MAX),
            revoker: named("persons", one.revoker),
        }),
    })
}

/// There is no such grant for this caller.
pub(crate) fn no_grant(grant: &str) -> Error {
    Error::missing(Missing::Grant, grant)
}
