//! Checks of review, duties, loans, access and credit.

use super::{Context, authority::check_posts, due};
use crate::model::{Action, DutyRule, LoanMode, Pack, Trigger};

/// All smaller rules of a pack.
pub(super) fn rules(pack: &Pack, context: &mut Context<'_>) {
    review(pack, context);
    context.ids("duties", "kind", "duty", pack.duties.iter().map(|one| one.kind.as_str()));
    for (at, duty) in pack.duties.iter().enumerate() {
        check_duty(pack, duty, &format!("duties[{at}]"), context);
    }
    loans(pack, context);
    let loans = &pack.loans;
    context.ids("loans.duties", "value", "duty", loans.duties.iter().map(|one| one.value.as_str()));
    context.ids("loans.inspection", "value", "item", loans.inspection.iter().map(|one| one.value.as_str()));
    context.ids("loans.places", "value", "place", loans.places.iter().map(|one| one.value.as_str()));
    context.filled("access.purposes", &pack.access.purposes, "a request names one of the pack's purposes (A-04)");
    context.ids("access.purposes", "value", "purpose", pack.access.purposes.iter().map(|one| one.value.as_str()));
    credit(pack, context);
}

fn loans(pack: &Pack, context: &mut Context<'_>) {
    let lent: Vec<_> = pack.levels.iter().filter(|level| level.loan.mode != LoanMode::Never).collect();
    if lent.is_empty() || !context.says("loans") {
        return;
    }
    context.filled("loans.duties", &pack.loans.duties, "a borrower accepts at least one duty (A-34)");
    context.filled("loans.inspection", &pack.loans.inspection, "a return is inspected for something (A-32)");
    if let Some(level) =
        lent.iter().find(|level| level.loan.longest.is_none()).filter(|_| !context.says("loans.longest"))
    {
        context.fault(
            "loans.longest",
            format!("level `{}` states no longest loan, and nothing else does (A-30)", level.id),
        );
    }
}

fn review(pack: &Pack, context: &mut Context<'_>) {
    if !context.says("review") {
        return;
    }
    if pack.review.examined > 100 {
        context.fault("review.examined", "a share of units is at most 100 in a hundred");
    }
    context.filled("review.posts", &pack.review.posts, "somebody must review new files (P-40)");
    check_posts(pack, "review.posts", &pack.review.posts, context);
    for (at, id) in pack.review.posts.iter().enumerate() {
        if pack.post(id).is_some_and(|post| !post.can(Action::FileReview)) {
            context
                .fault(format!("review.posts[{at}]"), format!("post `{id}` reviews files but may not `file.review`"));
        }
    }
}

fn check_duty(pack: &Pack, duty: &DutyRule, path: &str, context: &mut Context<'_>) {
    if duty.kind == crate::duty::REVIEW {
        context.fault(format!("{path}.kind"), "the duty to review follows from `review`");
    }
    if duty.kind == crate::duty::CONTESTED {
        context.fault(format!("{path}.kind"), "the duty about contested drafts comes by itself");
    }
    context.refers(format!("{path}.role"), "post", &duty.role, pack.post(&duty.role).is_some());
    due::happens(pack, duty, path, context);
    let calendar = duty.on == Trigger::Calendar;
    match &duty.schedule {
        None if calendar => context.fault(path, "a calendar duty has a schedule"),
        Some(_) if !calendar => context.fault(format!("{path}.schedule"), "only a calendar duty has a schedule"),
        _ => {}
    }
    if calendar && duty.due.is_some() {
        context.fault(format!("{path}.due"), "a calendar duty is due by its schedule, not by a term");
    }
    let Some(schedule) = &duty.schedule else { return };
    let months = format!("{path}.schedule.months");
    context.filled(&months, &schedule.months, "a schedule names at least one month");
    for (at, month) in schedule.months.iter().enumerate() {
        if !(1..=12).contains(month) && !context.is_faulty(&format!("{months}[{at}]")) {
            context.fault(format!("{months}[{at}]"), format!("there is no month {month}"));
        } else if schedule.months.iter().take(at).any(|earlier| earlier == month) {
            context.fault(format!("{months}[{at}]"), format!("month {month} is given twice"));
        }
    }
}

fn credit(pack: &Pack, context: &mut Context<'_>) {
    if !context.says("credit") {
        return;
    }
    let (matter, currency) = (&pack.credit.limit_matter, &pack.credit.currency);
    context.refers("credit.limit_matter", "matter", matter, pack.matter(matter).is_some());
    let code = currency.len() == 3 && currency.chars().all(|c| c.is_ascii_uppercase());
    if !currency.is_empty() && !code {
        context.fault("credit.currency", format!("`{currency}` is no currency code of three capital letters"));
    }
}
