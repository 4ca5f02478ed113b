//! Checks of levels, posts, plans and matters.

use super::Context;
use crate::model::{ConsultMode, Level, LevelStanding, LoanMode, Pack, Plan, Slot, Step};

/// Levels: order, closure, and an approver wherever an approval is asked for.
pub(super) fn levels(pack: &Pack, context: &mut Context<'_>) {
    context.ids("levels", "id", "level", pack.levels.iter().map(|one| one.id.as_str()));
    context.filled("levels", &pack.levels, "a pack has at least one level");
    if pack.levels.first().is_some_and(|level| level.closed) {
        context.fault("levels[0].closed", "the lowest level is the one new files get and cannot be closed");
    }
    let mut closed = None;
    for (at, level) in pack.levels.iter().enumerate() {
        let path = format!("levels[{at}]");
        if level.closed {
            closed = Some(&level.id);
            check_closed(level, &path, context);
        } else if let Some(below) = closed {
            context
                .fault(format!("{path}.id"), format!("level `{}` stands above `{below}`, which is closed", level.id));
        }
        check_consult(pack, level, &path, context);
        check_loan(pack, level, &path, context);
    }
}

fn check_closed(level: &Level, path: &str, context: &mut Context<'_>) {
    if level.consult.mode != ConsultMode::Forbidden {
        context.fault(format!("{path}.consult.mode"), "a closed level is consulted by nobody (A-23)");
    }
    if level.loan.mode != LoanMode::Never {
        context.fault(format!("{path}.loan.mode"), "a closed level is lent to nobody (A-23)");
    }
    if level.standing != LevelStanding::Nobody {
        context.fault(format!("{path}.standing"), "nobody has standing access to a closed level (A-23)");
    }
}

fn check_consult(pack: &Pack, level: &Level, path: &str, context: &mut Context<'_>) {
    let consult = &level.consult;
    check_matter(
        pack,
        consult.mode == ConsultMode::Approval,
        consult.matter.as_deref(),
        context,
        &Asked { path: &format!("{path}.consult"), level: &level.id, verb: "consulted", requirement: "A-24" },
    );
    if let Some(place) = &consult.place {
        let known = pack.loans.places.iter().any(|one| one.value == *place);
        context.refers(format!("{path}.consult.place"), "place", place, known);
    }
}

fn check_loan(pack: &Pack, level: &Level, path: &str, context: &mut Context<'_>) {
    let loan = &level.loan;
    check_matter(
        pack,
        loan.mode == LoanMode::Approval,
        loan.matter.as_deref(),
        context,
        &Asked { path: &format!("{path}.loan"), level: &level.id, verb: "lent", requirement: "A-27" },
    );
    if loan.mode == LoanMode::Never && !loan.bypass_posts.is_empty() {
        context.fault(format!("{path}.loan.bypass_posts"), format!("level `{}` is never lent, to nobody", level.id));
    }
    check_posts(pack, &format!("{path}.loan.bypass_posts"), &loan.bypass_posts, context);
}

struct Asked<'a> {
    path: &'a str,
    level: &'a str,
    verb: &'a str,
    requirement: &'a str,
}

fn check_matter(pack: &Pack, approval: bool, matter: Option<&str>, context: &mut Context<'_>, asked: &Asked<'_>) {
    let Asked { path, level, verb, requirement } = asked;
    let at = format!("{path}.matter");
    match matter {
        None if approval => context.fault(
            *path,
            format!("level `{level}` is {verb} on approval, but no matter with a plan says whose ({requirement})"),
        ),
        Some(_) if !approval => context.fault(at, format!("level `{level}` is not {verb} on approval")),
        Some(id) => context.refers(at, "matter", id, pack.matter(id).is_some()),
        None => {}
    }
}

/// Posts: actions, and a clearance that is no closed level.
pub(super) fn posts(pack: &Pack, context: &mut Context<'_>) {
    context.ids("posts", "id", "post", pack.posts.iter().map(|one| one.id.as_str()));
    context.filled("posts", &pack.posts, "a pack has at least one post");
    for (at, post) in pack.posts.iter().enumerate() {
        let path = format!("posts[{at}].clearance");
        let level = pack.level(&post.clearance);
        context.refers(&path, "level", &post.clearance, level.is_some());
        if level.is_some_and(|level| level.closed) {
            context.fault(&path, format!("level `{}` is closed; nobody is cleared for it (A-23)", post.clearance));
        }
    }
}

/// Plans and matters: every step can be reached, and every reference resolves.
pub(super) fn plans(pack: &Pack, context: &mut Context<'_>) {
    context.ids("plans", "id", "plan", pack.plans.iter().map(|one| one.id.as_str()));
    context.ids("matters", "id", "matter", pack.matters.iter().map(|one| one.id.as_str()));
    for (at, plan) in pack.plans.iter().enumerate() {
        let path = format!("plans[{at}]");
        context.filled(&format!("{path}.steps"), &plan.steps, "a plan has at least one step");
        check_posts(pack, &format!("{path}.excluded_posts"), &plan.excluded_posts, context);
        for (place, step) in plan.steps.iter().enumerate() {
            check_step(pack, plan, step, &format!("{path}.steps[{place}]"), context);
        }
    }
    for (at, matter) in pack.matters.iter().enumerate() {
        let path = format!("matters[{at}]");
        context.refers(format!("{path}.plan"), "plan", &matter.plan, pack.plan(&matter.plan).is_some());
        check_posts(pack, &format!("{path}.delegable_to"), &matter.delegable_to, context);
    }
}

fn check_step(pack: &Pack, plan: &Plan, step: &Step, path: &str, context: &mut Context<'_>) {
    let slots = u32::try_from(step.slots.len()).unwrap_or(u32::MAX);
    context.filled(&format!("{path}.slots"), &step.slots, "a step has at least one slot");
    if context.is_faulty(&format!("{path}.quorum")) {
        return;
    }
    if step.quorum == 0 {
        context.fault(format!("{path}.quorum"), "a quorum of 0 would pass without anybody's yes");
    } else if step.quorum > slots && slots > 0 {
        context.fault(
            format!("{path}.quorum"),
            format!("a quorum of {} cannot be reached with {slots} slots", step.quorum),
        );
    }
    for (at, slot) in step.slots.iter().enumerate() {
        context.filled(&format!("{path}.slots[{at}].posts"), &slot.posts, "a slot names at least one post");
        check_posts(pack, &format!("{path}.slots[{at}].posts"), &slot.posts, context);
    }
    let open = step.slots.iter().filter(|slot| is_open(pack, plan, slot)).count();
    let open = u32::try_from(open).unwrap_or(u32::MAX);
    if open < step.quorum && step.quorum <= slots {
        let sentence = format!("only {open} of {slots} slots can be filled, so the step is never passed");
        context.fault(path, sentence);
    }
}

fn is_open(pack: &Pack, plan: &Plan, slot: &Slot) -> bool {
    // A slot without posts has a fault of its own.
    slot.posts.is_empty()
        || slot.posts.iter().any(|post| pack.post(post).is_some() && !plan.excluded_posts.contains(post))
}

/// Every post of a list exists, and none is named twice.
pub(super) fn check_posts(pack: &Pack, path: &str, posts: &[String], context: &mut Context<'_>) {
    context.ids(path, "", "post", posts.iter().map(String::as_str));
    for (at, post) in posts.iter().enumerate() {
        context.refers(format!("{path}[{at}]"), "post", post, pack.post(post).is_some());
    }
}
