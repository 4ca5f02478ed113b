//! Every row that a file has, gone in one transaction. What stays is its number, its line in `disposal`, and a key that is none.

use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::time::from_micros;
use dossier_kernel::{sql, stamp};
use jiff::Timestamp;
use uuid::Uuid;

use crate::domain::document::content::Leftover;
use crate::store::document::{self, leftover};
use crate::store::token;

/// A file that was destroyed, and of whose end no line says so.
#[derive(Clone, Debug)]
pub struct Unsaid {
    /// The file.
    pub file: Uuid,
    /// Its number; empty: it has none.
    pub number: String,
    /// When it was destroyed.
    pub at: Timestamp,
}

/// Takes every row of the file away, with the tokens that it is found by. What lies in the store of contents is left to the job that
/// drops what uploads leave: nobody opens it any more.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`; nothing of it may be committed then.
pub async fn erase(tx: &mut Tx, org: &str, file: Uuid) -> Result<()> {
    contents(tx, org, file).await?;
    token::replace(tx, org, file, &[]).await?;
    sql!(tx, execute, "DELETE FROM customer_file_index WHERE org = $1 AND file = $2", org, file)?;
    // What lies under records and documents first, then they, then what says of the file itself.
    for text in [
        "DELETE FROM document_upload WHERE org = $1 AND file = $2",
        "UPDATE place SET taken = taken - (
             SELECT COUNT(*) FROM item i WHERE i.org = place.org AND i.file = $2 AND i.place = place.id)
         WHERE org = $1 AND id IN (SELECT i.place FROM item i WHERE i.org = $1 AND i.file = $2 AND i.place IS NOT NULL)",
        "DELETE FROM record_signature WHERE org = $1 AND record IN (SELECT id FROM record WHERE org = $1 AND file = $2)",
        "DELETE FROM record_revision WHERE org = $1 AND record IN (SELECT id FROM record WHERE org = $1 AND file = $2)",
        "DELETE FROM record_revision WHERE org = $1 AND record IN (SELECT id FROM document WHERE org = $1 AND file = $2)",
        "DELETE FROM submission WHERE org = $1 AND id IN (SELECT id FROM record WHERE org = $1 AND file = $2)",
        "DELETE FROM imported_part WHERE org = $1 AND id IN (SELECT id FROM record WHERE org = $1 AND file = $2)",
        "DELETE FROM imported_part WHERE org = $1 AND id IN (SELECT id FROM document WHERE org = $1 AND file = $2)",
        "DELETE FROM record WHERE org = $1 AND file = $2",
        "DELETE FROM document WHERE org = $1 AND file = $2",
        "DELETE FROM item WHERE org = $1 AND file = $2",
        "DELETE FROM volume_document WHERE org = $1 AND file = $2",
        "DELETE FROM volume WHERE org = $1 AND file = $2",
        "DELETE FROM hold WHERE org = $1 AND file = $2",
        "DELETE FROM customer_file_label WHERE org = $1 AND file = $2",
        "DELETE FROM customer_file_reindex WHERE org = $1 AND file = $2",
        "DELETE FROM customer_file_revision WHERE org = $1 AND file = $2",
        "DELETE FROM customer_file WHERE org = $1 AND id = $2",
    ] {
        sql!(tx, execute, text, org, file)?;
    }
    stamp::touch(tx, org, file).await
}

/// Files that were destroyed and are there again.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn risen(tx: &mut Tx, org: &str) -> Result<Vec<Uuid>> {
    let text = "SELECT f.id FROM tombstone t JOIN customer_file f ON f.org = t.org AND f.id = t.file
                WHERE t.org = $1 ORDER BY f.id";
    Ok(sql!(tx, fetch_all as (Uuid,), text, org)?.into_iter().map(|(file,)| file).collect())
}

/// Files that were destroyed, have no row any more, and of whose end no line says so.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn unsaid(tx: &mut Tx, org: &str) -> Result<Vec<Unsaid>> {
    let text = "SELECT t.file, COALESCE((SELECT n.number FROM file_number n
                    WHERE n.org = t.org AND n.file = t.file AND n.record IS NULL AND n.state = 'issued'), ''), t.destroyed_at
                FROM tombstone t WHERE t.org = $1
                AND NOT EXISTS (SELECT 1 FROM customer_file f WHERE f.org = t.org AND f.id = t.file)
                AND NOT EXISTS (SELECT 1 FROM disposal d WHERE d.org = t.org AND d.file = t.file AND d.state <> 'kept' AND d.state = 'destroyed')
                ORDER BY t.file";
    let rows = sql!(tx, fetch_all as (Uuid, String, i64), text, org)?;
    Ok(rows.into_iter().map(|(file, number, at)| Unsaid { file, number, at: from_micros(at) }).collect())
}

// What was attached, and what was under way.
async fn contents(tx: &mut Tx, org: &str, file: Uuid) -> Result<()> {
    let ended_at = Timestamp::UNIX_EPOCH;
    for one in document::of_file(tx, org, file).await? {
        let Some(kept) = one.content else { continue };
        let left = Leftover { id: kept.place.upload, document: one.id, file, ended_at, version: 1 };
        leftover::note(tx, org, &left).await?;
    }
    let text = "INSERT INTO document_leftover (org, id, document, file, ended_at)
                SELECT org, id, document, file, 0 FROM document_upload WHERE org = $1 AND file = $2
                ON CONFLICT (org, id) DO UPDATE SET ended_at = excluded.ended_at";
    sql!(tx, execute, text, org, file).map(drop)
}
