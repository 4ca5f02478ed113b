//! Table `access_request`.

use dossier_authority::with_reached;
use dossier_kernel::db::{self, AsJson, Keeps, Moments, Read, Tx, Value, View, broken};
use dossier_kernel::error::Result;
use dossier_kernel::page::Page;
use dossier_kernel::{sql, sql_given, table};
use uuid::Uuid;

use crate::domain::access_request::{AccessKind, AccessRequest, State};

/// Which requests a list asks for; `None` asks for any.
#[derive(Clone, Debug)]
pub struct Filter {
    /// Who asks for the list.
    pub reader: Uuid,
    /// Whether the reader sees others' requests, as far as its clearance reaches.
    pub all: bool,
    /// When now is, microseconds.
    pub now: i64,
    /// For this file.
    pub file: Option<Uuid>,
    /// Of this person.
    pub requester: Option<Uuid>,
    /// In this state.
    pub state: Option<State>,
    /// Created at this time or later, microseconds.
    pub from: i64,
    /// Created before this time, microseconds.
    pub until: i64,
}

table! {
    select!("access_request" as f) of AccessRequest;
    once {
        id, file, requester, kind = medium as Medium, purpose, justification = reason, scope = fields as AsJson, duration,
        reading_place, level, matter, approval, created_at,
    }
    then while "decided_at IS NULL" { state, grant = grant_id, decided_at, updated_at as Changed }
}

/// The kind of use, by its number.
struct Medium;

/// When it last changed, which an earlier version did not keep.
struct Changed;

// === impl Medium ===

impl Keeps<AccessKind> for Medium {
    fn write(value: &AccessKind, into: &mut Vec<Value>) {
        into.push(value.number().into());
    }

    fn read(row: View<'_>, columns: &[&'static str]) -> Read<AccessKind> {
        AccessKind::of(row.get(columns[0])?).ok_or_else(|| broken(columns[0]))
    }
}

// === impl Changed ===

impl Moments for Changed {
    const BEGUN: &'static str = "created_at";
    const SINCE: &'static [&'static str] = &["decided_at"];
}

/// Writes a new request; gives false when the requester has an open one for the same file and kind of use.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn insert(tx: &mut Tx, org: &str, one: &AccessRequest) -> Result<bool> {
    db::insert(tx, org, one).await
}

/// Whether `requester` has an open request for this file and kind of use.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn open(tx: &mut Tx, org: &str, file: Uuid, requester: Uuid, kind: AccessKind) -> Result<Option<Uuid>> {
    let text = "SELECT id FROM access_request
                WHERE org = $1 AND file = $2 AND requester = $3 AND medium = $4 AND state IN ('pending', 'returned')";
    Ok(sql!(tx, fetch_optional as (Uuid,), text, org, file, requester, kind.number())?.map(|(id,)| id))
}

/// Writes where a request stands at `now`, against the version that was read, and raises that.
///
/// # Errors
/// `CONFLICT_RETRY` when somebody was faster.
pub async fn update(tx: &mut Tx, org: &str, one: &mut AccessRequest, now: i64) -> Result<()> {
    one.updated_at = now;
    db::update(tx, org, one).await
}

/// The request `id`, whoever asks.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn lookup(tx: &mut Tx, org: &str, id: Uuid) -> Result<Option<AccessRequest>> {
    sql!(tx, fetch_optional as AccessRequest, select!(" AND f.id = $2"), org, id)
}

/// Whether the clearance of `reader` dominates the level that the request was asked at, and the level that the file has now.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn cleared(tx: &mut Tx, org: &str, reader: Uuid, now: i64, id: Uuid) -> Result<bool> {
    let text = concat!(
        "SELECT f.id FROM access_request f WHERE f.org = $1 AND f.id = $4 AND ",
        dossier_authority::cleared!(),
        " AND ",
        dossier_authority::cleared_file!("f.file")
    );
    Ok(sql!(tx, fetch_optional as (Uuid,), text, org, reader, now, id)?.is_some())
}

/// The open requests for a file, oldest first.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn open_of_file(tx: &mut Tx, org: &str, file: Uuid) -> Result<Vec<AccessRequest>> {
    let text = select!(" AND f.file = $2 AND f.state IN ('pending', 'returned') ORDER BY f.id");
    sql!(tx, fetch_all as AccessRequest, text, org, file)
}

/// A page of requests, newest first, with one more than the page holds.
///
/// # Errors
/// `PAGE_TOKEN_INVALID`, `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn list(tx: &mut Tx, org: &str, filter: &Filter, page: &Page) -> Result<Vec<AccessRequest>> {
    let text = sql_given!(
        concat!(
            with_reached!(),
            select!(concat!(
                " AND f.id < $4 AND f.created_at >= $5 AND f.created_at < $6 AND (f.requester = $2 OR ($10 AND ",
                dossier_authority::cleared!(reached),
                " AND ",
                dossier_authority::cleared_file!(reached, "f.file"),
                "))"
            ))
        );
        filter.file => " AND f.file = $7",
        filter.requester => " AND f.requester = $8",
        filter.state => " AND f.state = $9";
        " ORDER BY f.id DESC LIMIT $11"
    );
    let (reader, now, before) = (filter.reader, filter.now, page.before_uuid()?);
    let (file, requester, state, all) = (filter.file, filter.requester, filter.state.map(State::as_str), filter.all);
    let (from, until, limit) = (filter.from, filter.until, page.size + 1);
    sql!(
        tx,
        fetch_all as AccessRequest,
        text,
        org,
        reader,
        now,
        before,
        from,
        until,
        file,
        requester,
        state,
        all,
        limit
    )
}
