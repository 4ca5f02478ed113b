//! Signed checkpoints: C2SP tlog-checkpoint inside a C2SP signed note, Ed25519.
//!
//! ```text
//! dossier/demo/profile
//! 1042
//! CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk=
//! time 2026-11-22T02:41:00.25Z
//!
//! — dossier/demo/profile BNXfbvgVp32VvV0vYSTZF+Tm7Xc9Y9bPHi28m0ZB4lCF25e60RYgMYzOqD+mdVPqWUbhl58ioBHxq0IRMPFv1kOMfAU=
//! ```
//!
//! The origin names the log and is also the name of its key. The fourth line, an extension line of the format, puts
//! the time of signing under the signature. Any tool that reads the two C2SP formats reads ours.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::merkle::Hash;

/// The signature type of plain Ed25519 in a signed note.
const ED25519: u8 = 0x01;

/// No note of ours is longer; a longer one is refused before it is read, 64 KiB.
const NOTE_LIMIT: usize = 64 * 1024;

/// The name of one log: `dossier/<org>/<service>`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin(String);

/// What a checkpoint states: the log, how many entries it has and the root of the tree over them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log.
    pub origin: Origin,
    /// Number of entries.
    pub size: u64,
    /// Root of the RFC 6962 tree over them.
    pub root: Hash,
    /// When it was signed, microsecond precision.
    pub time: Timestamp,
}

/// A log's public key under its name, written as a C2SP verifier key `<name>+<id>+<base64 of type and key>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifierKey {
    name: Origin,
    key: VerifyingKey,
}

/// What is wrong with a note, a checkpoint or a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteFault {
    /// Longer than 64 KiB, or a control character, or no final newline.
    #[error("the note is not clean text of bounded length that ends in a newline")]
    Text,
    /// No blank line between the text and the signatures, or no signature.
    #[error("the note has no signatures after a blank line")]
    Separator,
    /// A signature line is not an em dash, a name and base64.
    #[error("a signature line is malformed")]
    SignatureLine,
    /// The origin is not `dossier/<org>/<service>`.
    #[error("the origin line is not a log of dossier")]
    Origin,
    /// The size is not a decimal number without leading zeros.
    #[error("the size line is not a plain decimal number")]
    Size,
    /// The root is not 32 bytes of canonical base64.
    #[error("the root line is not 32 bytes of base64")]
    Root,
    /// The fourth line is not the time of signing in its one spelling, or more lines follow.
    #[error("the time line is missing, malformed or followed by others")]
    Time,
    /// No signature carries the name and id of the key.
    #[error("the note is not signed by the key of the log")]
    UnknownKey,
    /// The signature of the key does not fit the text.
    #[error("the signature does not fit the text")]
    Signature,
    /// The verifier key text is malformed or its id is not the hash of its name and key.
    #[error("the verifier key is malformed")]
    Key,
}

// === impl Origin ===

impl Origin {
    /// The name of the log that `service` keeps for `org`.
    ///
    /// # Errors
    /// [`NoteFault::Origin`] when a part is empty or holds anything but ASCII letters, digits, `-`, `_` and `.`.
    pub fn new(org: &str, service: &str) -> Result<Self, NoteFault> {
        let plain = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_' | b'.');
        let good = |part: &str| !part.is_empty() && part.bytes().all(plain);
        if good(org) && good(service) { Ok(Self(format!("dossier/{org}/{service}"))) } else { Err(NoteFault::Origin) }
    }

    /// The organisation of the log.
    pub fn org(&self) -> &str {
        self.0.split('/').nth(1).unwrap_or_default()
    }

    /// The service that keeps the log.
    pub fn service(&self) -> &str {
        self.0.split('/').nth(2).unwrap_or_default()
    }

    /// The whole name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Origin {
    type Err = NoteFault;

    fn from_str(text: &str) -> Result<Self, NoteFault> {
        let mut parts = text.split('/');
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some("dossier"), Some(org), Some(service), None) => Self::new(org, service),
            _ => Err(NoteFault::Origin),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

// === impl Checkpoint ===

impl Checkpoint {
    /// The signed text: origin, size, root and time, a line each.
    pub fn text(&self) -> String {
        format!("{}\n{}\n{}\ntime {}\n", self.origin, self.size, STANDARD.encode(self.root), self.time)
    }

