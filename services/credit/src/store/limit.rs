//! Table `credit_limit`.

use dossier_authority::{visible, with_reached};
use dossier_kernel::db::{Tx, require_rows};
use dossier_kernel::error::{Error, Result};
use dossier_kernel::states::State as _;
use dossier_kernel::time::{from_micros, latest, micros};
use dossier_kernel::{sql, sql_given};
use jiff::Timestamp;
use sqlx::types::Json;
use uuid::Uuid;

use super::{digest, instant};
use crate::domain::limit::{Content, Earlier, Limit, LimitState};
use crate::domain::money::Money;

/// Which limits a list asks for; nothing asks for any.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of this customer.
    pub customer: Option<Uuid>,
    /// In this state now.
    pub state: Option<LimitState>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    customer: Uuid,
    amount_minor: i64,
    currency: String,
    terms: String,
    valid_from: Option<i64>,
    valid_until: i64,
    rating: Uuid,
    reason: String,
    digest: Vec<u8>,
    state: String,
    approval: Option<Uuid>,
    proposer: Uuid,
    supersedes: Option<Uuid>,
    round: i64,
    created_at: i64,
    submitted_at: Option<i64>,
    decided_at: Option<i64>,
    version: i64,
    updated_at: Option<i64>,
}

macro_rules! columns {
    () => {
        "SELECT c.id, c.customer, c.amount_minor, c.currency, c.terms, c.valid_from, c.valid_until, c.rating, c.reason,
                c.digest, c.state, c.approval, c.proposer, c.supersedes, c.round, c.created_at,
                c.submitted_at, c.decided_at, c.version, c.updated_at
         FROM credit_limit c "
    };
}

macro_rules! seen {
    () => {
        seen!("", visible!())
    };
    ($before:expr, $visible:expr) => {
        concat!(
            $before,
            columns!(),
            "JOIN file_copy f ON f.org = c.org AND f.id = c.customer WHERE c.org = $1 AND ",
            $visible
        )
    };
}

impl TryFrom<Row> for Limit {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id,
            customer: row.customer,
            content: Content {
                amount: Money { minor: row.amount_minor, currency: row.currency },
                terms: row.terms,
                valid_from: instant(row.valid_from),
                valid_until: from_micros(row.valid_until),
                rating: row.rating,
                justification: row.reason,
            },
            digest: digest("credit_limit", &row.digest)?,
            state: LimitState::parse(&row.state)?,
            approval: row.approval,
            proposer: row.proposer,
            supersedes: row.supersedes,
            round: row.round,
            created_at: from_micros(row.created_at),
            submitted_at: instant(row.submitted_at),
            decided_at: instant(row.decided_at),
            version: row.version,
            updated_at: from_micros(latest(row.created_at, [row.updated_at, row.submitted_at, row.decided_at])),
        })
    }
}

/// Writes a new draft.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn insert(tx: &mut Tx, org: &str, limit: &Limit) -> Result<()> {
    let text = "INSERT INTO credit_limit (org, id, customer, amount_minor, currency, terms, valid_from, valid_until,
                    rating, reason, digest, state, proposer, created_at, updated_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14)";
    let one = &limit.content;
    let (from, until) = (one.valid_from.map(micros), micros(one.valid_until));
    let (minor, currency, terms, reason) = (one.amount.minor, &one.amount.currency, &one.terms, &one.justification);
    let (digest, state, at) = (limit.digest.to_vec(), limit.state.as_str(), micros(limit.created_at));
    let rows = sql!(
        tx,
        execute,
        text,
        org,
        limit.id,
        limit.customer,
        minor,
        currency,
        terms,
        from,
        until,
        one.rating,
        reason,
        digest,
        state,
        limit.proposer,
        at,
    )?;
    require_rows(rows, 1)
}

/// Writes everything of `limit` that can change, as it is at `now`, if nobody changed it meanwhile.
///
/// # Errors
/// `CONFLICT_RETRY`, `STORE_UNAVAILABLE`.
pub async fn update(tx: &mut Tx, org: &str, limit: &mut Limit, now: Timestamp) -> Result<()> {
    let text =
        "UPDATE credit_limit SET amount_minor = $4, currency = $5, terms = $6, valid_from = $7, valid_until = $8,
                    rating = $9, reason = $10, digest = $11, state = $12, approval = $13, supersedes = $14, round = $15,
                    submitted_at = $16, decided_at = $17, updated_at = $18, version = version + 1
                WHERE org = $1 AND id = $2 AND version = $3";
    let one = &limit.content;
    let (from, until) = (one.valid_from.map(micros), micros(one.valid_until));
    let (minor, currency, terms, reason) = (one.amount.minor, &one.amount.currency, &one.terms, &one.justification);
    let (digest, state) = (limit.digest.to_vec(), limit.state.as_str());
    let (submitted, decided) = (limit.submitted_at.map(micros), limit.decided_at.map(micros));
    let rows = sql!(
        tx,
        execute,
        text,
        org,
        limit.id,
        limit.version,
        minor,
        currency,
        terms,
        from,
        until,
        one.rating,
        reason,
        digest,
        state,
        limit.approval,
        limit.supersedes,
        limit.round,
        submitted,
        decided,
        micros(now),
    )?;
    require_rows(rows, 1)?;
    limit.version += 1;
    limit.updated_at = now;
    Ok(())
}

