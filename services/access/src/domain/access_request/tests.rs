use dossier_kernel::faults::Faults;
use dossier_regime::{Regimes, Tenant};
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

const HOUR: i64 = 3_600_000_000;

fn demo() -> Tenant {
    Regimes::shipped().unwrap().tenant("demo").unwrap().clone()
}

fn request(kind: AccessKind, level: &str) -> AccessRequest {
    AccessRequest {
        id: Uuid::from_u128(1),
        file: Uuid::from_u128(2),
        requester: Uuid::from_u128(3),
        kind,
        purpose: "audit".into(),
        justification: "yearly audit of the file".into(),
        scope: Scope::WholeFile,
        duration: None,
        reading_place: String::new(),
        level: level.into(),
        matter: "loan.confidential".into(),
        state: State::Pending,
        approval: Some(Uuid::from_u128(4)),
        grant: None,
        created_at: 0,
        decided_at: None,
        version: 1,
        updated_at: 0,
    }
}

fn rule(level: &str, kind: AccessKind) -> Result<(Option<String>, Option<String>), Reason> {
    let demo = demo();
    let rule = Rule::of(demo.pack(), level, kind).map_err(|fault| fault.reason())?;
    let matter = rule.matter().map_err(|fault| fault.reason())?;
    Ok((matter.map(str::to_owned), rule.place().map(str::to_owned)))
}

// proves
#[test]
fn the_levels_of_r36_to_the_letter() {
    let matter = |id: &str| Ok((Some(id.to_owned()), None));
    assert_eq!(rule("none", AccessKind::View), Ok((None, None)));
    assert_eq!(rule("none", AccessKind::Original), matter("loan.unclassified"));
    assert_eq!(rule("confidential", AccessKind::View), matter("loan.confidential"));
    assert_eq!(rule("confidential", AccessKind::Original), matter("loan.confidential"));
    assert_eq!(rule("secret", AccessKind::View), Ok((Some("consult.secret".into()), Some("archive_room".into()))));
    for (level, kind) in [("secret", AccessKind::Original), ("none", AccessKind::Copy), ("secret", AccessKind::Copy)] {
        assert_eq!(rule(level, kind), Err(Reason::AccessKindNotAllowed), "{level}");
    }
    for kind in [AccessKind::View, AccessKind::Copy, AccessKind::Original] {
        assert_eq!(rule("top_secret", kind), Err(Reason::AccessKindNotAllowed));
        assert_eq!(rule("no such level", kind), Err(Reason::AccessKindNotAllowed));
    }
}

#[test]
fn an_approval_that_nobody_can_give_is_no_rule() {
    let mut pack = demo().pack().as_ref().clone();
    pack.levels[2].consult.matter = None;
    assert_eq!(
        Rule::of(&pack, "secret", AccessKind::View).unwrap().matter().unwrap_err().reason(),
        Reason::ApproverNotConfigured
    );
    pack.levels[1].loan.matter = Some("no.such.matter".into());
    let fault = Rule::of(&pack, "confidential", AccessKind::Original).unwrap().matter().unwrap_err();
    assert_eq!((fault.reason(), fault.metadata("level")), (Reason::ApproverNotConfigured, Some("confidential")));
}

// proves
#[test]
fn executives_borrow_unclassified_originals_only() {
    let demo = demo();
    let direct = |level: &str, kind, post: &str| {
        Rule::of(demo.pack(), level, kind).is_ok_and(|rule| rule.bypasses([post].into_iter()))
    };
    for post in ["general_manager", "deputy_general_manager", "director", "office_director"] {
        assert!(direct("none", AccessKind::Original, post), "{post}");
        assert!(!direct("none", AccessKind::View, post) && !direct("confidential", AccessKind::Original, post));
    }
    assert!(!direct("none", AccessKind::Original, "department_manager"));
}

