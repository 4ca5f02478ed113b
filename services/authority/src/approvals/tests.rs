use dossier_kernel::error::Reason;
use dossier_kernel::time::to_proto;
use dossier_proto::journal::v1::{ApprovalChanged, ApprovalTerms, EntryBody};
use jiff::Timestamp;
use proptest::prelude::*;

use super::*;

const CONTENT: [u8; 32] = [7; 32];
const OTHER: [u8; 32] = [8; 32];
const OUTCOMES: [Outcome; 5] =
    [Outcome::Pending, Outcome::Returned, Outcome::Approved, Outcome::Rejected, Outcome::Withdrawn];

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn subject() -> Subject {
    Subject { id: Uuid::from_u128(5), name: "papers/5".into(), file: Uuid::nil(), requester: None }
}

fn given(approval: u128, round: i64) -> Given {
    Given { approval: Uuid::from_u128(approval), round }
}

fn news(approval: u128, round: i64, outcome: Outcome) -> News {
    News { approval: Uuid::from_u128(approval), round, digest: CONTENT.to_vec(), outcome, at: at(9) }
}

fn asking() -> Submission {
    let mut one = Submission::new(&subject());
    assert!(one.begin(&subject(), CONTENT, "please", at(1)).unwrap());
    one
}

fn pending() -> Submission {
    let mut one = asking();
    assert!(one.asked(1, given(77, 1)));
    one
}

// proves: I8
/// Questions of versions before are under way when this one starts: their ids never change.
#[test]
fn a_question_has_the_same_id_whenever_it_is_asked() {
    let one = Submission { round: 2, ..asking() };
    let id = one.request_id("dossier/limit-submission/v1", "create");
    assert_eq!(id.to_string(), "2e00a1ca-b89b-8c26-b8bd-731a8652c715");
    let later = Submission { words: Words::new("other"), begun_at: at(5), version: 9, ..one };
    assert_eq!(later.request_id("dossier/limit-submission/v1", "create"), id);
    let others = [
        Submission { id: Uuid::from_u128(6), ..one.clone() }.request_id("dossier/limit-submission/v1", "create"),
        Submission { round: 3, ..one.clone() }.request_id("dossier/limit-submission/v1", "create"),
        Submission { digest: OTHER, ..one.clone() }.request_id("dossier/limit-submission/v1", "create"),
        one.request_id("dossier/limit-submission/v1", "withdraw"),
        one.request_id("dossier/paper-submission/v1", "create"),
    ];
    assert!(others.iter().all(|other| *other != id));
}

#[test]
fn what_is_taken_back_ends_whatever_became_of_the_content() {
    for (outcome, heard, state) in [
        (Outcome::Withdrawn, Heard::Withdrawn, State::Withdrawn),
        (Outcome::Rejected, Heard::Rejected, State::Rejected),
        // The yes was first, and is one to what the content is not any more.
        (Outcome::Approved, Heard::Withdrawn, State::Withdrawn),
    ] {
        let mut one = pending();
        assert_eq!(one.hear(&news(77, 1, Outcome::Returned), &CONTENT), Heard::Returned);
        one.leave(&subject(), "corrected, and no longer wanted", at(2)).unwrap();
        assert_eq!(one.hear(&news(77, 1, outcome), &OTHER), heard, "{outcome:?}");
        assert_eq!(one.state, state, "{outcome:?}");
    }
    let mut one = pending();
    assert_eq!(one.hear(&news(77, 1, Outcome::Approved), &OTHER), Heard::Nothing, "only while it is taken back");
}

#[test]
fn a_round_is_gone_on_with_in_its_first_words_and_nothing_else_begins_beside_it() {
    let mut one = asking();
    assert!(!one.begin(&subject(), CONTENT, "again", at(5)).unwrap());
    assert_eq!((one.round, one.words.text(), one.begun_at), (1, "please", at(1)));
    let fault = one.begin(&subject(), OTHER, "", at(5)).unwrap_err();
    assert_eq!((fault.reason(), fault.metadata("state")), (Reason::WrongState, Some("ASKING")));
    assert_eq!(
        one.leave(&subject(), "no more", at(5)).unwrap_err().reason(),
        Reason::WrongState,
        "is it there at all?"
    );
    assert!(!one.asked(2, given(77, 1)) && !one.refused(2), "another round");
    assert!(one.refused(1) && !one.refused(1));
    assert_eq!((one.state, one.round, one.words.text()), (State::Returned, 0, ""));
    assert!(one.begin(&subject(), OTHER, "better", at(6)).unwrap());
    assert!(!format!("{one:?}").contains("better"));
}

