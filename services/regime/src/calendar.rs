//! The calendar of working days: data with a version, and arithmetic on it.
//!
//! Days not listed follow the week: Saturday and Sunday are off. A calendar knows the years it covers; a term that
//! leaves them still ends somewhere, but its end is *provisional*, because the holidays of that year are not published.
//! Days that the law itself fixes, such as 1 January, are off in the years after those as well.

mod end;
mod file;

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

pub(crate) use end::end_of_day;
pub use end::{End, OutOfRange};

/// A calendar of working days.
#[derive(Clone, Debug, PartialEq)]
pub struct Calendar {
    name: String,
    version: String,
    source: String,
    first_year: i16,
    last_year: i16,
    /// Listed days: `true` is a working day.
    days: BTreeMap<Date, bool>,
    /// Month and day of the days that are off in every year after the last one, in order.
    always: Vec<(i8, i8)>,
}

// === impl Calendar ===

impl Calendar {
    /// Name by which packs call it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Name and version, as due dates state it: `cn-statutory@2026.1`.
    pub fn version(&self) -> String {
        format!("{}@{}", self.name, self.version)
    }

    /// Where its days come from.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Whether the holidays of the year of this day are known.
    pub fn covers(&self, day: Date) -> bool {
        (self.first_year..=self.last_year).contains(&day.year())
    }

    /// Whether this day is worked.
    pub fn is_working_day(&self, day: Date) -> bool {
        self.days.get(&day).copied().unwrap_or_else(|| is_weekday(day) && !self.is_always_off(day))
    }

    /// Working days after `from` up to and including `to`; negative if `to` lies before `from`.
    pub fn working_days_between(&self, from: Date, to: Date) -> i64 {
        if to < from {
            return -self.working_days_between(to, from);
        }
        let listed = self.days.range(from..=to).filter(|(day, _)| **day > from);
        let corrections: i64 = listed.map(|(day, worked)| i64::from(*worked) - i64::from(is_weekday(*day))).sum();
        weekdays_up_to(to) - weekdays_up_to(from) + corrections - self.always_off_between(from, to)
    }

    fn is_always_off(&self, day: Date) -> bool {
        day.year() > self.last_year && self.always.contains(&(day.month(), day.day()))
    }

    // Weekdays after `from` up to and including `to` that are off because the law fixes them.
    fn always_off_between(&self, from: Date, to: Date) -> i64 {
        let first = from.year().max(self.last_year.saturating_add(1));
        let days = (first..=to.year())
            .flat_map(|year| self.always.iter().filter_map(move |(month, day)| Date::new(year, *month, *day).ok()));
        let off = days.filter(|day| from < *day && *day <= to && is_weekday(*day)).count();
        i64::try_from(off).unwrap_or(i64::MAX)
    }

    /// The `count`th working day after `from`; `from` itself for 0.
    ///
    /// # Errors
    /// [`OutOfRange`] beyond the year 9999.
    pub fn add_working_days(&self, from: Date, count: u32) -> Result<Date, OutOfRange> {
        let mut day = from;
        // A stretch of n days holds at most n working days, so a jump by what is missing never passes the goal,
        // and it reaches the goal only through a working day.
        loop {
            let missing = i64::from(count) - self.working_days_between(from, day);
            if missing <= 0 {
                return Ok(day);
            }
            day = day.checked_add(missing.days()).map_err(|_| OutOfRange)?;
        }
    }

    /// The day itself if it is worked, or else the next one that is.
    ///
    /// # Errors
    /// [`OutOfRange`] beyond the year 9999.
    pub fn working_day_from(&self, day: Date) -> Result<Date, OutOfRange> {
        if self.is_working_day(day) { Ok(day) } else { self.add_working_days(day, 1) }
    }
}

fn is_weekday(day: Date) -> bool {
    !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}

/// Weekdays from a fixed Monday long ago up to and including this day.
fn weekdays_up_to(day: Date) -> i64 {
    let days = day.duration_since(MONDAY).as_hours() / 24;
    days.div_euclid(7) * 5 + (days.rem_euclid(7) + 1).min(5)
}

/// A Monday; which one does not matter.
const MONDAY: Date = jiff::civil::date(2001, 1, 1);

#[cfg(test)]
mod tests;
