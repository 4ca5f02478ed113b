//! Grants: what a yes gives, and how it ends. Pure transitions.
//!
//! ```text
//! ACTIVE ─ the holder is done, or the original is back ─▶ COMPLETED
//!    ├─ taken back ─▶ REVOKED
//!    └─ its period is over ─▶ EXPIRED        (not while its original is out)
//! ```
//!
//! A grant of an original has two periods. Until `valid_until` it may be fetched. Until `read_until` the file may be read
//! on it: as long as the level lets somebody consult it, and from the hand-out on as long as the loan lasts.

mod verdict;

use dossier_authority::Scope;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::name::name;
use dossier_kernel::states;
use dossier_regime::Tenant;
use uuid::Uuid;

use super::access_request::{AccessKind, AccessRequest, Rule, end, within};

pub use verdict::{Answer, Facts, Ground, Question, judge};

states! {
    /// Where a grant stands.
    pub enum State {
        /// It may be used within its period.
        Active = "active",
        /// Its purpose is fulfilled; final.
        Completed = "completed",
        /// Taken back before its time; final.
        Revoked = "revoked",
        /// The period is over; final.
        Expired = "expired",
    }
}

/// A right of one person to one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Its id.
    pub id: Uuid,
    /// The file.
    pub file: Uuid,
    /// Who may.
    pub holder: Uuid,
    /// The request it came from.
    pub access_request: Uuid,
    /// The approval it rests on; `None` where the level asks for none.
    pub approval: Option<Uuid>,
    /// What it allows.
    pub kind: AccessKind,
    /// What for, a label of the pack.
    pub purpose: String,
    /// How much of the file it covers.
    pub scope: Scope,
    /// The only place where it may be read; empty: not bound.
    pub reading_place: String,
    /// The level of the file when it was granted.
    pub level: String,
    /// From when, microseconds.
    pub valid_from: i64,
    /// Until when, microseconds, exclusive; of an original: the last moment to hand it out.
    pub valid_until: i64,
    /// Until when the file may be read on it, microseconds, exclusive.
    pub read_until: i64,
    /// Longest loan in microseconds; only of an original.
    pub loan_term: Option<i64>,
    /// How often it was read, as far as is known here.
    pub reads: i64,
    /// How often its original was handed out: 0 or 1.
    pub hand_outs: i64,
    /// Who revoked it; `None` also when a rule did.
    pub revoker: Option<Uuid>,
    /// When it was revoked, microseconds.
    pub revoked_at: Option<i64>,
    /// When it was completed, microseconds.
    pub completed_at: Option<i64>,
    /// When it was granted, microseconds.
    pub created_at: i64,
    /// Version of the row, from 1.
    pub version: i64,
    /// When it last changed, microseconds.
    pub updated_at: i64,
}

// === impl State ===

impl State {}

// === impl Grant ===

impl Grant {
    /// What `request` leads to when it is granted at `now` under `rule`.
    ///
    /// # Errors
    /// `LOAN_TOO_LONG` when the rule became shorter meanwhile, `PACK_FAULT`.
    pub fn of(tenant: &Tenant, rule: &Rule<'_>, request: &AccessRequest, id: Uuid, now: i64) -> Result<Self> {
        let term = within(tenant, rule.level(), rule.longest(), now, request.duration)?;
        let original = request.kind == AccessKind::Original;
        let (valid_until, read_until) = match original {
            true => (end(tenant, tenant.pack().access.grant_longest, now)?, unfetched(tenant, rule.level(), now)?),
            false => (term, term),
        };
        Ok(Self {
            id,
            file: request.file,
            holder: request.requester,
            access_request: request.id,
            approval: request.approval,
            kind: request.kind,
            purpose: request.purpose.clone(),
            scope: request.scope.clone(),
            reading_place: request.reading_place.clone(),
            level: request.level.clone(),
            valid_from: now,
            valid_until,
            read_until,
            loan_term: original.then_some(term - now),
            reads: 0,
            hand_outs: 0,
            revoker: None,
            revoked_at: None,
            completed_at: None,
            created_at: now,
            version: 1,
            updated_at: now,
        })
    }

