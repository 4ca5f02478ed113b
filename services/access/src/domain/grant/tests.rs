use dossier_regime::{Regimes, Sensitivity};
use proptest::collection::vec;
use proptest::prelude::*;

use super::super::access_request;
use super::*;

const HOUR: i64 = 3_600_000_000;

fn demo() -> Tenant {
    Regimes::shipped().unwrap().tenant("demo").unwrap().clone()
}

fn request(kind: AccessKind, level: &str, duration: Option<i64>) -> AccessRequest {
    AccessRequest {
        id: Uuid::from_u128(1),
        file: Uuid::from_u128(2),
        requester: Uuid::from_u128(3),
        kind,
        purpose: "audit".into(),
        justification: "yearly audit of the file".into(),
        scope: Scope::WholeFile,
        duration,
        reading_place: if level == "secret" { "archive_room".into() } else { String::new() },
        level: level.into(),
        matter: String::new(),
        state: access_request::State::Pending,
        approval: None,
        grant: None,
        created_at: 0,
        decided_at: None,
        version: 1,
        updated_at: 0,
    }
}

fn grant(kind: AccessKind, level: &str, duration: Option<i64>) -> Grant {
    let demo = demo();
    let rule = Rule::of(demo.pack(), level, kind).unwrap();
    Grant::of(&demo, &rule, &request(kind, level, duration), Uuid::from_u128(9), HOUR).unwrap()
}

