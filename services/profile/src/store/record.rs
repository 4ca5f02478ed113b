//! Tables `record`, `record_revision` and, in [`signature`], `record_signature`. Who sees the file sees its records; whoever asks here has loaded the file before.

pub mod signature;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use dossier_journal::rows_by_id;
use dossier_journal::verify::Value as Told;
use dossier_journal::verify::state::{Place, Row};
use dossier_kernel::db::{self, AsJson, Keeps, Read, Stored, Tx, Value, View};
use dossier_kernel::error::Result;
use dossier_kernel::page::Page;
use dossier_kernel::states::State as _;
use dossier_kernel::time::micros;
use dossier_kernel::{sql, sql_given, sql_rows, table};
use dossier_vault::store::KeyRow;
use sqlx::types::Json;
use uuid::Uuid;

use crate::domain::completeness::basis_points;
use crate::domain::customer_file::Weights;
use crate::domain::header::template_name;
use crate::domain::overview::Count;
use crate::domain::record::{Record, State, Step};

/// Which records of a file a list asks for; `None` asks for any.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter<'a> {
    /// Of this kind.
    pub kind: Option<&'a str>,
    /// In this stage.
    pub stage: Option<&'a str>,
    /// With this number.
    pub number: Option<&'a str>,
}

/// One version of a record; `at` in microseconds.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Revision {
    /// The record.
    pub record: Uuid,
    /// Its number, from 1.
    pub revision: i64,
    /// When it came to be.
    pub at: i64,
    /// Who made it.
    pub author: Uuid,
    /// Keys of the fields that differ from the version before.
    pub changed: Json<BTreeSet<String>>,
    /// The content, encoded.
    pub content: Vec<u8>,
    /// The reason, sealed.
    pub reason: Option<Vec<u8>>,
    /// The salts of the commitments, sealed.
    pub salts: Option<Vec<u8>>,
}

/// One version of a list, without its content.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Listed {
    /// Its number, from 1.
    pub revision: i64,
    /// When it came to be.
    pub at: i64,
    /// Who made it.
    pub author: Uuid,
    /// Keys of the fields that differ from the version before.
    pub changed: Json<BTreeSet<String>>,
}

/// What opens the values of a record.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Sealed {
    /// The record.
    pub record: Uuid,
    /// Its key, sealed under that of its file.
    pub sealed_key: Vec<u8>,
    /// The key of its file.
    #[sqlx(flatten)]
    pub file: KeyRow,
    /// When the file was erased, if it was.
    pub erased_at: Option<i64>,
}

table! {
    select!("record" as r) of Record;
    once { id, file, kind, of = of_record, template, template_version, sealed_key, creator, created_at, imported }
    then { slot, state, stage, steps as AsJson, round, number, done as AsJson, pending, weights as Measured { filled_weight, applicable_weight, complete }, updated_at }
}

/// Most records of a kind in one file that a condition of a stage looks at, the newest first.
const MOST_LOOKED_AT: i64 = 1_000;

/// How complete it is, in three columns.
pub(super) struct Measured;

// === impl Measured ===

impl Keeps<Weights> for Measured {
    fn write(value: &Weights, into: &mut Vec<Value>) {
        into.extend([value.filled.value(), value.applicable.value(), value.complete.value()]);
    }

    fn read(row: View<'_>, columns: &[&'static str]) -> Read<Weights> {
        Ok(Weights { filled: row.get(columns[0])?, applicable: row.get(columns[1])?, complete: row.get(columns[2])? })
    }
}

/// Keeps a new record; false when the file has the one of its kind already.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn insert(tx: &mut Tx, org: &str, one: &Record) -> Result<bool> {
    db::insert(tx, org, one).await
}

/// Writes a change, against the version that was read, and raises that.
///
/// # Errors
/// `CONFLICT_RETRY` when somebody was faster.
pub async fn update(tx: &mut Tx, org: &str, one: &mut Record) -> Result<()> {
    db::update(tx, org, one).await
}

/// The record `id` of `file`.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn lookup(tx: &mut Tx, org: &str, file: Uuid, id: Uuid) -> Result<Option<Record>> {
    sql!(tx, fetch_optional as Record, select!(" AND r.id = $2 AND r.file = $3"), org, id, file)
}

