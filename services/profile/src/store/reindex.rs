//! Files whose tokens are to be made anew.

use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::{sql, stamp};
use dossier_vault::store::KeyRow;
use uuid::Uuid;

/// What of a file goes into its tokens.
#[derive(Debug, sqlx::FromRow)]
pub struct Indexed {
    /// File number.
    pub number: Option<String>,
    /// Customer number.
    pub customer_number: Option<String>,
    /// Kind of the unit.
    pub unit_kind: String,
    /// Template of its fields.
    pub template: String,
    /// What identifies its unit, sealed.
    pub unit_ref: Vec<u8>,
    /// The token of that until now.
    pub unit_ref_token: Vec<u8>,
    /// Its wrapped key.
    #[sqlx(flatten)]
    pub key: KeyRow,
    /// Its newest content.
    pub content: Vec<u8>,
}

/// Files on the list after `after`, in order of their ids.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn listed(tx: &mut Tx, org: &str, after: Uuid, limit: i64) -> Result<Vec<Uuid>> {
    let text = "SELECT file FROM customer_file_reindex WHERE org = $1 AND file > $2 ORDER BY file LIMIT $3";
    Ok(sql!(tx, fetch_all as (Uuid,), text, org, after, limit)?.into_iter().map(|(file,)| file).collect())
}

/// Takes the file off the list and holds its row until the transaction ends; `None` when another process was faster.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn take(tx: &mut Tx, org: &str, file: Uuid) -> Result<Option<Indexed>> {
    if sql!(tx, execute, "DELETE FROM customer_file_reindex WHERE org = $1 AND file = $2", org, file)? == 0 {
        return Ok(None);
    }
    let hold = "UPDATE customer_file SET unit_ref_token = unit_ref_token WHERE org = $1 AND id = $2";
    sql!(tx, execute, hold, org, file)?;
    stamp::touch(tx, org, file).await?;
    let text = "SELECT f.number, f.customer_number, f.unit_kind, f.template, f.unit_ref, f.unit_ref_token, k.key_id,
                    k.wrapped, r.content
                FROM customer_file f
                JOIN file_key k ON k.org = f.org AND k.file = f.id
                JOIN customer_file_revision r ON r.org = f.org AND r.file = f.id AND r.revision = f.revision
                WHERE f.org = $1 AND f.id = $2";
    sql!(tx, fetch_optional as Indexed, text, org, file)
}

/// Gives a file, and its customer's number, the new token of its unit. False when that token is the one of another
/// open file: the two stay as they are (P-02 holds for what is created from now on).
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn rename_unit(tx: &mut Tx, org: &str, file: Uuid, row: &Indexed, token: &[u8]) -> Result<bool> {
    let text = "UPDATE customer_file SET unit_ref_token = $4
                WHERE org = $1 AND id = $2 AND (state = 'closed' OR NOT EXISTS (
                    SELECT 1 FROM customer_file o WHERE o.org = $1 AND o.unit_kind = $3 AND o.unit_ref_token = $4
                        AND o.state <> 'closed' AND o.id <> $2))";
    let renamed = sql!(tx, execute, text, org, file, &row.unit_kind, token)? == 1;
    let text = "UPDATE customer_number SET token = $4
                WHERE org = $1 AND unit_kind = $2 AND token = $3 AND NOT EXISTS (
                    SELECT 1 FROM customer_number o WHERE o.org = $1 AND o.unit_kind = $2 AND o.token = $4)";
    if renamed {
        stamp::touch(tx, org, file).await?;
        sql!(tx, execute, text, org, &row.unit_kind, &row.unit_ref_token, token)?;
    }
    Ok(renamed)
}
