//! What is wrong with a configuration: all of it at once, a line for each fault.

use std::fmt;
use std::path::PathBuf;

/// Where a setting was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nobody set it: the documented default file did.
    Default,
    /// A line of the file named by `--config`; line 0 is the file as a whole.
    File(PathBuf, usize),
    /// An environment variable.
    Variable(String),
    /// A `--set` flag.
    Flag(String),
    /// Found only when the process started, for example a key file that cannot be written.
    Start,
}

/// One fault: where, which key, why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where the faulty value was given.
    pub origin: Origin,
    /// The dotted key, such as `server.max_deadline`; empty when the fault is not about one key.
    pub key: String,
    /// The reason, without secrets.
    pub why: String,
}

/// Every fault of a configuration; printing it gives one line each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConfigFaults(Vec<Fault>);

// === impl ConfigFaults ===

impl ConfigFaults {
    /// Adds a fault.
    pub fn push(&mut self, origin: Origin, key: impl Into<String>, why: impl Into<String>) {
        self.0.push(Fault { origin, key: key.into(), why: why.into() });
    }

    /// The faults in the order in which they were found.
    pub fn iter(&self) -> std::slice::Iter<'_, Fault> {
        self.0.iter()
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `value`, unless something is wrong.
    pub(super) fn unless_any<T>(self, value: T) -> Result<T, Self> {
        if self.is_empty() { Ok(value) } else { Err(self) }
    }
}

impl fmt::Display for ConfigFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.0.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigFaults {}

// === impl Fault ===

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.key.is_empty() {
            write!(f, "{}: {}", self.origin, self.why)
        } else {
            write!(f, "{}: {}: {}", self.origin, self.key, self.why)
        }
    }
}

// === impl Origin ===

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => write!(f, "default"),
            Self::File(path, 0) => write!(f, "{}", path.display()),
            Self::File(path, line) => write!(f, "{}:{line}", path.display()),
            Self::Variable(name) => write!(f, "variable {name}"),
            Self::Flag(key) => write!(f, "flag --set {key}"),
            Self::Start => write!(f, "at start"),
        }
    }
}
