//! JWK Sets: reading them strictly, publishing our own keys.

use std::collections::HashMap;
use std::io::Write;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::DecodingKey;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::signer::Signer;
use crate::config::Algorithm;

/// The public keys of one issuer, by their key id.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    named: HashMap<String, Key>,
    unnamed: Vec<Key>,
    skipped: Vec<String>,
}

/// One public key and the only algorithm it may verify.
#[derive(Clone, Debug)]
pub struct Key {
    /// What it verifies.
    pub algorithm: Algorithm,
    /// Whether its set says so. RSA has two ways, and several issuers leave open which one a key is for.
    pub said: bool,
    /// The key itself.
    pub decoding: DecodingKey,
    /// The services that may speak with it; of a person's issuer nobody.
    pub services: Vec<String>,
}

#[derive(Deserialize)]
struct Set {
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
    n: Option<String>,
    e: Option<String>,
    // `SERVICES`.
    #[serde(default)]
    dossier_services: Vec<String>,
}

/// The member of a key of our own that names the services which may speak with it.
const SERVICES: &str = "dossier_services";

// === impl Keys ===

impl Keys {
    /// Reads a JWK Set. Keys of other kinds than Ed25519, P-256, P-384 and RSA, and keys for encryption, are passed over; a
    /// key of our kinds that is malformed or too short is left out alone ([`Keys::skipped`]).
    ///
    /// # Errors
    /// A sentence, when the text is no JWK Set.
    pub fn parse(text: &[u8]) -> Result<Self, String> {
        let set: Set = serde_json::from_slice(text).map_err(|_| "is not a jwk set".to_owned())?;
        let mut keys = Self::default();
        for (index, value) in set.keys.into_iter().enumerate() {
            if let Err(why) = keys.take(value) {
                keys.skipped.push(format!("key {}: {why}", index + 1));
            }
        }
        Ok(keys)
    }

    fn take(&mut self, value: Value) -> Result<(), String> {
        let jwk: Jwk = serde_json::from_value(value).map_err(|_| "is not a jwk".to_owned())?;
        match (jwk.key()?, jwk.kid) {
            (Some(key), Some(kid)) => drop(self.named.insert(kid, key)),
            (Some(key), None) => self.unnamed.push(key),
            (None, _) => {}
        }
        Ok(())
    }

    /// Why keys of our kinds were left out, a sentence for each.
    pub fn skipped(&self) -> &[String] {
        &self.skipped
    }

    /// Whether there is no key of our kinds.
    pub fn is_empty(&self) -> bool {
        self.named.is_empty() && self.unnamed.is_empty()
    }

    /// The key of this id; a token without an id fits only an issuer with a single key.
    pub fn find(&self, kid: Option<&str>) -> Option<&Key> {
        match kid {
            Some(kid) => self.named.get(kid).or_else(|| self.single().filter(|_| self.named.is_empty())),
            None => self.single(),
        }
    }

    fn single(&self) -> Option<&Key> {
        let mut all = self.named.values().chain(&self.unnamed);
        all.next().filter(|_| all.next().is_none())
    }
}

// === impl Jwk ===

impl Jwk {
    fn key(&self) -> Result<Option<Key>, String> {
        if self.usage.as_deref().is_some_and(|usage| usage != "sig") {
            return Ok(None);
        }
        let (algorithm, decoding) = match (self.kty.as_str(), self.crv.as_deref()) {
            ("OKP", Some("Ed25519")) => (Algorithm::EdDsa, self.ed25519()?),
            ("EC", Some("P-256")) => (Algorithm::Es256, self.point(32)?),
            ("EC", Some("P-384")) => (Algorithm::Es384, self.point(48)?),
            ("RSA", _) if self.alg.as_deref() == Some(Algorithm::Ps256.name()) => (Algorithm::Ps256, self.rsa()?),
            ("RSA", _) => (Algorithm::Rs256, self.rsa()?),
            _ => return Ok(None),
        };
        let fits = self.alg.as_deref().is_none_or(|alg| alg == algorithm.name());
        let (said, services) = (self.alg.is_some(), self.dossier_services.clone());
        Ok(fits.then_some(Key { algorithm, said, decoding, services }))
    }

    fn ed25519(&self) -> Result<DecodingKey, String> {
        let x = bytes("x", self.x.as_deref(), 32..=32)?;
        Ok(DecodingKey::from_ed_der(&x))
    }

