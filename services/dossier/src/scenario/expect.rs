//! Whether a part is in a reply: maps are subsets, lists are compared from the first to the last, what is not set is empty.

use dossier_kernel::money;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use prost_reflect::{EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor};
use serde_json::Value;

use super::fit::{join, values_of_form};
use super::free::{is_field_value, plain};
use super::reference::step;
use crate::client::json::field_of;
use crate::client::value::{self, DURATION, FIELD_VALUE, MONEY, TIMESTAMP};

/// Demands that `part` is in the answer `whole`, a message `of` as [`shown`](crate::client::shown) gives it.
///
/// # Errors
/// The path of the first thing that differs, what it is and what it must be.
pub(super) fn holds(of: &MessageDescriptor, part: &Value, whole: &Value, zone: &TimeZone) -> Result<(), String> {
    Look { zone }.message(of, part, whole, "")
}

struct Look<'a> {
    zone: &'a TimeZone,
}

// === impl Look ===

impl Look<'_> {
    fn message(&self, of: &MessageDescriptor, part: &Value, whole: &Value, path: &str) -> Result<(), String> {
        let Value::Object(entries) = part else { return Err(differs(path, whole, part)) };
        for (key, part) in entries {
            let path = join(path, key);
            let field = field_of(of, key).ok_or_else(|| format!("{path}: the contract has no such field"))?;
            self.field(&field, part, step(whole, key).unwrap_or(&Value::Null), &path)?;
        }
        Ok(())
    }

    fn field(&self, field: &FieldDescriptor, part: &Value, whole: &Value, path: &str) -> Result<(), String> {
        match (field.kind(), part) {
            (_, Value::Null) => empty(part, whole, path),
            (Kind::Message(pair), Value::Object(entries)) if field.is_map() => {
                let kind = pair.map_entry_value_field().kind();
                entries.iter().try_for_each(|(key, part)| {
                    let (path, whole) = (join(path, key), step(whole, key).unwrap_or(&Value::Null));
                    self.one(&kind, part, whole, &path)
                })
            }
            (kind, Value::Array(parts)) if field.is_list() => self.list(&kind, parts, whole, path),
            (kind, part) if !field.is_list() && !field.is_map() => self.one(&kind, part, whole, path),
            _ => Err(differs(path, whole, part)),
        }
    }

    fn list(&self, kind: &Kind, parts: &[Value], whole: &Value, path: &str) -> Result<(), String> {
        let found = whole.as_array().map(Vec::as_slice).unwrap_or_default();
        for (at, (part, whole)) in parts.iter().zip(found).enumerate() {
            self.one(kind, part, whole, &join(path, &at.to_string()))?;
        }
        match parts.len() == found.len() {
            true => Ok(()),
            false => Err(format!("{path}: has {} entries, must have {}", found.len(), parts.len())),
        }
    }

    fn one(&self, kind: &Kind, part: &Value, whole: &Value, path: &str) -> Result<(), String> {
        let same = match kind {
            _ if part.is_null() => return empty(part, whole, path),
            Kind::Message(of) => match of.full_name() {
                TIMESTAMP => self.same_time(part, whole),
                DURATION => length(part).is_some() && length(part) == length(whole),
                MONEY if part.is_string() => amount(part).is_some_and(|amount| plain(whole) == Value::String(amount)),
                FIELD_VALUE if !is_field_value(part) => self.same(part, &plain(whole)),
                _ => return self.message(of, part, whole, path),
            },
            Kind::Enum(of) => number(of, part).is_some() && number(of, part) == number(of, whole),
            _ => self.same(part, whole),
        };
        if same { Ok(()) } else { Err(differs(path, whole, part)) }
    }

    // A moment in any zone, or the beginning of how it is written in that of the pack: `2026-03-05`, `2026-03-05 09:00`.
    fn same_time(&self, part: &Value, whole: &Value) -> bool {
        let Some(moment) = whole.as_str().and_then(|text| text.parse::<Timestamp>().ok()) else { return false };
        let Some(part) = part.as_str() else { return false };
        match part.parse::<Timestamp>() {
            Ok(other) => other == moment,
            Err(_) => is_written(part, moment, self.zone),
        }
    }

    // Values without a type of the contract, as a script writes them.
    fn same(&self, part: &Value, whole: &Value) -> bool {
        match (part, whole) {
            (Value::Array(parts), Value::Array(found)) => {
                parts.len() == found.len() && parts.iter().zip(found).all(|(part, whole)| self.same(part, whole))
            }
            (Value::Object(parts), Value::Object(_)) => {
                parts.iter().all(|(key, part)| step(whole, key).is_some_and(|whole| self.same(part, whole)))
            }
            (Value::Object(_) | Value::Array(_), _) | (_, Value::Object(_) | Value::Array(_)) => false,
            _ => text(part) == text(whole) || self.same_time(part, whole),
        }
    }
}

