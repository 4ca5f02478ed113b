//! A request as a script writes it, in the words of the contract: what a single value is says the field it belongs to.

use std::collections::BTreeMap;

use dossier_regime::{CustomerType, Field, Template, Tenant};
use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};
use serde_json::{Map, Value, json};

use super::free::{camel, is_field_value};
use super::script::Moment;
use crate::client::catalogue;
use crate::client::json::field_of;
use crate::client::value::{CUSTOMER_TYPE, FIELD_VALUE, TIMESTAMP, enum_number, short};

/// What requests are fitted with.
pub(super) struct Fit<'a> {
    /// The company: its forms and its time zone.
    pub(super) tenant: &'a Tenant,
    /// Where values come from that say nothing of it.
    pub(super) provenance: &'a Value,
    /// Templates by the names of the resources that were seen.
    pub(super) templates: &'a BTreeMap<String, String>,
}

// === impl Fit ===

impl Fit<'_> {
    /// Fits a document to its message.
    ///
    /// # Errors
    /// The path of what cannot be read, and why.
    pub(super) fn message(&self, of: &MessageDescriptor, document: &mut Value, path: &str) -> Result<(), String> {
        if of.full_name() == TIMESTAMP {
            return self.instant(document);
        }
        let Value::Object(entries) = document else { return Ok(()) };
        let forms = self.forms(entries);
        for (key, entry) in entries.iter_mut() {
            let Some(field) = field_of(of, key) else { continue };
            let path = join(path, key);
            match values_of_form(&field) {
                true => self.fields(&forms, entry, &path)?,
                false => self.field(&field, entry, &path)?,
            }
        }
        Ok(())
    }

    fn field(&self, field: &FieldDescriptor, document: &mut Value, path: &str) -> Result<(), String> {
        match (field.is_map(), field.kind(), document) {
            (true, Kind::Message(pair), Value::Object(entries)) => {
                let kind = pair.map_entry_value_field().kind();
                entries.iter_mut().try_for_each(|(key, entry)| self.one(&kind, entry, &join(path, key)))
            }
            (_, kind, Value::Array(items)) if field.is_list() => {
                let mut each = items.iter_mut().enumerate();
                each.try_for_each(|(at, item)| self.one(&kind, item, &join(path, &at.to_string())))
            }
            (_, kind, one) => self.one(&kind, one, path),
        }
    }

    fn one(&self, kind: &Kind, document: &mut Value, path: &str) -> Result<(), String> {
        match (kind, &*document) {
            (Kind::Message(of), _) => self.message(of, document, path),
            (Kind::Bool, Value::String(text)) => {
                let truth = text.parse::<bool>().map_err(|_| format!("{path}: must be true or false"))?;
                *document = Value::Bool(truth);
                Ok(())
            }
            (Kind::String, Value::Number(number)) => {
                *document = Value::String(number.to_string());
                Ok(())
            }
            _ => Ok(()),
        }
    }

    // `2026-03-02 09:00` of the pack's time zone; what says its own zone is left as it is.
    fn instant(&self, document: &mut Value) -> Result<(), String> {
        let Some(moment) = document.as_str().and_then(|text| Moment::parse(text).ok()) else { return Ok(()) };
        let zone = self.tenant.pack().time_zone.rules().clone();
        let zoned = moment.0.to_zoned(zone).map_err(|_| "is no moment of this time zone".to_owned())?;
        *document = json!(zoned.timestamp().to_string());
        Ok(())
    }

    // The values of a form by its keys; one without a value is left out, which empties it where a mask names it.
    fn fields(&self, forms: &[&Template], document: &mut Value, path: &str) -> Result<(), String> {
        let Value::Object(entries) = document else { return Ok(()) };
        entries.retain(|_, entry| !entry.is_null());
        for (key, entry) in entries.iter_mut() {
            if is_field_value(entry) {
                continue;
            }
            let path = join(path, key);
            let (given, source) = sourced(entry).unwrap_or_else(|| (entry.clone(), self.provenance.clone()));
            let field = field(forms, key).map_err(|why| format!("{path}: {why}"))?;
            let mut value = self.value(&field, given).map_err(|why| format!("{path}: {why}"))?;
            if !source.is_null() {
                value.insert("provenance".to_owned(), source);
            }
            *entry = Value::Object(value);
        }
        Ok(())
    }

    fn value(&self, field: &Field, given: Value) -> Result<Map<String, Value>, String> {
        let carrier = dossier_profile::domain::typed::carrier(field.kind);
        let items = |given: Value| match given {
            Value::Array(items) => items,
            one => vec![one],
        };
        let chosen = |id: Value| json!({ "id": id });
        let mut given = given;
        let value = match carrier {
            "shown" => return Err("is only shown on the form, and written by nobody".to_owned()),
            "boolean" => json!(truth(&given)?),
            "integer" => whole(given)?,
            "timestamp" => {
                self.instant(&mut given)?;
                given
            }
            "choice" => chosen(given),
            "choices" => json!({ "items": items(given).into_iter().map(chosen).collect::<Vec<_>>() }),
            "list" | "references" => json!({ "items": items(given) }),
            "rows" => self.rows(field, items(given))?,
            _ => given,
        };
        Ok(Map::from_iter([(carrier.to_owned(), value)]))
    }

    fn rows(&self, field: &Field, rows: Vec<Value>) -> Result<Value, String> {
        let row = |(at, row): (usize, Value)| {
            let Value::Object(cells) = row else { return Err(format!("row {at} must be a map of its columns")) };
            let cell = |(key, cell): (String, Value)| {
                let column = field.columns.iter().find(|column| column.id == key);
                let column = column.ok_or_else(|| format!("row {at}: there is no column `{key}`"))?;
                Ok((key, Value::Object(self.value(&column.field(), cell)?)))
            };
            let cells: Map<_, _> = cells.into_iter().map(cell).collect::<Result<_, String>>()?;
            Ok(json!({ "id": (at + 1).to_string(), "cells": cells }))
        };
        Ok(json!({ "rows": rows.into_iter().enumerate().map(row).collect::<Result<Vec<_>, String>>()? }))
    }

    // The forms whose values these may be: that of the resource, of its kind, of its customer type, or any.
    fn forms(&self, entries: &Map<String, Value>) -> Vec<&Template> {
        let text = |key: &str| entries.get(key).or_else(|| entries.get(&camel(key))).and_then(Value::as_str);
        let pack = self.tenant.pack();
        let known = text("name").and_then(|name| self.templates.get(name)).map(String::as_str);
        let is_meant = |id: &String| Some(id.as_str()) == text("kind");
        let record = || pack.records.iter().find(|kind| is_meant(&kind.id)).map(|kind| kind.template.as_str());
        // Only a document says what it is on.
        let mut documents = pack.documents.iter().filter(|_| text("carrier").is_some());
        let document = documents.find(|kind| is_meant(&kind.id)).map(|kind| kind.template.as_str());
        let named = text("template").or(known).map(|name| name.trim_start_matches("templates/"));
        if let Some(form) = named.or(document).or_else(record) {
            return self.tenant.form(form).into_iter().map(AsRef::as_ref).collect();
        }
        let file_kind = text("file_kind");
        let of_kind = pack.files.iter().find(|kind| file_kind.is_none_or(|id| kind.id == id));
        let customer = text("customer_type").and_then(customer_type);
        let usual = of_kind.filter(|_| file_kind.is_some() || customer.is_some());
        let usual: Vec<&str> = usual.map(|kind| kind.templates_for(customer).to_vec()).unwrap_or_default();
        let found: Vec<&Template> = usual.iter().filter_map(|id| self.tenant.form(id)).map(AsRef::as_ref).collect();
        if found.is_empty() { self.tenant.all_forms().map(AsRef::as_ref).collect() } else { found }
    }
}

