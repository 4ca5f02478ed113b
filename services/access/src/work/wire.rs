//! Ids, lengths and counts as entries and answers carry them.

use dossier_kernel::name;
use dossier_proto::types;
use uuid::Uuid;

use crate::domain::access_request::AccessKind;

/// The name of a person.
pub(crate) fn person_name(id: Uuid) -> String {
    name::name("persons", id)
}

/// The resource name of what may be missing; empty when it is.
pub(crate) fn named(collection: &str, id: Option<Uuid>) -> String {
    id.map(|id| name::name(collection, id)).unwrap_or_default()
}

/// The kind of use as the contract names it.
pub(crate) fn kind(kind: AccessKind) -> types::AccessKind {
    match kind {
        AccessKind::View => types::AccessKind::View,
        AccessKind::Copy => types::AccessKind::Copy,
        AccessKind::Original => types::AccessKind::Original,
        AccessKind::Share => types::AccessKind::Share,
        AccessKind::Edit => types::AccessKind::Edit,
    }
}

/// Microseconds as the contract carries a length of time.
pub(crate) fn duration(micros: i64) -> prost_types::Duration {
    let nanos = i32::try_from(micros.rem_euclid(1_000_000) * 1000).unwrap_or_default();
    prost_types::Duration { seconds: micros.div_euclid(1_000_000), nanos }
}

/// A stored number as the contract carries it.
pub(crate) fn small(number: i64) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// A count as the contract carries it.
pub(crate) fn count(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