/// Every record of `file`, the first first.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn of_file(tx: &mut Tx, org: &str, file: Uuid) -> Result<Vec<Record>> {
    sql!(tx, fetch_all as Record, select!(" AND r.file = $2 ORDER BY r.id"), org, file)
}

/// Up to [`MOST_LOOKED_AT`] records of `file` that wait for an approval.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn pending(tx: &mut Tx, org: &str, file: Uuid) -> Result<Vec<Record>> {
    let text = select!(" AND r.file = $2 AND r.pending <> '' ORDER BY r.id LIMIT $3");
    sql!(tx, fetch_all as Record, text, org, file, MOST_LOOKED_AT)
}

/// Up to `limit` records of files that are neither closed nor erased whose submission is under way or was decided, and that wait for it;
/// with `closed`, those of this kind in closed files.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn unsettled(tx: &mut Tx, org: &str, closed: Option<&str>, limit: i64) -> Result<Vec<Record>> {
    let text = sql_given!(
        select!(
            "",
            " JOIN submission s ON s.org = r.org AND s.id = r.id
              JOIN customer_file f ON f.org = r.org AND f.id = r.file
              LEFT JOIN tombstone t ON t.org = r.org AND t.file = r.file",
            // The second says what the first does, as a range: the index of those that wait is then the only one that answers it.
            " AND r.pending <> '' AND r.pending > '' AND s.state <> 'pending' AND t.file IS NULL"
        );
        closed.is_none() => " AND f.state <> 'closed'",
        closed => " AND f.state = 'closed' AND r.kind = $3";
        " ORDER BY s.begun_at, r.id LIMIT $2"
    );
    sql!(tx, fetch_all as Record, text, org, limit, closed)
}

/// Whether `file` has a record of this kind that is not void; with `open`, one that is open.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn has_kind(tx: &mut Tx, org: &str, file: Uuid, kind: &str, open: bool) -> Result<bool> {
    // What came from elsewhere is not open, however it stood there.
    let (text, ended) = (
        "SELECT id FROM record WHERE org = $1 AND file = $2 AND kind = $3 AND state IN ($4, $5)
         AND ($4 <> $5 OR NOT imported) LIMIT 1",
        if open { State::Open } else { State::Final },
    );
    let found = sql!(tx, fetch_optional as (Uuid,), text, org, file, kind, State::Open.as_str(), ended.as_str())?;
    Ok(found.is_some())
}

/// The records of `kind` in `file` that are not void, open ones first, then the newest; with `near`, those alone that belong to that
/// record, that it belongs to, or that belong to the same.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn of_kind(
    tx: &mut Tx,
    org: &str,
    file: Uuid,
    kind: &str,
    near: Option<(Uuid, Option<Uuid>)>,
) -> Result<Vec<Record>> {
    let (own, above) = near.map_or((None, None), |(own, above)| (Some(own), above));
    let text = sql_given!(
        select!(" AND r.file = $2 AND r.kind = $3 AND r.state <> 'void'");
        own => " AND (r.of_record = $4 OR r.of_record = $5 OR r.id = $5)";
        " ORDER BY CASE WHEN r.state = 'open' THEN 0 ELSE 1 END, r.id DESC LIMIT $6"
    );
    sql!(tx, fetch_all as Record, text, org, file, kind, own, above, MOST_LOOKED_AT)
}

/// How many records of each kind `file` has in each state.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn counts(tx: &mut Tx, org: &str, file: Uuid) -> Result<Vec<Count>> {
    let text = "SELECT kind, state, COUNT(*) FROM record WHERE org = $1 AND file = $2 GROUP BY kind, state";
    let rows = sql!(tx, fetch_all as (String, String, i64), text, org, file)?;
    let count =
        |(kind, state, count): (String, String, i64)| Ok(Count { kind, state: State::parse("state", &state)?, count });
    rows.into_iter().map(count).collect()
}

