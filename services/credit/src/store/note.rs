//! Table `entry_note`: the words behind the commitments of this service's journal entries.

use dossier_kernel::db::{Tx, require_rows};
use dossier_kernel::error::Result;
use dossier_kernel::{sql, sql_rows};
use uuid::Uuid;

/// A text that an entry promises without showing it, and the salt of the promise.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Note {
    /// The entry.
    pub entry: Uuid,
    /// The field, as the entry names it.
    pub field: String,
    /// The text.
    pub text: String,
    /// 32 bytes.
    pub salt: Vec<u8>,
}

/// Writes notes.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn insert(tx: &mut Tx, org: &str, notes: &[Note]) -> Result<()> {
    if notes.is_empty() {
        return Ok(());
    }
    let rows = sql_rows!(tx, "INSERT INTO entry_note (org, entry, field, text, salt) ", notes, note => [
        org, note.entry, &note.field, &note.text, &note.salt,
    ])?;
    require_rows(rows, notes.len() as u64)
}

/// The notes of an entry, by field.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn of_entry(tx: &mut Tx, org: &str, entry: Uuid) -> Result<Vec<Note>> {
    let text = "SELECT entry, field, text, salt FROM entry_note WHERE org = $1 AND entry = $2 ORDER BY field";
    sql!(tx, fetch_all as Note, text, org, entry)
}
