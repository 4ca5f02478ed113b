//! Plans and how far they are, as the contract shows them.

use dossier_kernel::name;
use dossier_proto::access::v1 as pb;
use uuid::Uuid;

use super::enter::person_name;
use crate::domain::candidate::{Candidate, Obstacle};
use crate::domain::outlook::{Outlook, Progress, SlotOutlook};
use crate::domain::plan::{Plan, Slot, Step};

/// The plan of an approval.
pub(crate) fn message(plan: &Plan) -> pb::ApprovalPlan {
    pb::ApprovalPlan {
        id: plan.id.clone(),
        label: plan.label.clone(),
        steps: plan.steps.iter().map(step).collect(),
        excluded_posts: plan.excluded_posts.clone(),
    }
}

/// The steps with their candidates; `decision` gives the signature of an id.
pub(crate) fn steps(
    plan: &Plan,
    outlook: &Outlook,
    decision: impl Fn(Uuid) -> Option<pb::Decision>,
) -> Vec<pb::StepExplanation> {
    let explain = |(rule, seen): (&Step, &crate::domain::outlook::StepOutlook)| pb::StepExplanation {
        step: Some(step(rule)),
        state: progress(seen.progress).into(),
        slots: rule.slots.iter().zip(&seen.slots).map(|(rule, seen)| place(rule, seen, &decision)).collect(),
        missing: count(seen.missing),
        reachable: seen.reachable,
    };
    plan.steps.iter().zip(&outlook.steps).map(explain).collect()
}

fn place(rule: &Slot, seen: &SlotOutlook, decision: impl Fn(Uuid) -> Option<pb::Decision>) -> pb::SlotExplanation {
    pb::SlotExplanation {
        slot: Some(slot(rule)),
        filled_by: seen.filled_by.and_then(decision),
        candidates: seen.candidates.iter().map(candidate).collect(),
    }
}

fn candidate(one: &Candidate) -> pb::SlotCandidate {
    pb::SlotCandidate {
        person: person_name(one.person),
        post: one.post.clone(),
        acting_for: one.mandate.map(|mandate| person_name(mandate.acting_for)).unwrap_or_default(),
        delegation: one.letter().map(|letter| name::name("delegations", letter)).unwrap_or_default(),
        eligible: one.obstacle.is_none(),
        obstacle: one.obstacle.map_or(pb::SlotObstacle::Unspecified, obstacle).into(),
    }
}

fn step(rule: &Step) -> pb::PlanStep {
    pb::PlanStep { quorum: count(rule.quorum), slots: rule.slots.iter().map(slot).collect() }
}

fn slot(rule: &Slot) -> pb::PlanSlot {
    let scope = if rule.unit.is_some() { pb::SlotScope::Unit } else { pb::SlotScope::Org };
    pb::PlanSlot { posts: rule.posts.clone(), scope: scope.into(), unit: rule.unit.clone().unwrap_or_default() }
}

fn progress(progress: Progress) -> pb::StepState {
    match progress {
        Progress::Waiting => pb::StepState::Waiting,
        Progress::Open => pb::StepState::Open,
        Progress::Passed => pb::StepState::Passed,
    }
}

fn obstacle(obstacle: Obstacle) -> pb::SlotObstacle {
    match obstacle {
        Obstacle::Inactive => pb::SlotObstacle::Inactive,
        Obstacle::Requester => pb::SlotObstacle::Requester,
        Obstacle::RequesterVoice => pb::SlotObstacle::SameVoiceAsRequester,
        Obstacle::LetterMatter => pb::SlotObstacle::DelegationMatter,
        Obstacle::LetterLevel => pb::SlotObstacle::DelegationLevel,
        Obstacle::LetterPeriod => pb::SlotObstacle::DelegationPeriod,
        Obstacle::NotAppointed => pb::SlotObstacle::NotAppointed,
        Obstacle::Excluded => pb::SlotObstacle::Excluded,
        Obstacle::Clearance => pb::SlotObstacle::ClearanceTooLow,
        Obstacle::Signed => pb::SlotObstacle::AlreadySigned,
        Obstacle::SignerVoice => pb::SlotObstacle::SameVoiceAsSigner,
        Obstacle::StepNotOpen => pb::SlotObstacle::StepNotOpen,
        Obstacle::Filled => pb::SlotObstacle::AlreadyFilled,
    }
}

/// A count as the contract carries it.
pub(crate) fn count(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
