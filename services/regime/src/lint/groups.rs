//! Approval groups of an organisation: who could fill each slot. A group that is empty, or holds one person only, is
//! reported; it never counts as passed.

use super::Context;
use crate::model::{Organisation, Pack, Plan, Scope, Slot, Trigger};

/// Warns of every slot, of every plan a matter uses, that nobody or only one person can fill.
pub(super) fn approvals(organisation: &Organisation, pack: &Pack, context: &mut Context<'_>) {
    let used = |plan: &&Plan| pack.matters.iter().any(|matter| matter.plan == plan.id);
    for plan in pack.plans.iter().filter(used) {
        for (place, step) in plan.steps.iter().enumerate() {
            for (at, slot) in step.slots.iter().enumerate().filter(|(_, slot)| !slot.posts.is_empty()) {
                warn(organisation, plan, slot, &format!("step {} slot {}", place + 1, at + 1), context);
            }
        }
    }
}

/// Warns of every unit whose files nobody reviews (P-40).
pub(super) fn reviews(organisation: &Organisation, pack: &Pack, context: &mut Context<'_>) {
    let posts = &pack.review.posts;
    if posts.is_empty() {
        return;
    }
    let reviews = |unit: &str| {
        let mut all = organisation.people.iter().flat_map(|person| &person.appointments);
        all.any(|one| posts.contains(&one.post) && (pack.review.scope == Scope::Org || one.unit == unit))
    };
    let units = organisation.units.iter().map(|unit| unit.id.as_str());
    let empty: Vec<_> = units.filter(|unit| !reviews(unit)).collect();
    if !empty.is_empty() {
        context.warn("people", format!("nobody reviews the files of {} ({})", empty.join(", "), posts.join(" or ")));
    }
}

/// Warns of every duty that nobody owes, and of calendar duties in which units.
pub(super) fn duties(organisation: &Organisation, pack: &Pack, context: &mut Context<'_>) {
    let held = |post: &str, unit: Option<&str>| {
        let mut all = organisation.people.iter().flat_map(|person| &person.appointments);
        all.any(|one| one.post == post && unit.is_none_or(|unit| one.unit == unit))
    };
    for duty in &pack.duties {
        let (kind, post) = (&duty.kind, &duty.role);
        let units = organisation.units.iter().map(|unit| unit.id.as_str());
        match duty.scope {
            _ if !held(post, None) => context.warn("people", format!("duty `{kind}` ({post}) is owed by nobody")),
            Scope::Unit if duty.on == Trigger::Calendar => {
                let empty: Vec<_> = units.filter(|unit| !held(post, Some(unit))).collect();
                if !empty.is_empty() {
                    let units = empty.join(", ");
                    context.warn(
                        "people",
                        format!("duty `{kind}` ({post}) is not opened in {units}: nobody owes it there"),
                    );
                }
            }
            // A file is opened in some unit and may never be in another.
            Scope::Unit | Scope::Org => {}
        }
    }
}

fn warn(organisation: &Organisation, plan: &Plan, slot: &Slot, place: &str, context: &mut Context<'_>) {
    let group = format!("plan `{}` {place} ({})", plan.id, slot.posts.join(" or "));
    match slot.scope {
        Scope::Org => match holders(organisation, plan, slot, None) {
            0 => context.warn("people", format!("{group} can be filled by nobody")),
            1 => context.warn("people", format!("{group} can be filled by one person only")),
            _ => {}
        },
        Scope::Unit => {
            let of = |count: usize| {
                let units = organisation.units.iter().map(|unit| unit.id.as_str());
                units
                    .filter(|unit| holders(organisation, plan, slot, Some(unit)) == count)
                    .collect::<Vec<_>>()
                    .join(", ")
            };
            for (units, who) in [(of(0), "nobody"), (of(1), "one person only")] {
                if !units.is_empty() {
                    context.warn("people", format!("{group} can be filled by {who} in {units}"));
                }
            }
        }
    }
}

/// How many people hold one of the slot's posts, in a unit or anywhere.
fn holders(organisation: &Organisation, plan: &Plan, slot: &Slot, unit: Option<&str>) -> usize {
    let fills = |post: &String| slot.posts.contains(post) && !plan.excluded_posts.contains(post);
    let excluded = |post: &String| plan.excluded_posts.contains(post);
    let people = organisation.people.iter().filter(|person| {
        let mut posts = person.appointments.iter();
        posts.any(|one| fills(&one.post) && unit.is_none_or(|unit| unit == one.unit))
            && !person.appointments.iter().any(|one| excluded(&one.post))
    });
    people.count()
}
