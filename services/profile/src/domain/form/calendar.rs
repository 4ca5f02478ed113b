//! Days, months and runs of days: each written in exactly one form.

use dossier_kernel::faults::Faults;
use dossier_proto::types::DateRange;
use dossier_proto::types::field_value::Value;
use jiff::civil::Date;
use unicode_normalization::UnicodeNormalization;

use super::blank;
use crate::domain::text::tidy;

const NO_DAY: &str = "is no calendar day in the form YYYY-MM-DD";

/// The day of a text of exactly the form YYYY-MM-DD; digits of full width count. A text with a time or a zone names no
/// day: which one it is depends on who reads it.
pub fn calendar_day(text: &str) -> Option<Date> {
    let text: String = text.nfkc().collect();
    let formed = text.len() == 10
        && text.bytes().enumerate().all(|(at, c)| if at == 4 || at == 7 { c == b'-' } else { c.is_ascii_digit() });
    text.parse::<Date>().ok().filter(|date| formed && date.year() >= 1)
}

pub(super) fn day(path: &str, text: &str, faults: &mut Faults) -> Option<Value> {
    let text = tidy(text);
    if text.is_empty() {
        return blank(path, faults);
    }
    let day = calendar_day(&text);
    if day.is_none() {
        faults.add(path, NO_DAY);
    }
    day.map(|day| Value::Date(day.to_string()))
}

pub(super) fn month(path: &str, text: &str, faults: &mut Faults) -> Option<Value> {
    let text = tidy(text);
    if text.is_empty() {
        return blank(path, faults);
    }
    // A month is there if its first day is.
    let text: String = text.nfkc().collect();
    let formed = calendar_day(&format!("{text}-01"));
    if formed.is_none() {
        faults.add(path, "is no calendar month in the form YYYY-MM");
    }
    formed.map(|_| Value::YearMonth(text))
}

pub(super) fn span(path: &str, given: &DateRange, faults: &mut Faults) -> Option<Value> {
    let first = end(&format!("{path}.date_range.start_date"), &given.start_date, faults)?;
    let last = end(&format!("{path}.date_range.end_date"), &given.end_date, faults)?;
    if first.is_none() && last.is_none() {
        return blank(path, faults);
    }
    if first.zip(last).is_some_and(|(first, last)| last < first) {
        faults.add(format!("{path}.date_range.end_date"), "lies before the first day");
        return None;
    }
    let text = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
    Some(Value::DateRange(DateRange { start_date: text(first), end_date: text(last) }))
}

// The day at one end, which may be open; nothing at all when it is a fault.
fn end(path: &str, text: &str, faults: &mut Faults) -> Option<Option<Date>> {
    let text = tidy(text);
    if text.is_empty() {
        return Some(None);
    }
    let day = calendar_day(&text);
    if day.is_none() {
        faults.add(path, NO_DAY);
    }
    day.map(Some)
}
