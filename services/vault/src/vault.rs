//! The vault a service is started with: its keys, its ids, its cache and its tombstone list in one value.

use std::sync::Arc;

use dossier_kernel::db::{Db, Tx};
use dossier_kernel::error::Result as KernelResult;
use dossier_kernel::id::SharedIds;
use dossier_kernel::time::micros;
use dossier_kernel::transact;
use jiff::Timestamp;
use secrecy::{ExposeSecret, ExposeSecretMut};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::blind::BlindIndex;
use crate::cache::{DEFAULT_CAPACITY, KeyCache};
use crate::envelope;
use crate::error::{Fault, Result};
use crate::key::DataKey;
use crate::provider::{KeyId, Purpose, Secret, SharedProvider, WrapPlace};
use crate::seal::{self, Aad};
use crate::store::{self, KeyRow, NewKey};
use crate::tombstone::{self, Listed, Tombstone, Tombstones};

/// Keys rewrapped in one transaction.
const BATCH: i64 = 200;

/// Everything a service needs to seal, search and destroy; cheap to clone.
#[derive(Debug, Clone)]
pub struct Vault {
    provider: SharedProvider,
    ids: SharedIds,
    cache: Arc<KeyCache>,
    index: Arc<BlindIndex>,
    tombstones: Tombstones,
}

/// What was destroyed in a transaction; to be given to [`Vault::bury`] once that has committed.
#[derive(Debug, Clone)]
#[must_use = "the tombstone list learns of it by Vault::bury"]
pub struct Destroyed(Tombstone);

/// The key of a file that is still to be made.
#[derive(Debug, Clone)]
pub struct Drawn {
    /// The file.
    pub file: Uuid,
    key_id: Uuid,
    wrapped: Vec<u8>,
    /// The key.
    pub key: Arc<DataKey>,
}

/// What the start-up job did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reapplied {
    /// Keys destroyed again: the store had been restored from before their destruction.
    pub destroyed: usize,
    /// Tombstones that only the store knew, added to the list: a crash came between commit and list.
    pub listed: usize,
}

// === impl Drawn ===

impl Drawn {
    /// The row that keeps it.
    pub fn row(&self) -> KeyRow {
        KeyRow { key_id: self.key_id, wrapped: Some(self.wrapped.clone()) }
    }
}

// === impl Vault ===

impl Vault {
    /// A vault on the keys of `provider` and the list of what was destroyed.
    pub fn new(provider: SharedProvider, ids: SharedIds, tombstones: Tombstones) -> Self {
        let index = Arc::new(BlindIndex::new(provider.clone()));
        Self { provider, ids, cache: Arc::new(KeyCache::new(DEFAULT_CAPACITY)), index, tombstones }
    }

    /// The blind indexes.
    pub fn index(&self) -> &BlindIndex {
        &self.index
    }

    /// The provider, for signing keys.
    pub fn provider(&self) -> &SharedProvider {
        &self.provider
    }

    /// The keys in use; the service calls [`KeyCache::advance`] every minute.
    pub fn cache(&self) -> &KeyCache {
        &self.cache
    }

    /// Makes the key of a new file, in the transaction that makes the file.
    ///
    /// # Errors
    /// [`KeyExists`](Fault::KeyExists), [`KeyDestroyed`](Fault::KeyDestroyed): a destroyed file is never made again.
    pub async fn create_key(&self, tx: &mut Tx, org: &str, file: Uuid, now: Timestamp) -> Result<Arc<DataKey>> {
        let drawn = self.draw_key(org, file)?;
        self.keep_key(tx, org, &drawn, now).await?;
        Ok(drawn.key)
    }

    /// A key for a file that is still to be made, for work that seals something of it before its transaction begins; nothing of it is
    /// stored until [`keep_key`](Self::keep_key).
    ///
    /// # Errors
    /// [`NoRandomness`](Fault::NoRandomness), or the provider's own fault.
    pub fn draw_key(&self, org: &str, file: Uuid) -> Result<Drawn> {
        let key_id = self.ids.uuid();
        let secret = DataKey::draw(&*self.ids)?;
        let wrapped = self.provider.wrap(&WrapPlace { org, file, key_id }, &secret, &*self.ids)?;
        Ok(Drawn { file, key_id, wrapped, key: Arc::new(DataKey::new(key_id, &secret)) })
    }

