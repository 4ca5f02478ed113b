//! The keyring on disk: read with suspicion, written whole.

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dossier_kernel::id::Ids;
use jiff::Timestamp;
use secrecy::{ExposeSecret, ExposeSecretMut};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use zeroize::Zeroizing;

use super::Root;
use crate::error::{Fault, Result};
use crate::provider::{KeyId, Purpose, Secret};

const FORMAT: &str = "dossier-keyring/1";
const OWNER_ONLY: u32 = 0o600;

/// A keyring of a thousand versions is below this; anything larger is no keyring.
const MOST_BYTES: u64 = 1 << 20;

/// The file's content while it is read.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    format: String,
    keys: Vec<Entry>,
}

/// The file's content while it is written.
#[derive(Serialize)]
struct DocumentOf<'a> {
    format: &'a str,
    keys: &'a [Root],
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: KeyId,
    purpose: Purpose,
    created: Timestamp,
    secret: Encoded,
}

/// A secret in base64; decoded in place, so that no copy is left behind.
struct Encoded(Secret);

/// Reads and checks the keyring at `path`, oldest key first.
pub(super) fn read(path: &Path) -> Result<Vec<Root>> {
    let bytes = bytes_of(path)?;
    let document: Document = serde_json::from_slice(&bytes).map_err(|fault| {
        // serde_json quotes what it found, and that may be a secret: only its place is told.
        malformed(path, format!("line {}, column {} is not what a keyring holds there", fault.line(), fault.column()))
    })?;
    check(path, &document)?;
    Ok(document.keys.into_iter().map(Root::from).collect())
}

/// Writes a new keyring; refuses to replace one.
pub(super) fn create(path: &Path, roots: &[Root], ids: &dyn Ids) -> Result<()> {
    let fresh = written(path, roots, ids)?;
    // A link appears whole and fails where a name exists; a rename would silently replace it.
    let linked = fs::hard_link(&fresh, path);
    let removed = fs::remove_file(&fresh);
    match linked.and(removed) {
        Ok(()) => settle(path),
        Err(fault) if fault.kind() == ErrorKind::AlreadyExists => Err(Fault::KeyringExists { path: path.into() }),
        Err(fault) => Err(unreadable(path, &fault)),
    }
}

/// Replaces the keyring at once: a crash leaves the old one or the new one.
pub(super) fn replace(path: &Path, roots: &[Root], ids: &dyn Ids) -> Result<()> {
    let fresh = written(path, roots, ids)?;
    fs::rename(fresh, path).map_err(|fault| unreadable(path, &fault))?;
    settle(path)
}

fn bytes_of(path: &Path) -> Result<Zeroizing<Vec<u8>>> {
    let mut file = File::open(path).map_err(|fault| match fault.kind() {
        ErrorKind::NotFound => Fault::KeyringMissing { path: path.into() },
        _ => unreadable(path, &fault),
    })?;
    // Asked of the open file, not of the path: nobody can swap it in between.
    let about = file.metadata().map_err(|fault| unreadable(path, &fault))?;
    let mode = about.permissions().mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(Fault::KeyringPermissions { path: path.into(), mode });
    }
    if !about.is_file() || about.len() > MOST_BYTES {
        return Err(malformed(path, "it is no file below one MiB".into()));
    }
    // Sized at once: a buffer that grows leaves copies of its content behind.
    let mut bytes = Zeroizing::new(vec![0; usize::try_from(about.len()).unwrap_or(0)]);
    file.read_exact(&mut bytes).map_err(|fault| unreadable(path, &fault))?;
    Ok(bytes)
}

fn check(path: &Path, document: &Document) -> Result<()> {
    if document.format != FORMAT {
        return Err(malformed(path, format!("its format is not {FORMAT}")));
    }
    let mut seen = HashSet::new();
    for (at, key) in document.keys.iter().enumerate() {
        if !seen.insert(key.id) {
            return Err(malformed(path, format!("key {} appears twice", key.id)));
        }
        // An all-zero secret is a file that was never filled, not chance.
        if key.secret.0.expose_secret() == &[0; 32] {
            return Err(malformed(path, format!("the secret of entry {at} is empty")));
        }
        let twice = document.keys[..at].iter().any(|other| other.purpose == key.purpose);
        if twice && !key.purpose.rotates() {
            return Err(malformed(path, format!("there are two keys for {}", key.purpose)));
        }
    }
    if document.keys.is_empty() { Err(malformed(path, "it holds no key".into())) } else { Ok(()) }
}

// A file beside `path`, complete and on disk.
fn written(path: &Path, roots: &[Root], ids: &dyn Ids) -> Result<PathBuf> {
    let beside = path.with_extension(format!("{}.new", ids.uuid().simple()));
    let write = || -> io::Result<()> {
        let mut text = Zeroizing::new(serde_json::to_vec_pretty(&DocumentOf { format: FORMAT, keys: roots })?);
        text.push(b'\n');
        let mut file = OpenOptions::new().write(true).create_new(true).mode(OWNER_ONLY).open(&beside)?;
        file.write_all(&text)?;
        file.sync_all()
    };
    write().map_err(|fault| {
        let _ = fs::remove_file(&beside);
        unreadable(path, &fault)
    })?;
    Ok(beside)
}

// A name is durable when its directory is.
fn settle(path: &Path) -> Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(|fault| unreadable(path, &fault))
}

fn unreadable(path: &Path, fault: &io::Error) -> Fault {
    Fault::KeyringUnreadable { path: path.into(), kind: fault.kind() }
}

fn malformed(path: &Path, fault: String) -> Fault {
    Fault::KeyringMalformed { path: path.into(), fault }
}

// === impl Entry ===

impl From<Entry> for Root {
    fn from(entry: Entry) -> Self {
        Self { id: entry.id, purpose: entry.purpose, created: entry.created, secret: entry.secret.0 }
    }
}

impl Serialize for Root {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let secret = Zeroizing::new(STANDARD.encode(self.secret.expose_secret()));
        let mut entry = serializer.serialize_struct("Root", 4)?;
        entry.serialize_field("id", &self.id)?;
        entry.serialize_field("purpose", &self.purpose)?;
        entry.serialize_field("created", &self.created)?;
        entry.serialize_field("secret", secret.as_str())?;
        entry.end()
    }
}

// === impl Encoded ===

impl<'de> Deserialize<'de> for Encoded {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        // Borrowed from the buffer that is wiped; base64 needs no escapes, so it always can be.
        let text = <&str>::deserialize(deserializer)?;
        let mut secret = Secret::default();
        // The decoder wants room for its estimate, which is a little more than 32.
        let mut room = Zeroizing::new([0_u8; 36]);
        let decoded = STANDARD.decode_slice(text, &mut *room).map_err(|_| de::Error::custom("is no base64"))?;
        if decoded != 32 {
            return Err(de::Error::custom("is not 32 bytes"));
        }
        secret.expose_secret_mut().copy_from_slice(&room[..32]);
        Ok(Self(secret))
    }
}
