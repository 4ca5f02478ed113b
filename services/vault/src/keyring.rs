//! The keyring: root keys in one JSON file that only its owner may read.
//!
//! ```json
//! {
//!   "format": "dossier-keyring/1",
//!   "keys": [
//!     { "id": "0193...", "purpose": "seal", "created": "2026-11-22T02:41:00Z", "secret": "<32 bytes, base64>" }
//!   ]
//! }
//! ```
//! Within a purpose the last entry is the newest: it wraps and signs, the older ones still open and verify. Every
//! working key is derived from a root by HKDF-SHA256 (salt `dossier/keyring/v1`; info: purpose and scope,
//! length-prefixed), so one org's keys say nothing about another's.

mod file;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use aes_gcm::Aes256Gcm;
use dossier_kernel::id::Ids;
use hkdf::Hkdf;
use jiff::Timestamp;
use secrecy::{ExposeSecret, ExposeSecretMut};
use sha2::Sha256;

use crate::encode;
use crate::envelope;
use crate::error::{Fault, Result};
use crate::provider::{KeyId, KeyProvider, Purpose, Secret, WrapPlace};
use crate::scopes::Scopes;

/// Root keys from a file; the provider of the embedded default.
pub struct Keyring {
    roots: Vec<Root>,
    wrappers: Scopes<Aes256Gcm>,
}

/// One version of one root key.
struct Root {
    id: KeyId,
    purpose: Purpose,
    created: Timestamp,
    secret: Secret,
}

/// What may be shown of a root key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Version {
    /// Its id.
    pub id: KeyId,
    /// What it is for.
    pub purpose: Purpose,
    /// When it was made.
    pub created: Timestamp,
}

// === impl Keyring ===

impl Keyring {
    /// Makes a keyring at `path`, mode 0600, with one root key for every purpose. Appears whole or not at all.
    ///
    /// # Errors
    /// [`KeyringExists`](Fault::KeyringExists): an existing keyring is never touched, since losing it loses every
    /// sealed value; [`KeyringUnreadable`](Fault::KeyringUnreadable); [`NoRandomness`](Fault::NoRandomness).
    pub fn create(path: &Path, ids: &dyn Ids) -> Result<Self> {
        let roots = Purpose::ALL.into_iter().map(|purpose| Root::fresh(purpose, ids)).collect::<Result<Vec<_>>>()?;
        file::create(path, &roots, ids)?;
        Ok(Self::of(roots))
    }

    /// Opens the keyring at `path`.
    ///
    /// # Errors
    /// [`KeyringMissing`](Fault::KeyringMissing), [`KeyringUnreadable`](Fault::KeyringUnreadable),
    /// [`KeyringPermissions`](Fault::KeyringPermissions), [`KeyringMalformed`](Fault::KeyringMalformed).
    pub fn open(path: &Path) -> Result<Self> {
        file::read(path).map(Self::of)
    }

    /// Opens the keyring at `path`, or makes it when it is missing. Two processes that start together end up with the
    /// same one.
    ///
    /// # Errors
    /// As [`open`](Self::open) and [`create`](Self::create).
    pub fn open_or_create(path: &Path, ids: &dyn Ids) -> Result<Self> {
        match Self::open(path) {
            Err(Fault::KeyringMissing { .. }) => {}
            outcome => return outcome,
        }
        match Self::create(path, ids) {
            Err(Fault::KeyringExists { .. }) => Self::open(path),
            outcome => outcome,
        }
    }

    /// Adds a newer version for `purpose` to the file; running processes see it after a restart.
    ///
    /// # Errors
    /// [`NotRotatable`](Fault::NotRotatable) when values are compared under this key and one exists already; else as
    /// [`open`](Self::open).
    pub fn rotate(path: &Path, purpose: Purpose, ids: &dyn Ids) -> Result<Version> {
        let mut roots = file::read(path)?;
        if !purpose.rotates() && roots.iter().any(|root| root.purpose == purpose) {
            return Err(Fault::NotRotatable { purpose });
        }
        let root = Root::fresh(purpose, ids)?;
        let version = root.version();
        roots.push(root);
        file::replace(path, &roots, ids)?;
        Ok(version)
    }

