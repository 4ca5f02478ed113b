//! The keys that journals must be signed with.

use std::io::BufRead;
use std::path::Path;

use dossier_journal::checkpoint::{Origin, VerifierKey};
use dossier_journal::export::Line;
use dossier_kernel::config::Config;
use dossier_vault::Keyring;
use dossier_vault::sign::Signer;

use crate::Failure;
use crate::globals::Globals;

/// The longest first line of an export that is looked at.
const HEADER_LIMIT: u64 = 64 * 1024;

/// The keyring, as far as it signs journals.
#[derive(Debug)]
pub struct Keys(Keyring);

// === impl Keys ===

impl Keys {
    /// Opens the keyring of `config`; it is never made here.
    ///
    /// # Errors
    /// When it is missing or cannot be used.
    pub fn open(config: &Config) -> Result<Self, Failure> {
        Keyring::open(&config.keyring.file).map(Self).map_err(Failure::keys)
    }

    /// Every key with which `service` ever signed the journal of `org`, the newest first; never empty.
    ///
    /// # Errors
    /// When the keyring has none, or the names cannot be those of a journal.
    pub fn of(&self, org: &str, service: &str) -> Result<Vec<VerifierKey>, Failure> {
        let origin = Origin::new(org, service).map_err(Failure::config)?;
        let signers = Signer::journals(&self.0, service).map_err(Failure::keys)?;
        let keys: Vec<_> =
            signers.iter().map(|signer| VerifierKey::new(origin.clone(), signer.verifying_key())).collect();
        if keys.is_empty() { Err(Failure::keys("the keyring has no key for journals")) } else { Ok(keys) }
    }
}

/// Reads a verifier key, or the file that holds one.
pub(super) fn parse(text: &str) -> Result<VerifierKey, Failure> {
    let path = Path::new(text);
    let owned;
    let text = if path.exists() {
        owned = std::fs::read_to_string(path).map_err(|fault| Failure::file(path, &fault))?;
        owned.trim()
    } else {
        text
    };
    text.parse().map_err(|fault| Failure::config(format!("--key: {fault}")))
}

/// The journal that an export says it is.
pub(super) fn named(lines: impl BufRead) -> Option<Origin> {
    let mut line = String::new();
    lines.take(HEADER_LIMIT).read_line(&mut line).ok()?;
    match serde_json::from_str(&line).ok()? {
        Line::Journal { key, .. } => Some(key.parse::<VerifierKey>().ok()?.origin().clone()),
        _ => None,
    }
}

/// The keyring's keys for the journal, none when there is no keyring.
pub(super) fn trusted(origin: Option<Origin>, globals: &Globals) -> Result<Vec<VerifierKey>, Failure> {
    let config = globals.load()?;
    match origin {
        Some(origin) if config.keyring.file.exists() => Keys::open(&config)?.of(origin.org(), origin.service()),
        _ => Ok(Vec::new()),
    }
}
