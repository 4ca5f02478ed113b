use dossier_kernel::faults::Faults;
use dossier_regime::Regimes;
use proptest::collection::vec;
use proptest::prelude::*;

use super::super::access_request::AccessKind;
use super::*;

const HOUR: i64 = 3_600_000_000;
const ADMINISTRATOR: Uuid = Uuid::from_u128(5);

fn demo() -> Tenant {
    Regimes::shipped().unwrap().tenant("demo").unwrap().clone()
}

fn loan(level: &str, due_at: i64) -> Loan {
    Loan {
        id: Uuid::from_u128(1),
        file: Uuid::from_u128(2),
        borrower: Uuid::from_u128(3),
        grant: None,
        level: level.into(),
        justification: "audit".into(),
        purpose: String::new(),
        acceptance: Acceptance::default(),
        handed_out_by: ADMINISTRATOR,
        out_at: 0,
        due_at,
        state: State::Out,
        renewals: 0,
        recalled_at: None,
        recalled_by: None,
        condition: None,
        received_by: None,
        returned_at: None,
        case_reference: None,
        version: 1,
        updated_at: 0,
        items: vec![item(0, Some(40))],
    }
}

// The paper first, then other things of the file.
fn item(place: u32, pages: Option<i64>) -> LoanItem {
    LoanItem {
        id: Uuid::from_u128(10 + u128::from(place)),
        loan: Uuid::from_u128(1),
        file: Uuid::from_u128(2),
        item: Uuid::from_u128(2 + u128::from(place)),
        place: place.into(),
        material: "volume 1 of 1".into(),
        copies: 1,
        pages,
        inspection: None,
        returned_at: None,
        version: 1,
    }
}

fn sound(pages: i64) -> Inspection {
    Inspection {
        condition: Condition::Sound,
        copies: 1,
        pages: Some(pages),
        inspected: demo().pack().loans.inspection.iter().map(|point| point.value.clone()).collect(),
        differences: vec![],
        restored_location: "room 2, cabinet 7".into(),
    }
}

fn renew(one: &mut Loan, term: i64, now: i64) -> Result<(), Reason> {
    let demo = demo();
    let level = one.level.clone();
    let rule = Rule::of(demo.pack(), &level, AccessKind::Original).unwrap();
    one.renew(&demo, &rule, term, now).map_err(|fault| fault.reason())
}

// proves
#[test]
fn a_confidential_loan_is_never_renewed_past_four_hours() {
    let mut one = loan("confidential", 2 * HOUR);
    assert_eq!(renew(&mut one, 4 * HOUR, HOUR), Err(Reason::RenewalRefused));
    assert_eq!(one.due_at, 2 * HOUR);
}

// proves: A-30
#[test]
fn an_unclassified_loan_is_renewed_once_within_the_longest_term() {
    let mut one = loan("none", 24 * HOUR);
    assert_eq!(renew(&mut one, 24 * HOUR, HOUR), Err(Reason::FieldViolation));
    assert_eq!(renew(&mut one, 24 * 365 * HOUR, HOUR), Err(Reason::LoanTooLong));
    assert_eq!(renew(&mut one, 48 * HOUR, 24 * HOUR), Ok(()));
    assert_eq!((one.due_at, one.renewals), (48 * HOUR, 1));
    assert_eq!(renew(&mut one, 50 * HOUR, 25 * HOUR), Err(Reason::RenewalRefused));
    let mut late = loan("none", 24 * HOUR);
    assert_eq!(renew(&mut late, 48 * HOUR, 24 * HOUR + 1), Err(Reason::RenewalRefused));
}

#[test]
fn a_loan_is_due_when_the_shorter_of_level_and_grant_ends() {
    let demo = demo();
    let ends = |level: &str, granted: Option<i64>, asked: Option<i64>| {
        let rule = Rule::of(demo.pack(), level, AccessKind::Original).unwrap();
        due(&demo, &rule, granted, asked, 3).map_err(|fault| fault.reason())
    };
    assert_eq!(ends("confidential", Some(4 * HOUR), None), Ok(3 + 4 * HOUR));
    assert_eq!(ends("confidential", Some(2 * HOUR), None), Ok(3 + 2 * HOUR));
    assert_eq!(ends("confidential", Some(9 * HOUR), None), Ok(3 + 4 * HOUR));
    assert_eq!(ends("confidential", Some(2 * HOUR), Some(HOUR)), Ok(3 + HOUR));
    assert_eq!(ends("confidential", Some(2 * HOUR), Some(3 * HOUR)), Err(Reason::LoanTooLong));
    assert_eq!(ends("none", None, Some(5 * HOUR)), Ok(3 + 5 * HOUR));
}

#[test]
fn a_recall_makes_it_due_at_once() {
    let mut one = loan("none", 24 * HOUR);
    one.recall(None, HOUR).unwrap();
    assert_eq!((one.state, one.due_at, one.recalled_at), (State::Recalled, HOUR, Some(HOUR)));
    assert!(!one.overdue(HOUR) && one.overdue(HOUR + 1));
    assert_eq!(one.recall(None, HOUR).unwrap_err().reason(), Reason::WrongState);
    assert_eq!(renew(&mut one, 48 * HOUR, HOUR), Err(Reason::RenewalRefused));
    let mut late = loan("none", 24 * HOUR);
    late.recall(None, 30 * HOUR).unwrap();
    assert_eq!(late.due_at, 24 * HOUR);
}

