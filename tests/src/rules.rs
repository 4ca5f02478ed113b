//! A copy of the shipped rules, to be changed.

use std::fs;
use std::path::Path;

/// The copy; it goes with the value.
#[derive(Debug)]
pub struct Rules {
    home: tempfile::TempDir,
}

// === impl Rules ===

impl Rules {
    /// The rules as they are shipped.
    ///
    /// # Panics
    /// When they cannot be copied.
    pub fn shipped() -> Self {
        let home = tempfile::tempdir().expect("a folder");
        for part in ["regimes", "organisations", "calendars"] {
            copy(&crate::marks::root().join("deploy").join(part), &home.path().join(part));
        }
        let packs = dossier_regime::Sources::shipped().packs;
        let served = |name: &str| packs.iter().any(|one| one.file == format!("regimes/{name}"));
        for file in fs::read_dir(home.path().join("regimes")).expect("a folder").map(|file| file.expect("a file")) {
            // The other rule books serve no organisation.
            if file.path().is_file() && !file.file_name().to_str().is_some_and(served) {
                fs::remove_file(file.path()).expect("it goes");
            }
        }
        Self { home }
    }

    /// As they are shipped, but that org `demo` lives under a pack of `tests/packs`.
    ///
    /// # Panics
    /// When they cannot be copied.
    pub fn of(pack: &str) -> Self {
        let rules = Self::shipped();
        copy(&crate::marks::root().join("tests/packs"), &rules.folder().join("regimes"));
        rules.spoil("organisations/demo.yaml", "pack: R36", &format!("pack: {pack}"));
        rules
    }

    /// With one more file, a path below their folder.
    ///
    /// # Panics
    /// When it cannot be written.
    #[must_use]
    pub fn and(self, file: &str, text: &str) -> Self {
        fs::write(self.folder().join(file), text).expect("it is written");
        self
    }

    /// Where they lie.
    pub fn folder(&self) -> &Path {
        self.home.path()
    }

    /// The options that make a world live under them.
    pub fn options(&self) -> [(&'static str, String); 2] {
        let at = |part: &str| self.folder().join(part).display().to_string();
        [("regimes.dir", at("regimes")), ("regimes.organisations_dir", at("organisations"))]
    }

    /// Replaces `from` by `to` in a file; gives its name and the line where it stands.
    ///
    /// # Panics
    /// When the file does not hold it.
    pub fn spoil(&self, file: &str, from: &str, to: &str) -> (String, usize) {
        let path = self.folder().join(file);
        let text = fs::read_to_string(&path).expect("a file");
        let before = text.split_once(from).unwrap_or_else(|| panic!("{file} holds no `{from}`")).0;
        let line = 1 + before.matches('\n').count();
        fs::write(&path, text.replacen(from, to, 1)).expect("it is written");
        (file.rsplit('/').next().unwrap_or_default().to_owned(), line)
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder").map(|entry| entry.expect("an entry")) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a copy");
        }
    }
}