/// Keeps everybody else from changing `limit` until the transaction ends, and writes which approval it has. That is no change that
/// anybody sees: the version stays, and with it the etag.
///
/// # Errors
/// `CONFLICT_RETRY` when the limit changed, `STORE_UNAVAILABLE`.
pub async fn hold(tx: &mut Tx, org: &str, limit: &Limit) -> Result<()> {
    let text = "UPDATE credit_limit SET approval = $4, submission = NULL WHERE org = $1 AND id = $2 AND version = $3";
    require_rows(sql!(tx, execute, text, org, limit.id, limit.version, limit.approval)?, 1)
}

/// What a version before this noted of a submission of the limit `id`, if it is still there.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn earlier(tx: &mut Tx, org: &str, id: Uuid) -> Result<Option<Earlier>> {
    let text = "SELECT submission FROM credit_limit WHERE org = $1 AND id = $2 AND submission IS NOT NULL";
    Ok(sql!(tx, fetch_optional as (Json<Earlier>,), text, org, id)?.map(|(json,)| json.0))
}

/// Up to `most` limits of which [`earlier`] has something.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn with_earlier(tx: &mut Tx, org: &str, most: i64) -> Result<Vec<Uuid>> {
    let text = "SELECT id FROM credit_limit WHERE org = $1 AND submission IS NOT NULL LIMIT $2";
    Ok(sql!(tx, fetch_all as (Uuid,), text, org, most)?.into_iter().map(|(id,)| id).collect())
}

/// The limit `id`, whoever asks; only for the service's own work.
///
/// # Errors
/// `STORE_UNAVAILABLE`, `STORE_INCONSISTENT`.
pub async fn lookup(tx: &mut Tx, org: &str, id: Uuid) -> Result<Option<Limit>> {
    let text = concat!(columns!(), "WHERE c.org = $1 AND c.id = $2");
    sql!(tx, fetch_optional as Row, text, org, id)?.map(Limit::try_from).transpose()
}

/// The limit `id`, if `person` may see its customer at `now`.
///
/// # Errors
/// `STORE_UNAVAILABLE`, `STORE_INCONSISTENT`.
pub async fn visible(tx: &mut Tx, org: &str, person: Uuid, now: i64, id: Uuid) -> Result<Option<Limit>> {
    let text = concat!(seen!(), " AND c.id = $4");
    sql!(tx, fetch_optional as Row, text, org, person, now, id)?.map(Limit::try_from).transpose()
}

/// The limit of `customer` that stands as approved.
///
/// # Errors
/// `STORE_UNAVAILABLE`, `STORE_INCONSISTENT`.
pub async fn approved(tx: &mut Tx, org: &str, customer: Uuid) -> Result<Option<Limit>> {
    let text = concat!(columns!(), "WHERE c.org = $1 AND c.customer = $2 AND c.state = 'approved'");
    sql!(tx, fetch_optional as Row, text, org, customer)?.map(Limit::try_from).transpose()
}

/// Up to `most` limits that stand as approved although their validity is over at `now`.
///
/// # Errors
/// `STORE_UNAVAILABLE`, `STORE_INCONSISTENT`.
pub async fn over(tx: &mut Tx, org: &str, now: i64, most: i64) -> Result<Vec<Limit>> {
    let text = concat!(
        columns!(),
        "WHERE c.org = $1 AND c.state = 'approved' AND c.valid_until <= $2 ORDER BY c.valid_until LIMIT $3"
    );
    sql!(tx, fetch_all as Row, text, org, now, most)?.into_iter().map(Limit::try_from).collect()
}

/// Up to `most` limits of customers that `person` may see, newest first, older than `before`.
///
/// # Errors
/// `STORE_UNAVAILABLE`, `STORE_INCONSISTENT`.
pub async fn list(
    tx: &mut Tx,
    org: &str,
    person: Uuid,
    now: i64,
    filter: &Filter,
    before: Uuid,
    most: i64,
) -> Result<Vec<Limit>> {
    let text = sql_given!(
        concat!(seen!(with_reached!(), visible!(reached)), " AND c.id < $4");
        filter.customer => " AND c.customer = $5",
        filter.state => " AND CASE WHEN c.state = 'approved' AND c.valid_until <= $3 THEN 'expired' ELSE c.state END = $6";
        " ORDER BY c.id DESC LIMIT $7"
    );
    let state = filter.state.map(LimitState::as_str);
    let rows = sql!(tx, fetch_all as Row, text, org, person, now, before, filter.customer, state, most)?;
    rows.into_iter().map(Limit::try_from).collect()
}