    /// The note: the text and the log's signature. Ed25519 is deterministic, so the same tree at the same time gives the same note.
    pub fn sign(&self, key: &SigningKey) -> String {
        let text = self.text();
        let id = key_id(&self.origin, &key.verifying_key());
        let signature = key.sign(text.as_bytes()).to_bytes();
        let blob = STANDARD.encode([&id[..], &signature[..]].concat());
        format!("{text}\n\u{2014} {} {blob}\n", self.origin)
    }

    /// Reads a note without checking who signed it.
    ///
    /// # Errors
    /// [`NoteFault`], by what is wrong first.
    pub fn parse(note: &str) -> Result<Self, NoteFault> {
        let (text, signatures) = split_note(note)?;
        signatures.lines().try_for_each(|line| signature_line(line).map(drop))?;
        let mut lines = text.lines();
        let origin = lines.next().ok_or(NoteFault::Origin)?.parse()?;
        let size = decimal(lines.next().ok_or(NoteFault::Size)?).ok_or(NoteFault::Size)?;
        let root = STANDARD.decode(lines.next().ok_or(NoteFault::Root)?).map_err(|_| NoteFault::Root)?;
        let root = root.try_into().map_err(|_| NoteFault::Root)?;
        let time = lines.next().and_then(instant).filter(|_| lines.next().is_none()).ok_or(NoteFault::Time)?;
        Ok(Self { origin, size, root, time })
    }

    /// Reads a note and checks the signature of `key`, whose name must be the origin. Other signatures may stand
    /// beside it (witnesses): they are ignored.
    ///
    /// # Errors
    /// [`NoteFault`], by what is wrong first.
    pub fn verify(note: &str, key: &VerifierKey) -> Result<Self, NoteFault> {
        let checkpoint = Self::parse(note)?;
        if checkpoint.origin != key.name {
            return Err(NoteFault::UnknownKey);
        }
        let (text, signatures) = split_note(note)?;
        let id = key_id(&key.name, &key.key);
        let mut known = false;
        for line in signatures.lines() {
            let (name, blob) = signature_line(line)?;
            if name != key.name.as_str() || blob[..4] != id {
                continue;
            }
            known = true;
            let signature = Signature::from_slice(&blob[4..]).map_err(|_| NoteFault::Signature)?;
            key.key.verify_strict(text.as_bytes(), &signature).map_err(|_| NoteFault::Signature)?;
        }
        if known { Ok(checkpoint) } else { Err(NoteFault::UnknownKey) }
    }
}

// === impl VerifierKey ===

impl VerifierKey {
    /// The public key of the log `name`.
    pub fn new(name: Origin, key: VerifyingKey) -> Self {
        Self { name, key }
    }

    /// The log.
    pub fn origin(&self) -> &Origin {
        &self.name
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = hex::encode(key_id(&self.name, &self.key));
        let key = STANDARD.encode([&[ED25519][..], self.key.as_bytes()].concat());
        write!(f, "{}+{id}+{key}", self.name)
    }
}

impl FromStr for VerifierKey {
    type Err = NoteFault;

    fn from_str(text: &str) -> Result<Self, NoteFault> {
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(_), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(NoteFault::Key);
        };
        let name = name.parse()?;
        let bytes = STANDARD.decode(key).map_err(|_| NoteFault::Key)?;
        let [ED25519, key @ ..] = &bytes[..] else { return Err(NoteFault::Key) };
        let key = VerifyingKey::try_from(key).map_err(|_| NoteFault::Key)?;
        let read = Self { name, key };
        // One key has one text: the id in the middle is checked by writing the text again.
        if read.to_string() == text { Ok(read) } else { Err(NoteFault::Key) }
    }
}

/// The first four bytes of SHA-256 over name, newline, type and key (C2SP signed-note).
fn key_id(name: &Origin, key: &VerifyingKey) -> [u8; 4] {
    let hash = Sha256::new().chain_update(name.as_str()).chain_update([b'\n', ED25519]).chain_update(key.as_bytes());
    let hash: Hash = hash.finalize().into();
    [hash[0], hash[1], hash[2], hash[3]]
}

/// The text with its final newline, and the signature lines.
fn split_note(note: &str) -> Result<(&str, &str), NoteFault> {
    let clean = note.chars().all(|c| c == '\n' || !c.is_control());
    if note.len() > NOTE_LIMIT || !clean || !note.ends_with('\n') {
        return Err(NoteFault::Text);
    }
    let at = note.rfind("\n\n").ok_or(NoteFault::Separator)?;
    let (text, signatures) = (&note[..=at], &note[at + 2..]);
    if signatures.is_empty() { Err(NoteFault::Separator) } else { Ok((text, signatures)) }
}

