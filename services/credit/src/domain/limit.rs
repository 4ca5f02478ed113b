//! Limits: from a proposal through its approval to a limit in force, and out of it (C-13, C-14).
//!
//! ```text
//! DRAFT ──submit──▶ PENDING_APPROVAL ──yes──▶ APPROVED ──later limit──▶ SUPERSEDED
//!                    │   ▲        └──no──▶ REJECTED  └──time──▶ EXPIRED
//!                    └──▶ RETURNED ──submit──┘
//! ```
//! What is DRAFT or RETURNED may be corrected ([`Limit::correct`]), as long as it is not being submitted. How access is asked, and what
//! its journal says, is the same for all services: [`dossier_authority::approvals`].

mod approval;
mod content;

use dossier_authority::approvals::Submission;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::{name, states};
use jiff::Timestamp;
use uuid::Uuid;

pub use approval::{Earlier, Moved};
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
            _ => Err(self.wrong_state(self.state.as_str())),
        }
    }

    /// Takes a corrected content in place of its own. What is under approval stays what it was: the digest tells it apart.
    ///
    /// # Errors
    /// `WRONG_STATE` while it is being submitted: access may have been asked about the content before, so the submission has
    /// to be ended first, by the same call again.
    pub fn correct(&mut self, content: Content, submission: &Submission) -> Result<()> {
        if submission.is_under_way() {
            return Err(self.wrong_state("being_submitted"));
        }
        self.digest = content.digest(self.customer);
        self.content = content;
        Ok(())
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

    fn wrong_state(&self, state: &str) -> Error {
        Error::wrong_state(self.name(), state, &["draft", "returned"])
    }
}

#[cfg(test)]
mod tests;
