//! References to what was said before: `$file.name` as a whole value, `${file.name}` inside a text.

use std::collections::BTreeMap;

use dossier_regime::read::{Node, Value as Written};
use serde_json::Value;

use super::free::{camel, plain};

/// A reference: a name and the way into what it stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reference {
    /// What was kept, a person, `now` or `today`.
    pub(super) name: String,
    /// Keys and places.
    pub(super) path: Vec<String>,
}

/// What references stand for at one moment.
#[derive(Debug, Default)]
pub(super) struct Kept {
    values: BTreeMap<String, Value>,
}

/// The names that every script has: the moment, and its day.
pub(super) const ALWAYS: [&str; 2] = ["now", "today"];

// === impl Reference ===

impl Reference {
    /// A text that is one reference.
    pub(super) fn whole(text: &str) -> Option<Self> {
        let rest = text.strip_prefix('$')?;
        let rest = rest.strip_prefix('{').map_or(Some(rest), |inner| inner.strip_suffix('}'))?;
        Self::parse(rest)
    }

    fn parse(text: &str) -> Option<Self> {
        let word = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'));
        let mut parts = text.split('.').map(str::to_owned);
        let (name, path): (_, Vec<_>) = (parts.next()?, parts.collect());
        (word(&name) && path.iter().all(|part| word(part))).then_some(Self { name, path })
    }

    /// Every reference below a node, with its line.
    pub(super) fn all(node: &Node) -> Vec<(usize, Self)> {
        match &node.value {
            Written::List(items) => items.iter().flat_map(Self::all).collect(),
            Written::Map(entries) => entries.iter().flat_map(|entry| Self::all(&entry.node)).collect(),
            Written::Scalar { text, .. } => {
                let whole = Self::whole(text).map(|one| vec![one]);
                let found = whole.unwrap_or_else(|| pieces(text).into_iter().filter_map(|(_, one)| one).collect());
                found.into_iter().map(|one| (node.place.line, one)).collect()
            }
        }
    }
}

impl std::fmt::Display for Reference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "${}", self.name)?;
        self.path.iter().try_for_each(|part| write!(f, ".{part}"))
    }
}

// A text cut behind each `${...}`: what stands before it, and the reference.
fn pieces(text: &str) -> Vec<(&str, Option<Reference>)> {
    let (mut pieces, mut rest) = (Vec::new(), text);
    while let Some((before, after)) = rest.split_once("${") {
        let Some((inner, behind)) = after.split_once('}') else { break };
        pieces.push((before, Reference::parse(inner)));
        rest = behind;
    }
    pieces.push((rest, None));
    pieces
}

// === impl Kept ===

impl Kept {
    /// Keeps a value under a name; one that was kept before goes.
    pub(super) fn keep(&mut self, name: &str, value: Value) {
        self.values.insert(name.to_owned(), value);
    }

    /// What a reference stands for.
    ///
    /// # Errors
    /// That it stands for nothing.
    pub(super) fn find(&self, reference: &Reference) -> Result<&Value, String> {
        let nothing = || format!("`{reference}` stands for nothing here");
        let mut found = self.values.get(&reference.name).ok_or_else(nothing)?;
        for part in &reference.path {
            found = step(found, part).ok_or_else(nothing)?;
        }
        Ok(found)
    }

    /// A text with what its references stand for; a text that is one reference is the value itself.
    ///
    /// # Errors
    /// As [`Self::find`]; a reference inside a text to what is no single value.
    pub(super) fn fill(&self, text: &str) -> Result<Value, String> {
        if let Some(whole) = Reference::whole(text) {
            return self.find(&whole).cloned();
        }
        let mut filled = String::new();
        for (before, reference) in pieces(text) {
            filled.push_str(before);
            let Some(reference) = reference else { continue };
            match plain(self.find(&reference)?) {
                Value::String(text) => filled.push_str(&text),
                value @ (Value::Number(_) | Value::Bool(_)) => filled.push_str(&value.to_string()),
                _ => return Err(format!("`{reference}` is no single value and cannot stand inside a text")),
            }
        }
        Ok(Value::String(filled))
    }
}

/// One step into a value: a key in either spelling, or a place in a list from 0.
pub(super) fn step<'v>(value: &'v Value, part: &str) -> Option<&'v Value> {
    match value {
        Value::Object(entries) => entries.get(part).or_else(|| entries.get(&camel(part))),
        Value::Array(items) => items.get(part.parse::<usize>().ok()?),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_whole_text_is_the_value_and_a_part_of_one_is_its_text() {
        let mut kept = Kept::default();
        kept.keep("file", json!({ "name": "files/1", "customerNumber": "7", "items": [{ "ok": true }] }));
        assert_eq!(kept.fill("$file.items").unwrap(), json!([{ "ok": true }]));
        assert_eq!(kept.fill("${file.customer_number}").unwrap(), json!("7"));
        assert_eq!(kept.fill("a = \"${file.name}\", ${file.items.0.ok}").unwrap(), json!("a = \"files/1\", true"));
        assert_eq!(kept.fill("$5 or more").unwrap(), json!("$5 or more"));
        assert!(kept.fill("$file.moon").unwrap_err().contains("`$file.moon` stands for nothing"));
        assert!(kept.fill("x ${file.items}").unwrap_err().contains("no single value"));
    }
}
