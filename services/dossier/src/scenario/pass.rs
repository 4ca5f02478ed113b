//! How time passes: the hour stays, the day moves.

use dossier_regime::{Calendar, Term, TermUnit};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp, ToSpan};

/// How much time passes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Length {
    /// Hours, minutes, seconds.
    Clock(SignedDuration),
    /// Days and longer, as packs count them.
    Term(Term),
}

// === impl Length ===

impl Length {
    /// Reads a term of packs, or a length such as `30m`.
    ///
    /// # Errors
    /// How it must be written.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if let Ok(length) = text.trim().parse::<SignedDuration>() {
            return Ok(Self::Clock(length));
        }
        let term = Term::parse(text.trim()).map_err(|why| format!("{why}; or a length such as `30m`"))?;
        Ok(term.fixed().map_or(Self::Term(term), Self::Clock))
    }

    /// The moment that lies this long after `from`, at the same time of the day.
    ///
    /// # Errors
    /// When it lies beyond the calendar.
    pub(super) fn after(self, from: Timestamp, zone: &TimeZone, calendar: &Calendar) -> Result<Timestamp, String> {
        let beyond = "lies beyond the calendar";
        let term = match self {
            Self::Clock(length) => return from.checked_add(length).map_err(|_| beyond.to_owned()),
            Self::Term(term) => term,
        };
        let start = from.to_zoned(zone.clone());
        let day = day(term, start.date(), calendar).ok_or(beyond)?;
        let moved = day.to_datetime(start.time()).to_zoned(zone.clone()).map_err(|_| beyond)?;
        Ok(moved.timestamp())
    }
}

fn day(term: Term, from: Date, calendar: &Calendar) -> Option<Date> {
    let amount = i64::from(term.amount);
    let span: Span = match term.unit {
        TermUnit::WorkingDays => return calendar.add_working_days(from, term.amount).ok(),
        TermUnit::Hours | TermUnit::SameDay => return Some(from),
        TermUnit::Days => amount.days(),
        TermUnit::Weeks => amount.weeks(),
        TermUnit::Months => amount.months(),
        TermUnit::Quarters => (amount * 3).months(),
        TermUnit::Years => (amount * 12).months(),
    };
    from.checked_add(span).ok()
}

/// The beginning of the first month that begins after `from`, in this time zone: the calendar is looked at there, as services that run
/// all the time look at it.
pub(super) fn next_month(from: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
    let first = from.to_zoned(zone.clone()).date().first_of_month().checked_add(1.month()).ok()?;
    first.to_zoned(zone.clone()).ok().map(|zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use dossier_regime::Regimes;

    use super::*;

    #[test]
    fn the_hour_stays_and_the_day_moves() {
        let rules = Regimes::shipped().unwrap();
        let (zone, calendar) = (TimeZone::get("Asia/Shanghai").unwrap(), rules.calendar("cn-statutory").unwrap());
        // Friday 27 February 2026; Saturday makes up for the Spring Festival.
        let from = "2026-02-27T01:30:00Z".parse().unwrap();
        for (length, then) in [
            ("3 days", "2026-03-02T01:30:00Z"),
            ("2 working days", "2026-03-02T01:30:00Z"),
            ("1 month", "2026-03-27T01:30:00Z"),
            ("4h", "2026-02-27T05:30:00Z"),
            ("36 hours", "2026-02-28T13:30:00Z"),
            ("1m", "2026-02-27T01:31:00Z"),
        ] {
            let after = Length::parse(length).unwrap().after(from, &zone, calendar).unwrap();
            assert_eq!(after.to_string(), then, "{length}");
        }
        assert!(Length::parse("a while").is_err());
        assert_eq!(next_month(from, &zone).unwrap().to_string(), "2026-02-28T16:00:00Z");
    }
}
