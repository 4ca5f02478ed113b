//! Where root keys live. [`Keyring`](crate::Keyring) keeps them in a file; a hardware module is another provider.
//!
//! # To add a provider
//! Implement [`KeyProvider`]: wrapping may stay inside the module; what the other purposes derive comes out (HKDF by
//! the module, or over a secret it unwraps). Run the tests of `src/keyring.rs` that take a `&dyn KeyProvider` on it.

use std::fmt;
use std::sync::Arc;

use dossier_kernel::id::Ids;
use secrecy::SecretBox;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::encode;
use crate::error::Result;

/// The id of one version of a key: a UUIDv7.
pub type KeyId = Uuid;

/// 32 bytes of key material: on the heap, wiped when dropped, hidden in `Debug`.
pub type Secret = SecretBox<[u8; 32]>;

/// The provider a process shares.
pub type SharedProvider = Arc<dyn KeyProvider>;

/// What a key is for. A key serves one purpose only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// Wraps the data keys of an org's files.
    Seal,
    /// Blind indexes of an org.
    Index,
    /// Seals the replies kept for repeated requests.
    Reply,
    /// Digests of requests, to tell a repeated one from another with the same id.
    Digest,
    /// Signs the checkpoints of a service's journals.
    JournalSign,
    /// Signs the tokens with which services call each other.
    TokenSign,
}

/// The place of a wrapped data key; part of what is authenticated.
#[derive(Debug, Clone, Copy)]
pub struct WrapPlace<'a> {
    /// The org the file belongs to.
    pub org: &'a str,
    /// The file.
    pub file: Uuid,
    /// The data key's own id.
    pub key_id: KeyId,
}

/// Keeps root keys and works with them. Calls may block for as long as a hardware module needs.
pub trait KeyProvider: Send + Sync + fmt::Debug {
    /// The versions for `purpose`, the newest first.
    ///
    /// # Errors
    /// [`NoKey`](crate::Fault::NoKey) when there is none.
    fn versions(&self, purpose: Purpose) -> Result<Vec<KeyId>>;

    /// The newest version for `purpose`.
    ///
    /// # Errors
    /// [`NoKey`](crate::Fault::NoKey) when there is none.
    fn newest(&self, purpose: Purpose) -> Result<KeyId>;

    /// The key of `scope` (an org, a service, or nothing) under one root version: HKDF-SHA256.
    ///
    /// # Errors
    /// [`UnknownKey`](crate::Fault::UnknownKey) for another purpose's version, [`NotExportable`](crate::Fault::NotExportable)
    /// for [`Purpose::Seal`].
    fn derive(&self, purpose: Purpose, version: KeyId, scope: &str) -> Result<Secret>;

    /// Wraps a data key under the org's key of the newest version; the bytes name that version.
    ///
    /// # Errors
    /// [`NoRandomness`](crate::Fault::NoRandomness), or the provider's own fault.
    fn wrap(&self, place: &WrapPlace<'_>, key: &Secret, ids: &dyn Ids) -> Result<Vec<u8>>;

    /// Unwraps a data key; wrapped under an old version it still opens until that version is retired.
    ///
    /// # Errors
    /// [`Forged`](crate::Fault::Forged) when the bytes or the place were changed, [`UnknownKey`](crate::Fault::UnknownKey)
    /// when the version was retired.
    fn unwrap(&self, place: &WrapPlace<'_>, wrapped: &[u8]) -> Result<Secret>;
}

// === impl Purpose ===

impl Purpose {
    /// Every purpose, in the order a new keyring lists them.
    pub const ALL: [Self; 6] = [Self::Seal, Self::Index, Self::Reply, Self::Digest, Self::JournalSign, Self::TokenSign];

    /// Its name in the keyring file and in derivation; part of the format.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Seal => "seal",
            Self::Index => "index",
            Self::Reply => "reply",
            Self::Digest => "digest",
            Self::JournalSign => "journal-sign",
            Self::TokenSign => "token-sign",
        }
    }

    /// Whether a second version may be added. Values that are compared, not opened, would no longer match.
    pub const fn rotates(self) -> bool {
        match self {
            Self::Seal | Self::Reply | Self::JournalSign | Self::TokenSign => true,
            Self::Index | Self::Digest => false,
        }
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.label())
    }
}

// === impl WrapPlace ===

impl WrapPlace<'_> {
    /// The associated data of a wrapped key: label, org, file and key id, length-prefixed. The root version stands in
    /// the header and is authenticated by being the key that opens it.
    pub fn aad(&self) -> Vec<u8> {
        encode::parts(&[b"dossier/wrap/v1", self.org.as_bytes(), self.file.as_bytes(), self.key_id.as_bytes()])
    }
}
