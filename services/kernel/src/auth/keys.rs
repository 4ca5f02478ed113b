//! Where an issuer's keys come from, when they are read again, and when they are too old to be used.
//!
//! | age of the keys | a known key | an unknown one |
//! |---|---|---|
//! | up to three quarters of `max_age` | is used | makes them be read, and the caller waits |
//! | up to `max_age` | is used; the background reads them | the same |
//! | up to `max_age` and `grace` | is used where the issuer does not answer | cannot be told: UNAVAILABLE |
//! | older, or never read | UNAVAILABLE | UNAVAILABLE |
//!
//! They are never read more often than the shortest interval, and nobody waits for an issuer that has just failed to answer.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::{Mutex, MutexGuard};

use super::Refusal;
use super::jwks::{self, Key, Keys};
use super::signer::Signer;
use crate::clock::SharedClock;
use crate::config::{self, Issuer};
use crate::fetch;

const FAILURES: &str = "dossier_issuer_keys_failures_total";

/// Where keys are read.
#[derive(Clone, Debug)]
pub(super) enum Place {
    /// They are ours and stay.
    Fixed,
    /// A file, replaced by whoever rotates keys.
    File(PathBuf),
    /// A http or https url, and who vouches for its server where that is not the system.
    Url(String, Option<PathBuf>),
}

/// When keys are read again.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// How old they may grow while the issuer answers.
    pub(super) max_age: Duration,
    /// How much older while it does not.
    pub(super) grace: Duration,
    /// Shortest time between two reads.
    pub(super) min_interval: Duration,
}

/// The keys of one issuer.
#[derive(Debug)]
pub(super) struct KeySource {
    issuer: String,
    place: Place,
    clock: SharedClock,
    pace: Pace,
    current: ArcSwap<Loaded>,
    tried: Mutex<Option<Timestamp>>,
    failing: AtomicBool,
}

#[derive(Debug, Default)]
struct Loaded {
    keys: Keys,
    at: Option<Timestamp>,
}

/// How old the keys are, as far as it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Age {
    Fresh,
    Due,
    Old,
    Dead,
}

// === impl Place ===

impl Place {
    /// Where the keys of a configured issuer are; the configuration has checked that there is one place.
    pub(super) fn of(issuer: &Issuer) -> Self {
        match (&issuer.jwks_file, &issuer.jwks_url) {
            (Some(path), _) => Self::File(path.clone()),
            (None, Some(url)) => Self::Url(url.clone(), issuer.jwks_ca_file.clone()),
            (None, None) => Self::Fixed,
        }
    }

    async fn read(&self) -> Result<Keys, String> {
        match self {
            Self::Fixed => Ok(Keys::default()),
            Self::File(path) => jwks::read_file(path),
            Self::Url(url, ca_file) => Keys::parse(&fetch::get(url, ca_file.as_deref()).await?),
        }
    }
}

// === impl Pace ===

impl Pace {
    pub(super) fn of(settings: &config::Auth) -> Self {
        let (max_age, grace) = (settings.keys_max_age, settings.keys_grace);
        Self { max_age, grace, min_interval: settings.keys_min_interval }
    }

    fn age(self, age: SignedDuration) -> Age {
        let age = age.unsigned_abs();
        match age {
            _ if age < self.max_age - self.max_age / 4 => Age::Fresh,
            _ if age < self.max_age => Age::Due,
            _ if age < self.max_age.saturating_add(self.grace) => Age::Old,
            _ => Age::Dead,
        }
    }
}

// === impl KeySource ===

impl KeySource {
    pub(super) fn new(issuer: &str, place: Place, clock: SharedClock, pace: Pace) -> Arc<Self> {
        Arc::new(Self {
            issuer: issuer.to_owned(),
            place,
            clock,
            pace,
            current: ArcSwap::default(),
            tried: Mutex::default(),
            failing: AtomicBool::new(false),
        })
    }

    /// The public key of one of our own signers.
    pub(super) fn fixed(signer: &Signer) -> Arc<Self> {
        let keys = Keys::parse(signer.jwks().to_string().as_bytes()).unwrap_or_default();
        let pace = Pace { max_age: Duration::MAX, grace: Duration::ZERO, min_interval: Duration::MAX };
        let source = Self::new("", Place::Fixed, crate::clock::System::shared(), pace);
        source.current.store(Arc::new(Loaded { keys, at: None }));
        source
    }