/// A moment as people of the pack's time zone write it; the last one of a day is its 24:00.
pub(super) fn local(moment: Timestamp, zone: &TimeZone) -> String {
    let text = moment.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string();
    match next_day(moment, zone) {
        Some(_) => text.replace("23:59:59", "24:00"),
        None => text.strip_suffix(":00").map(str::to_owned).unwrap_or(text),
    }
}

// Whether a moment may be written so: its day, or its time as far as it is said; the last moment of a day is also its 24:00, or 00:00
// of the next one.
fn is_written(text: &str, moment: Timestamp, zone: &TimeZone) -> bool {
    let exact = moment.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string();
    let next = next_day(moment, zone).is_some_and(|day| text == format!("{day} 00:00"));
    next || text == local(moment, zone) || (text.len() >= 10 && exact.starts_with(text))
}

// The day that begins right after this moment.
fn next_day(moment: Timestamp, zone: &TimeZone) -> Option<jiff::civil::Date> {
    let next = moment.checked_add(jiff::SignedDuration::from_micros(1)).ok()?.to_zoned(zone.clone());
    (next.time() == jiff::civil::Time::midnight()).then(|| next.date())
}

fn number(of: &EnumDescriptor, value: &Value) -> Option<i32> {
    match value {
        // What is not set is the first.
        Value::Null => Some(0),
        Value::String(name) => value::enum_number(of, name),
        _ => None,
    }
}

fn length(value: &Value) -> Option<jiff::SignedDuration> {
    value.as_str().and_then(|text| value::length(text).ok())
}

fn amount(value: &Value) -> Option<String> {
    let (currency, minor) = money::parse(value.as_str()?).ok()?;
    Some(money::text(minor, &currency))
}

