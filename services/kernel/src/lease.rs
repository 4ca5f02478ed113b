//! Leases: of all replicas of a service, one at a time runs a job, and who lost the lease can write nothing.
//!
//! The lease is a row in SQL with its holder, its end and an epoch that grows with each change of hands. The bus
//! only wakes the next holder earlier than its own timer would.
//!
//! # To run a job under a lease
//! 1. Make a [`Keeper`] with a `holder` of its own (a fresh uuid for each keeper).
//! 2. [`Keeper::run`] it with the job; the job begins each of its transactions with [`Lease::fence`].
//! 3. Make the job end soon after its token is cancelled; it is dropped at once when the lease is lost.

use std::time::Duration;

use jiff::Timestamp;

use crate::clock::Clock;
use crate::db::{Db, Tx};
use crate::error::{Error, Reason, Result};
use crate::time::micros;
use crate::{sql, transact};

mod keeper;

pub use keeper::Keeper;

/// A lease that was held when it was given; whether it still is, [`Lease::fence`] tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The tenant whose job this is.
    pub org: String,
    /// The job.
    pub name: String,
    /// Who holds it.
    pub holder: String,
    /// Grows by one with each change of hands; guarded statements write it.
    pub epoch: i64,
}

/// The outcome of [`acquire`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Acquired {
    /// The lease is ours.
    Held(Lease),
    /// Somebody else holds it for at least as long.
    Taken {
        /// When it runs out unless it is renewed.
        left: Duration,
    },
}

/// Takes the lease `name` if it is free, run out, or already `holder`'s.
///
/// The epoch stays only when `holder` still holds it. Whether it has run out the store's clock says ([`Db::now`]).
///
/// # Errors
/// `STORE_UNAVAILABLE`, `CONFLICT_RETRY`.
pub async fn acquire(
    db: &Db,
    org: &str,
    name: &str,
    holder: &str,
    clock: &dyn Clock,
    ttl: Duration,
) -> Result<Acquired> {
    let now = db.now(clock).await?;
    let (now, end) = (micros(now), end(now, ttl));
    // Those who wait only read: a write would queue behind the holder's own work.
    if let Some((owner, expires_at)) = peek(db, org, name).await?
        && owner != holder
        && expires_at > now
    {
        return Ok(Acquired::Taken { left: Duration::from_micros(expires_at.abs_diff(now)) });
    }
    let taken = transact!(db, tx => {
        sql!(
            tx,
            fetch_optional as (i64,),
            "INSERT INTO lease (org, name, holder, epoch, expires_at) VALUES ($1, $2, $3, 1, $4)
             ON CONFLICT (org, name) DO UPDATE SET
                 epoch = CASE WHEN lease.holder = excluded.holder AND lease.expires_at > $5
                     THEN lease.epoch ELSE lease.epoch + 1 END,
                 holder = excluded.holder,
                 expires_at = excluded.expires_at
             WHERE lease.holder = excluded.holder OR lease.expires_at <= $5
             RETURNING epoch",
            org,
            name,
            holder,
            end,
            now,
        )
    })?;
    Ok(match taken {
        Some((epoch,)) => Acquired::Held(Lease { org: org.into(), name: name.into(), holder: holder.into(), epoch }),
        // Somebody was faster; how long they keep it is asked again soon.
        None => Acquired::Taken { left: Duration::ZERO },
    })
}

// === impl Lease ===

impl Lease {
    /// Keeps the lease for another `ttl`; false when it changed hands or was released.
    ///
    /// A lease that ran out but that nobody took is kept: nothing happened under another epoch.
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE`, `CONFLICT_RETRY`.
    pub async fn renew(&self, db: &Db, clock: &dyn Clock, ttl: Duration) -> Result<bool> {
        let end = end(db.now(clock).await?, ttl);
        let kept = transact!(db, tx => {
            sql!(
                tx,
                execute,
                "UPDATE lease SET expires_at = $5
                 WHERE org = $1 AND name = $2 AND holder = $3 AND epoch = $4 AND expires_at > 0",
                &self.org,
                &self.name,
                &self.holder,
                self.epoch,
                end,
            )
        })?;
        Ok(kept == 1)
    }

    /// Gives the lease back, for the next holder to take at once; false when it was lost before.
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE`, `CONFLICT_RETRY`.
    pub async fn release(&self, db: &Db) -> Result<bool> {
        let released = transact!(db, tx => {
            sql!(
                tx,
                execute,
                "UPDATE lease SET expires_at = 0 WHERE org = $1 AND name = $2 AND holder = $3 AND epoch = $4",
                &self.org,
                &self.name,
                &self.holder,
                self.epoch,
            )
        })?;
        Ok(released == 1)
    }

    /// Begins a guarded transaction: until it commits nobody else can take the lease.
    ///
    /// # Errors
    /// `CONFLICT_RETRY` when the lease was lost; it is not repeated. `STORE_UNAVAILABLE`.
    pub async fn fence(&self, tx: &mut Tx) -> Result<()> {
        // A write, not a read: it locks the row against the next holder.
        let held = sql!(
            tx,
            execute,
            "UPDATE lease SET epoch = epoch
             WHERE org = $1 AND name = $2 AND holder = $3 AND epoch = $4 AND expires_at > 0",
            &self.org,
            &self.name,
            &self.holder,
            self.epoch,
        )?;
        if held == 1 { Ok(()) } else { Err(Error::new(Reason::ConflictRetry).because("the lease was lost")) }
    }
}

async fn peek(db: &Db, org: &str, name: &str) -> Result<Option<(String, i64)>> {
    let mut tx = db.read().await?;
    sql!(
        &mut tx,
        fetch_optional as (String, i64),
        "SELECT holder, expires_at FROM lease WHERE org = $1 AND name = $2",
        org,
        name,
    )
}

fn end(now: Timestamp, ttl: Duration) -> i64 {
    micros(now).saturating_add(i64::try_from(ttl.as_micros()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests;
