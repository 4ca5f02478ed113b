//! The tombstone list beside the keyring: what was destroyed, outside the store, so that a restored store cannot
//! forget it.
//!
//! One line per destroyed file, appended and synced: `1 <org> <file> <microseconds>`. A line that a crash cut off is
//! dropped when the list is opened; the store still has that tombstone and [`Vault::reapply_tombstones`] writes it again.
//! Several services of one deployment may share a list: what one destroyed is destroyed in all.
//!
//! [`Vault::reapply_tombstones`]: crate::Vault::reapply_tombstones

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use uuid::Uuid;

use crate::error::{Fault, Result};

/// One destroyed file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tombstone {
    /// The org it belonged to.
    pub org: String,
    /// The file.
    pub file: Uuid,
    /// When its key was destroyed; microseconds UTC.
    pub destroyed_at: i64,
}

/// When each file was destroyed (microseconds UTC), by org and file.
pub type Listed = HashMap<(String, Uuid), i64>;

/// Where the store and the list differ.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Differences {
    /// To destroy again: the store does not know of it, or has the key all the same.
    pub(crate) undone: Vec<Tombstone>,
    /// To add to the list.
    pub(crate) unlisted: Vec<Tombstone>,
}

/// The list on disk.
#[derive(Debug, Clone)]
pub struct Tombstones {
    path: PathBuf,
}

// === impl Tombstones ===

impl Tombstones {
    /// The list at `path`; made (mode 0600) when it is missing, mended when its last line is cut off.
    ///
    /// # Errors
    /// [`TombstonesUnreadable`](Fault::TombstonesUnreadable).
    pub fn open(path: impl Into<PathBuf>) -> Result<Self> {
        let list = Self { path: path.into() };
        list.mend().map_err(|fault| list.unreadable(&fault))?;
        Ok(list)
    }

