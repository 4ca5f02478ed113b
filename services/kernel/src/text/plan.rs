//! The rule over an encoded message: its strings are found by the contract's descriptors, before anything is decoded.

use std::collections::HashMap;
use std::sync::LazyLock;

use prost::Message;
use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{DescriptorProto, FieldDescriptorProto, FileDescriptorSet};

use super::{Lines, flaw};

/// Fields that may hold several lines, by their names; every other string is one line.
const MANY_LINES: [&str; 9] =
    ["comment", "description", "differences", "items", "justification", "payment_terms", "reason", "summary", "text"];

/// Fields that hold a UUID by itself; in every other one it stands in the name of a resource.
const BARE_IDS: [&str; 2] = [REQUEST_ID, "entry_id"];

const REQUEST_ID: &str = "request_id";

/// Where in a name an id begins at the latest.
const LONGEST_HEAD: usize = 256;

/// Characters of a UUID.
pub const UUID: usize = 36;

/// Nesting beyond which a decoder gives up too.
const DEEPEST: u32 = 100;

/// Why a message is not handed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Its bytes are no message.
    Malformed,
    /// A string holds what no text may hold.
    Text {
        /// Path of the field in the request, for example `customer_file.fields.name.text`.
        path: String,
        /// What it holds; never the text.
        why: String,
    },
}

/// Where the strings of every request are.
#[derive(Debug)]
struct Plan {
    shapes: Vec<Shape>,
    /// By path of the method, `/package.Service/Method`.
    requests: HashMap<String, Asked>,
}

/// What a method is asked with.
#[derive(Debug)]
struct Asked {
    shape: usize,
    /// Number of the request's `request_id`, where it has one.
    request_id: Option<u64>,
}

/// The strings and messages of one type.
#[derive(Debug, Default)]
struct Shape {
    map: bool,
    fields: HashMap<u64, Field>,
}

#[derive(Debug)]
struct Field {
    name: String,
    repeated: bool,
    kind: Kind,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Text { lines: Lines, bare_id: bool },
    Message(usize),
}

static PLAN: LazyLock<Plan> =
    LazyLock::new(|| Plan::of(&FileDescriptorSet::decode(dossier_proto::DESCRIPTORS).unwrap_or_default()));

/// Applies the rule to the encoded request of `method` (`/package.Service/Method`), and gives the places of UUIDs that
/// hold capitals: [`UUID`] bytes each, to be brought to small letters, so that a request or a resource has one name.
/// Methods that are not of the contract (health, reflection) are not looked at.
///
/// # Errors
/// [`Refused`], at the first string at fault.
pub fn check(method: &str, message: &[u8]) -> Result<Vec<usize>, Refused> {
    let mut capitals = Vec::new();
    let Some(asked) = PLAN.requests.get(method) else { return Ok(capitals) };
    let walked = PLAN.walk(asked.shape, (message, 0), 0, &mut capitals).and_then(|()| asked.demand(message));
    walked.map(|()| capitals).map_err(|found| match found {
        None => Refused::Malformed,
        Some((mut path, why)) => {
            path.reverse();
            Refused::Text { path: path.join("."), why }
        }
    })
}

/// The path from the inside to the outside and what is wrong there; `None` when the bytes are no message.
type Found = Option<(Vec<String>, String)>;

// === impl Plan ===

impl Plan {
    fn of(set: &FileDescriptorSet) -> Self {
        let mut types = Vec::new();
        for file in &set.file {
            collect(&format!(".{}", file.package()), &file.message_type, &mut types);
        }
        let places: HashMap<&str, usize> =
            types.iter().enumerate().map(|(at, (name, _))| (name.as_str(), at)).collect();
        let shapes = types.iter().map(|(_, message)| Shape::of(message, &places)).collect();
        let mut requests = HashMap::new();
        for file in &set.file {
            for service in &file.service {
                let methods = service.method.iter().filter_map(|method| {
                    let path = format!("/{}.{}/{}", file.package(), service.name(), method.name());
                    Some((path, Asked::of(*places.get(method.input_type())?, &types)))
                });
                requests.extend(methods);
            }
        }
        Self { shapes, requests }
    }

