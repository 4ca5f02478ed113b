//! What a pack gives and nothing of it takes.

use super::Context;
use crate::model::{Action, Matter, Pack, Stage};

/// Warns of matters that nothing asks under and of plans that decide nothing.
pub(super) fn things(pack: &Pack, context: &mut Context<'_>) {
    // Whoever may start an approval names any matter.
    let freely = pack.posts.iter().any(|post| post.can(Action::ApprovalCreate));
    for (at, matter) in pack.matters.iter().enumerate().filter(|(_, matter)| !freely && !asks(pack, matter)) {
        let sentence = format!("nothing is asked under matter `{}`, and no post may `approval.create`", matter.id);
        context.warn(format!("matters[{at}].id"), sentence);
    }
    for (at, plan) in pack.plans.iter().enumerate() {
        if !pack.matters.iter().any(|matter| matter.plan == plan.id) {
            context.warn(format!("plans[{at}].id"), format!("plan `{}` decides no matter", plan.id));
        }
    }
}

fn asks(pack: &Pack, matter: &Matter) -> bool {
    let named = |one: &Option<String>| one.as_ref() == Some(&matter.id);
    pack.levels.iter().any(|level| named(&level.consult.matter) || named(&level.loan.matter))
        || stages(pack).any(|stage| stage.approval.as_ref().is_some_and(|one| one.matter == matter.id))
        || pack.acts.iter().any(|rule| named(&rule.matter))
        || pack.credit.limit_matter == matter.id
}

fn stages(pack: &Pack) -> impl Iterator<Item = &Stage> {
    pack.records.iter().flat_map(|kind| &kind.stages)
}