// proves: A-40
#[test]
fn an_outcome_counts_for_its_approval_round_and_content_alone() {
    let mut returned = pending();
    assert_eq!(returned.hear(&news(77, 1, Outcome::Returned), &CONTENT), Heard::Returned);
    returned.begin(&subject(), CONTENT, "", at(3)).unwrap();
    assert!(returned.asked(2, given(77, 2)));
    for outcome in OUTCOMES {
        let mut one = returned.clone();
        assert_eq!(one.hear(&news(78, 2, outcome), &CONTENT), Heard::Nothing, "another approval: {outcome:?}");
        assert_eq!(one.hear(&news(77, 1, outcome), &CONTENT), Heard::Nothing, "an earlier round: {outcome:?}");
        let other = News { digest: OTHER.to_vec(), ..news(77, 2, outcome) };
        for content in [&CONTENT, &OTHER] {
            assert_eq!(one.hear(&other, content), Heard::Nothing, "another content: {outcome:?}");
        }
        assert_eq!(one.hear(&news(77, 2, outcome), &OTHER), Heard::Nothing, "it says something else now: {outcome:?}");
        assert_eq!(one, returned);
        // The control: what is of it is taken.
        let taken = one.hear(&news(77, 2, outcome), &CONTENT);
        assert_eq!(taken == Heard::Nothing, outcome == Outcome::Pending, "{outcome:?}");
    }
}

// proves: C-14
#[test]
fn the_journal_ends_a_round_that_broke_off() {
    for (outcome, heard) in [
        (Outcome::Pending, Heard::Submitted),
        (Outcome::Returned, Heard::Returned),
        (Outcome::Approved, Heard::Approved),
        (Outcome::Rejected, Heard::Rejected),
        (Outcome::Withdrawn, Heard::Withdrawn),
    ] {
        let mut one = asking();
        assert_eq!(one.hear(&news(77, 1, outcome), &CONTENT), heard);
        assert!(!one.asked(1, given(77, 1)), "who asked finds it done");
        assert_eq!((one.approval, one.words.text()), (Some(Uuid::from_u128(77)), ""));
    }
}

#[test]
fn what_is_handed_in_again_is_not_ended_by_the_round_before() {
    let mut one = pending();
    one.hear(&news(77, 1, Outcome::Returned), &CONTENT);
    one.begin(&subject(), CONTENT, "", at(3)).unwrap();
    for outcome in [Outcome::Pending, Outcome::Approved] {
        assert_eq!(one.clone().hear(&news(77, 1, outcome), &CONTENT), Heard::Nothing, "{outcome:?} of round 1");
        assert_ne!(one.clone().hear(&news(77, 2, outcome), &CONTENT), Heard::Nothing, "{outcome:?} of round 2");
    }
    assert_eq!(one.hear(&news(77, 1, Outcome::Withdrawn), &CONTENT), Heard::GivenUp);
    assert_eq!((one.state, one.approval), (State::Asking, None), "it goes on, for a new one");
}

#[test]
fn what_its_requester_hands_in_again_in_access_itself_is_followed() {
    let mut one = pending();
    one.hear(&news(77, 1, Outcome::Returned), &CONTENT);
    assert_eq!(one.hear(&news(77, 2, Outcome::Pending), &CONTENT), Heard::Submitted);
    assert_eq!((one.state, one.round, one.approval_round), (State::Pending, 2, 2));
}