fn empty(part: &Value, whole: &Value, path: &str) -> Result<(), String> {
    let is = match whole {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(entries) => entries.is_empty(),
        _ => false,
    };
    if is { Ok(()) } else { Err(differs(path, whole, part)) }
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn differs(path: &str, whole: &Value, part: &Value) -> String {
    let told = |value: &Value| match value {
        Value::Null => "nothing".to_owned(),
        value => format!("`{}`", text(&plain(value))),
    };
    format!("{path}: is {}, must be {}", told(whole), told(part))
}

/// Demands that every key below a node is one of the message.
///
/// # Errors
/// The line and what there is.
pub(super) fn known(of: &MessageDescriptor, node: &dossier_regime::read::Node) -> Result<(), (usize, String)> {
    use dossier_regime::read::Value as Written;
    let Written::Map(entries) = &node.value else { return Ok(()) };
    if of.full_name().starts_with("google.protobuf.") {
        return Ok(());
    }
    for entry in entries {
        let Some(field) = field_of(of, &entry.key) else {
            let fields: Vec<_> = of.fields().map(|field| field.name().to_owned()).collect();
            let (key, of, fields) = (&entry.key, of.name(), fields.join(", "));
            return Err((entry.place.line, format!("{of} has no field `{key}`; there are {fields}")));
        };
        // What stands in a form knows the pack, and what stands in a map whoever wrote it.
        let Kind::Message(inner) = field.kind() else { continue };
        if values_of_form(&field) || field.is_map() {
            continue;
        }
        match &entry.node.value {
            Written::List(items) => items.iter().try_for_each(|item| known(&inner, item))?,
            _ => known(&inner, &entry.node)?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::client::{catalogue, json as reader, shown};

    fn of(name: &str) -> MessageDescriptor {
        catalogue::pool().get_message_by_name(name).unwrap()
    }

    fn look(name: &str, part: Value, whole: Value) -> Result<(), String> {
        let whole = shown::document(&reader::message(name, whole).unwrap()).unwrap();
        holds(&of(name), &part, &whole, &TimeZone::get("Asia/Shanghai").unwrap())
    }

    const DUTIES: &str = "dossier.duty.v1.ListDutiesResponse";
    const FILE: &str = "dossier.profile.v1.CustomerFile";

    #[test]
    fn a_part_is_a_subset_and_lists_have_the_same_length() {
        let two = json!({ "duties": [{ "kind": "a", "state": "DUTY_STATE_OPEN" }, { "kind": "b" }] });
        look(DUTIES, json!({ "duties": [{ "state": "OPEN" }, { "kind": "b", "unit": "" }] }), two.clone()).unwrap();
        for (part, told) in [
            (json!({ "duties": [{ "kind": "a" }] }), "duties: has 2 entries, must have 1"),
            (json!({ "duties": [] }), "duties: has 2 entries, must have 0"),
            (json!({ "duties": [{}, { "kind": "c" }] }), "duties.1.kind: is `b`, must be `c`"),
            (
                json!({ "duties": [{ "state": "WAIVED" }, {}] }),
                "duties.0.state: is `DUTY_STATE_OPEN`, must be `WAIVED`",
            ),
            (json!({ "duties": [{ "unit": "east" }, {}] }), "duties.0.unit: is nothing, must be `east`"),
            (json!({ "duties": [{ "moon": "x" }, {}] }), "duties.0.moon: the contract has no such field"),
            (json!({ "next_page_token": null, "duties": null }), "duties: is "),
        ] {
            let fault = look(DUTIES, part, two.clone()).unwrap_err();
            assert!(fault.starts_with(told), "{fault}");
        }
        look(DUTIES, json!({ "duties": [] }), json!({})).unwrap();
    }

    #[test]
    fn values_are_compared_as_a_script_writes_them() {
        let file = json!({
            "create_time": "2026-03-05T15:59:59.999999Z",
            "template_version": 3,
            "fields": { "name": { "text": "甲" }, "capital": { "money": "CNY 5.00" },
                        "kinds": { "choices": { "items": [{ "id": "a" }, { "id": "b" }] } } },
        });
        for part in [
            json!({ "create_time": "2026-03-05" }),
            json!({ "create_time": "2026-03-05 23:59" }),
            json!({ "create_time": "2026-03-05 24:00" }),
            json!({ "create_time": "2026-03-06 00:00" }),
            json!({ "create_time": "2026-03-05T15:59:59.999999Z", "template_version": "3" }),
            json!({ "fields": { "name": "甲", "capital": "CNY 5.00", "kinds": ["a", "b"] } }),
            json!({ "fields": { "name": { "text": "甲" } }, "close_time": null, "revision": "0" }),
        ] {
            look(FILE, part.clone(), file.clone()).unwrap_or_else(|fault| panic!("{part}: {fault}"));
        }
        for part in [
            json!({ "create_time": "2026-03-06" }),
            json!({ "create_time": null }),
            json!({ "create_time": "2026" }),
            json!({ "fields": { "name": "乙" } }),
            json!({ "fields": { "kinds": ["b", "a"] } }),
            json!({ "fields": { "phone": "1" } }),
            json!({ "revision": "1" }),
        ] {
            assert!(look(FILE, part.clone(), file.clone()).is_err(), "{part}");
        }
    }
}