    // `message` stands at `place` of the whole.
    fn walk(
        &self,
        shape: usize,
        (message, place): (&[u8], usize),
        depth: u32,
        capitals: &mut Vec<usize>,
    ) -> Result<(), Found> {
        let shape = self.shapes.get(shape).filter(|_| depth < DEEPEST).ok_or(None)?;
        let mut reader = Reader(message);
        while let Some((number, value)) = reader.field()? {
            let (Some(bytes), Some(field)) = (value, shape.fields.get(&number)) else { continue };
            let start = message.len() - reader.0.len() - bytes.len();
            let found = match field.kind {
                Kind::Text { lines, bare_id } => {
                    capitals.extend(capital_id(bytes, bare_id).map(|at| place + start + at));
                    text(bytes, lines)
                }
                Kind::Message(inner) => self.walk(inner, (bytes, place + start), depth + 1, capitals),
            };
            if let Err(found) = found {
                let before = &message[..start];
                return Err(found.map(|(path, why)| (self.told(shape, field, (number, before, bytes), path), why)));
            }
        }
        Ok(())
    }

    // An entry of a map is told by its key, unless the key itself is at fault.
    fn told(&self, shape: &Shape, field: &Field, place: (u64, &[u8], &[u8]), mut path: Vec<String>) -> Vec<String> {
        let (number, before, bytes) = place;
        let entry = match field.kind {
            Kind::Message(inner) => self.shapes.get(inner).is_some_and(|inner| inner.map),
            Kind::Text { .. } => false,
        };
        if shape.map {
            if number == 1 {
                path.push(String::new());
            }
            return path;
        }
        if entry {
            match path.last().is_some_and(String::is_empty) {
                true => path.clear(),
                false => path.extend(key(bytes)),
            }
            path.push(field.name.clone());
        } else if field.repeated {
            path.push(format!("{}[{}]", field.name, occurrences(before, number)));
        } else {
            path.push(field.name.clone());
        }
        path
    }
}

fn collect<'d>(scope: &str, messages: &'d [DescriptorProto], types: &mut Vec<(String, &'d DescriptorProto)>) {
    for message in messages {
        let name = format!("{scope}.{}", message.name());
        collect(&name, &message.nested_type, types);
        types.push((name, message));
    }
}

fn text(bytes: &[u8], lines: Lines) -> Result<(), Found> {
    // What is no UTF-8 the decoder refuses, with the path of the field.
    let Ok(text) = std::str::from_utf8(bytes) else { return Ok(()) };
    flaw(text, lines).map_or(Ok(()), |flaw| Err(Some((Vec::new(), flaw.to_string()))))
}

// Where in the text a UUID with capitals stands, if the text is one or the name of a resource.
fn capital_id(text: &[u8], bare: bool) -> Option<usize> {
    if bare {
        return is_capital_id(text, 0).then_some(0);
    }
    // Before its id a name has collections, which have letters alone: behind the first byte that is none no id begins. Whoever
    // sends slashes by the megabyte makes it look at the first few.
    let head = text.iter().take(LONGEST_HEAD).take_while(|byte| byte.is_ascii_alphabetic() || **byte == b'/');
    let slashes = head.enumerate().filter(|(_, byte)| **byte == b'/');
    slashes.map(|(at, _)| at + 1).find(|start| is_capital_id(text, *start))
}

fn is_capital_id(text: &[u8], start: usize) -> bool {
    let Some(id) = text.get(start..).and_then(|rest| rest.get(..UUID)) else { return false };
    let ended = matches!(text.get(start + UUID), None | Some(b'/'));
    let digits = id.iter().enumerate().all(|(at, byte)| match at {
        8 | 13 | 18 | 23 => *byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    });
    ended && digits && id.iter().any(u8::is_ascii_uppercase)
}

