//! Requests for a file, as pure rules and transitions (A-04, A-22 to A-26).
//!
//! ```text
//!  asked ─ level is free ─▶ GRANTED
//!    └─ level asks for a yes ─▶ PENDING ─ approved ─▶ GRANTED
//!                                  ├─ somebody says no, or the level rose ─▶ REFUSED
//!                                  ├─ requester ─▶ CANCELLED ◀─┐
//!                                  └─ sent back ─▶ RETURNED ───┴─ resubmitted ─▶ PENDING
//! ```

mod rule;

use dossier_authority::Scope;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::faults::Faults;
use dossier_kernel::name::name;
use dossier_kernel::states;
use dossier_regime::Pack;
use sha2::{Digest, Sha256};
use uuid::Uuid;

pub use rule::{AccessKind, Rule, end, too_long, within};

states! {
    /// Where a request stands.
    pub enum State {
        /// Before the approvers.
        Pending = "pending",
        /// Back with the requester.
        Returned = "returned",
        /// The right exists; final.
        Granted = "granted",
        /// Somebody said no, or the file's level rose; final.
        Refused = "refused",
        /// Taken back; final.
        Cancelled = "cancelled",
    }
}

/// A colleague's request for one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessRequest {
    /// Its id.
    pub id: Uuid,
    /// The file.
    pub file: Uuid,
    /// Who asks.
    pub requester: Uuid,
    /// What is asked for.
    pub kind: AccessKind,
    /// What for, a label of the pack.
    pub purpose: String,
    /// The business reason, as approvers read it.
    pub justification: String,
    /// How much of the file is asked for.
    pub scope: Scope,
    /// How long, in microseconds; `None`: the longest that the level allows.
    pub duration: Option<i64>,
    /// Where it will be read; empty: not bound.
    pub reading_place: String,
    /// The level when it was asked.
    pub level: String,
    /// The matter that decides; empty where the level asks for none.
    pub matter: String,
    /// Where it stands.
    pub state: State,
    /// The approval that decides.
    pub approval: Option<Uuid>,
    /// The right it led to.
    pub grant: Option<Uuid>,
    /// When it was asked, microseconds.
    pub created_at: i64,
    /// When it became final, microseconds.
    pub decided_at: Option<i64>,
    /// Version of the row, from 1.
    pub version: i64,
    /// When it last changed, microseconds.
    pub updated_at: i64,
}

/// What became of the approval that decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It goes on: somebody signed, or it was submitted again.
    Pending,
    /// It went back to the requester.
    Returned,
    /// Everybody needed said yes.
    Approved,
    /// Somebody said no.
    Rejected,
    /// The requester took it back.
    Withdrawn,
}

/// Most characters of a justification.
const LONGEST_JUSTIFICATION: usize = 500;

// === impl State ===

impl State {
    /// Whether nothing changes any more.
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Pending | Self::Returned)
    }
}

// === impl AccessRequest ===

impl AccessRequest {
    /// The resource name.
    pub fn name(&self) -> String {
        name("accessRequests", self.id)
    }

    /// What the fields say by themselves, without looking at file or pack.
    pub fn check(&self, faults: &mut Faults) {
        let mut fault = |field: &str, why: &str| faults.add(field, why);
        if self.justification.chars().count() > LONGEST_JUSTIFICATION {
            fault("justification", "must have at most 500 characters");
        }
        if self.purpose.chars().count() > 63 {
            fault("purpose", "must have at most 63 characters");
        }
        if self.reading_place.chars().count() > 63 {
            fault("reading_place", "must have at most 63 characters");
        }
        if self.kind == AccessKind::Original && !self.scope.is_whole() {
            fault("scope", "must be the whole file: an original is lent whole");
        }
    }

    /// That it is tied to the requester's work: a purpose of the pack, and a justification of the length that the pack asks
    /// (A-04).
    ///
    /// # Errors
    /// `REQUEST_NOT_WORK_RELATED`.
    pub fn require_work(&self, pack: &Pack) -> Result<()> {
        let known = pack.access.purposes.iter().any(|one| one.value == self.purpose);
        let least = usize::try_from(pack.access.reason_min_length).unwrap_or(usize::MAX).max(1);
        if known && self.justification.trim().chars().count() >= least {
            return Ok(());
        }
        let purposes: Vec<_> = pack.access.purposes.iter().map(|one| one.value.as_str()).collect();
        let fault = Error::new(Reason::RequestNotWorkRelated).with("purposes", purposes.join(","));
        Err(fault.with("justification_min_length", least.to_string()))
    }

    /// What approvers sign: SHA-256 over everything that the requester asked for and the rule it stands under.
    pub fn digest(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        let mut add = |part: &[u8]| {
            hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(part);
        };
        add(b"dossier access request 1");
        add(self.id.as_bytes());
        add(self.file.as_bytes());
        add(self.requester.as_bytes());
        for text in
            [self.kind.as_str(), &self.purpose, &self.justification, &self.reading_place, &self.level, &self.matter]
        {
            add(text.as_bytes());
        }
        add(&self.duration.unwrap_or_default().to_be_bytes());
        for field in self.scope.fields() {
            add(field.as_bytes());
        }
        hash.finalize().into()
    }

    /// Follows its approval; gives whether anything changed. `grant` is the right to make if the outcome is yes.
    ///
    /// A request that is final stays as it is: the approval of a request that a rise of the level has closed may still
    /// move.
    pub fn follow(&mut self, outcome: Outcome, grant: Uuid, now: i64) -> bool {
        let next = match (self.state, outcome) {
            (State::Pending, Outcome::Returned) => State::Returned,
            (State::Returned, Outcome::Pending) => State::Pending,
            (State::Pending, Outcome::Approved) => State::Granted,
            (State::Pending, Outcome::Rejected) => State::Refused,
            (State::Pending | State::Returned, Outcome::Withdrawn) => State::Cancelled,
            _ => return false,
        };
        self.grant = (next == State::Granted).then_some(grant);
        self.enter(next, now);
        true
    }

    /// Grants it at once, because the level asks for no approval.
    pub fn grant_at_once(&mut self, grant: Uuid, now: i64) {
        self.grant = Some(grant);
        self.enter(State::Granted, now);
    }

    /// Refuses what is still open, because a rule no longer allows it: the level rose (A-22). Gives whether it was open.
    pub fn close(&mut self, now: i64) -> bool {
        let open = !self.state.is_final();
        if open {
            self.enter(State::Refused, now);
        }
        open
    }

    /// Demands that it can still be taken back.
    ///
    /// # Errors
    /// `WRONG_STATE`.
    pub fn require_open(&self) -> Result<()> {
        if !self.state.is_final() {
            return Ok(());
        }
        Err(Error::wrong_state(self.name(), self.state.as_str(), &["pending", "returned"]))
    }

    fn enter(&mut self, state: State, now: i64) {
        self.state = state;
        self.decided_at = state.is_final().then_some(now);
    }
}

#[cfg(test)]
mod tests;
