//! What access's journal says of an approval, and what that does to a submission, pure.

use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::name;
use dossier_kernel::time::from_proto;
use dossier_proto::access::v1::ApprovalState;
use dossier_proto::journal::v1::{ApprovalChanged, EntryBody};
use jiff::Timestamp;
use uuid::Uuid;

use super::submission::{Given, State, Submission};

/// Where an approval stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It waits for its approvers.
    Pending,
    /// Back with the requester.
    Returned,
    /// Yes.
    Approved,
    /// No.
    Rejected,
    /// Taken back.
    Withdrawn,
}

/// An approval moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// The approval.
    pub approval: Uuid,
    /// Its round; 0: entries of earlier versions do not say it.
    pub round: i64,
    /// What was signed.
    pub digest: Vec<u8>,
    /// Where it stands.
    pub outcome: Outcome,
    /// When it moved.
    pub at: Timestamp,
}

/// What the news did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Nothing: known already, or of another approval, round or content.
    Nothing,
    /// It is before its approvers.
    Submitted,
    /// It is back with who asked.
    Returned,
    /// Yes.
    Approved,
    /// No.
    Rejected,
    /// It was taken back.
    Withdrawn,
    /// Its approval ended while it is being handed in again: the question goes on, for a new one.
    GivenUp,
}

// === impl News ===

impl News {
    /// What `moved` of `entry` says; `None` for a state of a later version of access, which is not ours to guess.
    ///
    /// # Errors
    /// `JOURNAL_CORRUPT` when the event is malformed.
    pub fn of(entry: &EntryBody, moved: &ApprovalChanged) -> Result<Option<Self>> {
        let malformed = || Error::new(Reason::JournalCorrupt).because("an event is malformed");
        let Some(outcome) = Outcome::of(&moved.state) else { return Ok(None) };
        let at = entry.time.as_ref().ok_or_else(malformed)?;
        Ok(Some(Self {
            approval: name::id("approval", "approvals", &moved.approval).map_err(|_| malformed())?,
            round: moved.terms.as_ref().map_or(0, |terms| terms.round.into()),
            digest: moved.content_digest.clone(),
            outcome,
            at: from_proto("time", at).map_err(|_| malformed())?,
        }))
    }

    fn given(&self) -> Given {
        Given { approval: self.approval, round: self.round }
    }

    // Where a round is not known, nothing tells it apart.
    const fn is_before(&self, round: i64) -> bool {
        self.round != 0 && self.round < round
    }

    const fn is_after(&self, round: i64) -> bool {
        self.round == 0 || round == 0 || self.round > round
    }
}

// === impl Outcome ===

impl Outcome {
    fn of(state: &str) -> Option<Self> {
        match ApprovalState::from_str_name(state)? {
            ApprovalState::Pending => Some(Self::Pending),
            ApprovalState::Returned => Some(Self::Returned),
            ApprovalState::Approved => Some(Self::Approved),
            ApprovalState::Rejected => Some(Self::Rejected),
            ApprovalState::Withdrawn => Some(Self::Withdrawn),
            ApprovalState::Unspecified => None,
        }
    }
}

// === impl Submission ===

impl Submission {
    /// Applies what access says of an approval of its subject, whose content is `content` now: an outcome counts for the
    /// approval, the round and the content that were asked about, and for no content that came after it.
    pub fn hear(&mut self, news: &News, content: &[u8; 32]) -> Heard {
        // What is being taken back ends whatever became of the content meanwhile.
        let current = self.digest == *content || self.state == State::Leaving;
        if self.digest[..] != news.digest[..] || !current {
            return Heard::Nothing;
        }
        let adopted = self.adopt(news);
        if self.approval != Some(news.approval) || news.is_before(self.approval_round) {
            return Heard::Nothing;
        }
        let heard = match self.heard(news.outcome, adopted) {
            // A yes to what is not the content any more: nothing stands before access then.
            Heard::Approved if self.digest != *content => Heard::Withdrawn,
            heard => heard,
        };
        match heard {
            Heard::Nothing => {}
            // Handed in again in access itself, unchanged.
            Heard::Submitted if !adopted => {
                (self.round, self.approval_round) = (self.round + 1, news.round);
                self.rest(State::Pending);
            }
            Heard::Submitted => {}
            Heard::GivenUp => (self.approval, self.approval_round) = (None, 0),
            Heard::Returned => self.rest(State::Returned),
            Heard::Approved => self.rest(State::Approved),
            Heard::Rejected => self.rest(State::Rejected),
            Heard::Withdrawn => self.rest(State::Withdrawn),
        }
        heard
    }

    fn heard(&self, outcome: Outcome, adopted: bool) -> Heard {
        match (self.state, outcome) {
            (State::Returned, Outcome::Pending) => Heard::Submitted,
            (State::Pending, Outcome::Pending) if adopted => Heard::Submitted,
            (State::Pending, Outcome::Returned) => Heard::Returned,
            (State::Pending | State::Leaving, Outcome::Approved) => Heard::Approved,
            (State::Asking, Outcome::Rejected | Outcome::Withdrawn) => Heard::GivenUp,
            (State::Pending | State::Returned | State::Leaving, Outcome::Rejected) => Heard::Rejected,
            (State::Pending | State::Returned | State::Leaving, Outcome::Withdrawn) => Heard::Withdrawn,
            _ => Heard::Nothing,
        }
    }

    /// Ends a question of which only access knows that it came through.
    fn adopt(&mut self, news: &News) -> bool {
        // The approval of the round before is this one's too when it was handed in again, and only then.
        let again = matches!(news.outcome, Outcome::Pending | Outcome::Approved) && news.is_after(self.approval_round);
        let ours = self.approval != Some(news.approval) || again;
        ours && self.asked(self.round, news.given())
    }
}
