//! Field values against their template: type, length, choices, bounds, rows, check digits (P-30).

mod calendar;
mod format;
mod rows;

use dossier_kernel::error::{Reason, one_of};
use dossier_kernel::faults::Faults;
use dossier_proto::types::field_value::Value;
use dossier_proto::types::{FieldValue, TextList};
use dossier_regime::bound::decimal;
use dossier_regime::identifier::{IdentifierFault, check, normalise};
use dossier_regime::{CustomerType, Field, FieldType, IdentifierKind, Template};
use jiff::civil::Date;

pub use self::calendar::calendar_day;
use self::calendar::{day, month, span};
use self::format::{formal, misfit, reference};
pub use self::rows::lacking;
use super::origin::{Origin, origin};
use super::text::{LONGEST, Lines, echo, flaw, tidy};
use super::typed::{carrier, kept};

/// Most fields of one file.
pub const MOST_FIELDS: usize = 300;
/// Most texts in a list.
const MOST_ITEMS: usize = 100;
const EMPTYING: &str = "to leave it empty or to empty it, leave its key out";

/// The path of a field in errors, masks, revisions and commitments.
pub fn path(key: &str) -> String {
    format!("fields.{key}")
}

/// The field of `key` that a caller may write for this customer type; otherwise a fault.
pub fn writable<'t>(
    template: &'t Template,
    customer: impl Into<Option<CustomerType>>,
    key: &str,
    faults: &mut Faults,
) -> Option<&'t Field> {
    let Some(field) = template.field(key) else {
        let known = template.fields.iter().filter(|field| field.is_written()).map(|field| field.id.as_str());
        faults.add(path(&echo(key)), format!("the field {}", one_of(known)));
        return None;
    };
    if field.output_only {
        faults.add(path(key), "is filled by the service");
        return None;
    }
    if field.kind == FieldType::Shown {
        faults.add(path(key), "is shown here and kept elsewhere: nothing is written into it");
        return None;
    }
    if !field.applies_to(customer) {
        faults.add(path(key), "does not apply to this customer type");
        return None;
    }
    Some(field)
}

/// The value as it is stored; `None` when it has a fault, which is noted. An empty value is a fault too: a field is
/// emptied by its path in the mask alone, so that no blank of a caller's form deletes what stands there.
pub fn accept(field: &Field, given: &FieldValue, rules: &Origin<'_>, faults: &mut Faults) -> Option<FieldValue> {
    let path = path(&field.id);
    let Some(given_value) = &given.value else {
        // It may be of a type that this server does not know: to take it for "empty" would delete what stands there.
        faults.add(path, format!("must be given as `{}`; {EMPTYING}", carrier(field.kind)));
        return None;
    };
    let value = match (field.kind, given_value) {
        (FieldType::Group, Value::Rows(list)) => rows::accept(field, &path, list, rules, faults)?,
        _ => shaped(field, &path, given_value, faults)?,
    };
    let mut provenance = origin(&path, given.provenance.as_ref(), rules, faults);
    provenance.check_digit_waived = match verdict(field, &value, rules.today) {
        Ok(()) => false,
        Err(IdentifierFault::CheckDigit) if may_waive(field, given) => {
            if provenance.source_note.is_empty() {
                let why = "needs a source note: which document says so";
                faults.because(Reason::SourceMissing, format!("{path}.provenance.source_note"), why, None);
            }
            true
        }
        Err(why) => {
            let kind = Some(("kind", field.identifier.to_string()));
            faults.because(Reason::IdentifierInvalid, path, why.to_string(), kind);
            return None;
        }
    };
    Some(FieldValue { value: Some(value), provenance: Some(provenance) })
}

/// A kept value as plain text, the form in which it is searched and committed to. Two values of a field have the same
/// one only if they are the same: of a run of days an open end is `..`, of rows each is a line.
pub fn plain(value: &FieldValue) -> String {
    match &value.value {
        Some(
            Value::Text(text)
            | Value::Decimal(text)
            | Value::Date(text)
            | Value::YearMonth(text)
            | Value::Reference(text),
        ) => text.clone(),
        Some(Value::Integer(number)) => number.to_string(),
        Some(Value::Boolean(truth)) => truth.to_string(),
        Some(Value::List(list)) => list.items.join("\n"),
        Some(Value::DateRange(span)) => {
            let end = |day: &str| if day.is_empty() { "..".to_owned() } else { day.to_owned() };
            format!("{}/{}", end(&span.start_date), end(&span.end_date))
        }
        Some(Value::Rows(list)) => rows::plain(list),
        // The others are never kept; see [`kept`].
        _ => String::new(),
    }
}

