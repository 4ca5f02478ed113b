//! What is physical, as profile's journal tells of it: what may be lent, and who is told of it (P-10, A-36).

use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::sql;
use uuid::Uuid;

/// What profile's journal says of an item.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct ItemCopy {
    /// The item; the file's own id is that of its paper.
    pub id: Uuid,
    /// The file.
    pub file: Uuid,
    /// What it is: `paper`, `document`, `valuable`.
    pub kind: String,
    /// Where its custody stands: `kept`, `released`.
    pub state: String,
    /// The kind of document in the pack; empty: it is the paper of the file.
    pub document_kind: String,
    /// How often it moved, from 1.
    pub revision: i64,
}

/// Writes what is known of an item, unless a later move is known: two replicas may commit in another order than their entries are
/// numbered.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn put(tx: &mut Tx, org: &str, one: &ItemCopy) -> Result<()> {
    let text = "INSERT INTO item_copy (org, id, file, kind, state, document_kind, revision) VALUES ($1, $2, $3, $4, $5, $6, $7)
                ON CONFLICT (org, id) DO UPDATE SET kind = $4, state = $5, document_kind = $6, revision = $7
                WHERE item_copy.revision <= $7";
    let (kind, state, document) = (&one.kind, &one.state, &one.document_kind);
    sql!(tx, execute, text, org, one.id, one.file, kind, state, document, one.revision)?;
    Ok(())
}

/// The paper of `file`, if the archive ever accepted it. Whoever asks may lend of the file.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn paper(tx: &mut Tx, org: &str, file: Uuid) -> Result<Option<ItemCopy>> {
    let text =
        "SELECT id, file, kind, state, document_kind, revision FROM item_copy WHERE org = $1 AND id = $2 AND file = $2";
    sql!(tx, fetch_optional as ItemCopy, text, org, file)
}

/// The item `id` of `file`, if `person` is told at `now` of what lies in the file: they see it by standing access, or on a right to the
/// whole of it. The same `None` for an item that the archive never accepted (I10).
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn inside(
    tx: &mut Tx,
    org: &str,
    person: Uuid,
    now: i64,
    (file, id): (Uuid, Uuid),
) -> Result<Option<ItemCopy>> {
    let text = concat!(
        "SELECT i.id, i.file, i.kind, i.state, i.document_kind, i.revision
         FROM item_copy i JOIN file_copy f ON f.org = i.org AND f.id = i.file
         WHERE i.org = $1 AND i.id = $5 AND i.file = $4 AND ",
        crate::inside!()
    );
    sql!(tx, fetch_optional as ItemCopy, text, org, person, now, file, id)
}
