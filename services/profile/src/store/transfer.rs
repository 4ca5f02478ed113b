//! Tables `import_batch`, `imported_file`, `imported_part`: what came from elsewhere.

use dossier_authority::standing;
use dossier_journal::rows_by_id;
use dossier_journal::verify::state::{Place, Row};
use dossier_kernel::db::{self, Tx};
use dossier_kernel::error::Result;
use dossier_kernel::page::Page;
use dossier_kernel::time::micros;
use dossier_kernel::{sql, sql_given, table};
use uuid::Uuid;

use super::customer_file::Viewer;
use crate::domain::transfer::{Batch, MOST_FILES, State};

/// Which batches a list asks for; `None` asks for any.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter<'a> {
    /// In this state.
    pub state: Option<State>,
    /// Of this label.
    pub label: Option<&'a str>,
    /// From this source.
    pub source: Option<&'a str>,
}

/// A file that came from elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Imported {
    /// The file.
    pub file: Uuid,
    /// The batch that brought it.
    pub batch: Uuid,
    /// Where it came from.
    pub source: String,
    /// The key that it had there, blind.
    pub token: Vec<u8>,
    /// The revision that it came with.
    pub revision: i64,
    /// How many records and documents came with it.
    pub parts: i64,
    /// Whether it stands.
    pub stands: bool,
    /// What it was there, sealed.
    pub told: Vec<u8>,
}

table! {
    select!("import_batch" as b) of Batch;
    once { id, label, source, creator, created_at }
    then { state, files, updated_at }
}

macro_rules! imported {
    ($rest:literal) => {
        concat!(
            "SELECT i.file, i.batch, i.source, i.token, i.revision, i.parts, i.stands, i.told FROM imported_file i WHERE i.org = $1 AND ",
            $rest
        )
    };
}

/// Keeps a new batch; false when the id is taken.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn insert(tx: &mut Tx, org: &str, one: &Batch) -> Result<bool> {
    db::insert(tx, org, one).await
}

/// Writes a change, against the version that was read, and raises that.
///
/// # Errors
/// `CONFLICT_RETRY` when somebody was faster.
pub async fn update(tx: &mut Tx, org: &str, one: &mut Batch) -> Result<()> {
    db::update(tx, org, one).await
}

/// The batch `id`.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn lookup(tx: &mut Tx, org: &str, id: Uuid) -> Result<Option<Batch>> {
    sql!(tx, fetch_optional as Batch, select!(" AND b.id = $2"), org, id)
}

/// Counts one more file of a batch; false when it was taken back, or has no room.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn count_in(tx: &mut Tx, org: &str, id: Uuid) -> Result<bool> {
    let text = "UPDATE import_batch SET files = files + 1, version = version + 1
                WHERE org = $1 AND id = $2 AND state = $3 AND files < $4";
    Ok(sql!(tx, execute, text, org, id, State::Open.as_str(), MOST_FILES)? == 1)
}

/// A page of the batches, newest first, with one more than the page holds.
///
/// # Errors
/// `PAGE_TOKEN_INVALID`, `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn list(tx: &mut Tx, org: &str, filter: Filter<'_>, page: &Page) -> Result<Vec<Batch>> {
    let before = page.before_uuid()?;
    let state = filter.state.map(State::as_str);
    let text = sql_given!(
        select!(" AND b.id < $2");
        state => " AND b.state = $3",
        filter.label => " AND b.label = $4",
        filter.source => " AND b.source = $5";
        " ORDER BY b.id DESC LIMIT $6"
    );
    sql!(tx, fetch_all as Batch, text, org, before, state, filter.label, filter.source, page.size + 1)
}

/// Keeps that a file came from elsewhere; false when its key stands for another already.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn keep(tx: &mut Tx, org: &str, one: &Imported) -> Result<bool> {
    let text = "INSERT INTO imported_file (org, file, batch, source, token, revision, parts, stands, told)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING";
    let (file, batch, source, token, told) = (one.file, one.batch, &one.source, &one.token, &one.told);
    let (revision, parts, stands) = (one.revision, one.parts, one.stands);
    Ok(sql!(tx, execute, text, org, file, batch, source, token, revision, parts, stands, told)? == 1)
}

/// Keeps what a record or a document was elsewhere.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn keep_part(tx: &mut Tx, org: &str, (file, id): (Uuid, Uuid), told: &[u8]) -> Result<()> {
    let text = "INSERT INTO imported_part (org, id, file, told) VALUES ($1, $2, $3, $4)";
    sql!(tx, execute, text, org, id, file, told)?;
    Ok(())
}

