//! The data key of one file: everything sealed of the file opens with it, and with nothing else.

use std::fmt;

use aes_gcm::Aes256Gcm;
use dossier_kernel::id::Ids;
use secrecy::ExposeSecretMut;

use crate::envelope;
use crate::error::Result;
use crate::provider::{KeyId, Secret};

/// A file's data key, ready to use. Wiped when dropped; 256 bits of AES-GCM.
pub struct DataKey {
    id: KeyId,
    cipher: Aes256Gcm,
}

// === impl DataKey ===

impl DataKey {
    /// The key with id `id` and these bytes.
    pub fn new(id: KeyId, secret: &Secret) -> Self {
        Self { id, cipher: envelope::cipher(secret) }
    }

    /// A random secret for a new key.
    ///
    /// # Errors
    /// [`NoRandomness`](crate::Fault::NoRandomness).
    pub fn draw(ids: &dyn Ids) -> Result<Secret> {
        let mut secret = Secret::default();
        ids.fill(secret.expose_secret_mut())?;
        Ok(secret)
    }

    /// Its id; every value sealed under it names it.
    pub fn id(&self) -> KeyId {
        self.id
    }

    pub(crate) fn cipher(&self) -> &Aes256Gcm {
        &self.cipher
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("DataKey").field("id", &self.id).finish_non_exhaustive()
    }
}
