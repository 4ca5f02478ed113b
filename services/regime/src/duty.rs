//! Duties as pure functions: "when this happened, that is due by then, by this role" (P-39, P-40, P-108, X-28).

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use crate::calendar::{Calendar, End, OutOfRange, end_of_day};
use crate::model::{DutyRule, Pack, Schedule, Scope, Term, Trigger};

/// Something that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// The last instant that is still in time.
    pub at: Timestamp,
    /// Post that owes it.
    pub role: String,
    /// Whether a holder in the owning unit owes it, or one anywhere.
    pub scope: Scope,
    /// Kind of duty, unique in the pack.
    pub kind: String,
    /// Which of several duties of one happening it is, from 0.
    pub window: i64,
    /// Name in the company's language.
    pub label: String,
    /// Calendar and version it was counted with.
    pub calendar_version: String,
    /// Whether the calendar does not know the holidays of a year that was counted.
    pub provisional: bool,
    /// Requirement ids it serves.
    pub requirements: Vec<String>,
}

/// The kind of duty that the review rule of a pack gives.
pub const REVIEW: &str = "file.review";

/// The kind of duty that a draft gives whose unit has an open file that its author may not see (P-02).
pub const CONTESTED: &str = "file.contested";

/// What is due because of a trigger that happened at `at`: the review first if a file was submitted, then the duties of
/// the pack in their order.
///
/// # Errors
/// [`OutOfRange`] beyond the year 9999.
pub fn due(pack: &Pack, calendar: &Calendar, on: Trigger, at: Timestamp) -> Result<Vec<Due>, OutOfRange> {
    let review = (on == Trigger::FileSubmitted).then(|| review_rule(pack));
    let rules = pack.duties.iter().filter(|rule| rule.on == on && rule.schedule.is_none()).cloned();
    let rules = review.into_iter().chain(rules);
    let found: Result<Vec<Vec<Due>>, OutOfRange> = rules.map(|rule| of_rule(pack, calendar, &rule, at)).collect();
    Ok(found?.concat())
}

/// What one rule makes due because it was started at `at`: one duty for each of its terms.
///
/// # Errors
/// [`OutOfRange`] beyond the year 9999.
pub fn of_rule(pack: &Pack, calendar: &Calendar, rule: &DutyRule, at: Timestamp) -> Result<Vec<Due>, OutOfRange> {
    let terms = rule.terms().into_iter().zip(0..);
    terms
        .map(|(term, window)| Ok(Due { window, ..Due::new(rule, calendar, ends(pack, calendar, term, at)?) }))
        .collect()
}

/// What one rule makes due so long before the end of `day`, on which something lapses; without a term, on the day itself.
///
/// # Errors
/// [`OutOfRange`] before the year -9999.
pub fn before(pack: &Pack, calendar: &Calendar, rule: &DutyRule, day: Date) -> Result<Vec<Due>, OutOfRange> {
    let end = |term: Option<Term>| {
        let day = term.map_or(Ok(day), |term| calendar.first_day(term, day))?;
        Ok(End { at: end_of_day(pack, day)?, provisional: false })
    };
    let terms = rule.terms().into_iter().zip(0..);
    terms.map(|(term, window)| Ok(Due { window, ..Due::new(rule, calendar, end(term)?) })).collect()
}

/// For each calendar duty of the pack, the first time it falls due after `after`.
///
/// # Errors
/// [`OutOfRange`] beyond the year 9999.
pub fn scheduled(pack: &Pack, calendar: &Calendar, after: Timestamp) -> Result<Vec<Due>, OutOfRange> {
    let rules = pack.duties.iter().filter_map(|rule| Some((rule, rule.schedule.as_ref()?)));
    rules.map(|(rule, schedule)| Ok(Due::new(rule, calendar, next(pack, calendar, schedule, after)?))).collect()
}

/// When the review of a file that was handed in at `submitted` is due (P-40).
///
/// # Errors
/// [`OutOfRange`] beyond the year 9999.
pub fn review_due(pack: &Pack, calendar: &Calendar, submitted: Timestamp) -> Result<End, OutOfRange> {
    calendar.end(pack, pack.review.within, submitted)
}

fn review_rule(pack: &Pack) -> DutyRule {
    DutyRule {
        kind: REVIEW.to_owned(),
        label: "审核".to_owned(),
        on: Trigger::FileSubmitted,
        due: Some(pack.review.within),
        role: pack.review.posts.first().cloned().unwrap_or_default(),
        scope: pack.review.scope,
        requirements: vec!["P-40".to_owned()],
        ..DutyRule::default()
    }
}

fn ends(pack: &Pack, calendar: &Calendar, term: Option<Term>, at: Timestamp) -> Result<End, OutOfRange> {
    match term {
        Some(term) => calendar.end(pack, term, at),
        // "At once": due when it happened.
        None => Ok(End { at, provisional: false }),
    }
}

fn next(pack: &Pack, calendar: &Calendar, schedule: &Schedule, after: Timestamp) -> Result<End, OutOfRange> {
    let mut month = after.to_zoned(pack.time_zone.rules().clone()).date().first_of_month();
    // A schedule names at least one month, so thirteen tries always meet one that is still to come.
    for _ in 0..=12 {
        if schedule.months.iter().any(|one| i64::from(*one) == i64::from(month.month())) {
            let end = month_end(pack, calendar, month)?;
            if end.at > after {
                return Ok(end);
            }
        }
        month = month.checked_add(1.month()).map_err(|_| OutOfRange)?;
    }
    Err(OutOfRange)
}

