//! What goes wrong on the ground itself: told in words, and the run ends.

use std::fmt;

/// Why the ground does not hold, in words.
#[derive(Debug)]
pub struct Fault(String);

/// What may fail on the ground.
pub type Result<T> = std::result::Result<T, Fault>;

// === impl Fault ===

impl Fault {
    /// A fault told in words.
    pub fn new(words: impl fmt::Display) -> Self {
        Self(words.to_string())
    }

    /// The same fault, with what was being done in front.
    #[must_use]
    pub fn within(self, words: impl fmt::Display) -> Self {
        Self(format!("{words}: {}", self.0))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Fault {}

impl From<std::io::Error> for Fault {
    fn from(fault: std::io::Error) -> Self {
        Self::new(fault)
    }
}

impl From<sqlx::Error> for Fault {
    fn from(fault: sqlx::Error) -> Self {
        Self(format!("sql: {fault}"))
    }
}

impl From<tonic::Status> for Fault {
    fn from(status: tonic::Status) -> Self {
        Self(format!("refused: {:?} {}", status.code(), status.message()))
    }
}

impl From<tonic::transport::Error> for Fault {
    fn from(fault: tonic::transport::Error) -> Self {
        Self(format!("transport: {fault}"))
    }
}
