//! How the types of the model are written: what merging and the schema know of them.

/// The form of a value in YAML.
#[derive(Clone, Debug)]
pub enum Outline {
    /// A single value.
    Scalar(Scalar),
    /// One word of a closed list.
    Words(Words),
    /// A list.
    List(Box<Outline>),
    /// A map whose keys are somebody's names.
    Map(Box<Outline>),
    /// A map with keys of the model.
    Keyed(Keyed),
    /// What is taken away: ids, `all`, or a map of them.
    Taken,
}

/// What a single value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scalar {
    /// Text that is not empty.
    Text,
    /// A whole number from 0 up.
    Whole,
    /// `true` or `false`.
    Flag,
    /// `YYYY-MM-DD`.
    Date,
    /// A length of time.
    Term,
    /// A time zone.
    Zone,
    /// A value, several, or a bound.
    Expected,
}

/// A closed list of words, each with its meaning.
#[derive(Clone, Debug)]
pub struct Words {
    /// Its type.
    pub name: &'static str,
    /// What it is for.
    pub about: &'static str,
    /// The words.
    pub words: Vec<(&'static str, &'static str)>,
}

/// A record of the model.
#[derive(Clone, Debug)]
pub struct Keyed {
    /// Its type.
    pub name: &'static str,
    /// What it is for.
    pub about: &'static str,
    /// The key that tells entries of a list apart; empty: none does.
    pub by: &'static str,
    /// Its keys.
    pub keys: Vec<Key>,
}

/// A key of a record.
#[derive(Clone, Debug)]
pub struct Key {
    /// Its spelling.
    pub key: &'static str,
    /// What it is for.
    pub about: &'static str,
    /// Whether it may be left out.
    pub optional: bool,
    /// What it holds.
    pub shape: Outline,
}

// === impl Outline ===

impl Outline {
    /// What stands under a key of a map.
    pub(crate) fn under(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Keyed(record) => record.keys.iter().find(|one| one.key == key).map(|one| &one.shape),
            Self::Map(value) => Some(value),
            Self::Scalar(_) | Self::Words(_) | Self::List(_) | Self::Taken => None,
        }
    }

    /// The key that tells the entries of this list apart, if one does.
    pub(crate) fn entry_key(&self) -> Option<&'static str> {
        match self {
            Self::List(item) => match item.as_ref() {
                Self::Keyed(record) => Some(record.by).filter(|by| !by.is_empty()),
                _ => None,
            },
            _ => None,
        }
    }
}
