//! A configuration of TLS that follows its files.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use super::material::{Life, Material};
use super::{Fault, File, Files, left};
use crate::clock::SharedClock;
use crate::server::Stop;

/// How often the files are compared with what is in use.
pub(super) const LOOK_EVERY: Duration = Duration::from_secs(5);
/// A certificate that ends this soon is warned of, if it has lived four fifths of its life.
const SOON: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Shortest time between two such warnings.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// When what each option names ends.
type Lives = Vec<(&'static str, Life)>;

/// What turns the content of files into a configuration.
type Make<T> = fn(&Files, Material) -> Result<T, Fault>;

/// A configuration of TLS, made anew when one of its files has another content.
pub(super) struct Watched<T> {
    files: Files,
    clock: SharedClock,
    make: Make<T>,
    current: ArcSwap<T>,
    seen: Mutex<Seen>,
}

/// What was read last.
struct Seen {
    content: [u8; 32],
    lives: Lives,
    warned: Option<Timestamp>,
}

// === impl Watched ===

impl<T> Watched<T> {
    /// Reads `files`.
    pub(super) fn open(files: Files, clock: SharedClock, make: Make<T>) -> Result<Self, Fault> {
        let content = digest(&files);
        let (made, lives) = read(&files, &clock, make)?;
        let seen = Mutex::new(Seen { content, lives, warned: None });
        let watched = Self { files, clock, make, current: ArcSwap::from_pointee(made), seen };
        watched.tell_ends();
        Ok(watched)
    }

    /// What is in use.
    pub(super) fn current(&self) -> Arc<T> {
        self.current.load_full()
    }

    /// Looks at the files until `stop`.
    pub(super) async fn watch(&self, stop: &Stop) {
        if self.files.all().next().is_none() {
            return;
        }
        // A count that begins with its first failure does not grow by it, and the alarm would stay silent.
        for file in self.files.all() {
            metrics::counter!("dossier_certificate_reload_failures_total", "option" => file.option).increment(0);
        }
        loop {
            tokio::select! {
                () = stop.soft().cancelled() => return,
                () = stop.reload() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
            self.look();
        }
    }

    /// Takes what the files hold now, if that is something else and can be used.
    pub(super) fn look(&self) {
        let content = digest(&self.files);
        let changed = {
            let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut seen.content, content) != content
        };
        if changed {
            self.renew();
        }
        self.tell_ends();
    }

    fn renew(&self) {
        match read(&self.files, &self.clock, self.make) {
            // For tests/crash, which must notice it.
            Ok(_) if crate::fault::weakened("certificates") => {}
            Ok((made, lives)) => {
                self.current.store(Arc::new(made));
                let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
                (seen.lives, seen.warned) = (lives, None);
                let options: Vec<_> = self.files.all().map(|file| file.option).collect();
                tracing::info!(?options, "certificates were replaced and are in use");
            }
            // A certificate that is replaced before its key does not fit it for a moment.
            Err(Fault { option, why }) => {
                metrics::counter!("dossier_certificate_reload_failures_total", "option" => option).increment(1);
                tracing::warn!(option, why, "a replaced certificate cannot be used; the one before stays");
            }
        }
    }

    fn tell_ends(&self) {
        let now = self.clock.now();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        for (option, life) in &seen.lives {
            metrics::gauge!("dossier_certificate_expiry_seconds", "option" => *option).set(left(life.ends, now));
            metrics::gauge!("dossier_certificate_life_seconds", "option" => *option).set(left(life.ends, life.begins));
        }
        if seen.warned.is_some_and(|warned| now.duration_since(warned) < DAY) {
            return;
        }
        let soon: Vec<_> = seen.lives.iter().filter(|(_, life)| life.ends_soon(now)).collect();
        for (option, life) in &soon {
            tracing::warn!(option, ends = %life.ends, "a certificate ends soon or has ended");
        }
        if !soon.is_empty() {
            seen.warned = Some(now);
        }
    }
}

impl<T> std::fmt::Debug for Watched<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watched").field("files", &self.files).finish_non_exhaustive()
    }
}

// === impl Life ===

impl Life {
    /// Whether somebody should see to it: 30 days before the end, or in the last fifth of a shorter life.
    pub(super) fn ends_soon(self, now: Timestamp) -> bool {
        let fifth = self.ends.duration_since(self.begins) / 5;
        self.ends.duration_since(now) < SOON.min(fifth)
    }
}

fn read<T>(files: &Files, clock: &SharedClock, make: Make<T>) -> Result<(T, Lives), Fault> {
    let material = Material::read(files)?;
    let lives = material.lives(files);
    let now = clock.now();
    if let Some((option, life)) = lives.iter().find(|(_, life)| life.ends <= now) {
        let path = files.all().find(|file| file.option == *option).map(|file| file.path.display());
        let path = path.map_or_else(String::new, |path| format!("`{path}` "));
        return Err(Fault { option, why: format!("{path}ended at {}", life.ends) });
    }
    Ok((make(files, material)?, lives))
}

fn digest(files: &Files) -> [u8; 32] {
    let mut digest = Sha256::new();
    for File { path, .. } in files.all() {
        match std::fs::read(path) {
            Ok(content) => digest.update(Sha256::digest(zeroize::Zeroizing::new(content).as_slice())),
            Err(fault) => digest.update(fault.kind().to_string()),
        }
    }
    digest.finalize().into()
}
