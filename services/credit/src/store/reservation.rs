//! Table `reservation`. A change is always made after the customer's `exposure` row was changed in the same transaction.

use dossier_authority::{visible, with_reached};
use dossier_kernel::db::{self, Tx, require_rows};
use dossier_kernel::error::Result;
use dossier_kernel::time::micros;
use dossier_kernel::{sql, sql_given, sql_rows, table};
use uuid::Uuid;

use super::Sum;
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

table! {
    select!("reservation" as v) of Reservation;
    once {
        id, customer, limit = limit_id, amount as Sum { amount_minor, currency }, reference, creator, expire_at, created_at,
    }
    then { committed = committed_minor, released = released_minor, held = held_minor, state, updated_at }
}

macro_rules! seen {
    () => {
        seen!("", visible!())
    };
    ($before:expr, $visible:expr) => {
        select!($before, " JOIN file_copy f ON f.org = v.org AND f.id = v.customer", concat!(" AND ", $visible))
    };
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
        one.state.as_str(), &one.creator, micros(one.expire_at), micros(one.created_at), micros(one.updated_at),
    ])?;
    require_rows(rows, all.len() as u64)
}

/// Writes everything of a reservation that can change, if nobody changed it meanwhile.
///
/// # Errors
/// `CONFLICT_RETRY`, `STORE_UNAVAILABLE`.
pub async fn update(tx: &mut Tx, org: &str, one: &mut Reservation) -> Result<()> {
    db::update(tx, org, one).await
}

/// Lets go everything of `customer` that has run out at `now`; gives it as it is afterwards.
///
/// # Errors
/// `STORE_UNAVAILABLE`, `STORE_INCONSISTENT`.
pub async fn expire(tx: &mut Tx, org: &str, customer: Uuid, now: i64) -> Result<Vec<Reservation>> {
    let text = concat!(
        "UPDATE reservation SET state = 'expired', released_minor = released_minor + held_minor, held_minor = 0,
                    updated_at = expire_at, version = version + 1
                WHERE org = $1 AND customer = $2 AND state = 'held' AND expire_at <= $3
                RETURNING ",
        select!(names)
    );
    sql!(tx, fetch_all as Reservation, text, org, customer, now)
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
    sql!(tx, fetch_optional as Reservation, text, org, person, now, id)
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
    let (state, reference) = (filter.state.map(ReservationState::as_str), filter.reference);
    sql!(tx, fetch_all as Reservation, text, org, person, now, before, filter.customer, state, reference, most)
}
