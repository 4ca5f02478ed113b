//! Table `document_leftover`: uploads that have ended, and under which something of no use may lie.
//!
//! A process can die between the end of an upload and the removal of what it left, and a stream that was overtaken can write its last
//! piece later still. So each is looked at once more after a day.

use std::collections::BTreeSet;

use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::time::micros;
use dossier_kernel::{sql, sql_rows, table};
use uuid::Uuid;

use crate::domain::document::content::Leftover;

table! {
    select!("document_leftover" as l) of Leftover;
    once { id, document, file }
    then { ended_at }
}

/// Keeps one; one of the same upload, which had the id before, takes the later end.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn note(tx: &mut Tx, org: &str, one: &Leftover) -> Result<()> {
    let text = "INSERT INTO document_leftover (org, id, document, file, ended_at) VALUES ($1, $2, $3, $4, $5)
                ON CONFLICT (org, id) DO UPDATE SET ended_at = excluded.ended_at";
    sql!(tx, execute, text, org, one.id, one.document, one.file, micros(one.ended_at))?;
    Ok(())
}

/// Up to `limit` that ended before `before`, in microseconds, and whose id nobody uses again.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn before(tx: &mut Tx, org: &str, before: i64, limit: i64) -> Result<Vec<Leftover>> {
    let text = select!(
        " AND l.ended_at < $2 AND NOT EXISTS (SELECT 1 FROM document_upload u WHERE u.org = l.org AND u.id = l.id)
         ORDER BY l.ended_at LIMIT $3"
    );
    sql!(tx, fetch_all as Leftover, text, org, before, limit)
}

/// Forgets one: nothing is left over.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn forget(tx: &mut Tx, org: &str, id: Uuid) -> Result<()> {
    sql!(tx, execute, "DELETE FROM document_leftover WHERE org = $1 AND id = $2", org, id)?;
    Ok(())
}

/// Which of these ids are those of uploads that are under way or have left something over.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn known(tx: &mut Tx, org: &str, ids: &BTreeSet<Uuid>) -> Result<BTreeSet<Uuid>> {
    if ids.is_empty() {
        return Ok(BTreeSet::new());
    }
    let head = "WITH asked (org, id) AS (";
    let tail =
        ") SELECT q.id FROM asked q WHERE EXISTS (SELECT 1 FROM document_upload u WHERE u.org = q.org AND u.id = q.id)
                OR EXISTS (SELECT 1 FROM document_leftover l WHERE l.org = q.org AND l.id = q.id)";
    let rows = sql_rows!(tx, fetch_all as (Uuid,), head, ids, id => [org, *id], tail)?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}
