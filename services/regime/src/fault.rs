//! Faults of packs, templates, organisation files and calendars: where, what, how bad.

use std::fmt;

/// One fault, told so that its author finds and mends it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Fault {
    /// File as it was named to the loader.
    pub file: String,
    /// Line, counted from 1; 0 if the whole file is meant.
    pub line: usize,
    /// Place inside the file, for example `levels[2].consult.matter`; empty for the whole file.
    pub path: String,
    /// One sentence: lower case, no full stop.
    pub sentence: String,
    /// Whether it refuses the file.
    pub severity: Severity,
}

/// How bad a fault is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The files are refused as a whole.
    Error,
    /// The files load; somebody should look, and what is warned of never counts as passed.
    Warning,
}

/// Every fault of every file, in the order of files and lines.
#[derive(Clone, Debug, Default, PartialEq, Eq, thiserror::Error, serde::Serialize)]
#[error("{}", self.lines())]
pub struct Faults(pub Vec<Fault>);

// === impl Fault ===

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.severity {
            Severity::Error => "",
            Severity::Warning => "warning: ",
        };
        let colon = if self.path.is_empty() { "" } else { ": " };
        write!(f, "{}:{}: {kind}{}{colon}{}", self.file, self.line, self.path, self.sentence)
    }
}

// === impl Faults ===

impl Faults {
    /// Those that refuse the files.
    pub fn errors(&self) -> impl Iterator<Item = &Fault> {
        self.0.iter().filter(|fault| fault.severity == Severity::Error)
    }

    /// Those that do not.
    pub fn warnings(&self) -> impl Iterator<Item = &Fault> {
        self.0.iter().filter(|fault| fault.severity == Severity::Warning)
    }

    /// Whether anything refuses the files.
    pub fn is_fatal(&self) -> bool {
        self.errors().next().is_some()
    }

    fn lines(&self) -> String {
        self.0.iter().map(Fault::to_string).collect::<Vec<_>>().join("\n")
    }
}
