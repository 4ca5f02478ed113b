//! Items that are out, as access's journal tells of them (P-10, A-31).

use std::collections::{BTreeMap, BTreeSet};

use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::{sql, sql_rows};
use uuid::Uuid;

/// An item that is out; `due_at` in microseconds.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Lent {
    /// The loan.
    pub loan: Uuid,
    /// The item; the file's own id is that of its paper.
    pub item: Uuid,
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
    let text = "INSERT INTO loan_item_copy (org, loan, item, file, borrower, due_at) VALUES ($1, $2, $3, $4, $5, $6)
                ON CONFLICT (org, loan, item) DO UPDATE SET due_at = $6";
    sql!(tx, execute, text, org, one.loan, one.item, one.file, one.borrower, one.due_at)?;
    Ok(())
}

/// Forgets what was out on a loan that is back.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn forget(tx: &mut Tx, org: &str, loan: Uuid) -> Result<()> {
    sql!(tx, execute, "DELETE FROM loan_item_copy WHERE org = $1 AND loan = $2", org, loan)?;
    Ok(())
}

/// Which of these items are out, by item.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn of_items(tx: &mut Tx, org: &str, items: &BTreeSet<Uuid>) -> Result<BTreeMap<Uuid, Lent>> {
    if items.is_empty() {
        return Ok(BTreeMap::new());
    }
    let (head, tail) = (
        "WITH asked (org, item) AS (",
        ") SELECT l.loan, l.item, l.file, l.borrower, l.due_at FROM asked q
           JOIN loan_item_copy l ON l.org = q.org AND l.item = q.item",
    );
    let rows = sql_rows!(tx, fetch_all as Lent, head, items, item => [org, *item], tail)?;
    Ok(rows.into_iter().map(|one| (one.item, one)).collect())
}

/// How many items of `file` are out.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn count(tx: &mut Tx, org: &str, file: Uuid) -> Result<i64> {
    let text = "SELECT COUNT(*) FROM loan_item_copy WHERE org = $1 AND file = $2";
    Ok(sql!(tx, fetch_one as (i64,), text, org, file)?.0)
}
