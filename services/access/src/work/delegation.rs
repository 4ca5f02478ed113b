//! Letters of authorisation, entered and ended.

use dossier_authority::{Base, feed};
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::time::micros_to_proto;
use dossier_proto::journal::v1::DelegationChanged;
use dossier_proto::journal::v1::event::Kind;

use super::person::no_person;
use super::record::{Asked, Saying, Word, record};
use super::wire::person_name;
use crate::domain::delegation::Delegation;
use crate::store;

/// Enters a letter, on the approval named.
///
/// # Errors
/// `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub(crate) async fn create(asked: Asked<'_>, tx: &mut Tx, one: &Delegation, approval: String) -> Result<()> {
    store::delegation::insert(tx, &asked.call.org, one).await?;
    let reference = Word { field: "letter_reference", text: &one.reference, keep: false };
    let words = [Word::reason(asked.reason), reference];
    publish(asked, tx, ("delegation.created", &words), one, approval).await
}

/// Ends a letter at once, in the name of the person who `asked`.
///
/// # Errors
/// `CONFLICT_RETRY`, `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub(crate) async fn revoke(asked: Asked<'_>, tx: &mut Tx, one: &mut Delegation) -> Result<()> {
    store::delegation::revoke(tx, &asked.call.org, one).await?;
    one.version += 1;
    publish(asked, tx, ("delegation.revoked", &[Word::reason(asked.reason)]), one, String::new()).await
}

/// Demands that both parties are there and that the letter lends no more than its delegator has.
///
/// # Errors
/// `FIELD_VIOLATION`, `RESOURCE_NOT_FOUND`, `WRONG_STATE`, `DELEGATION_EXCEEDS_POWER`.
pub(crate) async fn require_power(base: &Base, tx: &mut Tx, call: &Call, one: &Delegation) -> Result<()> {
    let (pack, org, now) = (base.pack(&call.org)?, &call.org, call.micros());
    one.check(pack, now)?;
    let (delegator, delegate) = (one.terms.delegator, one.terms.delegate);
    for id in [delegator, delegate] {
        store::person::lookup(tx, org, id).await?.ok_or_else(|| no_person(id))?.require_active()?;
    }
    let delegator = store::directory_snapshot::member(tx, org, pack, delegator, now).await?;
    let delegate = store::directory_snapshot::member(tx, org, pack, delegate, now).await?;
    one.check_power(pack, &delegator, &delegate)
}

async fn publish(
    asked: Asked<'_>,
    tx: &mut Tx,
    (action, words): (&'static str, &[Word<'_>]),
    one: &Delegation,
    approval: String,
) -> Result<()> {
    let name = one.name();
    let saying = Saying { action, subject: &name, request_id: asked.request_id, words };
    let entry = record(asked.base, tx, asked.call, asked.actor, saying, changed(one, approval)).await?;
    feed::apply(tx, asked.base.pack(&asked.call.org)?, &entry).await
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
