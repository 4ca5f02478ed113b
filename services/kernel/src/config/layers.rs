//! The layers of a configuration, laid over one another: default < file < environment < flags.
//!
//! The default document is also the schema: a key it does not hold is unknown, and a value must have the type its
//! default has.

use std::collections::BTreeMap;
use std::path::Path;

use toml::de::DeTable;
use toml::{Table, Value};

use super::faults::{ConfigFaults, Origin};
use super::paths;

/// What names a variable of ours; sections and keys are parted by two underscores.
const PREFIX: &str = "DOSSIER__";

/// Where a configuration comes from, beside the documented default.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The file of `--config`.
    pub file: Option<std::path::PathBuf>,
    /// Environment variables; those that do not begin with `DOSSIER__` are passed over.
    pub environment: Vec<(String, String)>,
    /// The pairs of `--set section.key=value`.
    pub flags: Vec<(String, String)>,
}

/// A value that some layer gave, by its dotted key.
pub(super) type Overrides = BTreeMap<String, (Value, Origin)>;

/// Reads every layer; faults are collected, faulty values left out.
pub(super) fn read(sources: &Sources, defaults: &Table, faults: &mut ConfigFaults) -> Overrides {
    let mut layers = Layers { defaults, overrides: Overrides::new(), faults };
    if let Some(path) = &sources.file {
        layers.file(path);
    }
    for (name, text) in &sources.environment {
        if let Some(rest) = name.strip_prefix(PREFIX) {
            let key = rest.to_ascii_lowercase().replace("__", ".");
            layers.text(&key, text, Origin::Variable(name.clone()));
        }
    }
    for (key, text) in &sources.flags {
        layers.text(key, text, Origin::Flag(key.clone()));
    }
    layers.overrides
}

/// The default (or already merged) value under a dotted key.
pub(super) fn get<'t>(table: &'t Table, key: &str) -> Option<&'t Value> {
    match key.split_once('.') {
        Some((section, rest)) => get(table.get(section)?.as_table()?, rest),
        None => table.get(key),
    }
}

/// Puts a value under a dotted key whose sections exist.
pub(super) fn put(table: &mut Table, key: &str, value: Value) {
    match key.split_once('.') {
        Some((section, rest)) => {
            if let Some(Value::Table(inner)) = table.get_mut(section) {
                put(inner, rest, value);
            }
        }
        None => {
            table.insert(key.to_owned(), value);
        }
    }
}

struct Layers<'a> {
    defaults: &'a Table,
    overrides: Overrides,
    faults: &'a mut ConfigFaults,
}

// === impl Layers ===

impl Layers<'_> {
    fn file(&mut self, path: &Path) {
        let whole = || Origin::File(path.to_owned(), 0);
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(fault) => return self.faults.push(whole(), "", format!("cannot be read: {}", fault.kind())),
        };
        let (spans, errors) = DeTable::parse_recoverable(&text);
        for error in &errors {
            let line = error.span().map_or(0, |span| line_of(&text, span.start));
            self.faults.push(Origin::File(path.to_owned(), line), "", error.message());
        }
        match text.parse::<Table>() {
            Ok(values) => self.section("", self.defaults, spans.get_ref(), &values, &|at| {
                Origin::File(path.to_owned(), line_of(&text, at))
            }),
            Err(error) if errors.is_empty() => self.faults.push(whole(), "", error.message()),
            Err(_) => {}
        }
    }

    fn section(
        &mut self,
        prefix: &str,
        schema: &Table,
        spans: &DeTable<'_>,
        values: &Table,
        origin: &dyn Fn(usize) -> Origin,
    ) {
        for (name, inner) in spans {
            let key = format!("{prefix}{}", name.get_ref());
            let at = origin(name.span().start);
            let name: &str = name.get_ref();
            match (schema.get(name), values.get(name), inner.get_ref().as_table()) {
                (Some(Value::Table(schema)), Some(Value::Table(values)), Some(spans)) => {
                    self.section(&format!("{key}."), schema, spans, values, origin);
                }
                (_, Some(value), _) => self.value(&key, value.clone(), at),
                (_, None, _) => {}
            }
        }
    }

    fn text(&mut self, key: &str, text: &str, origin: Origin) {
        let value = match get(self.defaults, key) {
            // Nobody should have to quote a path in an environment variable.
            None | Some(Value::String(_) | Value::Table(_)) => Value::String(text.to_owned()),
            Some(default) => match text.parse::<Value>() {
                Ok(value) => value,
                Err(_) => return self.faults.push(origin, key, format!("is not {}", article(default))),
            },
        };
        self.value(key, value, origin);
    }

    fn value(&mut self, key: &str, value: Value, origin: Origin) {
        match get(self.defaults, key) {
            None => self.faults.push(origin, key, self.unknown(key)),
            Some(Value::Table(_)) => self.faults.push(origin, key, "is a section, not an option"),
            // The value itself stays out of the message: it may be a password in the wrong place.
            Some(default) if !default.same_type(&value) => {
                self.faults.push(origin, key, format!("is {}, not {}", article(&value), article(default)));
            }
            Some(_) => {
                let value = paths::based_on(key, value, &origin);
                self.overrides.insert(key.to_owned(), (value, origin));
            }
        }
    }

    fn unknown(&self, key: &str) -> String {
        let (section, known) = match key.rsplit_once('.') {
            Some((section, _)) => (section, get(self.defaults, section).and_then(Value::as_table)),
            None => ("", Some(self.defaults)),
        };
        match known {
            Some(known) if section.is_empty() => format!("unknown key; known are {}", names(known)),
            Some(known) => format!("unknown key; section {section} has {}", names(known)),
            None => format!("unknown section; known are {}", names(self.defaults)),
        }
    }
}

fn names(table: &Table) -> String {
    table.keys().map(String::as_str).collect::<Vec<_>>().join(", ")
}

fn article(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "a string",
        Value::Integer(_) => "an integer",
        Value::Float(_) => "a number",
        Value::Boolean(_) => "true or false",
        Value::Datetime(_) => "a date",
        Value::Array(_) => "a list",
        Value::Table(_) => "a table",
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    text.as_bytes().iter().take(offset).filter(|byte| **byte == b'\n').count() + 1
}
