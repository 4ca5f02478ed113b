//! What the contract says of fields by annotation is what the services do.
//!
//! Every good request of the tables of this folder is sent once more for each field that is marked required, without it: it is
//! refused with that field named. And once with every output-only field filled: the answer is the same.

use prost_reflect::{DynamicMessage, ExtensionDescriptor, FieldDescriptor, Kind, ReflectMessage, Value};

/// `google.api.FieldBehavior`, as far as it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Behavior {
    Required = 2,
    OutputOnly = 3,
    Immutable = 5,
}

/// Where the fields that `behavior` is said of are in `message`, messages inside that are there included: `head[0].field`.
pub(super) fn paths(message: &DynamicMessage, behavior: Behavior) -> Vec<String> {
    let pool = message.descriptor().parent_pool().clone();
    let extension = pool.get_extension_by_name("google.api.field_behavior").unwrap();
    let mut found = Vec::new();
    walk(message, "", &mut |path, field| {
        if says(field, &extension, behavior) {
            found.push(path.to_owned());
        }
    });
    found
}

/// Fills every field that is marked output only with something that no service would answer.
pub(super) fn with_output_only(message: &DynamicMessage) -> DynamicMessage {
    let extension = message.descriptor().parent_pool().get_extension_by_name("google.api.field_behavior").unwrap();
    let mut filled = message.clone();
    fill(&mut filled, &extension);
    filled
}

fn says(field: &FieldDescriptor, extension: &ExtensionDescriptor, behavior: Behavior) -> bool {
    let options = field.options();
    let Value::List(said) = options.get_extension(extension).into_owned() else { return false };
    said.contains(&Value::EnumNumber(behavior as i32))
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

fn fill(message: &mut DynamicMessage, extension: &ExtensionDescriptor) {
    for field in message.descriptor().fields() {
        if says(&field, extension, Behavior::OutputOnly) {
            message.set_field(&field, something(&field));
            continue;
        }
        if !message.has_field(&field) {
            continue;
        }
        match message.get_field_mut(&field) {
            Value::Message(inner) if !is_foreign(inner) => fill(inner, extension),
            Value::List(items) => {
                for item in items {
                    if let Value::Message(inner) = item {
                        fill(inner, extension);
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
