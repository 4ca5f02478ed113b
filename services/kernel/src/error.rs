//! The only error type that reaches a caller, and the one place where it becomes a status.
//!
//! Every cause is a value of the contract's `ErrorReason`, and [`reasons`] says for each its gRPC code and its
//! sentence. Nothing of SQL, of a file system or of a person's data leaves: an error carries a reason, metadata that the
//! contract documents, and the fields at fault; what the machine said stays in the log, by kind only.
//!
//! # To add a reason
//! 1. Add it to `error_reason.proto` with its code, its cause and its metadata keys.
//! 2. Give it a row in [`reasons`] and a place in [`Again`]; the compiler asks for both, a test for its row in
//!    `deploy/errors.md`.
//! 3. Make it with [`Error::new`] and [`Error::with`].

mod again;
mod database;
mod missing;
mod reasons;
mod status;

use std::borrow::Cow;
use std::time::Duration;

pub use again::Again;
pub use dossier_proto::types::ErrorReason as Reason;
use dossier_proto::types::UnmetCondition;
pub use missing::Missing;
pub use reasons::{code, sentence};
pub(crate) use status::reasons;
pub use status::{REFUSALS, reason_of, within};

/// What every fallible thing of the services returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A refusal or a fault, with its reason.
#[derive(thiserror::Error)]
#[error("{}", sentence(self.0.reason))]
pub struct Error(Box<Inner>);

struct Inner {
    reason: Reason,
    missing: Option<(Missing, String)>,
    unmet: Vec<UnmetCondition>,
    metadata: Vec<(&'static str, String)>,
    violations: Vec<Violation>,
    transient: Transient,
    retry_after: Option<Duration>,
    cause: Option<Cow<'static, str>>,
}

/// A field at fault and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The path of the field in the request, for example `fields.phone`.
    pub field: String,
    /// What is wrong with it; never its value.
    pub why: String,
}

/// Whether repeating the transaction may help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transient {
    /// It will not.
    No,
    /// The engine asked for it: a conflict, a deadlock, a lock.
    Conflict,
    /// The connection was lost while committing; the idempotency row tells.
    CommitUnknown,
}

// === impl Error ===

impl Error {
    /// An error of `reason`.
    pub fn new(reason: Reason) -> Self {
        Self(Box::new(Inner {
            reason,
            missing: None,
            unmet: Vec::new(),
            metadata: Vec::new(),
            violations: Vec::new(),
            transient: Transient::No,
            retry_after: None,
            cause: None,
        }))
    }

    /// There is no `kind` of that `name` for this caller; `name` is what was asked for.
    pub fn missing(kind: Missing, name: impl Into<String>) -> Self {
        let mut fault = Self::new(Reason::ResourceNotFound);
        fault.0.missing = Some((kind, name.into()));
        fault
    }

    /// That `resource` is in a state that does not allow what was asked, and in which ones it would be. States are told as filters
    /// spell them, such as `ACTIVE`, whatever the word at hand is.
    pub fn wrong_state(resource: impl Into<String>, state: &str, allowed: &[&str]) -> Self {
        let allowed: Vec<String> = allowed.iter().map(|word| spelled(word)).collect();
        Self::new(Reason::WrongState).with("resource", resource).in_state(state).with("allowed", allowed.join(","))
    }

    /// Adds the state at fault, spelled as in [`wrong_state`](Self::wrong_state).
    #[must_use]
    pub fn in_state(self, state: &str) -> Self {
        self.with("state", spelled(state))
    }

    /// A field of the request that breaks a rule; `why` must not repeat its value.
    pub fn violation(field: impl Into<String>, why: impl Into<String>) -> Self {
        Self::new(Reason::FieldViolation).and_violation(field, why)
    }

    /// Adds one more field at fault.
    #[must_use]
    pub fn and_violation(mut self, field: impl Into<String>, why: impl Into<String>) -> Self {
        self.0.violations.push(Violation { field: field.into(), why: why.into() });
        self
    }

    /// Adds something that has to be there first.
    #[must_use]
    pub fn and_unmet(mut self, condition: UnmetCondition) -> Self {
        self.0.unmet.push(condition);
        self
    }

    /// The same, its fields lying under `path` of the request.
    #[must_use]
    pub fn under(mut self, path: &str) -> Self {
        for violation in &mut self.0.violations {
            violation.field = format!("{path}.{}", violation.field);
        }
        self
    }

