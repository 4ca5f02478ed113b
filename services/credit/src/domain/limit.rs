//! Limits: from a proposal through its approval to a limit in force, and out of it (C-13, C-14).
//!
//! ```text
//! DRAFT ──submit──▶ PENDING_APPROVAL ──yes──▶ APPROVED ──later limit──▶ SUPERSEDED
//!                    │   ▲        └──no──▶ REJECTED  └──time──▶ EXPIRED
//!                    └──▶ RETURNED ──submit──┘
//! ```
//! What is DRAFT or RETURNED may be corrected ([`Limit::correct`]), as long as it is not being submitted.
//!
//! Asking access for the approval and noting that it was asked cannot be one transaction. So a submission is noted first
//! ([`Limit::begin`]), then access is asked under a request id that follows from limit, round and content, then the
//! submission is ended ([`Limit::submitted`]). A crash between leaves a submission under way: the same call again goes on
//! with it, and access's own journal ends it when the approval is there ([`Limit::hear`]).

mod approval;
mod content;

use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::{name, states};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use approval::{Heard, News, Outcome};
pub use content::{Content, Rules};

states! {
    /// Where a limit stands.
    pub enum LimitState {
        /// Proposed, not submitted.
        Draft = "draft",
        /// Before the approvers.
        PendingApproval = "pending_approval",
        /// Back with the proposer.
        Returned = "returned",
        /// In force within its validity.
        Approved = "approved",
        /// An approver said no.
        Rejected = "rejected",
        /// A later limit took its place.
        Superseded = "superseded",
        /// Its validity is over.
        Expired = "expired",
    }
}

/// A limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Its id.
    pub id: Uuid,
    /// The customer's file.
    pub customer: Uuid,
    /// What is proposed, or was approved.
    pub content: Content,
    /// What the approvers sign.
    pub digest: [u8; 32],
    /// Where it stands, as stored; see [`state_at`](Self::state_at).
    pub state: LimitState,
    /// Its newest approval.
    pub approval: Option<Uuid>,
    /// Who proposed it.
    pub proposer: Uuid,
    /// The limit it replaced.
    pub supersedes: Option<Uuid>,
    /// How often it was submitted.
    pub round: i64,
    /// A submission under way.
    pub submission: Option<Submission>,
    /// When it was proposed.
    pub created_at: Timestamp,
    /// When it was last submitted.
    pub submitted_at: Option<Timestamp>,
    /// When it was approved or rejected.
    pub decided_at: Option<Timestamp>,
    /// Grows with every change.
    pub version: i64,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// A submission that access may or may not have heard of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submission {
    /// The round it opens, from 1.
    pub round: i64,
    /// The content that access is asked about: that of the limit.
    pub content: Content,
    /// Why, in the words of the first call; a repeated question has the same words.
    pub words: String,
    /// When it was begun.
    pub begun_at: Timestamp,
}

/// A proposal.
#[derive(Clone, Debug)]
pub struct Proposal {
    /// The limit's id.
    pub id: Uuid,
    /// The customer's file.
    pub customer: Uuid,
    /// Who proposes.
    pub proposer: Uuid,
    /// What is proposed.
    pub content: Content,
}

// === impl Limit ===

impl Limit {
    /// A new draft.
    pub fn propose(proposal: Proposal, now: Timestamp) -> Self {
        let digest = proposal.content.digest(proposal.customer);
        Self {
            id: proposal.id,
            customer: proposal.customer,
            content: proposal.content,
            digest,
            state: LimitState::Draft,
            approval: None,
            proposer: proposal.proposer,
            supersedes: None,
            round: 0,
            submission: None,
            created_at: now,
            submitted_at: None,
            decided_at: None,
            version: 1,
            updated_at: now,
        }
    }

    /// `limits/{uuid}`.
    pub fn name(&self) -> String {
        name::name("limits", self.id)
    }

    /// Where it stands at `now`: time ends a limit whether or not a job has noted it.
    pub fn state_at(&self, now: Timestamp) -> LimitState {
        let over = self.state == LimitState::Approved && self.content.valid_until <= now;
        if over { LimitState::Expired } else { self.state }
    }

    /// Whether it is in force at `now`.
    pub fn in_force(&self, now: Timestamp) -> bool {
        self.state_at(now) == LimitState::Approved && self.content.valid_from.is_none_or(|from| from <= now)
    }

    /// Demands that `person` may correct or submit it now: the proposer, while it is a draft or returned.
    ///
    /// # Errors
    /// `PERMISSION_DENIED`, `WRONG_STATE`.
    pub fn require_open(&self, person: Uuid) -> Result<()> {
        if person != self.proposer {
            return Err(Error::new(Reason::PermissionDenied).with("action", "limit.propose"));
        }
        match self.state {
            LimitState::Draft | LimitState::Returned => Ok(()),
            _ => Err(self.wrong_state()),
        }
    }

    /// Takes a corrected content in place of its own. What is under approval stays what it was: the digest tells it apart.
    ///
    /// # Errors
    /// `WRONG_STATE` while it is being submitted: access may have been asked about the content before, so the submission has
    /// to be ended first, by the same call again.
    pub fn correct(&mut self, content: Content) -> Result<()> {
        if self.submission.is_some() {
            return Err(self.wrong_state());
        }
        self.digest = content.digest(self.customer);
        self.content = content;
        Ok(())
    }

    /// Begins a submission of it as it stands, or goes on with the one under way.
    pub fn begin(&mut self, words: &str, now: Timestamp) -> &Submission {
        let (round, content, words) = (self.round + 1, &self.content, words.to_owned());
        let new = || Submission { round, content: content.clone(), words, begun_at: now };
        self.submission.get_or_insert_with(new)
    }

    /// Ends the submission of `round`: access has put it before the approvers. False when that was noted before.
    pub fn submitted(&mut self, round: i64, approval: Uuid, now: Timestamp) -> bool {
        let Some(submission) = self.submission.take_if(|one| one.round == round) else { return false };
        self.digest = submission.content.digest(self.customer);
        self.content = submission.content;
        self.round = round;
        self.approval = Some(approval);
        self.state = LimitState::PendingApproval;
        self.submitted_at = Some(now);
        self.decided_at = None;
        true
    }

    /// Drops the submission of `round`, which access has refused. False when it is gone already.
    pub fn abandon(&mut self, round: i64) -> bool {
        self.submission.take_if(|one| one.round == round).is_some()
    }

    /// Ends it because a later limit takes its place.
    pub fn supersede(&mut self) {
        self.state = LimitState::Superseded;
    }

    /// Notes that its validity is over. False when it is not.
    pub fn expire(&mut self, now: Timestamp) -> bool {
        let over = self.state == LimitState::Approved && self.state_at(now) == LimitState::Expired;
        if over {
            self.state = LimitState::Expired;
        }
        over
    }

    fn wrong_state(&self) -> Error {
        let state = if self.submission.is_some() { "being_submitted" } else { self.state.as_str() };
        Error::wrong_state(self.name(), state, &["draft", "returned"])
    }
}

// === impl Submission ===

impl Submission {
    /// The request id under which access is asked to do `step` for this submission of `limit`: the same question always
    /// has the same id.
    pub fn request_id(&self, limit: &Limit, step: &str) -> Uuid {
        content::derived(&[
            b"dossier/limit-submission/v1",
            limit.id.as_bytes(),
            &self.round.to_be_bytes(),
            &self.content.digest(limit.customer),
            step.as_bytes(),
        ])
    }
}

#[cfg(test)]
mod tests;
