//! A disk so small that it can be filled: a tmpfs of its own, where this machine lets us make one.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Fault, Result, Scratch};

/// A small file system of its own; unmounted when dropped.
#[derive(Debug)]
pub struct Disk {
    folder: PathBuf,
}

// === impl Disk ===

impl Disk {
    /// A disk of `megabytes` below `scratch`.
    ///
    /// # Errors
    /// Where we may not mount anything; that is a reason to skip, not a failure.
    pub fn mount(scratch: &Scratch, name: &str, megabytes: u32) -> Result<Self> {
        let folder = scratch.path().join(name);
        std::fs::create_dir_all(&folder)?;
        let size = format!("size={megabytes}m,mode=0755");
        let told = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(&folder).output()?;
        if told.status.success() { Ok(Self { folder }) } else { Err(Fault::new("no file system may be mounted here")) }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.folder
    }

    /// Takes every byte that is left.
    ///
    /// # Errors
    /// When nothing can be written for another reason.
    pub fn fill(&self) -> Result<()> {
        use std::io::Write;
        let mut filler = std::fs::File::create(self.filler())?;
        for piece in [1 << 16, 1 << 12, 1 << 8] {
            let block = vec![0_u8; piece];
            while filler.write_all(&block).and_then(|()| filler.flush()).is_ok() {}
        }
        Ok(())
    }

    /// Gives the room back.
    ///
    /// # Errors
    /// When the filler cannot be removed.
    pub fn free(&self) -> Result<()> {
        match std::fs::remove_file(self.filler()) {
            Err(fault) if fault.kind() != std::io::ErrorKind::NotFound => Err(fault.into()),
            _ => Ok(()),
        }
    }

    fn filler(&self) -> PathBuf {
        self.folder.join("filler")
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: somebody who still holds a file does not keep the name.
        let _ = Command::new("umount").arg("-l").arg(&self.folder).status();
    }
}