fn occurrences(message: &[u8], number: u64) -> usize {
    let mut reader = Reader(message);
    let mut count = 0;
    while let Ok(Some((one, _))) = reader.field() {
        count += usize::from(one == number);
    }
    count
}

// Keys are names of fields, axes and variables; anything else is left out of an error.
fn key(entry: &[u8]) -> Option<String> {
    let mut reader = Reader(entry);
    while let Ok(Some((number, value))) = reader.field() {
        if number == 1 {
            let key = std::str::from_utf8(value?).ok()?;
            let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
            return (key.len() <= 64 && key.chars().all(plain)).then(|| key.to_owned());
        }
    }
    None
}

// === impl Asked ===

impl Asked {
    fn of(shape: usize, types: &[(String, &DescriptorProto)]) -> Self {
        let named = |(_, message): &(String, &DescriptorProto)| {
            let found = message.field.iter().find(|field| field.name() == REQUEST_ID)?;
            u64::try_from(found.number()).ok()
        };
        Self { shape, request_id: types.get(shape).and_then(named) }
    }

    // Whoever repeats a call that changes something after a lost answer must be able to say that it is the same one (I8).
    fn demand(&self, message: &[u8]) -> Result<(), Found> {
        let Some(wanted) = self.request_id else { return Ok(()) };
        let mut reader = Reader(message);
        let mut given = false;
        while let Some((number, value)) = reader.field()? {
            if number == wanted {
                given = value.is_some_and(|value| !value.is_empty());
            }
        }
        let why = "is required: a UUID that is new for each change and the same when one is repeated";
        if given { Ok(()) } else { Err(Some((vec![REQUEST_ID.to_owned()], why.to_owned()))) }
    }
}

// === impl Shape ===

impl Shape {
    fn of(message: &DescriptorProto, places: &HashMap<&str, usize>) -> Self {
        let map = message.options.as_ref().is_some_and(|options| options.map_entry());
        let field = |one: &FieldDescriptorProto| Some((u64::try_from(one.number()).ok()?, Field::of(one, places)?));
        Self { map, fields: message.field.iter().filter_map(field).collect() }
    }
}

// === impl Field ===

impl Field {
    fn of(field: &FieldDescriptorProto, places: &HashMap<&str, usize>) -> Option<Self> {
        let many = MANY_LINES.contains(&field.name());
        let kind = match field.r#type() {
            Type::String => Kind::Text {
                lines: if many { Lines::Many } else { Lines::One },
                bare_id: BARE_IDS.contains(&field.name()),
            },
            Type::Message => Kind::Message(*places.get(field.type_name())?),
            _ => return None,
        };
        Some(Self { name: field.name().to_owned(), repeated: field.label() == Label::Repeated, kind })
    }
}

/// A field's number, and its bytes if it is of a length.
type Encoded<'m> = (u64, Option<&'m [u8]>);

/// Fields of an encoded message.
struct Reader<'m>(&'m [u8]);

// === impl Reader ===

impl<'m> Reader<'m> {
    /// The next field: its number, and its bytes if it is of a length.
    fn field(&mut self) -> Result<Option<Encoded<'m>>, Found> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let tag = self.varint()?;
        let value = match tag & 7 {
            0 => self.varint().map(|_| None)?,
            1 => self.take(8).map(|_| None)?,
            2 => {
                let length = usize::try_from(self.varint()?).map_err(|_| None)?;
                Some(self.take(length)?)
            }
            5 => self.take(4).map(|_| None)?,
            // Groups are in no contract; what stands in one would not be looked at.
            _ => return Err(None),
        };
        Ok(Some((tag >> 3, value)))
    }

    fn varint(&mut self) -> Result<u64, Found> {
        let mut value = 0;
        for at in 0..10 {
            let (byte, rest) = self.0.split_first().ok_or(None)?;
            self.0 = rest;
            value |= u64::from(byte & 0x7f) << (7 * at);
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(None)
    }

    fn take(&mut self, length: usize) -> Result<&'m [u8], Found> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(None)?;
        self.0 = rest;
        Ok(taken)
    }
}

#[cfg(test)]
mod tests;
