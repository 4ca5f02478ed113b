//! Collecting everything that is wrong with a request before refusing it.
//!
//! # To read a request
//! ```
//! # use dossier_kernel::error::Result;
//! # use dossier_kernel::{faults::Faults, name, words};
//! # fn read(name: &str, reason: &str) -> Result<uuid::Uuid> {
//! let mut faults = Faults::default();
//! let id = faults.absorb(name::id("name", "files", name));
//! words::reason(reason, true, &mut faults);
//! faults.finish_with(id)
//! # }
//! ```

use crate::error::{Error, Reason, Result};

/// What was found wrong so far.
#[derive(Debug, Default)]
pub struct Faults {
    found: Vec<Fault>,
    // What is no fault of a field refuses by itself.
    other: Option<Error>,
}

#[derive(Debug)]
struct Fault {
    reason: Reason,
    field: String,
    why: String,
    metadata: Option<(&'static str, String)>,
}

// === impl Faults ===

impl Faults {
    /// A field that breaks a rule; `why` never repeats its value.
    pub fn add(&mut self, field: impl Into<String>, why: impl Into<String>) {
        self.because(Reason::FieldViolation, field, why, None);
    }

    /// A field at fault for a reason of its own, with the metadata that the contract names for it.
    pub fn because(
        &mut self,
        reason: Reason,
        field: impl Into<String>,
        why: impl Into<String>,
        metadata: Option<(&'static str, String)>,
    ) {
        self.found.push(Fault { reason, field: field.into(), why: why.into(), metadata });
    }

    /// Gives the value of `outcome`, or notes what is wrong with it: its violations, or what else it refuses for.
    pub fn absorb<T>(&mut self, outcome: Result<T>) -> Option<T> {
        let fault = match outcome {
            Ok(value) => return Some(value),
            Err(fault) => fault,
        };
        for violation in fault.violations() {
            self.because(fault.reason(), violation.field.clone(), violation.why.clone(), None);
        }
        if fault.violations().is_empty() {
            self.other.get_or_insert(fault);
        }
        None
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty() && self.other.is_none()
    }

    /// Refuses with every fault at once, or passes.
    ///
    /// # Errors
    /// The first refusal that is about no field; otherwise the reason that all faults share, and `FIELD_VIOLATION` when they
    /// differ.
    pub fn finish(self) -> Result<()> {
        if let Some(other) = self.other {
            return Err(other);
        }
        let Some(first) = self.found.first() else { return Ok(()) };
        let same = self.found.iter().all(|fault| fault.reason == first.reason);
        let mut error = Error::new(if same { first.reason } else { Reason::FieldViolation });
        if let Some((key, value)) = first.metadata.clone().filter(|_| same) {
            error = error.with(key, value);
        }
        Err(self.found.into_iter().fold(error, |error, fault| error.and_violation(fault.field, fault.why)))
    }

    /// As [`finish`](Self::finish), with what was read where nothing was wrong.
    ///
    /// # Errors
    /// As [`finish`](Self::finish).
    pub fn finish_with<T>(self, read: Option<T>) -> Result<T> {
        self.finish()?;
        read.ok_or_else(|| Error::new(Reason::Internal).because("nothing was read, and nothing was wrong"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_faults_are_told_and_a_shared_reason_is_kept() {
        assert!(Faults::default().finish().is_ok());
        let mut faults = Faults::default();
        faults.because(Reason::SourceMissing, "fields.a", "needs a source", None);
        faults.because(Reason::SourceMissing, "fields.b", "needs a source", None);
        let fault = faults.finish().unwrap_err();
        assert_eq!((fault.reason(), fault.violations().len()), (Reason::SourceMissing, 2));
        let mut faults = Faults::default();
        faults.because(Reason::SourceMissing, "fields.a", "needs a source", None);
        faults.add("unit", "is missing");
        assert_eq!(faults.finish().unwrap_err().reason(), Reason::FieldViolation);
    }

    #[test]
    fn the_faults_of_a_part_join_those_of_the_whole() {
        let mut faults = Faults::default();
        assert_eq!(faults.absorb(Ok(3)), Some(3));
        assert_eq!(faults.absorb::<i32>(Err(Error::violation("name", "is wrong"))), None);
        assert!(!faults.is_empty());
    }

    #[test]
    fn a_refusal_that_is_about_no_field_is_not_lost() {
        let mut faults = Faults::default();
        faults.absorb::<i32>(Err(Error::new(Reason::PersonUnknown)));
        faults.add("unit", "is missing");
        assert!(!faults.is_empty());
        assert_eq!(faults.finish_with(Some(3)).unwrap_err().reason(), Reason::PersonUnknown);
        assert_eq!(Faults::default().finish_with(Some(3)).unwrap(), 3);
        assert_eq!(Faults::default().finish_with(None::<i32>).unwrap_err().reason(), Reason::Internal);
    }
}
