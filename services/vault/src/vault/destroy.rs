//! The end of keys: destroyed in a transaction, written down beside the keyring, and again where a store was put back.

use dossier_kernel::db::{Db, Tx};
use dossier_kernel::error::Result as KernelResult;
use dossier_kernel::time::micros;
use dossier_kernel::transact;
use jiff::Timestamp;
use uuid::Uuid;

use super::Vault;
use crate::error::{Fault, Result};
use crate::provider::KeyId;
use crate::store;
use crate::tombstone::{self, Listed, Tombstone, Tombstones};

/// What the start-up job did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reapplied {
    /// Keys destroyed again: the store had been restored from before their destruction.
    pub destroyed: usize,
    /// Tombstones that only the store knew, added to the list: a crash came between commit and list.
    pub listed: usize,
}

// === impl Vault ===

impl Vault {
    /// Destroys the key of a file in the caller's transaction. After its commit the caller calls [`bury`](Self::bury), and only then
    /// answers.
    ///
    /// # Errors
    /// [`KeyDestroyed`](Fault::KeyDestroyed) when it was done before, [`KeyUnknown`](Fault::KeyUnknown).
    pub async fn destroy_key(&self, tx: &mut Tx, org: &str, file: Uuid, now: Timestamp) -> Result<()> {
        let dead = Tombstone { org: org.to_owned(), file, destroyed_at: micros(now) };
        if !store::erase(tx, org, file, dead.destroyed_at).await? {
            let known = store::lookup(tx, org, file).await?.is_some();
            return Err(if known { Fault::KeyDestroyed { file } } else { Fault::KeyUnknown { file } });
        }
        store::bury(tx, &dead).await?;
        self.cache.forget(org, file);
        Ok(())
    }

    /// The version of the root key that the key of a file is wrapped under: who keeps a backup opens it until that version is retired.
    /// `None`: it has no key.
    ///
    /// # Errors
    /// The store's.
    pub async fn root_of(&self, tx: &mut Tx, org: &str, file: Uuid) -> Result<Option<KeyId>> {
        Ok(store::root(tx, org, file).await?)
    }

    /// Writes what was destroyed in the store and is not in the tombstone list to it, and forgets the keys; gives how many. Call it after
    /// the commit: written before, a transaction that is undone would lose its key at the next start.
    ///
    /// # Errors
    /// [`TombstonesUnreadable`](Fault::TombstonesUnreadable), or the store's; the next call, or the next start, writes it then.
    pub async fn bury(&self, db: &Db) -> Result<usize> {
        let found = store::unlisted(&mut db.read().await?).await?;
        let dead: Vec<Tombstone> = found.into_iter().map(Into::into).collect();
        // Once more: a reader of the old row may have put the key back before the commit.
        dead.iter().for_each(|one| self.cache.forget(&one.org, one.file));
        self.list(dead.clone()).await?;
        self.seen(db, &dead).await?;
        Ok(dead.len())
    }

    /// Destroys what key this store has of a file, if it has one, and bars it from ever getting one, in the caller's transaction: for
    /// services that keep something of a file and not the file. Whether there was one.
    ///
    /// # Errors
    /// The store's.
    pub async fn destroy_for_good(&self, tx: &mut Tx, org: &str, file: Uuid, now: Timestamp) -> Result<bool> {
        let dead = Tombstone { org: org.to_owned(), file, destroyed_at: micros(now) };
        Ok(self.erase(tx, &dead).await?)
    }

    /// How many tombstones of the store were seen in the list before and are not in it now; whatever they are, the list is
    /// not the one that the store was last used with. A list that is not there lacks all of them.
    ///
    /// # Errors
    /// [`TombstonesMalformed`](Fault::TombstonesMalformed), [`TombstonesUnreadable`](Fault::TombstonesUnreadable), or
    /// the store's.
    pub async fn unlisted(list: &Tombstones, tx: &mut Tx) -> Result<usize> {
        let listed = if list.exists() { list.read()? } else { Listed::default() };
        let stored = store::tombstones(tx).await?;
        let lost = |row: &store::TombstoneRow| row.listed && !listed.contains_key(&row.place());
        Ok(stored.iter().filter(|row| lost(row)).count())
    }

