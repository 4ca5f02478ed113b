//! Tokens of the blind index, by which sealed values are found.

use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::{sql, sql_rows};
use uuid::Uuid;

use crate::content::FieldToken;

/// Rows of one statement; four values each stay far below what the stores take.
const CHUNK: usize = 500;

/// Keeps tokens of a file; one that it has already stays.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn insert(tx: &mut Tx, org: &str, file: Uuid, tokens: &[FieldToken]) -> Result<()> {
    let head = "INSERT INTO customer_file_token (org, token, file, field) ";
    for chunk in tokens.chunks(CHUNK) {
        let tail = " ON CONFLICT DO NOTHING";
        sql_rows!(tx, head, chunk, (token, field) => [org, token, file, field], tail)?;
    }
    Ok(())
}

/// Forgets the tokens of one field.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn delete(tx: &mut Tx, org: &str, file: Uuid, field: &str) -> Result<()> {
    let text = "DELETE FROM customer_file_token WHERE org = $1 AND file = $2 AND field = $3";
    sql!(tx, execute, text, org, file, field)?;
    Ok(())
}
