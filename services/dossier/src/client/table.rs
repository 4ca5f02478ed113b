//! An answer as a table: a row for each item of its list, or a row for each field.

use std::collections::BTreeSet;

use dossier_kernel::money;
use dossier_kernel::printed::columns as width;
use jiff::{SignedDuration, Timestamp};
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, ReflectMessage, Value};

use super::reference::People;
use super::{shown, value};

/// Columns between cells.
const GAP: usize = 2;

/// Longest cell in a list; what is longer stands whole in JSON.
const WIDEST: usize = 48;

/// What a table tells of an entry; the rest stands in JSON.
const TOLD: [&str; 5] = ["time", "actor", "action", "subject", "event"];

/// What a list shows of a message unless columns are named; of any other message everything but [`ASIDE`].
const SHOWN: [(&str, &[&str]); 2] = [
    (
        "dossier.profile.v1.CustomerFile",
        &["name", "number", "fields", "customer_type", "level", "unit", "custodian", "state"],
    ),
    ("dossier.access.v1.Person", &["name", "subject", "display_name", "active", "appointments"]),
];

/// What a list leaves out unless it is named: what only programs ask for.
const ASIDE: [&str; 5] = ["etag", "create_time", "update_time", "content_digest", "calendar_version"];

/// How a table is shown.
#[derive(Clone, Debug, Default)]
pub struct Look {
    /// Paths of the columns of a list, such as `number` or `fields.name`; empty: those that people look for.
    pub columns: Vec<String>,
    /// Names of people.
    pub people: People,
}

/// The table of an answer, with a line end after every row.
///
/// # Errors
/// When a column is named that the items of the list cannot have.
pub fn render(answer: &DynamicMessage, look: &Look) -> Result<String, String> {
    let Some((field, items)) = list(answer) else { return Ok(pairs(&look.fields(answer, ""))) };
    let Kind::Message(of) = field.kind() else { return Ok(String::new()) };
    for column in &look.columns {
        known(&of, column)?;
    }
    let mut text = look.rows(&items);
    if items.is_empty() {
        text = format!("no {}\n", field.name().replace('_', " "));
    }
    Ok(text + &look.rest(answer, &field))
}

// Whether the path may lead to a value; behind a map it may be anything.
fn known(of: &MessageDescriptor, path: &str) -> Result<(), String> {
    let (head, rest) = path.split_once('.').map_or((path, None), |(head, rest)| (head, Some(rest)));
    let Some(field) = of.get_field_by_name(head) else {
        let names: Vec<_> = of.fields().map(|field| field.name().to_owned()).collect();
        return Err(format!("--columns: there is no `{head}`; there are {}", names.join(", ")));
    };
    match (rest, field.kind()) {
        (Some(rest), Kind::Message(inner)) if !field.is_map() && !field.is_list() => known(&inner, rest),
        (Some(_), _) if !field.is_map() => Err(format!("--columns: nothing stands behind `{head}`")),
        _ => Ok(()),
    }
}

/// The one list of messages of a list's answer: it has no other messages but moments, lengths and amounts.
fn list(answer: &DynamicMessage) -> Option<(FieldDescriptor, Vec<DynamicMessage>)> {
    let of = answer.descriptor();
    let mut lists = of.fields().filter(|field| field.is_list() && matches!(field.kind(), Kind::Message(_)));
    let field = lists.next().filter(|_| of.name().ends_with("Response") && lists.next().is_none())?;
    let mut others = of.fields().filter(|other| *other != field).filter_map(|other| other.kind().as_message().cloned());
    if others.any(|of| !value::PLAIN.contains(&of.full_name())) {
        return None;
    }
    let items = answer.get_field(&field).as_list()?.iter().filter_map(|item| item.as_message().cloned()).collect();
    Some((field, items))
}