// The standard of the field against its value, or the first of its values that fails.
fn verdict(field: &Field, value: &Value, today: Date) -> Result<(), IdentifierFault> {
    match value {
        Value::Text(text) => check(field.identifier, text, today),
        Value::List(list) => list.items.iter().try_for_each(|text| check(field.identifier, text, today)),
        _ => Ok(()),
    }
}

fn may_waive(field: &Field, given: &FieldValue) -> bool {
    let waived = given.provenance.as_ref().is_some_and(|origin| origin.check_digit_waived);
    waived && field.identifier == IdentifierKind::Gb32100
}

fn shaped(field: &Field, path: &str, given: &Value, faults: &mut Faults) -> Option<Value> {
    let value = match kept(field, path, given, faults)? {
        Value::Date(text) => day(path, &text, faults),
        Value::YearMonth(text) => month(path, &text, faults),
        Value::DateRange(given) => span(path, &given, faults),
        Value::Decimal(text) => number(path, &text, faults),
        Value::Reference(text) => reference(field, path, &text, faults),
        Value::List(list) if field.kind == FieldType::ListEnum => choices(field, path, &list, faults),
        Value::List(list) => items(field, path, &list, faults),
        Value::Text(text) => one(field, path, &text, faults).map(Value::Text),
        other => Some(other),
    }?;
    within(field, path, &value, faults).then_some(value)
}

// Whether a number or an amount keeps its bounds.
fn within(field: &Field, path: &str, value: &Value, faults: &mut Faults) -> bool {
    let broken = match (field.kind, value) {
        (FieldType::Int, Value::Integer(number)) => field.bounds().broken(&number.to_string()),
        (FieldType::Decimal | FieldType::Percent, Value::Decimal(text)) | (FieldType::Money, Value::Text(text)) => {
            field.bounds().broken(text)
        }
        _ => None,
    };
    if let Some(why) = &broken {
        faults.add(path, why);
    }
    broken.is_none()
}

fn number(path: &str, text: &str, faults: &mut Faults) -> Option<Value> {
    let text = formal(FieldType::Decimal, tidy(text));
    if text.is_empty() {
        return blank(path, faults);
    }
    let number = decimal(&text);
    if number.is_none() {
        faults.add(path, "is no decimal number such as `12.50`, of up to 28 digits");
    }
    number.map(Value::Decimal)
}

// In the order of the template, each once.
fn choices(field: &Field, path: &str, list: &TextList, faults: &mut Faults) -> Option<Value> {
    if list.items.is_empty() {
        return blank(path, faults);
    }
    if list.items.len() > field.values.len() {
        faults.add(path, format!("holds more than the {} choices that there are", field.values.len()));
        return None;
    }
    for (at, id) in list.items.iter().enumerate() {
        if field.values.iter().all(|one| one.value != *id) {
            faults.add(format!("{path}.{at}"), one_of(field.values.iter().map(|one| one.value.as_str())));
        } else if list.items.iter().take(at).any(|earlier| earlier == id) {
            faults.add(format!("{path}.{at}"), "is chosen twice");
        }
    }
    let chosen = field.values.iter().map(|one| &one.value).filter(|value| list.items.contains(value));
    Some(Value::List(TextList { items: chosen.cloned().collect() }))
}

fn items(field: &Field, path: &str, list: &TextList, faults: &mut Faults) -> Option<Value> {
    if list.items.len() > MOST_ITEMS {
        faults.add(path, format!("holds more than {MOST_ITEMS} texts"));
        return None;
    }
    if list.items.is_empty() {
        return blank(path, faults);
    }
    let checked = list.items.iter().enumerate();
    let items = checked.filter_map(|(at, text)| one(field, &format!("{path}.{at}"), text, faults)).collect();
    Some(Value::List(TextList { items }))
}

fn one(field: &Field, path: &str, text: &str, faults: &mut Faults) -> Option<String> {
    let text = normalise(field.identifier, &formal(field.kind, tidy(text)));
    if text.is_empty() {
        return blank(path, faults);
    }
    let longest = usize::try_from(field.max_length).unwrap_or(LONGEST).clamp(1, LONGEST);
    let lines = if field.kind == FieldType::LongText { Lines::Many } else { Lines::One };
    if let Some(why) = flaw(&text, lines, longest).or_else(|| misfit(field, &text)) {
        faults.add(path, why);
        return None;
    }
    Some(text)
}

fn blank<T>(path: &str, faults: &mut Faults) -> Option<T> {
    faults.add(path, format!("must not be empty; {EMPTYING}"));
    None
}

#[cfg(test)]
pub(crate) mod tests;
