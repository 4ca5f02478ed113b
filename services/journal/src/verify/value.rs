//! Values of rows, as entries and stores say them.

use std::fmt;
use std::sync::Arc;

use uuid::Uuid;

use super::state::Cause;

/// One value. What is personal is never shown, neither by `Display` nor by `Debug`.
#[derive(Clone)]
pub enum Value {
    /// None.
    Nothing,
    /// Yes or no.
    Flag(bool),
    /// A number, an amount in minor units, an instant in microseconds.
    Number(i64),
    /// An id.
    Id(Uuid),
    /// A label.
    Text(String),
    /// A digest.
    Bytes(Vec<u8>),
    /// A personal value or a free text.
    Private(String),
    /// The promise of a personal value; only entries say it.
    Promise(Promise),
}

/// Tells whether a value is the one that was promised.
#[derive(Clone)]
pub struct Promise(Arc<dyn Fn(&str) -> bool + Send + Sync>);

// === impl Promise ===

impl Promise {
    /// A promise that `holds` for the one value.
    pub fn new(holds: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(holds))
    }
}

// === impl Value ===

impl Value {
    /// What a resource name says: the id in it, the text when there is none, nothing when it is empty.
    pub fn name(name: &str) -> Self {
        let last = name.rsplit('/').next().unwrap_or_default();
        match Uuid::try_parse(last) {
            Ok(id) => Self::Id(id),
            Err(_) if name.is_empty() => Self::Nothing,
            Err(_) => Self::Text(name.to_owned()),
        }
    }

    /// A personal value or a free text.
    pub fn private(text: impl Into<String>) -> Self {
        Self::Private(text.into())
    }

    /// Labels in their order.
    pub fn list<T: AsRef<str>>(labels: &[T]) -> Self {
        Self::Text(labels.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(","))
    }

    /// The number, if it is one.
    pub fn number(&self) -> Option<i64> {
        if let Self::Number(number) = self { Some(*number) } else { None }
    }

    /// The cause, when a row's value is not what this says.
    pub(super) fn differs(&self, field: &str, found: Self, seq: i64) -> Option<Cause> {
        let field = field.to_owned();
        match (self, &found) {
            (Self::Promise(promise), Self::Private(text)) if (promise.0)(text) => None,
            (Self::Promise(_), _) => Some(Cause::Promise { field, seq }),
            (said, found_value) if said == found_value => None,
            (said, _) => Some(Cause::Field { field, found, said: said.clone(), seq }),
        }
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Nothing, Self::Nothing) => true,
            (Self::Flag(one), Self::Flag(other)) => one == other,
            (Self::Number(one), Self::Number(other)) => one == other,
            (Self::Id(one), Self::Id(other)) => one == other,
            (Self::Text(one), Self::Text(other)) | (Self::Private(one), Self::Private(other)) => one == other,
            (Self::Bytes(one), Self::Bytes(other)) => one == other,
            _ => false,
        }
    }
}

impl Eq for Value {}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("nothing"),
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Id(id) => write!(f, "{id}"),
            Self::Text(text) => write!(f, "`{text}`"),
            Self::Bytes(bytes) => f.write_str(&hex::encode(bytes)),
            Self::Private(_) | Self::Promise(_) => f.write_str("(not shown)"),
        }
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for Promise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Promise(..)")
    }
}

macro_rules! from {
    ($($from:ty => $one:ident $make:expr),+ $(,)?) => {
        $(impl From<$from> for Value {
            fn from($one: $from) -> Self {
                $make
            }
        })+
    };
}

from! {
    bool => flag Self::Flag(flag),
    i64 => number Self::Number(number),
    i32 => number Self::Number(number.into()),
    Uuid => id Self::Id(id),
    String => text Self::Text(text),
    &String => text Self::Text(text.clone()),
    &str => text Self::Text(text.to_owned()),
    Vec<u8> => bytes Self::Bytes(bytes),
    &Vec<u8> => bytes Self::Bytes(bytes.clone()),
    Promise => promise Self::Promise(promise),
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Nothing, Into::into)
    }
}
