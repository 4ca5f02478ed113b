//! Table `access_request`.

use dossier_authority::Scope;
use dossier_authority::with_reached;
use dossier_kernel::db::{Tx, require_rows};
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::page::Page;
use dossier_kernel::time::latest;
use dossier_kernel::{sql, sql_given};
use sqlx::types::Json;
use uuid::Uuid;

use crate::domain::access_request::{AccessKind, AccessRequest, State};

/// Which requests a list asks for; `None` asks for any.
#[derive(Clone, Debug)]
pub struct Filter<'a> {
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
    pub state: Option<&'a str>,
    /// Created at this time or later, microseconds.
    pub from: i64,
    /// Created before this time, microseconds.
    pub until: i64,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    file: Uuid,
    requester: Uuid,
    #[sqlx(rename = "medium")]
    kind: i64,
    purpose: String,
    reason: String,
    #[sqlx(rename = "fields")]
    scope: Json<Scope>,
    duration: Option<i64>,
    reading_place: String,
    level: String,
    matter: String,
    state: String,
    approval: Option<Uuid>,
    grant_id: Option<Uuid>,
    created_at: i64,
    decided_at: Option<i64>,
    version: i64,
    updated_at: Option<i64>,
}

macro_rules! select {
    ($rest:expr) => {
        concat!(
            "SELECT f.id, f.file, f.requester, f.medium, f.purpose, f.reason, f.fields, f.duration, f.reading_place,
                    f.level, f.matter, f.state, f.approval, f.grant_id, f.created_at, f.decided_at, f.version,
                    f.updated_at
             FROM access_request f WHERE f.org = $1",
            $rest
        )
    };
}

// === impl Row ===

impl TryFrom<Row> for AccessRequest {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let broken = || Error::new(Reason::StoreInconsistent).with("table", "access_request").with("column", "medium");
        Ok(Self {
            id: row.id,
            file: row.file,
            requester: row.requester,
            kind: AccessKind::of(row.kind).ok_or_else(broken)?,
            purpose: row.purpose,
            justification: row.reason,
            scope: row.scope.0,
            duration: row.duration,
            reading_place: row.reading_place,
            level: row.level,
            matter: row.matter,
            state: State::parse(&row.state)?,
            approval: row.approval,
            grant: row.grant_id,
            created_at: row.created_at,
            decided_at: row.decided_at,
            version: row.version,
            updated_at: latest(row.created_at, [row.updated_at, row.decided_at]),
        })
    }
}

/// Writes a new request; gives false when the requester has an open one for the same file and kind of use.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn insert(tx: &mut Tx, org: &str, one: &AccessRequest) -> Result<bool> {
    let text = "INSERT INTO access_request
                    (org, id, file, requester, medium, purpose, reason, fields, duration, reading_place, level, matter,
                     state, approval, grant_id, created_at, decided_at, updated_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $16)
                ON CONFLICT DO NOTHING";
    let (kind, scope, state) = (one.kind.number(), Json(&one.scope), one.state.as_str());
    let (purpose, reason, place) = (&one.purpose, &one.justification, &one.reading_place);
    let rows = sql!(
        tx,
        execute,
        text,
        org,
        one.id,
        one.file,
        one.requester,
        kind,
        purpose,
        reason,
        scope,
        one.duration,
        place,
        &one.level,
        &one.matter,
        state,
        one.approval,
        one.grant,
        one.created_at,
        one.decided_at
    )?;
    Ok(rows == 1)
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
    let text = "UPDATE access_request SET state = $4, grant_id = $5, decided_at = $6, updated_at = $7,
                    version = version + 1
                WHERE org = $1 AND id = $2 AND version = $3 AND decided_at IS NULL";
    let state = one.state.as_str();
    let rows = sql!(tx, execute, text, org, one.id, one.version, state, one.grant, one.decided_at, now)?;
    require_rows(rows, 1)?;
    one.version += 1;
    one.updated_at = now;
    Ok(())
}

/// The request `id`, whoever asks.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn lookup(tx: &mut Tx, org: &str, id: Uuid) -> Result<Option<AccessRequest>> {
    sql!(tx, fetch_optional as Row, select!(" AND f.id = $2"), org, id)?.map(TryInto::try_into).transpose()
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
    sql!(tx, fetch_all as Row, text, org, file)?.into_iter().map(TryInto::try_into).collect()
}

/// A page of requests, newest first, with one more than the page holds.
///
/// # Errors
/// `PAGE_TOKEN_INVALID`, `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn list(tx: &mut Tx, org: &str, filter: &Filter<'_>, page: &Page) -> Result<Vec<AccessRequest>> {
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
    let (reader, now, before) = (filter.reader, filter.now, super::before(page)?);
    let (file, requester, state, all) = (filter.file, filter.requester, filter.state, filter.all);
    let (from, until, limit) = (filter.from, filter.until, page.size + 1);
    let rows =
        sql!(tx, fetch_all as Row, text, org, reader, now, before, from, until, file, requester, state, all, limit)?;
    rows.into_iter().map(TryInto::try_into).collect()
}
