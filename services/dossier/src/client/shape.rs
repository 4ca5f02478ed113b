//! Whether a document has the shape of a message; what has not is named with its path.

use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};
use serde_json::Value;

use super::json::field_of;
use super::value;

/// Demands that every field of `document` is one of the message and has its form.
///
/// # Errors
/// The path of the first that has not, and what there is or what it must be.
pub fn check(of: &MessageDescriptor, document: &Value, path: &str) -> Result<(), String> {
    if of.full_name().starts_with("google.protobuf.") || is_short(of, document) {
        return Ok(());
    }
    let Value::Object(entries) = document else { return Err(at(path, "must be an object in braces")) };
    for (key, entry) in entries {
        let inner = join(path, key);
        let Some(field) = field_of(of, key) else {
            let known: Vec<_> = of.fields().map(|field| field.name().to_owned()).collect();
            return Err(at(&inner, &format!("there is no such field; there are {}", known.join(", "))));
        };
        if !entry.is_null() {
            whole(&field, entry, &inner)?;
        }
    }
    Ok(())
}

fn whole(field: &FieldDescriptor, document: &Value, path: &str) -> Result<(), String> {
    if field.is_map() {
        let Kind::Message(entry) = field.kind() else { return Ok(()) };
        let Value::Object(entries) = document else { return Err(at(path, "must be an object of keys and values")) };
        let kind = entry.map_entry_value_field().kind();
        return entries.iter().try_for_each(|(key, entry)| one(&kind, entry, &join(path, key)));
    }
    if !field.is_list() {
        return one(&field.kind(), document, path);
    }
    let Value::Array(items) = document else { return Err(at(path, "must be a list in brackets")) };
    items.iter().enumerate().try_for_each(|(n, item)| one(&field.kind(), item, &join(path, &n.to_string())))
}

fn one(kind: &Kind, document: &Value, path: &str) -> Result<(), String> {
    let must = |holds: bool, form: &str| if holds { Ok(()) } else { Err(at(path, form)) };
    match kind {
        Kind::Message(of) => check(of, document, path),
        Kind::String => must(document.is_string(), "must be a text in quotes"),
        Kind::Bytes => must(document.is_string(), "must be base64 in quotes"),
        Kind::Bool => must(document.is_boolean(), "must be true or false"),
        Kind::Enum(of) => {
            let known = document.as_str().is_none_or(|name| value::enum_number(of, name).is_some());
            must(known && (document.is_string() || document.is_number()), &value::names(of))
        }
        _ => must(document.is_number() || document.is_string(), "must be a number"),
    }
}

// What people write in one word.
fn is_short(of: &MessageDescriptor, document: &Value) -> bool {
    of.full_name() == value::MONEY && document.is_string()
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

fn at(path: &str, why: &str) -> String {
    if path.is_empty() { why.to_owned() } else { format!("{path}: {why}") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::json as reader;

    #[test]
    fn what_is_wrong_is_told_with_its_path() {
        for (document, told) in [
            (json!({ "fields": { "phone": { "txt": "1" } } }), "fields.phone.txt: there is no such field"),
            (json!({ "fields": { "phone": "1" } }), "fields.phone: must be an object"),
            (json!({ "customer_type": "MARTIAN" }), "customer_type: must be one of "),
            (json!({ "unit": 7 }), "unit: must be a text"),
            (json!({ "templateVersion": [] }), "templateVersion: must be a number"),
            (json!([]), "must be an object"),
        ] {
            let fault = reader::message("dossier.profile.v1.CustomerFile", document).unwrap_err();
            assert!(fault.starts_with(told), "{fault}");
        }
    }
}
