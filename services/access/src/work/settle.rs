//! An approval has moved: what it is about follows, in the same transaction.

use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;

use super::access_request;
use super::cause::Cause;
use crate::domain::approval::{About, Approval};

/// Lets what `approval` is about follow it. Call it after every step of an approval, with the state that was saved. Other
/// services, and who asked for something of their own, read the outcome in the journal.
///
/// # Errors
/// `APPROVAL_SUBJECT_CHANGED` when the approval is about another content than what follows it, `JOURNAL_FAULT`,
/// `STORE_UNAVAILABLE`.
pub(crate) async fn settle(cause: &Cause<'_>, tx: &mut Tx, about: About, approval: &Approval) -> Result<()> {
    match about {
        About::AccessRequest(id) => access_request::settle(cause, tx, id, approval).await,
        About::Act | About::Elsewhere => Ok(()),
    }
}
