use dossier_authority::approvals::{Given, News, Outcome};
use jiff::SignedDuration;
use proptest::prelude::*;

use super::*;
use crate::domain::money::Money;

const PROPOSER: Uuid = Uuid::from_u128(1);

fn at(hours: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_hours(1_000_000 / 2 + hours)
}

fn content(minor: i64) -> Content {
    Content {
        amount: Money { minor, currency: "CNY".into() },
        terms: "30 days net".into(),
        valid_from: None,
        valid_until: at(1000),
        rating: Uuid::from_u128(9),
        justification: "steady orders".into(),
    }
}

/// A limit with its submission, taken through what the rpc and the feed do.
#[derive(Clone, Debug)]
struct Both {
    limit: Limit,
    submission: Submission,
}

// === impl Both ===

impl std::ops::Deref for Both {
    type Target = Limit;

    fn deref(&self) -> &Limit {
        &self.limit
    }
}

impl Both {
    fn correct(&mut self, content: Content) -> Result<()> {
        self.limit.correct(content, &self.submission)
    }

    fn begin(&mut self, now: Timestamp) -> Submission {
        let _ = self.submission.begin(&self.limit.subject(), self.limit.digest, "", now).unwrap();
        self.submission.clone()
    }

    fn submitted(&mut self, round: i64, approval: Uuid, now: Timestamp) -> bool {
        self.submission.asked(round, Given { approval, round: 0 }) && self.limit.submitted(&self.submission, now)
    }

    fn hear(&mut self, news: &News) -> Option<Moved> {
        let heard = self.submission.hear(news, &self.limit.digest);
        let moved = self.limit.hear(heard, &self.submission, news.at);
        assert_eq!(self.limit.submission(Some(self.submission.clone())), self.submission, "both say the same");
        moved
    }
}

fn draft() -> Both {
    let proposal =
        Proposal { id: Uuid::from_u128(5), customer: Uuid::from_u128(6), proposer: PROPOSER, content: content(100) };
    let limit = Limit::propose(proposal, at(0));
    Both { submission: limit.submission(None), limit }
}

fn news(limit: &Limit, approval: u128, outcome: Outcome) -> News {
    News { approval: Uuid::from_u128(approval), round: 0, digest: limit.digest.to_vec(), outcome, at: at(2) }
}

fn pending() -> Both {
    let mut limit = draft();
    let round = limit.begin(at(1)).round;
    assert!(limit.submitted(round, Uuid::from_u128(77), at(1)));
    limit
}

// proves: C-14
#[test]
fn only_an_approval_brings_a_limit_into_force() {
    let mut limit = pending();
    assert!(!limit.in_force(at(2)));
    let yes = news(&limit, 77, Outcome::Approved);
    assert_eq!(limit.hear(&yes), Some(Moved::Approved));
    assert!(limit.in_force(at(2)));
    assert_eq!(limit.content.valid_from, Some(at(2)), "from the approval");
    assert_eq!(limit.hear(&yes), None, "once");
    assert_eq!(limit.state_at(at(1000)), LimitState::Expired);
    assert!(limit.limit.expire(at(1000)) && !limit.limit.expire(at(1000)));
}

// proves: C-14
#[test]
fn a_yes_counts_only_for_the_content_that_was_signed() {
    let mut limit = pending();
    let mut yes = news(&limit, 77, Outcome::Approved);
    yes.digest[0] ^= 1;
    assert_eq!(limit.hear(&yes), None);
    assert_eq!(limit.hear(&news(&limit.clone(), 78, Outcome::Approved)), None, "another approval");
    assert_eq!(limit.state, LimitState::PendingApproval);
}

