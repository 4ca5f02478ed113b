//! Ids and randomness, given in: a test that repeats its seed repeats its ids.

use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

use crate::clock::SharedClock;
use crate::time::micros;

/// Makes ids and random bytes.
pub trait Ids: Send + Sync + std::fmt::Debug {
    /// A new UUIDv7: sorted by time within one process.
    fn uuid(&self) -> Uuid;

    /// Fills `bytes` with randomness fit for keys and nonces.
    ///
    /// # Errors
    /// When the machine gives no randomness; the caller must not go on.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandomness>;
}

/// The id provider a process shares.
pub type SharedIds = Arc<dyn Ids>;

/// The machine gives no randomness; nothing may be sealed or signed.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the machine gives no randomness")]
pub struct NoRandomness;

/// Ids from the machine's randomness and clock.
#[derive(Debug, Default, Clone, Copy)]
pub struct System;

/// Ids that repeat with their seed; only for tests.
#[derive(Debug)]
pub struct Seeded {
    seed: u64,
    clock: SharedClock,
    drawn: Mutex<u64>,
}

// === impl System ===

impl System {
    /// The machine's ids, ready to share.
    pub fn shared() -> SharedIds {
        Arc::new(Self)
    }
}

impl Ids for System {
    #[expect(clippy::disallowed_methods, reason = "the one place that may draw an id from the machine")]
    fn uuid(&self) -> Uuid {
        Uuid::now_v7()
    }

    #[expect(clippy::disallowed_methods, reason = "the one place that may ask the machine for randomness")]
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandomness> {
        getrandom::fill(bytes).map_err(|_| NoRandomness)
    }
}

// === impl Seeded ===

impl Seeded {
    /// Ids from `seed`, their time part from `clock`.
    pub fn new(seed: u64, clock: SharedClock) -> Arc<Self> {
        Arc::new(Self { seed, clock, drawn: Mutex::new(0) })
    }

    fn draw(&self) -> (u64, [u8; 32]) {
        let mut drawn = self.drawn.lock().unwrap_or_else(PoisonError::into_inner);
        *drawn += 1;
        let mut hash = Sha256::new();
        hash.update(self.seed.to_be_bytes());
        hash.update(drawn.to_be_bytes());
        (*drawn, hash.finalize().into())
    }
}

impl Ids for Seeded {
    fn uuid(&self) -> Uuid {
        let (count, bytes) = self.draw();
        let mut random = [0; 10];
        random.copy_from_slice(&bytes[..10]);
        // The count leads, so that ids of one millisecond sort in the order they were drawn.
        random[..4].copy_from_slice(&u32::try_from(count & 0x0fff_ffff).unwrap_or(0).to_be_bytes());
        let millis = u64::try_from(micros(self.clock.now()) / 1000).unwrap_or(0);
        Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }

    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandomness> {
        for chunk in bytes.chunks_mut(32) {
            let (_, block) = self.draw();
            chunk.copy_from_slice(&block[..chunk.len()]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{Clock, Manual};

    #[test]
    fn the_same_seed_repeats_the_same_ids() {
        let clock = Manual::at(crate::time::from_micros(1_700_000_000_000_000));
        let (one, two) = (Seeded::new(7, clock.clone()), Seeded::new(7, clock.clone()));
        let first: Vec<_> = (0..5).map(|_| one.uuid()).collect();
        assert_eq!(first, (0..5).map(|_| two.uuid()).collect::<Vec<_>>());
        assert!(first.is_sorted());
        assert_eq!(clock.now(), clock.now());
    }
}
