//! One flag's text as a value of its field, as people write it.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dossier_kernel::money;
use jiff::{SignedDuration, Timestamp};
use prost_reflect::prost::bytes::Bytes;
use prost_reflect::{DynamicMessage, EnumDescriptor, FieldDescriptor, Kind, MapKey, MessageDescriptor, Value};

use super::json;

/// `google.protobuf.Timestamp`.
pub const TIMESTAMP: &str = "google.protobuf.Timestamp";
/// `google.protobuf.Duration`.
pub const DURATION: &str = "google.protobuf.Duration";
/// `google.protobuf.FieldMask`.
pub const FIELD_MASK: &str = "google.protobuf.FieldMask";
/// `dossier.type.v1.Money`.
pub const MONEY: &str = "dossier.type.v1.Money";
/// `dossier.type.v1.Scope`.
pub const SCOPE: &str = "dossier.type.v1.Scope";
/// Messages that are one value to people.
pub const PLAIN: [&str; 4] = [TIMESTAMP, DURATION, FIELD_MASK, MONEY];
/// `dossier.type.v1.CustomerType`, whose values go by the words of the packs.
pub const CUSTOMER_TYPE: &str = "dossier.type.v1.CustomerType";
/// `dossier.type.v1.Choice`.
pub const CHOICE: &str = "dossier.type.v1.Choice";
/// `dossier.type.v1.FieldValue`.
pub const FIELD_VALUE: &str = "dossier.type.v1.FieldValue";

/// Reads the value of `field` from the texts given for it: one, or several for a list or a map.
///
/// # Errors
/// What form it must have.
pub fn parse(field: &FieldDescriptor, texts: &[&str]) -> Result<Value, String> {
    if field.is_map() {
        return map(field, texts);
    }
    if let [text] = texts
        && field.is_list()
        && text.trim_start().starts_with('[')
    {
        return array(field, text);
    }
    if field.is_list() {
        return texts.iter().map(|text| single(&field.kind(), text)).collect::<Result<_, _>>().map(Value::List);
    }
    single(&field.kind(), texts.last().copied().unwrap_or_default())
}

/// The short name of an enum's value: `ACTIVE` for `CUSTOMER_FILE_STATE_ACTIVE`, and for a customer type the word of the
/// packs: `individual` for `CUSTOMER_TYPE_NATURAL_PERSON`.
pub fn short(of: &EnumDescriptor, name: &str) -> String {
    if let Some(word) = pack_word(of, name) {
        return word;
    }
    let prefix = of
        .values()
        .find(|one| one.number() == 0)
        .and_then(|one| one.name().strip_suffix("UNSPECIFIED").map(str::to_owned));
    prefix.and_then(|prefix| name.strip_prefix(&prefix).map(str::to_owned)).unwrap_or_else(|| name.to_owned())
}

/// The number of an enum's value by its short or full name, in any case; a hyphen is as good as an underscore.
pub fn enum_number(of: &EnumDescriptor, name: &str) -> Option<i32> {
    let name = name.replace('-', "_");
    let same = |one: &str| one.eq_ignore_ascii_case(&name);
    let known = of.values().find(|one| same(one.name()) || spellings(of, one.name()).iter().any(|one| same(one)));
    known.map(|one| one.number())
}

/// What a value may be called besides its full name: its short name first.
pub fn spellings(of: &EnumDescriptor, name: &str) -> Vec<String> {
    let mut all = vec![short(of, name)];
    if of.full_name() == CUSTOMER_TYPE {
        let contract = name.trim_start_matches("CUSTOMER_TYPE_").to_owned();
        // The word of the packs with the prefix of the contract is understood as well.
        all.extend([contract, format!("CUSTOMER_TYPE_{}", all[0])]);
        all.dedup_by(|one, other| one.eq_ignore_ascii_case(other));
    }
    all
}

// Packs, imports and tables say `individual` where the contract says NATURAL_PERSON; the others have the same word in both.
fn pack_word(of: &EnumDescriptor, name: &str) -> Option<String> {
    let word = name.strip_prefix("CUSTOMER_TYPE_").filter(|_| of.full_name() == CUSTOMER_TYPE)?.to_ascii_lowercase();
    match word.as_str() {
        "unspecified" => None,
        "natural_person" => Some(dossier_regime::CustomerType::Individual.to_string()),
        _ => Some(word),
    }
}

