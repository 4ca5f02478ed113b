//! The arbiter against a second statement of its rule, and what the same check finds in arbiters that are wrong.

use jiff::ToSpan;
use jiff::civil::date;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::*;

type Arbiter = dyn Fn(&Facts, Date) -> Ruling;

/// The last day that is drawn, counted from the first.
const DAYS: i32 = 4_000;

fn day(number: i32) -> Date {
    date(2000, 1, 1).checked_add(number.days()).unwrap()
}

fn days() -> impl Strategy<Value = Date> {
    (0..DAYS).prop_map(day)
}

// Small counts, and often none, so that files with one ground alone come up.
fn count() -> impl Strategy<Value = i64> {
    prop_oneof![4 => Just(0), 1 => 1..5_i64]
}

fn told() -> impl Strategy<Value = Option<i64>> {
    prop_oneof![5 => count().prop_map(Some), 1 => Just(None)]
}

fn seldom() -> impl Strategy<Value = bool> {
    prop_oneof![5 => Just(false), 1 => Just(true)]
}

fn states() -> impl Strategy<Value = State> {
    let open = prop::sample::select(&State::ALL[..4]);
    prop_oneof![4 => Just(State::Closed), 1 => open]
}

fn terms() -> impl Strategy<Value = Option<Term>> {
    let counted = (days(), 1..10_u32).prop_map(|(since, years)| Some(Term::of(Some(years), since)));
    prop_oneof![6 => counted, 1 => Just(Some(Term::Forever)), 1 => Just(None)]
}

prop_compose! {
    fn facts()(
        state in states(), term in terms(), merged in seldom(), shut in seldom(), holds in count(), disputes in count(),
        parts in count(), loans in told(), exposure in told(), requests in count(), astray in count(),
        erasure_asked in any::<bool>(),
    ) -> Facts {
        Facts {
            state, merged, shut, term, holds, disputes, parts, loans, exposure, requests, astray, erasure_asked,
        }
    }
}

// The rule again, as a sentence for each ground and not as a table of them.
fn expected(facts: &Facts, today: Date) -> Vec<Ground> {
    let mut grounds = Vec::new();
    if facts.term.is_none() || matches!(facts.state, State::Draft | State::Submitted | State::Reviewed | State::Active)
    {
        grounds.push(Ground::NotClosed);
    }
    if facts.merged {
        grounds.push(Ground::Merged);
    }
    match facts.term {
        Some(Term::Until(last)) if last < today => {}
        Some(Term::Until(_)) => grounds.push(Ground::Retention),
        Some(Term::Forever) => grounds.push(Ground::Permanent),
        None => {}
    }
    if facts.holds != 0 {
        grounds.push(Ground::Hold);
    }
    if facts.disputes != 0 {
        grounds.push(Ground::Dispute);
    }
    if !matches!(facts.loans, None | Some(0)) {
        grounds.push(Ground::LoanOpen);
    }
    if !matches!(facts.exposure, None | Some(0)) {
        grounds.push(Ground::ExposureOpen);
    }
    if facts.parts != 0 {
        grounds.push(Ground::PartsOpen);
    }
    if facts.shut {
        grounds.push(Ground::ClosedLevel);
    }
    if facts.loans.and(facts.exposure).is_none() {
        grounds.push(Ground::NotTold);
    }
    if facts.requests != 0 {
        grounds.push(Ground::RequestOpen);
    }
    if facts.astray != 0 {
        grounds.push(Ground::CarrierAstray);
    }
    grounds
}

// What an arbiter says that it must not, on two days.
fn fault(arbiter: &Arbiter, facts: &Facts, (today, later): (Date, Date)) -> Option<String> {
    let (now, then, wanted) = (arbiter(facts, today), arbiter(facts, later), expected(facts, today));
    let told: Vec<_> = now.grounds.iter().copied().collect();
    if now.verdict == Verdict::Erasable && !wanted.is_empty() {
        return Some(format!("erasable while {wanted:?} hold"));
    }
    if told != wanted {
        return Some(format!("{told:?} in place of {wanted:?}"));
    }
    if wanted.is_empty() && now.verdict != Verdict::Erasable {
        return Some(format!("{:?} without a ground", now.verdict));
    }
    let frozen = facts.holds > 0 || facts.disputes > 0;
    if frozen != (now.verdict == Verdict::Frozen) {
        return Some(format!("{:?} with {} holds and {} disputes", now.verdict, facts.holds, facts.disputes));
    }
    if facts.erasure_asked && !matches!(now.verdict, Verdict::Erasable | Verdict::Frozen | Verdict::Restricted) {
        return Some(format!("{:?} while its erasure is asked for", now.verdict));
    }
    // Time alone takes grounds away and brings none.
    if !then.grounds.is_subset(&now.grounds) || (now.verdict == Verdict::Erasable && then.verdict != Verdict::Erasable)
    {
        return Some(format!("{:?} on {today} and {:?} on {later}", now.verdict, then.verdict));
    }
    let ended = |day: Date| now.keep_until.is_none_or(|last| last < day);
    (now.verdict == Verdict::KeepUntil && ended(today)).then(|| format!("kept until {:?} on {today}", now.keep_until))
}

