//! A YAML document as a tree that knows its lines.
//!
//! Anchors, aliases, tags and several documents in one file are refused: a rule book is read by people, top to bottom.

use granit_parser::{Event, Parser, ScalarStyle};
use sha2::{Digest, Sha256};

/// A value and the line it stands on.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
    /// Line, counted from 1.
    pub(crate) line: usize,
    /// The value.
    pub(crate) value: Value,
}

/// What a node holds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    /// Text as written; `plain` if it was not quoted.
    Scalar { text: String, plain: bool },
    /// A list.
    List(Vec<Node>),
    /// A map in the order of the file.
    Map(Vec<Entry>),
}

/// A key of a map with its value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    /// The key.
    pub(crate) key: String,
    /// Line of the key.
    pub(crate) line: usize,
    /// Its value.
    pub(crate) node: Node,
}

/// A fault of YAML itself: line and sentence.
pub(crate) type Broken = (usize, String);

/// Deeper than any rule book, shallower than any stack.
const DEEPEST: usize = 32;

// === impl Node ===

impl Node {
    /// Parses one document.
    pub(crate) fn parse(text: &str) -> Result<Self, Broken> {
        let mut source = Source { events: Parser::new_from_str(text), depth: 0 };
        let root = source.document()?;
        match source.next()? {
            (Event::StreamEnd, _) => Ok(root),
            (_, line) => Err((line, "a second document begins here; one file holds one".to_owned())),
        }
    }

    /// Whether nothing is written where a value is expected.
    pub(crate) fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar { text, plain: true } if matches!(text.as_str(), "" | "~" | "null"))
    }

    /// What it is, for sentences.
    pub(crate) fn kind(&self) -> &'static str {
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

    /// The entry of a key, if this is a map that has it.
    pub(crate) fn entry(&self, key: &str) -> Option<&Entry> {
        let Value::Map(entries) = &self.value else { return None };
        entries.iter().find(|entry| entry.key == key)
    }

    /// Line of a path such as `levels[2].loan.matter`, or of the nearest part of it that exists.
    pub(crate) fn line_of(&self, path: &str) -> usize {
        let (mut node, mut line) = (self, self.line);
        for part in path.split(['.', '[']).filter(|part| !part.is_empty()) {
            let next = match (part.strip_suffix(']'), &node.value) {
                (Some(index), Value::List(items)) => {
                    index.parse::<usize>().ok().and_then(|at| items.get(at)).map(|node| (node, node.line))
                }
                (None, _) => node.entry(part).map(|entry| (&entry.node, entry.line)),
                _ => None,
            };
            let Some((child, at)) = next else { break };
            (node, line) = (child, at);
        }
        line
    }
}

struct Source<'a> {
    events: Parser<'a, granit_parser::StrInput<'a>>,
    depth: usize,
}

// === impl Source ===

impl<'a> Source<'a> {
    fn next(&mut self) -> Result<(Event<'a>, usize), Broken> {
        loop {
            match self.events.next() {
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
        Ok(Node { line, value })
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
            let value = self.next()?;
            entries.push(Entry { key, line, node: self.node(value)? });
        }
    }
}