/// The file that a key of a source stands for.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn of_key(tx: &mut Tx, org: &str, source: &str, token: &[u8]) -> Result<Option<Imported>> {
    sql!(tx, fetch_optional as Imported, imported!("i.source = $2 AND i.token = $3 AND i.stands"), org, source, token)
}

/// That `file` came from elsewhere.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn of_file(tx: &mut Tx, org: &str, file: Uuid) -> Result<Option<Imported>> {
    sql!(tx, fetch_optional as Imported, imported!("i.file = $2"), org, file)
}

/// What the record or document `id` of `file` was elsewhere, sealed.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn of_part(tx: &mut Tx, org: &str, (file, id): (Uuid, Uuid)) -> Result<Option<Vec<u8>>> {
    let text = "SELECT told FROM imported_part WHERE org = $1 AND id = $2 AND file = $3";
    Ok(sql!(tx, fetch_optional as (Vec<u8>,), text, org, id, file)?.map(|(told,)| told))
}

/// How many files of a batch were used since they came: changed, or with something in them that did not come with them.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn used(tx: &mut Tx, org: &str, batch: Uuid) -> Result<i64> {
    let text = "SELECT COUNT(*) FROM imported_file i JOIN customer_file f ON f.org = i.org AND f.id = i.file
                WHERE i.org = $1 AND i.batch = $2 AND i.stands AND (f.revision <> i.revision OR i.parts <>
                    (SELECT COUNT(*) FROM record r WHERE r.org = i.org AND r.file = i.file)
                    + (SELECT COUNT(*) FROM document d WHERE d.org = i.org AND d.file = i.file)
                  OR EXISTS (SELECT 1 FROM document d WHERE d.org = i.org AND d.file = i.file AND NOT EXISTS
                    (SELECT 1 FROM imported_part p WHERE p.org = d.org AND p.id = d.id))
                  OR EXISTS (SELECT 1 FROM customer_file c WHERE c.org = i.org AND c.parent = i.file
                    AND c.state <> 'closed' AND NOT EXISTS (SELECT 1 FROM imported_file o
                    WHERE o.org = c.org AND o.file = c.id AND o.batch = i.batch)))";
    let (count,) = sql!(tx, fetch_one as (i64,), text, org, batch)?;
    Ok(count)
}

/// Up to `limit` files of a batch that stand, behind `after`.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn files(tx: &mut Tx, org: &str, batch: Uuid, after: Uuid, limit: i64) -> Result<Vec<Uuid>> {
    let text = "SELECT file FROM imported_file WHERE org = $1 AND batch = $2 AND stands AND file > $3
                ORDER BY file LIMIT $4";
    let rows = sql!(tx, fetch_all as (Uuid,), text, org, batch, after, limit)?;
    Ok(rows.into_iter().map(|(file,)| file).collect())
}

/// Leaves the keys of a batch free again.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn free(tx: &mut Tx, org: &str, batch: Uuid) -> Result<()> {
    let text = "UPDATE imported_file SET stands = FALSE WHERE org = $1 AND batch = $2 AND stands";
    sql!(tx, execute, text, org, batch)?;
    Ok(())
}

/// Up to `limit` files that the viewer sees by standing access, in the order of their ids, behind `after`.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn standing(tx: &mut Tx, viewer: Viewer<'_>, after: Uuid, limit: i64) -> Result<Vec<Uuid>> {
    let text = concat!(
        "SELECT f.id FROM customer_file f WHERE f.org = $1 AND f.id > $4 AND ",
        standing!(),
        " ORDER BY f.id LIMIT $5"
    );
    let rows = sql!(tx, fetch_all as (Uuid,), text, viewer.org, viewer.person, viewer.now, after, limit)?;
    Ok(rows.into_iter().map(|(file,)| file).collect())
}

/// A page of all batches, for the verifier.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn batch_rows(tx: &mut Tx, org: &str, after: Option<&Place>) -> Result<Vec<Row>> {
    rows_by_id!(tx, org, after, concat!("SELECT ", select!(names), " FROM import_batch"), "id", Batch, one => Row::of(one.id)
        .with("label", &one.label)
        .with("source", &one.source)
        .with("state", one.state.as_str())
        .with("creator", one.creator)
        .with("created_at", micros(one.created_at)))
}

/// A page of all files that came from elsewhere, for the verifier.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn file_rows(tx: &mut Tx, org: &str, after: Option<&Place>) -> Result<Vec<Row>> {
    rows_by_id!(tx, org, after, "SELECT file, batch FROM imported_file", "file", (Uuid, Uuid),
        (file, batch) => Row::of(file).with("batch", batch))
}
