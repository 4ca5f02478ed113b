//! An answer as JSON for people: what the canonical form hides is said, what it encodes is decoded.
//!
//! | canonical (`--raw`) | here |
//! |---|---|
//! | bytes in base64 | hexadecimal, as `verify` prints them |
//! | an entry's stored bytes | what they say; beside a proof the bytes too, as `bodyBytes`, for `verify receipt` |
//! | `false` and `0` left out | printed: they are answers |
//! | `CUSTOMER_TYPE_NATURAL_PERSON` | `individual`, the word of the packs |
//!
//! What is printed can be given back with `--json`.

use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, ReflectMessage, Value as Field};
use serde_json::{Map, Value, json};

use super::{catalogue, value};

/// `dossier.journal.v1.Entry`.
pub const ENTRY: &str = "dossier.journal.v1.Entry";
const BODY: &str = "dossier.journal.v1.EntryBody";
const PROOF: &str = "dossier.journal.v1.InclusionProof";

/// Beside a decoded `body`, the bytes that were hashed.
pub const BODY_BYTES: &str = "bodyBytes";

/// The document of an answer.
///
/// # Errors
/// When a value has no form in JSON.
pub fn document(message: &DynamicMessage) -> Result<Value, String> {
    let proved = message.descriptor().fields().any(|field| is(&field.kind(), PROOF));
    object(message, proved)
}

/// The document of an answer as indented text.
///
/// # Errors
/// As [`document`].
pub fn text(message: &DynamicMessage) -> Result<String, String> {
    serde_json::to_string_pretty(&document(message)?).map_err(|fault| fault.to_string())
}

/// What the bytes of an entry's body say; `None` when they are no body.
pub fn body(bytes: &[u8]) -> Option<DynamicMessage> {
    let of = catalogue::pool().get_message_by_name(BODY)?;
    DynamicMessage::decode(of, bytes).ok()
}

/// The body of an entry.
pub fn body_of(entry: &DynamicMessage) -> Option<DynamicMessage> {
    match entry.get_field_by_name("body")?.as_ref() {
        Field::Bytes(bytes) => body(bytes),
        _ => None,
    }
}

/// Whether a field is said although it is not set: a yes or no, a number.
pub fn said(field: &FieldDescriptor) -> bool {
    let plain = !field.supports_presence() && !field.is_list() && !field.is_map();
    plain && !matches!(field.kind(), Kind::String | Kind::Bytes | Kind::Enum(_) | Kind::Message(_))
}

fn is(kind: &Kind, name: &str) -> bool {
    kind.as_message().is_some_and(|of| of.full_name() == name)
}

fn object(message: &DynamicMessage, proved: bool) -> Result<Value, String> {
    let of = message.descriptor();
    if of.full_name().starts_with("google.protobuf.") {
        return serde_json::to_value(message).map_err(|fault| format!("the answer has no JSON form: {fault}"));
    }
    let mut shown = Map::new();
    for field in of.fields().filter(|field| message.has_field(field) || said(field)) {
        let value = message.get_field(&field);
        let Some(body) = opened(&of, &field, &value) else {
            shown.insert(field.json_name().to_owned(), any(&field, &value, proved)?);
            continue;
        };
        shown.insert(field.json_name().to_owned(), object(&body, proved)?);
        if let (true, Field::Bytes(bytes)) = (proved, value.as_ref()) {
            shown.insert(BODY_BYTES.to_owned(), json!(hex::encode(bytes)));
        }
    }
    Ok(Value::Object(shown))
}

/// What the value of a field says where it is the stored bytes of an entry's body.
pub fn opened(of: &MessageDescriptor, field: &FieldDescriptor, value: &Field) -> Option<DynamicMessage> {
    match value {
        Field::Bytes(bytes) if of.full_name() == ENTRY && field.name() == "body" => body(bytes),
        _ => None,
    }
}

fn any(field: &FieldDescriptor, value: &Field, proved: bool) -> Result<Value, String> {
    match value {
        Field::List(items) => items.iter().map(|item| one(&field.kind(), item, proved)).collect(),
        Field::Map(entries) => {
            let Kind::Message(pair) = field.kind() else { return Ok(Value::Null) };
            let kind = pair.map_entry_value_field().kind();
            let each = entries.iter().map(|(key, value)| Ok((value::key_text(key), one(&kind, value, proved)?)));
            let mut map: Map<String, Value> = each.collect::<Result<_, String>>()?;
            map.sort_keys();
            Ok(Value::Object(map))
        }
        value => one(&field.kind(), value, proved),
    }
}

