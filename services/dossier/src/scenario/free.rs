//! What is written freely, as JSON: references filled, lines found again by paths.

use dossier_kernel::money;
use dossier_regime::read::{Node, Value as Written};
use serde_json::{Map, Value};

use super::reference::Kept;
use crate::client::value::FIELD_VALUE;
use crate::client::{catalogue, json};

/// What cannot be used, and the line where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Broken {
    /// The line.
    pub(super) line: usize,
    /// Why.
    pub(super) sentence: String,
}

/// A node as JSON with its references filled. Single values stay texts: what they are says the contract.
///
/// # Errors
/// A reference that stands for nothing.
pub(super) fn filled(node: &Node, kept: &Kept) -> Result<Value, Broken> {
    Ok(match &node.value {
        _ if node.is_null() => Value::Null,
        Written::Scalar { text, .. } => {
            kept.fill(text).map_err(|sentence| Broken { line: node.place.line, sentence })?
        }
        Written::List(items) => items.iter().map(|item| filled(item, kept)).collect::<Result<_, _>>()?,
        Written::Map(entries) => {
            let each = entries.iter().map(|entry| Ok((entry.key.clone(), filled(&entry.node, kept)?)));
            Value::Object(each.collect::<Result<Map<_, _>, _>>()?)
        }
    })
}

/// The fault of a path such as `record.fields.name: must be ...`, at the line where the path stands, or the last part of it that does.
pub(super) fn at_path(node: Option<&Node>, line: usize, sentence: String) -> Broken {
    let path = sentence.split_once(": ").map_or("", |(path, _)| path);
    let (mut line, mut here) = (node.map_or(line, |node| node.place.line), node);
    for part in path.split('.') {
        here = here.and_then(|node| match &node.value {
            Written::List(items) => items.get(part.parse::<usize>().ok()?),
            Written::Map(_) => node.entry(part).map(|entry| &entry.node),
            Written::Scalar { .. } => None,
        });
        let Some(node) = here else { break };
        line = node.place.line;
    }
    Broken { line, sentence }
}

/// `customer_file` as `customerFile`, as JSON spells the fields of the contract.
pub(super) fn camel(key: &str) -> String {
    let mut camel = String::new();
    let mut parts = key.split('_');
    camel.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let mut letters = part.chars();
        camel.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        camel.push_str(letters.as_str());
    }
    camel
}

/// Whether a document is the value of a field of a form in the words of the contract, such as `{text: ...}`.
pub(super) fn is_field_value(document: &Value) -> bool {
    let Value::Object(entries) = document else { return false };
    let Some(of) = catalogue::pool().get_message_by_name(FIELD_VALUE) else { return false };
    !entries.is_empty() && entries.keys().all(|key| json::field_of(&of, key).is_some())
}

/// A value as a script writes it: that of a field of a form without its type and source, an amount as a text.
pub(super) fn plain(value: &Value) -> Value {
    let Value::Object(entries) = value else { return value.clone() };
    if let Some(amount) = amount(entries) {
        return Value::String(amount);
    }
    if !is_field_value(value) {
        return value.clone();
    }
    let Some((carrier, inner)) = entries.iter().find(|(key, _)| *key != "provenance") else { return Value::Null };
    let items = |each: fn(&Value) -> Value| inner["items"].as_array().into_iter().flatten().map(each).collect();
    match carrier.as_str() {
        "choice" => inner["id"].clone(),
        "choices" => items(|one| one["id"].clone()),
        "list" | "references" => items(Value::clone),
        "rows" => inner["rows"].as_array().into_iter().flatten().map(row).collect(),
        _ => plain(inner),
    }
}

fn row(row: &Value) -> Value {
    let cells = row["cells"].as_object().into_iter().flatten();
    Value::Object(cells.map(|(key, cell)| (key.clone(), plain(cell))).collect())
}

fn amount(entries: &Map<String, Value>) -> Option<String> {
    let text = |key: &str| entries.get(key).and_then(Value::as_str);
    let (minor, currency) = (text("minorUnits")?, text("currencyCode")?);
    Some(money::text(minor.parse().ok()?, currency))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_of_forms_are_plain() {
        let source = json!({ "channel": "customer_visit" });
        for (told, short) in [
            (json!({ "text": "甲", "provenance": source }), json!("甲")),
            (json!({ "choice": { "id": "mail", "label": "邮件" } }), json!("mail")),
            (json!({ "choices": { "items": [{ "id": "a" }] } }), json!(["a"])),
            (json!({ "money": { "minorUnits": "1250", "currencyCode": "CNY" } }), json!("CNY 12.50")),
            (
                json!({ "rows": { "rows": [{ "id": "1", "cells": { "n": { "integer": "5" } } }] } }),
                json!([{ "n": "5" }]),
            ),
            (json!({ "state": "OPEN" }), json!({ "state": "OPEN" })),
        ] {
            assert_eq!(plain(&told), short, "{told}");
        }
        assert_eq!(camel("contract_effect_time"), "contractEffectTime");
    }
}