/// The name and the decoded bytes (id, then signature) of one signature line.
fn signature_line(line: &str) -> Result<(&str, Vec<u8>), NoteFault> {
    let rest = line.strip_prefix("\u{2014} ").ok_or(NoteFault::SignatureLine)?;
    let (name, blob) = rest.split_once(' ').ok_or(NoteFault::SignatureLine)?;
    let blob = STANDARD.decode(blob).map_err(|_| NoteFault::SignatureLine)?;
    if name.is_empty() || name.contains('+') || blob.len() < 5 {
        return Err(NoteFault::SignatureLine);
    }
    Ok((name, blob))
}

/// A decimal number without sign and leading zeros.
fn decimal(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

/// A time line in the one spelling that we write.
fn instant(line: &str) -> Option<Timestamp> {
    let time: Timestamp = line.strip_prefix("time ")?.parse().ok()?;
    (line == format!("time {time}")).then_some(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed() -> (Checkpoint, VerifierKey, String) {
        let key = SigningKey::from_bytes(&[7; 32]);
        let origin = Origin::new("demo", "profile").unwrap();
        let checkpoint = Checkpoint {
            origin: origin.clone(),
            size: 1042,
            root: [9; 32],
            time: "2026-11-22T02:41:00.25Z".parse().unwrap(),
        };
        let note = checkpoint.sign(&key);
        (checkpoint, VerifierKey::new(origin, key.verifying_key()), note)
    }

    #[test]
    fn the_note_and_the_key_are_those_of_another_implementation() {
        // Made once by pyca/cryptography from the text of the two specifications.
        let (_, key, note) = signed();
        assert_eq!(note, include_str!("../golden/checkpoint.note"));
        assert_eq!(format!("{key}\n"), include_str!("../golden/checkpoint.vkey"));
    }

    #[test]
    fn a_signed_note_verifies_and_gives_back_what_was_signed() {
        let (checkpoint, key, note) = signed();
        assert_eq!(Checkpoint::verify(&note, &key), Ok(checkpoint));
        assert_eq!(key.to_string().parse::<VerifierKey>(), Ok(key));
    }

    #[test]
    fn a_witness_signature_beside_ours_changes_nothing() {
        let (checkpoint, key, mut note) = signed();
        note.push_str("\u{2014} witness.example/w1 AAAAAAECAwQ=\n");
        assert_eq!(Checkpoint::verify(&note, &key), Ok(checkpoint));
    }

    #[test]
    fn every_changed_byte_is_refused() {
        let (_, key, note) = signed();
        for at in 0..note.len() {
            for bit in 0..8 {
                let mut bytes = note.clone().into_bytes();
                bytes[at] ^= 1 << bit;
                let accepted = String::from_utf8(bytes).is_ok_and(|text| Checkpoint::verify(&text, &key).is_ok());
                assert!(!accepted, "bit {bit} of byte {at}");
            }
        }
    }

    #[test]
    fn each_fault_has_its_name() {
        let (_, key, note) = signed();
        let swap = |from: &str, to: &str| Checkpoint::verify(&note.replacen(from, to, 1), &key);
        assert_eq!(swap("dossier/demo", "dossier/other"), Err(NoteFault::UnknownKey));
        assert_eq!(swap("dossier/", "mallory/"), Err(NoteFault::Origin));
        assert_eq!(swap("1042", "01042"), Err(NoteFault::Size));
        assert_eq!(swap("1042", "1043"), Err(NoteFault::Signature));
        assert_eq!(swap("=\n", "\n"), Err(NoteFault::Root));
        assert_eq!(swap("Z\n\n", "Z\nmore\n\n"), Err(NoteFault::Time));
        assert_eq!(swap(".25Z", ".250Z"), Err(NoteFault::Time));
        assert_eq!(swap("\n\n", "\n"), Err(NoteFault::Separator));
        assert_eq!(swap("\u{2014}", "-"), Err(NoteFault::SignatureLine));
        assert_eq!(Checkpoint::parse(note.trim_end()), Err(NoteFault::Text));
        assert_eq!(Origin::new("de mo", "profile"), Err(NoteFault::Origin));
        assert_eq!(key.to_string().replace("dossier", "Dossier").parse::<VerifierKey>(), Err(NoteFault::Origin));
    }
}
