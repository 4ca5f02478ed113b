//! Table `reservation`. A change is always made after the customer's `exposure` row was changed in the same transaction.

use dossier_authority::{visible, with_reached};
use dossier_kernel::db::{Tx, require_rows};
use dossier_kernel::error::{Error, Result};
use dossier_kernel::time::{from_micros, micros};
use dossier_kernel::{sql, sql_given, sql_rows};
use uuid::Uuid;

use super::inconsistent;
use crate::domain::money::Money;
use crate::domain::reservation::{Reservation, ReservationState};

/// Which reservations a list asks for; nothing asks for any.
#[derive(Clone, Debug, Default)]
pub struct Filter<'a> {
    /// Of this customer.
    pub customer: Option<Uuid>,
    /// In this state now.
    pub state: Option<ReservationState>,
    /// With this reference.
    pub reference: Option<&'a str>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    customer: Uuid,
    limit_id: Uuid,
    amount_minor: i64,
    committed_minor: i64,
    released_minor: i64,
    held_minor: i64,
    currency: String,
    reference: String,
    state: String,
    creator: String,
    expire_at: i64,
    created_at: i64,
    updated_at: i64,
    version: i64,
}

macro_rules! seen {
    () => {
        seen!("", visible!())
    };
    ($before:expr, $visible:expr) => {
        concat!(
            $before,
            "SELECT v.id, v.customer, v.limit_id, v.amount_minor, v.committed_minor, v.released_minor, v.held_minor,
                    v.currency, v.reference, v.state, v.creator, v.expire_at, v.created_at, v.updated_at, v.version
             FROM reservation v JOIN file_copy f ON f.org = v.org AND f.id = v.customer WHERE v.org = $1 AND ",
            $visible
        )
    };
}

impl TryFrom<Row> for Reservation {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id,
            customer: row.customer,
            limit: row.limit_id,
            amount: Money { minor: row.amount_minor, currency: row.currency },
            committed: row.committed_minor,
            released: row.released_minor,
            held: row.held_minor,
            reference: row.reference,
            state: ReservationState::parse(&row.state).ok_or_else(|| inconsistent("reservation", "state"))?,
            creator: row.creator,
            expire_at: from_micros(row.expire_at),
            created_at: from_micros(row.created_at),
            updated_at: from_micros(row.updated_at),
            version: row.version,
        })
    }
}

/// Writes new reservations with one statement.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn insert(tx: &mut Tx, org: &str, all: &[&Reservation]) -> Result<()> {
    let head = "INSERT INTO reservation (org, id, customer, limit_id, amount_minor, held_minor, currency, reference,
                    state, creator, expire_at, created_at, updated_at) ";
    let rows = sql_rows!(tx, head, all, one => [
        org, one.id, one.customer, one.limit, one.amount.minor, one.held, &one.amount.currency, &one.reference,
        one.state.word(), &one.creator, micros(one.expire_at), micros(one.created_at), micros(one.updated_at),
    ])?;
    require_rows(rows, all.len() as u64)
}

/// Writes everything of a reservation that can change, if nobody changed it meanwhile.
///
/// # Errors
/// `CONFLICT_RETRY`, `STORE_UNAVAILABLE`.
pub async fn update(tx: &mut Tx, org: &str, one: &Reservation) -> Result<()> {
    let text = "UPDATE reservation SET committed_minor = $4, released_minor = $5, held_minor = $6, state = $7,
                    updated_at = $8, version = version + 1
                WHERE org = $1 AND id = $2 AND version = $3";
    let (committed, released, held) = (one.committed, one.released, one.held);
    let (state, at) = (one.state.word(), micros(one.updated_at));
    let rows = sql!(tx, execute, text, org, one.id, one.version, committed, released, held, state, at)?;
    require_rows(rows, 1)
}

/// Lets go everything of `customer` that has run out at `now`; gives it as it is afterwards.
///
/// # Errors
/// `STORE_UNAVAILABLE`, `STORE_INCONSISTENT`.
pub async fn expire(tx: &mut Tx, org: &str, customer: Uuid, now: i64) -> Result<Vec<Reservation>> {
    let text = "UPDATE reservation SET state = 'expired', released_minor = released_minor + held_minor, held_minor = 0,
                    updated_at = expire_at, version = version + 1
                WHERE org = $1 AND customer = $2 AND state = 'held' AND expire_at <= $3
                RETURNING id, customer, limit_id, amount_minor, committed_minor, released_minor, held_minor, currency,
                    reference, state, creator, expire_at, created_at, updated_at, version";
    let rows = sql!(tx, fetch_all as Row, text, org, customer, now)?;
    rows.into_iter().map(Reservation::try_from).collect()
}

/// Up to `most` customers of whom something has run out at `now`.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn due(tx: &mut Tx, org: &str, now: i64, most: i64) -> Result<Vec<Uuid>> {
    let text =
        "SELECT DISTINCT customer FROM reservation WHERE org = $1 AND state = 'held' AND expire_at <= $2 LIMIT $3";
    let rows = sql!(tx, fetch_all as (Uuid,), text, org, now, most)?;
    Ok(rows.into_iter().map(|(customer,)| customer).collect())
}

/// The reservation `id`, if `person` may see its customer at `now`.
///
/// # Errors
/// `STORE_UNAVAILABLE`, `STORE_INCONSISTENT`.
pub async fn visible(tx: &mut Tx, org: &str, person: Uuid, now: i64, id: Uuid) -> Result<Option<Reservation>> {
    let text = concat!(seen!(), " AND v.id = $4");
    sql!(tx, fetch_optional as Row, text, org, person, now, id)?.map(Reservation::try_from).transpose()
}

/// Up to `most` reservations of customers that `person` may see, newest first, older than `before`.
///
/// # Errors
/// `STORE_UNAVAILABLE`, `STORE_INCONSISTENT`.
pub async fn list(
    tx: &mut Tx,
    org: &str,
    person: Uuid,
    now: i64,
    filter: &Filter<'_>,
    before: Uuid,
    most: i64,
) -> Result<Vec<Reservation>> {
    let text = sql_given!(
        concat!(seen!(with_reached!(), visible!(reached)), " AND v.id < $4");
        filter.customer => " AND v.customer = $5",
        filter.state => " AND CASE WHEN v.state = 'held' AND v.expire_at <= $3 THEN 'expired' ELSE v.state END = $6",
        filter.reference => " AND v.reference = $7";
        " ORDER BY v.id DESC LIMIT $8"
    );
    let (state, reference) = (filter.state.map(ReservationState::word), filter.reference);
    let rows = sql!(tx, fetch_all as Row, text, org, person, now, before, filter.customer, state, reference, most)?;
    rows.into_iter().map(Reservation::try_from).collect()
}
