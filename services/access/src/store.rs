//! All SQL of this service. The tables that every service shares are written through `authority`.

pub mod access_request;
pub mod approval;
pub mod audit;
pub mod decision;
pub mod delegation;
pub mod directory_snapshot;
pub mod grant;
pub mod loan;
pub mod note;
pub mod person;

use dossier_kernel::error::Result;
use dossier_kernel::page::Page;
use uuid::Uuid;

/// The id before which a page in descending order continues; behind every other on the first page.
///
/// # Errors
/// `PAGE_TOKEN_INVALID`.
pub(crate) fn before(page: &Page) -> Result<Uuid> {
    if page.after.is_empty() { Ok(Uuid::max()) } else { page.after_uuid() }
}
