//! The rows of this service, for the verifier.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use dossier_journal::verify::Value;
use dossier_journal::verify::state::{Place, Row};
use dossier_journal::{rows_by_id, rows_by_text};
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::{sql, sql_rows};
use dossier_regime::CustomerType;
use dossier_vault::commitment::{Salt, commit};
use dossier_vault::store::KeyRow;
use sqlx::types::Json;
use uuid::Uuid;

use super::revision::Revision;
use crate::domain::completeness::basis_points;
use crate::domain::header;
use crate::domain::ties::{self, Link};

/// What opens the values of a file.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct FileRow {
    /// The file.
    pub file: Uuid,
    /// The reference of its unit, sealed.
    pub unit_ref: Vec<u8>,
    /// Its key.
    #[sqlx(flatten)]
    pub key: KeyRow,
    /// When it was erased, if it was.
    pub erased_at: Option<i64>,
}

/// Revisions by file and number.
pub type Revisions = BTreeMap<(Uuid, i64), Revision>;

#[derive(sqlx::FromRow)]
struct RevisionRow {
    file: Uuid,
    #[sqlx(flatten)]
    revision: Revision,
}

#[derive(sqlx::FromRow)]
struct File {
    id: Uuid,
    number: Option<String>,
    customer_number: Option<String>,
    customer_type: String,
    unit_kind: String,
    template: String,
    template_version: i64,
    level: String,
    unit: String,
    custodian: Uuid,
    state: String,
    classification: Json<BTreeMap<String, String>>,
    first_contact_at: Option<i64>,
    contract_effect_at: Option<i64>,
    revision: i64,
    created_at: i64,
    updated_at: i64,
    creator: Uuid,
    activated_at: Option<i64>,
    closed_at: Option<i64>,
    filled_weight: i64,
    applicable_weight: i64,
    complete: bool,
    parent: Option<Uuid>,
    links: Json<BTreeSet<Link>>,
    merged_into: Option<Uuid>,
    merged: Json<BTreeSet<Uuid>>,
    keep_until: Option<String>,
}

type Number = (String, String, i64, String, Option<Uuid>, Option<Uuid>, Uuid, String, i64, Option<Vec<u8>>);

/// A page of the rows of a table of this service; none for another table.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn rows(tx: &mut Tx, org: &str, table: &str, after: Option<&Place>) -> Result<Vec<Row>> {
    match table {
        "customer_file" => files(tx, org, after).await,
        "file_number" => numbers(tx, org, after).await,
        "number_series" => series(tx, org, after).await,
        _ => Ok(Vec::new()),
    }
}

async fn files(tx: &mut Tx, org: &str, after: Option<&Place>) -> Result<Vec<Row>> {
    rows_by_id!(
        tx, org, after,
        "SELECT id, number, customer_number, customer_type, unit_kind, template, template_version, level, unit, custodian,
             state, classification, first_contact_at, contract_effect_at, revision, created_at, updated_at, creator,
             activated_at, closed_at, filled_weight, applicable_weight, complete, parent, links, merged_into, merged, keep_until
         FROM customer_file",
        "id", File,
        one => one.row()
    )
}

async fn numbers(tx: &mut Tx, org: &str, after: Option<&Place>) -> Result<Vec<Row>> {
    rows_by_text!(
        tx, org, after,
        "SELECT number, series, sequence, state, file, record, who, why, at, salt FROM file_number", "number", Number,
        (number, series, sequence, state, file, record, who, why, at, salt) => Row::named(number)
            .with("series", series)
            .with("sequence", sequence)
            .with("state", state)
            .with("file", file)
            .with("record", record)
            .with("who", who)
            .with("why", promised(&why, salt))
            .with("at", at)
    )
}

// The digest that the entry must have promised.
fn promised(why: &str, salt: Option<Vec<u8>>) -> Value {
    let digest = |salt: Vec<u8>| commit(&Salt::of(&salt).ok()?, "reason", why.as_bytes()).ok();
    match salt.and_then(digest) {
        Some(digest) => digest.to_vec().into(),
        None if why.is_empty() => Value::Nothing,
        None => Value::private(why),
    }
}

// The series of customers' numbers has no entries of its own.
async fn series(tx: &mut Tx, org: &str, after: Option<&Place>) -> Result<Vec<Row>> {
    rows_by_text!(
        tx, org, after,
        "SELECT series, taken FROM (SELECT org, series, taken FROM number_series WHERE series <> 'customer_number') s",
        "series", (String, i64),
        (series, taken) => Row::named(series).with("taken", taken)
    )
}

