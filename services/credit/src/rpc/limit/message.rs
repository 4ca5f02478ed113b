//! Limits as the contract carries them.

use dossier_kernel::etag;
use dossier_kernel::name;
use dossier_kernel::states::wire;
use dossier_kernel::time::to_proto;
use dossier_proto::credit::v1::{Limit as Message, LimitState as Wire};
use jiff::Timestamp;

use crate::domain::limit::Limit;
use crate::rpc::enter::{file_name, money, person_name};
use crate::rpc::rating::rating_name;
use crate::work::limit::approval_name;

/// A limit for an answer, as of `now`.
pub(crate) fn of(limit: &Limit, now: Timestamp) -> Message {
    let one = &limit.content;
    Message {
        name: limit.name(),
        customer: file_name(limit.customer),
        amount: Some(money(one.amount.minor, &one.amount.currency)),
        payment_terms: one.terms.clone(),
        valid_from: one.valid_from.map(to_proto),
        valid_until: Some(to_proto(one.valid_until)),
        rating: rating_name(one.rating),
        justification: one.justification.clone(),
        content_digest: limit.digest.to_vec(),
        state: wire::<Wire>(limit.state_at(now)).into(),
        approval: approval_name(limit.approval),
        proposer: person_name(limit.proposer),
        supersedes: limit.supersedes.map(|id| name::name("limits", id)).unwrap_or_default(),
        create_time: Some(to_proto(limit.created_at)),
        submit_time: limit.submitted_at.map(to_proto),
        decide_time: limit.decided_at.map(to_proto),
        etag: etag::of(limit.version),
        update_time: Some(to_proto(limit.updated_at)),
    }
}