fn one(kind: &Kind, value: &Field, proved: bool) -> Result<Value, String> {
    Ok(match value {
        Field::Message(message) => object(message, proved)?,
        Field::Bytes(bytes) => json!(hex::encode(bytes)),
        Field::EnumNumber(number) => name(kind, *number),
        // As in the canonical form: a reader's floating point does not hold them.
        Field::I64(number) => json!(number.to_string()),
        Field::U64(number) => json!(number.to_string()),
        Field::Bool(value) => json!(value),
        Field::I32(number) => json!(number),
        Field::U32(number) => json!(number),
        Field::F32(number) => json!(number),
        Field::F64(number) => json!(number),
        Field::String(text) => json!(text),
        Field::List(_) | Field::Map(_) => Value::Null,
    })
}

fn name(kind: &Kind, number: i32) -> Value {
    let known = kind.as_enum().and_then(|of| Some((of.clone(), of.get_value(number)?)));
    match known {
        Some((of, known)) if of.full_name() == value::CUSTOMER_TYPE => json!(value::short(&of, known.name())),
        Some((_, known)) => json!(known.name()),
        None => json!(number),
    }
}

#[cfg(test)]
mod tests {
    use dossier_proto::journal::v1 as wire;
    use prost::Message;

    use super::*;
    use crate::client::json;

    fn shown(name: &str, document: Value) -> Value {
        super::document(&json::message(name, document).unwrap()).unwrap()
    }

    fn of<T: Message>(name: &str, message: &T) -> DynamicMessage {
        let of = catalogue::pool().get_message_by_name(name).unwrap();
        DynamicMessage::decode(of, message.encode_to_vec().as_slice()).unwrap()
    }

    fn entry() -> wire::Entry {
        let score_model = wire::ScoreModelChanged { digest: vec![0xab; 32], ..Default::default() };
        let event = wire::Event { kind: Some(wire::event::Kind::ScoreModelChanged(score_model)) };
        let body = wire::EntryBody { action: "model.created".to_owned(), event: Some(event), ..Default::default() };
        wire::Entry {
            seq: 7,
            body: body.encode_to_vec(),
            leaf_hash: vec![1; 32],
            abridged: false,
            ..Default::default()
        }
    }

    #[test]
    fn a_no_is_said() {
        let valid = shown("dossier.profile.v1.ValidateIdentifierResponse", json!({}));
        assert_eq!(valid["valid"], json!(false), "{valid}");
        let limit = shown("dossier.type.v1.Money", json!({ "currencyCode": "CNY" }));
        assert_eq!(limit.to_string(), r#"{"minorUnits":"0","currencyCode":"CNY"}"#);
        // Whether somebody gave it is told by its absence.
        let decision = shown("dossier.journal.v1.ApprovalDecision", json!({}));
        assert!(decision.get("slot").is_none() && decision.get("signer").is_none(), "{decision}");
    }

    #[test]
    fn entries_are_decoded_and_their_digests_hexadecimal() {
        let list = wire::ListEntriesResponse { entries: vec![entry()], last_seq: 7, ..Default::default() };
        let list = document(&of("dossier.journal.v1.ListEntriesResponse", &list)).unwrap();
        let first = &list["entries"][0];
        assert_eq!(first["body"]["action"], "model.created");
        assert_eq!(first["body"]["event"]["scoreModelChanged"]["digest"], "ab".repeat(32));
        assert_eq!((&first["leafHash"], first.get(BODY_BYTES)), (&json!("01".repeat(32)), None));
    }

    #[test]
    fn a_receipt_keeps_its_bytes_and_is_read_back() {
        let proof = Some(wire::InclusionProof { leaf_index: 6, tree_size: 9, hashes: vec![vec![2; 32]] });
        let receipt = wire::GetInclusionProofResponse { entry: Some(entry()), proof, checkpoint: None };
        let name = "dossier.journal.v1.GetInclusionProofResponse";
        let printed = document(&of(name, &receipt)).unwrap();
        assert_eq!(printed["entry"]["body"]["action"], "model.created");
        let read: wire::GetInclusionProofResponse = json::message(name, printed).unwrap().transcode_to().unwrap();
        assert_eq!(read, receipt);
        let canonical = json::value(&of(name, &receipt)).unwrap();
        let read: wire::GetInclusionProofResponse = json::message(name, canonical).unwrap().transcode_to().unwrap();
        assert_eq!(read, receipt);
    }

    #[test]
    fn customer_types_are_printed_in_the_words_of_the_packs() {
        let file = shown("dossier.profile.v1.CustomerFile", json!({ "customerType": "natural-person" }));
        assert_eq!(file["customerType"], "individual");
        assert!(json::message("dossier.profile.v1.CustomerFile", file).is_ok());
    }
}