    /// Keeps a key that was drawn, in the transaction that makes the file.
    ///
    /// # Errors
    /// As [`create_key`](Self::create_key).
    pub async fn keep_key(&self, tx: &mut Tx, org: &str, drawn: &Drawn, now: Timestamp) -> Result<()> {
        let Drawn { file, key_id, wrapped, .. } = drawn;
        let root = envelope::key_of(wrapped)?;
        let new = NewKey { org, file: *file, key_id: *key_id, root, wrapped, now: micros(now) };
        if store::insert(tx, &new).await? {
            // Not cached: the transaction may still be undone.
            return Ok(());
        }
        let file = *file;
        let destroyed = store::lookup(tx, org, file).await?.is_some_and(|row| row.wrapped.is_none());
        Err(if destroyed { Fault::KeyDestroyed { file } } else { Fault::KeyExists { file } })
    }

    /// The key of a file.
    ///
    /// # Errors
    /// [`KeyDestroyed`](Fault::KeyDestroyed), [`KeyUnknown`](Fault::KeyUnknown), and as [`key_of`](Self::key_of).
    pub async fn load_key(&self, tx: &mut Tx, org: &str, file: Uuid) -> Result<Arc<DataKey>> {
        let row = store::lookup(tx, org, file).await?.ok_or(Fault::KeyUnknown { file })?;
        self.key_of(org, file, &row)
    }

    /// The key of a file, made when it has none yet: in the stores of services that keep something of a file and not the file.
    ///
    /// # Errors
    /// [`KeyDestroyed`](Fault::KeyDestroyed), and as [`key_of`](Self::key_of).
    pub async fn key_for(&self, tx: &mut Tx, org: &str, file: Uuid, now: Timestamp) -> Result<Arc<DataKey>> {
        match self.load_key(tx, org, file).await {
            Err(Fault::KeyUnknown { .. }) => {}
            known => return known,
        }
        match self.create_key(tx, org, file, now).await {
            // Somebody else was quicker.
            Err(Fault::KeyExists { .. }) => self.load_key(tx, org, file).await,
            made => made,
        }
    }

    /// A key of its own for a part of a file, and its bytes sealed under the file's key at `place`: the part can be destroyed alone,
    /// and is gone with the file.
    ///
    /// # Errors
    /// [`NoRandomness`](Fault::NoRandomness).
    pub fn create_part_key(&self, key: &DataKey, part: Uuid, place: Aad<'_>) -> Result<(Arc<DataKey>, Vec<u8>)> {
        let secret = DataKey::draw(&*self.ids)?;
        let sealed = self.seal(key, place, secret.expose_secret())?;
        Ok((Arc::new(DataKey::new(part, &secret)), sealed))
    }

    /// The key that [`create_part_key`](Self::create_part_key) made.
    ///
    /// # Errors
    /// [`SealBroken`](Fault::SealBroken).
    pub fn open_part_key(&self, key: &DataKey, part: Uuid, place: Aad<'_>, sealed: &[u8]) -> Result<Arc<DataKey>> {
        let (file, field) = (place.file, place.field.to_owned());
        let bytes = self.open(key, place, sealed)?;
        let mut secret = Secret::default();
        match bytes.len() == secret.expose_secret().len() {
            true => secret.expose_secret_mut().copy_from_slice(&bytes),
            false => return Err(Fault::SealBroken { file, field, fault: Box::new(Fault::Malformed) }),
        }
        Ok(Arc::new(DataKey::new(part, &secret)))
    }

    /// The key of a row that was loaded together with something else.
    ///
    /// # Errors
    /// [`KeyDestroyed`](Fault::KeyDestroyed), [`UnknownKey`](Fault::UnknownKey) when its root version was retired,
    /// [`Forged`](Fault::Forged) when the row was changed.
    pub fn key_of(&self, org: &str, file: Uuid, row: &KeyRow) -> Result<Arc<DataKey>> {
        let wrapped = row.wrapped.as_deref().ok_or(Fault::KeyDestroyed { file })?;
        if let Some(key) = self.cache.get(org, file, row.key_id) {
            return Ok(key);
        }
        let secret = self.provider.unwrap(&WrapPlace { org, file, key_id: row.key_id }, wrapped)?;
        let key = Arc::new(DataKey::new(row.key_id, &secret));
        self.cache.put(org, file, key.clone());
        Ok(key)
    }

    /// Seals a value at its place.
    ///
    /// # Errors
    /// As [`seal::seal`].
    pub fn seal(&self, key: &DataKey, place: Aad<'_>, value: &[u8]) -> Result<Vec<u8>> {
        seal::seal(key, &*self.ids, place, value)
    }

