//! Table `journal_era`.

use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::sql;

/// The eras of the journal, in order, without the first, whose name is empty.
pub(crate) async fn all(tx: &mut Tx, org: &str) -> Result<Vec<String>> {
    let text = "SELECT era FROM journal_era WHERE org = $1 ORDER BY ordinal";
    let rows = sql!(tx, fetch_all as (String,), text, org)?;
    Ok(rows.into_iter().map(|(era,)| era).collect())
}

/// The present era.
pub(crate) async fn current(tx: &mut Tx, org: &str) -> Result<String> {
    let text = "SELECT era FROM journal_era WHERE org = $1 ORDER BY ordinal DESC LIMIT 1";
    Ok(sql!(tx, fetch_optional as (String,), text, org)?.map_or_else(String::new, |(era,)| era))
}

/// Begins `era` behind `seq` entries.
///
/// # Errors
/// Whatever the store says.
pub(crate) async fn begin(tx: &mut Tx, org: &str, era: &str, seq: i64) -> Result<()> {
    let text = "INSERT INTO journal_era (org, ordinal, era, seq)
                SELECT $1, COALESCE(MAX(ordinal), 0) + 1, $2, $3 FROM journal_era WHERE org = $1";
    sql!(tx, execute, text, org, era, seq)?;
    Ok(())
}
