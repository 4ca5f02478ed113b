//! The life of a submission, pure.
//!
//! ```text
//!          ┌────────── begin ──────────┐
//! ASKING ──┴▶ PENDING ──sent back──▶ RETURNED ◀── access refused
//!                │  └──leave──▶ LEAVING ◀──┘
//!                ▼                 ▼
//!      APPROVED, REJECTED, WITHDRAWN: what access says first
//! ```
//! Something new begins as RETURNED in round 0: nobody was asked, and it lies with who may ask.

use dossier_kernel::error::{Error, Result};
use dossier_kernel::states;
use jiff::Timestamp;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{Subject, digest};

states! {
    /// Where a submission stands.
    pub enum State {
        /// Access is being asked, and may or may not have heard of it.
        Asking = "asking",
        /// It is before its approvers.
        Pending = "pending",
        /// It lies with who asks: never asked, sent back, or refused by access.
        Returned = "returned",
        /// Access is being asked to take it back.
        Leaving = "leaving",
        /// Yes.
        Approved = "approved",
        /// No.
        Rejected = "rejected",
        /// Taken back.
        Withdrawn = "withdrawn",
    }
}

/// What a service asked access for something of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submission {
    /// What it is asked for.
    pub id: Uuid,
    /// How often it was asked for, with the step under way.
    pub round: i64,
    /// The content that was put, or is being put, before the approvers.
    pub digest: [u8; 32],
    /// Where it stands.
    pub state: State,
    /// Its newest approval; while one is asked for, that of the round before.
    pub approval: Option<Uuid>,
    /// The round of that approval, as access counts them; 0: not known.
    pub approval_round: i64,
    /// The file that it is about; nil: none.
    pub file: Uuid,
    /// Why, in the words of the first call: a repeated question has the same ones.
    pub words: Words,
    /// When the step under way was begun, or the last one was.
    pub begun_at: Timestamp,
    /// Grows with every change; 0: not kept yet.
    pub version: i64,
}

/// The approval that access gave a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Given {
    /// The approval.
    pub approval: Uuid,
    /// The round it is in; 0: not known.
    pub round: i64,
}

/// Words of people; they show nowhere.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Words(Zeroizing<String>);

// === impl Words ===

impl Words {
    /// These.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Words {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Words")
    }
}

// === impl Submission ===

impl Submission {
    /// Of something that was never asked for.
    pub fn new(subject: &Subject) -> Self {
        Self {
            id: subject.id,
            round: 0,
            digest: [0; 32],
            state: State::Returned,
            approval: None,
            approval_round: 0,
            file: subject.file,
            words: Words::default(),
            begun_at: Timestamp::UNIX_EPOCH,
            version: 0,
        }
    }

    /// Whether a question to access is under way; until it is answered nothing else may begin.
    pub const fn is_under_way(&self) -> bool {
        matches!(self.state, State::Asking | State::Leaving)
    }

    /// Whether a yes may still come of it: until then its subject must stay what it is.
    pub const fn is_open(&self) -> bool {
        matches!(self.state, State::Asking | State::Pending | State::Leaving)
    }

    /// Begins the next round with `content`, or goes on with the one under way. True when it was begun now.
    ///
    /// # Errors
    /// `WRONG_STATE` while it is being taken back, or another content is being asked about.
    pub fn begin(&mut self, subject: &Subject, content: [u8; 32], words: &str, now: Timestamp) -> Result<bool> {
        match self.state {
            State::Asking if self.digest == content => return Ok(false),
            State::Asking | State::Leaving => return Err(self.wrong_state(subject)),
            _ => {}
        }
        (self.round, self.digest, self.file) = (self.round + 1, content, subject.file);
        self.step(State::Asking, words, now);
        Ok(true)
    }

    /// Ends the question of `round`: access has put it before the approvers. False when that was noted before.
    pub fn asked(&mut self, round: i64, given: Given) -> bool {
        let ours = self.state == State::Asking && self.round == round;
        if ours {
            (self.approval, self.approval_round) = (Some(given.approval), given.round);
            self.rest(State::Pending);
        }
        ours
    }

    /// Drops the question of `round`, which access has refused for good. False when it is gone already.
    pub fn refused(&mut self, round: i64) -> bool {
        let ours = self.state == State::Asking && self.round == round;
        if ours {
            self.round -= 1;
            self.rest(State::Returned);
        }
        ours
    }

    /// Begins to take it back, or goes on with that; `words`, 1 to 500 characters, are the reason that access is told.
    ///
    /// # Errors
    /// `WRONG_STATE` when nothing of it is before access, and while that is not known.
    pub fn leave(&mut self, subject: &Subject, words: &str, now: Timestamp) -> Result<()> {
        match (self.state, self.approval) {
            (State::Leaving, _) => {}
            (State::Pending | State::Returned, Some(_)) => self.step(State::Leaving, words, now),
            _ => return Err(self.wrong_state(subject)),
        }
        Ok(())
    }

    /// The request id under which access is asked to do `step`: the same question always has the same id.
    pub fn request_id(&self, seed: &str, step: &str) -> Uuid {
        let round = self.round.to_be_bytes();
        let digest = digest(&[seed.as_bytes(), self.id.as_bytes(), &round, &self.digest, step.as_bytes()]);
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        uuid::Builder::from_custom_bytes(bytes).into_uuid()
    }

    fn step(&mut self, state: State, words: &str, now: Timestamp) {
        (self.state, self.words, self.begun_at) = (state, Words::new(words), now);
    }

    /// Puts it into a state in which nothing is under way.
    pub(super) fn rest(&mut self, state: State) {
        (self.state, self.words) = (state, Words::default());
    }

    fn wrong_state(&self, subject: &Subject) -> Error {
        Error::wrong_state(&subject.name, self.state.as_str(), &["pending", "returned"])
    }
}
