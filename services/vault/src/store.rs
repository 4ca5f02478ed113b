//! Data keys and tombstones in the store; every statement of the vault's tables.
//!
//! A statement that loads a row of a file anyway should join `file_key` (`k.key_id, k.wrapped`, on org and file) and
//! flatten a [`KeyRow`] into its own row: then the key costs no round trip.

use dossier_kernel::db::{Tx, require_rows};
use dossier_kernel::error::Result;
use dossier_kernel::{sql, stamp};
use uuid::Uuid;

use crate::provider::KeyId;
use crate::tombstone::Tombstone;

/// The wrapped key of a file, as stored.
#[derive(Clone, sqlx::FromRow)]
pub struct KeyRow {
    /// The data key's id.
    pub key_id: KeyId,
    /// The wrapped key; `None` once it was destroyed.
    pub wrapped: Option<Vec<u8>>,
}

/// A wrapped key with the file it belongs to.
#[derive(sqlx::FromRow)]
pub(crate) struct FileKeyRow {
    pub(crate) file: Uuid,
    #[sqlx(flatten)]
    pub(crate) key: KeyRow,
}

/// A tombstone, whether the key it buries is back, and whether it was seen in the list.
#[derive(Clone, sqlx::FromRow)]
pub(crate) struct TombstoneRow {
    org: String,
    file: Uuid,
    destroyed_at: i64,
    pub(crate) risen: bool,
    pub(crate) listed: bool,
}

/// What to store of a new key.
pub(crate) struct NewKey<'a> {
    pub(crate) org: &'a str,
    pub(crate) file: Uuid,
    pub(crate) key_id: KeyId,
    pub(crate) root: KeyId,
    pub(crate) wrapped: &'a [u8],
    pub(crate) now: i64,
}

/// Keeps a new key; false when the file has, or had, one.
pub(crate) async fn insert(tx: &mut Tx, new: &NewKey<'_>) -> Result<bool> {
    let text = "INSERT INTO file_key (org, file, key_id, root, wrapped, created_at) VALUES ($1, $2, $3, $4, $5, $6)
                ON CONFLICT (org, file) DO NOTHING";
    let rows = sql!(tx, execute, text, new.org, new.file, new.key_id, new.root, new.wrapped, new.now)?;
    Ok(rows == 1)
}

/// The key of a file.
pub(crate) async fn lookup(tx: &mut Tx, org: &str, file: Uuid) -> Result<Option<KeyRow>> {
    let text = "SELECT key_id, wrapped FROM file_key WHERE org = $1 AND file = $2";
    sql!(tx, fetch_optional as KeyRow, text, org, file)
}

/// The root key that the key of a file is wrapped under; `None`: it has none, or none any more.
pub(crate) async fn root(tx: &mut Tx, org: &str, file: Uuid) -> Result<Option<KeyId>> {
    let text = "SELECT root FROM file_key WHERE org = $1 AND file = $2 AND wrapped IS NOT NULL";
    Ok(sql!(tx, fetch_optional as (KeyId,), text, org, file)?.map(|(root,)| root))
}

/// Overwrites the wrapped key; false when there is none, or none any more.
pub(crate) async fn erase(tx: &mut Tx, org: &str, file: Uuid, now: i64) -> Result<bool> {
    let text = "UPDATE file_key SET wrapped = NULL, root = NULL, destroyed_at = $3
                WHERE org = $1 AND file = $2 AND wrapped IS NOT NULL";
    let erased = sql!(tx, execute, text, org, file, now)? == 1;
    if erased {
        stamp::touch(tx, org, file).await?;
    }
    Ok(erased)
}

/// Keeps a tombstone; one that is there already stays as it is.
pub(crate) async fn bury(tx: &mut Tx, dead: &Tombstone) -> Result<()> {
    let text = "INSERT INTO tombstone (org, file, destroyed_at) VALUES ($1, $2, $3)
                ON CONFLICT (org, file) DO NOTHING";
    sql!(tx, execute, text, &dead.org, dead.file, dead.destroyed_at)?;
    Ok(())
}

/// Notes that a tombstone was seen in the list.
pub(crate) async fn listed(tx: &mut Tx, dead: &Tombstone) -> Result<()> {
    let text = "UPDATE tombstone SET listed = TRUE WHERE org = $1 AND file = $2";
    sql!(tx, execute, text, &dead.org, dead.file)?;
    Ok(())
}

/// Bars a file that has no key row from getting one.
pub(crate) async fn bar(tx: &mut Tx, dead: &Tombstone) -> Result<()> {
    let text = "INSERT INTO file_key (org, file, key_id, created_at, destroyed_at) VALUES ($1, $2, $3, $4, $4)
                ON CONFLICT (org, file) DO NOTHING";
    sql!(tx, execute, text, &dead.org, dead.file, Uuid::nil(), dead.destroyed_at)?;
    Ok(())
}

/// Every tombstone of every org: the start-up job looks at the whole store at once.
pub(crate) async fn tombstones(tx: &mut Tx) -> Result<Vec<TombstoneRow>> {
    let text = "SELECT t.org AS org, t.file AS file, t.destroyed_at AS destroyed_at, k.wrapped IS NOT NULL AS risen,
                       t.listed AS listed
                FROM tombstone t LEFT JOIN file_key k ON k.org = t.org AND k.file = t.file";
    sql!(tx, fetch_all as TombstoneRow, text)
}

/// The tombstones that were not seen in the list.
pub(crate) async fn unlisted(tx: &mut Tx) -> Result<Vec<TombstoneRow>> {
    let text = "SELECT t.org AS org, t.file AS file, t.destroyed_at AS destroyed_at, FALSE AS risen, t.listed AS listed
                FROM tombstone t WHERE NOT t.listed ORDER BY t.org, t.file";
    sql!(tx, fetch_all as TombstoneRow, text)
}

/// At most `limit` keys of `org` that are not wrapped under `root`.
pub(crate) async fn wrapped_elsewhere(tx: &mut Tx, org: &str, root: KeyId, limit: i64) -> Result<Vec<FileKeyRow>> {
    let text = "SELECT file, key_id, wrapped FROM file_key WHERE org = $1 AND root <> $2 AND wrapped IS NOT NULL
                ORDER BY file LIMIT $3";
    sql!(tx, fetch_all as FileKeyRow, text, org, root, limit)
}

/// Replaces the wrapping of a key.
pub(crate) async fn replace(tx: &mut Tx, org: &str, row: &FileKeyRow, root: KeyId, wrapped: &[u8]) -> Result<()> {
    let text = "UPDATE file_key SET wrapped = $4, root = $3 WHERE org = $1 AND file = $2 AND wrapped = $5";
    let rows = sql!(tx, execute, text, org, row.file, root, wrapped, row.key.wrapped.as_deref())?;
    require_rows(rows, 1)?;
    stamp::touch(tx, org, row.file).await
}

// === impl KeyRow ===

impl std::fmt::Debug for KeyRow {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("KeyRow").field("key_id", &self.key_id).field("destroyed", &self.wrapped.is_none()).finish()
    }
}

// === impl TombstoneRow ===

impl TombstoneRow {
    /// Its org and file, as the list names it.
    pub(crate) fn place(&self) -> (String, Uuid) {
        (self.org.clone(), self.file)
    }
}

impl From<TombstoneRow> for Tombstone {
    fn from(row: TombstoneRow) -> Self {
        Self { org: row.org, file: row.file, destroyed_at: row.destroyed_at }
    }
}
