//! Handing checkpoints to a witness: a file, a url. A journal proves what it holds; that nothing was cut off its end only a
//! checkpoint shows that was kept where whoever cuts cannot reach.
//!
//! A witness that fails stops nothing: it is warned of, and gets the newest checkpoint later. What it lacks between is no
//! loss, since the newer checkpoint covers what the older one did.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{self, BufRead, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use dossier_kernel::fetch;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::checkpoint::{Checkpoint, Origin};
use crate::export::Line;

/// The shortest time between two tellings of one witness: a journal under load signs many checkpoints a second.
const PACE: Duration = Duration::from_secs(1);

const FAILURES: &str = "dossier_journal_witness_failures_total";

/// Where the checkpoints of one service go; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Witness(Vec<Arc<Target>>);

#[derive(Debug)]
struct Target {
    place: Place,
    // The newest checkpoint of each journal that was not taken yet.
    waiting: Mutex<BTreeMap<String, String>>,
    ring: Notify,
}

enum Place {
    File(PathBuf),
    Url(String),
}

// === impl Witness ===

impl Witness {
    /// The witness that these options name; none is fine.
    pub fn new(file: Option<PathBuf>, url: Option<String>) -> Self {
        let places = file.map(Place::File).into_iter().chain(url.map(Place::Url));
        let target = |place| Arc::new(Target { place, waiting: Mutex::default(), ring: Notify::new() });
        let made = Self(places.map(target).collect());
        for target in &made.0 {
            metrics::counter!(FAILURES, "witness" => target.kind()).increment(0);
        }
        made
    }

    /// Hands on a signed checkpoint. Does not wait.
    pub fn offer(&self, origin: &Origin, note: &str) {
        for target in &self.0 {
            target.offer(origin.as_str().to_owned(), note.to_owned());
        }
    }

    /// Tells the witness what is offered, until `stop`; what is offered by then is told if that is quick.
    pub async fn run(&self, stop: CancellationToken) {
        futures::future::join_all(self.0.iter().map(|target| target.run(&stop))).await;
    }
}

// === impl Target ===

impl Target {
    fn offer(&self, origin: String, note: String) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).insert(origin, note);
        self.ring.notify_one();
    }

    async fn run(&self, stop: &CancellationToken) {
        while stop.run_until_cancelled(self.ring.notified()).await.is_some() {
            self.round().await;
            if stop.run_until_cancelled(tokio::time::sleep(PACE)).await.is_none() {
                break;
            }
        }
        self.round().await;
    }

    async fn round(&self) {
        let waiting = std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        for (origin, note) in waiting {
            match self.tell(&note).await {
                Ok(()) => metrics::counter!("dossier_journal_witnessed_total", "witness" => self.kind()).increment(1),
                Err(why) => {
                    metrics::counter!(FAILURES, "witness" => self.kind()).increment(1);
                    tracing::warn!(
                        origin,
                        witness = self.kind(),
                        why,
                        "a checkpoint could not be witnessed; it is told later"
                    );
                    self.keep(origin, note);
                }
            }
        }
    }

    // A newer one may have come meanwhile; it says more.
    fn keep(&self, origin: String, note: String) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).entry(origin).or_insert(note);
        self.ring.notify_one();
    }

    async fn tell(&self, note: &str) -> Result<(), String> {
        match &self.place {
            Place::Url(url) => fetch::post(url, note.to_owned()).await,
            Place::File(path) => {
                let (path, note) = (path.clone(), note.to_owned());
                let written = tokio::task::spawn_blocking(move || append(&path, &note)).await;
                written.map_err(|_| "the write broke off".to_owned())?.map_err(|fault| fault.kind().to_string())
            }
        }
    }

    fn kind(&self) -> &'static str {
        match self.place {
            Place::File(_) => "file",
            Place::Url(_) => "url",
        }
    }
}

