//! Handing sequenced entries to the bus: after the commit, in order, under their numbers, so that doing it twice changes
//! nothing. The bus may lose all of it; consumers then ask the owner.

use dossier_kernel::bus::{Bus, BusError};
use dossier_kernel::db::Db;
use dossier_kernel::error::Error;
use dossier_kernel::transact;

use crate::checkpoint::Origin;
use crate::store;

/// Entries published before the head notes it.
const CHUNK: i64 = 256;

/// Why publishing stopped; it goes on where it stopped.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The bus is not there.
    #[error(transparent)]
    Bus(#[from] BusError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] Error),
    /// A later holder of the lease publishes.
    #[error("the lease of epoch {epoch} is over")]
    Fenced {
        /// The epoch that is over.
        epoch: i64,
    },
}

/// The stream of the journal that `service` keeps for `org`; items carry the entry's number and its body.
pub fn stream(org: &str, service: &str) -> String {
    format!("{org}:journal:{service}")
}

/// The topic that says that the journal of `service` for `org` has grown; the message is its size in decimal.
pub fn topic(org: &str, service: &str) -> String {
    format!("{org}:journal-grown:{service}")
}

/// Publishes what the bus has not seen; gives how many entries that were.
///
/// # Errors
/// [`PublishError`]; what was published stays published.
pub async fn publish(db: &Db, bus: &dyn Bus, origin: &Origin, epoch: i64) -> Result<u64, PublishError> {
    let (org, service) = (origin.org(), origin.service());
    let mut count = 0;
    loop {
        let entries = store::entry::unpublished(&mut db.read().await?, org, CHUNK).await?;
        let Some(last) = entries.last().map(|(seq, _)| *seq) else { return Ok(count) };
        for (seq, body) in &entries {
            bus.append(&stream(org, service), *seq, body).await?;
        }
        bus.publish(&topic(org, service), last.to_string().as_bytes()).await?;
        if !transact!(db, tx => store::head::publish(tx, org, epoch, last).await)? {
            return Err(PublishError::Fenced { epoch });
        }
        count += entries.len() as u64;
    }
}