#[test]
fn a_returned_limit_is_corrected_and_goes_on() {
    let mut limit = pending();
    let old = limit.digest;
    assert_eq!(limit.hear(&news(&limit.clone(), 77, Outcome::Returned)), Some(Moved::Returned));
    assert!(limit.require_open(PROPOSER).is_ok());
    limit.correct(content(80)).unwrap();
    // What was said of the content before says nothing of this one, nor does it end the limit.
    for outcome in [Outcome::Pending, Outcome::Approved, Outcome::Rejected] {
        let stale = News { digest: old.to_vec(), ..news(&limit, 77, outcome) };
        assert_eq!((limit.hear(&stale), limit.state), (None, LimitState::Returned));
    }
    let second = limit.begin(at(3));
    assert_eq!(second.round, 2);
    assert_eq!(limit.correct(content(70)).unwrap_err().metadata("state"), Some("BEING_SUBMITTED"));
    assert!(limit.submitted(2, Uuid::from_u128(78), at(3)));
    assert_ne!(limit.digest, old);
    assert_eq!(limit.content.amount.minor, 80);
    let late = News { digest: old.to_vec(), ..news(&limit, 77, Outcome::Rejected) };
    assert_eq!(limit.hear(&late), None);
    assert_eq!(limit.hear(&news(&limit.clone(), 78, Outcome::Rejected)), Some(Moved::Rejected));
}

#[test]
fn a_submission_that_broke_off_is_gone_on_with() {
    let mut limit = draft();
    let first = limit.begin(at(1));
    let again = limit.begin(at(5));
    assert_eq!(first, again);
    assert_eq!(first.request_id("s", "create"), again.request_id("s", "create"));
    assert_ne!(first.request_id("s", "create"), first.request_id("s", "withdraw"));
    assert_eq!(limit.correct(content(90)).unwrap_err().reason(), Reason::WrongState);
    assert!(limit.submission.refused(1) && !limit.submission.refused(1));
    assert!(limit.correct(content(90)).is_ok());
}

// proves: C-14
/// The two rows are read one after the other, and access's journal may have its effect on both in between.
#[test]
fn what_moved_between_the_reading_of_a_submission_and_of_its_limit_is_not_lost() {
    let mut limit = draft();
    let read_before = limit.begin(at(1));
    assert!(limit.submitted(1, Uuid::from_u128(77), at(1)));
    let mut late = Both { submission: limit.limit.submission(Some(read_before)), limit: limit.limit.clone() };
    assert!(!late.submitted(1, Uuid::from_u128(77), at(2)), "it is noted already");
    assert_eq!((late.state, late.approval), (LimitState::PendingApproval, Some(Uuid::from_u128(77))));
    assert_eq!(late.hear(&news(&limit, 77, Outcome::Approved)), Some(Moved::Approved));
}

#[test]
fn an_approval_that_is_taken_back_while_it_is_handed_in_again_is_given_up() {
    let mut limit = pending();
    limit.hear(&news(&limit.clone(), 77, Outcome::Returned));
    limit.begin(at(3));
    assert_eq!(limit.hear(&news(&limit.clone(), 77, Outcome::Rejected)), Some(Moved::GivenUp));
    assert_eq!((limit.state, limit.approval), (LimitState::Returned, None));
}

#[test]
fn the_journal_of_access_ends_a_submission_that_broke_off() {
    for outcome in [Outcome::Pending, Outcome::Approved] {
        let mut limit = draft();
        limit.begin(at(1));
        let heard = limit.hear(&news(&limit.clone(), 77, outcome));
        let expected = if outcome == Outcome::Pending { Some(Moved::Submitted) } else { Some(Moved::Approved) };
        assert_eq!(heard, expected);
        assert_eq!(limit.approval, Some(Uuid::from_u128(77)));
        assert!(!limit.submitted(1, Uuid::from_u128(77), at(9)), "the caller finds it done");
    }
}

#[test]
fn a_yes_after_the_end_gives_nothing() {
    let mut limit = pending();
    let late = News { at: at(1000), ..news(&limit, 77, Outcome::Approved) };
    assert_eq!(limit.hear(&late), Some(Moved::ApprovedTooLate));
    assert_eq!(limit.state, LimitState::Expired);
}

#[test]
fn only_the_proposer_submits_and_only_what_is_open() {
    let limit = draft();
    assert_eq!(limit.require_open(Uuid::from_u128(2)).unwrap_err().reason(), Reason::PermissionDenied);
    let fault = pending().require_open(PROPOSER).unwrap_err();
    assert_eq!((fault.reason(), fault.metadata("state")), (Reason::WrongState, Some("PENDING_APPROVAL")));
}

