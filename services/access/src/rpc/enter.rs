//! What every rpc of this service begins and ends with.

use dossier_authority::{Base, Principal};
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Missing, Reason, Result, Violation};
use dossier_kernel::name;
use uuid::Uuid;

/// Most characters of a `reason`.
pub(crate) const REASON_LIMIT: usize = 500;

/// Answers one call: reads who is calling, runs the rpc's function, journals a refusal.
///
/// `answer!(self.0, request, "DirectoryService/GetPerson", "directory.read", |it| it.name, person::get)`; the fourth is
/// the action that a refusal is journaled under, the fifth the resource that was asked for. What the function needs
/// besides base, call and request follows it.
macro_rules! answer {
    ($base:expr, $request:ident, $method:literal, $action:literal, |$it:ident| $resource:expr, $run:path $(, $with:expr)*) => {{
        let base = &$base;
        let method = concat!("dossier.access.v1.", $method);
        let call = dossier_kernel::call::Call::enter(&base.providers, &$request, method)?;
        let $it = $request.into_inner();
        let resource = String::from($resource.clone());
        let answer = match base.require_believed(&call.org, $crate::rpc::enter::copies($method)) {
            Ok(()) => $run(base, &call, $it $(, $with)*).await,
            Err(fault) => Err(fault),
        };
        match answer {
            Ok(reply) => Ok(tonic::Response::new(reply)),
            Err(fault) => Err(dossier_authority::refused(base, &call, &resource, $action, fault).await.into()),
        }
    }};
}
pub(crate) use answer;

/// As [`answer!`], for a mutation: also wakes the sequencer, so that the entry is numbered at once.
macro_rules! change {
    ($base:expr, $($rest:tt)*) => {{
        let answer = $crate::rpc::enter::answer!($base, $($rest)*);
        if answer.is_ok() {
            $base.wake.ring();
        }
        answer
    }};
}
pub(crate) use change;

/// The copies that a method decides on: people and rules are access's own, and a right must be taken back whatever is
/// known of files.
pub(crate) fn copies(method: &str) -> &'static [&'static str] {
    let own = method.starts_with("DirectoryService/") || method.starts_with("PolicyService/");
    if own { &[] } else { &["profile"] }
}

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

/// Notes a `reason` that is too long, or missing where it is required.
pub(crate) fn check_reason(reason: &str, required: bool, faults: &mut Vec<Violation>) {
    check_words("reason", reason, required, faults);
}

/// The same of another text of the caller's, in `field`.
pub(crate) fn check_words(field: &str, text: &str, required: bool, faults: &mut Vec<Violation>) {
    let fault = |why: &str| Violation { field: field.into(), why: why.into() };
    if required && text.trim().is_empty() {
        faults.push(fault("must not be empty"));
    } else if text.chars().count() > REASON_LIMIT {
        faults.push(fault("must have at most 500 characters"));
    }
}

/// Demands that an etag, if one was given, is the one of `version`.
///
/// # Errors
/// `ETAG_STALE`.
pub(crate) fn check_etag(etag: &str, version: i64, resource: &str) -> Result<()> {
    if etag.is_empty() || etag == self::etag(version) {
        return Ok(());
    }
    Err(Error::new(Reason::EtagStale).with("resource", resource))
}

/// The etag of a version.
pub(crate) fn etag(version: i64) -> String {
    format!("v{version}")
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