// The columns that some item fills, in the order of the contract or of the look.
fn columns(of: &MessageDescriptor, items: &[DynamicMessage]) -> Vec<String> {
    let shown = SHOWN.iter().find(|(name, _)| *name == of.full_name());
    let names: Vec<String> = match shown {
        Some((_, names)) => names.iter().map(|&name| name.to_owned()).collect(),
        None => of.fields().map(|field| field.name().to_owned()).collect(),
    };
    let used = |name: &String| {
        let field = of.get_field_by_name(name);
        field.is_some_and(|field| items.iter().any(|item| item.has_field(&field)))
    };
    let aside = |name: &String| shown.is_none() && ASIDE.contains(&name.as_str());
    let wanted = names.into_iter().filter(|name| used(name) && !aside(name));
    wanted.flat_map(|name| spread(of, items, name)).collect()
}

fn header(columns: &[FieldDescriptor]) -> Vec<String> {
    columns.iter().map(|field| field.name().to_uppercase()).collect()
}

fn cells(columns: &[FieldDescriptor], item: &DynamicMessage) -> Vec<String> {
    columns.iter().map(|field| cut(&cell(field, &item.get_field(field), item.has_field(field)))).collect()
}

/// Entries of a journal: the number of each, and what its bytes say.
fn entries(items: &[DynamicMessage]) -> String {
    let bodies: Vec<_> = items.iter().map(shown::body_of).collect();
    let Some(body) = bodies.iter().flatten().next() else { return String::new() };
    let told: Vec<_> = TOLD.into_iter().filter_map(|name| body.descriptor().get_field_by_name(name)).collect();
    let mut grid = vec![[vec!["SEQ".to_owned()], header(&told)].concat()];
    for (item, body) in items.iter().zip(&bodies) {
        let seq = item.get_field_by_name("seq").and_then(|seq| seq.as_i64()).unwrap_or_default();
        let cells = body.as_ref().map_or_else(Vec::new, |body| cells(&told, body));
        grid.push([vec![seq.to_string()], cells].concat());
    }
    align(&grid)
}

// A map of values has a column for each of its keys, the customer's name first.
fn spread(of: &MessageDescriptor, items: &[DynamicMessage], name: String) -> Vec<String> {
    let Some(field) = of.get_field_by_name(&name).filter(FieldDescriptor::is_map) else { return vec![name] };
    if !matches!(field.kind(), Kind::Message(entry) if matches!(entry.map_entry_value_field().kind(), Kind::Message(_)))
    {
        return vec![name];
    }
    let mut keys = BTreeSet::new();
    for item in items {
        if let Some(entries) = item.get_field(&field).as_map() {
            keys.extend(entries.keys().map(value::key_text));
        }
    }
    let mut keys: Vec<_> = keys.into_iter().collect();
    keys.sort_by_key(|key| key != "name");
    keys.into_iter().map(|key| format!("{name}.{key}")).collect()
}

fn pairs(pairs: &[(String, String)]) -> String {
    align(&pairs.iter().map(|(key, value)| vec![key.clone(), value.clone()]).collect::<Vec<_>>())
}

// === impl Look ===

impl Look {
    /// What the answer says beside its list, such as the token of the next page.
    fn rest(&self, answer: &DynamicMessage, list: &FieldDescriptor) -> String {
        let mut others = answer.clone();
        others.clear_field(list);
        pairs(&self.fields(&others, ""))
    }

    fn rows(&self, items: &[DynamicMessage]) -> String {
        let Some(first) = items.first() else { return String::new() };
        if self.columns.is_empty() && first.descriptor().full_name() == shown::ENTRY {
            return entries(items);
        }
        let of = first.descriptor();
        let columns = if self.columns.is_empty() { columns(&of, items) } else { self.columns.clone() };
        let mut grid = vec![columns.iter().map(|column| column.to_uppercase()).collect::<Vec<_>>()];
        for item in items {
            grid.push(columns.iter().map(|column| cut(&self.cell(item, column))).collect());
        }
        align(&grid)
    }

