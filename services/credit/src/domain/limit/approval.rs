//! What access's journal says of a limit's approval.

use jiff::Timestamp;
use uuid::Uuid;

use super::{Limit, LimitState};

/// Where an approval stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It waits for its approvers.
    Pending,
    /// Back with the requester.
    Returned,
    /// Yes.
    Approved,
    /// No, or taken back.
    Rejected,
}

/// An approval moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// The approval.
    pub approval: Uuid,
    /// What was signed.
    pub digest: Vec<u8>,
    /// Where it stands.
    pub outcome: Outcome,
    /// When it moved.
    pub at: Timestamp,
}

/// What the news did to the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Nothing: known already, of another content, or of an approval that was given up.
    Nothing,
    /// It is before its approvers.
    Submitted,
    /// It is back with the proposer.
    Returned,
    /// It is approved and takes the place of the limit before.
    Approved,
    /// It was approved after its own end: it never comes into force.
    ApprovedTooLate,
    /// It is rejected.
    Rejected,
    /// Its approval was taken back while it is being handed in again; the limit stands where it stood.
    GivenUp,
}

// === impl Limit ===

impl Limit {
    /// Applies what access says of its approval. The outcome counts for exactly the content that was signed.
    pub fn hear(&mut self, news: &News) -> Heard {
        let adopted = self.adopt(news);
        if self.approval != Some(news.approval) || self.digest[..] != news.digest[..] {
            return Heard::Nothing;
        }
        match (self.state, news.outcome) {
            (LimitState::Returned, Outcome::Pending) => {
                // Handed in again in access itself, unchanged.
                self.state = LimitState::PendingApproval;
                self.round += 1;
                self.submitted_at = Some(news.at);
                Heard::Submitted
            }
            (LimitState::PendingApproval, Outcome::Pending) if adopted => Heard::Submitted,
            (LimitState::PendingApproval, Outcome::Returned) => {
                self.state = LimitState::Returned;
                Heard::Returned
            }
            (LimitState::PendingApproval, Outcome::Approved) => self.approve(news.at),
            (LimitState::Returned, Outcome::Rejected) if self.submission.is_some() => {
                self.approval = None;
                Heard::GivenUp
            }
            (LimitState::PendingApproval | LimitState::Returned, Outcome::Rejected) => {
                self.state = LimitState::Rejected;
                self.decided_at = Some(news.at);
                Heard::Rejected
            }
            _ => Heard::Nothing,
        }
    }

    /// Ends a submission under way of which only access knows that it came through.
    fn adopt(&mut self, news: &News) -> bool {
        let Some(submission) = &self.submission else { return false };
        // The approval of the round before is this submission's too when it was handed in again, and only then.
        let ours = submission.content.digest(self.customer)[..] == news.digest[..];
        let known = self.approval == Some(news.approval);
        let moved = matches!(news.outcome, Outcome::Pending | Outcome::Approved);
        if !ours || (known && !moved) {
            return false;
        }
        let round = submission.round;
        self.submitted(round, news.approval, news.at)
    }

    fn approve(&mut self, at: Timestamp) -> Heard {
        self.decided_at = Some(at);
        self.content.valid_from.get_or_insert(at);
        if self.content.valid_until <= at {
            self.state = LimitState::Expired;
            return Heard::ApprovedTooLate;
        }
        self.state = LimitState::Approved;
        Heard::Approved
    }
}
