//! The loan ledger, as pure transitions (A-28 to A-32, A-34).
//!
//! ```text
//! OUT ─ demanded back ─▶ RECALLED
//!  │                        │
//!  └──────── back ──────────┴─▶ RETURNED, or RETURNED_WITH_DIFFERENCE when anything differs
//! ```
//!
//! Being overdue is no state: a loan is overdue when it is open and its due time has passed.

mod inspection;
mod item;

use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::name::name;
use dossier_kernel::states;
use dossier_regime::{LoanRules, Tenant};
use uuid::Uuid;

use super::access_request::{Rule, too_long, within};

pub use inspection::{Condition, Inspection};
pub use item::{LoanItem, MOST_ITEMS, id_of, name_of, require_lendable, sensitivity};

states! {
    /// Where a loan stands.
    pub enum State {
        /// With the borrower.
        Out = "out",
        /// With the borrower, return demanded at once.
        Recalled = "recalled",
        /// Back, nothing differs; final.
        Returned = "returned",
        /// Back, something differs; final.
        ReturnedWithDifference = "returned_with_difference",
    }
}

/// The borrower's acceptance of duties (A-34).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Acceptance {
    /// Ids of the duties accepted.
    pub duties: Vec<String>,
    /// Number or place of the signed slip.
    pub signature_reference: String,
}

/// An entry of the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loan {
    /// Its id.
    pub id: Uuid,
    /// The file of what is lent.
    pub file: Uuid,
    /// Who holds it.
    pub borrower: Uuid,
    /// The right it rests on; `None` for an executive who borrows directly.
    pub grant: Option<Uuid>,
    /// The level at the hand-out.
    pub level: String,
    /// What for, in words.
    pub justification: String,
    /// What for, a label of the pack; empty for an executive who borrows directly.
    pub purpose: String,
    /// The borrower's acceptance of duties.
    pub acceptance: Acceptance,
    /// The administrator who handed it out.
    pub handed_out_by: Uuid,
    /// When, microseconds.
    pub out_at: i64,
    /// The last instant that is in time, microseconds.
    pub due_at: i64,
    /// Where it stands.
    pub state: State,
    /// How often it was renewed.
    pub renewals: i64,
    /// When it was recalled, microseconds.
    pub recalled_at: Option<i64>,
    /// Who recalled it; `None` also when a rule did.
    pub recalled_by: Option<Uuid>,
    /// How it came back: as the first thing that did not come back sound, or sound.
    pub condition: Option<Condition>,
    /// The administrator who took it back.
    pub received_by: Option<Uuid>,
    /// When it came back, microseconds.
    pub returned_at: Option<i64>,
    /// The loss or damage case of a return with differences.
    pub case_reference: Option<String>,
    /// Version of the row, from 1.
    pub version: i64,
    /// When it last changed, microseconds.
    pub updated_at: i64,
    /// What is lent, in the order of the slip: one thing or several, and all of them come back together.
    pub items: Vec<LoanItem>,
}

// === impl State ===

impl State {
    /// Whether the original is with the borrower.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Out | Self::Recalled)
    }
}

// === impl Acceptance ===

impl Acceptance {
    /// That every duty of the pack is accepted (A-34).
    ///
    /// # Errors
    /// `DUTIES_NOT_ACCEPTED`.
    pub fn require_all(&self, rules: &LoanRules) -> Result<()> {
        let missing = rules.duties.iter().filter(|duty| !self.duties.contains(&duty.value));
        let missing: Vec<_> = missing.map(|duty| duty.value.as_str()).collect();
        if missing.is_empty() {
            return Ok(());
        }
        Err(Error::new(Reason::DutiesNotAccepted).with("missing", missing.join(",")))
    }
}

// === impl Loan ===

impl Loan {
    /// The resource name.
    pub fn name(&self) -> String {
        name("loans", self.id)
    }

    /// Whether it is out past its due time.
    pub fn overdue(&self, now: i64) -> bool {
        self.state.is_open() && now > self.due_at
    }