#[test]
fn content_keeps_the_rules_of_the_pack() {
    let rules = Rules { currency: "CNY", now: at(0), latest: at(1000) };
    assert!(content(1).check(&rules).is_ok());
    let wrong = Content { terms: " ".into(), justification: "x".repeat(501), valid_until: at(0), ..content(1) };
    assert_eq!(wrong.check(&rules).unwrap_err().violations().len(), 3);
    let long = Content { valid_until: at(1001), ..content(1) };
    assert_eq!(long.check(&rules).unwrap_err().violations()[0].field, "valid_until");
    let turned = Content { valid_from: Some(at(1000)), ..content(1) };
    assert_eq!(turned.check(&rules).unwrap_err().violations()[0].field, "valid_until");
    let foreign = Content { amount: Money { minor: 1, currency: "USD".into() }, ..content(1) };
    assert_eq!(foreign.check(&rules).unwrap_err().reason(), Reason::CurrencyMismatch);
}

#[derive(Clone, Debug)]
enum Act {
    Correct(i64),
    Begin,
    Submitted(i64, u128),
    Abandon(i64),
    Hear(u128, Outcome, bool),
    Expire(i64),
}

fn act() -> impl Strategy<Value = Act> {
    let outcome = prop::sample::select(vec![Outcome::Pending, Outcome::Returned, Outcome::Approved, Outcome::Rejected]);
    prop_oneof![
        (1_i64..4).prop_map(Act::Correct),
        Just(Act::Begin),
        (1_i64..4, 1_u128..4).prop_map(|(round, approval)| Act::Submitted(round, approval)),
        (1_i64..4).prop_map(Act::Abandon),
        (1_u128..4, outcome, any::<bool>()).prop_map(|(approval, outcome, own)| Act::Hear(approval, outcome, own)),
        (0_i64..2000).prop_map(Act::Expire),
    ]
}

proptest! {
    // proves: C-14
    /// C-14: there is no way into force but a yes to exactly this content, and no way back out of a final state.
    #[test]
    fn no_sequence_of_acts_reaches_force_without_a_yes(acts in prop::collection::vec(act(), 1..40)) {
        let mut limit = draft();
        for act in acts {
            let before = limit.clone();
            let mut yes = false;
            match act {
                Act::Correct(minor) => {
                    if limit.require_open(PROPOSER).is_ok() {
                        let _ = limit.correct(content(minor));
                    }
                }
                Act::Begin => {
                    if limit.require_open(PROPOSER).is_ok() {
                        limit.begin(at(3));
                    }
                }
                Act::Submitted(round, approval) => { limit.submitted(round, Uuid::from_u128(approval), at(3)); }
                Act::Abandon(round) => { limit.submission.refused(round); }
                Act::Hear(approval, outcome, own) => {
                    // What was put before access last, or what the limit says now.
                    let digest = if own { limit.digest } else { limit.submission.digest }.to_vec();
                    let news = News { digest, ..news(&limit, approval, outcome) };
                    limit.hear(&news);
                    yes = outcome == Outcome::Approved && limit.approval == Some(news.approval)
                        && limit.digest[..] == news.digest[..];
                }
                Act::Expire(hour) => { limit.limit.expire(at(hour)); }
            }
            let rose = limit.state == LimitState::Approved && before.state != LimitState::Approved;
            prop_assert!(!rose || yes, "{before:?} became {limit:?}");
            if matches!(before.state, LimitState::Rejected | LimitState::Superseded | LimitState::Expired) {
                prop_assert_eq!(limit.state, before.state);
            }
            prop_assert_eq!(limit.digest, limit.content_digest());
        }
    }
}

impl Limit {
    // The approval fills in when the limit begins; what was signed said "from the approval".
    fn content_digest(&self) -> [u8; 32] {
        let mut signed = self.content.clone();
        if self.decided_at.is_some() && signed.valid_from == self.decided_at {
            signed.valid_from = None;
        }
        signed.digest(self.customer)
    }
}
