//! All SQL of the journal: one file per table.

pub(crate) mod checkpoint;
pub(crate) mod cursor;
pub(crate) mod doubt;
pub(crate) mod entry;
pub(crate) mod era;
pub(crate) mod head;
pub(crate) mod node;

use dossier_kernel::error::{Error, Reason, Result};

use crate::merkle::Hash;

/// A stored hash.
///
/// # Errors
/// `STORE_INCONSISTENT` when it is not 32 bytes long.
pub(crate) fn hash(table: &'static str, column: &'static str, bytes: &[u8]) -> Result<Hash> {
    bytes.try_into().map_err(|_| inconsistent(table, column))
}

/// A row that cannot be true.
pub(crate) fn inconsistent(table: &'static str, column: &'static str) -> Error {
    Error::new(Reason::StoreInconsistent).with("table", table).with("column", column)
}

/// A count of the tree as the store keeps it; a journal never comes near the limit.
pub(crate) fn stored(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A stored count of the tree; the tables' checks keep it from being negative.
pub(crate) fn counted(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
