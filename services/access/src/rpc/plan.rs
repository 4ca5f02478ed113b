//! How far plans are, as the contract shows it.

use dossier_kernel::name;
use dossier_proto::types;
use uuid::Uuid;

use crate::domain::candidate::{Candidate, Obstacle};
use crate::domain::feasibility::{Feasibility, Progress, SlotFeasibility};
use crate::domain::plan::{Plan, Slot, Step};
use crate::work::plan::{slot, step};
use crate::work::wire::{count, person_name};

/// The steps with their candidates; `decision` gives the signature of an id.
pub(crate) fn steps(
    plan: &Plan,
    feasibility: &Feasibility,
    decision: impl Fn(Uuid) -> Option<types::Decision>,
) -> Vec<types::StepExplanation> {
    let explain = |(rule, seen): (&Step, &crate::domain::feasibility::StepFeasibility)| types::StepExplanation {
        step: Some(step(rule)),
        state: progress(seen.progress).into(),
        slots: rule.slots.iter().zip(&seen.slots).map(|(rule, seen)| place(rule, seen, &decision)).collect(),
        missing: count(seen.missing),
        reachable: seen.reachable,
    };
    plan.steps.iter().zip(&feasibility.steps).map(explain).collect()
}

fn place(
    rule: &Slot,
    seen: &SlotFeasibility,
    decision: impl Fn(Uuid) -> Option<types::Decision>,
) -> types::SlotExplanation {
    types::SlotExplanation {
        slot: Some(slot(rule)),
        filled_by: seen.filled_by.and_then(decision),
        candidates: seen.candidates.iter().map(candidate).collect(),
    }
}

fn candidate(one: &Candidate) -> types::SlotCandidate {
    types::SlotCandidate {
        person: person_name(one.person),
        post: one.post.clone(),
        acting_for: one.mandate.map(|mandate| person_name(mandate.acting_for)).unwrap_or_default(),
        delegation: one.delegation().map(|delegation| name::name("delegations", delegation)).unwrap_or_default(),
        eligible: one.obstacle.is_none(),
        obstacle: one.obstacle.map_or(types::SlotObstacle::Unspecified, obstacle).into(),
    }
}

fn progress(progress: Progress) -> types::StepState {
    match progress {
        Progress::Waiting => types::StepState::Waiting,
        Progress::Open => types::StepState::Open,
        Progress::Passed => types::StepState::Passed,
    }
}

fn obstacle(obstacle: Obstacle) -> types::SlotObstacle {
    match obstacle {
        Obstacle::Inactive => types::SlotObstacle::Inactive,
        Obstacle::Requester => types::SlotObstacle::Requester,
        Obstacle::RequesterVoice => types::SlotObstacle::SameVoiceAsRequester,
        Obstacle::LetterMatter => types::SlotObstacle::DelegationMatter,
        Obstacle::LetterLevel => types::SlotObstacle::DelegationLevel,
        Obstacle::LetterPeriod => types::SlotObstacle::DelegationPeriod,
        Obstacle::NotAppointed => types::SlotObstacle::NotAppointed,
        Obstacle::Excluded => types::SlotObstacle::Excluded,
        Obstacle::Clearance => types::SlotObstacle::ClearanceTooLow,
        Obstacle::Signed => types::SlotObstacle::AlreadySigned,
        Obstacle::SignerVoice => types::SlotObstacle::SameVoiceAsSigner,
        Obstacle::StepNotOpen => types::SlotObstacle::StepNotOpen,
        Obstacle::Filled => types::SlotObstacle::AlreadyFilled,
    }
}