/// Of each kind in `file` the newest record that is final, and up to `limit` of the newest that are open.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn newest(tx: &mut Tx, org: &str, file: Uuid, limit: i64) -> Result<Vec<Record>> {
    let text = select!(
        " AND r.file = $2 AND r.id IN (SELECT n.id FROM (
            SELECT w.id, w.state, ROW_NUMBER() OVER (PARTITION BY w.kind, w.state ORDER BY w.id DESC) AS place
            FROM record w WHERE w.org = $1 AND w.file = $2 AND w.state <> 'void') n
          WHERE n.place = 1 OR (n.state = 'open' AND n.place <= $3))"
    );
    sql!(tx, fetch_all as Record, text, org, file, limit)
}

/// These records.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn each(tx: &mut Tx, org: &str, wanted: &BTreeSet<Uuid>) -> Result<BTreeMap<Uuid, Record>> {
    if wanted.is_empty() {
        return Ok(BTreeMap::new());
    }
    let tail = concat!(") SELECT ", select!(names), " FROM asked q JOIN record r ON r.org = q.org AND r.id = q.wanted");
    let head = "WITH asked (org, wanted) AS (";
    let rows = sql_rows!(tx, fetch_all as Record, head, wanted, id => [org, *id], tail)?;
    Ok(rows.into_iter().map(|one| (one.id, one)).collect())
}

/// Of each of `files` the newest record of `kind` that is not void, by file.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn latest(tx: &mut Tx, org: &str, files: &BTreeSet<Uuid>, kind: &str) -> Result<BTreeMap<Uuid, Record>> {
    if files.is_empty() {
        return Ok(BTreeMap::new());
    }
    let tail = concat!(
        ") SELECT ",
        select!(names),
        " FROM asked q JOIN record r ON r.org = q.org AND r.id = (SELECT n.id FROM record n WHERE n.org = q.org
          AND n.file = q.wanted AND n.kind = q.sort AND n.state <> 'void' ORDER BY n.id DESC LIMIT 1)"
    );
    let head = "WITH asked (org, wanted, sort) AS (";
    let rows = sql_rows!(tx, fetch_all as Record, head, files, file => [org, *file, kind], tail)?;
    Ok(rows.into_iter().map(|one| (one.file, one)).collect())
}

/// A page of the records of `file`, newest first, with one more than the page holds.
///
/// # Errors
/// `PAGE_TOKEN_INVALID`, `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn list(tx: &mut Tx, org: &str, file: Uuid, filter: Filter<'_>, page: &Page) -> Result<Vec<Record>> {
    let before = page.before_uuid()?;
    let text = sql_given!(
        select!(" AND r.file = $2 AND r.id < $3");
        filter.kind => " AND r.kind = $4",
        filter.stage => " AND r.stage = $5",
        filter.number => " AND r.number = $6";
        " ORDER BY r.id DESC LIMIT $7"
    );
    let Filter { kind, stage, number } = filter;
    sql!(tx, fetch_all as Record, text, org, file, before, kind, stage, number, page.size + 1)
}

/// A page of all records, for the verifier.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn rows(tx: &mut Tx, org: &str, after: Option<&Place>) -> Result<Vec<Row>> {
    rows_by_id!(tx, org, after, concat!("SELECT ", select!(names), " FROM record"), "id", Record, one => row(&one))
}

fn row(one: &Record) -> Row {
    Row::of(one.id)
        .with("single", one.slot.is_empty())
        .with("period", one.period())
        .with("of", one.of.map(|of| of.to_string()).unwrap_or_default())
        .with("state", one.state.as_str())
        .with("steps", steps(&one.steps))
        .with("done", steps(&one.done))
        .with("round", one.round)
        .with("number", one.number.as_deref().unwrap_or_default())
        .with("pending", &one.pending)
        .with("file", one.file)
        .with("kind", &one.kind)
        .with("stage", &one.stage)
        .with("template", template_name(&one.template))
        .with("template_version", one.template_version)
        .with("version", one.version)
        .with("creator", one.creator)
        .with("created_at", micros(one.created_at))
        .with("updated_at", micros(one.updated_at))
        .with("completeness", basis_points(one.weights.filled, one.weights.applicable))
        .with("complete", one.weights.complete)
        .with("imported", one.imported)
}

