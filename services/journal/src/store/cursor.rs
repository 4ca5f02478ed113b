//! Table `journal_cursor`.

use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::{fault, sql};

/// How far `consumer` has applied the journal of `source`; 0 before the first entry.
///
/// # Errors
/// Whatever the store says.
pub async fn get(tx: &mut Tx, org: &str, consumer: &str, source: &str) -> Result<i64> {
    let text = "SELECT seq FROM journal_cursor WHERE org = $1 AND consumer = $2 AND source = $3";
    Ok(sql!(tx, fetch_optional as (i64,), text, org, consumer, source)?.map_or(0, |(seq,)| seq))
}

/// Moves the cursor from `from` to `to` and locks it until the transaction ends; `false` when it is not at `from`.
///
/// # Errors
/// Whatever the store says.
pub(crate) async fn advance(tx: &mut Tx, org: &str, consumer: &str, source: &str, from: i64, to: i64) -> Result<bool> {
    let create = "INSERT INTO journal_cursor (org, consumer, source, seq) VALUES ($1, $2, $3, $4)
                  ON CONFLICT DO NOTHING";
    let text = if fault::weakened("cursor") {
        "UPDATE journal_cursor SET seq = $5 WHERE org = $1 AND consumer = $2 AND source = $3 AND $4 = $4"
    } else {
        "UPDATE journal_cursor SET seq = $5 WHERE org = $1 AND consumer = $2 AND source = $3 AND seq = $4"
    };
    if from == 0 && sql!(tx, execute, create, org, consumer, source, to)? == 1 {
        return Ok(true);
    }
    Ok(sql!(tx, execute, text, org, consumer, source, from, to)? == 1)
}
