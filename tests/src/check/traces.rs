//! I7, what is left: everything that a world keeps outside of its memory, searched byte by byte for what must be gone.
//!
//! On SQLite these are the files themselves, their logs and their free pages; on PostgreSQL what a dump of each store holds, since the
//! pages behind are the server's. The keyring is left out: it holds the keys of the organisation and of no file.

use std::path::Path;
use std::process::Command;

use dossier::serve::Which;
use dossier_kernel::sql;

use crate::world::{Store, World};

/// What was searched, and what was found where.
#[derive(Clone, Debug, Default)]
pub struct Traces {
    /// Every place that was searched, with how many bytes it has.
    pub searched: Vec<String>,
    /// Each needle that was found, with its place.
    pub found: Vec<String>,
}

/// Searches what `world` keeps for `needles`, each with what it is called.
///
/// # Panics
/// When something cannot be read.
pub async fn traces(world: &World, needles: &[(String, Vec<u8>)]) -> Traces {
    let mut traces = Traces::default();
    match world.store() {
        Store::Sqlite => {
            for which in Which::ALL {
                // What the log of the store holds is in the store then.
                let text = "PRAGMA wal_checkpoint(TRUNCATE)";
                let mut tx = world.db(which).read().await.unwrap();
                let _ = sql!(&mut tx, fetch_optional as (i64, i64, i64), text);
            }
        }
        Store::Postgres => {
            for which in Which::ALL {
                let dump = Command::new("pg_dump").args(["--data-only", "--dbname", &world.url(which)]).output();
                let dump = dump.expect("pg_dump runs");
                assert!(dump.status.success(), "{}", String::from_utf8_lossy(&dump.stderr));
                traces.search(&format!("dump of {which}"), &dump.stdout, needles);
            }
        }
    }
    traces.folder(world.folder(), needles);
    traces
}

// === impl Traces ===

impl Traces {
    fn folder(&mut self, folder: &Path, needles: &[(String, Vec<u8>)]) {
        let mut entries: Vec<_> =
            std::fs::read_dir(folder).expect("a folder").map(|one| one.expect("a file").path()).collect();
        entries.sort();
        for path in entries {
            if path.is_dir() {
                self.folder(&path, needles);
            } else if let Ok(bytes) = std::fs::read(&path) {
                let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
                self.search(name, &bytes, needles);
            }
        }
    }

    fn search(&mut self, place: &str, bytes: &[u8], needles: &[(String, Vec<u8>)]) {
        self.searched.push(format!("{place}: {} bytes", bytes.len()));
        for (name, needle) in needles {
            let spelled = hex::encode(needle);
            if holds(bytes, needle) || holds(bytes, spelled.as_bytes()) {
                self.found.push(format!("{name} in {place}"));
            }
        }
    }
}

fn holds(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|part| part == needle)
}
