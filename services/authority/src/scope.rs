//! How far a right to a file reaches, as request, grant, entry and store say it. It fails closed.

use dossier_kernel::error::Error;
use dossier_kernel::faults::Faults;
use dossier_proto::types;
use dossier_proto::types::scope::Reach;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Most fields of one scope.
const MOST: usize = 100;

/// How much of a file a right opens (A-01).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The whole file, as far as the person's grade reaches.
    WholeFile,
    /// These fields; never empty.
    Fields(Vec<String>),
    /// Something that this version does not know, or nothing: no right.
    Unknown,
}

// === impl Scope ===

impl Scope {
    /// What a message says; what it does not say, or says in a way that is not known here, opens nothing.
    pub fn of(message: Option<&types::Scope>) -> Self {
        match message.and_then(|scope| scope.reach.as_ref()) {
            Some(Reach::WholeFile(_)) => Self::WholeFile,
            Some(Reach::FieldSet(set)) if !set.fields.is_empty() => Self::Fields(set.fields.clone()),
            Some(Reach::FieldSet(_)) | None => Self::Unknown,
        }
    }

    /// As the contract carries it; nothing for a scope that is not known here.
    pub fn message(&self) -> Option<types::Scope> {
        match self {
            Self::WholeFile => Some(types::Scope::whole_file()),
            Self::Fields(fields) => Some(types::Scope::field_set(fields)),
            Self::Unknown => None,
        }
    }

    /// The scope that a request names, which must name one: the whole file, or 1 to 100 fields of 1 to 63 characters, each once.
    ///
    /// # Errors
    /// `FIELD_VIOLATION` of `scope` or `scope.field_set.fields`.
    pub fn asked(message: Option<&types::Scope>) -> Result<Self, Error> {
        let set = match message.and_then(|scope| scope.reach.as_ref()) {
            Some(Reach::WholeFile(_)) => return Ok(Self::WholeFile),
            Some(Reach::FieldSet(set)) => set,
            None => return Err(Error::violation("scope", "must be the whole file or some fields")),
        };
        let fields = &set.fields;
        let mut faults = Faults::default();
        let mut fault = |why: &str| faults.add("scope.field_set.fields", why);
        if !(1..=MOST).contains(&fields.len()) {
            fault("must name 1 to 100 fields");
        } else {
            if fields.iter().any(|field| !(1..=63).contains(&field.chars().count())) {
                fault("must hold names of 1 to 63 characters");
            }
            if fields.iter().enumerate().any(|(at, field)| fields[..at].contains(field)) {
                fault("must name each field once");
            }
        }
        faults.finish()?;
        Ok(Self::Fields(fields.clone()))
    }

    /// The fields it names; none for the whole file.
    pub fn fields(&self) -> &[String] {
        match self {
            Self::Fields(fields) => fields,
            Self::WholeFile | Self::Unknown => &[],
        }
    }

    /// Whether it opens the whole file.
    pub fn is_whole(&self) -> bool {
        *self == Self::WholeFile
    }

    /// Whether it opens the field `key`.
    pub fn covers(&self, key: &str) -> bool {
        match self {
            Self::WholeFile => true,
            Self::Fields(fields) => fields.iter().any(|field| field == key),
            Self::Unknown => false,
        }
    }

    /// How many fields it opens, for a choice among several rights.
    pub fn breadth(&self) -> usize {
        if self.is_whole() { usize::MAX } else { self.fields().len() }
    }

    /// As the store spells it; what entries and rows are compared by.
    pub fn spelling(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

// The spelling of the store: a list of keys, where no key means the whole file, as every row before this type has it; `null` opens
// nothing, and so does whatever a later version may write.
impl Serialize for Scope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Unknown => serializer.serialize_none(),
            Self::WholeFile | Self::Fields(_) => self.fields().serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Scope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        Ok(match serde_json::from_value::<Vec<String>>(value) {
            Ok(fields) if fields.is_empty() => Self::WholeFile,
            Ok(fields) => Self::Fields(fields),
            Err(_) => Self::Unknown,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(keys: &[&str]) -> Option<types::Scope> {
        Some(types::Scope::field_set(keys.iter().copied()))
    }

    // proves: A-01
    #[test]
    fn what_says_no_scope_or_an_unknown_one_opens_nothing() {
        for silent in [None, Some(types::Scope { reach: None }), keys(&[])] {
            let scope = Scope::of(silent.as_ref());
            assert_eq!(scope, Scope::Unknown);
            assert!(!scope.covers("name") && !scope.is_whole() && scope.breadth() == 0 && scope.message().is_none());
            assert!(Scope::asked(silent.as_ref()).is_err());
        }
    }

    #[test]
    fn the_store_gives_back_what_was_kept_and_reads_nothing_into_what_it_does_not_know() {
        for scope in [Scope::WholeFile, Scope::Fields(vec!["name".into()]), Scope::Unknown] {
            assert_eq!(serde_json::from_str::<Scope>(&scope.spelling()).unwrap(), scope);
        }
        for later in [r#"{"record": "1"}"#, r#""all""#, "[1]", "true"] {
            assert_eq!(serde_json::from_str::<Scope>(later).unwrap(), Scope::Unknown, "{later}");
        }
    }

    #[test]
    fn a_scope_of_fields_names_each_once_within_its_limits() {
        assert_eq!(Scope::asked(keys(&["a", "b"]).as_ref()).unwrap().fields(), ["a", "b"]);
        let long = "x".repeat(64);
        for bad in [keys(&["a", "a"]), keys(&[""]), keys(&[&long]), keys(&vec!["a"; 101])] {
            assert!(Scope::asked(bad.as_ref()).is_err(), "{bad:?}");
        }
    }
}
