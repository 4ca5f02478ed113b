//! Table `item`. Who sees a file sees where what is physical of it lies; whoever asks here has loaded the file before, or keeps what
//! they find from who does not see its file.

use std::collections::{BTreeMap, BTreeSet};

use dossier_journal::rows_by_id;
use dossier_journal::verify::state::{Place, Row};
use dossier_kernel::db::{self, Tx, require_rows};
use dossier_kernel::error::Result;
use dossier_kernel::page::Page;
use dossier_kernel::time::micros;
use dossier_kernel::{sql, sql_given, sql_rows, table};
use uuid::Uuid;

use crate::domain::item::{Item, Kind, State};

/// Which items a list asks for; `None` asks for any.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// What they are.
    pub kind: Option<Kind>,
    /// Where their custody stands.
    pub state: Option<State>,
    /// In this place.
    pub place: Option<Uuid>,
}

// === impl Filter ===

impl Filter {
    /// Whether the list takes it, once its place is settled.
    pub fn takes(self, one: &Item) -> bool {
        self.state.is_none_or(|state| one.state == state) && self.kind.is_none_or(|kind| one.kind == kind)
    }
}

table! {
    select!("item" as i) of Item;
    once { id, file, kind, created_at }
    then { state, place, holder, record, of_file, updated_at }
}

/// Keeps what was accepted for the first time.
///
/// # Errors
/// `CONFLICT_RETRY` when somebody was faster.
pub async fn insert(tx: &mut Tx, org: &str, one: &Item) -> Result<()> {
    require_rows(u64::from(db::insert(tx, org, one).await?), 1)
}

/// Writes a move, against the version that was read, and raises that.
///
/// # Errors
/// `CONFLICT_RETRY` when somebody was faster.
pub async fn update(tx: &mut Tx, org: &str, one: &mut Item) -> Result<()> {
    db::update(tx, org, one).await
}

/// The item `id` of `file`.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn lookup(tx: &mut Tx, org: &str, file: Uuid, id: Uuid) -> Result<Option<Item>> {
    sql!(tx, fetch_optional as Item, select!(" AND i.id = $2 AND i.file = $3"), org, id, file)
}

/// A page of the items of `file`, with one more than the page holds; of its paper alone, unless its documents may be told of.
///
/// # Errors
/// `PAGE_TOKEN_INVALID`, `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn list(
    tx: &mut Tx,
    org: &str,
    (file, documents): (Uuid, bool),
    filter: Filter,
    page: &Page,
) -> Result<Vec<Item>> {
    let (kind, state) = (filter.kind.map(Kind::as_str), filter.state.map(State::as_str));
    let text = sql_given!(
        select!(" AND i.file = $2 AND i.id > $3");
        !documents => " AND i.id = i.file",
        kind => " AND i.kind = $4", state => " AND i.state = $5", filter.place => " AND i.place = $6";
        " ORDER BY i.id LIMIT $7"
    );
    sql!(tx, fetch_all as Item, text, org, file, page.after_uuid()?, kind, state, filter.place, page.size + 1)
}

/// Up to `limit` items behind `after`, of whatever file; in which state they are is not asked, so that a statement looks at no more.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn behind(tx: &mut Tx, org: &str, filter: Filter, after: Uuid, limit: i64) -> Result<Vec<Item>> {
    // One index is walked; the caller judges the rest.
    let kind = filter.kind.filter(|_| filter.place.is_none()).map(Kind::as_str);
    let text = sql_given!(
        select!(" AND i.id > $2");
        kind => " AND i.kind = $3", filter.place => " AND i.place = $4";
        " ORDER BY i.id LIMIT $5"
    );
    sql!(tx, fetch_all as Item, text, org, after, kind, filter.place, limit)
}

/// These items, by id.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn each(tx: &mut Tx, org: &str, wanted: &BTreeSet<Uuid>) -> Result<BTreeMap<Uuid, Item>> {
    if wanted.is_empty() {
        return Ok(BTreeMap::new());
    }
    let tail = concat!(") SELECT ", select!(names), " FROM asked q JOIN item i ON i.org = q.org AND i.id = q.wanted");
    let head = "WITH asked (org, wanted) AS (";
    let rows = sql_rows!(tx, fetch_all as Item, head, wanted, id => [org, *id], tail)?;
    Ok(rows.into_iter().map(|one| (one.id, one)).collect())
}

/// The items that lie in these places; who asks knows how many there are.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn lying(tx: &mut Tx, org: &str, places: &BTreeSet<Uuid>) -> Result<Vec<Item>> {
    if places.is_empty() {
        return Ok(Vec::new());
    }
    let tail =
        concat!(") SELECT ", select!(names), " FROM asked q JOIN item i ON i.org = q.org AND i.place = q.wanted");
    let head = "WITH asked (org, wanted) AS (";
    sql_rows!(tx, fetch_all as Item, head, places, place => [org, *place], tail)
}

/// How many items of `file` are in the archive and in no place.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn astray(tx: &mut Tx, org: &str, file: Uuid) -> Result<i64> {
    let text = "SELECT COUNT(*) FROM item WHERE org = $1 AND file = $2 AND state = 'kept' AND place IS NULL";
    Ok(sql!(tx, fetch_one as (i64,), text, org, file)?.0)
}

/// A page of all items, for the verifier.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn rows(tx: &mut Tx, org: &str, after: Option<&Place>) -> Result<Vec<Row>> {
    rows_by_id!(tx, org, after, concat!("SELECT ", select!(names), " FROM item"), "id", Item, one => row(&one))
}

fn row(one: &Item) -> Row {
    Row::of(one.id)
        .with("file", one.file)
        .with("kind", one.kind.as_str())
        .with("state", one.state.as_str())
        .with("place", one.place)
        .with("holder", one.holder)
        .with("record", one.record)
        .with("of_file", one.of_file)
        .with("version", one.version)
        .with("created_at", micros(one.created_at))
        .with("updated_at", micros(one.updated_at))
}
