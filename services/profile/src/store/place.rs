//! Table `place`. A place is no customer's: who may read places at all, sees every one.

use std::collections::{BTreeMap, BTreeSet};

use dossier_authority::visible;
use dossier_journal::rows_by_id;
use dossier_journal::verify::Value as Told;
use dossier_journal::verify::state::{Place as Behind, Row};
use dossier_kernel::db::{self, AsJson, Tx};
use dossier_kernel::error::Result;
use dossier_kernel::page::Page;
use dossier_kernel::time::micros;
use dossier_kernel::{sql, sql_given, sql_rows, table};
use uuid::Uuid;

use super::customer_file::Viewer;
use crate::domain::place::Place;

/// Which places a list asks for; `None` asks for any.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter<'a> {
    /// Of this kind.
    pub kind: Option<&'a str>,
    /// In this place.
    pub parent: Option<Uuid>,
}

table! {
    select!("place" as p) of Place;
    once { id, kind, title, parent, labels as AsJson, capacity, creator, created_at }
    then { closed, updated_at }
}

/// Keeps a new place; false when another has its title.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn insert(tx: &mut Tx, org: &str, one: &Place) -> Result<bool> {
    db::insert(tx, org, one).await
}

/// Writes a change, against the version that was read, and raises that.
///
/// # Errors
/// `CONFLICT_RETRY` when somebody was faster.
pub async fn update(tx: &mut Tx, org: &str, one: &mut Place) -> Result<()> {
    db::update(tx, org, one).await
}

/// The place `id`.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn lookup(tx: &mut Tx, org: &str, id: Uuid) -> Result<Option<Place>> {
    sql!(tx, fetch_optional as Place, select!(" AND p.id = $2"), org, id)
}

/// A page of places, the first first, with one more than the page holds.
///
/// # Errors
/// `PAGE_TOKEN_INVALID`, `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn list(tx: &mut Tx, org: &str, filter: Filter<'_>, page: &Page) -> Result<Vec<Place>> {
    let text = sql_given!(
        select!(" AND p.id > $2");
        filter.kind => " AND p.kind = $3", filter.parent => " AND p.parent = $4";
        " ORDER BY p.id LIMIT $5"
    );
    sql!(tx, fetch_all as Place, text, org, page.after_uuid()?, filter.kind, filter.parent, page.size + 1)
}

/// These places.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn each(tx: &mut Tx, org: &str, wanted: &BTreeSet<Uuid>) -> Result<BTreeMap<Uuid, Place>> {
    if wanted.is_empty() {
        return Ok(BTreeMap::new());
    }
    let tail = concat!(") SELECT ", select!(names), " FROM asked q JOIN place p ON p.org = q.org AND p.id = q.wanted");
    let head = "WITH asked (org, wanted) AS (";
    let rows = sql_rows!(tx, fetch_all as Place, head, wanted, id => [org, *id], tail)?;
    Ok(rows.into_iter().map(|one| (one.id, one)).collect())
}

/// A place and those that stand in it, at every depth.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn below(tx: &mut Tx, org: &str, id: Uuid) -> Result<BTreeSet<Uuid>> {
    let (head, tail) = (
        "WITH asked (org, above) AS (",
        ") SELECT p.id FROM asked q JOIN place p ON p.org = q.org AND p.parent = q.above",
    );
    let (mut all, mut next) = (BTreeSet::from([id]), BTreeSet::from([id]));
    while !next.is_empty() {
        let rows = sql_rows!(tx, fetch_all as (Uuid,), head, &next, above => [org, *above], tail)?;
        next = rows.into_iter().map(|(id,)| id).filter(|id| all.insert(*id)).collect();
    }
    Ok(all)
}

/// Makes room for one more; false when the place is full or closed.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn enter(tx: &mut Tx, org: &str, id: Uuid) -> Result<bool> {
    let text = "UPDATE place SET taken = taken + 1
                WHERE org = $1 AND id = $2 AND NOT closed AND (capacity IS NULL OR taken < capacity)";
    Ok(sql!(tx, execute, text, org, id)? == 1)
}

/// Gives back the room of one.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn leave(tx: &mut Tx, org: &str, id: Uuid) -> Result<()> {
    sql!(tx, execute, "UPDATE place SET taken = taken - 1 WHERE org = $1 AND id = $2", org, id)?;
    Ok(())
}

/// How many items are in each of these places.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn taken(tx: &mut Tx, org: &str, wanted: &BTreeSet<Uuid>) -> Result<BTreeMap<Uuid, i64>> {
    if wanted.is_empty() {
        return Ok(BTreeMap::new());
    }
    let (head, tail) = (
        "WITH asked (org, wanted) AS (",
        ") SELECT p.id, p.taken FROM asked q JOIN place p ON p.org = q.org AND p.id = q.wanted",
    );
    let rows = sql_rows!(tx, fetch_all as (Uuid, i64), head, wanted, id => [org, *id], tail)?;
    Ok(rows.into_iter().collect())
}

/// The lowest and the highest number of a file whose paper is in the place, of those that the viewer sees (P-09, I10).
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn range(tx: &mut Tx, viewer: Viewer<'_>, id: Uuid) -> Result<(Option<String>, Option<String>)> {
    let text = concat!(
        "SELECT MIN(f.number), MAX(f.number) FROM item i JOIN customer_file f ON f.org = i.org AND f.id = i.file
         WHERE i.org = $1 AND i.place = $4 AND i.id = i.file AND ",
        visible!()
    );
    let (org, person, now) = (viewer.org, viewer.person, viewer.now);
    sql!(tx, fetch_one as (Option<String>, Option<String>), text, org, person, now, id)
}

/// A page of all places, for the verifier.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn rows(tx: &mut Tx, org: &str, after: Option<&Behind>) -> Result<Vec<Row>> {
    rows_by_id!(tx, org, after, concat!("SELECT ", select!(names), " FROM place"), "id", Place, one => row(&one))
}

/// Up to `limit` places that say another count than there are items in them, for the verifier.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn miscounted(tx: &mut Tx, org: &str, limit: i64) -> Result<Vec<Uuid>> {
    let text = "SELECT p.id FROM place p WHERE p.org = $1
                AND p.taken <> (SELECT COUNT(*) FROM item i WHERE i.org = p.org AND i.place = p.id) ORDER BY p.id LIMIT $2";
    Ok(sql!(tx, fetch_all as (Uuid,), text, org, limit)?.into_iter().map(|(id,)| id).collect())
}

fn row(one: &Place) -> Row {
    let labels: Vec<_> = one.labels.iter().map(|(axis, label)| format!("{axis}={label}")).collect();
    Row::of(one.id)
        .with("kind", &one.kind)
        .with("title", &one.title)
        .with("parent", one.parent)
        .with("labels", Told::list(&labels))
        .with("capacity", one.capacity.unwrap_or_default())
        .with("closed", one.closed)
        .with("version", one.version)
        .with("creator", one.creator)
        .with("created_at", micros(one.created_at))
        .with("updated_at", micros(one.updated_at))
}
