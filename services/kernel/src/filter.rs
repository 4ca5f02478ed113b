//! The filter of every list: a declared part of AIP-160.
//!
//! ```text
//! filter    = [condition *("AND" condition)]
//! condition = path op value
//! op        = "=" / "<" / "<=" / ">" / ">="
//! value     = word / whole / quoted
//! word      = [A-Za-z] *[A-Za-z0-9_]   ; a state as the enum calls it, without the enum's own prefix; true, false
//! whole     = ["-"] 1*[0-9]
//! quoted    = '"' *(character / '\"' / '\\') '"'   ; everything else: names, labels, times (RFC 3339)
//! ```
//!
//! Blanks may stand between any two of them and must stand around `AND`. Each condition narrows; there is no OR, no NOT, no
//! parenthesis, no function and no `:`.
//!
//! | module | what it is for |
//! |---|---|
//! | here | what a filter says, before any list looks at it |
//! | [`field`] | what a list lets its filter say: the declared fields and their kinds |
//! | [`found`] | what a filter said to one list, in the types of its statement |

pub mod field;
pub mod found;
mod reader;

use std::fmt;

use crate::error::{Error, Reason, Result};
use crate::path::Path;

pub use field::{Field, Kind};
pub use found::{Found, Range};

/// Most characters of a filter.
const LONGEST: usize = 1_000;

/// What a filter says: its conditions, in their order. [`Display`](fmt::Display) gives the one spelling of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter(Vec<Condition>);

/// One condition of a filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// What it is about.
    pub path: Path,
    /// How it compares.
    pub op: Op,
    /// With what.
    pub value: Value,
    /// Where it begins, in characters from 0; two that say the same are equal wherever they stand.
    pub position: Position,
    /// Where its value begins.
    pub value_position: Position,
}

/// A place in a filter: it takes no part in comparisons.
#[derive(Clone, Copy, Debug, Default)]
pub struct Position(pub usize);

/// How a condition compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// `=`
    Equal,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
}

/// What a condition compares with, as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A bare word, such as `OUT` or `true`.
    Word(String),
    /// A bare whole number.
    Whole(i64),
    /// A text, without its quotes.
    Text(String),
}

/// A refusal that points at a place in the filter and says what must stand there; never what does.
pub fn invalid(position: usize, expected: &str) -> Error {
    let fault = Error::new(Reason::FilterInvalid).with("position", position.to_string()).with("expected", expected);
    fault.and_violation("filter", format!("at position {position}: expected {expected}"))
}

/// The text that `filter` says of `path`, for who must name what was asked for before it is read; empty where it says none.
pub fn said(filter: &str, path: &str) -> String {
    let filter = Filter::parse(filter).unwrap_or_default();
    let text = filter.0.into_iter().find(|one| one.path.as_str() == path).and_then(|one| match one.value {
        Value::Text(text) => Some(text),
        Value::Word(_) | Value::Whole(_) => None,
    });
    text.unwrap_or_default()
}

/// A value as it stands in a filter, for who writes one.
pub fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

// === impl Filter ===

impl Filter {
    /// Reads a filter; an empty text has no condition.
    ///
    /// # Errors
    /// `FILTER_INVALID` with the position of the first fault, and what must stand there.
    pub fn parse(text: &str) -> Result<Self> {
        let letters: Vec<char> = text.chars().collect();
        if letters.len() > LONGEST {
            return Err(invalid(LONGEST, "the end: a filter has at most 1,000 characters"));
        }
        reader::Reader::of(&letters).conditions().map(Self)
    }

    /// Its conditions.
    pub fn conditions(&self) -> &[Condition] {
        &self.0
    }

    /// The same filter with each text replaced by what `change` makes of it.
    #[must_use]
    pub fn map_texts(mut self, mut change: impl FnMut(&Path, &str) -> String) -> Self {
        for condition in &mut self.0 {
            if let Value::Text(text) = &condition.value {
                condition.value = Value::Text(change(&condition.path, text));
            }
        }
        self
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, one) in self.0.iter().enumerate() {
            let and = if at == 0 { "" } else { " AND " };
            write!(f, "{and}{} {} {}", one.path, one.op, one.value)?;
        }
        Ok(())
    }
}

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Equal => "=",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::Greater => ">",
            Self::AtLeast => ">=",
        })
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Word(word) => f.write_str(word),
            Self::Whole(number) => write!(f, "{number}"),
            Self::Text(text) => f.write_str(&quoted(text)),
        }
    }
}

impl PartialEq for Position {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Position {}

#[cfg(test)]
mod reference;
#[cfg(test)]
mod tests;
