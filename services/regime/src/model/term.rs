//! Lengths of time as rule books write them: `4h`, `3 working days`, `1 week`.

use std::fmt;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::read::{Node, Outline, Reader, Scalar, Shape};

/// A length of time: at least one of a unit. Only hours have a fixed length; the rest needs a calendar and a start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Term {
    /// How many, 1 to 10 000.
    pub amount: u32,
    /// Of what.
    pub unit: TermUnit,
}

/// What a term is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TermUnit {
    /// Hours of 60 minutes, counted from the instant.
    Hours,
    /// Calendar days; the day of the start does not count.
    Days,
    /// Working days of the pack's calendar; the day of the start does not count.
    WorkingDays,
    /// Weeks of seven calendar days.
    Weeks,
    /// Calendar months; a missing day becomes the month's last.
    Months,
    /// Three calendar months.
    Quarters,
    /// Twelve calendar months.
    Years,
    /// The day of the start itself.
    SameDay,
}

/// A named time zone.
#[derive(Clone, Debug, PartialEq)]
pub struct Zone {
    name: String,
    rules: TimeZone,
}

const LARGEST: u32 = 10_000;
const SAME_DAY: &str = "same day";

// === impl Term ===

impl Term {
    /// A term of hours.
    pub const fn hours(amount: u32) -> Self {
        Self { amount, unit: TermUnit::Hours }
    }

    /// Reads `4h`, `4 hours`, `3 working days`, `10 days`, `1 week`, `6 months`, `1 quarter`, `2 years`, `same day`.
    ///
    /// # Errors
    /// A sentence saying what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.trim() == SAME_DAY {
            return Ok(Self { amount: 1, unit: TermUnit::SameDay });
        }
        let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (digits, word) = text.split_at(split);
        let amount: u32 = digits.parse().map_err(|_| format!("`{text}` does not begin with a whole number"))?;
        if amount == 0 || amount > LARGEST {
            return Err(format!("`{text}` is not between 1 and {LARGEST}"));
        }
        let unit = TermUnit::parse(word.trim()).ok_or_else(|| {
            format!("`{text}` has no unit of time (hours, days, working days, weeks, months, quarters, years; or `same day`)")
        })?;
        Ok(Self { amount, unit })
    }

    /// Its length where that does not depend on a calendar, that is for hours.
    pub fn fixed(self) -> Option<SignedDuration> {
        (self.unit == TermUnit::Hours).then(|| SignedDuration::from_hours(i64::from(self.amount)))
    }
}

impl Default for Term {
    fn default() -> Self {
        Self::hours(1)
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.unit == TermUnit::SameDay {
            return f.write_str(SAME_DAY);
        }
        let plural = if self.amount == 1 { "" } else { "s" };
        write!(f, "{} {}{plural}", self.amount, self.unit.word())
    }
}

impl Shape for Term {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Self {
        reader.parsed(node, "a length of time", Self::parse)
    }

    fn outline() -> Outline {
        Outline::Scalar(Scalar::Term)
    }
}

impl serde::Serialize for Term {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

// === impl TermUnit ===

impl TermUnit {
    /// Whether a term of it ends on a working day, where the pack moves ends to one (`roll`) or not: the day itself never moves.
    pub(crate) const fn asks_for_work(self, roll: bool) -> bool {
        match self {
            Self::WorkingDays => true,
            Self::SameDay => false,
            _ => roll,
        }
    }

    fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "h" | "hour" | "hours" => Self::Hours,
            "day" | "days" => Self::Days,
            "working day" | "working days" => Self::WorkingDays,
            "week" | "weeks" => Self::Weeks,
            "month" | "months" => Self::Months,
            "quarter" | "quarters" => Self::Quarters,
            "year" | "years" => Self::Years,
            _ => return None,
        })
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Hours => "hour",
            Self::Days => "day",
            Self::WorkingDays => "working day",
            Self::Weeks => "week",
            Self::Months => "month",
            Self::Quarters => "quarter",
            Self::Years => "year",
            Self::SameDay => SAME_DAY,
        }
    }
}

// === impl Zone ===

impl Zone {
    /// The zone of an IANA name.
    ///
    /// # Errors
    /// A sentence if there is no such zone.
    pub fn parse(name: &str) -> Result<Self, String> {
        match TimeZone::get(name) {
            Ok(rules) => Ok(Self { name: name.to_owned(), rules }),
            Err(_) => Err(format!("there is no time zone `{name}`")),
        }
    }

    /// IANA name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The day that a moment falls on there.
    pub fn day(&self, at: Timestamp) -> Date {
        at.to_zoned(self.rules.clone()).date()
    }

    /// The rules of the zone.
    pub const fn rules(&self) -> &TimeZone {
        &self.rules
    }
}

impl Default for Zone {
    fn default() -> Self {
        Self { name: "UTC".to_owned(), rules: TimeZone::UTC }
    }
}

impl Shape for Zone {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Self {
        reader.parsed(node, "a time zone", Self::parse)
    }

    fn outline() -> Outline {
        Outline::Scalar(Scalar::Zone)
    }
}

impl serde::Serialize for Zone {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.name)
    }
}
