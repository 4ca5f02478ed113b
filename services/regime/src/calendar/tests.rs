use jiff::civil::{Date, date};
use jiff::{Timestamp, ToSpan};
use proptest::prelude::*;

use super::Calendar;
use crate::model::{Pack, Term, Zone};

const SHIPPED: &str = include_str!("../../../../deploy/calendars/cn-statutory.csv");

fn shipped() -> Calendar {
    let mut faults = Vec::new();
    let calendar = Calendar::read("cn-statutory.csv", SHIPPED, &mut faults);
    assert_eq!(faults, []);
    calendar.unwrap()
}

fn pack(roll: bool) -> Pack {
    let mut pack = Pack { time_zone: Zone::parse("Asia/Shanghai").unwrap(), ..Pack::default() };
    pack.calendar.roll = roll;
    pack
}

fn shanghai(text: &str) -> Timestamp {
    format!("{text}+08:00").parse().unwrap()
}

fn ends(term: &str, from: &str, roll: bool) -> (String, bool) {
    let end = shipped().end(&pack(roll), Term::parse(term).unwrap(), shanghai(from)).unwrap();
    let local = end.at.to_zoned(pack(roll).time_zone.rules().clone());
    (local.strftime("%F %T").to_string(), end.provisional)
}

// proves: X-40
#[test]
fn holidays_are_off_and_make_up_days_are_worked() {
    let calendar = shipped();
    for off in [date(2026, 2, 17), date(2026, 2, 23), date(2026, 10, 7), date(2025, 10, 8), date(2026, 3, 1)] {
        assert!(!calendar.is_working_day(off), "{off}");
    }
    for worked in [date(2026, 2, 14), date(2026, 2, 28), date(2026, 1, 4), date(2025, 9, 28), date(2026, 2, 24)] {
        assert!(calendar.is_working_day(worked), "{worked}");
    }
}

#[test]
fn version_and_source_are_stated() {
    assert_eq!(shipped().version(), "cn-statutory@2026.2");
    assert!(shipped().source().contains("State Council"));
}

// proves: X-40, P-39
#[test]
fn three_working_days_span_the_spring_festival() {
    // Friday 13 February 2026; Saturday 14 is made up; 15 to 23 are the festival; 24 and 25 are worked.
    assert_eq!(ends("3 working days", "2026-02-13T10:00:00", false), ("2026-02-25 23:59:59".into(), false));
}

// proves: X-40
#[test]
fn the_same_day_ends_with_it_and_never_moves() {
    let saturday = "2026-02-21T10:00:00";
    assert_eq!(ends("same day", saturday, true), ("2026-02-21 23:59:59".into(), false));
    assert_eq!(Term::parse("same day").unwrap().to_string(), "same day");
    assert!(Term::parse("2 same day").is_err());
}

// proves: X-40, P-40
#[test]
fn two_working_days_use_the_made_up_saturday() {
    // Friday 27 February 2026, then Saturday 28 (made up), Sunday off, Monday 2 March.
    assert_eq!(ends("2 working days", "2026-02-27T18:30:00", false), ("2026-03-02 23:59:59".into(), false));
}

#[test]
fn the_day_is_the_day_in_shanghai() {
    // 17:00 UTC on Thursday is already Friday in Shanghai.
    let from: Timestamp = "2026-03-05T17:00:00Z".parse().unwrap();
    let end = shipped().end(&pack(false), Term::parse("1 working day").unwrap(), from).unwrap();
    assert_eq!(end.at, shanghai("2026-03-09T23:59:59.999999"));
}

// proves: X-40
#[test]
fn hours_run_from_the_instant() {
    let end = shipped().end(&pack(true), Term::parse("4h").unwrap(), shanghai("2026-02-16T22:00:00")).unwrap();
    assert_eq!(end.at, shanghai("2026-02-17T02:00:00"));
    assert!(!end.provisional);
}

// proves: X-40
#[test]
fn weeks_months_and_quarters_are_calendar_terms() {
    assert_eq!(ends("1 week", "2026-03-03T09:00:00", false).0, "2026-03-10 23:59:59");
    assert_eq!(ends("10 days", "2026-03-03T09:00:00", false).0, "2026-03-13 23:59:59");
    assert_eq!(ends("1 month", "2026-01-31T09:00:00", false).0, "2026-02-28 23:59:59");
    assert_eq!(ends("1 quarter", "2025-11-30T09:00:00", false).0, "2026-02-28 23:59:59");
    assert_eq!(ends("1 year", "2024-02-29T09:00:00", false).0, "2025-02-28 23:59:59");
}

#[test]
fn a_term_that_rolls_ends_on_a_working_day() {
    // One week after Thursday 24 September 2026 is 1 October, National Day; 8 October is worked again.
    assert_eq!(ends("1 week", "2026-09-24T09:00:00", true).0, "2026-10-08 23:59:59");
    assert_eq!(ends("1 week", "2026-09-24T09:00:00", false).0, "2026-10-01 23:59:59");
}

