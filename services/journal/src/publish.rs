//! Handing sequenced entries to the bus: after the commit, in order, under their numbers, so that doing it twice changes
//! nothing. The bus may lose all of it; consumers then ask the owner.

use dossier_kernel::bus::{Bus, BusError};
use dossier_kernel::db::Db;
use dossier_kernel::error::Error;
use dossier_kernel::{fault, transact};

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

/// The stream of the journal that `service` keeps for `org` in `era`; items carry the entry's number and its body. Each era
/// has its own: what an earlier one left on the bus under the same numbers is never read again.
pub fn stream(org: &str, service: &str, era: &str) -> String {
    if era.is_empty() { format!("{org}:journal:{service}") } else { format!("{org}:journal:{service}:{era}") }
}

/// The topic that says that the journal of `service` for `org` has grown; the message is its size in decimal.
pub fn topic(org: &str, service: &str) -> String {
    format!("{org}:journal-grown:{service}")
}

/// The topic on which access says at once that a right of somebody in `org` was taken back; the journal brings what.
pub fn revocations(org: &str) -> String {
    format!("revocation/{org}")
}

/// Publishes what the bus has not seen; gives how many entries that were.
///
/// # Errors
/// [`PublishError`]; what was published stays published.
pub async fn publish(db: &Db, bus: &dyn Bus, origin: &Origin, epoch: i64) -> Result<u64, PublishError> {
    let mut count = 0;
    loop {
        let mut tx = db.read().await?;
        let era = store::era::current(&mut tx, origin.org()).await?;
        let entries = store::entry::unpublished(&mut tx, origin.org(), CHUNK).await?;
        drop(tx);
        let Some(last) = tell(bus, origin, &era, &entries).await? else { return Ok(count) };
        note(db, origin, epoch, last).await?;
        count += entries.len() as u64;
    }
}

/// Hands `entries` to the bus, in order; gives the number of the last one.
///
/// # Errors
/// [`PublishError::Bus`].
pub(crate) async fn tell(
    bus: &dyn Bus,
    origin: &Origin,
    era: &str,
    entries: &[(i64, Vec<u8>)],
) -> Result<Option<i64>, PublishError> {
    let (org, service) = (origin.org(), origin.service());
    let Some((last, _)) = entries.last() else { return Ok(None) };
    let stream = stream(org, service, era);
    fault!("publish.begin");
    for chunk in entries.chunks(CHUNK as usize) {
        bus.append_all(&stream, chunk).await?;
        fault!("publish.middle");
    }
    bus.publish(&topic(org, service), last.to_string().as_bytes()).await?;
    fault!("publish.published");
    Ok(Some(*last))
}

/// Notes that the bus has seen the entries up to `last`.
///
/// # Errors
/// [`PublishError::Fenced`], [`PublishError::Store`].
pub(crate) async fn note(db: &Db, origin: &Origin, epoch: i64, last: i64) -> Result<(), PublishError> {
    let noted = transact!(db, tx => store::head::publish(tx, origin.org(), epoch, last).await)?;
    if noted { Ok(()) } else { Err(PublishError::Fenced { epoch }) }
}