    /// Adds metadata that the contract documents for this reason; never a personal value.
    #[must_use]
    pub fn with(mut self, key: &'static str, value: impl Into<String>) -> Self {
        self.0.metadata.push((key, value.into()));
        self
    }

    /// Adds what the machine said, for the log only: a kind or a code, never statement text or values.
    #[must_use]
    pub fn because(mut self, cause: impl Into<Cow<'static, str>>) -> Self {
        self.0.cause = Some(cause.into());
        self
    }

    /// Says when the same call may come again.
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.0.retry_after = Some(wait);
        self
    }

    /// Marks that repeating the transaction may help.
    #[must_use]
    pub fn transient(mut self) -> Self {
        self.0.transient = Transient::Conflict;
        self
    }

    /// The connection was lost while committing.
    pub(crate) fn commit_unknown(fault: sqlx::Error) -> Self {
        let mut fault = Self::from(fault);
        fault.0.transient = Transient::CommitUnknown;
        fault
    }

    /// The reason.
    pub fn reason(&self) -> Reason {
        self.0.reason
    }

    /// The fields at fault.
    pub fn violations(&self) -> &[Violation] {
        &self.0.violations
    }

    /// Of what kind the resource is that was not found.
    pub fn is_missing(&self) -> Option<Missing> {
        self.0.missing.as_ref().map(|(kind, _)| *kind)
    }

    /// The value of one metadata key.
    pub fn metadata(&self, key: &str) -> Option<&str> {
        self.0.metadata.iter().find(|(name, _)| *name == key).map(|(_, value)| value.as_str())
    }

    /// What a caller is told besides the fields at fault, by key.
    pub fn told(&self) -> impl Iterator<Item = (String, String)> + '_ {
        let missing = self.0.missing.iter();
        let missing =
            missing.flat_map(|(kind, name)| [("resource_type", kind.resource_type()), ("resource", name.clone())]);
        let metadata = self.0.metadata.iter().map(|(key, value)| (*key, value.clone()));
        metadata.chain(missing).map(|(key, value)| (key.to_owned(), value))
    }

    /// The code that the engine of the store gave, such as the SQLSTATE 28P01.
    pub fn engine_code(&self) -> Option<&str> {
        self.0.cause.as_deref()?.strip_prefix(database::ENGINE_CODE)
    }

    /// Whether repeating the transaction may help.
    pub fn is_transient(&self) -> Transient {
        self.0.transient
    }
}

// Metadata and violations are free of personal data by contract, so a log may show them.
impl std::fmt::Debug for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Error")
            .field("reason", &self.0.reason)
            .field("missing", &self.0.missing)
            .field("metadata", &self.0.metadata)
            .field("violations", &self.0.violations)
            .field("cause", &self.0.cause)
            .finish()
    }
}

impl From<crate::id::NoRandomness> for Error {
    fn from(_: crate::id::NoRandomness) -> Self {
        Self::new(Reason::Internal).because("the machine gives no randomness")
    }
}
/// Most values that [`one_of`] names.
const MOST_NAMED: usize = 40;

/// The sentence of a violation that names what there is: `must be one of a, b`; where there are very many, the first.
pub fn one_of<'a>(values: impl IntoIterator<Item = &'a str>) -> String {
    let mut values = values.into_iter();
    let named: Vec<_> = values.by_ref().take(MOST_NAMED).collect();
    match (named.as_slice(), values.next()) {
        ([], _) => "must be empty: there is none".to_owned(),
        (named, None) => format!("must be one of {}", named.join(", ")),
        (named, Some(_)) => format!("must be one of {}, ...", named.join(", ")),
    }
}

// An enum's value without its prefix, a store's word in capitals.
fn spelled(state: &str) -> String {
    state.rsplit_once("_STATE_").map_or(state, |(_, last)| last).to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_spelled_as_filters_spell_it_whatever_its_service_calls_it() {
        for word in ["open", "OPEN", "DUTY_STATE_OPEN"] {
            let fault = Error::wrong_state("duties/1", word, &["closed", "DUTY_STATE_WAIVED"]);
            let told = ["resource", "state", "allowed"].map(|key| fault.metadata(key).unwrap());
            assert_eq!(told, ["duties/1", "OPEN", "CLOSED,WAIVED"]);
        }
    }
}