    /// Removes an old version from the file for good: what is still wrapped or sealed under it is lost.
    ///
    /// # Errors
    /// [`UnknownKey`](Fault::UnknownKey), [`InUse`](Fault::InUse) for the newest of its purpose; else as
    /// [`open`](Self::open).
    pub fn retire(path: &Path, id: KeyId, ids: &dyn Ids) -> Result<()> {
        let mut roots = file::read(path)?;
        let purpose = roots.iter().find(|root| root.id == id).ok_or(Fault::UnknownKey { id })?.purpose;
        if roots.iter().rfind(|root| root.purpose == purpose).is_some_and(|newest| newest.id == id) {
            return Err(Fault::InUse { id });
        }
        roots.retain(|root| root.id != id);
        file::replace(path, &roots, ids)
    }

    /// Every root key without its secret, oldest first.
    pub fn list(&self) -> Vec<Version> {
        self.roots.iter().map(Root::version).collect()
    }

    fn of(roots: Vec<Root>) -> Self {
        Self { roots, wrappers: Scopes::default() }
    }

    fn root(&self, purpose: Purpose, id: KeyId) -> Result<&Root> {
        let found = self.roots.iter().find(|root| root.id == id && root.purpose == purpose);
        found.ok_or(Fault::UnknownKey { id })
    }

    fn wrapper(&self, root: KeyId, org: &str) -> Result<Arc<Aes256Gcm>> {
        self.wrappers.get(root, org, || Ok(envelope::cipher(&self.root(Purpose::Seal, root)?.derive(org)?)))
    }
}

impl KeyProvider for Keyring {
    fn versions(&self, purpose: Purpose) -> Result<Vec<KeyId>> {
        let ids: Vec<_> = self.roots.iter().rev().filter(|root| root.purpose == purpose).map(|root| root.id).collect();
        if ids.is_empty() { Err(Fault::NoKey { purpose }) } else { Ok(ids) }
    }

    fn newest(&self, purpose: Purpose) -> Result<KeyId> {
        let newest = self.roots.iter().rfind(|root| root.purpose == purpose);
        newest.map(|root| root.id).ok_or(Fault::NoKey { purpose })
    }

    fn derive(&self, purpose: Purpose, version: KeyId, scope: &str) -> Result<Secret> {
        if purpose == Purpose::Seal {
            return Err(Fault::NotExportable { purpose });
        }
        self.root(purpose, version)?.derive(scope)
    }

    fn wrap(&self, place: &WrapPlace<'_>, key: &Secret, ids: &dyn Ids) -> Result<Vec<u8>> {
        let root = self.newest(Purpose::Seal)?;
        let nonce = envelope::nonce(ids)?;
        envelope::close(&*self.wrapper(root, place.org)?, root, nonce, &place.aad(), key.expose_secret())
    }

    fn unwrap(&self, place: &WrapPlace<'_>, wrapped: &[u8]) -> Result<Secret> {
        let root = envelope::key_of(wrapped)?;
        let content = envelope::open(&*self.wrapper(root, place.org)?, &place.aad(), wrapped)?;
        let bytes = <&[u8; 32]>::try_from(content.as_slice()).map_err(|_| Fault::Malformed)?;
        Ok(Secret::init_with_mut(|key| key.copy_from_slice(bytes)))
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Keyring").field("keys", &self.list()).finish_non_exhaustive()
    }
}

// === impl Root ===

impl Root {
    fn fresh(purpose: Purpose, ids: &dyn Ids) -> Result<Self> {
        let mut secret = Secret::default();
        ids.fill(secret.expose_secret_mut())?;
        let id = ids.uuid();
        Ok(Self { id, purpose, created: made_at(id), secret })
    }

    fn version(&self) -> Version {
        Version { id: self.id, purpose: self.purpose, created: self.created }
    }

    fn derive(&self, scope: &str) -> Result<Secret> {
        let info = encode::parts(&[self.purpose.label().as_bytes(), scope.as_bytes()]);
        let extracted = Hkdf::<Sha256>::new(Some(b"dossier/keyring/v1"), self.secret.expose_secret());
        let mut key = Secret::default();
        // Refused only beyond 8160 bytes; still, a key that was not written must never be used.
        extracted.expand(&info, key.expose_secret_mut()).map_err(|_| Fault::TooLong)?;
        Ok(key)
    }
}

// The id says when it was made, to the millisecond.
fn made_at(id: KeyId) -> Timestamp {
    let (seconds, nanos) = id.get_timestamp().map_or((0, 0), |time| time.to_unix());
    Timestamp::new(i64::try_from(seconds).unwrap_or(0), i32::try_from(nanos).unwrap_or(0)).unwrap_or_default()
}

#[cfg(test)]
mod tests;
