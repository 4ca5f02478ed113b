//! Table `journal_doubt`.

use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::sql;

/// One journal that is not what it was.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Doubt {
    /// Whose journal.
    pub source: String,
    /// The place at which it differs.
    pub seq: i64,
    /// Which service found it.
    pub told_by: String,
}

/// What is doubted in `org`.
///
/// # Errors
/// Whatever the store says.
pub(crate) async fn all(tx: &mut Tx, org: &str) -> Result<Vec<Doubt>> {
    let text = "SELECT source, seq, told_by FROM journal_doubt WHERE org = $1 ORDER BY source";
    sql!(tx, fetch_all as Doubt, text, org)
}

/// Everything that is doubted: org and source.
pub(crate) async fn everywhere(tx: &mut Tx) -> Result<Vec<(String, String)>> {
    sql!(tx, fetch_all as (String, String), "SELECT org, source FROM journal_doubt ORDER BY org, source")
}

/// Notes a doubt; `false` when there was one already.
pub(crate) async fn insert(tx: &mut Tx, org: &str, one: &Doubt) -> Result<bool> {
    let text = "INSERT INTO journal_doubt (org, source, seq, told_by) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
    Ok(sql!(tx, execute, text, org, &one.source, one.seq, &one.told_by)? == 1)
}

/// Ends the doubt of `source`; `false` when there was none.
///
/// # Errors
/// Whatever the store says.
pub(crate) async fn delete(tx: &mut Tx, org: &str, source: &str) -> Result<bool> {
    let text = "DELETE FROM journal_doubt WHERE org = $1 AND source = $2";
    Ok(sql!(tx, execute, text, org, source)? > 0)
}
