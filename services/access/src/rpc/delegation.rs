//! Letters of authorisation.

mod create;
mod get;
mod revoke;

pub(crate) use create::asked;
pub(super) use create::create;
pub(super) use get::{get, list};
pub(super) use revoke::revoke;

use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Missing, Result};
use dossier_kernel::etag;
use dossier_kernel::name;
use dossier_kernel::states::wire;
use dossier_kernel::time::micros_to_proto;
use dossier_proto::access::v1 as pb;
use dossier_proto::journal::v1::DelegationChanged;
use dossier_proto::journal::v1::event::Kind;
use uuid::Uuid;

use super::enter::person_name;
use crate::domain::delegation::Delegation;
use crate::store;

/// The letter as the contract shows it at `now`.
fn message(one: &Delegation, now: i64) -> pb::Delegation {
    let delegation = &one.terms;
    pb::Delegation {
        name: one.name(),
        delegator: person_name(delegation.delegator),
        delegate: person_name(delegation.delegate),
        post: delegation.post.clone().unwrap_or_default(),
        matters: delegation.matters.clone(),
        max_level: one.max_level.clone(),
        valid_from: Some(micros_to_proto(delegation.valid_from)),
        valid_until: Some(micros_to_proto(delegation.valid_until)),
        letter_reference: one.reference.clone(),
        state: wire::<pb::DelegationState>(one.state(now)).into(),
        revoker: one.revoker.map(person_name).unwrap_or_default(),
        revoke_time: delegation.revoked_at.map(micros_to_proto),
        creator: person_name(one.creator),
        create_time: Some(micros_to_proto(one.created_at)),
        update_time: Some(micros_to_proto(one.terms.revoked_at.unwrap_or(one.created_at))),
        etag: etag::of(one.version),
    }
}

/// What the journal says of a letter; `approval` is the one that it rests on.
fn changed(one: &Delegation, approval: String) -> Kind {
    let delegation = &one.terms;
    Kind::DelegationChanged(DelegationChanged {
        delegation: one.name(),
        delegator: person_name(delegation.delegator),
        delegate: person_name(delegation.delegate),
        matters: delegation.matters.clone(),
        max_level: one.max_level.clone(),
        valid_from: Some(micros_to_proto(delegation.valid_from)),
        valid_until: Some(micros_to_proto(delegation.valid_until)),
        revoked: delegation.revoked_at.is_some(),
        post: delegation.post.clone().unwrap_or_default(),
        approval,
        max_rank: Some(delegation.max_rank),
    })
}

// A letter of which the caller is no party, and which nothing else lets it see, does not exist for it.
async fn found(tx: &mut Tx, org: &str, resource: &str, sees: impl Fn(Uuid) -> bool) -> Result<Delegation> {
    let id = name::id("name", "delegations", resource)?;
    let one = store::delegation::lookup(tx, org, id).await?;
    let one = one.filter(|one| sees(one.terms.delegator) || sees(one.terms.delegate));
    one.ok_or_else(|| Error::missing(Missing::Delegation, resource))
}