#[test]
fn an_end_in_an_unpublished_year_is_provisional() {
    assert!(ends("3 working days", "2026-12-31T09:00:00", false).1);
    assert!(!ends("3 working days", "2026-12-01T09:00:00", false).1);
    assert!(!ends("1 week", "2026-12-31T09:00:00", false).1);
}

// proves: X-40
#[test]
fn the_days_that_the_law_fixes_are_off_before_the_notice_of_their_year_is_out() {
    let calendar = shipped();
    // 1 January 2027 is a Friday, 1 October a Friday, 3 May a Monday.
    for off in [date(2027, 1, 1), date(2027, 10, 1), date(2028, 5, 1), date(2028, 5, 2), date(2028, 10, 3)] {
        assert!(!calendar.is_working_day(off) && !calendar.covers(off), "{off}");
    }
    assert!(calendar.is_working_day(date(2027, 5, 3)) && calendar.is_working_day(date(2027, 1, 4)));
    assert_eq!(ends("1 working day", "2026-12-31T09:00:00", false), ("2027-01-04 23:59:59".into(), true));
}

// proves: X-40
#[test]
fn the_last_day_of_2005_was_worked() {
    assert!(shipped().is_working_day(date(2005, 12, 31)));
    assert!(!shipped().is_working_day(date(2006, 1, 1)));
}

#[test]
fn a_day_that_is_not_in_every_year_is_no_fixed_one() {
    let text = "# calendar: x\n# version: 1\n# covers: 2025-2026\n# source: test\n# always: 01-01 02-29 x 01-01\ndate,kind,name\n";
    let mut faults = Vec::new();
    assert_eq!(Calendar::read("x.csv", text, &mut faults), None);
    assert_eq!(faults.len(), 3, "{faults:#?}");
}

#[test]
fn the_end_of_time_is_an_error() {
    assert!(shipped().add_working_days(date(9999, 12, 30), 9).is_err());
    let late: Timestamp = "9999-12-01T00:00:00Z".parse().unwrap();
    assert!(shipped().end(&pack(false), Term::parse("10000 years").unwrap(), late).is_err());
}

#[test]
fn broken_lines_are_all_named() {
    let text = "# calendar: x\n# version: 1\n# covers: 2025-2026\n# source: test\ndate,kind,name\n\
                2025-01-01,holiday,a\n2025-13-01,holiday,a\n2025-01-01,holiday,a\n2025-01-02,make_up_workday,a\n\
                2025-01-05,day,a\n2024-01-01,holiday,a\nshort\n";
    let mut faults = Vec::new();
    assert_eq!(Calendar::read("x.csv", text, &mut faults), None);
    let lines: Vec<usize> = faults.iter().map(|fault| fault.line).collect();
    assert_eq!(lines, [7, 8, 9, 10, 11, 12], "{faults:#?}");
}

#[test]
fn a_head_without_version_is_refused() {
    let mut faults = Vec::new();
    assert_eq!(Calendar::read("x.csv", "# calendar: x\ndate,kind,name\n", &mut faults), None);
    assert_eq!(faults.len(), 3, "{faults:#?}");
}

fn naive_add(calendar: &Calendar, from: Date, count: u32) -> Date {
    let (mut day, mut left) = (from, count);
    while left > 0 {
        day = day.tomorrow().unwrap();
        left -= u32::from(calendar.is_working_day(day));
    }
    day
}

fn any_day() -> impl Strategy<Value = Date> {
    (0..10_000_i64).prop_map(|days| date(2002, 6, 1).checked_add(days.days()).unwrap())
}

proptest! {
    // proves: X-40
    #[test]
    fn adding_equals_counting_day_by_day(from in any_day(), count in 0..400_u32) {
        let calendar = shipped();
        prop_assert_eq!(calendar.add_working_days(from, count).unwrap(), naive_add(&calendar, from, count));
    }

    // proves: X-40
    #[test]
    fn counting_equals_counting_day_by_day(from in any_day(), length in 0..900_i64) {
        let calendar = shipped();
        let to = from.checked_add(length.days()).unwrap();
        let naive = from.series(1.day()).skip(1).take_while(|day| *day <= to);
        let count = naive.filter(|day| calendar.is_working_day(*day)).count();
        prop_assert_eq!(calendar.working_days_between(from, to), i64::try_from(count).unwrap());
        prop_assert_eq!(calendar.working_days_between(to, from), -i64::try_from(count).unwrap());
    }

    #[test]
    fn a_later_start_never_ends_earlier(from in any_day(), later in 0..30_i64, count in 1..60_u32) {
        let calendar = shipped();
        let after = from.checked_add(later.days()).unwrap();
        prop_assert!(calendar.add_working_days(from, count).unwrap() <= calendar.add_working_days(after, count).unwrap());
    }
}
