//! A folder that goes away with the run.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use super::Result;

/// A fresh folder for stores, keys and logs; removed at the end unless it is kept.
#[derive(Debug)]
pub struct Scratch {
    folder: PathBuf,
    kept: AtomicBool,
}

// === impl Scratch ===

impl Scratch {
    /// A fresh folder whose name contains `name`.
    ///
    /// # Errors
    /// When there is no room for it.
    pub fn new(name: &str) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix(&format!("dossier-{name}.")).tempdir()?.keep();
        // PostgreSQL runs as another user and must get through.
        std::fs::set_permissions(&folder, PermissionsExt::from_mode(0o755))?;
        Ok(Self { folder, kept: AtomicBool::new(false) })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.folder
    }

    /// Leaves the folder behind for whoever looks for the cause of a failure.
    pub fn keep(&self) {
        self.kept.store(true, Ordering::Relaxed);
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if !self.kept.load(Ordering::Relaxed) {
            // What cannot be removed does no harm in a folder for temporary files.
            let _ = std::fs::remove_dir_all(&self.folder);
        }
    }
}

/// A port of 127.0.0.1 that nobody listens on at this moment.
///
/// # Errors
/// When there is none.
pub fn free_port() -> Result<u16> {
    // Whoever was given one has not begun to listen yet, and the system gives it again.
    static GIVEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());
    loop {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        if GIVEN.lock().unwrap_or_else(PoisonError::into_inner).insert(port) {
            return Ok(port);
        }
    }
}
