//! When a term ends.

use jiff::civil::Date;
use jiff::{Span, Timestamp, ToSpan};

use super::Calendar;
use crate::model::{Pack, Term, TermUnit};

/// The last instant of a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct End {
    /// The last instant that is still in time. Terms in days and longer run to the end of their last day, local time.
    pub at: Timestamp,
    /// Whether the calendar was asked about a year whose holidays it does not know.
    pub provisional: bool,
}

/// A time beyond the year 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the time lies beyond the year 9999")]
pub struct OutOfRange;

// === impl Calendar ===

impl Calendar {
    /// When a term that begins at `from` ends under the pack's time zone and rule about days off.
    ///
    /// Hours run from the instant; `same day` ends with the day of the start. In every other unit that day does not count.
    /// Months, quarters and years end on the day of the same number, or on the month's last day if there is none.
    ///
    /// # Errors
    /// [`OutOfRange`] beyond the year 9999.
    pub fn end(&self, pack: &Pack, term: Term, from: Timestamp) -> Result<End, OutOfRange> {
        if let Some(length) = term.fixed() {
            let at = from.checked_add(length).map_err(|_| OutOfRange)?;
            return Ok(End { at, provisional: false });
        }
        let start = from.to_zoned(pack.time_zone.rules().clone()).date();
        let plain = self.last_day(term, start)?;
        let asked = term.unit.asks_for_work(pack.calendar.roll);
        let last = if asked { self.working_day_from(plain)? } else { plain };
        let provisional = asked && !(self.covers(start) && self.covers(last));
        Ok(End { at: end_of_day(pack, last)?, provisional })
    }

    /// The day so long before `last`, by calendar days; hours and working days count as none.
    ///
    /// # Errors
    /// [`OutOfRange`] before the year -9999.
    pub(crate) fn first_day(&self, term: Term, last: Date) -> Result<Date, OutOfRange> {
        last.checked_sub(span(term)).map_err(|_| OutOfRange)
    }

    fn last_day(&self, term: Term, start: Date) -> Result<Date, OutOfRange> {
        match term.unit {
            TermUnit::WorkingDays => self.add_working_days(start, term.amount),
            _ => start.checked_add(span(term)).map_err(|_| OutOfRange),
        }
    }
}

// Hours and working days are counted otherwise.
fn span(term: Term) -> Span {
    let amount = i64::from(term.amount);
    match term.unit {
        TermUnit::WorkingDays | TermUnit::Hours | TermUnit::SameDay => Span::new(),
        TermUnit::Days => amount.days(),
        TermUnit::Weeks => amount.weeks(),
        TermUnit::Months => amount.months(),
        TermUnit::Quarters => (amount * 3).months(),
        TermUnit::Years => (amount * 12).months(),
    }
}

/// The last microsecond of a day in the pack's time zone.
pub(crate) fn end_of_day(pack: &Pack, day: Date) -> Result<Timestamp, OutOfRange> {
    let last = day.at(23, 59, 59, 999_999_000).to_zoned(pack.time_zone.rules().clone());
    last.map(|zoned| zoned.timestamp()).map_err(|_| OutOfRange)
}
