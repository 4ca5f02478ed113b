//! Originals that are out, as access's journal tells of them (P-10).

use std::collections::{BTreeMap, BTreeSet};

use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::{sql, sql_rows};
use uuid::Uuid;

/// An original that is out; `due_at` in microseconds.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Lent {
    /// The loan.
    pub id: Uuid,
    /// The file.
    pub file: Uuid,
    /// Who has it.
    pub borrower: Uuid,
    /// Until when.
    pub due_at: i64,
}

/// Keeps what is out.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn put(tx: &mut Tx, org: &str, one: &Lent) -> Result<()> {
    let text = "INSERT INTO loan_copy (org, id, file, borrower, due_at) VALUES ($1, $2, $3, $4, $5)
                ON CONFLICT (org, id) DO UPDATE SET due_at = $5";
    sql!(tx, execute, text, org, one.id, one.file, one.borrower, one.due_at)?;
    Ok(())
}

/// Forgets what is back.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn forget(tx: &mut Tx, org: &str, id: Uuid) -> Result<()> {
    sql!(tx, execute, "DELETE FROM loan_copy WHERE org = $1 AND id = $2", org, id)?;
    Ok(())
}

/// What is out of these files, by file.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn of_files(tx: &mut Tx, org: &str, files: &BTreeSet<Uuid>) -> Result<BTreeMap<Uuid, Lent>> {
    if files.is_empty() {
        return Ok(BTreeMap::new());
    }
    let (head, tail) = (
        "WITH asked (org, file) AS (",
        ") SELECT l.id, l.file, l.borrower, l.due_at FROM asked q JOIN loan_copy l ON l.org = q.org AND l.file = q.file",
    );
    let rows = sql_rows!(tx, fetch_all as Lent, head, files, file => [org, *file], tail)?;
    Ok(rows.into_iter().map(|one| (one.file, one)).collect())
}
