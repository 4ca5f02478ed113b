//! Collecting everything that is wrong with a request before refusing it.

use dossier_kernel::error::{Error, Reason, Result};

/// What was found wrong so far.
#[derive(Debug, Default)]
pub struct Faults(Vec<Fault>);

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
        self.0.push(Fault { reason, field: field.into(), why: why.into(), metadata });
    }

    /// Adds the violations of `outcome`, if it is one of fields, and gives its value.
    pub fn absorb<T>(&mut self, outcome: Result<T>) -> Option<T> {
        match outcome {
            Ok(value) => Some(value),
            Err(fault) => {
                for violation in fault.violations() {
                    self.because(fault.reason(), violation.field.clone(), violation.why.clone(), None);
                }
                None
            }
        }
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Refuses with every fault at once, or passes.
    ///
    /// # Errors
    /// The reason that all faults share; `FIELD_VIOLATION` when they differ.
    pub fn finish(self) -> Result<()> {
        let Some(first) = self.0.first() else { return Ok(()) };
        let same = self.0.iter().all(|fault| fault.reason == first.reason);
        let mut error = Error::new(if same { first.reason } else { Reason::FieldViolation });
        if let Some((key, value)) = first.metadata.clone().filter(|_| same) {
            error = error.with(key, value);
        }
        Err(self.0.into_iter().fold(error, |error, fault| error.and_violation(fault.field, fault.why)))
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
}
