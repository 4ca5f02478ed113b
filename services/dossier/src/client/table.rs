//! An answer as a table: a row for each item of its list, or a row for each field.

use jiff::{SignedDuration, Timestamp};
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, ReflectMessage, Value};

use super::{json, value};

/// Columns between cells.
const GAP: usize = 2;

/// Longest cell in a list; what is longer stands whole in JSON.
const WIDEST: usize = 48;

/// The table of an answer, with a line end after every row.
pub fn render(answer: &DynamicMessage) -> String {
    match list(answer) {
        Some((field, items)) => {
            let mut text = rows(&items);
            if items.is_empty() {
                text = format!("no {}\n", field.name().replace('_', " "));
            }
            text + &rest(answer, &field)
        }
        None => pairs(&fields(answer, "")),
    }
}

/// The one list of messages of a list's answer: it has no other messages.
fn list(answer: &DynamicMessage) -> Option<(FieldDescriptor, Vec<DynamicMessage>)> {
    let of = answer.descriptor();
    let mut lists = of.fields().filter(|field| field.is_list() && matches!(field.kind(), Kind::Message(_)));
    let field = lists.next().filter(|_| of.name().ends_with("Response") && lists.next().is_none())?;
    let messages = of.fields().filter(|other| matches!(other.kind(), Kind::Message(_)) && *other != field);
    if messages.count() > 0 {
        return None;
    }
    let items = answer.get_field(&field).as_list()?.iter().filter_map(|item| item.as_message().cloned()).collect();
    Some((field, items))
}

/// What the answer says beside its list, such as the token of the next page.
fn rest(answer: &DynamicMessage, list: &FieldDescriptor) -> String {
    let mut others = answer.clone();
    others.clear_field(list);
    pairs(&fields(&others, ""))
}

fn rows(items: &[DynamicMessage]) -> String {
    let Some(first) = items.first() else { return String::new() };
    let of = first.descriptor();
    let used: Vec<_> = of.fields().filter(|field| items.iter().any(|item| item.has_field(field))).collect();
    let mut grid = vec![used.iter().map(|field| field.name().to_uppercase()).collect::<Vec<_>>()];
    for item in items {
        grid.push(used.iter().map(|field| cut(&cell(field, &item.get_field(field), item.has_field(field)))).collect());
    }
    align(&grid)
}

fn pairs(pairs: &[(String, String)]) -> String {
    align(&pairs.iter().map(|(key, value)| vec![key.clone(), value.clone()]).collect::<Vec<_>>())
}

/// The fields that are set, messages inside with dotted names.
fn fields(message: &DynamicMessage, prefix: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (field, value) in message.fields() {
        let key = format!("{prefix}{}", field.name());
        match value {
            Value::Message(inner) if plain(inner).is_none() => found.extend(fields(inner, &format!("{key}."))),
            Value::Map(entries) => {
                let mut entries: Vec<_> = entries.iter().map(|(name, value)| (value::key_text(name), value)).collect();
                entries.sort_by(|one, other| one.0.cmp(&other.0));
                found.extend(entries.into_iter().map(|(name, value)| (format!("{key}.{name}"), scalar(&field, value))));
            }
            Value::List(items) if items.iter().any(|item| matches!(item, Value::Message(_))) => {
                for (at, item) in items.iter().enumerate() {
                    found.push((format!("{key}[{at}]"), scalar(&field, item)));
                }
            }
            value => found.push((key, scalar(&field, value))),
        }
    }
    found
}

fn cell(field: &FieldDescriptor, value: &Value, set: bool) -> String {
    if set { scalar(field, value) } else { String::new() }
}

fn scalar(field: &FieldDescriptor, value: &Value) -> String {
    match value {
        Value::Bool(value) => value.to_string(),
        Value::I32(value) => value.to_string(),
        Value::I64(value) => value.to_string(),
        Value::U32(value) => value.to_string(),
        Value::U64(value) => value.to_string(),
        Value::F32(value) => value.to_string(),
        Value::F64(value) => value.to_string(),
        Value::String(value) => value.clone(),
        Value::Bytes(value) => hex::encode(value),
        Value::EnumNumber(number) => enum_name(&field.kind(), *number),
        Value::List(items) => items.iter().map(|item| scalar(field, item)).collect::<Vec<_>>().join(", "),
        Value::Message(message) => plain(message).unwrap_or_else(|| compact(message)),
        Value::Map(entries) => {
            let mut pairs: Vec<_> = entries
                .iter()
                .map(|(key, value)| format!("{}={}", value::key_text(key), scalar(field, value)))
                .collect();
            pairs.sort();
            pairs.join(", ")
        }
    }
}

fn enum_name(kind: &Kind, number: i32) -> String {
    let of = match kind {
        Kind::Enum(of) => Some(of.clone()),
        // The value of a map.
        Kind::Message(entry) if entry.is_map_entry() => entry.map_entry_value_field().kind().as_enum().cloned(),
        _ => None,
    };
    let name = of.and_then(|of| Some(value::short(&of, of.get_value(number)?.name())));
    name.unwrap_or_else(|| number.to_string())
}

