//! The data directory, which is its owner's alone: it holds keys, and stores with everything in them.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::Failure;
use crate::folder::private;

/// Permission bits of group and others.
const OTHERS: u32 = 0o077;
const OWNER_ONLY: u32 = 0o700;

/// Makes the data directory for its owner alone. One that is there and open to others is closed, and that is said, if it
/// is a data directory or empty; a folder with other things in it is not touched.
///
/// # Errors
/// When it cannot be made or closed, or holds other things and is open to others.
pub(super) fn folder(path: &Path) -> Result<(), Failure> {
    let failed = |what: &str, fault: &io::Error| {
        Failure::config(format!("data_dir `{}` cannot be {what}: {}", path.display(), fault.kind()))
    };
    private(path).map_err(|fault| failed("made", &fault))?;
    let mode = fs::metadata(path).map_err(|fault| failed("read", &fault))?.permissions().mode() & 0o7777;
    if mode & OTHERS == 0 {
        return Ok(());
    }
    if !is_ours(path).map_err(|fault| failed("read", &fault))? {
        return Err(Failure::config(format!(
            "data_dir `{}` is open to others (mode {mode:04o}) and holds other things: give it a folder of its own",
            path.display()
        )));
    }
    fs::set_permissions(path, Permissions::from_mode(OWNER_ONLY))
        .map_err(|fault| failed("closed to others", &fault))?;
    tracing::warn!(data_dir = %path.display(), "was open to others (mode {mode:04o}) and is its owner's alone now");
    Ok(())
}

/// Makes a folder for its owner alone, where there is none.
///
/// # Errors
/// When it cannot be made.
pub(super) fn inner(key: &str, path: &Path) -> Result<(), Failure> {
    private(path)
        .map_err(|fault| Failure::config(format!("{key} `{}` cannot be made: {}", path.display(), fault.kind())))
}

// Whether the folder is empty, or has a store or a key of an installation in it.
fn is_ours(path: &Path) -> io::Result<bool> {
    let mut empty = true;
    for entry in fs::read_dir(path)? {
        let name = entry?.file_name();
        empty = false;
        let marks = ["keyring.json", "internal.pem", "internal.jwks.json", "profile.db", "access.db", "credit.db"];
        if marks.iter().any(|mark| name == *mark) {
            return Ok(true);
        }
    }
    Ok(empty)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    #[test]
    fn a_new_data_directory_is_its_owners_alone_and_an_open_one_is_closed() {
        let home = tempfile::tempdir().unwrap();
        let fresh = home.path().join("a/b");
        folder(&fresh).unwrap();
        assert_eq!(mode(&fresh), 0o700);
        fs::set_permissions(&fresh, Permissions::from_mode(0o755)).unwrap();
        folder(&fresh).unwrap();
        assert_eq!(mode(&fresh), 0o700, "an empty one");
        fs::write(fresh.join("keyring.json"), "").unwrap();
        fs::set_permissions(&fresh, Permissions::from_mode(0o750)).unwrap();
        folder(&fresh).unwrap();
        assert_eq!(mode(&fresh), 0o700, "one in use");
    }

    #[test]
    fn a_folder_with_other_things_in_it_is_not_touched() {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join("letter.txt"), "").unwrap();
        fs::set_permissions(home.path(), Permissions::from_mode(0o755)).unwrap();
        let failure = folder(home.path()).unwrap_err().to_string();
        assert!(failure.contains("mode 0755") && failure.contains("folder of its own"), "{failure}");
        assert_eq!(mode(home.path()), 0o755);
    }
}