    /// The list that is said to be at `path`; nothing is made and nothing mended.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Whether there is such a file.
    pub fn exists(&self) -> bool {
        self.path.exists()
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Every tombstone with the time it was first written; by org and file.
    ///
    /// # Errors
    /// [`TombstonesUnreadable`](Fault::TombstonesUnreadable), [`TombstonesMalformed`](Fault::TombstonesMalformed): a
    /// list that cannot be trusted must not be skipped.
    pub fn read(&self) -> Result<Listed> {
        let text = std::fs::read_to_string(&self.path).map_err(|fault| self.unreadable(&fault))?;
        let mut all = HashMap::new();
        // What follows the last line end is still being written by somebody else.
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        for (at, line) in whole.lines().enumerate() {
            let found = parse(line);
            let dead = found.ok_or_else(|| Fault::TombstonesMalformed { path: self.path.clone(), line: at + 1 })?;
            all.entry((dead.org, dead.file)).or_insert(dead.destroyed_at);
        }
        Ok(all)
    }

    /// Appends `dead` and waits until it is on disk.
    ///
    /// # Errors
    /// [`TombstonesUnreadable`](Fault::TombstonesUnreadable).
    pub fn append(&self, dead: &[Tombstone]) -> Result<()> {
        let mut lines = String::new();
        for one in dead {
            let _ = writeln!(lines, "1 {} {} {}", one.org, one.file, one.destroyed_at);
        }
        // One write at the end of the file: concurrent writers do not mix their lines.
        let write = || -> io::Result<()> {
            let mut file = OpenOptions::new().append(true).open(&self.path)?;
            file.write_all(lines.as_bytes())?;
            file.sync_data()
        };
        write().map_err(|fault| self.unreadable(&fault))
    }

    fn mend(&self) -> io::Result<()> {
        let missing = !self.path.exists();
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(&self.path)?;
        if file.metadata()?.permissions().mode() & 0o077 != 0 {
            file.set_permissions(Permissions::from_mode(0o600))?;
        }
        if missing {
            let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
            File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
        }
        let mut text = Vec::new();
        file.seek(SeekFrom::Start(0))?;
        file.read_to_end(&mut text)?;
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        if whole < text.len() {
            file.set_len(u64::try_from(whole).map_err(|_| ErrorKind::FileTooLarge)?)?;
            file.sync_all()?;
        }
        Ok(())
    }

    fn unreadable(&self, fault: &io::Error) -> Fault {
        Fault::TombstonesUnreadable { path: self.path.clone(), kind: fault.kind() }
    }
}

/// Compares the list with the store's tombstones, each with whether its key is back.
pub(crate) fn compare(mut listed: Listed, stored: impl Iterator<Item = (bool, Tombstone)>) -> Differences {
    let mut differs = Differences::default();
    for (risen, dead) in stored {
        let known = listed.remove(&(dead.org.clone(), dead.file)).is_some();
        if risen {
            differs.undone.push(dead.clone());
        }
        if !known {
            differs.unlisted.push(dead);
        }
    }
    let lost = listed.into_iter().map(|((org, file), destroyed_at)| Tombstone { org, file, destroyed_at });
    differs.undone.extend(lost);
    differs
}

fn parse(line: &str) -> Option<Tombstone> {
    let mut parts = line.split(' ');
    let (version, org, file, time) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    if version != "1" || org.is_empty() || parts.next().is_some() {
        return None;
    }
    Some(Tombstone { org: org.into(), file: Uuid::try_parse(file).ok()?, destroyed_at: time.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn dead(n: u128) -> Tombstone {
        Tombstone { org: "demo".into(), file: Uuid::from_u128(n), destroyed_at: 1000 + n as i64 }
    }

    #[test]
    fn what_was_appended_is_read_back_with_its_first_time() {
        let folder = tempfile::tempdir().unwrap();
        let list = Tombstones::open(folder.path().join("t")).unwrap();
        assert!(list.read().unwrap().is_empty());
        list.append(&[dead(1), dead(2)]).unwrap();
        list.append(&[Tombstone { destroyed_at: 5, ..dead(1) }]).unwrap();
        let read = Tombstones::open(folder.path().join("t")).unwrap().read().unwrap();
        assert_eq!(read.len(), 2);
        assert_eq!(read[&("demo".to_owned(), Uuid::from_u128(1))], 1001);
    }

    #[test]
    fn store_and_list_complete_each_other() {
        let listed = Listed::from([
            (("demo".to_owned(), Uuid::from_u128(1)), 1001),
            (("demo".to_owned(), Uuid::from_u128(2)), 1002),
        ]);
        let differs = compare(listed, [(false, dead(2)), (false, dead(3)), (true, dead(4))].into_iter());
        assert_eq!(differs.undone, [dead(4), dead(1)]);
        assert_eq!(differs.unlisted, [dead(3), dead(4)]);
    }

    #[test]
    fn a_line_cut_off_by_a_crash_is_dropped_and_the_list_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t");
        let list = Tombstones::open(&path).unwrap();
        list.append(&[dead(1), dead(2)]).unwrap();
        let whole = fs::read(&path).unwrap();
        for cut in whole.len() / 2 + 1..whole.len() {
            fs::write(&path, &whole[..cut]).unwrap();
            assert_eq!(list.read().unwrap().len(), 1);
            let mended = Tombstones::open(&path).unwrap();
            mended.append(&[dead(3)]).unwrap();
            assert_eq!(mended.read().unwrap().len(), 2, "cut at {cut}");
        }
    }

    #[test]
    fn a_damaged_line_is_a_fault_that_names_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t");
        let list = Tombstones::open(&path).unwrap();
        list.append(&[dead(1)]).unwrap();
        let good = fs::read_to_string(&path).unwrap();
        for bad in ["", "2 demo x 1", "1 demo nothing 1", "1  00000000-0000-0000-0000-000000000001 1", "1 demo"] {
            fs::write(&path, format!("{good}{bad}\n{good}")).unwrap();
            let fault = list.read().unwrap_err();
            assert!(matches!(fault, Fault::TombstonesMalformed { line: 2, .. }), "{bad}: {fault}");
        }
    }

    #[test]
    fn many_writers_do_not_mix_their_lines() {
        let folder = tempfile::tempdir().unwrap();
        let list = Tombstones::open(folder.path().join("t")).unwrap();
        std::thread::scope(|scope| {
            for writer in 0..4_u128 {
                let list = &list;
                scope.spawn(move || (0..25).for_each(|n| list.append(&[dead(writer * 100 + n)]).unwrap()));
            }
        });
        assert_eq!(list.read().unwrap().len(), 100);
    }
}
