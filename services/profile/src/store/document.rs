//! Table `document`; versions lie with those of records, in `record_revision`.

pub mod leftover;
pub mod upload;

use std::collections::{BTreeSet, HashMap};

use dossier_journal::rows_by_id;
use dossier_journal::verify::Value as Told;
use dossier_journal::verify::state::{Place, Row};
use dossier_kernel::db::{self, AsJson, Keeps, MaybeJson, Read, Stored as _, Tx, Value, View};
use dossier_kernel::error::Result;
use dossier_kernel::page::Page;
use dossier_kernel::states::State as _;
use dossier_kernel::time::micros;
use dossier_kernel::{sql, sql_given, sql_rows, table};
use uuid::Uuid;

use super::record::{Measured, Sealed};
use crate::domain::completeness::basis_points;
use crate::domain::document::said::Said;
use crate::domain::document::{Carrier, Counts, Document, State};
use crate::domain::header::template_name;

/// Which documents of a file a list asks for; `None` asks for any.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter<'a> {
    /// Of this kind.
    pub kind: Option<&'a str>,
    /// On this carrier.
    pub carrier: Option<Carrier>,
    /// In this state.
    pub state: Option<State>,
}

table! {
    select!("document" as d) of Document;
    once { id, file, kind, carrier, record = of_record, relations as AsJson, template, template_version, sealed_key, creator, created_at }
    then {
        state, said as Spoken { document_date, expire_date, sheets, pages, paper, ink }, content as MaybeJson,
        weights as Measured { filled_weight, applicable_weight, complete }, updated_at
    }
}

/// What is said in clear, in six columns.
struct Spoken;

// === impl Spoken ===

impl Keeps<Said> for Spoken {
    fn write(value: &Said, into: &mut Vec<Value>) {
        into.extend([value.document_date.value(), value.expire_date.value(), value.sheets.value()]);
        into.extend([value.pages.value(), value.paper.value(), value.ink.value()]);
    }

    fn read(row: View<'_>, columns: &[&'static str]) -> Read<Said> {
        Ok(Said {
            document_date: row.get(columns[0])?,
            expire_date: row.get(columns[1])?,
            sheets: row.get(columns[2])?,
            pages: row.get(columns[3])?,
            paper: row.get(columns[4])?,
            ink: row.get(columns[5])?,
        })
    }
}

/// Keeps a new document.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn insert(tx: &mut Tx, org: &str, one: &Document) -> Result<()> {
    db::insert(tx, org, one).await.map(drop)
}

/// Writes a change, against the version that was read, and raises that.
///
/// # Errors
/// `CONFLICT_RETRY` when somebody was faster.
pub async fn update(tx: &mut Tx, org: &str, one: &mut Document) -> Result<()> {
    db::update(tx, org, one).await
}

/// The document `id` of `file`.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn lookup(tx: &mut Tx, org: &str, file: Uuid, id: Uuid) -> Result<Option<Document>> {
    sql!(tx, fetch_optional as Document, select!(" AND d.id = $2 AND d.file = $3"), org, id, file)
}

/// Every document of `file`, the first first.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn of_file(tx: &mut Tx, org: &str, file: Uuid) -> Result<Vec<Document>> {
    sql!(tx, fetch_all as Document, select!(" AND d.file = $2 ORDER BY d.id"), org, file)
}

/// A page of the documents of `file`, newest first, with one more than the page holds.
///
/// # Errors
/// `PAGE_TOKEN_INVALID`, `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn list(tx: &mut Tx, org: &str, file: Uuid, filter: Filter<'_>, page: &Page) -> Result<Vec<Document>> {
    let before = page.before_uuid()?;
    let (carrier, state) = (filter.carrier.map(Carrier::as_str), filter.state.map(State::as_str));
    let text = sql_given!(
        select!(" AND d.file = $2 AND d.id < $3");
        filter.kind => " AND d.kind = $4",
        carrier => " AND d.carrier = $5",
        state => " AND d.state = $6";
        " ORDER BY d.id DESC LIMIT $7"
    );
    sql!(tx, fetch_all as Document, text, org, file, before, filter.kind, carrier, state, page.size + 1)
}

