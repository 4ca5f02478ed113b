//! Table `disposal_notice`: files whose destruction was announced, and what this service says to it.

use std::collections::BTreeSet;

use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::sql;
use sqlx::types::Json;
use uuid::Uuid;

/// A file whose destruction was announced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The file.
    pub file: Uuid,
    /// The announced destruction.
    pub disposal: Uuid,
    /// Whether this service has answered.
    pub answered: bool,
    /// What it said that keeps the file, words of [`Ground`](crate::disposal::Ground).
    pub grounds: BTreeSet<String>,
}

type Row = (Uuid, Uuid, bool, Json<BTreeSet<String>>);

/// Keeps what was announced, or what is said to it now.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn put(tx: &mut Tx, org: &str, one: &Notice) -> Result<()> {
    let text = "INSERT INTO disposal_notice (org, file, disposal, answered, grounds) VALUES ($1, $2, $3, $4, $5)
                ON CONFLICT (org, file) DO UPDATE SET disposal = $3, answered = $4, grounds = $5";
    sql!(tx, execute, text, org, one.file, one.disposal, one.answered, Json(&one.grounds))?;
    Ok(())
}

/// Forgets what has ended.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn forget(tx: &mut Tx, org: &str, file: Uuid) -> Result<()> {
    sql!(tx, execute, "DELETE FROM disposal_notice WHERE org = $1 AND file = $2", org, file)?;
    Ok(())
}

/// What was announced of `file`.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn lookup(tx: &mut Tx, org: &str, file: Uuid) -> Result<Option<Notice>> {
    let text = "SELECT file, disposal, answered, grounds FROM disposal_notice WHERE org = $1 AND file = $2";
    Ok(sql!(tx, fetch_optional as Row, text, org, file)?.map(Notice::from))
}

/// Up to `limit` that this service has not cleared.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn blocked(tx: &mut Tx, org: &str, limit: i64) -> Result<Vec<Notice>> {
    let text = "SELECT file, disposal, answered, grounds FROM disposal_notice
                WHERE org = $1 AND (NOT answered OR grounds <> '[]') ORDER BY file LIMIT $2";
    Ok(sql!(tx, fetch_all as Row, text, org, limit)?.into_iter().map(Notice::from).collect())
}

// === impl Notice ===

impl Notice {
    /// Whether nothing keeps the file here.
    pub fn is_cleared(&self) -> bool {
        self.answered && self.grounds.is_empty()
    }
}

impl From<Row> for Notice {
    fn from((file, disposal, answered, grounds): Row) -> Self {
        Self { file, disposal, answered, grounds: grounds.0 }
    }
}
