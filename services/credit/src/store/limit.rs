//! Table `credit_limit`.

use dossier_authority::{visible, with_reached};
use dossier_kernel::db::{self, Keeps, Moments, Read, Stored, Tx, Value, View, require_rows};
use dossier_kernel::error::Result;
use dossier_kernel::{sql, sql_given, table};
use jiff::Timestamp;
use sqlx::types::Json;
use uuid::Uuid;

use super::Sum;
use crate::domain::limit::{Content, Earlier, Limit, LimitState};

/// Which limits a list asks for; nothing asks for any.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of this customer.
    pub customer: Option<Uuid>,
    /// In this state now.
    pub state: Option<LimitState>,
}

table! {
    select!("credit_limit" as c) of Limit;
    once { id, customer, proposer, created_at }
    then {
        content as Terms { amount_minor, currency, terms, valid_from, valid_until, rating, reason }, digest, state, approval,
        supersedes, round, submitted_at, decided_at, updated_at as Changed,
    }
}

macro_rules! seen {
    () => {
        seen!("", visible!())
    };
    ($before:expr, $visible:expr) => {
        select!($before, " JOIN file_copy f ON f.org = c.org AND f.id = c.customer", concat!(" AND ", $visible))
    };
}

/// What the limit says, in its columns.
struct Terms;

/// When it last changed, which an earlier version did not keep.
struct Changed;

// === impl Terms ===

impl Keeps<Content> for Terms {
    fn write(value: &Content, into: &mut Vec<Value>) {
        Sum::write(&value.amount, into);
        into.extend([value.terms.value(), value.valid_from.value(), value.valid_until.value(), value.rating.value()]);
        into.push(value.justification.value());
    }

    fn read(row: View<'_>, columns: &[&'static str]) -> Read<Content> {
        Ok(Content {
            amount: Sum::read(row, columns)?,
            terms: row.get(columns[2])?,
            valid_from: row.get(columns[3])?,
            valid_until: row.get(columns[4])?,
            rating: row.get(columns[5])?,
            justification: row.get(columns[6])?,
        })
    }
}

// === impl Changed ===

impl Moments for Changed {
    const BEGUN: &'static str = "created_at";
    const SINCE: &'static [&'static str] = &["submitted_at", "decided_at"];
}

/// Writes a new draft.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn insert(tx: &mut Tx, org: &str, limit: &Limit) -> Result<()> {
    require_rows(u64::from(db::insert(tx, org, limit).await?), 1)
}

/// Writes everything of `limit` that can change, as it is at `now`, if nobody changed it meanwhile.
///
/// # Errors
/// `CONFLICT_RETRY`, `STORE_UNAVAILABLE`.
pub async fn update(tx: &mut Tx, org: &str, limit: &mut Limit, now: Timestamp) -> Result<()> {
    limit.updated_at = now;
    db::update(tx, org, limit).await
}

/// Keeps everybody else from changing `limit` until the transaction ends, and writes which approval it has. That is no change that
/// anybody sees: the version stays, and with it the etag.
///
/// # Errors
/// `CONFLICT_RETRY` when the limit changed, `STORE_UNAVAILABLE`.
pub async fn lock(tx: &mut Tx, org: &str, limit: &Limit) -> Result<()> {
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
    let text = select!(" AND c.id = $2");
    sql!(tx, fetch_optional as Limit, text, org, id)
}

/// The limit `id`, if `person` may see its customer at `now`.
///
/// # Errors
/// `STORE_UNAVAILABLE`, `STORE_INCONSISTENT`.
pub async fn visible(tx: &mut Tx, org: &str, person: Uuid, now: i64, id: Uuid) -> Result<Option<Limit>> {
    let text = concat!(seen!(), " AND c.id = $4");
    sql!(tx, fetch_optional as Limit, text, org, person, now, id)
}

/// The limit of `customer` that stands as approved.
///
/// # Errors
/// `STORE_UNAVAILABLE`, `STORE_INCONSISTENT`.
pub async fn approved(tx: &mut Tx, org: &str, customer: Uuid) -> Result<Option<Limit>> {
    let text = select!(" AND c.customer = $2 AND c.state = 'approved'");
    sql!(tx, fetch_optional as Limit, text, org, customer)
}

/// Up to `most` limits that stand as approved although their validity is over at `now`.
///
/// # Errors
/// `STORE_UNAVAILABLE`, `STORE_INCONSISTENT`.
pub async fn over(tx: &mut Tx, org: &str, now: i64, most: i64) -> Result<Vec<Limit>> {
    let text = select!(" AND c.state = 'approved' AND c.valid_until <= $2 ORDER BY c.valid_until LIMIT $3");
    sql!(tx, fetch_all as Limit, text, org, now, most)
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
    sql!(tx, fetch_all as Limit, text, org, person, now, before, filter.customer, state, most)
}