    fn point(&self, length: usize) -> Result<DecodingKey, String> {
        let (x, y) = (bytes("x", self.x.as_deref(), length..=length)?, bytes("y", self.y.as_deref(), length..=length)?);
        Ok(DecodingKey::from_ec_der(&[&[4], x.as_slice(), y.as_slice()].concat()))
    }

    fn rsa(&self) -> Result<DecodingKey, String> {
        // 2048 to 8192 bits: shorter ones can be broken, longer ones make a verification a weapon.
        let n = bytes("n", self.n.as_deref(), 256..=1025)?;
        let e = bytes("e", self.e.as_deref(), 1..=8)?;
        Ok(DecodingKey::from_rsa_raw_components(&n, &e))
    }
}

fn bytes(name: &str, text: Option<&str>, length: std::ops::RangeInclusive<usize>) -> Result<Vec<u8>, String> {
    let bytes = text.and_then(|text| URL_SAFE_NO_PAD.decode(text).ok()).unwrap_or_default();
    if length.contains(&bytes.len()) { Ok(bytes) } else { Err(format!("`{name}` is missing or has the wrong length")) }
}

/// Reads a JWK Set from a file.
///
/// # Errors
/// A sentence without the file's name.
pub fn read_file(path: &Path) -> Result<Keys, String> {
    Keys::parse(&read(path)?)
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(path).map_err(|fault| format!("cannot be read: {}", fault.kind()))
}

/// What tells the keys of the set in `path` from those of another: a digest of each.
///
/// # Errors
/// A sentence without the file's name.
pub fn fingerprints(path: &Path) -> Result<Vec<[u8; 32]>, String> {
    let set: Value = serde_json::from_slice(&read(path)?).map_err(|_| "is not a jwk set".to_owned())?;
    let points = set["keys"].as_array().into_iter().flatten().filter_map(|key| key["x"].as_str());
    Ok(points.map(|point| Sha256::digest(point).into()).collect())
}

/// Adds the public key of `signer` to the set in `path` unless it is there, as the key of `services`: it speaks for them
/// and for no other. Processes that start together wait for each other.
///
/// # Errors
/// A sentence without the file's name.
pub fn publish(path: &Path, signer: &Signer, services: &[&str]) -> Result<(), String> {
    let said = |fault: std::io::Error| format!("cannot be written: {}", fault.kind());
    // A set that an operator mounted read-only is fine as long as our key is in it, with our names.
    let names = |key: &Key| services.iter().all(|service| key.services.iter().any(|known| known == service));
    if read_file(path).is_ok_and(|keys| keys.named.get(signer.kid()).is_some_and(names)) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(said)?;
    }
    let lock = path.with_extension("lock");
    let lock = std::fs::File::options().create(true).truncate(false).write(true).open(lock).map_err(said)?;
    lock.lock().map_err(said)?;
    let mut set = match std::fs::read(path) {
        Ok(text) => serde_json::from_slice(&text).map_err(|_| "is not a jwk set".to_owned())?,
        Err(_) => json!({ "keys": [] }),
    };
    let keys = set.get_mut("keys").and_then(Value::as_array_mut).ok_or("is not a jwk set")?;
    let ours = |key: &Value| key.get("kid").and_then(Value::as_str) == Some(signer.kid());
    match keys.iter_mut().find(|key| ours(key)) {
        Some(known) => bind(known, services),
        None => {
            let mut jwk = signer.jwk();
            bind(&mut jwk, services);
            keys.push(jwk);
        }
    }
    replace(path, set.to_string().as_bytes()).map_err(said)
}

// Services that share a key file share the key.
fn bind(jwk: &mut Value, services: &[&str]) {
    let known = jwk.get(SERVICES).and_then(Value::as_array).cloned().unwrap_or_default();
    let mut names: Vec<_> = known.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    names.extend(services.iter().map(|service| (*service).to_owned()));
    names.sort_unstable();
    names.dedup();
    jwk[SERVICES] = json!(names);
}

/// Writes a file so that a reader sees the old or the new content, never half of it.
fn replace(path: &Path, content: &[u8]) -> std::io::Result<()> {
    let beside = path.with_extension("new");
    let mut file = std::fs::File::create(&beside)?;
    file.write_all(content)?;
    file.sync_all()?;
    std::fs::rename(&beside, path)
}
