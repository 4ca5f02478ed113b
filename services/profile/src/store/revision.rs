//! Revisions of files: inserted once, never changed (P-48).

use std::collections::BTreeSet;

use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::page::Page;
use dossier_kernel::sql;
use sqlx::types::Json;
use uuid::Uuid;

/// One revision; `at` in microseconds.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Revision {
    /// Its number, from 1.
    pub revision: i64,
    /// When it came to be.
    pub at: i64,
    /// Who made it.
    pub author: Uuid,
    /// What was done, a word of [`Act`](crate::domain::customer_file::Act).
    pub act: String,
    /// What differs from the revision before.
    pub changed: Json<BTreeSet<String>>,
    /// The contract's message without content, encoded.
    pub header: Vec<u8>,
    /// The content, encoded.
    pub content: Vec<u8>,
    /// The reason, sealed.
    pub reason: Option<Vec<u8>>,
    /// The salts of the commitments, sealed.
    pub salts: Option<Vec<u8>>,
}

/// One revision of a list, without its content.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Listed {
    /// Its number, from 1.
    pub revision: i64,
    /// When it came to be.
    pub at: i64,
    /// Who made it.
    pub author: Uuid,
    /// What was done.
    pub act: String,
    /// What differs from the revision before.
    pub changed: Json<BTreeSet<String>>,
    /// The contract's message without content, encoded.
    pub header: Vec<u8>,
}

/// A revision by which another file was merged into this one, and what there was before it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Kept {
    /// Its number.
    pub revision: i64,
    /// What it changed.
    pub changed: Json<BTreeSet<String>>,
    /// The contract's message without content, encoded.
    pub header: Vec<u8>,
    /// The content, encoded.
    pub content: Vec<u8>,
    /// The message of the revision before.
    pub header_before: Vec<u8>,
    /// The content of the revision before.
    pub content_before: Vec<u8>,
}

/// Most merges into a file that are looked back at.
const MOST_KEPT: i64 = 200;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT revision, at, author, act, changed, header, content, reason, salts
             FROM customer_file_revision WHERE org = $1 AND file = $2 AND ",
            $rest
        )
    };
}

/// Keeps a new revision.
///
/// # Errors
/// `ALREADY_EXISTS` when the file has it already, `STORE_UNAVAILABLE`.
pub async fn insert(tx: &mut Tx, org: &str, file: Uuid, one: &Revision) -> Result<()> {
    let text = "INSERT INTO customer_file_revision
                    (org, file, revision, at, author, act, changed, header, content, reason, salts)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    let (act, changed, header, content) = (&one.act, &one.changed, &one.header, &one.content);
    let (reason, salts) = (&one.reason, &one.salts);
    sql!(tx, execute, text, org, file, one.revision, one.at, one.author, act, changed, header, content, reason, salts)?;
    Ok(())
}

/// The revision of this number.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn numbered(tx: &mut Tx, org: &str, file: Uuid, revision: i64) -> Result<Option<Revision>> {
    sql!(tx, fetch_optional as Revision, select!("revision = $3"), org, file, revision)
}

/// The revision that was current at this instant, in microseconds.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn current_at(tx: &mut Tx, org: &str, file: Uuid, at: i64) -> Result<Option<Revision>> {
    let text = select!("at <= $3 ORDER BY at DESC, revision DESC LIMIT 1");
    sql!(tx, fetch_optional as Revision, text, org, file, at)
}

/// A page of revisions, newest first, without their content, with one row more than the page holds.
///
/// # Errors
/// `PAGE_TOKEN_INVALID`, `STORE_UNAVAILABLE`.
pub async fn list(tx: &mut Tx, org: &str, file: Uuid, page: &Page) -> Result<Vec<Listed>> {
    let text = "SELECT revision, at, author, act, changed, header
                FROM customer_file_revision WHERE org = $1 AND file = $2 AND revision < $3
                ORDER BY revision DESC LIMIT $4";
    let (before, limit) = (page.after_number(i64::MAX)?, page.size + 1);
    sql!(tx, fetch_all as Listed, text, org, file, before, limit)
}

/// The revisions by which files were merged into `file`, the newest first, at most 200.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn kept(tx: &mut Tx, org: &str, file: Uuid) -> Result<Vec<Kept>> {
    let text =
        "SELECT r.revision, r.changed, r.header, r.content, b.header AS header_before, b.content AS content_before
                FROM customer_file_revision r
                JOIN customer_file_revision b ON b.org = r.org AND b.file = r.file AND b.revision = r.revision - 1
                WHERE r.org = $1 AND r.file = $2 AND r.act = 'keep' ORDER BY r.revision DESC LIMIT $3";
    sql!(tx, fetch_all as Kept, text, org, file, MOST_KEPT)
}

/// Whether the person has a part in the content of the file: created, changed or handed it in (P-40).
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn is_involved(tx: &mut Tx, org: &str, file: Uuid, person: Uuid) -> Result<bool> {
    let text = "SELECT CAST(1 AS BIGINT) FROM customer_file_revision
                WHERE org = $1 AND file = $2 AND author = $3 AND act IN ('create', 'update', 'submit', 'keep', 'release', 'import') LIMIT 1";
    Ok(sql!(tx, fetch_optional as (i64,), text, org, file, person)?.is_some())
}
