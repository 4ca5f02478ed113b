//! What requests of every rpc may leave out.

use dossier_kernel::error::Result;
use dossier_kernel::name;
use uuid::Uuid;

/// The text, unless it is empty.
pub(crate) fn given(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

/// The id in a resource name that may be missing.
///
/// # Errors
/// As [`name::id`].
pub(crate) fn given_id(field: &str, collection: &str, text: &str) -> Result<Option<Uuid>> {
    given(text).map(|text| name::id(field, collection, text)).transpose()
}