// A customer type in any of its spellings.
fn customer_type(text: &str) -> Option<CustomerType> {
    let of = catalogue::pool().get_enum_by_name(CUSTOMER_TYPE)?;
    let known = of.get_value(enum_number(&of, text)?)?;
    CustomerType::parse(&short(&of, known.name()))
}

// `{value: ..., provenance: {...}}`: a short value with a source of its own.
fn sourced(entry: &Value) -> Option<(Value, Value)> {
    let entries = entry.as_object().filter(|entries| entries.len() == 2)?;
    Some((entries.get("value")?.clone(), entries.get("provenance")?.clone()))
}

// The field of this key; where several forms have it they must agree on its type.
fn field(forms: &[&Template], key: &str) -> Result<Field, String> {
    let mut found = forms.iter().filter_map(|form| form.field(key));
    let Some(first) = found.next() else { return Err(unknown(forms)) };
    match found.all(|other| other.kind == first.kind) {
        true => Ok(first.clone()),
        false => Err("forms differ in the type of this field; say its value as `{text: ...}`".to_owned()),
    }
}

fn unknown(forms: &[&Template]) -> String {
    match forms {
        [form] => {
            let known: Vec<_> = form.fields.iter().map(|field| field.id.as_str()).collect();
            format!("is no field of template `{}`, which has {}", form.id, known.join(", "))
        }
        _ => "no form that may be meant has this field; say its value as `{text: ...}`".to_owned(),
    }
}

fn whole(given: Value) -> Result<Value, String> {
    let is_whole = given.is_i64() || given.as_str().is_some_and(|text| text.parse::<i64>().is_ok());
    if is_whole { Ok(given) } else { Err("must be a whole number".to_owned()) }
}

fn truth(given: &Value) -> Result<bool, String> {
    match given {
        Value::Bool(truth) => Ok(*truth),
        Value::String(text) if matches!(text.as_str(), "true" | "是") => Ok(true),
        Value::String(text) if matches!(text.as_str(), "false" | "否") => Ok(false),
        _ => Err("must be true or false".to_owned()),
    }
}

/// Whether a field of the contract holds the values of a form by their keys.
pub(super) fn values_of_form(field: &FieldDescriptor) -> bool {
    let Kind::Message(pair) = field.kind() else { return false };
    field.is_map() && pair.map_entry_value_field().kind().as_message().is_some_and(|of| of.full_name() == FIELD_VALUE)
}

/// A path one step longer.
pub(super) fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}
