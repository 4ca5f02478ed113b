//! An Ed25519 key of our own: kept as PKCS#8 PEM, shown as a JWK, signing JWTs.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey, spki::der::pem::LineEnding};
use ed25519_dalek::{Signer as _, SigningKey};
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::call::Providers;

/// An Ed25519 key of our own; its private part is wiped when dropped and never shown.
pub struct Signer {
    key: SigningKey,
    kid: String,
}

// === impl Signer ===

impl Signer {
    /// Opens the key in `path`, or makes one there that only its owner can read. Of processes that start together one
    /// makes it and the others read it.
    ///
    /// # Errors
    /// A sentence without the file's name.
    pub fn open(path: &Path, providers: &Providers) -> Result<Self, String> {
        if !path.exists() {
            Self::make(path, providers)?;
        }
        Self::existing(path)
    }

    /// Opens the key in `path`; none is made.
    ///
    /// # Errors
    /// A sentence without the file's name; also when others than its owner may read or write it.
    pub fn existing(path: &Path) -> Result<Self, String> {
        let mut file = File::open(path).map_err(|fault| format!("cannot be read: {}", fault.kind()))?;
        let about = file.metadata().map_err(|fault| format!("cannot be read: {}", fault.kind()))?;
        if let Some(mode) = open_to_others(&about) {
            return Err(format!("has mode {mode:04o}; only its owner may read it (0600 or 0400)"));
        }
        let mut pem = Zeroizing::new(String::new());
        file.read_to_string(&mut pem).map_err(|fault| format!("cannot be read: {}", fault.kind()))?;
        let key = SigningKey::from_pkcs8_pem(&pem).map_err(|_| "is not an Ed25519 key in pkcs8 pem".to_owned())?;
        Ok(Self::from_key(key))
    }

    /// A key that lives only in this process.
    ///
    /// # Errors
    /// A sentence, when the machine gives no randomness.
    pub fn ephemeral(providers: &Providers) -> Result<Self, String> {
        let mut seed = Zeroizing::new([0; 32]);
        providers.ids.fill(seed.as_mut_slice()).map_err(|fault| fault.to_string())?;
        Ok(Self::from_key(SigningKey::from_bytes(&seed)))
    }

    fn from_key(key: SigningKey) -> Self {
        // RFC 7638: the members that matter, sorted, without spaces.
        let x = URL_SAFE_NO_PAD.encode(key.verifying_key().as_bytes());
        let thumbprint = Sha256::digest(format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#));
        Self { key, kid: URL_SAFE_NO_PAD.encode(thumbprint) }
    }

    fn make(path: &Path, providers: &Providers) -> Result<(), String> {
        let signer = Self::ephemeral(providers)?;
        let pem = signer.key.to_pkcs8_pem(LineEnding::LF).map_err(|_| "cannot be encoded".to_owned())?;
        let said = |fault: std::io::Error| format!("cannot be written: {}", fault.kind());
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(said)?;
        }
        let beside = path.with_extension(providers.ids.uuid().simple().to_string());
        private(&beside)
            .and_then(|mut file| file.write_all(pem.as_bytes()).and_then(|()| file.sync_all()))
            .map_err(said)?;
        // A link is made whole or not at all, and never over a key that another process made meanwhile.
        let linked = std::fs::hard_link(&beside, path);
        std::fs::remove_file(&beside).map_err(said)?;
        match linked {
            Err(fault) if fault.kind() != std::io::ErrorKind::AlreadyExists => Err(said(fault)),
            _ => Ok(()),
        }
    }

    /// The key id: the RFC 7638 thumbprint of the public key.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The public key as a JWK.
    pub fn jwk(&self) -> Value {
        let x = URL_SAFE_NO_PAD.encode(self.key.verifying_key().as_bytes());
        json!({ "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": self.kid, "x": x })
    }

    /// The public key as a JWK Set.
    pub fn jwks(&self) -> Value {
        json!({ "keys": [self.jwk()] })
    }

    /// A signed JWT with these claims.
    ///
    /// # Errors
    /// When the claims are no JSON object.
    pub fn sign(&self, claims: &impl Serialize) -> Result<String, serde_json::Error> {
        let header = json!({ "alg": "EdDSA", "typ": "JWT", "kid": self.kid });
        let claims = serde_json::to_vec(claims)?;
        let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims));
        let signature = URL_SAFE_NO_PAD.encode(self.key.sign(message.as_bytes()).to_bytes());
        Ok(format!("{message}.{signature}"))
    }
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signer").field("kid", &self.kid).finish_non_exhaustive()
    }
}

/// The permission bits of a file that others than its owner may read or write.
#[cfg(unix)]
fn open_to_others(about: &std::fs::Metadata) -> Option<u32> {
    let mode = std::os::unix::fs::PermissionsExt::mode(&about.permissions()) & 0o7777;
    (mode & 0o077 != 0).then_some(mode)
}

#[cfg(not(unix))]
fn open_to_others(_: &std::fs::Metadata) -> Option<u32> {
    None
}

fn private(path: &Path) -> std::io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
