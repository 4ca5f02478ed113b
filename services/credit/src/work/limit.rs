//! Limits written without a call, those whose time is over, and what the journal says of each.

use dossier_authority::{Base, Effect};
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::name;
use dossier_kernel::states;
use dossier_kernel::time::{micros, to_proto};
use dossier_proto::credit::v1::LimitState as Wire;
use dossier_proto::journal::v1::event::Kind;
use dossier_proto::journal::v1::{LimitChanged, LimitTerms};
use jiff::Timestamp;
use uuid::Uuid;

use super::rating::rating_name;
use super::wire::{file_name, money, person_name};
use crate::domain::limit::Limit;
use crate::store::limit;

/// Writes a limit that moved without a call, and its entry.
///
/// # Errors
/// `CONFLICT_RETRY`, `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub(crate) async fn save(
    base: &Base,
    tx: &mut Tx,
    org: &str,
    one: &mut Limit,
    now: Timestamp,
    action: &'static str,
) -> Result<()> {
    limit::update(tx, org, one, now).await?;
    base.record_work(tx, org, Effect::new(action, &one.name(), event(one))).await.map(drop)
}

/// Ends the limits of `org` whose validity is over at `now`; gives how many.
///
/// # Errors
/// `CONFLICT_RETRY`, `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub(crate) async fn expire(base: &Base, tx: &mut Tx, org: &str, now: Timestamp) -> Result<usize> {
    let mut over = limit::over(tx, org, micros(now), 200).await?;
    for one in &mut over {
        one.expire(now);
        save(base, tx, org, one, now, "limit.expired").await?;
    }
    Ok(over.len())
}

/// What the journal says of a limit.
pub(crate) fn event(limit: &Limit) -> Kind {
    let one = &limit.content;
    Kind::LimitChanged(LimitChanged {
        limit: limit.name(),
        customer: file_name(limit.customer),
        amount: Some(money(one.amount.minor, &one.amount.currency)),
        state: states::wire::<Wire>(limit.state).as_str_name().to_owned(),
        approval: approval_name(limit.approval),
        valid_from: one.valid_from.map(to_proto),
        valid_until: Some(to_proto(one.valid_until)),
        terms: Some(LimitTerms {
            content_digest: limit.digest.to_vec(),
            proposer: person_name(limit.proposer),
            rating: rating_name(one.rating),
            supersedes: limit.supersedes.map(|id| name::name("limits", id)).unwrap_or_default(),
        }),
    })
}

/// `approvals/{uuid}`; empty where there is none.
pub(crate) fn approval_name(id: Option<Uuid>) -> String {
    id.map(|id| name::name("approvals", id)).unwrap_or_default()
}
