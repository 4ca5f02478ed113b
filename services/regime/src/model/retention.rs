//! From which day a retention class counts its years.

use std::fmt;

use crate::read::{Node, Outline, Reader, Scalar, Shape};

/// What the years of a retention class are counted from: `closed`, `activated`, or `field:KEY` for a day of the form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum RetentionStart {
    /// The day on which the file was closed.
    #[default]
    Closed,
    /// The day on which it became effective.
    Activated,
    /// The day that a field of its form says.
    Field(String),
}

const CLOSED: &str = "closed";
const ACTIVATED: &str = "activated";
const FIELD: &str = "field:";

// === impl RetentionStart ===

impl RetentionStart {
    /// Reads `closed`, `activated`, `field:expire_date`.
    ///
    /// # Errors
    /// A sentence saying what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        match (text, text.strip_prefix(FIELD)) {
            (CLOSED, _) => Ok(Self::Closed),
            (ACTIVATED, _) => Ok(Self::Activated),
            (_, Some(field)) if !field.is_empty() => Ok(Self::Field(field.to_owned())),
            _ => Err(format!("`{text}` is none of `closed`, `activated` and `field:` with the key of a day")),
        }
    }
}

impl fmt::Display for RetentionStart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed => f.write_str(CLOSED),
            Self::Activated => f.write_str(ACTIVATED),
            Self::Field(key) => write!(f, "{FIELD}{key}"),
        }
    }
}

impl Shape for RetentionStart {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Self {
        reader.parsed(node, "a day that years are counted from", Self::parse)
    }

    fn outline() -> Outline {
        Outline::Scalar(Scalar::Text)
    }
}

impl serde::Serialize for RetentionStart {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}