// proves: A-25
#[test]
fn a_confidential_loan_lasts_four_hours_and_not_a_second_more() {
    let demo = demo();
    let longest = Rule::of(demo.pack(), "confidential", AccessKind::Original).unwrap().longest();
    let ends = |asked| within(&demo, "confidential", longest, 7, asked).map_err(|fault| fault.reason());
    assert_eq!(ends(None), Ok(7 + 4 * HOUR));
    assert_eq!(ends(Some(4 * HOUR)), Ok(7 + 4 * HOUR));
    assert_eq!(ends(Some(HOUR)), Ok(7 + HOUR));
    assert_eq!(ends(Some(4 * HOUR + 1_000_000)), Err(Reason::LoanTooLong));
    let fault = within(&demo, "confidential", longest, 0, Some(5 * HOUR)).unwrap_err();
    assert_eq!((fault.metadata("longest_seconds"), fault.metadata("asked_seconds")), (Some("14400"), Some("18000")));
}

// proves: A-04
#[test]
fn private_favours_are_refused() {
    let demo = demo();
    let refused = |purpose: &str, justification: &str| {
        let mut one = request(AccessKind::View, "none");
        (one.purpose, one.justification) = (purpose.into(), justification.into());
        one.require_work(demo.pack()).is_err_and(|fault| fault.reason() == Reason::RequestNotWorkRelated)
    };
    assert!(!refused("audit", "年度审计抽查"));
    for (purpose, justification) in
        [("curiosity", "a friend asked me"), ("", "年度审计抽查"), ("audit", "why"), ("audit", "  a   ")]
    {
        assert!(refused(purpose, justification), "{purpose} {justification}");
    }
}

#[test]
fn what_is_wrong_is_told_together_and_an_original_is_asked_for_whole() {
    let mut one = request(AccessKind::Original, "none");
    one.justification = "x".repeat(501);
    one.scope = Scope::Fields(vec!["name".into()]);
    let mut faults = Faults::default();
    one.check(&mut faults);
    let refused = faults.finish().unwrap_err();
    let fields = refused.violations().iter().map(|fault| fault.field.as_str());
    assert_eq!(fields.collect::<Vec<_>>(), ["justification", "scope"]);
}

fn outcome() -> impl Strategy<Value = Outcome> {
    use Outcome::{Approved, Pending, Rejected, Returned, Withdrawn};
    prop_oneof![Just(Pending), Just(Returned), Just(Approved), Just(Rejected), Just(Withdrawn)]
}

proptest! {
    // The state machine: whatever the approval does, a final request never moves and a grant exists iff it is granted.
    #[test]
    fn a_request_follows_its_approval_and_ends_once(steps in vec((outcome(), any::<bool>()), 0..20)) {
        let mut one = request(AccessKind::View, "confidential");
        for (at, (outcome, level_rises)) in (1_i64..).zip(steps) {
            let before = one.clone();
            let moved = if level_rises && outcome == Outcome::Pending {
                one.close(at)
            } else {
                one.follow(outcome, Uuid::from_u128(9), at)
            };
            prop_assert_eq!(moved, before.state != one.state);
            prop_assert!(!before.state.is_final() || before == one);
            prop_assert_eq!(one.grant.is_some(), one.state == State::Granted);
            prop_assert_eq!(one.decided_at.is_some(), one.state.is_final());
            prop_assert_eq!(one.require_open().is_ok(), !one.state.is_final());
            prop_assert!(one.state != State::Granted || before.state.is_final() || before.state == State::Pending);
        }
    }

    #[test]
    fn what_is_signed_is_exactly_what_was_asked(field in 0_usize..8) {
        let one = request(AccessKind::View, "confidential");
        let mut other = one.clone();
        match field {
            0 => other.kind = AccessKind::Copy,
            1 => other.purpose.push('x'),
            2 => other.justification.push('x'),
            3 => other.scope = Scope::Fields(vec!["name".into()]),
            4 => other.duration = Some(1),
            5 => other.reading_place.push('x'),
            6 => other.level.push('x'),
            _ => other.file = Uuid::from_u128(77),
        }
        prop_assert_ne!(one.digest(), other.digest());
        other = one.clone();
        (other.state, other.version, other.approval) = (State::Returned, 9, None);
        prop_assert_eq!(one.digest(), other.digest());
    }
}
