//! Who may keep a file.

use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Result};
use uuid::Uuid;

use super::session::Session;
use crate::domain::customer_file::CustomerFile;

/// Demands that `keeper` may keep `file`, and does not already; `field` names where they were given.
///
/// # Errors
/// `RESOURCE_NOT_FOUND`, a violation of `field`.
pub async fn require_keeper(
    session: &Session<'_>,
    tx: &mut Tx,
    file: &CustomerFile,
    (keeper, field): (Uuid, &str),
) -> Result<()> {
    session.require_person(tx, keeper).await?;
    if file.custodian == Some(keeper) {
        return Err(Error::violation(field, "keeps the file already"));
    }
    if session.may_keep(tx, keeper, &file.level, &file.unit).await? {
        return Ok(());
    }
    Err(Error::violation(field, "may keep no file of this level in this unit"))
}
