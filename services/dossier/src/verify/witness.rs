//! What a witness kept of the journals' checkpoints.

use std::collections::HashMap;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use dossier_journal::checkpoint::{Checkpoint, VerifierKey};
use dossier_journal::witness;
use dossier_kernel::config::Config;

use super::Keys;
use super::stores::Verified;
use crate::serve::Which;
use crate::{Failure, out};

/// The checkpoints of a witness, and what is wrong with the witness itself.
#[derive(Debug, Default)]
pub(super) struct Kept {
    pub known: Vec<Checkpoint>,
    pub faults: Vec<Verified>,
}

/// Reads the witness file that is given, or the one that the configuration names. Only what the keyring's keys signed
/// counts: a witness can be lost, but it cannot be made to say what was never signed.
///
/// # Errors
/// When a file that was given cannot be read, or the keyring cannot be used.
pub(super) fn read(
    given: Option<&Path>,
    config: &Config,
    services: &[Which],
    org: Option<&str>,
) -> Result<Kept, Failure> {
    let Some(path) = given.or(config.journal.witness_file.as_deref()) else { return Ok(Kept::default()) };
    let file = match File::open(path) {
        Ok(file) => file,
        Err(fault) if given.is_some() => return Err(Failure::file(path, &fault)),
        Err(_) => {
            out::note(format!("the witness `{}` is not there", path.display()));
            return Ok(Kept::default());
        }
    };
    let notes = witness::notes(BufReader::new(file)).map_err(|fault| Failure::file(path, &fault))?;
    let mut reader = Reader { keys: Keys::open(config)?, known: HashMap::new(), kept: Kept::default() };
    let mut wrong = 0_u64;
    for note in notes {
        wrong += u64::from(!note.is_some_and(|note| reader.take(&note, services, org)));
    }
    if wrong > 0 {
        let why = format!("{} of it are not signed by the keys of the journals", out::count(wrong, "line"));
        reader.kept.faults.push(Verified::unseen(format!("witness {}", path.display()), why));
    }
    Ok(reader.kept)
}

struct Reader {
    keys: Keys,
    // The keys of each journal.
    known: HashMap<String, Vec<VerifierKey>>,
    kept: Kept,
}

// === impl Reader ===

impl Reader {
    /// Whether the note is what it should be; kept if it is about a journal that is asked for.
    fn take(&mut self, note: &str, services: &[Which], org: Option<&str>) -> bool {
        let Ok(checkpoint) = Checkpoint::parse(note) else { return false };
        let origin = checkpoint.origin.clone();
        let keys = self.known.entry(origin.as_str().to_owned()).or_insert_with(|| {
            // No key for such a journal: then nothing of it is signed.
            self.keys.of(origin.org(), origin.service()).unwrap_or_default()
        });
        if !keys.iter().any(|key| Checkpoint::verify(note, key).is_ok()) {
            return false;
        }
        let service = services.iter().any(|which| which.name() == origin.service());
        if service && org.is_none_or(|org| org == origin.org()) {
            self.kept.known.push(checkpoint);
        }
        true
    }
}