    /// Demands it back at once; `by` is `None` when a rule does.
    ///
    /// # Errors
    /// `WRONG_STATE` unless it is out.
    pub fn recall(&mut self, by: Option<Uuid>, now: i64) -> Result<()> {
        self.require(&[State::Out])?;
        self.state = State::Recalled;
        // Whoever is late stays late by what they were.
        self.due_at = self.due_at.min(now).max(self.out_at);
        (self.recalled_at, self.recalled_by) = (Some(now), by);
        Ok(())
    }

    /// Moves its end to `term` microseconds after the hand-out, within the level's longest term (A-25, A-30).
    ///
    /// # Errors
    /// `WRONG_STATE` when it is back, `RENEWAL_REFUSED` when it was recalled, is overdue or was renewed as often as the
    /// rule allows, `FIELD_VIOLATION` when the new end is no later than the present one, `LOAN_TOO_LONG`, `PACK_FAULT`.
    pub fn renew(&mut self, tenant: &Tenant, rule: &Rule<'_>, term: i64, now: i64) -> Result<()> {
        self.require(&[State::Out, State::Recalled])?;
        if self.state == State::Recalled || self.overdue(now) || self.renewals >= rule.renewals() {
            return Err(Error::new(Reason::RenewalRefused).with("loan", self.name()));
        }
        if self.out_at.saturating_add(term) <= self.due_at {
            return Err(Error::violation("duration", "must be longer than the present one"));
        }
        self.due_at = within(tenant, rule.level(), rule.longest(), self.out_at, Some(term))?;
        self.renewals += 1;
        Ok(())
    }

    /// Takes everything back and cancels the entry; gives whether anything differs from the hand-out (A-32). Of each item it is told, in
    /// their order, what was found, and at which place the caller said so.
    ///
    /// # Errors
    /// `WRONG_STATE` when it is back, `FIELD_VIOLATION` when there is not one inspection of each item, and when pages were counted at the
    /// hand-out and are not now.
    pub fn give_back(&mut self, found: Vec<(usize, Inspection)>, by: Uuid, now: i64) -> Result<bool> {
        self.require(&[State::Out, State::Recalled])?;
        if found.len() != self.items.len() {
            return Err(Error::violation("inspections", "must hold one of each thing that went out"));
        }
        let mut after = self.items.clone();
        let mut differs = false;
        for (item, one) in after.iter_mut().zip(found) {
            differs |= item.give_back(one, now)?;
        }
        self.items = after;
        self.state = if differs { State::ReturnedWithDifference } else { State::Returned };
        (self.condition, self.received_by, self.returned_at) = (Some(self.found()), Some(by), Some(now));
        Ok(differs)
    }

    // That of the first thing that did not come back sound.
    fn found(&self) -> Condition {
        let found = self.items.iter().filter_map(|item| item.inspection.as_ref()).map(|found| found.condition);
        found.fold(Condition::Sound, |known, next| if known == Condition::Sound { next } else { known })
    }

    fn require(&self, allowed: &[State]) -> Result<()> {
        if allowed.contains(&self.state) {
            return Ok(());
        }
        let words: Vec<&str> = allowed.iter().map(|state| state.as_str()).collect();
        Err(Error::wrong_state(self.name(), self.state.as_str(), &words))
    }
}

/// When a loan handed out at `out` has to be back: after the term asked for, or else after the longest that the level and
/// the grant (`granted`, microseconds) allow (A-25, A-30).
///
/// # Errors
/// `LOAN_TOO_LONG` when more was asked for, `PACK_FAULT`.
pub fn due(tenant: &Tenant, rule: &Rule<'_>, granted: Option<i64>, asked: Option<i64>, out: i64) -> Result<i64> {
    let level = within(tenant, rule.level(), rule.longest(), out, None)?;
    let limit = granted.map_or(level, |granted| level.min(out.saturating_add(granted)));
    let wanted = asked.map_or(limit, |asked| out.saturating_add(asked));
    if wanted <= limit { Ok(wanted) } else { Err(too_long(rule.level(), limit - out, wanted - out)) }
}

/// The number of the `count`th loss or damage case of a year, such as `LD-2026-000017`.
pub fn case_reference(year: i16, count: i64) -> String {
    format!("LD-{year:04}-{count:06}")
}

#[cfg(test)]
mod tests;
