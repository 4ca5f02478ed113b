//! The store of contents: pieces of documents by path, in a folder of this machine.
//!
//! A piece is written once and never changed, and is on the disk when it is said to be kept. It holds what its writer sealed: this
//! store knows no key. Paths are made of ids alone, so that neither a listing nor a fault tells anything of what is kept.
//!
//! # To keep contents elsewhere
//! Open another [`ObjectStore`] here: nothing else knows which it is.

use std::path::{Path as Folder, PathBuf};
use std::sync::Arc;

use futures::TryStreamExt as _;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _, PutMode};

use crate::error::{Error, Reason, Result};

/// What is being written has this in its name, and a folder that is listed does not show it.
const HALF_WRITTEN: char = '#';

/// Where contents are kept; cheap to clone.
#[derive(Clone, Debug)]
pub struct Objects {
    store: Arc<dyn ObjectStore>,
    folder: Arc<PathBuf>,
}

// === impl Objects ===

impl Objects {
    /// The store in `folder`, which is there.
    ///
    /// # Errors
    /// `CONTENT_UNAVAILABLE` when it cannot be opened.
    pub fn in_folder(folder: &Folder) -> Result<Self> {
        // Said to be kept is kept: also when the machine loses its power in the next moment.
        let store = LocalFileSystem::new_with_prefix(folder).map_err(unavailable)?.with_fsync(true);
        Ok(Self { store: Arc::new(store.with_automatic_cleanup(true)), folder: Arc::new(folder.to_owned()) })
    }

    /// Keeps a piece that is not there yet.
    ///
    /// # Errors
    /// `CONFLICT_RETRY` when one is there; `CONTENT_UNAVAILABLE`.
    pub async fn put(&self, path: &str, piece: Vec<u8>) -> Result<()> {
        let done = self.store.put_opts(&Path::from(path), piece.into(), PutMode::Create.into()).await;
        match done {
            Ok(_) => Ok(()),
            Err(object_store::Error::AlreadyExists { .. }) => Err(Error::new(Reason::ConflictRetry)),
            Err(fault) => Err(unavailable(fault)),
        }
    }

    /// A piece; `None` when it is not there.
    ///
    /// # Errors
    /// `CONTENT_UNAVAILABLE`.
    pub async fn get(&self, path: &str) -> Result<Option<Vec<u8>>> {
        match self.store.get(&Path::from(path)).await {
            Ok(found) => Ok(Some(found.bytes().await.map_err(unavailable)?.into())),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(fault) => Err(unavailable(fault)),
        }
    }

    /// The paths of everything below `folder`.
    ///
    /// # Errors
    /// `CONTENT_UNAVAILABLE`.
    pub async fn below(&self, folder: &str) -> Result<Vec<String>> {
        let found = self.store.list(Some(&Path::from(folder))).map_ok(|one| one.location.to_string());
        found.try_collect().await.map_err(unavailable)
    }

    /// Removes everything that lies in `folder` itself but `stays`, and what a process that died had half written there.
    ///
    /// # Errors
    /// `CONTENT_UNAVAILABLE`.
    pub async fn clear(&self, folder: &str, stays: &[String]) -> Result<()> {
        for path in self.below(folder).await?.iter().filter(|path| !stays.contains(path)) {
            self.remove(path).await?;
        }
        let folder = self.folder.join(folder);
        let swept = tokio::task::spawn_blocking(move || sweep(&folder)).await;
        swept.map_err(std::io::Error::from).and_then(|swept| swept).map_err(|fault| {
            tracing::warn!(%fault, "what was half written stays behind");
            Error::new(Reason::ContentUnavailable).transient()
        })
    }

    /// Removes a piece; one that is not there is no fault.
    ///
    /// # Errors
    /// `CONTENT_UNAVAILABLE`.
    pub async fn remove(&self, path: &str) -> Result<()> {
        match self.store.delete(&Path::from(path)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(fault) => Err(unavailable(fault)),
        }
    }
}

// Whoever still writes one of these finds it gone, and writes in vain: what lies beside what stays is of no use to anybody.
fn sweep(folder: &Folder) -> std::io::Result<()> {
    let found = match std::fs::read_dir(folder) {
        Err(fault) if fault.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        found => found?,
    };
    for one in found {
        let one = one?;
        if one.file_name().to_string_lossy().contains(HALF_WRITTEN) {
            std::fs::remove_file(one.path())?;
        }
    }
    // Where something stays it does too.
    let _ = std::fs::remove_dir(folder);
    Ok(())
}

// The cause names paths of this machine: it is for the log of the operator, and not for a caller.
fn unavailable(fault: object_store::Error) -> Error {
    tracing::warn!(%fault, "the store of contents fails");
    Error::new(Reason::ContentUnavailable).transient()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_piece_is_kept_once_and_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let objects = Objects::in_folder(folder.path()).unwrap();
        objects.put("demo/a/1", vec![1, 2]).await.unwrap();
        assert_eq!(objects.put("demo/a/1", vec![3]).await.unwrap_err().reason(), Reason::ConflictRetry);
        assert_eq!(objects.get("demo/a/1").await.unwrap(), Some(vec![1, 2]));
        // Another one on the same folder, as after a start.
        let again = Objects::in_folder(folder.path()).unwrap();
        again.put("demo/a/2", Vec::new()).await.unwrap();
        let mut below = again.below("demo/a").await.unwrap();
        below.sort();
        assert_eq!(below, ["demo/a/1", "demo/a/2"]);
        assert!(again.below("demo/b").await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn what_is_removed_is_gone_and_what_was_never_there_is_no_fault() {
        let folder = tempfile::tempdir().unwrap();
        let objects = Objects::in_folder(folder.path()).unwrap();
        objects.put("demo/a/1", vec![1]).await.unwrap();
        objects.remove("demo/a/1").await.unwrap();
        objects.remove("demo/a/1").await.unwrap();
        assert_eq!(objects.get("demo/a/1").await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_folder_is_cleared_of_what_does_not_stay_and_of_what_was_half_written() {
        let folder = tempfile::tempdir().unwrap();
        let objects = Objects::in_folder(folder.path()).unwrap();
        for path in ["demo/a/1", "demo/a/2", "demo/ab/1"] {
            objects.put(path, vec![1]).await.unwrap();
        }
        std::fs::write(folder.path().join("demo/a/3#1"), b"half").unwrap();
        assert_eq!(objects.below("demo/a").await.unwrap().len(), 2, "a list does not show it");
        objects.clear("demo/a", &["demo/a/2".to_owned()]).await.unwrap();
        assert_eq!(objects.below("demo").await.unwrap().len(), 2);
        let left: Vec<_> = std::fs::read_dir(folder.path().join("demo/a")).unwrap().collect();
        assert_eq!(left.len(), 1, "{left:?}");
        std::fs::write(folder.path().join("demo/a/3#1"), b"half").unwrap();
        objects.clear("demo/a", &[]).await.unwrap();
        objects.clear("demo/a", &[]).await.unwrap();
        assert!(!folder.path().join("demo/a").exists());
    }

    #[tokio::test]
    async fn a_folder_that_cannot_be_written_is_told_without_its_path() {
        let folder = tempfile::tempdir().unwrap();
        let objects = Objects::in_folder(folder.path()).unwrap();
        std::fs::write(folder.path().join("demo"), b"a file in the way").unwrap();
        let fault = objects.put("demo/a/1", vec![1]).await.unwrap_err();
        assert_eq!(fault.reason(), Reason::ContentUnavailable);
        assert!(!format!("{fault:?}{fault}").contains(&folder.path().display().to_string()));
    }
}
