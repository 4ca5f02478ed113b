//! Table `document_upload`: how far contents have come in.

use dossier_kernel::db::{self, AsJson, Tx};
use dossier_kernel::error::Result;
use dossier_kernel::{sql, table};
use jiff::Timestamp;
use uuid::Uuid;

use super::leftover;
use crate::domain::document::content::Upload;

table! {
    select!("document_upload" as u) of Upload;
    once { id, document, file, person, size, media_type }
    then { turn, spans as AsJson, hash, touched_at }
}

/// Keeps a new one; false when the id is taken.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn insert(tx: &mut Tx, org: &str, one: &Upload) -> Result<bool> {
    db::insert(tx, org, one).await
}

/// Writes a change, against the version that was read, and raises that.
///
/// # Errors
/// `CONFLICT_RETRY` when somebody was faster.
pub async fn update(tx: &mut Tx, org: &str, one: &mut Upload) -> Result<()> {
    db::update(tx, org, one).await
}

/// The upload `id`.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn lookup(tx: &mut Tx, org: &str, id: Uuid) -> Result<Option<Upload>> {
    sql!(tx, fetch_optional as Upload, select!(" AND u.id = $2"), org, id)
}

/// How many uploads a person has under way.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn under_way(tx: &mut Tx, org: &str, person: Uuid) -> Result<i64> {
    let text = "SELECT COUNT(*) FROM document_upload WHERE org = $1 AND person = $2";
    let (count,) = sql!(tx, fetch_one as (i64,), text, org, person)?;
    Ok(count)
}

/// Up to `limit` uploads that nothing was added to since `before`, in microseconds.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn abandoned(tx: &mut Tx, org: &str, before: i64, limit: i64) -> Result<Vec<Upload>> {
    let text = select!(" AND u.touched_at < $2 ORDER BY u.touched_at LIMIT $3");
    sql!(tx, fetch_all as Upload, text, org, before, limit)
}

/// Ends one that stands as it was read and that only one stream wrote: nothing of it is left over. False when somebody changed it.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn end_whole(tx: &mut Tx, org: &str, one: &Upload) -> Result<bool> {
    let text = "DELETE FROM document_upload WHERE org = $1 AND id = $2 AND version = $3";
    Ok(sql!(tx, execute, text, org, one.id, one.version)? == 1)
}

/// Ends one that stands as it was read; false when somebody changed it. What lies under it is remembered as left over.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn end(tx: &mut Tx, org: &str, one: &Upload, now: Timestamp) -> Result<bool> {
    let ended = end_whole(tx, org, one).await?;
    if ended {
        leftover::note(tx, org, &one.ended(now)).await?;
    }
    Ok(ended)
}
