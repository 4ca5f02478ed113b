//! What a backup holds, in its `backup.json`.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::ops::AddAssign;
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::Failure;

const NAME: &str = "backup.json";
/// The form of the folder; a program reads the forms it knows.
const FORM: u32 = 1;

/// What a backup holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    /// The form of the folder.
    form: u32,
    /// When it was begun.
    pub time: Timestamp,
    /// The stores, by service.
    pub stores: BTreeMap<String, Copied>,
    /// The contents; `None` where a bucket keeps them.
    pub contents: Option<Pieces>,
}

/// A file as it was copied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Copied {
    /// How long it is.
    pub bytes: u64,
    /// SHA-256, hexadecimal.
    pub sha256: String,
}

/// The contents of documents, sealed piece by piece.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pieces {
    /// How many.
    pub pieces: u64,
    /// How long all of them are.
    pub bytes: u64,
}

// === impl Manifest ===

impl Manifest {
    pub(super) fn begun(time: Timestamp) -> Self {
        Self { form: FORM, time, stores: BTreeMap::new(), contents: None }
    }

    /// Writes it, which makes the folder a backup.
    pub(super) fn write(&self, dir: &Path) -> Result<(), Failure> {
        let path = dir.join(NAME);
        let told = |fault: io::Error| Failure::file(&path, &fault);
        let mut file = File::create_new(&path).map_err(told)?;
        serde_json::to_writer_pretty(&mut file, self).map_err(|fault| told(fault.into()))?;
        file.sync_all().and_then(|()| File::open(dir)?.sync_all()).map_err(told)
    }

    /// Reads that of `dir`.
    ///
    /// # Errors
    /// When the folder is no backup, or one of a later program.
    pub(super) fn read(dir: &Path) -> Result<Self, Failure> {
        let path = dir.join(NAME);
        let text = std::fs::read_to_string(&path).map_err(|fault| {
            let what = format!("`{}` is no whole backup", dir.display());
            Failure::file(&path, &fault).within(&what)
        })?;
        let read: Result<Self, _> = serde_json::from_str(&text);
        let read = read.map_err(|fault| Failure::config(format!("`{}`: {fault}", path.display())))?;
        match read.form {
            FORM => Ok(read),
            other => Err(Failure::config(format!("`{}`: form {other} is of a later program", path.display()))),
        }
    }
}

// === impl Copied ===

impl Copied {
    /// What `path` is now.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) fn of(path: &Path) -> Result<Self, Failure> {
        let told = |fault: io::Error| Failure::file(path, &fault);
        let (mut file, mut hash) = (File::open(path).map_err(told)?, Sha256::new());
        let (mut bytes, mut piece) = (0, vec![0; 1 << 16]);
        loop {
            let read = file.read(&mut piece).map_err(told)?;
            if read == 0 {
                file.sync_all().map_err(told)?;
                return Ok(Self { bytes, sha256: hex::encode(hash.finalize()) });
            }
            hash.update(&piece[..read]);
            bytes += read as u64;
        }
    }
}

// === impl Pieces ===

impl AddAssign for Pieces {
    fn add_assign(&mut self, more: Self) {
        self.pieces += more.pieces;
        self.bytes += more.bytes;
    }
}
