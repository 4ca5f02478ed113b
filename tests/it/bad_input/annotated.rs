//! What the contract says of fields by annotation is what the services do.
//!
//! Every good request of the tables of this folder is sent once more for each field that is marked required, without it: it is
//! refused with that field named. And once with every output-only field filled: the answer is the same.

use dossier::client::catalogue::says;
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, ReflectMessage, Value};

pub(super) use dossier::client::catalogue::Behavior;

/// Where the fields that `behavior` is said of are in `message`, messages inside that are there included: `head[0].field`.
pub(super) fn paths(message: &DynamicMessage, behavior: Behavior) -> Vec<String> {
    let mut found = Vec::new();
    walk(message, "", &mut |path, field| {
        if says(field, behavior) {
            found.push(path.to_owned());
        }
    });
    found
}

/// Where the fields are that `message` says something in and that are not marked required.
pub(super) fn unmarked(message: &DynamicMessage) -> Vec<String> {
    let mut found = Vec::new();
    walk(message, "", &mut |path, field| {
        let marked = [Behavior::Required, Behavior::Identifier, Behavior::OutputOnly];
        if !marked.into_iter().any(|one| says(field, one)) {
            found.push(path.to_owned());
        }
    });
    found
}

/// Fills every field that is marked output only with something that no service would answer.
pub(super) fn with_output_only(message: &DynamicMessage) -> DynamicMessage {
    let mut filled = message.clone();
    fill(&mut filled);
    filled
}

fn walk(message: &DynamicMessage, before: &str, tell: &mut impl FnMut(&str, &FieldDescriptor)) {
    for field in message.descriptor().fields() {
        let path = format!("{before}{}", field.name());
        tell(&path, &field);
        if !message.has_field(&field) {
            continue;
        }
        match message.get_field(&field).as_ref() {
            Value::Message(inner) if !is_foreign(inner) => walk(inner, &format!("{path}."), tell),
            Value::List(items) => {
                for (at, item) in items.iter().enumerate() {
                    if let Value::Message(inner) = item {
                        walk(inner, &format!("{path}[{at}]."), tell);
                    }
                }
            }
            _ => {}
        }
    }
}

fn fill(message: &mut DynamicMessage) {
    for field in message.descriptor().fields() {
        if says(&field, Behavior::OutputOnly) {
            message.set_field(&field, something(&field));
            continue;
        }
        if !message.has_field(&field) {
            continue;
        }
        match message.get_field_mut(&field) {
            Value::Message(inner) if !is_foreign(inner) => fill(inner),
            Value::List(items) => {
                for item in items {
                    if let Value::Message(inner) = item {
                        fill(inner);
                    }
                }
            }
            _ => {}
        }
    }
}

fn is_foreign(message: &DynamicMessage) -> bool {
    message.descriptor().package_name().starts_with("google.")
}

fn something(field: &FieldDescriptor) -> Value {
    let one = match field.kind() {
        Kind::String => Value::String("made up".into()),
        Kind::Bool => Value::Bool(true),
        Kind::Bytes => Value::Bytes(vec![1].into()),
        Kind::Int32 => Value::I32(7),
        Kind::Int64 => Value::I64(7),
        Kind::Enum(_) => Value::EnumNumber(1),
        Kind::Message(inner) => Value::Message(DynamicMessage::new(inner)),
        other => panic!("{other:?} is in no contract yet"),
    };
    match (field.is_map(), field.is_list()) {
        (true, _) => Value::default_value_for_field(field),
        (_, true) => Value::List(vec![one]),
        _ => one,
    }
}