    // What stands at a path; nothing where it leads nowhere.
    fn cell(&self, item: &DynamicMessage, path: &str) -> String {
        let (head, rest) = path.split_once('.').map_or((path, None), |(head, rest)| (head, Some(rest)));
        let Some(field) =
            item.descriptor().get_field_by_name(head).filter(|field| item.has_field(field) || shown::said(field))
        else {
            return String::new();
        };
        let value = item.get_field(&field);
        match (value.as_ref(), rest) {
            (Value::Message(inner), Some(rest)) => self.cell(inner, rest),
            (Value::Map(entries), Some(rest)) => {
                let found = entries.iter().find(|(key, _)| value::key_text(key) == rest);
                found.map(|(_, value)| self.scalar(&field, value)).unwrap_or_default()
            }
            (value, _) => self.scalar(&field, value),
        }
    }

    /// The fields that are set and those that say no or nothing, messages inside with dotted names.
    fn fields(&self, message: &DynamicMessage, prefix: &str) -> Vec<(String, String)> {
        let mut found = Vec::new();
        for field in message.descriptor().fields().filter(|field| message.has_field(field) || shown::said(field)) {
            let (key, value) = (format!("{prefix}{}", field.name()), message.get_field(&field));
            if let Some(body) = shown::opened(&message.descriptor(), &field, &value) {
                found.extend(self.fields(&body, &format!("{key}.")));
                continue;
            }
            match value.as_ref() {
                Value::Message(inner) if plain(inner).is_none() => {
                    found.extend(self.fields(inner, &format!("{key}.")));
                }
                Value::Map(entries) => {
                    let mut entries: Vec<_> =
                        entries.iter().map(|(name, value)| (value::key_text(name), value)).collect();
                    entries.sort_by(|one, other| one.0.cmp(&other.0));
                    let told = |(name, value)| (format!("{key}.{name}"), self.scalar(&field, value));
                    found.extend(entries.into_iter().map(told));
                }
                Value::List(items) if items.iter().any(|item| matches!(item, Value::Message(_))) => {
                    for (at, item) in items.iter().enumerate() {
                        found.push((format!("{key}[{at}]"), self.scalar(&field, item)));
                    }
                }
                value => found.push((key, self.scalar(&field, value))),
            }
        }
        found
    }

    fn scalar(&self, field: &FieldDescriptor, value: &Value) -> String {
        match value {
            // The name itself is what other commands take.
            Value::String(value) if field.name() != "name" => self.people.get(value).unwrap_or(value).clone(),
            Value::List(items) => items.iter().map(|item| self.scalar(field, item)).collect::<Vec<_>>().join(", "),
            Value::Map(entries) => {
                let pair = |(key, value)| format!("{}={}", value::key_text(key), self.scalar(field, value));
                let mut pairs: Vec<_> = entries.iter().map(pair).collect();
                pairs.sort();
                pairs.join(", ")
            }
            value => scalar(field, value),
        }
    }
}

fn cell(field: &FieldDescriptor, value: &Value, set: bool) -> String {
    if set || shown::said(field) { scalar(field, value) } else { String::new() }
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
            let pair = |(key, value)| format!("{}={}", value::key_text(key), scalar(field, value));
            let mut pairs: Vec<_> = entries.iter().map(pair).collect();
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
            Some(money::text(number("minor_units"), &currency))
        }
        // One value, whatever its type; where it comes from stands in JSON.
        value::FIELD_VALUE => {
            let value = message.fields().find(|(field, _)| field.containing_oneof().is_some());
            let (field, value) = value?;
            Some(match value {
                Value::Message(one) => {
                    let parts = || one.fields().map(|(field, items)| scalar(&field, items)).collect();
                    plain(one).unwrap_or_else(parts)
                }
                value => scalar(&field, value),
            })
        }
        // What people call it; a choice that the form has no more has its id alone.
        value::CHOICE => {
            let part = |name: &str| message.get_field_by_name(name).and_then(|value| Some(value.as_str()?.to_owned()));
            part("label").filter(|label| !label.is_empty()).or_else(|| part("id"))
        }
        _ => None,
    }
}

fn compact(message: &DynamicMessage) -> String {
    shown::document(message).map(|document| document.to_string()).unwrap_or_default()
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

#[cfg(test)]
mod tests;
