//! What every rpc of this service begins and ends with.

use dossier_authority::{Base, Principal};
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Missing, Result};
use dossier_kernel::name;
use uuid::Uuid;

/// Who is at work: a person of the directory, or one of Dossier's own services.
#[derive(Clone, Debug)]
pub(crate) enum Caller {
    /// A person.
    Person(Principal),
    /// A service, by its name.
    Service(String),
}

// === impl Caller ===

impl Caller {
    /// Reads who is at work.
    ///
    /// # Errors
    /// `ORG_UNKNOWN`, `PERSON_UNKNOWN`.
    pub(crate) async fn of(base: &Base, tx: &mut Tx, call: &Call) -> Result<Self> {
        base.pack(&call.org)?;
        if call.service {
            return Ok(Self::Service(call.subject.clone()));
        }
        base.principal(tx, call).await.map(Self::Person)
    }

    /// The actor of a journal entry.
    pub(crate) fn actor(&self) -> String {
        match self {
            Self::Person(principal) => principal.name(),
            Self::Service(name) => format!("services/{name}"),
        }
    }
}

/// The name of a person.
pub(crate) fn person_name(id: Uuid) -> String {
    name::name("persons", id)
}

/// That there is no such person.
pub(crate) fn no_person(id: Uuid) -> Error {
    Error::missing(Missing::Person, person_name(id))
}

/// The text, unless it is empty.
pub(crate) fn given(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

/// The resource name of what may be missing; empty when it is.
pub(crate) fn named(collection: &str, id: Option<Uuid>) -> String {
    id.map(|id| name::name(collection, id)).unwrap_or_default()
}

/// The id in a resource name that may be missing.
///
/// # Errors
/// As [`name::id`].
pub(crate) fn given_id(field: &str, collection: &str, text: &str) -> Result<Option<Uuid>> {
    given(text).map(|text| name::id(field, collection, text)).transpose()
}
