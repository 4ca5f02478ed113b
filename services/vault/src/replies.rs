//! Idempotency rows without personal values: the kept reply is sealed, the request is only digested.
//!
//! Each reply gets an AES key of its own, derived from its org's reply key and its request id, since an org makes more
//! mutations in its life than one AES-GCM key with random nonces should seal.

use std::fmt;

use aes_gcm::Aes256Gcm;
use dossier_kernel::error::Result as KernelResult;
use dossier_kernel::id::SharedIds;
use dossier_kernel::mutation::ReplySealer;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, ExposeSecretMut};
use sha2::Sha256;
use uuid::Uuid;

use crate::encode;
use crate::envelope;
use crate::error::{Fault, Result};
use crate::provider::{KeyId, Purpose, Secret, SharedProvider};
use crate::scopes::Scopes;

/// Seals the replies that are kept for repeated requests, and digests the requests.
pub struct Replies {
    provider: SharedProvider,
    ids: SharedIds,
    keys: Scopes<Hmac<Sha256>>,
    digests: Hmac<Sha256>,
}

// === impl Replies ===

impl Replies {
    /// A sealer under the keys of `provider`.
    ///
    /// # Errors
    /// [`NoKey`](Fault::NoKey) when the provider has none for digests, or its own fault.
    pub fn new(provider: SharedProvider, ids: SharedIds) -> Result<Self> {
        let version = provider.newest(Purpose::Digest)?;
        // One key for every org, the org being part of what is digested: so a digest cannot fail later.
        let digests = hmac_of(&provider.derive(Purpose::Digest, version, "")?)?;
        Ok(Self { provider, ids, keys: Scopes::default(), digests })
    }

    fn cipher(&self, version: KeyId, org: &str, request_id: Uuid) -> Result<Aes256Gcm> {
        let key = self.keys.get(version, org, || hmac_of(&self.provider.derive(Purpose::Reply, version, org)?))?;
        let mut mac = Hmac::clone(&key);
        encode::feed(&[b"dossier/reply-key/v1", request_id.as_bytes()], |bytes| mac.update(bytes));
        let mut secret = Secret::default();
        secret.expose_secret_mut().copy_from_slice(&mac.finalize().into_bytes());
        Ok(envelope::cipher(&secret))
    }
}

impl ReplySealer for Replies {
    fn seal(&self, org: &str, request_id: Uuid, reply: &[u8]) -> KernelResult<Vec<u8>> {
        let version = self.provider.newest(Purpose::Reply)?;
        let cipher = self.cipher(version, org, request_id)?;
        Ok(envelope::close(&cipher, version, envelope::nonce(&*self.ids)?, &aad(org, request_id), reply)?)
    }

    fn open(&self, org: &str, request_id: Uuid, sealed: &[u8]) -> KernelResult<Vec<u8>> {
        let version = envelope::key_of(sealed)?;
        let cipher = self.cipher(version, org, request_id)?;
        let mut reply = envelope::open(&cipher, &aad(org, request_id), sealed)?;
        Ok(std::mem::take(&mut *reply))
    }

    fn digest(&self, org: &str, method: &str, request: &[u8]) -> [u8; 32] {
        let mut mac = self.digests.clone();
        encode::feed(&[org.as_bytes(), method.as_bytes(), request], |bytes| mac.update(bytes));
        mac.finalize().into_bytes().into()
    }
}

fn hmac_of(key: &Secret) -> Result<Hmac<Sha256>> {
    Hmac::new_from_slice(key.expose_secret()).map_err(|_| Fault::Malformed)
}

fn aad(org: &str, request_id: Uuid) -> Vec<u8> {
    encode::parts(&[b"dossier/reply/v1", org.as_bytes(), request_id.as_bytes()])
}

impl fmt::Debug for Replies {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Replies(..)")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use dossier_kernel::error::Reason;
    use dossier_kernel::id::System;
    use proptest::prelude::*;

    use super::*;
    use crate::keyring::Keyring;

    const REQUEST: Uuid = Uuid::from_u128(5);

    fn replies() -> Replies {
        let folder = tempfile::tempdir().unwrap();
        let keyring = Keyring::create(&folder.path().join("k"), &System).unwrap();
        Replies::new(Arc::new(keyring), System::shared()).unwrap()
    }

    #[test]
    fn a_reply_opens_for_its_own_org_and_request_only() {
        let replies = replies();
        let sealed = replies.seal("demo", REQUEST, b"reply").unwrap();
        assert_eq!(replies.open("demo", REQUEST, &sealed).unwrap(), b"reply");
        for (org, request) in [("other", REQUEST), ("demo", Uuid::from_u128(6))] {
            assert_eq!(replies.open(org, request, &sealed).unwrap_err().reason(), Reason::SealBroken);
        }
        assert_eq!(replies.open("demo", REQUEST, b"short").unwrap_err().reason(), Reason::SealBroken);
    }

    #[test]
    fn a_reply_sealed_before_a_rotation_still_opens() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("k");
        let of = |keyring| Replies::new(Arc::new(keyring), System::shared()).unwrap();
        let before = of(Keyring::create(&path, &System).unwrap());
        let sealed = before.seal("demo", REQUEST, b"reply").unwrap();
        Keyring::rotate(&path, Purpose::Reply, &System).unwrap();
        let after = of(Keyring::open(&path).unwrap());
        assert_eq!(after.open("demo", REQUEST, &sealed).unwrap(), b"reply");
        assert_ne!(after.seal("demo", REQUEST, b"reply").unwrap()[1..17], sealed[1..17]);
        assert_eq!(after.digest("demo", "m", b"r"), before.digest("demo", "m", b"r"));
    }

    #[test]
    fn digests_differ_between_deployments() {
        assert_ne!(replies().digest("demo", "m", b"r"), replies().digest("demo", "m", b"r"));
    }

    proptest! {
        #[test]
        fn digests_are_equal_for_equal_calls_only(one: (String, String, Vec<u8>), two: (String, String, Vec<u8>)) {
            let replies = replies();
            let digest = |call: &(String, String, Vec<u8>)| replies.digest(&call.0, &call.1, &call.2);
            prop_assert_eq!(digest(&one), digest(&one));
            prop_assert_eq!(digest(&one) == digest(&two), one == two);
        }
    }
}
