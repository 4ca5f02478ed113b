//! Tables `volume` and `volume_document`. Who sees a file and all that lies in it sees its volumes; whoever asks here has made sure of it.

use std::collections::BTreeMap;

use dossier_journal::rows_by_id;
use dossier_journal::verify::Value as Told;
use dossier_journal::verify::state::{Place, Row};
use dossier_kernel::db::{self, AsJson, Tx, require_rows};
use dossier_kernel::error::Result;
use dossier_kernel::page::Page;
use dossier_kernel::states::State as _;
use dossier_kernel::time::micros;
use dossier_kernel::{sql, sql_given, table};
use uuid::Uuid;

use crate::domain::volume::{Line, State, Volume};

/// Which volumes of a file a list asks for; `None` asks for any.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// In this state.
    pub state: Option<State>,
}

table! {
    select!("volume" as v) of Volume;
    once { id, file, number, rule, year, class, creator, created_at }
    then while "state = 'open'" {
        apart, state, level, contents as AsJson, sheets, pages, record, closed_at, updated_at
    }
}

/// Keeps a new volume.
///
/// # Errors
/// `CONFLICT_RETRY` when the file has one of its number by now.
pub async fn insert(tx: &mut Tx, org: &str, one: &Volume) -> Result<()> {
    require_rows(u64::from(db::insert(tx, org, one).await?), 1)
}

/// Writes a change of one that is open, against the version that was read, and raises that.
///
/// # Errors
/// `CONFLICT_RETRY` when somebody was faster, or it is closed.
pub async fn update(tx: &mut Tx, org: &str, one: &mut Volume) -> Result<()> {
    db::update(tx, org, one).await
}

/// The volume `id` of `file`.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn lookup(tx: &mut Tx, org: &str, file: Uuid, id: Uuid) -> Result<Option<Volume>> {
    sql!(tx, fetch_optional as Volume, select!(" AND v.id = $2 AND v.file = $3"), org, id, file)
}

/// Every volume of `file`, the first first.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn of_file(tx: &mut Tx, org: &str, file: Uuid) -> Result<Vec<Volume>> {
    sql!(tx, fetch_all as Volume, select!(" AND v.file = $2 ORDER BY v.number"), org, file)
}

/// A page of the volumes of `file` in the order of their numbers, with one more than the page holds.
///
/// # Errors
/// `PAGE_TOKEN_INVALID`, `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn list(tx: &mut Tx, org: &str, file: Uuid, filter: Filter, page: &Page) -> Result<Vec<Volume>> {
    let state = filter.state.map(State::as_str);
    let text = sql_given!(
        select!(" AND v.file = $2 AND v.number > $3");
        state => " AND v.state = $4";
        " ORDER BY v.number LIMIT $5"
    );
    sql!(tx, fetch_all as Volume, text, org, file, page.after_number(0)?, state, page.size + 1)
}

/// Lays a document into an open volume; the store refuses one that lies in another, and a volume that is closed.
///
/// # Errors
/// `CONFLICT_RETRY`.
pub async fn lay(tx: &mut Tx, org: &str, volume: Uuid, document: Uuid) -> Result<()> {
    let text = "INSERT INTO volume_document (org, document, file, volume)
                SELECT v.org, $2, v.file, v.id FROM volume v WHERE v.org = $1 AND v.id = $3 AND v.state = 'open'
                ON CONFLICT (org, document) DO UPDATE SET volume = excluded.volume WHERE volume_document.volume IS NULL";
    require_rows(sql!(tx, execute, text, org, document, volume)?, 1)
}

/// Takes a document out of an open volume.
///
/// # Errors
/// `CONFLICT_RETRY`.
pub async fn lift(tx: &mut Tx, org: &str, volume: Uuid, document: Uuid) -> Result<()> {
    let text = "UPDATE volume_document SET volume = NULL WHERE org = $1 AND document = $2 AND volume = $3 AND EXISTS (
                    SELECT 1 FROM volume v WHERE v.org = $1 AND v.id = $3 AND v.state = 'open')";
    require_rows(sql!(tx, execute, text, org, document, volume)?, 1)
}

/// The volumes in which documents of `file` lie, by document.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn lying(tx: &mut Tx, org: &str, file: Uuid) -> Result<BTreeMap<Uuid, (Uuid, State)>> {
    let text =
        "SELECT d.document, v.id, v.state FROM volume_document d JOIN volume v ON v.org = d.org AND v.id = d.volume
                WHERE d.org = $1 AND d.file = $2";
    let rows = sql!(tx, fetch_all as (Uuid, Uuid, String), text, org, file)?;
    rows.into_iter().map(|(document, volume, state)| Ok((document, (volume, State::parse("state", &state)?)))).collect()
}

/// The volume in which a document lies.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn around(tx: &mut Tx, org: &str, file: Uuid, document: Uuid) -> Result<Option<Volume>> {
    let text = select!(
        "",
        " JOIN volume_document d ON d.org = v.org AND d.volume = v.id",
        " AND d.file = $2 AND d.document = $3"
    );
    sql!(tx, fetch_optional as Volume, text, org, file, document)
}

/// A page of all volumes, for the verifier.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn rows(tx: &mut Tx, org: &str, after: Option<&Place>) -> Result<Vec<Row>> {
    rows_by_id!(tx, org, after, concat!("SELECT ", select!(names), " FROM volume"), "id", Volume, one => row(&one))
}

/// A page of where all documents lie that were ever laid into a volume, for the verifier.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn document_rows(tx: &mut Tx, org: &str, after: Option<&Place>) -> Result<Vec<Row>> {
    rows_by_id!(
        tx, org, after, "SELECT document, file, volume FROM volume_document", "document", (Uuid, Uuid, Option<Uuid>),
        (document, file, volume) => Row::of(document).with("file", file).with("volume", volume)
    )
}

fn row(one: &Volume) -> Row {
    let contents: Vec<_> = one.contents.iter().map(Line::text).collect();
    Row::of(one.id)
        .with("file", one.file)
        .with("number", one.number)
        .with("rule", &one.rule)
        .with("year", one.year.unwrap_or_default())
        .with("class", &one.class)
        .with("apart", one.apart)
        .with("state", one.state.as_str())
        .with("level", &one.level)
        .with("contents", Told::list(&contents))
        .with("sheets", one.sheets)
        .with("pages", one.pages)
        .with("record", one.record)
        .with("closed_at", one.closed_at.map(micros))
        .with("version", one.version)
        .with("creator", one.creator)
        .with("created_at", micros(one.created_at))
        .with("updated_at", micros(one.updated_at))
}
