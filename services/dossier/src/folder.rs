//! A folder to work in: one that was given, or one that goes away with its value.

use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use dossier_kernel::call::Providers;

use crate::Failure;

/// Makes a folder for its owner alone, with what it lies in, where there is none.
///
/// # Errors
/// When it cannot be made.
pub(crate) fn private(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// A folder.
#[derive(Debug)]
pub struct Folder {
    /// Where it lies.
    pub path: PathBuf,
    temporary: bool,
}

// === impl Folder ===

impl Folder {
    /// One that stays.
    pub fn lasting(path: PathBuf) -> Self {
        Self { path, temporary: false }
    }

    /// A fresh one of its owner alone, in `TMPDIR`, whose name begins with `name`; it goes away with the value.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn temporary(name: &str) -> Result<Self, Failure> {
        let path = std::env::temp_dir().join(format!("{name}-{}", Providers::system().ids.uuid().simple()));
        private(&path).map_err(|fault| Failure::file(&path, &fault))?;
        Ok(Self { path, temporary: true })
    }

    /// The same, left where it is.
    #[must_use]
    pub fn kept(mut self) -> Self {
        self.temporary = false;
        self
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.temporary {
            let _ = std::fs::remove_dir_all(&self.path);
        }
    }
}
