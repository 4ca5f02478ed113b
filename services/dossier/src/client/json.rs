//! Protobuf JSON in and out.
//!
//! Going in, what people write is understood besides the canonical form: short enum names, `CNY 100.00`, `4h`, digests in
//! hexadecimal, and whatever [`shown`](super::shown) printed. Going out, the form is canonical and the order of map keys is
//! fixed, so that two answers can be compared as text.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MessageDescriptor};
use serde_json::{Map, Value, json};

use super::{catalogue, shape, shown, value};

/// Reads a message.
///
/// # Errors
/// What is wrong with the document.
pub fn read(of: &MessageDescriptor, mut document: Value) -> Result<DynamicMessage, String> {
    canonical(&Kind::Message(of.clone()), &mut document)?;
    each(of, &mut document, &mut canonical, &mut |_| {})?;
    shape::check(of, &document, "")?;
    DynamicMessage::deserialize(of.clone(), document).map_err(|fault| fault.to_string())
}

/// Reads a message of the contracts by its full name.
///
/// # Errors
/// What is wrong with the document.
pub fn message(name: &str, document: Value) -> Result<DynamicMessage, String> {
    let of = catalogue::pool().get_message_by_name(name).ok_or_else(|| format!("there is no message `{name}`"))?;
    read(&of, document)
}

/// The canonical document of a message.
///
/// # Errors
/// When a value has no canonical form.
pub fn value(message: &DynamicMessage) -> Result<Value, String> {
    use prost_reflect::ReflectMessage;
    let mut document =
        serde_json::to_value(message).map_err(|fault| format!("the answer has no JSON form: {fault}"))?;
    sort(&message.descriptor(), &mut document);
    Ok(document)
}

/// The canonical document of a message as indented text.
///
/// # Errors
/// When a value has no canonical form.
pub fn text(message: &DynamicMessage) -> Result<String, String> {
    serde_json::to_string_pretty(&value(message)?).map_err(|fault| fault.to_string())
}

pub(crate) fn field_of(of: &MessageDescriptor, key: &str) -> Option<FieldDescriptor> {
    of.get_field_by_json_name(key).or_else(|| of.get_field_by_name(key))
}

/// Walks the values of a document beside the fields they belong to.
fn each(
    of: &MessageDescriptor,
    document: &mut Value,
    visit: &mut impl FnMut(&Kind, &mut Value) -> Result<(), String>,
    visit_map: &mut impl FnMut(&mut Map<String, Value>),
) -> Result<(), String> {
    let Value::Object(entries) = document else { return Ok(()) };
    if of.full_name().starts_with("google.protobuf.") {
        return Ok(());
    }
    for (key, entry) in entries {
        let Some(field) = field_of(of, key) else { continue };
        match (field.is_map(), field.kind(), entry) {
            (true, Kind::Message(pair), Value::Object(inner)) => {
                visit_map(inner);
                let kind = pair.map_entry_value_field().kind();
                inner.values_mut().try_for_each(|one| walk(&kind, one, visit, visit_map))?;
            }
            (_, kind, Value::Array(items)) => {
                items.iter_mut().try_for_each(|one| walk(&kind, one, visit, visit_map))?
            }
            (_, kind, one) => walk(&kind, one, visit, visit_map)?,
        }
    }
    Ok(())
}

fn walk(
    kind: &Kind,
    document: &mut Value,
    visit: &mut impl FnMut(&Kind, &mut Value) -> Result<(), String>,
    visit_map: &mut impl FnMut(&mut Map<String, Value>),
) -> Result<(), String> {
    visit(kind, document)?;
    match kind {
        Kind::Message(of) => each(of, document, visit, visit_map),
        _ => Ok(()),
    }
}

fn canonical(kind: &Kind, document: &mut Value) -> Result<(), String> {
    if let Value::Object(entry) = document {
        return if kind.as_message().is_some_and(|of| of.full_name() == shown::ENTRY) { sealed(entry) } else { Ok(()) };
    }
    let Value::String(text) = &*document else { return Ok(()) };
    let canonical = match kind {
        Kind::Enum(of) => value::enum_number(of, text).map(|number| json!(number)),
        Kind::Bytes => Some(json!(STANDARD.encode(value::bytes(text)?))),
        Kind::Message(of) if of.full_name() == value::MONEY => {
            let (currency, minor) = dossier_kernel::money::parse(text)?;
            Some(json!({ "minorUnits": minor.to_string(), "currencyCode": currency }))
        }
        Kind::Message(of) if of.full_name() == value::DURATION => {
            let length = value::length(text)?;
            Some(json!(seconds(length.as_secs(), length.subsec_nanos())))
        }
        _ => None,
    };
    if let Some(canonical) = canonical {
        *document = canonical;
    }
    Ok(())
}

// An entry that was printed decoded is its bytes again; nobody encodes a body a second time.
fn sealed(entry: &mut Map<String, Value>) -> Result<(), String> {
    match (entry.remove(shown::BODY_BYTES), entry.get("body")) {
        (Some(bytes), _) => {
            entry.insert("body".to_owned(), bytes);
            Ok(())
        }
        (None, Some(Value::Object(_))) => Err("the body of the entry is decoded: print it with --raw".to_owned()),
        (None, _) => Ok(()),
    }
}

fn seconds(seconds: i64, nanos: i32) -> String {
    let sign = if seconds < 0 || nanos < 0 { "-" } else { "" };
    match nanos.unsigned_abs() {
        0 => format!("{sign}{}s", seconds.unsigned_abs()),
        nanos => format!("{sign}{}.{nanos:09}s", seconds.unsigned_abs()),
    }
}

fn sort(of: &MessageDescriptor, document: &mut Value) {
    let done = each(of, document, &mut |_, _| Ok(()), &mut |map| map.sort_keys());
    debug_assert!(done.is_ok(), "nothing refuses here");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_values_are_understood_as_people_write_them() {
        let document = json!({ "requestId": "r", "amount": "CNY 5.00" });
        let read = message("dossier.credit.v1.CheckCreditRequest", json!({ "amount": "CNY 5.00" })).unwrap();
        assert_eq!(value(&read).unwrap()["amount"]["minorUnits"], "500");
        assert!(message("dossier.credit.v1.CheckCreditRequest", json!({ "amount": "5" })).is_err());
        assert!(message("dossier.profile.v1.GetCustomerFileRequest", document).is_err());
        let file =
            json!({ "customer_type": "natural_person", "fields": { "b": { "integer": 5 }, "a": { "text": "x" } } });
        let file = message("dossier.profile.v1.CustomerFile", file).unwrap();
        let expected =
            r#"{"customerType":"CUSTOMER_TYPE_NATURAL_PERSON","fields":{"a":{"text":"x"},"b":{"integer":"5"}}}"#;
        assert_eq!(value(&file).unwrap().to_string(), expected);
    }

    #[test]
    fn an_unknown_enum_value_is_refused() {
        let file = json!({ "customerType": "MARTIAN" });
        assert!(message("dossier.profile.v1.CustomerFile", file).is_err());
    }

    #[test]
    fn durations_keep_their_fraction_and_sign() {
        assert_eq!(seconds(14_400, 0), "14400s");
        assert_eq!(seconds(0, -500_000_000), "-0.500000000s");
    }
}
