//! Approvals as the contract shows them.

use dossier_kernel::etag;
use dossier_kernel::states;
use dossier_kernel::time::micros_to_proto;
use dossier_proto::access::v1 as pb;

use super::deed;
use crate::domain::approval::Approval;
use crate::work::approval::event::{decision, money};
use crate::work::plan;
use crate::work::wire::{count, named, person_name, small};

/// The approval as the contract shows it.
pub(crate) fn message(one: &Approval) -> pb::Approval {
    pb::Approval {
        name: one.name(),
        matter: one.matter.clone(),
        subject: one.subject.clone(),
        unit: one.unit.clone(),
        level: one.level.clone(),
        amount: one.amount.as_ref().map(money),
        content_digest: one.digest.clone(),
        summary: one.summary.clone(),
        requester: person_name(one.requester),
        excluded_persons: one.excluded.iter().map(|&person| person_name(person)).collect(),
        state: states::wire::<pb::ApprovalState>(one.state).into(),
        round: small(one.round),
        plan: Some(plan::message(&one.plan)),
        passed_steps: count(one.passed_steps),
        decisions: one.decisions.iter().map(decision).collect(),
        create_time: Some(micros_to_proto(one.created_at)),
        update_time: Some(micros_to_proto(one.updated_at)),
        decide_time: one.decided_at.map(micros_to_proto),
        etag: etag::of(one.version),
        file: named("files", one.file),
        act: one.act.as_ref().map(deed::message),
    }
}
