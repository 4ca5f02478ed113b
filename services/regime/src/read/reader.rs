//! The reader: walks a tree, notes faults with path and line, and always answers with a value.

use std::collections::BTreeMap;
use std::str::FromStr;

use super::outline::{Outline, Scalar};
use super::tree::{Entry, Node, Place, Value};
use crate::fault::{Fault, Severity};

/// A type that can be read from a node.
pub trait Shape: Default {
    /// Reads it; a fault is noted in the reader and answered with a blank value.
    fn read(node: &Node, reader: &mut Reader<'_>) -> Self;

    /// How it is written.
    fn outline() -> Outline;
}

/// Notes faults and knows where in a tree the reading is.
pub struct Reader<'a> {
    path: Vec<String>,
    faults: &'a mut Vec<Fault>,
}

/// A map being read.
#[derive(Clone, Copy)]
pub struct Fields<'n> {
    node: &'n Node,
    entries: &'n [Entry],
}

// === impl Reader ===

impl<'a> Reader<'a> {
    /// A reader at the root of a tree.
    pub const fn new(faults: &'a mut Vec<Fault>) -> Self {
        Self { path: Vec::new(), faults }
    }

    /// Notes a fault at the current path.
    pub fn note(&mut self, at: &Place, sentence: String) {
        let path = self.path.concat();
        let path = path.strip_prefix('.').unwrap_or(&path).to_owned();
        let (file, line) = (at.file.to_string(), at.line);
        self.faults.push(Fault { file, line, path, sentence, severity: Severity::Error });
    }

    /// The node as a map with these keys at most; unknown and repeated keys are faults.
    pub fn map<'n>(&mut self, node: &'n Node, keys: &[&str]) -> Option<Fields<'n>> {
        let Value::Map(entries) = &node.value else {
            self.note(&node.place, format!("a map is expected here, not {}", node.kind()));
            return None;
        };
        for (at, entry) in entries.iter().enumerate() {
            if !keys.contains(&entry.key.as_str()) {
                let known = keys.join(", ");
                self.note(&entry.place, format!("unknown key `{}`; known are {known}", entry.key));
            } else if entries.iter().take(at).any(|earlier| earlier.key == entry.key) {
                self.note(&entry.place, format!("key `{}` is given twice", entry.key));
            }
        }
        Some(Fields { node, entries })
    }

    /// A map whose keys are somebody's names for `T`, each with its value.
    fn named<T: Shape>(&mut self, node: &Node) -> BTreeMap<String, T> {
        let entries = Self::part(node).into_iter().flat_map(|map| map.entries);
        let keys: Vec<&str> = entries.map(|entry| entry.key.as_str()).collect();
        let Some(map) = self.map(node, &keys) else { return BTreeMap::new() };
        keys.iter().map(|key| ((*key).to_owned(), self.optional(map, key).unwrap_or_default())).collect()
    }

    /// The node as a map of which some keys are read; nothing is said about the others.
    pub fn part<'n>(node: &'n Node) -> Option<Fields<'n>> {
        let Value::Map(entries) = &node.value else { return None };
        Some(Fields { node, entries })
    }

    /// The value of a key that must be there.
    pub fn required<T: Shape>(&mut self, map: Fields<'_>, key: &str) -> T {
        if let Some(value) = self.optional(map, key) {
            return value;
        }
        self.note(&map.node.place, format!("key `{key}` is missing"));
        T::default()
    }

    /// The value of a key that may be left out.
    pub fn optional<T: Shape>(&mut self, map: Fields<'_>, key: &str) -> Option<T> {
        let entry = map.entries.iter().find(|entry| entry.key == key)?;
        Some(self.within(format!(".{key}"), |reader| {
            if entry.node.is_null() {
                reader.note(&entry.place, format!("key `{key}` has no value; leave the key out or give it one"));
                return T::default();
            }
            T::read(&entry.node, reader)
        }))
    }

    /// One word out of a list.
    pub fn word<T: Default>(&mut self, node: &Node, words: impl Iterator<Item = (&'static str, T)>) -> T {
        let Some(text) = self.text(node) else { return T::default() };
        let mut known = Vec::new();
        for (word, value) in words {
            if word == text {
                return value;
            }
            known.push(word);
        }
        self.note(&node.place, format!("`{text}` is not one of {}", known.join(", ")));
        T::default()
    }

    /// A single value that a function understands.
    pub fn parsed<T: Default>(&mut self, node: &Node, what: &str, parse: impl FnOnce(&str) -> Result<T, String>) -> T {
        let Some(text) = self.text(node) else { return T::default() };
        parse(text).unwrap_or_else(|sentence| {
            self.note(&node.place, format!("this is not {what}: {sentence}"));
            T::default()
        })
    }

    fn text<'n>(&mut self, node: &'n Node) -> Option<&'n str> {
        match &node.value {
            Value::Scalar { text, .. } => Some(text),
            Value::List(_) | Value::Map(_) => {
                self.note(&node.place, format!("a single value is expected here, not {}", node.kind()));
                None
            }
        }
    }

    /// Reads one step deeper.
    pub fn within<T>(&mut self, step: String, read: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(step);
        let value = read(self);
        self.path.pop();
        value
    }
}

fn from_text<T: FromStr + Default>(node: &Node, reader: &mut Reader<'_>, what: &str) -> T {
    reader.parsed(node, what, |text| text.parse().map_err(|_| format!("`{text}`")))
}

// === impl Shape ===

impl Shape for String {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Self {
        let text = reader.text(node).unwrap_or_default();
        if text.trim().is_empty() && matches!(node.value, Value::Scalar { .. }) {
            reader.note(&node.place, "the text is empty".to_owned());
        }
        text.to_owned()
    }

    fn outline() -> Outline {
        Outline::Scalar(Scalar::Text)
    }
}

impl Shape for u32 {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Self {
        from_text(node, reader, "a whole number from 0 up")
    }

    fn outline() -> Outline {
        Outline::Scalar(Scalar::Whole)
    }
}

impl Shape for bool {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Self {
        from_text(node, reader, "true or false")
    }

    fn outline() -> Outline {
        Outline::Scalar(Scalar::Flag)
    }
}

impl Shape for jiff::civil::Date {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Self {
        from_text(node, reader, "a date (YYYY-MM-DD)")
    }

    fn outline() -> Outline {
        Outline::Scalar(Scalar::Date)
    }
}

impl<T: Shape> Shape for Option<T> {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Self {
        Some(T::read(node, reader))
    }

    fn outline() -> Outline {
        T::outline()
    }
}

impl<T: Shape> Shape for Vec<T> {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Self {
        let Value::List(items) = &node.value else {
            reader.note(&node.place, format!("a list is expected here, not {}", node.kind()));
            return Self::new();
        };
        items
            .iter()
            .enumerate()
            .map(|(at, item)| reader.within(format!("[{at}]"), |reader| T::read(item, reader)))
            .collect()
    }

    fn outline() -> Outline {
        Outline::List(Box::new(T::outline()))
    }
}

impl<T: Shape> Shape for BTreeMap<String, T> {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Self {
        reader.named(node)
    }

    fn outline() -> Outline {
        Outline::Map(Box::new(T::outline()))
    }
}