impl std::fmt::Debug for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
            // It may hold a secret.
            Self::Url(_) => f.write_str("Url(..)"),
        }
    }
}

/// Appends a checkpoint as a line of its own and waits until it is on disk.
fn append(path: &Path, note: &str) -> io::Result<()> {
    let size = Checkpoint::parse(note).map(|checkpoint| crate::store::stored(checkpoint.size)).unwrap_or_default();
    let mut line = serde_json::to_string(&Line::Checkpoint { size, note: note.to_owned() })?;
    line.push('\n');
    let mut file = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path)?;
    if torn(&mut file)? {
        line.insert(0, '\n');
    }
    // One write at the end: services that share the file do not mix their lines.
    file.write_all(line.as_bytes())?;
    file.sync_data()
}

// Whether the last line was cut off, by a crash for example.
fn torn(file: &mut std::fs::File) -> io::Result<bool> {
    if file.seek(SeekFrom::End(0))? == 0 {
        return Ok(false);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
}

/// The notes that a witness file holds, in its order; a line that is no checkpoint is `None`. Lines that a crash cut off are
/// told by their missing brace and left out.
///
/// # Errors
/// When `lines` cannot be read.
pub fn notes(lines: impl BufRead) -> io::Result<Vec<Option<String>>> {
    let mut notes = Vec::new();
    for line in lines.lines() {
        let line = line?;
        if line.is_empty() || !line.ends_with('}') {
            continue;
        }
        notes.push(match serde_json::from_str(&line) {
            Ok(Line::Checkpoint { note, .. }) => Some(note),
            _ => None,
        });
    }
    Ok(notes)
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::SigningKey;

    use super::*;

    fn note(size: u64) -> (Origin, String) {
        let origin = Origin::new("demo", "profile").unwrap();
        let time = "2026-11-22T02:41:00Z".parse().unwrap();
        let checkpoint = Checkpoint { origin: origin.clone(), size, root: [9; 32], time };
        (origin, checkpoint.sign(&SigningKey::from_bytes(&[7; 32])))
    }

    #[tokio::test]
    async fn what_was_offered_is_in_the_file_when_the_keeper_stops() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("witness.jsonl");
        let witness = Witness::new(Some(path.clone()), None);
        let ((origin, older), (_, newer)) = (note(1), note(2));
        witness.offer(&origin, &older);
        witness.offer(&origin, &newer);
        let stop = CancellationToken::new();
        stop.cancel();
        witness.run(stop).await;
        let found = notes(io::BufReader::new(std::fs::File::open(&path).unwrap())).unwrap();
        assert_eq!(found, [Some(newer)]);
    }

    #[tokio::test]
    async fn a_witness_that_fails_gets_the_newest_checkpoint_later() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("missing").join("witness.jsonl");
        let witness = Witness::new(Some(path.clone()), None);
        let ((origin, older), (_, newer)) = (note(1), note(2));
        witness.offer(&origin, &older);
        let stop = CancellationToken::new();
        stop.cancel();
        witness.run(stop.clone()).await;
        std::fs::create_dir(path.parent().unwrap()).unwrap();
        witness.offer(&origin, &newer);
        witness.run(stop).await;
        let found = notes(io::BufReader::new(std::fs::File::open(&path).unwrap())).unwrap();
        assert_eq!(found, [Some(newer)]);
    }

    #[test]
    fn a_line_that_a_crash_cut_off_spoils_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("witness.jsonl");
        let ((_, older), (_, newer)) = (note(1), note(2));
        append(&path, &older).unwrap();
        let mut cut = std::fs::read(&path).unwrap();
        cut.extend_from_slice(b"{\"kind\":\"checkpoint\",\"size\":2,\"no");
        std::fs::write(&path, cut).unwrap();
        append(&path, &newer).unwrap();
        let found = notes(io::BufReader::new(std::fs::File::open(&path).unwrap())).unwrap();
        assert_eq!(found, [Some(older), Some(newer)]);
    }
}
