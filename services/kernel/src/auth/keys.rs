//! Where an issuer's keys come from, and when they are read again.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::{Mutex, MutexGuard};

use super::jwks::{self, Key, Keys};
use super::signer::Signer;
use crate::clock::SharedClock;
use crate::config::Issuer;
use crate::fetch;

/// Where keys are read.
#[derive(Clone, Debug)]
pub(super) enum Place {
    /// They are ours and stay.
    Fixed,
    /// A file, replaced by whoever rotates keys.
    File(PathBuf),
    /// A http or https url.
    Url(String),
}

/// The keys of one issuer. They are read again when they grow old, and when a token names a key that is not among
/// them; never more often than the shortest interval.
#[derive(Debug)]
pub(super) struct KeySource {
    place: Place,
    clock: SharedClock,
    max_age: SignedDuration,
    min_interval: SignedDuration,
    current: ArcSwap<Loaded>,
    tried: Mutex<Option<Timestamp>>,
}

#[derive(Debug, Default)]
struct Loaded {
    keys: Keys,
    at: Option<Timestamp>,
}

// === impl Place ===

impl Place {
    /// Where the keys of a configured issuer are; the configuration has checked that there is one place.
    pub(super) fn of(issuer: &Issuer) -> Self {
        match (&issuer.jwks_file, &issuer.jwks_url) {
            (Some(path), _) => Self::File(path.clone()),
            (None, Some(url)) => Self::Url(url.clone()),
            (None, None) => Self::Fixed,
        }
    }

    async fn read(&self) -> Result<Keys, String> {
        match self {
            Self::Fixed => Ok(Keys::default()),
            Self::File(path) => jwks::read_file(path),
            Self::Url(url) => Keys::parse(&fetch::get(url).await?),
        }
    }
}

// === impl KeySource ===

impl KeySource {
    pub(super) fn new(place: Place, clock: SharedClock, max_age: Duration, min_interval: Duration) -> Self {
        let signed = |time| SignedDuration::try_from(time).unwrap_or(SignedDuration::MAX);
        Self {
            place,
            clock,
            max_age: signed(max_age),
            min_interval: signed(min_interval),
            current: ArcSwap::default(),
            tried: Mutex::default(),
        }
    }

    /// The public key of one of our own signers.
    pub(super) fn fixed(signer: &Signer) -> Self {
        let keys = Keys::parse(signer.jwks().to_string().as_bytes()).unwrap_or_default();
        let source = Self::new(Place::Fixed, crate::clock::System::shared(), Duration::MAX, Duration::MAX);
        source.current.store(Arc::new(Loaded { keys, at: Some(Timestamp::MAX) }));
        source
    }

    /// The key that a token names.
    pub(super) async fn find(&self, kid: Option<&str>) -> Option<Key> {
        let known = self.known(kid);
        if matches!(self.place, Place::Fixed) || (known.is_some() && self.fresh()) {
            return known;
        }
        match (known, self.tried.try_lock()) {
            // Somebody reads them already; who has a key need not wait for that.
            (Some(known), Err(_)) => Some(known),
            (_, Ok(tried)) => {
                self.refresh(tried).await;
                self.known(kid)
            }
            (None, Err(_)) => {
                self.refresh(self.tried.lock().await).await;
                self.known(kid)
            }
        }
    }

    /// The key that a token names, from keys that are read again now, as far as the shortest interval allows: what is said
    /// of a known key may have changed.
    pub(super) async fn find_again(&self, kid: Option<&str>) -> Option<Key> {
        if !matches!(self.place, Place::Fixed) {
            self.refresh(self.tried.lock().await).await;
        }
        self.known(kid)
    }

    fn known(&self, kid: Option<&str>) -> Option<Key> {
        self.current.load().keys.find(kid).cloned()
    }

    fn fresh(&self) -> bool {
        self.current.load().at.is_some_and(|at| self.clock.now().duration_since(at) < self.max_age)
    }

    async fn refresh(&self, mut tried: MutexGuard<'_, Option<Timestamp>>) {
        let now = self.clock.now();
        if tried.is_some_and(|at| now.duration_since(at) < self.min_interval) {
            return;
        }
        *tried = Some(now);
        match self.place.read().await {
            Ok(keys) => self.current.store(Arc::new(Loaded { keys, at: Some(now) })),
            // The keys known so far stay: an issuer that is down must not lock everybody out.
            Err(why) => tracing::warn!(why, "the keys of an issuer cannot be read"),
        }
    }
}
