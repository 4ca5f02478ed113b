//! The vault a service is started with: its keys, its ids, its cache and its tombstone list in one value.

mod destroy;

use std::sync::Arc;

use dossier_kernel::db::{Db, Tx};
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
use crate::provider::{Purpose, Secret, SharedProvider, WrapPlace};
use crate::seal::{self, Aad};
use crate::store::{self, KeyRow, NewKey};
use crate::tombstone::Tombstones;

pub use destroy::Reapplied;

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
}

fn broken(place: Aad<'_>, fault: Fault) -> Fault {
    Fault::SealBroken { file: place.file, field: place.field.to_owned(), fault: Box::new(fault) }
}

#[cfg(test)]
mod tests;
