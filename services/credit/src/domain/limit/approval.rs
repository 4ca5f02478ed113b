//! A limit and its approval.

use dossier_authority::approvals::{Heard, State, Subject, Submission, Words};
use jiff::Timestamp;
use serde::Deserialize;

use super::{Content, Limit, LimitState};

/// What became of the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moved {
    /// It is before its approvers.
    Submitted,
    /// It is back with the proposer.
    Returned,
    /// It is approved and takes the place of the limit before.
    Approved,
    /// It was approved after its own end: it never comes into force.
    ApprovedTooLate,
    /// It is rejected, or was taken back.
    Rejected,
    /// Its approval ended while it is being handed in again; the limit stands where it stood.
    GivenUp,
}

/// What versions before this noted of a submission under way, in the limit's own row.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub struct Earlier {
    /// The content that access is asked about; with a correction in it, it is not that of the limit.
    pub content: Content,
    /// Why, in the words of the first call.
    pub words: String,
    /// When it was begun.
    pub begun_at: Timestamp,
}

// === impl Limit ===

impl Limit {
    /// What an approval is asked for.
    pub fn subject(&self) -> Subject {
        Subject { id: self.id, name: self.name(), file: self.customer, requester: None }
    }

    /// Its submission, of which `kept` is known. Versions before this know the limit alone, and one may run beside this during an
    /// upgrade: so what the limit says goes, but for a round under way that it has not reached.
    pub fn submission(&self, kept: Option<Submission>) -> Submission {
        let kept = kept.unwrap_or_else(|| Submission::new(&self.subject()));
        let state = match self.state {
            LimitState::Draft | LimitState::Returned => State::Returned,
            LimitState::PendingApproval => State::Pending,
            _ => return kept,
        };
        let ahead = kept.is_under_way() && kept.round > self.round && kept.digest == self.digest;
        if ahead || (kept.state, kept.round, kept.approval) == (state, self.round, self.approval) {
            return kept;
        }
        let (round, digest, approval, words) = (self.round, self.digest, self.approval, Words::default());
        Submission { state, round, digest, approval, approval_round: 0, words, ..kept }
    }

    /// Puts it before its approvers, as `submission` says. False when that was noted before.
    pub fn submitted(&mut self, submission: &Submission, now: Timestamp) -> bool {
        let open = matches!(self.state, LimitState::Draft | LimitState::Returned);
        if !open || self.digest != submission.digest {
            return false;
        }
        (self.round, self.approval, self.state) = (submission.round, submission.approval, LimitState::PendingApproval);
        (self.submitted_at, self.decided_at) = (Some(now), None);
        true
    }

    /// Takes what was heard of its `submission`. `None`: nothing, or it is decided already.
    pub fn hear(&mut self, heard: Heard, submission: &Submission, at: Timestamp) -> Option<Moved> {
        let open = [LimitState::Draft, LimitState::Returned, LimitState::PendingApproval].contains(&self.state);
        if !open || heard == Heard::Nothing {
            return None;
        }
        if heard == Heard::GivenUp {
            self.approval = None;
            return Some(Moved::GivenUp);
        }
        // Of a submission that broke off only access knew that it came through.
        if submission.round > self.round {
            self.submitted(submission, at);
        }
        Some(match heard {
            Heard::Returned => self.returned(),
            Heard::Approved => self.approve(at),
            Heard::Rejected | Heard::Withdrawn => self.reject(at),
            Heard::Nothing | Heard::Submitted | Heard::GivenUp => Moved::Submitted,
        })
    }

    fn returned(&mut self) -> Moved {
        self.state = LimitState::Returned;
        Moved::Returned
    }

    fn reject(&mut self, at: Timestamp) -> Moved {
        (self.state, self.decided_at) = (LimitState::Rejected, Some(at));
        Moved::Rejected
    }

    fn approve(&mut self, at: Timestamp) -> Moved {
        self.decided_at = Some(at);
        self.content.valid_from.get_or_insert(at);
        if self.content.valid_until <= at {
            self.state = LimitState::Expired;
            return Moved::ApprovedTooLate;
        }
        self.state = LimitState::Approved;
        Moved::Approved
    }
}
