//! Table `access_grant`, with what `grant_copy` says of the same grants: the shared half is written by events only.

mod check;

use std::collections::{BTreeMap, BTreeSet};

use dossier_authority::Scope;
use dossier_authority::with_reached;
use dossier_kernel::db::{Tx, require_rows};
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::page::Page;
use dossier_kernel::time::latest;
use dossier_kernel::{sql, sql_given, sql_rows, stamp};
use sqlx::types::Json;
use uuid::Uuid;

pub use check::{Standing, put_template, standings, templates};

use crate::domain::access_request::AccessKind;
use crate::domain::grant::{Grant, State};

/// Which grants a list asks for; `None` asks for any.
#[derive(Clone, Debug)]
pub struct Filter {
    /// Who asks for the list.
    pub reader: Uuid,
    /// Whether the reader sees others' grants, as far as its clearance reaches.
    pub all: bool,
    /// When now is, microseconds.
    pub now: i64,
    /// For this file.
    pub file: Option<Uuid>,
    /// Of this person.
    pub holder: Option<Uuid>,
    /// In this state now.
    pub state: Option<State>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    file: Uuid,
    holder: Uuid,
    access_request: Uuid,
    approval: Option<Uuid>,
    #[sqlx(rename = "medium")]
    kind: i64,
    purpose: String,
    #[sqlx(rename = "fields")]
    scope: Json<Scope>,
    reading_place: String,
    level: String,
    valid_from: i64,
    valid_until: i64,
    read_until: i64,
    loan_term: Option<i64>,
    reads: i64,
    hand_outs: i64,
    revoker: Option<Uuid>,
    revoked_at: Option<i64>,
    completed_at: Option<i64>,
    created_at: i64,
    version: i64,
    updated_at: Option<i64>,
}

/// Grants by org, file and holder.
pub type Held = BTreeMap<(String, Uuid, Uuid), Vec<Grant>>;

#[derive(sqlx::FromRow)]
struct OrgRow {
    org: String,
    #[sqlx(flatten)]
    grant: Row,
}

macro_rules! columns {
    () => {
        "SELECT f.id, c.file, c.holder, f.access_request, f.approval, c.medium, c.purpose, c.fields, f.reading_place,
                f.level, c.valid_from, f.valid_until, c.valid_until AS read_until, f.loan_term, c.uses AS reads,
                f.hand_outs, f.revoker, c.revoked_at, c.completed_at, f.created_at, f.version,
                f.updated_at "
    };
}

macro_rules! select {
    ($rest:expr) => {
        concat!(
            columns!(),
            "FROM access_grant f JOIN grant_copy c ON c.org = f.org AND c.id = f.id
             WHERE f.org = $1",
            $rest
        )
    };
}

// The same words as `Grant::state`; `$3` is now.
macro_rules! state {
    () => {
        "CASE WHEN c.revoked_at IS NOT NULL THEN 'revoked' WHEN c.completed_at IS NOT NULL THEN 'completed'
              WHEN f.hand_outs > 0 OR f.valid_until > $3 THEN 'active' ELSE 'expired' END"
    };
}

// === impl Row ===

impl TryFrom<Row> for Grant {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let broken = || Error::new(Reason::StoreInconsistent).with("table", "grant_copy").with("column", "medium");
        Ok(Self {
            id: row.id,
            file: row.file,
            holder: row.holder,
            access_request: row.access_request,
            approval: row.approval,
            kind: AccessKind::of(row.kind).ok_or_else(broken)?,
            purpose: row.purpose,
            scope: row.scope.0,
            reading_place: row.reading_place,
            level: row.level,
            valid_from: row.valid_from,
            valid_until: row.valid_until,
            read_until: row.read_until,
            loan_term: row.loan_term,
            reads: row.reads,
            hand_outs: row.hand_outs,
            revoker: row.revoker,
            revoked_at: row.revoked_at,
            completed_at: row.completed_at,
            created_at: row.created_at,
            version: row.version,
            updated_at: latest(row.created_at, [row.updated_at, row.revoked_at, row.completed_at]),
        })
    }
}

/// Writes what access alone knows of a new grant.
///
/// # Errors
/// `ALREADY_EXISTS` when the request has led to one, `STORE_UNAVAILABLE`.
pub async fn insert(tx: &mut Tx, org: &str, one: &Grant) -> Result<()> {
    let text = "INSERT INTO access_grant
                    (org, id, access_request, approval, reading_place, level, valid_until, loan_term, created_at,
                     updated_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)";
    let (request, approval, place, level) = (one.access_request, one.approval, &one.reading_place, &one.level);
    sql!(
        tx,
        execute,
        text,
        org,
        one.id,
        request,
        approval,
        place,
        level,
        one.valid_until,
        one.loan_term,
        one.created_at
    )?;
    stamp::touch(tx, org, one.file).await
}