/// Messages that are one value to people.
fn plain(message: &DynamicMessage) -> Option<String> {
    let number = |name: &str| match message.get_field_by_name(name).as_deref() {
        Some(Value::I64(number)) => *number,
        Some(Value::I32(number)) => i64::from(*number),
        _ => 0,
    };
    let nanos = || i32::try_from(number("nanos")).unwrap_or(0);
    match message.descriptor().full_name() {
        value::TIMESTAMP => Some(Timestamp::new(number("seconds"), nanos()).ok()?.to_string()),
        value::DURATION => {
            let length = SignedDuration::from_secs(number("seconds"));
            Some(format!("{:#}", length.checked_add(SignedDuration::from_nanos(number("nanos")))?))
        }
        value::MONEY => {
            let currency = message.get_field_by_name("currency_code")?.as_str()?.to_owned();
            Some(money(&currency, number("minor_units")))
        }
        _ => None,
    }
}

fn money(currency: &str, minor: i64) -> String {
    let digits = value::minor_digits(currency);
    let text = format!("{:0>width$}", minor.unsigned_abs(), width = digits + 1);
    let (whole, fraction) = text.split_at(text.len() - digits);
    let (sign, point) = (if minor < 0 { "-" } else { "" }, if digits == 0 { "" } else { "." });
    format!("{currency} {sign}{whole}{point}{fraction}")
}

fn compact(message: &DynamicMessage) -> String {
    json::value(message).map(|document| document.to_string()).unwrap_or_default()
}

fn cut(text: &str) -> String {
    let line = text.replace(['\n', '\r', '\t'], " ");
    if width(&line) <= WIDEST {
        return line;
    }
    let mut cut = String::new();
    for c in line.chars() {
        // Room for a wide character and the dots.
        if width(&cut) + 3 > WIDEST {
            break;
        }
        cut.push(c);
    }
    cut + "…"
}

fn align(grid: &[Vec<String>]) -> String {
    let columns = grid.iter().map(Vec::len).max().unwrap_or(0);
    let widest = |at: usize| grid.iter().filter_map(|row| row.get(at)).map(|cell| width(cell)).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(widest).collect();
    let mut text = String::new();
    for row in grid {
        let mut line = String::new();
        for (cell, wide) in row.iter().zip(&widths) {
            line.push_str(cell);
            line.extend(std::iter::repeat_n(' ', wide.saturating_sub(width(cell)) + GAP));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// Columns on a screen: Chinese characters and full-width signs take two.
fn width(text: &str) -> usize {
    let wide = |c: char| matches!(u32::from(c), 0x1100..=0x115F | 0x2E80..=0xA4CF | 0xAC00..=0xD7A3 | 0xF900..=0xFAFF | 0xFE30..=0xFE6F | 0xFF00..=0xFF60 | 0xFFE0..=0xFFE6 | 0x20000..=0x3FFFD);
    text.chars().map(|c| if wide(c) { 2 } else { 1 }).sum()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn table(name: &str, document: serde_json::Value) -> String {
        render(&json::message(name, document).unwrap())
    }

    #[test]
    fn a_list_has_a_row_for_each_item_and_a_column_for_each_field_in_use() {
        let text = table(
            "dossier.access.v1.ListPersonsResponse",
            json!({ "persons": [{ "name": "persons/1", "displayName": "陈立远" }, { "name": "persons/22", "displayName": "x" }], "nextPageToken": "t" }),
        );
        let expected = "NAME        DISPLAY_NAME\npersons/1   陈立远\npersons/22  x\nnext_page_token  t\n";
        assert_eq!(text, expected);
        assert_eq!(table("dossier.access.v1.ListPersonsResponse", json!({})), "no persons\n");
    }

    #[test]
    fn one_resource_has_a_row_for_each_field() {
        let text = table(
            "dossier.profile.v1.CustomerFile",
            json!({
                "name": "files/1", "state": "ACTIVE", "fields": { "b": { "integer": 5 }, "a": { "text": "x" } },
                "createTime": "2026-04-01T00:00:00Z", "completeness": { "complete": true },
            }),
        );
        let lines: Vec<_> = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        let expected = [
            "name files/1",
            "state ACTIVE",
            r#"fields.a {"text":"x"}"#,
            r#"fields.b {"integer":"5"}"#,
            "create_time 2026-04-01T00:00:00Z",
            "completeness.complete true",
        ];
        assert_eq!(lines, expected);
    }

    #[test]
    fn amounts_and_durations_are_shown_as_people_write_them() {
        assert_eq!(money("CNY", 10_000), "CNY 100.00");
        assert_eq!(money("CNY", -5), "CNY -0.05");
        assert_eq!(money("JPY", 7), "JPY 7");
        let text = table("dossier.access.v1.RequestAccessRequest", json!({ "duration": "4h", "medium": "VIEW" }));
        assert_eq!(text, "medium    VIEW\nduration  4h\n");
    }

    #[test]
    fn long_cells_are_cut_and_wide_characters_counted() {
        assert_eq!(width("中a"), 3);
        let cut = cut(&"中".repeat(60));
        assert!(width(&cut) <= WIDEST && cut.ends_with('…'));
    }
}
