//! Approvals as contract and journal show them.

use dossier_kernel::etag;
use dossier_kernel::name;
use dossier_kernel::states::wire;
use dossier_kernel::time::micros_to_proto;
use dossier_proto::access::v1 as pb;
use dossier_proto::journal::v1::event::Kind;
use dossier_proto::journal::v1::{ApprovalChanged, ApprovalDecision, ApprovalTerms};
use dossier_proto::types;
use dossier_proto::types::Money;
use prost::Message as _;
use sha2::{Digest, Sha256};

use super::deed;
use crate::domain::approval::Approval;
use crate::domain::decision::Decision;
use crate::rpc::enter::{named, person_name};
use crate::rpc::plan::{self, count};

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
        state: wire::<pb::ApprovalState>(one.state).into(),
        round: round(one.round),
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

/// A signature as the contract shows it.
pub(super) fn decision(one: &Decision) -> types::Decision {
    types::Decision {
        signer: person_name(one.signer),
        verdict: wire::<types::Verdict>(one.verdict).into(),
        step: count(one.step),
        slot: one.slot.map(count),
        post: one.post.clone(),
        unit: one.unit.clone(),
        acting_for: one.mandate.map(|mandate| person_name(mandate.acting_for)).unwrap_or_default(),
        delegation: one.mandate.map(|mandate| name::name("delegations", mandate.delegation)).unwrap_or_default(),
        content_digest: one.digest.clone(),
        round: round(one.round),
        comment: one.comment.clone(),
        decide_time: Some(micros_to_proto(one.decided_at)),
    }
}

/// What the journal says of an approval.
pub(super) fn changed(one: &Approval) -> Kind {
    Kind::ApprovalChanged(ApprovalChanged {
        approval: one.name(),
        matter: one.matter.clone(),
        subject: one.subject.clone(),
        content_digest: one.digest.clone(),
        state: wire::<pb::ApprovalState>(one.state).as_str_name().to_owned(),
        requester: person_name(one.requester),
        decisions: one.decisions.iter().map(signed).collect(),
        file: named("files", one.file),
        terms: Some(terms(one)),
    })
}

fn terms(one: &Approval) -> ApprovalTerms {
    ApprovalTerms {
        unit: one.unit.clone(),
        level: one.level.clone(),
        rank: one.rank,
        amount: one.amount.as_ref().map(money),
        round: round(one.round),
        passed_steps: count(one.passed_steps),
        asker: one.asker.clone(),
        excluded_persons: one.excluded.iter().map(|&person| person_name(person)).collect(),
        plan_digest: plan_digest(&one.plan),
    }
}

/// What an entry says of a plan: SHA-256 of its encoded message.
pub(crate) fn plan_digest(plan: &crate::domain::plan::Plan) -> Vec<u8> {
    Sha256::digest(plan::message(plan).encode_to_vec()).to_vec()
}

fn money(amount: &crate::domain::approval::Amount) -> Money {
    Money { minor_units: amount.minor_units, currency_code: amount.currency.clone() }
}

fn signed(one: &Decision) -> ApprovalDecision {
    let shown = decision(one);
    ApprovalDecision {
        signer: shown.signer,
        acting_for: shown.acting_for,
        delegation: shown.delegation,
        step: shown.step,
        slot: shown.slot,
        post: shown.post,
        unit: shown.unit,
        verdict: wire::<types::Verdict>(one.verdict).as_str_name().to_owned(),
        round: shown.round,
        decide_time: shown.decide_time,
        content_digest: shown.content_digest,
        voice: person_name(one.voice),
    }
}

fn round(round: i64) -> i32 {
    i32::try_from(round).unwrap_or(i32::MAX)
}
