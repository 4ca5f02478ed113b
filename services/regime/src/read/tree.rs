//! A YAML document as a tree that knows its lines.
//!
//! Anchors, aliases, tags and several documents in one file are refused: a rule book is read by people, top to bottom.

use std::sync::Arc;

use granit_parser::{Event, Parser, ScalarStyle};
use sha2::{Digest, Sha256};

use super::outline::Keyed;
use crate::fault::{Fault, Severity};
use crate::source::Source;

/// Where something stands. What a pack inherits stands in the file of its parent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Name of the file.
    pub file: Arc<str>,
    /// Line, counted from 1; 0 if the whole file is meant.
    pub line: usize,
}

/// A value and the place it stands at.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Where it stands.
    pub place: Place,
    /// The value.
    pub value: Value,
}

/// What a node holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Text as written.
    Scalar {
        /// The text.
        text: String,
        /// Whether it was not quoted.
        plain: bool,
    },
    /// A list.
    List(Vec<Node>),
    /// A map in the order of the file.
    Map(Vec<Entry>),
}

/// A key of a map with its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key stands.
    pub place: Place,
    /// Its value.
    pub node: Node,
}

/// A text in double quotes, as YAML and JSON read it.
pub fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            // YAML takes the last three for ends of lines or of the text.
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                quoted.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// A fault of YAML itself: line and sentence.
type Broken = (usize, String);

/// Deeper than any rule book, shallower than any stack.
const DEEPEST: usize = 32;

// === impl Node ===

impl Node {
    /// Parses one document.
    fn parse(file: &str, text: &str) -> Result<Self, Broken> {
        let mut source = Events { file: file.into(), parser: Parser::new_from_str(text), depth: 0 };
        let root = source.document()?;
        match source.next()? {
            (Event::StreamEnd, _) => Ok(root),
            (_, line) => Err((line, "a second document begins here; one file holds one".to_owned())),
        }
    }

    /// The tree of a file; what is no UTF-8 or no YAML is a fault.
    pub fn of(source: &Source, faults: &mut Vec<Fault>) -> Option<Self> {
        let parsed = Self::parse(&source.file, source.text(faults)?);
        let note = |(line, sentence): Broken| {
            let (file, path) = (source.file.clone(), String::new());
            faults.push(Fault { file, line, path, sentence, severity: Severity::Error });
        };
        parsed.map_err(note).ok()
    }

    /// Its text, if it is a single value.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, .. } => Some(text),
            Value::List(_) | Value::Map(_) => None,
        }
    }

    /// Takes keys out of a map, each where it occurs first.
    pub(crate) fn drop_keys(&mut self, keys: &[&str]) {
        let Value::Map(entries) = &mut self.value else { return };
        for key in keys {
            if let Some(at) = entries.iter().position(|entry| entry.key == *key) {
                entries.remove(at);
            }
        }
    }

    /// Puts the keys of a map in the order of the model, those that it does not know last.
    pub(crate) fn arrange(&mut self, record: &Keyed) {
        let Value::Map(entries) = &mut self.value else { return };
        let place = |entry: &Entry| record.keys.iter().position(|key| key.key == entry.key).unwrap_or(usize::MAX);
        entries.sort_by_key(place);
    }

    /// With the keys of a map in their alphabetical order.
    pub(crate) fn by_key(mut self) -> Self {
        if let Value::Map(entries) = &mut self.value {
            entries.sort_by(|one, other| one.key.cmp(&other.key));
        }
        self
    }

    /// Whether nothing is written where a value is expected.
    pub fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar { text, plain: true } if matches!(text.as_str(), "" | "~" | "null"))
    }

    /// What it is, for sentences.
    pub fn kind(&self) -> &'static str {
        match &self.value {
            _ if self.is_null() => "nothing",
            Value::Scalar { .. } => "a single value",
            Value::List(_) => "a list",
            Value::Map(_) => "a map",
        }
    }

    /// SHA-256 of keys and values in their order: what is said, whatever the layout and the comments.
    pub(crate) fn digest(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        self.feed(&mut hash);
        hash.finalize().into()
    }

    // Each part with its kind and length before it, so that no two trees share their bytes.
    fn feed(&self, hash: &mut Sha256) {
        let mut part = |kind: u8, length: usize| {
            hash.update([kind]);
            hash.update(u64::try_from(length).unwrap_or(u64::MAX).to_be_bytes());
        };
        match &self.value {
            Value::Scalar { text, .. } => {
                part(b's', text.len());
                hash.update(text.as_bytes());
            }
            Value::List(items) => {
                part(b'l', items.len());
                items.iter().for_each(|item| item.feed(hash));
            }
            Value::Map(entries) => {
                part(b'm', entries.len());
                for entry in entries {
                    hash.update(u64::try_from(entry.key.len()).unwrap_or(u64::MAX).to_be_bytes());
                    hash.update(entry.key.as_bytes());
                    entry.node.feed(hash);
                }
            }
        }
    }

    /// What tells it apart in a list: the text under `by`, or its own.
    pub(crate) fn id(&self, by: &str) -> Option<&str> {
        self.text().or_else(|| self.entry(by)?.node.text())
    }

    /// The entry of a key, if this is a map that has it.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        let Value::Map(entries) = &self.value else { return None };
        entries.iter().find(|entry| entry.key == key)
    }

    /// Whether something is written at a path such as `levels[2].loan.matter`.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.walk(path).1
    }

    /// The place of a path, or of the nearest part of it that exists.
    pub(crate) fn place_of(&self, path: &str) -> &Place {
        self.walk(path).0
    }

    fn walk(&self, path: &str) -> (&Place, bool) {
        let (mut node, mut place) = (self, &self.place);
        for part in path.split(['.', '[']).filter(|part| !part.is_empty()) {
            let next = match (part.strip_suffix(']'), &node.value) {
                (Some(index), Value::List(items)) => {
                    index.parse::<usize>().ok().and_then(|at| items.get(at)).map(|node| (node, &node.place))
                }
                (None, _) => node.entry(part).map(|entry| (&entry.node, &entry.place)),
                _ => None,
            };
            let Some((child, at)) = next else { return (place, false) };
            (node, place) = (child, at);
        }
        (place, true)
    }
}