// proves: A-40
#[test]
fn what_is_given_up_is_given_up_when_access_says_so_and_a_yes_before_it_holds() {
    for (outcome, heard, state) in [
        (Outcome::Withdrawn, Heard::Withdrawn, State::Withdrawn),
        (Outcome::Approved, Heard::Approved, State::Approved),
        (Outcome::Rejected, Heard::Rejected, State::Rejected),
        (Outcome::Returned, Heard::Nothing, State::Leaving),
    ] {
        let mut one = pending();
        one.leave(&subject(), "a page is missing", at(2)).unwrap();
        one.leave(&subject(), "other words", at(3)).unwrap();
        assert_eq!((one.state, one.words.text()), (State::Leaving, "a page is missing"));
        assert!(one.is_open() && one.begin(&subject(), OTHER, "", at(3)).is_err(), "nothing begins meanwhile");
        assert_eq!(one.hear(&news(77, 1, outcome), &CONTENT), heard);
        assert_eq!(one.state, state);
    }
    assert!(Submission::new(&subject()).leave(&subject(), "", at(1)).is_err(), "nothing was asked");
}

#[test]
fn the_journal_says_approval_round_content_and_outcome() {
    let moved = ApprovalChanged {
        approval: format!("approvals/{}", Uuid::from_u128(77)),
        content_digest: CONTENT.to_vec(),
        state: "APPROVAL_STATE_WITHDRAWN".into(),
        terms: Some(ApprovalTerms { round: 3, ..Default::default() }),
        ..Default::default()
    };
    let entry = EntryBody { time: Some(to_proto(at(9))), ..Default::default() };
    assert_eq!(News::of(&entry, &moved).unwrap(), Some(news(77, 3, Outcome::Withdrawn)));
    let earlier = ApprovalChanged { terms: None, ..moved.clone() };
    assert_eq!(News::of(&entry, &earlier).unwrap().unwrap().round, 0);
    let later = ApprovalChanged { state: "APPROVAL_STATE_PONDERED".into(), ..moved.clone() };
    assert_eq!(News::of(&entry, &later).unwrap(), None);
    let broken = ApprovalChanged { approval: "77".into(), ..moved };
    assert_eq!(News::of(&entry, &broken).unwrap_err().reason(), Reason::JournalCorrupt);
}

#[derive(Clone, Debug)]
enum Act {
    Begin(bool),
    Asked(i64, u128, i64),
    Refused(i64),
    Leave,
    Hear(u128, i64, Outcome, bool),
}

fn act() -> impl Strategy<Value = Act> {
    let outcome = prop::sample::select(OUTCOMES.to_vec());
    prop_oneof![
        any::<bool>().prop_map(Act::Begin),
        (1_i64..4, 1_u128..4, 0_i64..4).prop_map(|(round, approval, of)| Act::Asked(round, approval, of)),
        (1_i64..4).prop_map(Act::Refused),
        Just(Act::Leave),
        (1_u128..4, 0_i64..4, outcome, any::<bool>()).prop_map(|(a, round, o, own)| Act::Hear(a, round, o, own)),
    ]
}

proptest! {
    // proves: A-40
    #[test]
    fn no_sequence_of_acts_reaches_a_yes_but_by_one_to_this_approval_and_content(acts in prop::collection::vec(act(), 1..40)) {
        let mut one = Submission::new(&subject());
        for act in acts {
            let before = one.clone();
            let mut yes = false;
            match act {
                Act::Begin(same) => { let _ = one.begin(&subject(), if same { CONTENT } else { OTHER }, "why", at(1)); }
                Act::Asked(round, approval, of) => { one.asked(round, given(approval, of)); }
                Act::Refused(round) => { one.refused(round); }
                Act::Leave => { let _ = one.leave(&subject(), "why", at(2)); }
                Act::Hear(approval, round, outcome, own) => {
                    let news = news(approval, round, outcome);
                    one.hear(&news, if own { &CONTENT } else { &OTHER });
                    yes = own && outcome == Outcome::Approved && one.digest == CONTENT
                        && one.approval == Some(news.approval) && (round == 0 || round >= before.approval_round
                        || before.approval != one.approval);
                }
            }
            let rose = one.state == State::Approved && before.state != State::Approved;
            prop_assert!(!rose || yes, "{before:?} became {one:?}");
            prop_assert_eq!(one.words.text().is_empty(), !one.is_under_way(), "words are kept while a step is under way");
            prop_assert!(one.round >= 0 && (one.approval.is_some() || matches!(one.state, State::Asking | State::Returned)));
        }
    }
}
