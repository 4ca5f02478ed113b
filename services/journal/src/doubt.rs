//! Journals that are not what they were, as the processes of a service know of them.
//!
//! A doubt is a row of the store, so that it outlives the process and replicas agree. Two services of one org may have
//! one: the *owner* whose store went back to an earlier state than others have seen, and whoever keeps a *copy* that the
//! owner's journal does not contain. Both are answered the same way: nothing is decided on it and nothing is added to it
//! until `dossier recover` was run. An owner asks the bus before it takes its first call ([`Doubts::ask`]); later the copies
//! tell it. A doubted copy believes its owner again by itself when the right store is put back.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use dossier_kernel::bus::Bus;
use dossier_kernel::db::{Db, Tx};
use dossier_kernel::error::Result;
use dossier_kernel::{fault, transact};

use crate::place;
use crate::publish::stream;
use crate::store::doubt;
pub use crate::store::doubt::Doubt;

/// What one service doubts, in memory for every call; cheap to clone. The default doubts nothing.
#[derive(Clone, Debug, Default)]
pub struct Doubts(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    // So that a call that doubts nothing pays for one look at a flag.
    any: AtomicBool,
    known: RwLock<BTreeSet<(String, String)>>,
    // Journals of which everything was applied here at some time.
    complete: RwLock<BTreeSet<(String, String)>>,
}

// === impl Doubts ===

impl Doubts {
    /// What the store of a service says, for its start.
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE`.
    pub async fn load(db: &Db) -> Result<Self> {
        let doubts = Self::default();
        let mut tx = db.read().await?;
        for (org, source) in doubt::everywhere(&mut tx).await? {
            doubts.set(&org, &source, true);
        }
        for (org, source) in crate::store::cursor::begun(&mut tx).await? {
            doubts.complete(&org, &source);
        }
        Ok(doubts)
    }

    /// Notes that everything in the journal of `source` was applied here.
    pub(crate) fn complete(&self, org: &str, source: &str) {
        let mut complete = self.0.complete.write().unwrap_or_else(PoisonError::into_inner);
        complete.insert((org.to_owned(), source.to_owned()));
    }

    /// Whether the journal of `source` was ever applied here to its end, or the store had a copy when this process began.
    pub fn is_complete(&self, org: &str, source: &str) -> bool {
        let complete = self.0.complete.read().unwrap_or_else(PoisonError::into_inner);
        complete.contains(&(org.to_owned(), source.to_owned()))
    }

    /// Whether the journal of `source` in `org` is doubted here.
    pub fn about(&self, org: &str, source: &str) -> bool {
        self.0.any.load(Ordering::Acquire) && self.read().contains(&(org.to_owned(), source.to_owned()))
    }

    /// Whether anything of `org` is doubted here.
    pub fn any(&self, org: &str) -> bool {
        self.0.any.load(Ordering::Acquire) && self.read().iter().any(|(doubted, _)| doubted == org)
    }

    /// Learns what other replicas have found.
    pub(crate) async fn refresh(&self, tx: &mut Tx, org: &str) -> Result<()> {
        let stored: BTreeSet<_> = doubt::all(tx, org).await?.into_iter().map(|one| one.source).collect();
        let known: Vec<_> = self.read().iter().filter(|(doubted, _)| doubted == org).cloned().collect();
        for (_, source) in known.iter().filter(|(_, source)| !stored.contains(source)) {
            self.set(org, source, false);
        }
        stored.iter().for_each(|source| self.set(org, source, true));
        Ok(())
    }

    /// Notes durably that the journal of a source is not what it was.
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE`.
    pub async fn raise(&self, db: &Db, org: &str, one: Doubt) -> Result<()> {
        let new = transact!(*db, tx => doubt::insert(tx, org, &one).await)?;
        if new {
            let labels = [("org", org.to_owned()), ("source", one.source.clone())];
            metrics::counter!("dossier_journal_doubts_total", &labels).increment(1);
            tracing::error!(
                org,
                source = one.source,
                seq = one.seq,
                told_by = one.told_by,
                "this journal is not what it was: a store was restored to an earlier state; nothing is decided on it \
                 until `dossier recover` has been run",
            );
        }
        self.set(org, &one.source, true);
        Ok(())
    }

    /// Asks the bus whether the journal that `db` keeps for `org` was longer once: what is there was committed before it
    /// was published. So a store that was put back is doubted before its process takes a call and gives a number, or
    /// whatever else others have seen, a second time. A bus that carries nothing says nothing; the copies of the other
    /// services tell it a moment later.
    ///
    /// # Errors
    /// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
    pub async fn ask(&self, db: &Db, bus: &dyn Bus, org: &str, service: &str) -> Result<()> {
        let before = place::end(&mut db.read().await?, org).await?;
        let ahead = bus.read(&stream(org, service, &before.era), before.seq, 1, Duration::ZERO).await;
        let Some(ahead) = ahead.unwrap_or_default().into_iter().next() else { return Ok(()) };
        // Another replica may have gone on meanwhile.
        let end = place::end(&mut db.read().await?, org).await?;
        if end.seq >= ahead.seq || end.era != before.era || fault::weakened("contains") {
            return Ok(());
        }
        self.raise(db, org, Doubt { source: service.to_owned(), seq: ahead.seq, told_by: "the bus".to_owned() }).await
    }

    /// Believes a source again.
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE`.
    pub(crate) async fn lift(&self, db: &Db, org: &str, source: &str) -> Result<()> {
        if transact!(*db, tx => doubt::delete(tx, org, source).await)? {
            tracing::warn!(org, source, "this journal contains again what was applied of it");
        }
        self.set(org, source, false);
        Ok(())
    }

    fn set(&self, org: &str, source: &str, doubted: bool) {
        let mut known = self.0.known.write().unwrap_or_else(PoisonError::into_inner);
        let key = (org.to_owned(), source.to_owned());
        let changed = if doubted { known.insert(key) } else { known.remove(&key) };
        self.0.any.store(!known.is_empty(), Ordering::Release);
        if changed {
            let labels = [("org", org.to_owned()), ("source", source.to_owned())];
            metrics::gauge!("dossier_journal_doubted", &labels).set(f64::from(u8::from(doubted)));
            tracing::warn!(org, source, doubted, "whether this journal is believed has changed");
        }
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, BTreeSet<(String, String)>> {
        self.0.known.read().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_doubt_is_about_one_journal_of_one_org() {
        let doubts = Doubts::default();
        assert!(!doubts.any("demo"));
        doubts.set("demo", "access", true);
        assert!(doubts.about("demo", "access") && doubts.any("demo"));
        assert!(!doubts.about("demo", "profile") && !doubts.any("other"));
        doubts.set("demo", "access", false);
        assert!(!doubts.about("demo", "access") && !doubts.any("demo"));
    }
}
