//! Table `letter`, with what the shared table `delegation` says of the same letters.

use dossier_authority::store::delegation::Delegation as Shared;
use dossier_kernel::db::{Tx, require_rows};
use dossier_kernel::error::Result;
use dossier_kernel::page::Page;
use dossier_kernel::{sql, sql_given};
use uuid::Uuid;

use super::directory_snapshot::terms;
use crate::domain::delegation::{Delegation, State};

/// Which letters a list asks for; `None` asks for any.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// Of this delegator.
    pub delegator: Option<Uuid>,
    /// For this delegate.
    pub delegate: Option<Uuid>,
    /// On either side of which this person stands.
    pub party: Option<Uuid>,
    /// In this state now.
    pub state: Option<State>,
    /// When now is, microseconds.
    pub now: i64,
}

#[derive(sqlx::FromRow)]
struct Row {
    #[sqlx(flatten)]
    shared: Shared,
    max_level: String,
    reference: String,
    creator: Uuid,
    created_at: i64,
    revoker: Option<Uuid>,
    version: i64,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT d.id, d.delegator, d.delegate, d.post, d.matters, d.max_rank, d.valid_from, d.valid_until,
                    d.revoked_at, l.max_level, l.reference, l.creator, l.created_at, l.revoker, l.version
             FROM letter l JOIN delegation d ON d.org = l.org AND d.id = l.id WHERE l.org = $1",
            $rest
        )
    };
}

// === impl Row ===

impl From<Row> for Delegation {
    fn from(row: Row) -> Self {
        Self {
            terms: terms(row.shared),
            max_level: row.max_level,
            reference: row.reference,
            creator: row.creator,
            created_at: row.created_at,
            revoker: row.revoker,
            version: row.version,
        }
    }
}

/// Writes what access alone knows of a new letter.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn insert(tx: &mut Tx, org: &str, one: &Delegation) -> Result<()> {
    let text =
        "INSERT INTO letter (org, id, max_level, reference, creator, created_at) VALUES ($1, $2, $3, $4, $5, $6)";
    sql!(tx, execute, text, org, one.terms.id, &one.max_level, &one.reference, one.creator, one.created_at)?;
    Ok(())
}

/// The letter `id`.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn lookup(tx: &mut Tx, org: &str, id: Uuid) -> Result<Option<Delegation>> {
    Ok(sql!(tx, fetch_optional as Row, select!(" AND l.id = $2"), org, id)?.map(Into::into))
}

/// Writes who revoked a letter, against the version that was read.
///
/// # Errors
/// `CONFLICT_RETRY` when somebody was faster.
pub async fn revoke(tx: &mut Tx, org: &str, one: &Delegation) -> Result<()> {
    let text = "UPDATE letter SET revoker = $4, version = version + 1
                WHERE org = $1 AND id = $2 AND version = $3 AND revoker IS NULL";
    require_rows(sql!(tx, execute, text, org, one.terms.id, one.version, one.revoker)?, 1)
}

/// A page of letters, newest first, with one more than the page holds.
///
/// # Errors
/// `PAGE_TOKEN_INVALID`, `STORE_UNAVAILABLE`.
pub async fn list(tx: &mut Tx, org: &str, filter: &Filter, page: &Page) -> Result<Vec<Delegation>> {
    let text = sql_given!(
        select!(" AND l.id < $2");
        filter.delegator => " AND d.delegator = $3",
        filter.delegate => " AND d.delegate = $4",
        filter.party => " AND (d.delegator = $5 OR d.delegate = $5)",
        filter.state => " AND CASE WHEN d.revoked_at IS NOT NULL THEN 'revoked' WHEN d.valid_until <= $7 THEN 'expired'
                              WHEN d.valid_from > $7 THEN 'scheduled' ELSE 'active' END = $6";
        " ORDER BY l.id DESC LIMIT $8"
    );
    let before = page.before_uuid()?;
    let (delegator, delegate, party) = (filter.delegator, filter.delegate, filter.party);
    let (state, now, limit) = (filter.state.map(State::as_str), filter.now, page.size + 1);
    let rows = sql!(tx, fetch_all as Row, text, org, before, delegator, delegate, party, state, now, limit)?;
    Ok(rows.into_iter().map(Into::into).collect())
}
