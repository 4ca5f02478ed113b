//! Who is at work.

use dossier_authority::{Base, Principal};
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;

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
