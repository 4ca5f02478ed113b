//! Whether a duty can come due at all, and whether somebody who owes it can learn of it.

use super::Context;
use crate::model::{Action, DutyRule, Level, LoanMode, Pack, Post, Trigger};

/// What of a duty can never work. A trigger that this pack itself keeps from happening is a warning, because another key may be on its
/// way.
pub(super) fn happens(pack: &Pack, duty: &DutyRule, path: &str, context: &mut Context<'_>) {
    if let Some(why) = never(pack, duty.on) {
        context.warn(format!("{path}.on"), format!("`{}` never happens under this pack: {why}", duty.on));
    }
    if let Some(post) = pack.post(&duty.role) {
        owed(pack, duty, post, &format!("{path}.role"), context);
    }
}

fn never(pack: &Pack, on: Trigger) -> Option<&'static str> {
    let nobody = |action| !pack.posts.iter().any(|post| post.can(action));
    let lends = || pack.levels.iter().any(|level| level.loan.mode != LoanMode::Never);
    match on {
        Trigger::FirstContact if nobody(Action::FileCreate) => Some("nobody may `file.create`"),
        Trigger::CustomerChanged if nobody(Action::FileUpdate) => Some("nobody may `file.update`"),
        Trigger::FileSubmitted if nobody(Action::FileSubmit) => Some("nobody may `file.submit`"),
        Trigger::FileActivated if nobody(Action::FileActivate) => Some("nobody may `file.activate`"),
        Trigger::FileClassified if nobody(Action::FileClassify) => Some("nobody may `file.classify`"),
        Trigger::FileClassified if !pack.levels.iter().any(|level| level.original_in_archive) => {
            Some("no level has `original_in_archive`")
        }
        Trigger::LoanHandedOut | Trigger::LoanExpired if !lends() => Some("no level is lent"),
        Trigger::LoanHandedOut | Trigger::LoanExpired if nobody(Action::LoanCheckOut) => {
            Some("nobody may `loan.check_out`")
        }
        Trigger::DocumentFiled | Trigger::DocumentLapses if pack.documents.is_empty() => {
            Some("the pack has no `documents`")
        }
        Trigger::RatingGiven if nobody(Action::CreditEvaluate) => Some("nobody may `credit.evaluate`"),
        _ => None,
    }
}

fn owed(pack: &Pack, duty: &DutyRule, post: &Post, path: &str, context: &mut Context<'_>) {
    let (kind, id) = (&duty.kind, &post.id);
    if !post.can(Action::DutyRead) {
        context.warn(path, format!("post `{id}` owes `{kind}` but may not `duty.read`, so nobody learns of it there"));
    }
    // A duty about a file is shown to those who may see the file.
    let deposited = |level: &&Level| level.original_in_archive || duty.on != Trigger::FileClassified;
    let mut levels = pack.levels.iter().filter(|level| !level.closed).filter(deposited).peekable();
    let about_files = duty.on != Trigger::Calendar && levels.peek().is_some();
    if about_files && levels.all(|level| pack.visibility(level, post).is_never()) {
        context.warn(path, format!("post `{id}` owes `{kind}` about files that it never sees"));
    }
}
