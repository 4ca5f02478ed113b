//! How many elements a request has, counted in its bytes: decoded, two bytes become a value of a hundred.
//!
//! The contracts say which fields repeat and which are messages; everything else is passed over unread.

use std::collections::HashMap;
use std::sync::LazyLock;

use prost::Message;
use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{DescriptorProto, FileDescriptorSet};

/// Most elements of all repeated fields of one request together. The largest that the services take, a score model of one
/// MiB, has fewer.
pub(super) const MOST: usize = 65_536;

/// A message below this length cannot have more.
pub(super) const HARMLESS: usize = 2 * MOST;

/// Deeper messages are refused by the decoder itself.
const DEEPEST: usize = 100;

static SHAPES: LazyLock<Shapes> = LazyLock::new(Shapes::of_contracts);

/// The fields of a message that matter here.
#[derive(Debug, Default)]
struct Shape(HashMap<u64, Field>);

#[derive(Clone, Debug)]
struct Field {
    repeated: bool,
    // Numbers that may stand side by side in one value.
    packed: bool,
    message: Option<String>,
}

#[derive(Debug, Default)]
struct Shapes {
    // The request of each method, by path.
    requests: HashMap<String, String>,
    messages: HashMap<String, Shape>,
}

/// Whether the request `bytes` of the method at `path` has at most [`MOST`] elements. A method that is not of the
/// contracts, and bytes that are no message, are left to the decoder.
pub(super) fn are_few(path: &str, bytes: &[u8]) -> bool {
    let Some(shape) = SHAPES.requests.get(path).and_then(|name| SHAPES.messages.get(name)) else { return true };
    let mut left = MOST;
    SHAPES.count(shape, bytes, &mut left, DEEPEST).is_some()
}

// === impl Shapes ===

impl Shapes {
    fn of_contracts() -> Self {
        let mut shapes = Self::default();
        let set = FileDescriptorSet::decode(dossier_proto::DESCRIPTORS).unwrap_or_default();
        for file in &set.file {
            let package = file.package();
            for message in &file.message_type {
                shapes.add(&format!(".{package}"), message);
            }
            for service in &file.service {
                for method in &service.method {
                    let path = format!("/{package}.{}/{}", service.name(), method.name());
                    shapes.requests.insert(path, method.input_type().to_owned());
                }
            }
        }
        shapes
    }

    fn add(&mut self, parent: &str, message: &DescriptorProto) {
        let name = format!("{parent}.{}", message.name());
        for nested in &message.nested_type {
            self.add(&name, nested);
        }
        let field = |one: &prost_types::FieldDescriptorProto| {
            let repeated = one.label() == Label::Repeated;
            let (text, message) = (matches!(one.r#type(), Type::String | Type::Bytes), one.r#type() == Type::Message);
            let packed = repeated && !text && !message;
            (
                u64::try_from(one.number()).unwrap_or(0),
                Field { repeated, packed, message: message.then(|| one.type_name().to_owned()) },
            )
        };
        self.messages.insert(name, Shape(message.field.iter().map(field).collect()));
    }

    // Takes every element from `left`; nothing when it does not suffice.
    fn count(&self, shape: &Shape, mut bytes: &[u8], left: &mut usize, deep: usize) -> Option<()> {
        while !bytes.is_empty() {
            let Some((number, value)) = next(&mut bytes) else { return Some(()) };
            let Some(field) = shape.0.get(&number) else { continue };
            if field.repeated {
                let elements = if field.packed { value.len().max(1) } else { 1 };
                *left = left.checked_sub(elements)?;
            }
            let inner = field.message.as_ref().and_then(|name| self.messages.get(name));
            if let Some(inner) = inner.filter(|_| deep > 0) {
                self.count(inner, value, left, deep - 1)?;
            }
        }
        Some(())
    }
}

// The next field and its bytes, empty unless it is delimited by a length. Nothing when the bytes are no message.
fn next<'b>(bytes: &mut &'b [u8]) -> Option<(u64, &'b [u8])> {
    let tag = varint(bytes)?;
    let skip = |bytes: &mut &'b [u8], length: usize| -> Option<&'b [u8]> {
        let (value, rest) = bytes.split_at_checked(length)?;
        *bytes = rest;
        Some(value)
    };
    let value = match tag & 7 {
        0 => varint(bytes).map(|_| &[][..])?,
        1 => skip(bytes, 8).map(|_| &[][..])?,
        2 => {
            let length = usize::try_from(varint(bytes)?).ok()?;
            skip(bytes, length)?
        }
        5 => skip(bytes, 4).map(|_| &[][..])?,
        _ => return None,
    };
    Some((tag >> 3, value))
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for at in 0..10 {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(first & 0x7f) << (7 * at);
        if first & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use dossier_proto::access::v1::{BatchCheckAccessRequest, CheckAccessRequest};
    use dossier_proto::profile::v1::{CreateCustomerFileRequest, CustomerFile};

    use super::*;

    const BATCH: &str = "/dossier.access.v1.AccessService/BatchCheckAccess";
    const CREATE: &str = "/dossier.profile.v1.CustomerFileService/CreateCustomerFile";

    #[test]
    fn empty_elements_are_counted_before_they_are_made() {
        let one = BatchCheckAccessRequest { checks: vec![CheckAccessRequest::default()] }.encode_to_vec();
        assert_eq!(one.len(), 2, "two bytes each");
        assert!(are_few(BATCH, &one.repeat(MOST)));
        assert!(!are_few(BATCH, &one.repeat(MOST + 1)));
        assert!(!are_few(BATCH, &one.repeat(2_000_000)));
    }

    #[test]
    fn elements_inside_of_elements_count_too_and_long_texts_do_not() {
        let fields = |count: usize| (0..count).map(|at| (at.to_string(), Default::default())).collect();
        let request = |file: CustomerFile| {
            CreateCustomerFileRequest { customer_file: Some(file), ..Default::default() }.encode_to_vec()
        };
        assert!(are_few(CREATE, &request(CustomerFile { fields: fields(1000), ..Default::default() })));
        assert!(!are_few(CREATE, &request(CustomerFile { fields: fields(MOST + 1), ..Default::default() })));
        assert!(are_few(CREATE, &request(CustomerFile { unit_ref: "x".repeat(3_000_000), ..Default::default() })));
    }

    #[test]
    fn what_is_no_message_is_left_to_the_decoder() {
        for bytes in [&[0x0a, 0xff][..], &[0x0f], &[0x80; 12], &[0x0b, 0x0b], &[0x09, 1]] {
            assert!(are_few(BATCH, bytes), "{bytes:?}");
        }
        assert!(are_few("/none.Such/Method", &[0x0a, 0]));
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_fall(bytes: Vec<u8>) {
            are_few(CREATE, &bytes);
        }
    }
}
