//! Table `exposure`: the guard of I2. Whoever changes what is used of a customer's limit changes this row first, so all
//! such changes of one customer happen one after the other, and none deadlocks.

use dossier_kernel::db::{Tx, require_rows};
use dossier_kernel::error::Result;
use dossier_kernel::time::{from_micros, micros};
use dossier_kernel::{fault, sql};
use uuid::Uuid;

use crate::domain::exposure::Exposure;
use crate::domain::limit::Limit;
use crate::domain::reservation::Shift;

#[derive(sqlx::FromRow)]
struct Row {
    limit_id: Uuid,
    limit_minor: i64,
    currency: String,
    drawn_minor: i64,
    held_minor: i64,
    valid_from: i64,
    valid_until: i64,
    due_minor: i64,
}

/// What is known of a customer's limit.
#[derive(Clone, Debug)]
pub struct Found {
    /// The exposure at the moment asked for: what has run out is not held.
    pub exposure: Exposure,
    /// How much of what is stored as held has run out.
    pub due: i64,
}

/// The exposure of `customer` at `now`, read in one statement.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn lookup(tx: &mut Tx, org: &str, customer: Uuid, now: i64) -> Result<Option<Found>> {
    let text = "SELECT e.limit_id, e.limit_minor, e.currency, e.drawn_minor, e.held_minor, e.valid_from, e.valid_until,
                    CAST(COALESCE((SELECT SUM(r.held_minor) FROM reservation r WHERE r.org = e.org
                        AND r.customer = e.customer AND r.state = 'held' AND r.expire_at <= $3), 0) AS BIGINT)
                    AS due_minor
                FROM exposure e WHERE e.org = $1 AND e.customer = $2";
    let row = sql!(tx, fetch_optional as Row, text, org, customer, now)?;
    Ok(row.map(|row| Found {
        due: row.due_minor,
        exposure: Exposure {
            customer,
            limit: row.limit_id,
            limit_minor: row.limit_minor,
            currency: row.currency,
            drawn: row.drawn_minor,
            held: row.held_minor - row.due_minor,
            valid_from: from_micros(row.valid_from),
            valid_until: from_micros(row.valid_until),
        },
    }))
}

/// Locks the row of `customer` until the transaction ends; false when there is none.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn lock(tx: &mut Tx, org: &str, customer: Uuid) -> Result<bool> {
    let text = "UPDATE exposure SET version = version + 1 WHERE org = $1 AND customer = $2";
    Ok(sql!(tx, execute, text, org, customer)? == 1)
}

/// Holds `sum` of the limit `limit`. This statement, not the reading before it, decides: it holds nothing that does not
/// fit (I2).
///
/// # Errors
/// `CONFLICT_RETRY` when it does not fit any more, or the limit is another one: read again.
pub async fn reserve(tx: &mut Tx, org: &str, customer: Uuid, limit: Uuid, sum: i64, now: i64) -> Result<()> {
    let text = if fault::weakened("limit") {
        "UPDATE exposure SET held_minor = held_minor + $4, version = version + 1
                WHERE org = $1 AND customer = $2 AND limit_id = $3 AND valid_from <= $5 AND valid_until > $5"
    } else {
        "UPDATE exposure SET held_minor = held_minor + $4, version = version + 1
                WHERE org = $1 AND customer = $2 AND limit_id = $3 AND valid_from <= $5 AND valid_until > $5
                  AND drawn_minor + held_minor + $4 <= limit_minor"
    };
    require_rows(sql!(tx, execute, text, org, customer, limit, sum, now)?, 1)
}

/// Moves what was held to drawn or back to available. Usage falls or stays, and what is too much falls with it.
///
/// # Errors
/// `CONFLICT_RETRY` when less is held, `STORE_UNAVAILABLE`.
pub async fn shift(tx: &mut Tx, org: &str, customer: Uuid, shift: Shift) -> Result<()> {
    let text = "UPDATE exposure SET drawn_minor = drawn_minor + $3, held_minor = held_minor - $3 - $4,
                    excess_minor = CASE WHEN drawn_minor + held_minor - $4 > limit_minor
                        THEN drawn_minor + held_minor - $4 - limit_minor ELSE 0 END,
                    version = version + 1
                WHERE org = $1 AND customer = $2 AND held_minor >= $3 + $4";
    require_rows(sql!(tx, execute, text, org, customer, shift.drawn, shift.freed)?, 1)
}

/// Puts a limit that was just approved in the place of the one before. What is used stays; what is then too much is
/// written down as such.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn put_limit(tx: &mut Tx, org: &str, limit: &Limit) -> Result<()> {
    let text = "INSERT INTO exposure (org, customer, limit_id, limit_minor, currency, valid_from, valid_until)
                VALUES ($1, $2, $3, $4, $5, $6, $7)
                ON CONFLICT (org, customer) DO UPDATE SET limit_id = excluded.limit_id,
                    limit_minor = excluded.limit_minor, currency = excluded.currency,
                    valid_from = excluded.valid_from, valid_until = excluded.valid_until,
                    excess_minor = CASE WHEN exposure.drawn_minor + exposure.held_minor > excluded.limit_minor
                        THEN exposure.drawn_minor + exposure.held_minor - excluded.limit_minor ELSE 0 END,
                    version = exposure.version + 1";
    let one = &limit.content;
    let (minor, currency) = (one.amount.minor, &one.amount.currency);
    let (from, until) = (micros(one.valid_from.unwrap_or(limit.created_at)), micros(one.valid_until));
    require_rows(sql!(tx, execute, text, org, limit.customer, limit.id, minor, currency, from, until)?, 1)
}

/// The stored sums of a customer, for those who check them: limit, drawn, held, excess.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn sums(tx: &mut Tx, org: &str, customer: Uuid) -> Result<Option<(i64, i64, i64, i64)>> {
    let text = "SELECT limit_minor, drawn_minor, held_minor, excess_minor FROM exposure
                WHERE org = $1 AND customer = $2";
    sql!(tx, fetch_optional as (i64, i64, i64, i64), text, org, customer)
}

/// Whether the customer owes, holds, may draw, or asks for a limit: what keeps their file (C-06).
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn is_open(tx: &mut Tx, org: &str, customer: Uuid) -> Result<bool> {
    let text =
        "SELECT CAST(1 AS BIGINT) FROM exposure WHERE org = $1 AND customer = $2 AND drawn_minor + held_minor > 0
                UNION ALL
                SELECT CAST(1 AS BIGINT) FROM credit_limit c WHERE c.org = $1 AND c.customer = $2
                    AND (c.state IN ('pending_approval', 'approved') OR EXISTS (
                        SELECT 1 FROM submission s WHERE s.org = c.org AND s.id = c.id
                        AND s.state IN ('asking', 'pending', 'leaving')))
                LIMIT 1";
    Ok(sql!(tx, fetch_optional as (i64,), text, org, customer)?.is_some())
}