    /// The resource name.
    pub fn name(&self) -> String {
        name("grants", self.id)
    }

    /// Where it stands at `now`. A grant whose original is out does not expire: the loan has its own end.
    pub fn state(&self, now: i64) -> State {
        if self.revoked_at.is_some() {
            State::Revoked
        } else if self.completed_at.is_some() {
            State::Completed
        } else if self.hand_outs > 0 || now < self.valid_until {
            State::Active
        } else {
            State::Expired
        }
    }

    /// How often it may be used; 0: without limit.
    pub fn max_uses(&self) -> i64 {
        i64::from(self.kind == AccessKind::Original)
    }

    /// How often it was used.
    pub fn uses(&self) -> i64 {
        if self.kind == AccessKind::Original { self.hand_outs } else { self.reads }
    }

    /// When it ended before its time, if it did.
    pub fn ended_at(&self) -> Option<i64> {
        self.revoked_at.or(self.completed_at)
    }

    /// Takes it back; `revoker` is `None` when a rule does. Reading on it ends at once.
    ///
    /// # Errors
    /// `WRONG_STATE` unless it is active.
    pub fn revoke(&mut self, revoker: Option<Uuid>, now: i64) -> Result<()> {
        self.require_active(now)?;
        (self.revoker, self.revoked_at) = (revoker, Some(now));
        Ok(())
    }

    /// Ends it because its purpose is fulfilled; `out`: its original has not come back.
    ///
    /// # Errors
    /// `WRONG_STATE` unless it is active, and while its original is out.
    pub fn complete(&mut self, out: bool, now: i64) -> Result<()> {
        self.require_active(now)?;
        if out {
            return Err(self.wrong_state("on_loan"));
        }
        self.completed_at = Some(now);
        Ok(())
    }

    /// Hands its original out until `due`; from now on the file is read on it as long as the loan lasts.
    ///
    /// # Errors
    /// `GRANT_NOT_CURRENT` when it has not begun, has ended or was used.
    pub fn hand_out(&mut self, due: i64, now: i64) -> Result<()> {
        let state = self.state(now);
        if self.kind != AccessKind::Original || state != State::Active || self.hand_outs > 0 || now < self.valid_from {
            return Err(self.not_current(now));
        }
        (self.hand_outs, self.read_until) = (1, due);
        Ok(())
    }

    /// Follows its loan: the end was moved. A grant that has ended stays as it is; gives whether it changed.
    pub fn follow_loan(&mut self, due: i64) -> bool {
        let open = self.ended_at().is_none();
        if open {
            self.read_until = due;
        }
        open
    }

    /// Follows its loan: the original is back, so its one use is spent. Gives whether it changed.
    pub fn follow_return(&mut self, now: i64) -> bool {
        let open = self.ended_at().is_none();
        if open {
            self.completed_at = Some(now);
        }
        open
    }

    /// The refusal of a use that it no longer gives.
    pub fn not_current(&self, now: i64) -> Error {
        let used = self.state(now) == State::Active && self.hand_outs > 0;
        let state = if used { "used" } else { self.state(now).as_str() };
        Error::new(Reason::GrantNotCurrent).with("grant", self.name()).in_state(state)
    }

    fn require_active(&self, now: i64) -> Result<()> {
        match self.state(now) {
            State::Active => Ok(()),
            state => Err(self.wrong_state(state.as_str())),
        }
    }

    fn wrong_state(&self, state: &str) -> Error {
        Error::wrong_state(self.name(), state, &["active"])
    }
}

// Who was allowed to borrow may read until the hand-out as long as a consultation at this level lasts; where the level is
// never consulted, or only in one place, not before the hand-out.
fn unfetched(tenant: &Tenant, level: &str, now: i64) -> Result<i64> {
    match Rule::of(tenant.pack(), level, AccessKind::View) {
        Ok(rule) if rule.place().is_none() => end(tenant, rule.longest(), now),
        _ => Ok(now),
    }
}

#[cfg(test)]
mod tests;
