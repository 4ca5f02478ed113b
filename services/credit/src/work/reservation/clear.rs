//! Letting go what has run out: on touch, and by a job.

use dossier_authority::{Base, Effect, Entries};
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::time::micros;
use dossier_kernel::transact;
use jiff::Timestamp;
use uuid::Uuid;

use super::event;
use crate::domain::reservation::Shift;
use crate::store::{exposure, reservation};

/// Most customers of one round of the job.
const ROUND: i64 = 200;

/// Lets go what of `customer` has run out at `now`; gives how many reservations.
///
/// # Errors
/// `CONFLICT_RETRY`, `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub(crate) async fn customer(base: &Base, tx: &mut Tx, org: &str, customer: Uuid, now: Timestamp) -> Result<usize> {
    // The lock first: nobody commits or releases between the two statements that follow.
    if !exposure::lock(tx, org, customer).await? {
        return Ok(0);
    }
    let gone = reservation::expire(tx, org, customer, micros(now)).await?;
    if gone.is_empty() {
        return Ok(0);
    }
    // While something is held nothing has been let go of it before.
    let freed = gone.iter().map(|one| one.released).sum();
    exposure::shift(tx, org, customer, Shift { drawn: 0, freed }).await?;
    let mut entries = Entries::default();
    for one in &gone {
        entries.add_work(base, org, Effect::new("reservation.expired", &one.name(), event(one)))?;
    }
    entries.write(base, tx, org).await?;
    Ok(gone.len())
}

/// Lets go what of all customers of `org` has run out at `now`; gives how many reservations.
///
/// # Errors
/// As [`customer`].
pub(crate) async fn all(base: &Base, org: &str, now: Timestamp) -> Result<usize> {
    let due = reservation::due(&mut base.db.read().await?, org, micros(now), ROUND).await?;
    let mut count = 0;
    for id in due {
        count += transact!(base.db, tx => customer(base, tx, org, id, now).await)?;
    }
    Ok(count)
}
