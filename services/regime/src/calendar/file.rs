//! Reading a calendar: CSV with a head of `# key: value` lines.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{Calendar, is_weekday};
use crate::fault::{Fault, Severity};

/// Collects the faults of one calendar file.
struct Scan<'a> {
    file: &'a str,
    faults: &'a mut Vec<Fault>,
}

const HEAD: [&str; 4] = ["calendar", "version", "covers", "source"];

// === impl Calendar ===

impl Calendar {
    /// Reads `date,kind,name` lines under a head that names calendar, version, covers (`2004-2026`) and source, and, if
    /// there are any, the days that are always off (`always: 01-01 05-01`).
    pub(crate) fn read(file: &str, text: &str, faults: &mut Vec<Fault>) -> Option<Self> {
        let before = faults.len();
        let mut scan = Scan { file, faults };
        let [name, version, covers, source] = scan.head(text);
        let (first_year, last_year) = scan.years(&covers);
        let always = scan.always(text);
        let days = scan.days(text, first_year..=last_year);
        (faults.len() == before).then_some(Self { name, version, source, first_year, last_year, days, always })
    }
}

// === impl Scan ===

impl Scan<'_> {
    fn note(&mut self, line: usize, sentence: String) {
        let file = self.file.to_owned();
        self.faults.push(Fault { file, line, path: String::new(), sentence, severity: Severity::Error });
    }

    fn head(&mut self, text: &str) -> [String; 4] {
        HEAD.map(|key| {
            let value = said(text, key).unwrap_or_default().to_owned();
            if value.is_empty() {
                self.note(1, format!("the head has no line `# {key}: ...`"));
            }
            value
        })
    }

    fn always(&mut self, text: &str) -> Vec<(i8, i8)> {
        let mut days = Vec::new();
        for word in said(text, "always").unwrap_or_default().split_whitespace() {
            let parts = word.split_once('-').and_then(|(month, day)| Some((month.parse().ok()?, day.parse().ok()?)));
            // Every year has the day: 29 February is none of them.
            match parts.filter(|(month, day)| Date::new(2001, *month, *day).is_ok()) {
                Some(day) if !days.contains(&day) => days.push(day),
                _ => self.note(1, format!("`{word}` is not a day of every year (MM-DD), or is said twice")),
            }
        }
        days
    }

    fn years(&mut self, covers: &str) -> (i16, i16) {
        let years = covers.split_once('-').and_then(|(first, last)| Some((first.parse().ok()?, last.parse().ok()?)));
        match years {
            Some((first, last)) if first <= last => (first, last),
            _ => {
                if !covers.is_empty() {
                    self.note(1, format!("`{covers}` is not a span of years such as 2004-2026"));
                }
                (i16::MIN, i16::MAX)
            }
        }
    }

    fn days(&mut self, text: &str, years: std::ops::RangeInclusive<i16>) -> BTreeMap<Date, bool> {
        let mut rows = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(text.as_bytes());
        let mut days = BTreeMap::new();
        if rows.headers().is_ok_and(|head| head != ["date", "kind", "name"].as_slice()) {
            self.note(1, "the columns are not date,kind,name".to_owned());
            return days;
        }
        for row in rows.records() {
            match row {
                Ok(row) => {
                    let line = row.position().map_or(0, |at| usize::try_from(at.line()).unwrap_or(0));
                    self.day(line, &row, &years, &mut days);
                }
                Err(fault) => {
                    let line = fault.position().map_or(0, |at| usize::try_from(at.line()).unwrap_or(0));
                    self.note(line, "the line does not have three columns".to_owned());
                }
            }
        }
        days
    }

    fn day(
        &mut self,
        line: usize,
        row: &csv::StringRecord,
        years: &std::ops::RangeInclusive<i16>,
        days: &mut BTreeMap<Date, bool>,
    ) {
        let (date, kind) = (row.get(0).unwrap_or_default(), row.get(1).unwrap_or_default());
        let Ok(day) = date.parse::<Date>() else {
            return self.note(line, format!("`{date}` is not a date (YYYY-MM-DD)"));
        };
        let worked = match kind {
            "holiday" => false,
            "make_up_workday" => true,
            _ => return self.note(line, format!("`{kind}` is not one of holiday, make_up_workday")),
        };
        if !years.contains(&day.year()) {
            self.note(line, format!("{day} lies outside the years the calendar covers"));
        }
        if worked && is_weekday(day) {
            self.note(line, format!("{day} is no weekend day and needs no make-up"));
        }
        if days.insert(day, worked).is_some() {
            self.note(line, format!("{day} is listed twice"));
        }
    }
}

// What the head says after `# key:`.
fn said<'t>(text: &'t str, key: &str) -> Option<&'t str> {
    let mut lines = text.lines().map_while(|line| line.strip_prefix('#'));
    lines.find_map(|line| line.trim().strip_prefix(key)?.trim_start().strip_prefix(':')).map(str::trim)
}
