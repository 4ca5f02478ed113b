//! What the floors do with files: as little as keeping contents can be.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::Ask;

/// A folder with a file for each caller that writes, and for each that reads; cheap to clone.
#[derive(Clone, Debug)]
pub struct Files(PathBuf);

// === impl Files ===

impl Files {
    /// Those in `folder`, which is made where there is none.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn open(folder: &Path) -> std::io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        Ok(Self(folder.to_owned()))
    }

    // Written anew, and on the disk when it is answered.
    pub(super) async fn write(&self, ask: Ask) -> std::io::Result<()> {
        let path = self.0.join(format!("written-{}", ask.key));
        let write = move || {
            let mut file = std::fs::File::create(path)?;
            file.write_all(&ask.body)?;
            file.sync_all()
        };
        tokio::task::spawn_blocking(write).await?
    }

    pub(super) async fn read(&self, ask: &Ask) -> std::io::Result<Vec<u8>> {
        let (path, want) = (self.0.join(format!("read-{}-{}", ask.key, ask.want)), ask.want as usize);
        let read = move || match std::fs::read(&path) {
            Err(fault) if fault.kind() == std::io::ErrorKind::NotFound => {
                std::fs::write(&path, vec![7; want])?;
                std::fs::read(&path)
            }
            found => found,
        };
        tokio::task::spawn_blocking(read).await?
    }
}
