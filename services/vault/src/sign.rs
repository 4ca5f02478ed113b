//! The Ed25519 keys of the deployment: one per service for its journals' checkpoints, one for internal tokens. And the key
//! with which all services vouch for what they put on the bus.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::pkcs8::EncodePrivateKey;
use ed25519_dalek::{SigningKey, VerifyingKey};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::error::{Fault, Result};
use crate::provider::{KeyId, KeyProvider, Purpose, Secret};

/// A signing key with the id of the root version it comes from; wiped when dropped.
#[derive(Clone)]
pub struct Signer {
    id: KeyId,
    key: SigningKey,
}

// The scope of the bus' key; a service's own is its name, in letters.
const BUS: &str = "*bus";

/// The keys with which services vouch for the entries that they put on the bus, the newest first; the same in every
/// service that has the same keyring.
///
/// # Errors
/// [`NoKey`](Fault::NoKey), or the provider's own fault.
pub fn bus_keys(provider: &dyn KeyProvider) -> Result<Vec<Secret>> {
    let purpose = Purpose::JournalSign;
    provider.versions(purpose)?.into_iter().map(|id| provider.derive(purpose, id, BUS)).collect()
}

// === impl Signer ===

impl Signer {
    /// The key with which `service` signs the checkpoints of its journals.
    ///
    /// # Errors
    /// [`NoKey`](Fault::NoKey), or the provider's own fault.
    pub fn journal(provider: &dyn KeyProvider, service: &str) -> Result<Self> {
        Self::of(provider, Purpose::JournalSign, provider.newest(Purpose::JournalSign)?, service)
    }

    /// Every key with which `service` ever signed checkpoints, the newest first: old checkpoints stay verifiable.
    ///
    /// # Errors
    /// As [`journal`](Self::journal).
    pub fn journals(provider: &dyn KeyProvider, service: &str) -> Result<Vec<Self>> {
        Self::all(provider, Purpose::JournalSign, service)
    }

    /// The key that signs internal service tokens.
    ///
    /// # Errors
    /// As [`journal`](Self::journal).
    pub fn token(provider: &dyn KeyProvider) -> Result<Self> {
        Self::of(provider, Purpose::TokenSign, provider.newest(Purpose::TokenSign)?, "")
    }

    /// The key set with which internal service tokens are verified: a JWKS document with every version.
    ///
    /// # Errors
    /// As [`journal`](Self::journal).
    pub fn token_jwks(provider: &dyn KeyProvider) -> Result<Value> {
        let keys: Vec<_> = Self::all(provider, Purpose::TokenSign, "")?.iter().map(Self::jwk).collect();
        Ok(json!({ "keys": keys }))
    }

    /// The id of the root version; the `kid` of a token.
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// The private half.
    pub fn signing_key(&self) -> &SigningKey {
        &self.key
    }

    /// The public half.
    pub fn verifying_key(&self) -> VerifyingKey {
        self.key.verifying_key()
    }

    /// The private half as PKCS #8 DER, as token libraries take it.
    ///
    /// # Errors
    /// [`Malformed`](Fault::Malformed) when it cannot be encoded.
    pub fn pkcs8(&self) -> Result<Zeroizing<Vec<u8>>> {
        let document = self.key.to_pkcs8_der().map_err(|_| Fault::Malformed)?;
        Ok(document.to_bytes())
    }

    /// The public half as a JSON Web Key.
    pub fn jwk(&self) -> Value {
        let public = URL_SAFE_NO_PAD.encode(self.verifying_key().as_bytes());
        json!({ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": self.id, "x": public })
    }

    fn all(provider: &dyn KeyProvider, purpose: Purpose, scope: &str) -> Result<Vec<Self>> {
        provider.versions(purpose)?.into_iter().map(|id| Self::of(provider, purpose, id, scope)).collect()
    }

    fn of(provider: &dyn KeyProvider, purpose: Purpose, id: KeyId, scope: &str) -> Result<Self> {
        let seed = provider.derive(purpose, id, scope)?;
        Ok(Self { id, key: SigningKey::from_bytes(seed.expose_secret()) })
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Signer").field("id", &self.id).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use dossier_kernel::id::System;
    use ed25519_dalek::pkcs8::DecodePrivateKey;
    use ed25519_dalek::{Signer as _, Verifier};

    use super::*;
    use crate::keyring::Keyring;

    #[test]
    fn services_sign_with_different_keys_and_old_versions_still_verify() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keyring.json");
        let before = Keyring::create(&path, &System).unwrap();
        let old = Signer::journal(&before, "profile").unwrap();
        assert_ne!(old.verifying_key(), Signer::journal(&before, "access").unwrap().verifying_key());
        assert_ne!(old.verifying_key(), Signer::token(&before).unwrap().verifying_key());
        let signature = old.signing_key().sign(b"checkpoint");

        Keyring::rotate(&path, Purpose::JournalSign, &System).unwrap();
        let after = Keyring::open(&path).unwrap();
        let all = Signer::journals(&after, "profile").unwrap();
        assert_eq!(all[0].id(), Signer::journal(&after, "profile").unwrap().id());
        assert_eq!(all[1].verifying_key(), old.verifying_key());
        all[1].verifying_key().verify(b"checkpoint", &signature).unwrap();
        assert!(all[0].verifying_key().verify(b"checkpoint", &signature).is_err());
    }

    #[test]
    fn the_keys_of_the_bus_follow_the_keyring_and_are_nobody_elses() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keyring.json");
        let before = bus_keys(&Keyring::create(&path, &System).unwrap()).unwrap();
        Keyring::rotate(&path, Purpose::JournalSign, &System).unwrap();
        let keyring = Keyring::open(&path).unwrap();
        let after = bus_keys(&keyring).unwrap();
        assert_eq!(after.len(), 2);
        assert_eq!(
            after[1].expose_secret(),
            before[0].expose_secret(),
            "what was written under the older key is still taken"
        );
        for service in ["profile", "access", "credit", "bus"] {
            let own = Signer::journal(&keyring, service).unwrap();
            assert_ne!(after[0].expose_secret(), own.signing_key().as_bytes());
        }
    }

    #[test]
    fn the_token_key_comes_in_the_forms_token_libraries_take() {
        let folder = tempfile::tempdir().unwrap();
        let keyring = Keyring::create(&folder.path().join("k"), &System).unwrap();
        let signer = Signer::token(&keyring).unwrap();
        let decoded = SigningKey::from_pkcs8_der(&signer.pkcs8().unwrap()).unwrap();
        assert_eq!(decoded.verifying_key(), signer.verifying_key());
        let jwks = Signer::token_jwks(&keyring).unwrap();
        assert_eq!(jwks["keys"][0]["kid"], signer.id().to_string());
        assert_eq!(jwks["keys"][0]["x"].as_str().unwrap().len(), 43);
        assert!(jwks["keys"][0].get("d").is_none());
        assert!(format!("{signer:?}").ends_with(", .. }"));
    }
}
