//! An example of a message as JSON, for the help of a flag that takes one.

use prost_reflect::{EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor};
use serde_json::{Map, Value, json};

use super::catalogue::Behavior;
use super::{catalogue, value};

/// How deep messages inside messages are shown.
const DEEPEST: usize = 3;

/// The document of `of` with a sample in each field that a caller writes.
pub fn of(of: &MessageDescriptor) -> Value {
    message(of, DEEPEST)
}

fn message(of: &MessageDescriptor, depth: usize) -> Value {
    match of.full_name() {
        value::TIMESTAMP => return json!("2026-04-01T08:00:00+08:00"),
        value::DURATION => return json!("4h"),
        value::FIELD_MASK => return json!("fields.phone,unit"),
        value::MONEY => return json!("CNY 100.00"),
        value::SCOPE => return json!({ "whole_file": {} }),
        _ => {}
    }
    let mut sample = Map::new();
    for field in of.fields().filter(is_written) {
        // Of several that exclude each other the first.
        let other = field.containing_oneof().filter(|oneof| oneof.fields().next().as_ref() != Some(&field));
        if other.is_none() && (depth > 0 || !matches!(field.kind(), Kind::Message(_))) {
            sample.insert(field.name().to_owned(), one(&field, depth.saturating_sub(1)));
        }
    }
    Value::Object(sample)
}

fn is_written(field: &FieldDescriptor) -> bool {
    ![Behavior::OutputOnly, Behavior::Identifier].into_iter().any(|behavior| catalogue::says(field, behavior))
}

fn one(field: &FieldDescriptor, depth: usize) -> Value {
    if field.is_map() {
        let Kind::Message(entry) = field.kind() else { return json!({}) };
        return json!({ "KEY": kind(field, &entry.map_entry_value_field().kind(), depth) });
    }
    let sample = kind(field, &field.kind(), depth);
    if field.is_list() { json!([sample]) } else { sample }
}

fn kind(field: &FieldDescriptor, of: &Kind, depth: usize) -> Value {
    match of {
        Kind::Bool => json!(true),
        Kind::String => json!(words(field)),
        Kind::Bytes => json!("AAAA"),
        Kind::Double | Kind::Float => json!(1.5),
        Kind::Enum(of) => json!(name(of)),
        Kind::Message(of) => message(of, depth),
        _ => json!(1),
    }
}

// A value that the comment names, where it names one.
fn words(field: &FieldDescriptor) -> String {
    let comment = catalogue::comment(&field.parent_file(), field.path());
    let named = comment.split("such as `").nth(1).and_then(|rest| rest.split('`').next());
    let form = comment.split('`').nth(1).filter(|form| form.contains('{'));
    named.or(form).unwrap_or("...").to_owned()
}

fn name(of: &EnumDescriptor) -> String {
    let first = of.values().find(|one| one.number() != 0);
    first.map(|one| value::short(of, one.name())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::json;

    #[test]
    fn every_example_can_be_read_back() {
        let mut shown = 0;
        for message in catalogue::pool().all_messages().filter(|one| one.full_name().starts_with("dossier.")) {
            if message.is_map_entry() || message.fields().next().is_none() {
                continue;
            }
            let sample = of(&message);
            let read = json::read(&message, sample.clone());
            assert!(read.is_ok(), "{}: {sample}: {read:?}", message.full_name());
            shown += 1;
        }
        assert!(shown > 100, "{shown}");
    }

    #[test]
    fn the_example_of_a_file_has_what_a_caller_writes_and_no_more() {
        let file = of(&catalogue::pool().get_message_by_name("dossier.profile.v1.CustomerFile").unwrap());
        assert_eq!((&file["file_kind"], &file["template"]), (&json!("customer"), &json!("templates/{id}")));
        assert_eq!(file["fields"]["KEY"]["text"], "...");
        assert!(file.get("number").is_none() && file.get("state").is_none());
    }

    use serde_json::json;
}
