//! Something else at a place of a request, found by its path: `head[key].field`.

use prost_reflect::{DynamicMessage, Kind, MapKey, ReflectMessage, Value};

use super::CANARY;
use super::over::Over;
use crate::prelude::*;

/// Puts `over` where `path` leads.
pub(super) fn put(message: &mut DynamicMessage, path: &str, over: Over) {
    let (head, rest) = path.split_once('.').map_or((path, None), |(head, rest)| (head, Some(rest)));
    let (name, key) = match head.split_once('[') {
        Some((name, key)) => (name, Some(key.trim_end_matches(']').to_owned())),
        None => (head, None),
    };
    let kind = message.descriptor().full_name().to_owned();
    let field = message.descriptor().get_field_by_name(name).unwrap_or_else(|| panic!("{kind} has no {name}"));
    if let (Over::Absent, None) = (over, rest) {
        return message.clear_field(&field);
    }
    let place = message.get_field_mut(&field);
    let (place, kind) = match (place, key) {
        (Value::Map(entries), Some(key)) => {
            let Kind::Message(entry) = field.kind() else { panic!("{path} is no map") };
            let value = entry.map_entry_value_field();
            let empty = || Value::default_value_for_field(&value);
            (entries.entry(MapKey::String(key)).or_insert_with(empty), value.kind())
        }
        (Value::List(items), Some(key)) => (&mut items[key.parse::<usize>().unwrap()], field.kind()),
        (place, _) => (place, field.kind()),
    };
    match (rest, place) {
        (Some(rest), Value::Message(inner)) => put(inner, rest, over),
        (Some(rest), _) => panic!("{path} has nothing in which {rest} could lie"),
        (None, Value::List(items)) => *items = many(items, &kind, over),
        (None, Value::Map(entries)) => {
            let Over::Many(count) = over else { panic!("{path} is a map") };
            let one = entries.values().next().cloned().unwrap_or_else(|| panic!("{path} has no entry to repeat"));
            *entries = (0..count).map(|at| (MapKey::String(format!("k{at}")), one.clone())).collect();
        }
        (None, place) => *place = single(&kind, over),
    }
}

fn many(items: &[Value], kind: &Kind, over: Over) -> Vec<Value> {
    match over {
        Over::Many(count) => (0..count)
            .map(|at| match items.first() {
                // Names and labels must differ; what follows the last slash is the id.
                Some(Value::String(text)) if text.contains('/') => {
                    Value::String(format!("{}/{}", text.split('/').next().unwrap(), Uuid::from_u128(at as u128)))
                }
                Some(Value::String(_)) | None => Value::String(format!("item_{at}")),
                Some(other) => other.clone(),
            })
            .collect(),
        other => vec![single(kind, other)],
    }
}

fn single(kind: &Kind, over: Over) -> Value {
    match (over, kind) {
        (Over::Long(count), _) => Value::String(long(count)),
        (Over::Say(text), _) => Value::String(text.to_owned()),
        (Over::Bytes(count), _) => Value::Bytes(vec![7; count].into()),
        (Over::Number(number), Kind::Enum(_)) => Value::EnumNumber(number.try_into().unwrap()),
        (Over::Number(number), Kind::Int64 | Kind::Sint64 | Kind::Sfixed64) => Value::I64(number),
        (Over::Number(number), _) => Value::I32(number.try_into().unwrap()),
        (Over::Many(_) | Over::Absent, _) => panic!("a single value is neither many nor absent"),
    }
}

/// A text of `count` characters, the personal value in front as far as it fits.
pub(super) fn long(count: usize) -> String {
    CANARY.chars().chain(std::iter::repeat('字')).take(count).collect()
}
