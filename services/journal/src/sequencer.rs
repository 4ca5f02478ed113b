//! Giving committed entries their numbers: one transaction numbers a batch, grows the tree and signs a checkpoint.
//!
//! The numbers follow the commits, not the ids: an entry that commits late gets a late number, so a reader who has
//! `seq` has everything below it. Whoever sequences writes the epoch of their lease; a later holder shuts them out.

use dossier_kernel::db::{Db, Tx};
use dossier_kernel::error::{Error, Reason};
use dossier_kernel::fault;
use dossier_kernel::time::from_micros;
use ed25519_dalek::SigningKey;

use crate::checkpoint::{Checkpoint, Origin, VerifierKey};
use crate::merkle::Frontier;
use crate::store;
use crate::store::entry::Numbered;

/// The log of one org in one service, with the key that signs it.
#[derive(Clone)]
pub struct Log {
    origin: Origin,
    key: SigningKey,
}

/// What one batch did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Batch {
    /// How many entries got a number.
    pub entries: u64,
    /// The size of the journal after it.
    pub size: u64,
    /// How long the oldest of them had waited, microseconds; never negative.
    pub delay: i64,
}

/// A batch, with what is to be handed on.
#[derive(Debug)]
pub(crate) struct Grown {
    pub batch: Batch,
    /// The numbers and bodies of its entries, in order.
    pub entries: Vec<(i64, Vec<u8>)>,
    /// The signed checkpoint behind it.
    pub note: String,
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum Halt {
    /// A later holder of the lease has written: this one must stop at once.
    #[error("the lease of epoch {epoch} is over")]
    Fenced {
        /// The epoch that is over.
        epoch: i64,
    },
    /// The store failed; the next attempt may succeed.
    #[error(transparent)]
    Store(#[from] Error),
}

// === impl Log ===

impl Log {
    /// The log named `origin`, signed with `key`.
    pub fn new(origin: Origin, key: SigningKey) -> Self {
        Self { origin, key }
    }

    /// The name.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The key that signs it.
    #[cfg(test)]
    pub(crate) fn signing_key(&self) -> &SigningKey {
        &self.key
    }

    /// What a stranger needs to verify the log.
    pub fn verifier(&self) -> VerifierKey {
        VerifierKey::new(self.origin.clone(), self.key.verifying_key())
    }
}

impl std::fmt::Debug for Log {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Log").field(&self.origin).finish()
    }
}

/// Numbers one batch of at most `limit` entries, in its own transaction. `now` is the time of signing, microseconds.
///
/// # Errors
/// [`Halt`]; nothing was written.
pub async fn sequence(db: &Db, log: &Log, epoch: i64, now: i64, limit: i64) -> Result<Option<Batch>, Halt> {
    Ok(grow(db, log, epoch, now, limit, 0).await?.map(|grown| grown.batch))
}

/// Numbers one batch inside the transaction given; after an error the transaction must be undone.
///
/// # Errors
/// [`Halt`].
pub async fn sequence_in(tx: &mut Tx, log: &Log, epoch: i64, now: i64, limit: i64) -> Result<Option<Batch>, Halt> {
    Ok(grow_in(tx, log, epoch, now, limit, 0).await?.map(|grown| grown.batch))
}

/// As [`sequence`]; notes in the same transaction that the bus has seen the entries up to `told`.
pub(crate) async fn grow(
    db: &Db,
    log: &Log,
    epoch: i64,
    now: i64,
    limit: i64,
    told: i64,
) -> Result<Option<Grown>, Halt> {
    // A look without the write lock first: an idle journal disturbs nobody.
    if !store::entry::waiting_now(db, log.origin.org()).await? {
        return Ok(None);
    }
    fault!("sequencer.begin");
    let mut tx = db.write().await?;
    let grown = grow_in(&mut tx, log, epoch, now, limit, told).await?;
    tx.commit().await?;
    fault!("sequencer.committed");
    Ok(grown)
}

async fn grow_in(tx: &mut Tx, log: &Log, epoch: i64, now: i64, limit: i64, told: i64) -> Result<Option<Grown>, Halt> {
    let org = log.origin.org();
    let head = store::head::claim(tx, org, epoch).await?.ok_or(Halt::Fenced { epoch })?;
    fault!("sequencer.claimed");
    let old = head.frontier.size();
    let numbered = store::entry::number(tx, org, old, limit).await?;
    let Some(oldest) = numbered.iter().map(|entry| entry.time).min() else { return Ok(None) };
    let mut frontier = head.frontier;
    let mut nodes = Vec::new();
    for Numbered { seq, leaf_hash, .. } in &numbered {
        if store::counted(*seq) != frontier.size() + 1 {
            return Err(Error::new(Reason::JournalCorrupt).with("seq", seq.to_string()).into());
        }
        // The leaf itself stands in the entry.
        nodes.extend(frontier.append(*leaf_hash).into_iter().skip(1));
    }
    store::node::insert(tx, org, &nodes).await?;
    let note = sign(log, &frontier, now);
    store::checkpoint::insert(tx, org, frontier.size(), &note).await?;
    if !store::head::grow(tx, org, epoch, old, &frontier, told).await? {
        return Err(Halt::Fenced { epoch });
    }
    let delay = now.saturating_sub(oldest).max(0);
    let batch = Batch { entries: numbered.len() as u64, size: frontier.size(), delay };
    let entries = numbered.into_iter().map(|entry| (entry.seq, entry.body)).collect();
    Ok(Some(Grown { batch, entries, note }))
}

fn sign(log: &Log, frontier: &Frontier, now: i64) -> String {
    let (origin, root, time) = (log.origin.clone(), frontier.root(), from_micros(now));
    Checkpoint { origin, size: frontier.size(), root, time }.sign(&log.key)
}
