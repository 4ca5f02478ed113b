//! Posts held in units for a time.

use dossier_kernel::error::{Error, Missing, Result};
use dossier_kernel::name;
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
    /// Until when, microseconds, exclusive; [`OPEN_END`]: until somebody ends it. Not after the beginning: it never held.
    pub valid_until: i64,
}

// === impl Appointment ===

impl Appointment {
    /// The resource name, below that of the `person` who holds it.
    pub fn name(&self, person: Uuid) -> String {
        name::below("persons", person, "appointments", self.id)
    }

    /// Whether it holds at `now`.
    pub fn holds_at(&self, now: i64) -> bool {
        self.valid_from <= now && now < self.valid_until
    }

    /// Whether both give the same post in the same unit at some moment; what was taken back holds at none.
    pub fn collides(&self, other: &Self) -> bool {
        let overlap = self.valid_from.max(other.valid_from) < self.valid_until.min(other.valid_until);
        overlap && self.post == other.post && self.unit == other.unit
    }

    /// Ends it at `now`, as that of `person`; gives whether it had begun. One that is still to come is taken back.
    ///
    /// # Errors
    /// `WRONG_STATE` when it is over, or was taken back.
    pub fn end(&mut self, person: Uuid, now: i64) -> Result<bool> {
        if self.valid_until <= now.max(self.valid_from) {
            return Err(Error::wrong_state(self.name(person), "over", &["to_come", "current"]));
        }
        let begun = self.valid_from <= now;
        self.valid_until = if begun { now } else { self.valid_from };
        Ok(begun)
    }

    /// Checks post, unit and period of a new appointment.
    ///
    /// # Errors
    /// `FIELD_VIOLATION` of the period, `RESOURCE_NOT_FOUND`.
    pub fn check(&self, pack: &Pack, organisation: &Organisation, now: i64) -> Result<()> {
        if self.valid_until <= self.valid_from || self.valid_until <= now {
            return Err(Error::violation("appointment.valid_until", "must lie after the beginning and in the future"));
        }
        for (field, id) in [("appointment.post", &self.post), ("appointment.unit", &self.unit)] {
            if id.is_empty() {
                return Err(Error::violation(field, "is required"));
            }
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
    use dossier_kernel::error::Reason;

    use super::*;

    fn held(post: &str, valid_from: i64, valid_until: i64) -> Appointment {
        Appointment { id: Uuid::nil(), post: post.into(), unit: "sales".into(), valid_from, valid_until }
    }

    #[test]
    fn only_the_same_post_in_the_same_unit_at_the_same_time_collides() {
        assert!(held("a", 0, 10).collides(&held("a", 9, OPEN_END)));
        assert!(!held("a", 0, 10).collides(&held("a", 10, 20)));
        assert!(!held("a", 0, 10).collides(&held("b", 0, 10)));
        assert!(!held("a", 0, 10).collides(&held("a", 5, 5)) && !held("a", 5, 5).collides(&held("a", 0, 10)));
        assert!(held("a", 0, 10).holds_at(0) && !held("a", 0, 10).holds_at(10));
    }

    #[test]
    fn what_is_current_ends_now_and_what_is_to_come_never_holds() {
        let ended = |from, until, now| {
            let mut one = held("a", from, until);
            one.end(Uuid::nil(), now).map(|begun| (begun, one.valid_until)).map_err(|fault| fault.reason())
        };
        assert_eq!(ended(0, OPEN_END, 7), Ok((true, 7)));
        assert_eq!(ended(0, 10, 0), Ok((true, 0)), "it began this very moment");
        assert_eq!(ended(9, 20, 7), Ok((false, 9)));
        for over in [(0, 7, 7), (0, 3, 7), (9, 9, 7)] {
            assert_eq!(ended(over.0, over.1, over.2), Err(Reason::WrongState), "{over:?}");
        }
    }
}
