//! Checks of the acts that nobody does alone.

use super::{Context, authority::check_posts};
use crate::model::{ActMode, ActRule, Action, GuardedAct, Pack};

/// The rules of acts: a matter behind each, and no way round the closed levels.
pub(super) fn rules(pack: &Pack, context: &mut Context<'_>) {
    context.ids("acts", "act", "act", pack.acts.iter().map(|rule| rule.act.as_str()));
    for (at, rule) in pack.acts.iter().enumerate() {
        check_rule(pack, rule, &format!("acts[{at}]"), context);
    }
    for act in GuardedAct::ALL {
        if occurs(pack, *act) && pack.act(*act).is_none() {
            context.warn("acts", format!("nothing says who decides `{act}`, so it is done by nobody"));
        }
    }
}

fn check_rule(pack: &Pack, rule: &ActRule, path: &str, context: &mut Context<'_>) {
    let at = format!("{path}.matter");
    match (rule.mode, &rule.matter) {
        (ActMode::Approval, None) => {
            context.fault(path, format!("`{}` is done on approval, but no matter with a plan says whose", rule.act));
        }
        (ActMode::Approval, Some(id)) => context.refers(at, "matter", id, pack.matter(id).is_some()),
        (ActMode::Direct, Some(_)) => context.fault(at, format!("`{}` is not done on approval", rule.act)),
        (ActMode::Direct, None) if rule.act == GuardedAct::FileClosed => {
            context.fault(format!("{path}.mode"), "nobody acts on a closed file alone (A-23)");
        }
        (ActMode::Direct, None) => {
            context.warn(format!("{path}.mode"), format!("one person alone decides `{}`", rule.act));
        }
    }
    check_closed(pack, rule, path, context);
    check_posts(pack, &format!("{path}.posts"), &rule.posts, context);
    if rule.act != GuardedAct::FileRaise && !rule.posts.is_empty() {
        context.fault(format!("{path}.posts"), "only `file.raise` names posts that need no approval");
    }
    for (at, id) in rule.posts.iter().enumerate() {
        if pack.post(id).is_some_and(|post| !post.can(Action::FileClassify)) {
            context
                .fault(format!("{path}.posts[{at}]"), format!("post `{id}` raises files but may not `file.classify`"));
        }
    }
}

// What is decided about a closed file is decided in person.
fn check_closed(pack: &Pack, rule: &ActRule, path: &str, context: &mut Context<'_>) {
    let matter = rule.matter.as_deref().filter(|_| rule.act == GuardedAct::FileClosed).and_then(|id| pack.matter(id));
    if matter.is_some_and(|matter| !matter.delegable_to.is_empty()) {
        context.fault(format!("{path}.matter"), "what is done to a closed file is decided by nobody's delegate (A-23)");
    }
    let opened = |id: &String| {
        pack.levels
            .iter()
            .any(|level| level.consult.matter.as_ref() == Some(id) || level.loan.matter.as_ref() == Some(id))
    };
    let opened = |id: &String| opened(id) || pack.credit.limit_matter == *id;
    if rule.matter.as_ref().is_some_and(opened) {
        context.fault(format!("{path}.matter"), "a matter that opens files or gives credit decides no act (A-23)");
    }
}

fn occurs(pack: &Pack, act: GuardedAct) -> bool {
    let closed = || pack.levels.iter().any(|level| level.closed);
    match act {
        GuardedAct::PersonAppoint => pack.posts.iter().any(|post| pack.is_weighty(post)),
        GuardedAct::DelegationCreate => {
            pack.matters.iter().any(|matter| !matter.delegable_to.is_empty() && pack.is_shared(matter))
        }
        GuardedAct::FileHandOver => pack.levels.iter().any(|level| pack.is_kept(&level.id)),
        GuardedAct::FileRaise | GuardedAct::FileClosed => closed(),
    }
}