    /// Opens a value at its place; the value is wiped when dropped.
    ///
    /// # Errors
    /// [`SealBroken`](Fault::SealBroken) with the place and why.
    pub fn open(&self, key: &DataKey, place: Aad<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        seal::open(key, place, sealed).map_err(|fault| broken(place, fault))
    }

    /// Opens a value that is text.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_text(&self, key: &DataKey, place: Aad<'_>, sealed: &[u8]) -> Result<Zeroizing<String>> {
        seal::open_text(key, place, sealed).map_err(|fault| broken(place, fault))
    }

    /// Destroys the key of a file in the caller's transaction. After its commit the caller gives the result to
    /// [`bury`](Self::bury), and only then answers.
    ///
    /// # Errors
    /// [`KeyDestroyed`](Fault::KeyDestroyed) when it was done before, [`KeyUnknown`](Fault::KeyUnknown).
    pub async fn destroy_key(&self, tx: &mut Tx, org: &str, file: Uuid, now: Timestamp) -> Result<Destroyed> {
        let dead = Tombstone { org: org.to_owned(), file, destroyed_at: micros(now) };
        if !store::erase(tx, org, file, dead.destroyed_at).await? {
            let known = store::lookup(tx, org, file).await?.is_some();
            return Err(if known { Fault::KeyDestroyed { file } } else { Fault::KeyUnknown { file } });
        }
        store::bury(tx, &dead).await?;
        self.cache.forget(org, file);
        Ok(Destroyed(dead))
    }

    /// The version of the root key that the key of a file is wrapped under: who keeps a backup opens it until that version is retired.
    /// `None`: it has no key.
    ///
    /// # Errors
    /// The store's.
    pub async fn root_of(&self, tx: &mut Tx, org: &str, file: Uuid) -> Result<Option<KeyId>> {
        Ok(store::root(tx, org, file).await?)
    }

    /// Writes what was destroyed to the tombstone list and forgets the key. Call it after the commit: written before,
    /// a transaction that is undone would lose its key at the next start.
    ///
    /// # Errors
    /// [`TombstonesUnreadable`](Fault::TombstonesUnreadable); the next start writes it then.
    pub async fn bury(&self, db: &Db, destroyed: &Destroyed) -> Result<()> {
        let dead = &destroyed.0;
        // Once more: a reader of the old row may have put the key back before the commit.
        self.cache.forget(&dead.org, dead.file);
        self.list(vec![dead.clone()]).await?;
        self.seen(db, std::slice::from_ref(dead)).await
    }

    /// Writes whatever was destroyed in the store and is not in the tombstone list to it, and forgets the keys; gives how many. Called
    /// after the commit of work that may have destroyed something and before its answer, it does what [`bury`](Self::bury) does without
    /// having to be told.
    ///
    /// # Errors
    /// [`TombstonesUnreadable`](Fault::TombstonesUnreadable), or the store's; the next call, or the next start, writes it then.
    pub async fn bury_all(&self, db: &Db) -> Result<usize> {
        let found = store::unlisted(&mut db.read().await?).await?;
        let dead: Vec<Tombstone> = found.into_iter().map(Into::into).collect();
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

    /// Wraps up to 200 keys of `org` anew that are not under the newest root version; gives how many. Repeated until it
    /// gives 0, nothing of the org needs an older version any more.
    ///
    /// # Errors
    /// As [`key_of`](Self::key_of).
    pub async fn rewrap(&self, db: &Db, org: &str) -> Result<usize> {
        let root = self.provider.newest(Purpose::Seal)?;
        let done = transact!(db, tx => {
            let rows = store::wrapped_elsewhere(tx, org, root, BATCH).await?;
            for row in &rows {
                let wrapped = self.wrapped_anew(org, row)?;
                store::replace(tx, org, row, root, &wrapped).await?;
            }
            Ok(rows.len())
        })?;
        Ok(done)
    }

    fn wrapped_anew(&self, org: &str, row: &store::FileKeyRow) -> Result<Vec<u8>> {
        let place = WrapPlace { org, file: row.file, key_id: row.key.key_id };
        let wrapped = row.key.wrapped.as_deref().ok_or(Fault::KeyDestroyed { file: row.file })?;
        self.provider.wrap(&place, &self.provider.unwrap(&place, wrapped)?, &*self.ids)
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

fn broken(place: Aad<'_>, fault: Fault) -> Fault {
    Fault::SealBroken { file: place.file, field: place.field.to_owned(), fault: Box::new(fault) }
}

#[cfg(test)]
mod tests;
