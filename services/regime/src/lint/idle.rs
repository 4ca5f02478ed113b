//! Mechanisms that a pack leaves out: nobody may what they would carry.

use super::Context;
use crate::model::{Action, LoanMode, Pack};

/// What needs a key of the pack to be there.
struct Mechanism {
    key: &'static str,
    actions: &'static [Action],
}

const MECHANISMS: [Mechanism; 3] = [
    Mechanism { key: "review", actions: &[Action::FileSubmit, Action::FileReview] },
    Mechanism { key: "loans", actions: &[Action::LoanCheckOut, Action::LoanReturn, Action::LoanRecall] },
    Mechanism {
        key: "credit",
        actions: &[
            Action::CreditModel,
            Action::CreditEvaluate,
            Action::LimitPropose,
            Action::LimitRead,
            Action::ExposureReserve,
            Action::ExposureRead,
        ],
    },
];

/// No post has an action, and no level a loan, that rests on a key which the pack leaves out.
pub(super) fn mechanisms(pack: &Pack, context: &mut Context<'_>) {
    for one in MECHANISMS {
        if context.says(one.key) {
            continue;
        }
        for (at, post) in pack.posts.iter().enumerate() {
            if let Some(action) = one.actions.iter().find(|action| post.can(**action)) {
                let sentence = format!("post `{}` may `{action}`, but the pack has no `{}`", post.id, one.key);
                context.fault(format!("posts[{at}].actions"), sentence);
            }
        }
    }
    for (at, level) in pack.levels.iter().enumerate() {
        if level.loan.mode != LoanMode::Never && !context.says("loans") {
            let sentence = format!("level `{}` is lent, but the pack has no `loans`", level.id);
            context.fault(format!("levels[{at}].loan.mode"), sentence);
        }
    }
}