    /// Writes every tombstone of the store that `list` lacks to it, for a list that is lost for good; gives how many.
    ///
    /// # Errors
    /// As [`unlisted`](Self::unlisted).
    pub async fn rebuild(list: &Tombstones, tx: &mut Tx) -> Result<usize> {
        let listed = list.read()?;
        let stored = store::tombstones(tx).await?.into_iter();
        let dead: Vec<Tombstone> = stored.filter(|row| !listed.contains_key(&row.place())).map(Into::into).collect();
        if !dead.is_empty() {
            list.append(&dead)?;
        }
        Ok(dead.len())
    }

    /// Brings store and tombstone list together, before a port is bound: keys that a restored backup brought back are
    /// destroyed again, and what only the store knows is added to the list.
    ///
    /// # Errors
    /// [`TombstonesLost`](Fault::TombstonesLost) when the list lacks what it held before,
    /// [`TombstonesMalformed`](Fault::TombstonesMalformed), [`TombstonesUnreadable`](Fault::TombstonesUnreadable), or
    /// the store's; the service must not start then.
    pub async fn reapply_tombstones(&self, db: &Db) -> Result<Reapplied> {
        let listed = self.listed().await?;
        let stored = store::tombstones(&mut db.read().await?).await?;
        let lost = stored.iter().filter(|row| row.listed && !listed.contains_key(&row.place())).count();
        if lost > 0 {
            return Err(Fault::TombstonesLost { path: self.tombstones.path().into(), lost });
        }
        let unseen: Vec<Tombstone> = stored.iter().filter(|row| !row.listed).cloned().map(Into::into).collect();
        let differs = tombstone::compare(listed, stored.into_iter().map(|row| (row.risen, row.into())));
        let mut done = Reapplied { destroyed: 0, listed: differs.unlisted.len() };
        for dead in &differs.undone {
            done.destroyed += usize::from(self.destroy_again(db, dead).await?);
        }
        self.list(differs.unlisted).await?;
        self.seen(db, &unseen).await?;
        self.seen(db, &differs.undone).await?;
        Ok(done)
    }

    // Whether there was a key to destroy.
    async fn destroy_again(&self, db: &Db, dead: &Tombstone) -> Result<bool> {
        Ok(transact!(db, tx => self.erase(tx, dead).await)?)
    }

    async fn erase(&self, tx: &mut Tx, dead: &Tombstone) -> KernelResult<bool> {
        let erased = store::erase(tx, &dead.org, dead.file, dead.destroyed_at).await?;
        store::bar(tx, dead).await?;
        store::bury(tx, dead).await?;
        self.cache.forget(&dead.org, dead.file);
        Ok(erased)
    }

    async fn seen(&self, db: &Db, dead: &[Tombstone]) -> Result<()> {
        if dead.is_empty() {
            return Ok(());
        }
        transact!(db, tx => {
            for one in dead {
                store::listed(tx, one).await?;
            }
            Ok(())
        })?;
        Ok(())
    }

    // The list is synced to disk; that must not hold up the other calls of this thread.
    async fn list(&self, dead: Vec<Tombstone>) -> Result<()> {
        if dead.is_empty() {
            return Ok(());
        }
        let list = self.tombstones.clone();
        off_thread(move || list.append(&dead)).await
    }

    async fn listed(&self) -> Result<Listed> {
        let list = self.tombstones.clone();
        off_thread(move || list.read()).await
    }
}

async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    // The work does not panic and is not aborted; the runtime itself may be going down.
    tokio::task::spawn_blocking(work).await.map_err(|_| Fault::Provider("the program is stopping".to_owned()))?
}
