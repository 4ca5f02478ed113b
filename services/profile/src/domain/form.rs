//! Field values against their template: type, length, choices, check digits (P-30).

use dossier_kernel::error::{Reason, one_of};
use dossier_kernel::faults::Faults;
use dossier_proto::types::field_value::Value;
use dossier_proto::types::{FieldValue, TextList};
use dossier_regime::identifier::{IdentifierFault, check, normalise};
use dossier_regime::{CustomerType, Field, FieldType, IdentifierKind, Template};
use jiff::civil::Date;
use unicode_normalization::UnicodeNormalization;

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
        let known = template.fields.iter().filter(|field| !field.output_only).map(|field| field.id.as_str());
        faults.add(path(&echo(key)), format!("the field {}", one_of(known)));
        return None;
    };
    if field.output_only {
        faults.add(path(key), "is filled by the service");
        return None;
    }
    if !field.applies_to(customer) {
        faults.add(path(key), "does not apply to this customer type");
        return None;
    }
    Some(field)
}

/// The value as it is stored; `None` when it has a fault, which is noted. An empty value is a fault too: a field is emptied
/// by its path in the mask alone, so that no blank of a caller's form deletes what stands there.
pub fn accept(field: &Field, given: &FieldValue, rules: &Origin<'_>, faults: &mut Faults) -> Option<FieldValue> {
    let path = path(&field.id);
    let Some(given_value) = &given.value else {
        // It may be of a type that this server does not know: to take it for "empty" would delete what stands there.
        faults.add(path, format!("must be given as `{}`; {EMPTYING}", carrier(field.kind)));
        return None;
    };
    let value = shaped(field, &path, given_value, faults)?;
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

/// A kept value as plain text, the form in which it is searched and committed to.
pub fn plain(value: &FieldValue) -> String {
    match &value.value {
        Some(Value::Text(text) | Value::Decimal(text) | Value::Date(text)) => text.clone(),
        Some(Value::Integer(number)) => number.to_string(),
        Some(Value::Boolean(truth)) => truth.to_string(),
        Some(Value::List(list)) => list.items.join("\n"),
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
    match kept(field, path, given, faults)? {
        Value::Date(text) => day(path, &text, faults),
        Value::List(list) => items(field, path, &list, faults),
        Value::Text(text) => one(field, path, &text, faults).map(Value::Text),
        other => Some(other),
    }
}

fn day(path: &str, text: &str, faults: &mut Faults) -> Option<Value> {
    let text = tidy(text);
    if text.is_empty() {
        return blank(path, faults);
    }
    match calendar_day(&text) {
        Some(date) => Some(Value::Date(date.to_string())),
        None => {
            faults.add(path, "is no calendar day in the form YYYY-MM-DD");
            None
        }
    }
}

/// The day of a text of exactly the form YYYY-MM-DD; digits of full width count. A text with a time or a zone names no day:
/// which one it is depends on who reads it.
pub fn calendar_day(text: &str) -> Option<Date> {
    let text: String = text.nfkc().collect();
    let formed = text.len() == 10
        && text.bytes().enumerate().all(|(at, c)| if at == 4 || at == 7 { c == b'-' } else { c.is_ascii_digit() });
    text.parse::<Date>().ok().filter(|date| formed && date.year() >= 1)
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

// What has a form of its own is written in plain letters, digits and signs, whatever keyboard they came from.
fn formal(kind: FieldType, text: String) -> String {
    match kind {
        FieldType::Phone | FieldType::Email | FieldType::Url => text.nfkc().collect(),
        _ => text,
    }
}

// What the format of the field's type has against the text.
fn misfit(field: &Field, text: &str) -> Option<String> {
    let (fits, why) = match field.kind {
        FieldType::Phone => (is_phone(text), "is no telephone number"),
        FieldType::Email => (is_email(text), "is no e-mail address"),
        FieldType::Url => (is_url(text), "is no web address that begins with http:// or https://"),
        FieldType::Enum if field.values.iter().all(|one| one.value != text) => {
            return Some(one_of(field.values.iter().map(|one| one.value.as_str())));
        }
        _ => (true, ""),
    };
    (!fits).then(|| why.to_owned())
}

fn is_phone(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    (3..=20).contains(&digits) && text.chars().all(|c| c.is_ascii_digit() || "+-() ,/#*转".contains(c))
}

fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    !local.is_empty()
        && !text.chars().any(char::is_whitespace)
        && domain.contains('.')
        && domain.split('.').all(|part| !part.is_empty())
}

fn is_url(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/') && !rest.chars().any(char::is_whitespace))
}

#[cfg(test)]
#[path = "form/tests.rs"]
mod tests;
