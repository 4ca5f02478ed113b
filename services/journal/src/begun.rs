//! Whether a journal holds anything: what a process asks before it makes keys for a store.

use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::sql;

use crate::store::checkpoint;

/// Whether `org` has an entry, a head or a checkpoint here; what was removed leaves traces in the other tables.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn begun(tx: &mut Tx, org: &str) -> Result<bool> {
    let entry = sql!(tx, fetch_optional as (String,), "SELECT org FROM journal_entry WHERE org = $1 LIMIT 1", org)?;
    let head = sql!(tx, fetch_optional as (String,), "SELECT org FROM journal_head WHERE org = $1", org)?;
    Ok(entry.is_some() || head.is_some() || checkpoint::latest(tx, org).await?.is_some())
}

/// The newest signed note of `org`, as it is stored.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn last_note(tx: &mut Tx, org: &str) -> Result<Option<String>> {
    Ok(checkpoint::latest(tx, org).await?.map(|(_, note)| note))
}
