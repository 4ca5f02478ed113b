//! The one ciphertext format of the vault, used for fields, wrapped keys and replies.
//!
//! ```text
//! 0        1                 17            29                 end-16        end
//! | 0x01   | key id (16)     | nonce (12)  | ciphertext       | tag (16)    |
//! ```
//! AES-256-GCM. The associated data is not stored; each use encodes its own, beginning with its own label.

use aes_gcm::aead::inout::InOutBuf;
use aes_gcm::{AeadInOut, Aes256Gcm, KeyInit, Nonce, Tag};
use dossier_kernel::id::Ids;
use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use crate::error::{Fault, Result};
use crate::provider::{KeyId, Secret};

const VERSION: u8 = 1;
const KEY_AT: usize = 1;
const NONCE_AT: usize = 17;
const TEXT_AT: usize = 29;
const TAG: usize = 16;

/// What an envelope adds to its content, in bytes.
pub(crate) const OVERHEAD: usize = TEXT_AT + TAG;

/// A cipher with its key schedule, wiped when dropped.
pub(crate) fn cipher(key: &Secret) -> Aes256Gcm {
    Aes256Gcm::new(key.expose_secret().into())
}

/// A fresh random nonce. 2^32 messages under one key keep the chance of a repeat below 2^-32.
pub(crate) fn nonce(ids: &dyn Ids) -> Result<[u8; 12]> {
    let mut nonce = [0; 12];
    ids.fill(&mut nonce)?;
    Ok(nonce)
}

/// Closes `content` in an envelope that names `key_id`.
pub(crate) fn close(cipher: &Aes256Gcm, key_id: KeyId, nonce: [u8; 12], aad: &[u8], content: &[u8]) -> Result<Vec<u8>> {
    // The exact capacity, so that growing never leaves a copy of the content behind.
    let mut bytes = Vec::with_capacity(content.len() + OVERHEAD);
    bytes.push(VERSION);
    bytes.extend_from_slice(key_id.as_bytes());
    bytes.extend_from_slice(&nonce);
    bytes.extend_from_slice(content);
    let text = InOutBuf::from(&mut bytes[TEXT_AT..]);
    let tag = cipher.encrypt_inout_detached(&Nonce::from(nonce), aad, text).map_err(|_| Fault::TooLong)?;
    bytes.extend_from_slice(&tag);
    Ok(bytes)
}

/// The key that closed this envelope.
pub(crate) fn key_of(bytes: &[u8]) -> Result<KeyId> {
    if bytes.len() < OVERHEAD || bytes[0] != VERSION {
        return Err(Fault::Malformed);
    }
    KeyId::from_slice(&bytes[KEY_AT..NONCE_AT]).map_err(|_| Fault::Malformed)
}

/// Opens an envelope; the content is wiped when dropped.
pub(crate) fn open(cipher: &Aes256Gcm, aad: &[u8], bytes: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    key_of(bytes)?;
    let (text, tag) = bytes[TEXT_AT..].split_at(bytes.len() - OVERHEAD);
    let nonce = <&Nonce<_>>::try_from(&bytes[NONCE_AT..TEXT_AT]).map_err(|_| Fault::Malformed)?;
    let tag = <&Tag>::try_from(tag).map_err(|_| Fault::Malformed)?;
    let mut content = Zeroizing::new(text.to_vec());
    let buffer = InOutBuf::from(content.as_mut_slice());
    cipher.decrypt_inout_detached(nonce, aad, buffer, tag).map_err(|_| Fault::Forged)?;
    Ok(content)
}
