//! The store of contents: pieces of documents by path, in a folder of this machine or in a bucket of an S3 server.
//!
//! A piece is written once and never changed, and is on the disk (or at the server) when it is said to be kept. It holds what
//! its writer sealed: this store knows no key. Paths are made of ids alone, so that neither a listing nor a fault tells anything
//! of what is kept.
//!
//! | place | what it is opened with |
//! |---|---|
//! | a folder | its path; several replicas of profile share one folder |
//! | a bucket | [`Settings`] of the section `documents.s3`; [`http`] is the way there |
//!
//! # To keep contents elsewhere
//! Open another [`ObjectStore`] here, and let [`conformance`] say whether it keeps these promises: nothing else knows which it
//! is.

pub mod conformance;
mod http;
mod s3;

pub use s3::{Settings, Style};

use std::path::{Path as Folder, PathBuf};
use std::sync::Arc;

use futures::{StreamExt as _, TryStreamExt as _, stream};
use hyper::body::Bytes;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _, PutMode, PutPayload};

use crate::config::Documents;
use crate::error::{Error, Reason, Result};

/// What is being written has this in its name, and a folder that is listed does not show it.
const HALF_WRITTEN: char = '#';
/// The object that shows whether a store keeps what is there; no org is called so, and no piece lies beside it.
const MARK: &str = "written-once";

/// Where contents are kept; cheap to clone.
#[derive(Clone, Debug)]
pub struct Objects {
    store: Arc<dyn ObjectStore>,
    // None where only whole pieces appear.
    folder: Option<Arc<PathBuf>>,
}

// === impl Objects ===

impl Objects {
    /// The store that `documents` names: a bucket, or a folder, which is there.
    ///
    /// # Errors
    /// `CONTENT_UNAVAILABLE` when it cannot be opened. A bucket is not asked for yet: see [`look`](Self::look).
    pub fn open(documents: &Documents) -> Result<Self> {
        match documents.bucket() {
            Some(settings) => Self::in_bucket(settings),
            None => Self::in_folder(&documents.dir),
        }
    }

    /// The store in the bucket of `settings`.
    ///
    /// # Errors
    /// `CONTENT_UNAVAILABLE` when the settings do not fit together.
    pub fn in_bucket(settings: &Settings) -> Result<Self> {
        Ok(Self { store: s3::open(settings).map_err(unavailable)?, folder: None })
    }

    /// The store in `folder`, which is there.
    ///
    /// # Errors
    /// `CONTENT_UNAVAILABLE` when it cannot be opened.
    pub fn in_folder(folder: &Folder) -> Result<Self> {
        // Said to be kept is kept: also when the machine loses its power in the next moment.
        let store = LocalFileSystem::new_with_prefix(folder).map_err(unavailable)?.with_fsync(true);
        Ok(Self { store: Arc::new(store.with_automatic_cleanup(true)), folder: Some(Arc::new(folder.to_owned())) })
    }

    /// Whether this process is let in.
    ///
    /// # Errors
    /// `CONTENT_UNAVAILABLE`; the log has the cause.
    pub async fn reach(&self) -> Result<()> {
        self.store.list(Some(&Path::from(MARK))).try_next().await.map(drop).map_err(unavailable)
    }

    /// Whether this process is let in to write, and what is there cannot be written again. Leaves an empty object behind.
    ///
    /// # Errors
    /// `CONTENT_UNAVAILABLE`; the log has the cause.
    pub async fn look(&self) -> Result<()> {
        let mark = Path::from(MARK);
        for _ in 0..2 {
            match self.store.put_opts(&mark, PutPayload::new(), PutMode::Create.into()).await {
                Ok(_) => {}
                Err(object_store::Error::AlreadyExists { .. }) => return self.reach().await,
                Err(fault) => return Err(unavailable(fault)),
            }
        }
        tracing::error!("the store of contents writes over what is there: it knows no conditional writes");
        Err(Error::new(Reason::ContentUnavailable))
    }

    /// Keeps a piece that is not there yet.
    ///
    /// # Errors
    /// `CONFLICT_RETRY` when another one is there; `CONTENT_UNAVAILABLE`.
    pub async fn put(&self, path: &str, piece: Vec<u8>) -> Result<()> {
        let piece = Bytes::from(piece);
        let done = self.store.put_opts(&Path::from(path), piece.clone().into(), PutMode::Create.into()).await;
        match done {
            Ok(_) => Ok(()),
            // The very same, sealed by the same writer: the answer to a first try was lost on its way.
            Err(object_store::Error::AlreadyExists { .. })
                if self.get(path).await?.is_some_and(|kept| kept == piece) =>
            {
                Ok(())
            }
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

    /// Removes everything that lies in `folder` itself but `stays`, and what a process that died had half written there: at a
    /// server there is nothing half written, since a piece is one write.
    ///
    /// # Errors
    /// `CONTENT_UNAVAILABLE`.
    pub async fn clear(&self, folder: &str, stays: &[String]) -> Result<()> {
        let gone = self.below(folder).await?.into_iter().filter(|path| !stays.contains(path));
        self.remove_all(gone.collect()).await?;
        let Some(folder) = self.folder.as_ref().map(|root| root.join(folder)) else { return Ok(()) };
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
        self.remove_all(vec![path.to_owned()]).await
    }

    async fn remove_all(&self, paths: Vec<String>) -> Result<()> {
        let paths = stream::iter(paths.into_iter().map(|path| Ok(Path::from(path)))).boxed();
        let mut done = self.store.delete_stream(paths);
        while let Some(one) = done.next().await {
            match one {
                Ok(_) | Err(object_store::Error::NotFound { .. }) => {}
                Err(fault) => return Err(unavailable(fault)),
            }
        }
        Ok(())
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

// The cause names paths and servers: it is for the log of the operator, and not for a caller.
fn unavailable(fault: object_store::Error) -> Error {
    tracing::warn!(%fault, "the store of contents fails");
    Error::new(Reason::ContentUnavailable).transient()
}

#[cfg(test)]
mod tests;
