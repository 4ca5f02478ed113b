//! Whether those who must act on a file can see it: a file that they never see is stuck. Acts on closed files stand apart:
//! they are decided without seeing the file.

use super::Context;
use crate::model::{Action, GuardedAct, Level, LevelStanding, Pack, Plan, Post, PostStanding};

/// Reviewers and those who move a new file on see it at the level it begins with; approvers are cleared for what they
/// decide.
pub(super) fn people(pack: &Pack, context: &mut Context<'_>) {
    if !context.is_faulty("levels[0].standing") {
        movers(pack, context);
        reviewers(pack, context);
    }
    for (at, level) in pack.levels.iter().enumerate().filter(|(_, level)| !level.closed) {
        let matters = [("consult", &level.consult.matter), ("loan", &level.loan.matter)];
        for (what, matter) in matters {
            if let Some(matter) = matter {
                approvers(pack, matter, level, &format!("levels[{at}].{what}.matter"), context);
            }
        }
        borrowers(pack, level, &format!("levels[{at}]"), context);
    }
    if let Some(lowest) = pack.levels.first() {
        approvers(pack, &pack.credit.limit_matter, lowest, "credit.limit_matter", context);
    }
    let kept = pack.levels.iter().rev().find(|level| pack.is_kept(&level.id));
    for (at, rule) in pack.acts.iter().enumerate() {
        if let (GuardedAct::FileHandOver, Some(matter), Some(level)) = (rule.act, &rule.matter, kept) {
            approvers(pack, matter, level, &format!("acts[{at}].matter"), context);
        }
    }
}

fn reviewers(pack: &Pack, context: &mut Context<'_>) {
    let Some(lowest) = pack.levels.first() else { return };
    for (at, id) in pack.review.posts.iter().enumerate() {
        if pack.post(id).is_some_and(|post| post.can(Action::FileReview) && !sees(pack, post, lowest)) {
            let sentence = format!("post `{id}` reviews files but never sees one at level `{}`", lowest.id);
            context.fault(format!("review.posts[{at}]"), sentence);
        } else if pack.post(id).is_some_and(|post| !post.can(Action::FileRead)) {
            context.warn(format!("review.posts[{at}]"), format!("post `{id}` reviews files but may not `file.read`"));
        }
    }
}

// Who borrows without an approval is cleared for what they borrow, and somebody who is cleared may ask for the rest.
fn borrowers(pack: &Pack, level: &Level, path: &str, context: &mut Context<'_>) {
    for (at, id) in level.loan.bypass_posts.iter().enumerate() {
        if pack.post(id).is_some_and(|post| !is_cleared(pack, post, level)) {
            let sentence = format!("post `{id}` borrows at level `{}` but is not cleared for it", level.id);
            context.fault(format!("{path}.loan.bypass_posts[{at}]"), sentence);
        }
    }
    let asks = |post: &Post| post.can(Action::AccessRequest) && is_cleared(pack, post, level);
    let approved = [("consult", &level.consult.matter), ("loan", &level.loan.matter)];
    if let Some((what, _)) = approved.iter().find(|(_, matter)| matter.is_some() && !pack.posts.iter().any(asks)) {
        let sentence = format!("nobody who is cleared for level `{}` may `access.request`", level.id);
        context.warn(format!("{path}.{what}.matter"), sentence);
    }
}

// Each step of a new file's life needs somebody who may take it and sees the file.
fn movers(pack: &Pack, context: &mut Context<'_>) {
    let Some(lowest) = pack.levels.first() else { return };
    for action in [Action::FileSubmit, Action::FileActivate] {
        let holders: Vec<&Post> = pack.posts.iter().filter(|post| post.can(action)).collect();
        if !holders.is_empty() && holders.iter().all(|post| !sees(pack, post, lowest)) {
            context.fault("posts", format!("no post that may `{action}` ever sees a file at level `{}`", lowest.id));
        }
    }
}

// As the predicate of who may see what, but for custody in person.
fn sees(pack: &Pack, post: &Post, level: &Level) -> bool {
    let cleared = is_cleared(pack, post, level);
    let stands = level.standing == LevelStanding::Unit && post.standing != PostStanding::None;
    cleared && !level.closed && (stands || (post.custodian && level.standing != LevelStanding::Nobody))
}

fn approvers(pack: &Pack, matter: &str, level: &Level, path: &str, context: &mut Context<'_>) {
    let Some(plan) = pack.plan_for_matter(matter) else { return };
    for (place, step) in plan.steps.iter().enumerate() {
        let able = |posts: &[String]| posts.is_empty() || posts.iter().any(|id| decides(pack, plan, id, level));
        let open = step.slots.iter().filter(|slot| able(&slot.posts)).count();
        if u32::try_from(open).unwrap_or(u32::MAX) < step.quorum && step.slots.len() >= step.quorum as usize {
            let step = place + 1;
            let sentence = format!(
                "step {step} of plan `{}` is never passed for level `{}`: its posts are not cleared for it",
                plan.id, level.id
            );
            context.fault(path, sentence);
        } else {
            let mut posts = step.slots.iter().flat_map(|slot| &slot.posts);
            if let Some(id) = posts.find(|id| !decides(pack, plan, id, level)) {
                let sentence = format!("post `{id}` of plan `{}` is not cleared for level `{}`", plan.id, level.id);
                context.warn(path, sentence);
            }
        }
    }
}

// An unknown or excluded post has a fault of its own.
fn decides(pack: &Pack, plan: &Plan, id: &String, level: &Level) -> bool {
    pack.post(id).is_none_or(|post| is_cleared(pack, post, level)) || plan.excluded_posts.contains(id)
}

// An unknown clearance has a fault of its own.
fn is_cleared(pack: &Pack, post: &Post, level: &Level) -> bool {
    pack.rank(&post.clearance).is_none() || pack.is_cleared(level, post)
}