/// Reads bytes, such as a digest: hexadecimal, as every command prints them, or base64.
///
/// # Errors
/// What form they must have.
pub fn bytes(text: &str) -> Result<Vec<u8>, String> {
    let text = text.trim();
    hex::decode(text).or_else(|_| STANDARD.decode(text)).map_err(|_| "must be hexadecimal or base64".to_owned())
}

/// Reads `4h`, `1h30m`, `PT4H` or `14400s`.
///
/// # Errors
/// What form it must have.
pub fn length(text: &str) -> Result<SignedDuration, String> {
    text.parse().map_err(|_| "must be a duration such as `30s`, `4h` or `1h30m`".to_owned())
}

// A JSON array of texts, numbers or messages.
fn array(field: &FieldDescriptor, text: &str) -> Result<Value, String> {
    let items: Vec<serde_json::Value> = serde_json::from_str(text).map_err(|fault| format!("must be JSON: {fault}"))?;
    let item = |(at, item): (usize, &serde_json::Value)| {
        single(&field.kind(), &written(item)).map_err(|why| format!("{at}.{why}"))
    };
    items.iter().enumerate().map(item).collect::<Result<_, _>>().map(Value::List)
}

// A JSON value as it would stand in a flag.
fn written(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn map(field: &FieldDescriptor, texts: &[&str]) -> Result<Value, String> {
    let Kind::Message(entry) = field.kind() else { return Err("is no map".to_owned()) };
    if let [text] = texts
        && text.trim_start().starts_with('{')
    {
        let pairs: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(text).map_err(|fault| format!("must be JSON: {fault}"))?;
        let pairs: Vec<_> = pairs.iter().map(|(key, value)| format!("{key}={}", written(value))).collect();
        return map(field, &pairs.iter().map(String::as_str).collect::<Vec<_>>());
    }
    let (key, value) = (entry.map_entry_key_field().kind(), entry.map_entry_value_field().kind());
    let mut read = HashMap::new();
    for text in texts {
        let (left, right) = text.split_once('=').ok_or("must have the form KEY=VALUE")?;
        let left = single(&key, left)?.into_map_key().ok_or("has a key that is none")?;
        if read.insert(left, single(&value, right)?).is_some() {
            return Err("gives a key twice".to_owned());
        }
    }
    Ok(Value::Map(read))
}

fn single(kind: &Kind, text: &str) -> Result<Value, String> {
    let whole = || "must be a whole number".to_owned();
    let number = || "must be a number".to_owned();
    Ok(match kind {
        Kind::String => Value::String(text.to_owned()),
        Kind::Bool => Value::Bool(text.parse().map_err(|_| "must be true or false".to_owned())?),
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => Value::I32(text.parse().map_err(|_| whole())?),
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => Value::I64(text.parse().map_err(|_| whole())?),
        Kind::Uint32 | Kind::Fixed32 => Value::U32(text.parse().map_err(|_| whole())?),
        Kind::Uint64 | Kind::Fixed64 => Value::U64(text.parse().map_err(|_| whole())?),
        Kind::Double => Value::F64(text.parse().map_err(|_| number())?),
        Kind::Float => Value::F32(text.parse().map_err(|_| number())?),
        Kind::Bytes => Value::Bytes(Bytes::from(bytes(text)?)),
        Kind::Enum(of) => Value::EnumNumber(enum_number(of, text).ok_or_else(|| names(of))?),
        Kind::Message(of) => Value::Message(message(of, text)?),
    })
}

/// Which values there are, as a demand.
pub fn names(of: &EnumDescriptor) -> String {
    let names: Vec<_> = of
        .values()
        .filter(|one| one.number() != 0 || of.values().len() == 1)
        .map(|one| short(of, one.name()))
        .collect();
    format!("must be one of {}", names.join(", "))
}

fn message(of: &MessageDescriptor, text: &str) -> Result<DynamicMessage, String> {
    match of.full_name() {
        TIMESTAMP => {
            let time: Timestamp = text.parse().map_err(|_| "must be a time such as `2026-04-01T08:00:00+08:00`")?;
            Ok(instant(of, time.as_second(), time.subsec_nanosecond()))
        }
        DURATION => {
            let length = length(text)?;
            Ok(instant(of, length.as_secs(), length.subsec_nanos()))
        }
        FIELD_MASK => {
            let mut mask = DynamicMessage::new(of.clone());
            let paths = text.split(',').map(|path| Value::String(path.trim().to_owned())).collect();
            mask.set_field_by_name("paths", Value::List(paths));
            Ok(mask)
        }
        MONEY if !text.trim_start().starts_with('{') => {
            let (currency, minor) = money::parse(text)?;
            let mut money = DynamicMessage::new(of.clone());
            money.set_field_by_name("minor_units", Value::I64(minor));
            money.set_field_by_name("currency_code", Value::String(currency));
            Ok(money)
        }
        SCOPE if !text.trim_start().starts_with('{') => Ok(json::read(of, scope(text))?),
        _ => json::read(of, serde_json::from_str(text).map_err(|fault| format!("must be JSON: {fault}"))?),
    }
}

// The whole file, or the fields by their keys.
fn scope(text: &str) -> serde_json::Value {
    match text.trim() {
        "whole_file" | "whole-file" => serde_json::json!({ "wholeFile": {} }),
        keys => serde_json::json!({ "fieldSet": { "fields": keys.split(',').map(str::trim).collect::<Vec<_>>() } }),
    }
}

fn instant(of: &MessageDescriptor, seconds: i64, nanos: i32) -> DynamicMessage {
    let mut message = DynamicMessage::new(of.clone());
    message.set_field_by_name("seconds", Value::I64(seconds));
    message.set_field_by_name("nanos", Value::I32(nanos));
    message
}

/// A map's key as text.
pub fn key_text(key: &MapKey) -> String {
    match key {
        MapKey::Bool(key) => key.to_string(),
        MapKey::I32(key) => key.to_string(),
        MapKey::I64(key) => key.to_string(),
        MapKey::U32(key) => key.to_string(),
        MapKey::U64(key) => key.to_string(),
        MapKey::String(key) => key.clone(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::client::catalogue::pool;

    #[test]
    fn enum_values_have_short_names() {
        let of = pool().get_enum_by_name("dossier.profile.v1.CustomerFileState").unwrap();
        assert_eq!(short(&of, "CUSTOMER_FILE_STATE_ACTIVE"), "ACTIVE");
        assert_eq!(enum_number(&of, "active"), Some(4));
        assert_eq!(enum_number(&of, "CUSTOMER_FILE_STATE_ACTIVE"), Some(4));
        assert_eq!(enum_number(&of, "LOST"), None);
    }

    #[test]
    fn customer_types_go_by_the_words_of_the_packs() {
        let of = pool().get_enum_by_name(CUSTOMER_TYPE).unwrap();
        for name in [
            "individual",
            "natural-person",
            "NATURAL_PERSON",
            "CUSTOMER_TYPE_INDIVIDUAL",
            "CUSTOMER_TYPE_NATURAL_PERSON",
        ] {
            assert_eq!(enum_number(&of, name), Some(1), "{name}");
        }
        let shown = of.values().skip(1).map(|one| short(&of, one.name()));
        let words = dossier_regime::CustomerType::ALL.iter().map(ToString::to_string);
        assert_eq!(shown.collect::<BTreeSet<_>>(), words.collect());
    }

    #[test]
    fn a_digest_is_read_as_hexadecimal_and_as_base64() {
        let digest = [0xab_u8; 32];
        for text in [hex::encode(digest), hex::encode_upper(digest), STANDARD.encode(digest)] {
            assert_eq!(bytes(&text).unwrap(), digest, "{text}");
        }
        assert!(bytes("no digest").is_err() && bytes("abc").is_err());
    }

    #[test]
    fn times_keep_their_offset_and_masks_their_paths() {
        let message = |name: &str, text| message(&pool().get_message_by_name(name).unwrap(), text).unwrap();
        let time = json::value(&message(TIMESTAMP, "2026-04-01T08:00:00+08:00")).unwrap();
        assert_eq!(time, "2026-04-01T00:00:00Z");
        let mask = message(FIELD_MASK, "fields.fax_number, unit");
        let paths = mask.get_field_by_name("paths").unwrap();
        assert_eq!(paths.as_list().unwrap()[0].as_str(), Some("fields.fax_number"));
        assert_eq!(length("1h30m"), Ok(SignedDuration::from_secs(5400)));
        assert_eq!(length("14400s"), Ok(SignedDuration::from_secs(14_400)));
    }
}
