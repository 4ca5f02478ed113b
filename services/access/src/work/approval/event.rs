//! What the journal says of an approval.

use dossier_kernel::name;
use dossier_kernel::states;
use dossier_kernel::time::micros_to_proto;
use dossier_proto::access::v1 as pb;
use dossier_proto::journal::v1::event::Kind;
use dossier_proto::journal::v1::{ApprovalChanged, ApprovalDecision, ApprovalTerms};
use dossier_proto::types;
use dossier_proto::types::Money;

use crate::domain::approval::{Amount, Approval};
use crate::domain::decision::Decision;
use crate::work::plan;
use crate::work::wire::{count, named, person_name, small};

/// What the journal says of an approval.
pub(super) fn changed(one: &Approval) -> Kind {
    Kind::ApprovalChanged(ApprovalChanged {
        approval: one.name(),
        matter: one.matter.clone(),
        subject: one.subject.clone(),
        content_digest: one.digest.clone(),
        state: states::wire::<pb::ApprovalState>(one.state).as_str_name().to_owned(),
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
        round: small(one.round),
        passed_steps: count(one.passed_steps),
        asker: one.asker.clone(),
        excluded_persons: one.excluded.iter().map(|&person| person_name(person)).collect(),
        plan_digest: plan::digest(&one.plan),
    }
}

/// A signature as the contract shows it.
pub(crate) fn decision(one: &Decision) -> types::Decision {
    types::Decision {
        signer: person_name(one.signer),
        verdict: states::wire::<types::Verdict>(one.verdict).into(),
        step: count(one.step),
        slot: one.slot.map(count),
        post: one.post.clone(),
        unit: one.unit.clone(),
        acting_for: one.mandate.map(|mandate| person_name(mandate.acting_for)).unwrap_or_default(),
        delegation: one.mandate.map(|mandate| name::name("delegations", mandate.delegation)).unwrap_or_default(),
        content_digest: one.digest.clone(),
        round: small(one.round),
        comment: one.comment.clone(),
        decide_time: Some(micros_to_proto(one.decided_at)),
    }
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
        verdict: states::wire::<types::Verdict>(one.verdict).as_str_name().to_owned(),
        round: shown.round,
        decide_time: shown.decide_time,
        content_digest: shown.content_digest,
        voice: person_name(one.voice),
    }
}

/// A sum as entries and answers carry it.
pub(crate) fn money(amount: &Amount) -> Money {
    Money { minor_units: amount.minor_units, currency_code: amount.currency.clone() }
}