/// Writes what access alone knows of a change made at `now`, against the version that was read, and raises that. Whoever ends or uses a
/// grant passes here, so no two of them cross.
///
/// # Errors
/// `CONFLICT_RETRY` when somebody was faster.
pub async fn update(tx: &mut Tx, org: &str, one: &mut Grant, now: i64) -> Result<()> {
    let text = "UPDATE access_grant SET hand_outs = $4, revoker = $5, updated_at = $6, version = version + 1
                WHERE org = $1 AND id = $2 AND version = $3";
    require_rows(sql!(tx, execute, text, org, one.id, one.version, one.hand_outs, one.revoker, now)?, 1)?;
    one.version += 1;
    one.updated_at = now;
    stamp::touch(tx, org, one.file).await
}

/// The grant `id`, whoever asks.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn lookup(tx: &mut Tx, org: &str, id: Uuid) -> Result<Option<Grant>> {
    sql!(tx, fetch_optional as Row, select!(" AND f.id = $2"), org, id)?.map(TryInto::try_into).transpose()
}

/// Whether the clearance of `reader` dominates the level that the grant was given at, and the level that the file has now.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn cleared(tx: &mut Tx, org: &str, reader: Uuid, now: i64, id: Uuid) -> Result<bool> {
    let text = concat!(
        "SELECT f.id FROM access_grant f JOIN grant_copy c ON c.org = f.org AND c.id = f.id
         WHERE f.org = $1 AND f.id = $4 AND ",
        dossier_authority::cleared!(),
        " AND ",
        dossier_authority::cleared_file!("c.file")
    );
    Ok(sql!(tx, fetch_optional as (Uuid,), text, org, reader, now, id)?.is_some())
}

/// Every grant on a file that has not ended, oldest first.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn unended_of_file(tx: &mut Tx, org: &str, file: Uuid) -> Result<Vec<Grant>> {
    // COALESCE of one value is that value, and no index is chosen by it: in the order of ids all grants would be walked.
    let text =
        select!(" AND c.file = $2 AND c.revoked_at IS NULL AND c.completed_at IS NULL ORDER BY COALESCE(f.id, f.id)");
    sql!(tx, fetch_all as Row, text, org, file)?.into_iter().map(TryInto::try_into).collect()
}

/// Every grant of each org, file and holder, ended ones included, newest first.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn of_holders(tx: &mut Tx, asked: &BTreeSet<(&str, Uuid, Uuid)>) -> Result<Held> {
    let mut held = Held::new();
    if asked.is_empty() {
        return Ok(held);
    }
    let tail = concat!(
        ") ",
        columns!(),
        ", f.org FROM asked q
         JOIN grant_copy c ON c.org = q.org AND c.file = q.file AND c.holder = q.holder
         JOIN access_grant f ON f.org = c.org AND f.id = c.id ORDER BY f.id DESC"
    );
    let head = "WITH asked (org, file, holder) AS (";
    let rows = sql_rows!(tx, fetch_all as OrgRow, head, asked, (org, file, holder) => [*org, file, holder], tail)?;
    for row in rows {
        let grant = Grant::try_from(row.grant)?;
        held.entry((row.org, grant.file, grant.holder)).or_default().push(grant);
    }
    Ok(held)
}

/// Up to `limit` active grants whose holder is no longer cleared for their level, is switched off or holds no post.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn forfeited(tx: &mut Tx, org: &str, now: i64, limit: i64) -> Result<Vec<Grant>> {
    let text = select!(
        " AND c.revoked_at IS NULL AND c.completed_at IS NULL AND (f.hand_outs > 0 OR f.valid_until > $2)
          AND NOT EXISTS (
              SELECT 1 FROM level_rule l, principal w, appointment a, post_rule p
              WHERE l.org = f.org AND l.level = f.level AND NOT l.closed
                AND w.org = f.org AND w.person = c.holder AND w.active
                AND a.org = f.org AND a.person = c.holder AND a.valid_from <= $2 AND a.valid_until > $2
                AND p.org = f.org AND p.post = a.post AND p.clearance >= l.rank)
          ORDER BY f.id LIMIT $3"
    );
    sql!(tx, fetch_all as Row, text, org, now, limit)?.into_iter().map(TryInto::try_into).collect()
}

/// A page of grants, newest first, with one more than the page holds.
///
/// # Errors
/// `PAGE_TOKEN_INVALID`, `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn list(tx: &mut Tx, org: &str, filter: &Filter, page: &Page) -> Result<Vec<Grant>> {
    let (reader, now, before) = (filter.reader, filter.now, page.before_uuid()?);
    let (file, holder, state) = (filter.file, filter.holder, filter.state.map(State::as_str));
    let text = sql_given!(
        concat!(
            with_reached!(),
            select!(concat!(
                " AND f.id < $4 AND (c.holder = $2 OR ($8 AND ",
                dossier_authority::cleared!(reached),
                " AND ",
                dossier_authority::cleared_file!(reached, "c.file"),
                "))"
            ))
        );
        file => " AND c.file = $5",
        holder => " AND c.holder = $6",
        state => concat!(" AND ", state!(), " = $7");
        " ORDER BY f.id DESC LIMIT $9"
    );
    let (all, limit) = (filter.all, page.size + 1);
    let rows = sql!(tx, fetch_all as Row, text, org, reader, now, before, file, holder, state, all, limit)?;
    rows.into_iter().map(TryInto::try_into).collect()
}
