//! Plans as entries and answers carry them.

use dossier_proto::types;
use prost::Message as _;
use sha2::{Digest, Sha256};

use super::wire::count;
use crate::domain::plan::{Plan, Slot, Step};

/// The plan of an approval.
pub(crate) fn message(plan: &Plan) -> types::ApprovalPlan {
    types::ApprovalPlan {
        id: plan.id.clone(),
        label: plan.label.clone(),
        steps: plan.steps.iter().map(step).collect(),
        excluded_posts: plan.excluded_posts.clone(),
    }
}

/// What an entry says of a plan: SHA-256 of its encoded message.
pub(crate) fn digest(plan: &Plan) -> Vec<u8> {
    Sha256::digest(message(plan).encode_to_vec()).to_vec()
}

/// A step of a plan.
pub(crate) fn step(rule: &Step) -> types::PlanStep {
    types::PlanStep { quorum: count(rule.quorum), slots: rule.slots.iter().map(slot).collect() }
}

/// A place of a step.
pub(crate) fn slot(rule: &Slot) -> types::PlanSlot {
    let scope = if rule.unit.is_some() { types::SlotScope::Unit } else { types::SlotScope::Org };
    types::PlanSlot { posts: rule.posts.clone(), scope: scope.into(), unit: rule.unit.clone().unwrap_or_default() }
}