// proves: A-32
#[test]
fn any_difference_is_one() {
    let differs = |change: &dyn Fn(&mut Inspection)| {
        let mut found = sound(40);
        change(&mut found);
        found.differs(1, Some(40))
    };
    assert!(!differs(&|_| {}));
    assert!(differs(&|found| found.condition = Condition::Marked));
    assert!(differs(&|found| found.copies = 0));
    assert!(differs(&|found| found.pages = Some(39)));
    assert!(differs(&|found| found.differences.push("a page is torn".into())));
    assert!(!sound(17).differs(1, None), "nobody counted the pages at the hand-out");
    assert_eq!(case_reference(2026, 17), "LD-2026-000017");
}

// proves: A-32
#[test]
fn all_that_went_out_comes_back_together_each_thing_with_what_was_found_of_it() {
    let out = || Loan { items: vec![item(0, Some(40)), item(1, None), item(2, Some(7))], ..loan("none", HOUR) };
    let found = |pages: i64, condition| Inspection { condition, ..sound(pages) };
    let three = |last: i64| {
        let middle = Inspection { pages: None, ..sound(1) };
        vec![(2, sound(40)), (0, middle), (1, found(last, Condition::Marked))]
    };
    let mut one = out();
    assert_eq!(one.give_back(three(7), ADMINISTRATOR, 9).ok(), Some(true), "one is marked");
    assert_eq!((one.state, one.condition), (State::ReturnedWithDifference, Some(Condition::Marked)));
    assert!(one.items.iter().all(|item| item.returned_at == Some(9) && item.inspection.is_some()));
    let mut few = out();
    let refused = few.give_back(three(7)[..2].to_vec(), ADMINISTRATOR, 9).unwrap_err();
    assert_eq!(refused.violations().first().map(|one| one.field.as_str()), Some("inspections"));
    let mut uncounted = three(7);
    uncounted[2].1.pages = None;
    let refused = few.give_back(uncounted, ADMINISTRATOR, 9).unwrap_err();
    assert_eq!(refused.violations().first().map(|one| one.field.as_str()), Some("inspections.1.pages"));
    assert_eq!(few, out(), "nothing of it is back");
}

// proves
#[test]
fn every_point_is_inspected_and_every_duty_accepted() {
    let demo = demo();
    let rules = &demo.pack().loans;
    let faults = |found: &Inspection| {
        let mut faults = Faults::default();
        found.check(rules, 3, &mut faults);
        let refused = faults.finish().err();
        let told = refused.iter().flat_map(|fault| fault.violations()).map(|one| one.field.clone());
        told.collect::<Vec<_>>()
    };
    assert!(faults(&sound(40)).is_empty());
    let mut found = sound(100_000);
    found.inspected.pop();
    found.restored_location.clear();
    assert_eq!(
        faults(&found),
        ["pages", "inspected", "restored_location"].map(|field| format!("inspections.3.{field}"))
    );
    let mut duties: Vec<String> = rules.duties.iter().map(|duty| duty.value.clone()).collect();
    let accepts = |duties: &[String]| {
        Acceptance { duties: duties.to_vec(), signature_reference: "slip 1".into() }.require_all(rules).is_ok()
    };
    assert!(accepts(&duties));
    duties.pop();
    assert!(!accepts(&duties) && !accepts(&[]));
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Recall,
    Renew(i64),
    Return(i64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![Just(Step::Recall), (1_i64..400).prop_map(Step::Renew), (39_i64..41).prop_map(Step::Return)]
}

proptest! {
    // The state machine of a loan: it comes back once, is recalled once, and no road leads past the longest term.
    #[test]
    fn a_loan_ends_once_and_never_lasts_too_long(steps in vec((step(), 1_i64..30), 0..12), confidential: bool) {
        let demo = demo();
        let level = if confidential { "confidential" } else { "none" };
        let rule = Rule::of(demo.pack(), level, AccessKind::Original).unwrap();
        let limit = within(&demo, level, rule.longest(), 0, None).unwrap();
        let mut one = loan(level, limit.min(4 * HOUR));
        let mut now = 0;
        for (step, hours) in steps {
            now += hours * HOUR;
            let before = one.clone();
            let done = match step {
                Step::Recall => one.recall(Some(ADMINISTRATOR), now).is_ok(),
                Step::Renew(hours) => one.renew(&demo, &rule, hours * HOUR, now).is_ok(),
                Step::Return(pages) => one.give_back(vec![(0, sound(pages))], ADMINISTRATOR, now).is_ok(),
            };
            prop_assert!(done || one == before);
            prop_assert!(before.state.is_open() || !done);
            prop_assert!((one.out_at..=limit).contains(&one.due_at));
            prop_assert!(one.renewals <= rule.renewals());
            prop_assert_eq!(one.returned_at.is_some(), !one.state.is_open());
            prop_assert_eq!(one.condition.is_some(), !one.state.is_open());
            let back = |item: &LoanItem| item.inspection.is_some() && item.returned_at == one.returned_at;
            prop_assert_eq!(one.items.iter().all(back), !one.state.is_open());
            prop_assert!(one.state != State::Recalled || one.recalled_at.is_some());
            if let (Step::Renew(_), true) = (step, done) {
                prop_assert!(before.state == State::Out && !before.overdue(now) && one.due_at > before.due_at);
            }
            if let (Step::Return(pages), true) = (step, done) {
                prop_assert_eq!(one.state == State::ReturnedWithDifference, pages != 40);
            }
        }
    }
}