/// The revisions with these files and numbers.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn revisions(tx: &mut Tx, org: &str, wanted: &BTreeSet<(Uuid, i64)>) -> Result<Revisions> {
    if wanted.is_empty() {
        return Ok(Revisions::new());
    }
    let tail = ") SELECT r.file, r.revision, r.at, r.author, r.act, r.changed, r.header, r.content, r.reason, r.salts
                FROM asked q JOIN customer_file_revision r ON r.org = q.org AND r.file = q.file AND r.revision = q.number";
    let head = "WITH asked (org, file, number) AS (";
    let rows = sql_rows!(tx, fetch_all as RevisionRow, head, wanted, (file, number) => [org, *file, *number], tail)?;
    Ok(rows.into_iter().map(|row| ((row.file, row.revision.revision), row.revision)).collect())
}

/// What opens the values of these files.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn keys(tx: &mut Tx, org: &str, wanted: &BTreeSet<Uuid>) -> Result<HashMap<Uuid, FileRow>> {
    if wanted.is_empty() {
        return Ok(HashMap::new());
    }
    let tail = ") SELECT f.id AS file, f.unit_ref, k.key_id, k.wrapped, t.destroyed_at AS erased_at
                FROM asked q JOIN customer_file f ON f.org = q.org AND f.id = q.file
                JOIN file_key k ON k.org = f.org AND k.file = f.id
                LEFT JOIN tombstone t ON t.org = f.org AND t.file = f.id";
    let rows = sql_rows!(tx, fetch_all as FileRow, "WITH asked (org, file) AS (", wanted, file => [org, *file], tail)?;
    Ok(rows.into_iter().map(|row| (row.file, row)).collect())
}

/// Those of `wanted` that were destroyed and have no row any more.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn erased(tx: &mut Tx, org: &str, wanted: &BTreeSet<Uuid>) -> Result<HashSet<Uuid>> {
    if wanted.is_empty() {
        return Ok(HashSet::new());
    }
    let head = "WITH asked (org, file) AS (";
    let tail = ") SELECT t.file FROM asked q JOIN tombstone t ON t.org = q.org AND t.file = q.file
                WHERE NOT EXISTS (SELECT 1 FROM customer_file f WHERE f.org = t.org AND f.id = t.file)";
    let rows = sql_rows!(tx, fetch_all as (Uuid,), head, wanted, file => [org, *file], tail)?;
    Ok(rows.into_iter().map(|(file,)| file).collect())
}

/// Up to `limit` revisions of no file, or of a number that their file has not reached.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn stray_revisions(tx: &mut Tx, org: &str, limit: i64) -> Result<Vec<(Uuid, i64)>> {
    let text = "SELECT r.file, r.revision FROM customer_file_revision r
                LEFT JOIN customer_file f ON f.org = r.org AND f.id = r.file AND f.revision >= r.revision
                WHERE r.org = $1 AND f.id IS NULL ORDER BY r.file, r.revision LIMIT $2";
    sql!(tx, fetch_all as (Uuid, i64), text, org, limit)
}

// === impl File ===

impl File {
    fn row(self) -> Row {
        let kind = CustomerType::parse(&self.customer_type);
        let known = kind.is_some() || self.customer_type.is_empty();
        let labels = self.classification.0.iter().map(|(axis, label)| format!("{axis}={label}")).collect::<Vec<_>>();
        let points = basis_points(self.filled_weight, self.applicable_weight);
        Row::of(self.id)
            .with("number", self.number.unwrap_or_default())
            .with("customer_number", self.customer_number.unwrap_or_default())
            // The empty word is that of a file about no customer; any other that is none has no number.
            .with("customer_type", known.then_some(i32::from(header::told(kind))))
            .with("unit_kind", self.unit_kind)
            .with("template", format!("templates/{}", self.template))
            .with("template_version", self.template_version)
            .with("level", self.level)
            .with("unit", self.unit)
            // Nobody in particular: the pack's custodian post keeps it.
            .with("custodian", Some(self.custodian).filter(|person| !person.is_nil()))
            .with("state", self.state)
            .with("classification", Value::list(&labels))
            .with("first_contact_at", self.first_contact_at)
            .with("contract_effect_at", self.contract_effect_at)
            .with("revision", self.revision)
            .with("created_at", self.created_at)
            .with("updated_at", self.updated_at)
            .with("creator", self.creator)
            .with("activated_at", self.activated_at)
            .with("closed_at", self.closed_at)
            .with("completeness", points)
            .with("complete", self.complete)
            .with("of", self.parent)
            .with("links", Value::list(&ties::texts(&ties::told(&self.links.0))))
            .with("merged_into", self.merged_into)
            .with("merged", Value::list(&ties::names(&self.merged.0)))
            .with("keep_until", self.keep_until.unwrap_or_default())
    }
}