/// The stages that a record has entered, each as a line of a report.
fn steps(steps: &[Step]) -> Told {
    let line = |step: &Step| format!("{} {} {} {}", step.stage, step.at, step.revision, step.round);
    Told::list(&steps.iter().map(line).collect::<Vec<_>>())
}

/// What opens the values of these records.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn keys(tx: &mut Tx, org: &str, wanted: &BTreeSet<Uuid>) -> Result<HashMap<Uuid, Sealed>> {
    if wanted.is_empty() {
        return Ok(HashMap::new());
    }
    let tail = ") SELECT r.id AS record, r.sealed_key, k.key_id, k.wrapped, t.destroyed_at AS erased_at
                FROM asked q JOIN record r ON r.org = q.org AND r.id = q.record
                JOIN file_key k ON k.org = r.org AND k.file = r.file
                LEFT JOIN tombstone t ON t.org = r.org AND t.file = r.file";
    let head = "WITH asked (org, record) AS (";
    let rows = sql_rows!(tx, fetch_all as Sealed, head, wanted, record => [org, *record], tail)?;
    Ok(rows.into_iter().map(|row| (row.record, row)).collect())
}

/// The versions with these records and numbers.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn revisions(
    tx: &mut Tx,
    org: &str,
    wanted: &BTreeSet<(Uuid, i64)>,
) -> Result<BTreeMap<(Uuid, i64), Revision>> {
    if wanted.is_empty() {
        return Ok(BTreeMap::new());
    }
    let tail = ") SELECT v.record, v.revision, v.at, v.author, v.changed, v.content, v.reason, v.salts
                FROM asked q JOIN record_revision v ON v.org = q.org AND v.record = q.record AND v.revision = q.number";
    let head = "WITH asked (org, record, number) AS (";
    let rows = sql_rows!(tx, fetch_all as Revision, head, wanted, (record, number) => [org, *record, *number], tail)?;
    Ok(rows.into_iter().map(|row| ((row.record, row.revision), row)).collect())
}

/// Up to `limit` versions of no record and no document, or of a number that those have not reached.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn strays(tx: &mut Tx, org: &str, limit: i64) -> Result<Vec<(Uuid, i64)>> {
    let text = "SELECT v.record, v.revision FROM record_revision v
                LEFT JOIN record r ON r.org = v.org AND r.id = v.record AND r.version >= v.revision
                LEFT JOIN document d ON d.org = v.org AND d.id = v.record AND d.version >= v.revision
                WHERE v.org = $1 AND r.id IS NULL AND d.id IS NULL ORDER BY v.record, v.revision LIMIT $2";
    sql!(tx, fetch_all as (Uuid, i64), text, org, limit)
}

/// A page of the versions of a record, newest first, with one more than the page holds.
///
/// # Errors
/// `PAGE_TOKEN_INVALID`, `STORE_UNAVAILABLE`.
pub async fn list_revisions(tx: &mut Tx, org: &str, record: Uuid, page: &Page) -> Result<Vec<Listed>> {
    let text = "SELECT revision, at, author, changed FROM record_revision
                WHERE org = $1 AND record = $2 AND revision < $3 ORDER BY revision DESC LIMIT $4";
    let (before, limit) = (page.after_number(i64::MAX)?, page.size + 1);
    sql!(tx, fetch_all as Listed, text, org, record, before, limit)
}

/// Keeps a new version.
///
/// # Errors
/// `ALREADY_EXISTS` when the record has it already, `STORE_UNAVAILABLE`.
pub async fn keep(tx: &mut Tx, org: &str, one: &Revision) -> Result<()> {
    let text = "INSERT INTO record_revision (org, record, revision, at, author, changed, content, reason, salts)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let (changed, content, reason, salts) = (&one.changed, &one.content, &one.reason, &one.salts);
    sql!(tx, execute, text, org, one.record, one.revision, one.at, one.author, changed, content, reason, salts)?;
    Ok(())
}

/// The version of this number.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn revision(tx: &mut Tx, org: &str, record: Uuid, number: i64) -> Result<Option<Revision>> {
    let text = "SELECT record, revision, at, author, changed, content, reason, salts FROM record_revision
                WHERE org = $1 AND record = $2 AND revision = $3";
    sql!(tx, fetch_optional as Revision, text, org, record, number)
}