/// The end of the month's last day, or of its last working day where terms roll: archiving that must happen within
/// the month cannot roll into the next one.
fn month_end(pack: &Pack, calendar: &Calendar, month: Date) -> Result<End, OutOfRange> {
    let mut last = month.last_of_month();
    while pack.calendar.roll && !calendar.is_working_day(last) && last > month {
        last = last.yesterday().map_err(|_| OutOfRange)?;
    }
    Ok(End { at: end_of_day(pack, last)?, provisional: pack.calendar.roll && !calendar.covers(last) })
}

// === impl Due ===

impl Due {
    fn new(rule: &DutyRule, calendar: &Calendar, end: End) -> Self {
        Self {
            at: end.at,
            role: rule.role.clone(),
            scope: rule.scope,
            kind: rule.kind.clone(),
            window: 0,
            label: rule.label.clone(),
            calendar_version: calendar.version(),
            provisional: end.provisional,
            requirements: rule.requirements.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use crate::model::Trigger;
    use crate::{Regimes, Tenant};

    fn tenant(org: &str) -> Tenant {
        Regimes::shipped().unwrap().tenant(org).unwrap().clone()
    }

    fn shanghai(text: &str) -> Timestamp {
        format!("{text}+08:00").parse().unwrap()
    }

    fn local(at: Timestamp) -> String {
        at.in_tz("Asia/Shanghai").unwrap().strftime("%F %T").to_string()
    }

    fn duties(org: &str, on: Trigger, at: &str) -> Vec<(String, String, String)> {
        let due = tenant(org).due(on, shanghai(at)).unwrap();
        due.into_iter().map(|one| (one.kind, one.role, local(one.at))).collect()
    }

    fn one(kind: &str, role: &str, at: &str) -> (String, String, String) {
        (kind.to_owned(), role.to_owned(), at.to_owned())
    }

    // proves: P-39
    #[test]
    fn a_first_version_is_due_within_three_working_days() {
        let due = duties("meridian", Trigger::FirstContact, "2026-09-30T16:00:00");
        // 1 to 7 October are off; 8, 9 and the made-up Saturday 10 are worked.
        assert_eq!(due, [one("file.first_version", "account_manager", "2026-10-10 23:59:59")]);
    }

    // proves: P-39
    #[test]
    fn completion_is_due_within_a_week() {
        let due = duties("meridian", Trigger::ContractEffective, "2026-09-25T16:00:00");
        assert_eq!(due, [one("file.completion", "account_manager", "2026-10-02 23:59:59")]);
    }

    // proves: P-40
    #[test]
    fn a_review_is_due_within_two_working_days() {
        let due = duties("meridian", Trigger::FileSubmitted, "2026-04-03T09:00:00");
        assert_eq!(due, [one("file.review", "department_head", "2026-04-08 23:59:59")]);
        assert_eq!(duties("demo", Trigger::FileSubmitted, "2026-04-03T09:00:00").len(), 1);
    }

    #[test]
    fn what_is_due_at_once_is_due_when_it_happened() {
        let due = duties("demo", Trigger::LoanExpired, "2026-04-03T09:00:00");
        assert_eq!(due, [one("loan.return_demand", "archivist", "2026-04-03 09:00:00")]);
    }

    #[test]
    fn a_due_date_names_its_calendar() {
        let due = tenant("meridian").due(Trigger::FirstContact, shanghai("2026-12-30T10:00:00")).unwrap();
        assert_eq!(due[0].calendar_version, "cn-statutory@2026.2");
        assert!(due[0].provisional, "4 January 2027 is not published yet");
    }

    #[test]
    fn archiving_is_quarterly_and_annual() {
        let next = |after: &str| {
            let due = tenant("demo").scheduled(shanghai(after)).unwrap();
            due.into_iter().map(|one| (one.kind, local(one.at))).collect::<Vec<_>>()
        };
        let pair = |kind: &str, at: &str| (kind.to_owned(), at.to_owned());
        let cooperate = "archive.cooperate.quarterly";
        // 31 January 2026 is a Saturday, so the last working day of the month binds; 28 February is made up.
        let january = [
            pair("archive.quarterly", "2026-01-30 23:59:59"),
            pair("archive.annual", "2026-02-28 23:59:59"),
            pair(cooperate, "2026-01-30 23:59:59"),
        ];
        assert_eq!(next("2026-01-05T00:00:00"), january);
        let later = next("2026-01-31T00:00:00");
        assert_eq!(later[0], pair("archive.quarterly", "2026-04-30 23:59:59"));
        assert_eq!(next("2026-10-30T23:59:59.999999")[0].0, "archive.quarterly");
        assert_eq!(next("2026-11-01T00:00:00")[0].1, "2027-01-29 23:59:59");
    }

    #[test]
    fn an_organisation_without_calendar_duties_has_none() {
        assert_eq!(tenant("meridian").scheduled(shanghai("2026-01-05T00:00:00")), Ok(vec![]));
    }
}
