//! Table `note`: the words behind the commitments of this service's journal entries.

use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::sql;
use uuid::Uuid;

/// The salt of one commitment, and the text where it is kept nowhere else.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Note {
    /// The field, as the entry names it.
    pub field: String,
    /// The text; `None` where its own table keeps it.
    pub text: Option<String>,
    /// 32 bytes.
    pub salt: Vec<u8>,
}

/// Writes a note of the entry.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn insert(tx: &mut Tx, org: &str, entry: Uuid, note: &Note) -> Result<()> {
    let text = "INSERT INTO note (org, entry, field, text, salt) VALUES ($1, $2, $3, $4, $5)";
    sql!(tx, execute, text, org, entry, &note.field, &note.text, &note.salt)?;
    Ok(())
}

/// The notes of an entry, by field.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn of_entry(tx: &mut Tx, org: &str, entry: Uuid) -> Result<Vec<Note>> {
    let text = "SELECT field, text, salt FROM note WHERE org = $1 AND entry = $2 ORDER BY field";
    sql!(tx, fetch_all as Note, text, org, entry)
}
