//! Plans: steps × slots × quorum, with units resolved, as an approval keeps them.

use dossier_regime::Scope;
use serde::{Deserialize, Serialize};

/// A plan as it was when the approval was created.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Id in the pack.
    pub id: String,
    /// Name in the company's language.
    pub label: String,
    /// The steps in the order in which they open.
    pub steps: Vec<Step>,
    /// Posts whose holders never fill a slot of this plan.
    pub excluded_posts: Vec<String>,
}

/// One step: it passes when `quorum` of its slots are filled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// How many slots have to be filled.
    pub quorum: usize,
    /// The places to sign.
    pub slots: Vec<Slot>,
}

/// One place to sign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    /// Posts, any of which may fill it.
    pub posts: Vec<String>,
    /// The unit in which the post must be held; `None`: anywhere.
    pub unit: Option<String>,
}

// === impl Plan ===

impl Plan {
    /// The plan of a pack for a matter of `unit`.
    pub fn of(plan: &dossier_regime::Plan, unit: &str) -> Self {
        let slot = |slot: &dossier_regime::Slot| Slot {
            posts: slot.posts.clone(),
            unit: (slot.scope == Scope::Unit).then(|| unit.to_owned()),
        };
        let step = |step: &dossier_regime::Step| Step {
            quorum: usize::try_from(step.quorum).unwrap_or(usize::MAX),
            slots: step.slots.iter().map(slot).collect(),
        };
        Self {
            id: plan.id.clone(),
            label: plan.label.clone(),
            steps: plan.steps.iter().map(step).collect(),
            excluded_posts: plan.excluded_posts.clone(),
        }
    }

    /// Every post that fills some slot, once.
    pub fn posts(&self) -> Vec<&str> {
        let slots = self.steps.iter().flat_map(|step| &step.slots);
        let mut posts: Vec<&str> = slots.flat_map(|slot| &slot.posts).map(String::as_str).collect();
        posts.sort_unstable();
        posts.dedup();
        posts
    }
}

// === impl Slot ===

impl Slot {
    /// Whether somebody who holds `post` in `unit` may fill it.
    pub fn admits(&self, post: &str, unit: &str) -> bool {
        self.names(post) && self.unit.as_deref().is_none_or(|wanted| wanted == unit)
    }

    /// Whether it asks for `post`, in whatever unit.
    pub fn names(&self, post: &str) -> bool {
        self.posts.iter().any(|one| one == post)
    }
}