fn ask(kind: AccessKind, level: &str, posts: &[&str], grants: &[Grant], change: impl Fn(&mut Facts<'_>)) -> Ground {
    let demo = demo();
    let posts: Vec<String> = posts.iter().map(|&post| post.to_owned()).collect();
    let mut facts = Facts {
        pack: demo.pack(),
        level,
        filed: true,
        standing: false,
        posts: &posts,
        grade: Sensitivity::Confidential,
        sensitivities: &[],
        grants,
        out: false,
    };
    change(&mut facts);
    judge(&facts, &Question { kind, scope: &Scope::WholeFile, purpose: "audit", place: "", now: 2 * HOUR }).ground
}

#[test]
fn a_reading_grant_lasts_as_long_as_asked() {
    let one = grant(AccessKind::View, "confidential", Some(2 * HOUR));
    assert_eq!((one.valid_from, one.valid_until, one.read_until, one.loan_term), (HOUR, 3 * HOUR, 3 * HOUR, None));
    assert_eq!((one.state(3 * HOUR - 1), one.state(3 * HOUR)), (State::Active, State::Expired));
    assert_eq!(grant(AccessKind::View, "confidential", None).valid_until, 5 * HOUR);
}

#[test]
fn the_grant_of_an_original_is_fetched_once_and_read_while_the_loan_lasts() {
    let mut one = grant(AccessKind::Original, "confidential", None);
    assert_eq!((one.loan_term, one.max_uses()), (Some(4 * HOUR), 1));
    assert!(one.valid_until > one.read_until && one.read_until == 5 * HOUR);
    let out = one.valid_until - 1;
    one.hand_out(out + 4 * HOUR, out).unwrap();
    assert_eq!((one.state(out + 100 * HOUR), one.uses(), one.read_until), (State::Active, 1, out + 4 * HOUR));
    assert_eq!(one.hand_out(out + 4 * HOUR, out).unwrap_err().reason(), Reason::GrantNotCurrent);
    assert_eq!(one.complete(true, out).unwrap_err().reason(), Reason::WrongState);
    assert!(one.follow_return(out + 1) && !one.follow_return(out + 2));
    assert_eq!(one.state(out + 3), State::Completed);
}

#[test]
fn nothing_is_allowed_that_nothing_allows() {
    let clerk = ["sales_staff"];
    assert_eq!(ask(AccessKind::View, "none", &clerk, &[], |_| {}), Ground::NeedToKnow);
    assert_eq!(ask(AccessKind::View, "none", &[], &[], |_| {}), Ground::PersonInactive);
    assert_eq!(ask(AccessKind::View, "none", &clerk, &[], |facts| facts.standing = true), Ground::Standing);
    assert_eq!(ask(AccessKind::Copy, "none", &clerk, &[], |facts| facts.standing = true), Ground::KindNotAllowed);
    assert_eq!(ask(AccessKind::Original, "none", &clerk, &[], |facts| facts.standing = true), Ground::NeedToKnow);
    assert_eq!(ask(AccessKind::Original, "none", &["director"], &[], |_| {}), Ground::Executive);
    assert_eq!(ask(AccessKind::Original, "none", &["director"], &[], |facts| facts.out = true), Ground::OnLoan);
    assert_eq!(ask(AccessKind::Original, "none", &["director"], &[], |facts| facts.filed = false), Ground::FileState);
    assert_eq!(ask(AccessKind::Original, "confidential", &["director"], &[], |_| {}), Ground::NeedToKnow);
    assert_eq!(ask(AccessKind::Original, "secret", &["general_manager"], &[], |_| {}), Ground::KindNotAllowed);
    assert_eq!(ask(AccessKind::View, "top_secret", &["general_manager"], &[], |_| {}), Ground::KindNotAllowed);
}

#[test]
fn a_grant_opens_its_kind_of_use_its_place_and_its_time() {
    let clerk = ["sales_staff"];
    let view = grant(AccessKind::View, "confidential", None);
    assert_eq!(ask(AccessKind::View, "confidential", &clerk, std::slice::from_ref(&view), |_| {}), Ground::Grant);
    assert_eq!(
        ask(AccessKind::Original, "confidential", &clerk, std::slice::from_ref(&view), |_| {}),
        Ground::NeedToKnow
    );
    let mut ended = view;
    ended.revoke(None, HOUR).unwrap();
    assert_eq!(ask(AccessKind::View, "confidential", &clerk, &[ended], |_| {}), Ground::GrantEnded);
    let secret = grant(AccessKind::View, "secret", None);
    assert_eq!(ask(AccessKind::View, "secret", &clerk, &[secret], |_| {}), Ground::ReadingPlace);
    let original = grant(AccessKind::Original, "confidential", None);
    assert_eq!(
        ask(AccessKind::Original, "confidential", &clerk, std::slice::from_ref(&original), |_| {}),
        Ground::Grant
    );
    assert_eq!(
        ask(AccessKind::Original, "confidential", &clerk, &[original], |facts| facts.out = true),
        Ground::OnLoan
    );
}

#[test]
fn fields_above_the_grade_or_outside_the_grant_are_told() {
    let demo = demo();
    let mut one = grant(AccessKind::View, "confidential", None);
    one.scope = Scope::Fields(vec!["name".into(), "phone".into()]);
    let fields = Scope::Fields(["name", "phone", "income"].map(str::to_owned).into());
    let facts = Facts {
        pack: demo.pack(),
        level: "confidential",
        filed: true,
        standing: false,
        posts: &["sales_staff".to_owned()],
        grade: Sensitivity::Internal,
        sensitivities: &[Some(Sensitivity::Public), Some(Sensitivity::Secret), Some(Sensitivity::Public)],
        grants: &[one],
        out: false,
    };
    let question = |scope| Question { kind: AccessKind::View, scope, purpose: "audit", place: "", now: 2 * HOUR };
    let answer = judge(&facts, &question(&fields));
    assert_eq!((answer.ground, answer.denied), (Ground::Grant, vec!["phone".to_owned(), "income".to_owned()]));
    assert_eq!(answer.until, Some(5 * HOUR));
    let none = Facts { sensitivities: &[None], ..facts };
    let name = Scope::Fields(vec!["name".into()]);
    let answer = judge(&none, &question(&name));
    assert_eq!((answer.ground, answer.grant), (Ground::FieldsDenied, None));
    // Whoever takes a yes about the whole file at its word must not get more than some fields.
    for scope in [&Scope::WholeFile, &Scope::Unknown] {
        assert_eq!(judge(&facts, &question(scope)).ground, Ground::FieldsDenied);
    }
    let elsewhere = Question { purpose: "legal_matter", ..question(&fields) };
    assert_eq!(judge(&facts, &elsewhere).ground, Ground::OtherPurpose);
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Revoke,
    Complete,
    HandOut,
    Return,
    Wait,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![Just(Step::Revoke), Just(Step::Complete), Just(Step::HandOut), Just(Step::Return), Just(Step::Wait)]
}

proptest! {
    // The state machine: an ended grant stays ended, and after a revocation no question is answered with a yes (I5).
    #[test]
    fn what_has_ended_opens_nothing(steps in vec(step(), 0..12), original: bool) {
        let kind = if original { AccessKind::Original } else { AccessKind::View };
        let mut one = grant(kind, "confidential", None);
        let (mut now, mut out) = (HOUR, false);
        for step in steps {
            let before = one.clone();
            now += HOUR / 2;
            match step {
                Step::Revoke => { let _ = one.revoke(None, now); }
                Step::Complete => { let _ = one.complete(out, now); }
                Step::HandOut => out |= !out && one.hand_out(now + 4 * HOUR, now).is_ok(),
                Step::Return => { if out { one.follow_return(now); out = false; } }
                Step::Wait => now += 2 * HOUR,
            }
            let ended = |grant: &Grant| grant.ended_at().is_some();
            prop_assert!(!ended(&before) || (one.state(now) == before.state(now) && one.ended_at() == before.ended_at()));
            prop_assert!(one.hand_outs <= one.max_uses());
            prop_assert!(!out || matches!(one.state(now), State::Active | State::Revoked));
            if ended(&one) {
                let ground = ask(kind, "confidential", &["sales_staff"], &[one.clone()], |_| {});
                prop_assert!(!ground.allows(), "{:?}", ground);
            }
        }
    }
}