struct Events<'a> {
    file: Arc<str>,
    parser: Parser<'a, granit_parser::StrInput<'a>>,
    depth: usize,
}

// === impl Events ===

impl<'a> Events<'a> {
    fn next(&mut self) -> Result<(Event<'a>, usize), Broken> {
        loop {
            match self.parser.next() {
                None => return Ok((Event::StreamEnd, 0)),
                Some(Ok((Event::StreamStart | Event::DocumentEnd | Event::Comment(..), _))) => {}
                Some(Ok((event, span))) => return Ok((event, span.start.line())),
                Some(Err(fault)) => return Err((fault.marker().line(), format!("this is not YAML: {}", fault.info()))),
            }
        }
    }

    fn document(&mut self) -> Result<Node, Broken> {
        match self.next()? {
            (Event::DocumentStart(..), _) => {
                let first = self.next()?;
                self.node(first)
            }
            (_, line) => Err((line.max(1), "the file is empty".to_owned())),
        }
    }

    fn node(&mut self, (event, line): (Event<'a>, usize)) -> Result<Node, Broken> {
        let value = match event {
            Event::Scalar(text, style, 0, None) => {
                Value::Scalar { text: text.into_owned(), plain: style == ScalarStyle::Plain }
            }
            Event::SequenceStart(_, 0, None) => self.deeper(line, Self::list)?,
            Event::MappingStart(_, 0, None) => self.deeper(line, Self::map)?,
            _ => return Err((line, "anchors, aliases and tags are not allowed here".to_owned())),
        };
        Ok(Node { place: self.place(line), value })
    }

    fn place(&self, line: usize) -> Place {
        Place { file: Arc::clone(&self.file), line }
    }

    fn deeper(&mut self, line: usize, read: fn(&mut Self) -> Result<Value, Broken>) -> Result<Value, Broken> {
        if self.depth == DEEPEST {
            return Err((line, format!("this is nested more than {DEEPEST} deep")));
        }
        self.depth += 1;
        let value = read(self);
        self.depth -= 1;
        value
    }

    fn list(&mut self) -> Result<Value, Broken> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(Value::List(items)),
                item => items.push(self.node(item)?),
            }
        }
    }

    fn map(&mut self) -> Result<Value, Broken> {
        let mut entries = Vec::new();
        loop {
            let (key, line) = match self.next()? {
                (Event::MappingEnd, _) => return Ok(Value::Map(entries)),
                (Event::Scalar(key, _, 0, None), line) => (key.into_owned(), line),
                (_, line) => return Err((line, "a key must be a single word".to_owned())),
            };
            let (value, place) = (self.next()?, self.place(line));
            entries.push(Entry { key, place, node: self.node(value)? });
        }
    }
}
