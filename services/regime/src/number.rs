//! Numbers of files and records: patterns, counters and rendering (P-05, P-06).
//!
//! A number is made of a counter's next value and the values of the file, or of the record and its file. The counter's key is
//! [`Numbering::scope_key`]; the store counts per key, so that numbers of one rule never repeat. Running out is an error, never a longer number.

use jiff::civil::Date;

use crate::model::{NumberRule, Numbering};

pub(crate) mod meeting;
mod pattern;

pub use pattern::{Pattern, Piece};

/// Why a number cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NumberFault {
    /// A value that the pattern needs is not there.
    #[error("field `{field}` is needed for the number")]
    MissingValue {
        /// Field of the code table.
        field: String,
    },
    /// The value has no code.
    #[error("the value of field `{field}` has no code for numbers")]
    NoCode {
        /// Field of the code table.
        field: String,
    },
    /// The counter has passed its last number.
    #[error("the numbers of `{scope}` have run out after {last}")]
    Overflow {
        /// Key of the counter.
        scope: String,
        /// Last sequence number that fits.
        last: u64,
    },
    /// The pattern is faulty; a pack that loads has none of these.
    #[error("the pattern of numbers is faulty: {0}")]
    Pattern(String),
}

/// What a number is made of.
#[derive(Clone, Copy)]
pub struct NumberInput<'a> {
    /// Day of numbering in the pack's time zone.
    pub date: Date,
    /// Value of a field, of an axis, or of a part that stands as it is.
    pub value: &'a (dyn Fn(&str) -> Option<String> + Sync),
}

// === impl Numbering ===

impl Numbering {
    /// Key of the counter that is drawn from, for example `individual/2026/11`.
    ///
    /// # Errors
    /// [`NumberFault`] if a value is not there or has no code.
    pub fn scope_key(&self, rule: &NumberRule, input: NumberInput<'_>) -> Result<String, NumberFault> {
        let mut key = rule.id.clone();
        for name in &rule.scope {
            key.push('/');
            key.push_str(&escaped(&self.part(&Piece::named(name), input)?));
        }
        Ok(key)
    }

    /// The number with sequence number `seq`, counted from 1.
    ///
    /// # Errors
    /// [`NumberFault::Overflow`] if it does not fit, and as [`Self::scope_key`].
    pub fn render(&self, rule: &NumberRule, input: NumberInput<'_>, seq: u64) -> Result<String, NumberFault> {
        let pattern = Pattern::parse(&rule.pattern).map_err(NumberFault::Pattern)?;
        let last = self.last(rule)?;
        if seq > last {
            return Err(NumberFault::Overflow { scope: self.scope_key(rule, input)?, last });
        }
        let parts = pattern.pieces().iter().map(|piece| match piece {
            Piece::Seq(width) => Ok(format!("{seq:0width$}", width = width.unwrap_or(1))),
            other => self.part(other, input),
        });
        parts.collect()
    }

    /// The last sequence number of a rule.
    ///
    /// # Errors
    /// [`NumberFault::Pattern`] if the pattern is faulty.
    pub fn last(&self, rule: &NumberRule) -> Result<u64, NumberFault> {
        let pattern = Pattern::parse(&rule.pattern).map_err(NumberFault::Pattern)?;
        let digits = pattern.seq_width().unwrap_or_else(|| self.room(rule, &pattern));
        let digits = u32::try_from(digits).unwrap_or(u32::MAX);
        Ok(10_u64.checked_pow(digits).map_or(u64::MAX, |limit| limit - 1))
    }

    /// Most characters everything but the sequence takes, as far as they count.
    pub(crate) fn fixed_length(&self, rule: &NumberRule, pattern: &Pattern) -> usize {
        pattern.pieces().iter().map(|piece| self.longest(rule, piece)).sum()
    }

    fn room(&self, rule: &NumberRule, pattern: &Pattern) -> usize {
        let most = usize::try_from(rule.max_length).unwrap_or(usize::MAX);
        most.saturating_sub(self.fixed_length(rule, pattern))
    }

    fn longest(&self, rule: &NumberRule, piece: &Piece) -> usize {
        match piece {
            Piece::Literal(text) => text.chars().filter(|c| rule.separators_count || !is_separator(*c)).count(),
            Piece::Year => 4,
            Piece::Month | Piece::Day => 2,
            Piece::Seq(_) => 0,
            Piece::Code(field) => {
                let codes = self.table(field).map_or([].as_slice(), |table| &table.codes);
                codes.iter().map(|code| code.code.chars().count()).max().unwrap_or(0)
            }
        }
    }

    fn part(&self, piece: &Piece, input: NumberInput<'_>) -> Result<String, NumberFault> {
        match piece {
            Piece::Literal(text) => Ok(text.clone()),
            Piece::Year => Ok(format!("{:04}", input.date.year())),
            Piece::Month => Ok(format!("{:02}", input.date.month())),
            Piece::Day => Ok(format!("{:02}", input.date.day())),
            Piece::Seq(_) => Err(NumberFault::Pattern("`{seq}` cannot name a counter".to_owned())),
            Piece::Code(field) => {
                let missing = || NumberFault::MissingValue { field: field.clone() };
                let value = (input.value)(field).filter(|value| !value.is_empty()).ok_or_else(missing)?;
                match self.table(field) {
                    None if is_text(field) => Ok(value),
                    table => {
                        let code = table.and_then(|table| table.code(&value)).map(str::to_owned);
                        code.ok_or_else(|| NumberFault::NoCode { field: field.clone() })
                    }
                }
            }
        }
    }
}

/// Whether a part stands in a number as it is, where no table has codes for it: the number of a file, the id of a unit.
pub fn is_text(part: &str) -> bool {
    matches!(part, "file" | "unit")
}

/// The id of the rule and what its scope says, out of the key of a counter.
pub fn parts(key: &str) -> impl Iterator<Item = String> {
    key.split('/').map(|part| part.replace("%2F", "/").replace("%25", "%"))
}

// A number of a file may hold what parts a key.
fn escaped(part: &str) -> String {
    part.replace('%', "%25").replace('/', "%2F")
}

pub(crate) fn is_separator(c: char) -> bool {
    matches!(c, '-' | '/' | '.' | '_')
}

#[cfg(test)]
mod tests;
