//! Grants: what they answer, how they end (A-01, A-42, I5).

mod check;
mod end;
mod read;

pub(super) use check::{Checks, batch, check};
pub(super) use end::{complete, revoke};
pub(super) use read::{get, list};

use dossier_kernel::etag;
use dossier_kernel::name::name;
use dossier_kernel::states;
use dossier_kernel::time::{from_micros, micros_to_proto};
use dossier_proto::access::v1 as pb;
use dossier_regime::Tenant;

use crate::domain::access_request::Rule;
use crate::domain::grant::Grant;
use crate::work::wire::{duration, kind, named, small};

/// The grant as the contract shows it at `now`.
fn message(tenant: &Tenant, one: &Grant, now: i64) -> pb::Grant {
    let longest = Rule::of(tenant.pack(), &one.level, one.kind).map(|rule| rule.longest());
    pb::Grant {
        name: one.name(),
        file: name("files", one.file),
        holder: name("persons", one.holder),
        access_request: name("accessRequests", one.access_request),
        approval: named("approvals", one.approval),
        kind: kind(one.kind).into(),
        purpose: one.purpose.clone(),
        scope: one.scope.message(),
        reading_place: one.reading_place.clone(),
        level: one.level.clone(),
        valid_from: Some(micros_to_proto(one.valid_from)),
        valid_until: Some(micros_to_proto(one.valid_until)),
        loan_duration: one.loan_term.map(duration),
        max_uses: small(one.max_uses()),
        uses: small(one.uses()),
        state: states::wire::<pb::GrantState>(one.state(now)).into(),
        revoker: named("persons", one.revoker),
        end_time: one.ended_at().map(micros_to_proto),
        create_time: Some(micros_to_proto(one.created_at)),
        update_time: Some(micros_to_proto(one.updated_at)),
        etag: etag::of(one.version),
        end_provisional: longest.is_ok_and(|term| tenant.is_provisional(term, from_micros(one.valid_until))),
    }
}
