//! Posts held in units for a time.

use dossier_kernel::error::{Error, Missing, Result};
use dossier_regime::{Organisation, Pack};
use uuid::Uuid;

/// Until when an appointment without an end holds, in microseconds.
pub const OPEN_END: i64 = i64::MAX;

/// A post held in a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appointment {
    /// Its id.
    pub id: Uuid,
    /// Id of the post.
    pub post: String,
    /// Id of the unit.
    pub unit: String,
    /// From when, microseconds, inclusive.
    pub valid_from: i64,
    /// Until when, microseconds, exclusive; [`OPEN_END`]: until dismissal.
    pub valid_until: i64,
}

// === impl Appointment ===

impl Appointment {
    /// Whether it holds at `now`.
    pub fn holds_at(&self, now: i64) -> bool {
        self.valid_from <= now && now < self.valid_until
    }

    /// Whether both give the same post in the same unit at some moment.
    pub fn collides(&self, other: &Self) -> bool {
        let overlap = self.valid_from < other.valid_until && other.valid_from < self.valid_until;
        overlap && self.post == other.post && self.unit == other.unit
    }

    /// Checks post, unit and period of a new appointment.
    ///
    /// # Errors
    /// `FIELD_VIOLATION` of the period, `RESOURCE_NOT_FOUND`.
    pub fn check(&self, pack: &Pack, organisation: &Organisation, now: i64) -> Result<()> {
        if self.valid_until <= self.valid_from || self.valid_until <= now {
            return Err(Error::violation("appointment.valid_until", "must lie after the beginning and in the future"));
        }
        if pack.post(&self.post).is_none() {
            return Err(Error::missing(Missing::Post, label(&self.post)));
        }
        require_unit(organisation, &self.unit)
    }
}

/// Demands that the organisation has the unit.
///
/// # Errors
/// `RESOURCE_NOT_FOUND`.
pub fn require_unit(organisation: &Organisation, unit: &str) -> Result<()> {
    if organisation.unit(unit).is_some() {
        return Ok(());
    }
    Err(Error::missing(Missing::Unit, label(unit)))
}

/// What of the caller's text can be an id; the rest is not repeated.
pub fn label(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_alphanumeric() || "._-".contains(*c)).take(63).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_post_in_the_same_unit_at_the_same_time_collides() {
        let held = |post: &str, from, until| Appointment {
            id: Uuid::nil(),
            post: post.into(),
            unit: "sales".into(),
            valid_from: from,
            valid_until: until,
        };
        assert!(held("a", 0, 10).collides(&held("a", 9, OPEN_END)));
        assert!(!held("a", 0, 10).collides(&held("a", 10, 20)));
        assert!(!held("a", 0, 10).collides(&held("b", 0, 10)));
        assert!(held("a", 0, 10).holds_at(0) && !held("a", 0, 10).holds_at(10));
    }
}