// The fault that the check finds in an arbiter; `None`: it holds for every case that was drawn.
fn found(arbiter: &Arbiter) -> Option<String> {
    let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::default() });
    let drawn = (facts(), days(), 0..DAYS);
    let outcome = runner.run(&drawn, |(facts, today, wait)| {
        let later = today.checked_add(wait.days()).unwrap_or(Date::MAX);
        match fault(arbiter, &facts, (today, later)) {
            None => Ok(()),
            Some(fault) => Err(TestCaseError::fail(fault)),
        }
    });
    outcome.err().map(|fault| fault.to_string())
}

fn free() -> Facts {
    Facts {
        state: State::Closed,
        merged: false,
        shut: false,
        term: Some(Term::of(Some(10), date(2016, 3, 1))),
        holds: 0,
        disputes: 0,
        parts: 0,
        loans: Some(0),
        exposure: Some(0),
        requests: 0,
        astray: 0,
        erasure_asked: false,
    }
}

// More cases by `PROPTEST_CASES=100000 cargo test -p dossier-profile --lib arbiter`.
// proves, C-06
#[test]
fn nothing_is_erasable_while_a_ground_holds_and_the_grounds_are_those_that_hold() {
    assert_eq!(found(&judge), None);
}

// proves: X-09
#[test]
fn a_file_is_kept_up_to_the_last_day_of_its_term_and_no_longer() {
    let on = |day: Date| judge(&free(), day);
    assert_eq!((on(date(2026, 3, 1)).verdict, on(date(2026, 3, 2)).verdict), (Verdict::KeepUntil, Verdict::Erasable));
    assert_eq!(on(date(2030, 1, 1)).keep_until, Some(date(2026, 3, 1)));
    // The month has no such day, or the calendar no such year.
    assert_eq!(Term::of(Some(1), date(2024, 2, 29)).last_day(), Some(date(2025, 2, 28)));
    assert_eq!(Term::of(Some(u32::MAX), date(2024, 2, 29)).last_day(), Some(Date::MAX));
    assert_eq!(Term::of(None, date(2024, 2, 29)), Term::Forever);
}

// proves: C-06
#[test]
fn what_is_held_is_frozen_whatever_else_holds() {
    let facts = Facts { holds: 1, state: State::Active, term: Some(Term::Forever), erasure_asked: true, ..free() };
    let ruling = judge(&facts, date(2026, 1, 1));
    assert_eq!(ruling.verdict, Verdict::Frozen);
    assert_eq!(ruling.grounds.into_iter().collect::<Vec<_>>(), [Ground::NotClosed, Ground::Permanent, Ground::Hold]);
}

// proves: X-17
#[test]
fn an_erasure_that_was_asked_for_shortens_no_term() {
    let (asked, day) = (Facts { erasure_asked: true, ..free() }, date(2026, 1, 1));
    assert_eq!(judge(&asked, day).verdict, Verdict::Restricted);
    assert_eq!(judge(&Facts { term: Some(Term::Forever), ..asked }, day).verdict, Verdict::Restricted);
    assert_eq!(judge(&asked, date(2027, 1, 1)).verdict, Verdict::Erasable);
}

// proves: C-06
#[test]
fn what_nobody_told_is_not_taken_for_nothing() {
    for facts in [Facts { loans: None, ..free() }, Facts { exposure: None, ..free() }] {
        let ruling = judge(&facts, date(2027, 1, 1));
        assert_eq!((ruling.verdict, ruling.grounds), (Verdict::Keep, BTreeSet::from([Ground::NotTold])));
    }
}

mod controls {
    use super::*;

    fn again(facts: &Facts, today: Date, change: impl FnOnce(&mut BTreeSet<Ground>)) -> Ruling {
        let mut ruling = judge(facts, today);
        change(&mut ruling.grounds);
        ruling.verdict = verdict(&ruling.grounds, facts.erasure_asked);
        ruling
    }

    // proves: C-06, X-09
    #[test]
    fn an_arbiter_that_forgets_a_ground_is_found() {
        for ground in Ground::ALL {
            let forgetful = move |facts: &Facts, today| {
                again(facts, today, |grounds| {
                    grounds.remove(ground);
                })
            };
            assert!(found(&forgetful).is_some(), "{ground:?} is forgotten and nobody notices");
        }
    }

    #[test]
    fn an_arbiter_that_errs_otherwise_is_found() {
        let generous = |facts: &Facts, today| Ruling { verdict: Verdict::Erasable, ..judge(facts, today) };
        let trusting = |facts: &Facts, today| {
            let told = Facts { loans: facts.loans.or(Some(0)), exposure: facts.exposure.or(Some(0)), ..*facts };
            judge(&told, today)
        };
        let early = |facts: &Facts, today: Date| judge(facts, today.checked_add(400.days()).unwrap_or(Date::MAX));
        let backward = |facts: &Facts, today: Date| {
            again(facts, today, |grounds| {
                if today > day(2_000) {
                    grounds.insert(Ground::Retention);
                }
            })
        };
        let obliging = |facts: &Facts, today| {
            again(facts, today, |grounds| {
                if facts.erasure_asked {
                    grounds.clear();
                }
            })
        };
        let wrong: [(&str, &Arbiter); 5] = [
            ("generous", &generous),
            ("trusting", &trusting),
            ("early", &early),
            ("backward", &backward),
            ("obliging", &obliging),
        ];
        for (name, arbiter) in wrong {
            assert!(found(arbiter).is_some(), "the {name} one passes");
        }
    }
}
