//! Reservations: credit set aside, until it is committed, released or runs out (C-14).
//!
//! Throughout `amount = committed + released + held`, and `held` is zero in every state but HELD.

use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::{money, name, states};
use jiff::Timestamp;
use uuid::Uuid;

use super::money::Money;

states! {
    /// Where a reservation stands.
    pub enum ReservationState {
        /// Something is still set aside.
        Held = "held",
        /// It became drawn; what was left at the last commit went back.
        Committed = "committed",
        /// Let go by the caller.
        Released = "released",
        /// Let go by time.
        Expired = "expired",
    }
}

/// A reservation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reservation {
    /// Its id.
    pub id: Uuid,
    /// The customer's file.
    pub customer: Uuid,
    /// The limit it was taken from.
    pub limit: Uuid,
    /// What was set aside.
    pub amount: Money,
    /// What became drawn.
    pub committed: i64,
    /// What went back.
    pub released: i64,
    /// What is still set aside.
    pub held: i64,
    /// The caller's own reference.
    pub reference: String,
    /// Where it stands, as stored; see [`at`](Self::at).
    pub state: ReservationState,
    /// Who reserved, as the journal names them.
    pub creator: String,
    /// When what is held goes back by itself.
    pub expire_at: Timestamp,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Grows with every change.
    pub version: i64,
}

/// What a change does to the customer's exposure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shift {
    /// From held to drawn.
    pub drawn: i64,
    /// From held back to available.
    pub freed: i64,
}

// === impl Reservation ===

impl Reservation {
    /// `reservations/{uuid}`.
    pub fn name(&self) -> String {
        name::name("reservations", self.id)
    }

    /// The reservation as it is at `now`: past its time it has run out, whether or not a job has noted it.
    pub fn at(mut self, now: Timestamp) -> Self {
        self.expire(now);
        self
    }

    /// Whether its time is over while something is held.
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.state == ReservationState::Held && self.expire_at <= now
    }

    /// Lets go what is held if its time is over.
    pub fn expire(&mut self, now: Timestamp) -> Option<Shift> {
        if !self.is_due(now) {
            return None;
        }
        let shift = self.let_go(ReservationState::Expired);
        self.updated_at = self.expire_at;
        Some(shift)
    }

    /// Moves `amount` from held to drawn, all that is held without one; `last` lets the rest go.
    ///
    /// # Errors
    /// `RESERVATION_EXPIRED`, `WRONG_STATE`, `CURRENCY_MISMATCH`, `RESERVATION_EXCEEDED`.
    pub fn commit(&mut self, amount: Option<&Money>, last: bool, now: Timestamp) -> Result<Shift> {
        if self.is_due(now) || self.state == ReservationState::Expired {
            return Err(Error::new(Reason::ReservationExpired)
                .with("reservation", self.name())
                .with("expire_time", self.expire_at.to_string()));
        }
        self.require_held(now)?;
        let drawn = match amount {
            None => self.held,
            Some(amount) => {
                amount.require(&self.amount.currency)?;
                amount.minor
            }
        };
        if drawn > self.held {
            return Err(Error::new(Reason::ReservationExceeded)
                .with("reservation", self.name())
                .with("held_minor_units", self.held.to_string())
                .with("currency_code", &self.amount.currency)
                .and_violation(
                    "amount",
                    format!("must be at most {}", money::text(self.held, &self.amount.currency)),
                ));
        }
        self.committed += drawn;
        self.held -= drawn;
        self.updated_at = now;
        let done = last || self.held == 0;
        let freed = if done { self.let_go(ReservationState::Committed).freed } else { 0 };
        Ok(Shift { drawn, freed })
    }

    /// Lets go what is held.
    ///
    /// # Errors
    /// `WRONG_STATE`.
    pub fn release(&mut self, now: Timestamp) -> Result<Shift> {
        self.require_held(now)?;
        self.updated_at = now;
        Ok(self.let_go(ReservationState::Released))
    }

    fn let_go(&mut self, state: ReservationState) -> Shift {
        let freed = std::mem::take(&mut self.held);
        self.released += freed;
        self.state = state;
        Shift { drawn: 0, freed }
    }

    fn require_held(&self, now: Timestamp) -> Result<()> {
        let state = if self.is_due(now) { ReservationState::Expired } else { self.state };
        if state == ReservationState::Held {
            return Ok(());
        }
        Err(Error::wrong_state(self.name(), state.as_str(), &[ReservationState::Held.as_str()]))
    }
}

#[cfg(test)]
mod tests;