/// How many documents `file` has of each of `kinds` on each carrier that hold on `day`: one that has lapsed does not, nor does a scan or
/// an electronic one whose content has not come.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn counts(tx: &mut Tx, org: &str, file: Uuid, kinds: &BTreeSet<&str>, day: &str) -> Result<Counts> {
    let text = "SELECT carrier, COUNT(*) FROM document WHERE org = $1 AND file = $2 AND kind = $3 AND state = $4
                AND (expire_date = '' OR expire_date >= $5) AND (content IS NOT NULL OR carrier IN ($6, $7)) GROUP BY carrier";
    let (state, paper) = (State::Current.as_str(), (Carrier::Original.as_str(), Carrier::Copy.as_str()));
    let mut counts = Counts::new();
    for kind in kinds {
        let rows = sql!(tx, fetch_all as (String, i64), text, org, file, *kind, state, day, paper.0, paper.1)?;
        for (carrier, count) in rows {
            counts.insert(((*kind).to_owned(), Carrier::parse("carrier", &carrier)?), count);
        }
    }
    Ok(counts)
}

/// How many documents `file` has that are not void.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn held(tx: &mut Tx, org: &str, file: Uuid) -> Result<i64> {
    let text = "SELECT COUNT(*) FROM document WHERE org = $1 AND file = $2 AND state <> $3";
    Ok(sql!(tx, fetch_one as (i64,), text, org, file, State::Void.as_str())?.0)
}

/// A page of all documents, for the verifier.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn rows(tx: &mut Tx, org: &str, after: Option<&Place>) -> Result<Vec<Row>> {
    rows_by_id!(tx, org, after, concat!("SELECT ", select!(names), " FROM document"), "id", Document, one => row(&one))
}

fn row(one: &Document) -> Row {
    let relations: Vec<_> = one.relations.iter().map(|relation| relation.text(one.file)).collect();
    Row::of(one.id)
        .with("file", one.file)
        .with("kind", &one.kind)
        .with("carrier", one.carrier.as_str())
        .with("state", one.state.as_str())
        .with("record", one.record.map(|record| record.to_string()).unwrap_or_default())
        .with("relations", Told::list(&relations))
        .with("document_date", &one.said.document_date)
        .with("expire_date", &one.said.expire_date)
        .with("sheets", one.said.sheets)
        .with("pages", one.said.pages)
        .with("paper", &one.said.paper)
        .with("ink", &one.said.ink)
        .with("template", template_name(&one.template))
        .with("template_version", one.template_version)
        .with("version", one.version)
        .with("creator", one.creator)
        .with("created_at", micros(one.created_at))
        .with("updated_at", micros(one.updated_at))
        .with("size", one.content.as_ref().map_or(0, |content| content.size))
        .with("media_type", one.content.as_ref().map(|content| content.media_type.clone()).unwrap_or_default())
        .with("completeness", basis_points(one.weights.filled, one.weights.applicable))
        .with("complete", one.weights.complete)
}

/// What opens the values of these documents.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn keys(tx: &mut Tx, org: &str, wanted: &BTreeSet<Uuid>) -> Result<HashMap<Uuid, Sealed>> {
    if wanted.is_empty() {
        return Ok(HashMap::new());
    }
    let tail = ") SELECT d.id AS record, d.sealed_key, k.key_id, k.wrapped, t.destroyed_at AS erased_at
                FROM asked q JOIN document d ON d.org = q.org AND d.id = q.document
                JOIN file_key k ON k.org = d.org AND k.file = d.file
                LEFT JOIN tombstone t ON t.org = d.org AND t.file = d.file";
    let head = "WITH asked (org, document) AS (";
    let rows = sql_rows!(tx, fetch_all as Sealed, head, wanted, document => [org, *document], tail)?;
    Ok(rows.into_iter().map(|row| (row.record, row)).collect())
}

/// Up to `limit` documents with content behind `after`, for the verifier.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn with_content(tx: &mut Tx, org: &str, after: Uuid, limit: i64) -> Result<Vec<Document>> {
    let text = select!(" AND d.id > $2 AND d.content IS NOT NULL ORDER BY d.id LIMIT $3");
    sql!(tx, fetch_all as Document, text, org, after, limit)
}

/// These documents.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn each(tx: &mut Tx, org: &str, wanted: &BTreeSet<Uuid>) -> Result<HashMap<Uuid, Document>> {
    if wanted.is_empty() {
        return Ok(HashMap::new());
    }
    let tail =
        concat!(") SELECT ", select!(names), " FROM asked q JOIN document d ON d.org = q.org AND d.id = q.wanted");
    let head = "WITH asked (org, wanted) AS (";
    let rows = sql_rows!(tx, fetch_all as Document, head, wanted, id => [org, *id], tail)?;
    Ok(rows.into_iter().map(|one| (one.id, one)).collect())
}