    /// The key that a token names.
    ///
    /// # Errors
    /// `UnknownKey`, when the issuer has none of that name; `KeysUnavailable`, when that cannot be told.
    pub(super) async fn find(self: &Arc<Self>, kid: Option<&str>) -> Result<Key, Refusal> {
        let (age, known) = (self.age(), self.known(kid));
        match known {
            Some(known) if age < Age::Old => return Ok(known),
            // Who has a key need not wait for somebody who reads them already.
            Some(_) if age == Age::Old && self.tried.try_lock().is_err() => {}
            _ if self.is_silent() => self.ask_aside(),
            _ => self.refresh(self.tried.lock().await).await,
        }
        self.settled(kid)
    }

    /// The key that a token names, from keys that are read again now, as far as the shortest interval allows: what is said
    /// of a known key may have changed.
    ///
    /// # Errors
    /// As [`KeySource::find`].
    pub(super) async fn find_again(&self, kid: Option<&str>) -> Result<Key, Refusal> {
        self.refresh(self.tried.lock().await).await;
        self.settled(kid)
    }

    /// Whose keys these are.
    pub(super) fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Whether none of these keys counts any more, or yet.
    pub(super) fn is_dead(&self) -> bool {
        self.age() == Age::Dead || self.current.load().keys.is_empty()
    }

    /// Reads the keys ahead of their age, so that no caller waits for it; looks every `tick`. Never ends.
    pub(super) async fn keep(self: Arc<Self>, tick: Duration) {
        if matches!(self.place, Place::Fixed) {
            return;
        }
        metrics::counter!(FAILURES, "issuer" => self.issuer.clone()).increment(0);
        loop {
            if self.age() > Age::Fresh {
                self.refresh(self.tried.lock().await).await;
            }
            self.tell_age();
            tokio::time::sleep(tick).await;
        }
    }

    fn settled(&self, kid: Option<&str>) -> Result<Key, Refusal> {
        match (self.age(), self.known(kid)) {
            (Age::Dead, _) => Err(Refusal::KeysUnavailable),
            (_, Some(key)) => Ok(key),
            (_, None) if self.failing.load(Ordering::Relaxed) => Err(Refusal::KeysUnavailable),
            (_, None) => Err(Refusal::UnknownKey),
        }
    }

    fn known(&self, kid: Option<&str>) -> Option<Key> {
        self.current.load().keys.find(kid).cloned()
    }

    fn age(&self) -> Age {
        if matches!(self.place, Place::Fixed) {
            return Age::Fresh;
        }
        let at = self.current.load().at;
        at.map_or(Age::Dead, |at| self.pace.age(self.clock.now().duration_since(at)))
    }

    // A file is read at no cost; an issuer may take seconds to not answer, and one call of several would wait for it.
    fn is_silent(&self) -> bool {
        matches!(self.place, Place::Url(..)) && self.failing.load(Ordering::Relaxed)
    }

    fn ask_aside(self: &Arc<Self>) {
        if !self.tried.try_lock().is_ok_and(|tried| self.may_try(*tried)) {
            return;
        }
        let source = Arc::clone(self);
        tokio::spawn(async move { source.refresh(source.tried.lock().await).await });
    }

    fn may_try(&self, tried: Option<Timestamp>) -> bool {
        tried.is_none_or(|at| self.clock.now().duration_since(at).unsigned_abs() >= self.pace.min_interval)
    }

    async fn refresh(&self, mut tried: MutexGuard<'_, Option<Timestamp>>) {
        if matches!(self.place, Place::Fixed) || !self.may_try(*tried) {
            return;
        }
        let now = self.clock.now();
        *tried = Some(now);
        // An empty set takes every key back. One whose keys are all of no use is what an issuer says that fails.
        let useful = |keys: Keys| match keys.skipped().first().filter(|_| keys.is_empty()) {
            Some(why) => Err(why.clone()),
            None => Ok(keys),
        };
        let read = self.place.read().await.and_then(useful);
        self.failing.store(read.is_err(), Ordering::Relaxed);
        match read {
            Ok(keys) => self.take(keys, now),
            Err(why) => {
                metrics::counter!(FAILURES, "issuer" => self.issuer.clone()).increment(1);
                tracing::warn!(issuer = self.issuer, why, "the keys of an issuer cannot be read");
            }
        }
    }

    fn take(&self, keys: Keys, now: Timestamp) {
        for why in keys.skipped() {
            tracing::warn!(issuer = self.issuer, why, "a key of an issuer is left out");
        }
        self.current.store(Arc::new(Loaded { keys, at: Some(now) }));
    }

    fn tell_age(&self) {
        if let Some(at) = self.current.load().at {
            let age = self.clock.now().duration_since(at).as_secs_f64();
            metrics::gauge!("dossier_issuer_keys_age_seconds", "issuer" => self.issuer.clone()).set(age);
        }
    }
}
