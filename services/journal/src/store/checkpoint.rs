//! Table `journal_checkpoint`.

use dossier_kernel::db::{Tx, require_rows};
use dossier_kernel::error::Result;
use dossier_kernel::sql;

use super::stored;

/// Stores the note that covers `size` entries.
pub(crate) async fn insert(tx: &mut Tx, org: &str, size: u64, note: &str) -> Result<()> {
    let text = "INSERT INTO journal_checkpoint (org, size, note) VALUES ($1, $2, $3)";
    require_rows(sql!(tx, execute, text, org, stored(size), note)?, 1)
}

/// The latest note.
pub(crate) async fn latest(tx: &mut Tx, org: &str) -> Result<Option<(i64, String)>> {
    let text = "SELECT size, note FROM journal_checkpoint WHERE org = $1 ORDER BY size DESC LIMIT 1";
    sql!(tx, fetch_optional as (i64, String), text, org)
}

/// The earliest note that covers at least `size` entries.
pub(crate) async fn covering(tx: &mut Tx, org: &str, size: i64) -> Result<Option<(i64, String)>> {
    let text = "SELECT size, note FROM journal_checkpoint WHERE org = $1 AND size >= $2 ORDER BY size LIMIT 1";
    sql!(tx, fetch_optional as (i64, String), text, org, size)
}

/// Up to `limit` notes above `size` in order.
pub(crate) async fn after(tx: &mut Tx, org: &str, size: i64, limit: i64) -> Result<Vec<(i64, String)>> {
    let text = "SELECT size, note FROM journal_checkpoint WHERE org = $1 AND size > $2 ORDER BY size LIMIT $3";
    sql!(tx, fetch_all as (i64, String), text, org, size, limit)
}

/// The sizes of all notes in `after < size <= last`, for the verifier, which reads each note by itself.
pub(crate) async fn sizes(tx: &mut Tx, org: &str, after: i64, last: i64) -> Result<Vec<i64>> {
    let text = "SELECT size FROM journal_checkpoint WHERE org = $1 AND size > $2 AND size <= $3 ORDER BY size";
    let rows = sql!(tx, fetch_all as (i64,), text, org, after, last)?;
    Ok(rows.into_iter().map(|(size,)| size).collect())
}

/// The note of exactly `size` entries.
pub(crate) async fn of_size(tx: &mut Tx, org: &str, size: i64) -> Result<Option<String>> {
    let text = "SELECT note FROM journal_checkpoint WHERE org = $1 AND size = $2";
    Ok(sql!(tx, fetch_optional as (String,), text, org, size)?.map(|(note,)| note))
}
