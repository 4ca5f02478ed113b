//! Verified tokens, so that a signature is not computed for every call.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use super::Caller;

/// A token is looked at again after this time, so that a key that was taken back has a bounded afterlife.
const LONGEST: SignedDuration = SignedDuration::from_secs(60);

/// Verified tokens by their digest; the tokens themselves are not kept.
#[derive(Debug)]
pub(super) struct Cache {
    capacity: usize,
    entries: Mutex<HashMap<[u8; 32], Entry>>,
}

#[derive(Debug)]
struct Entry {
    caller: Caller,
    until: Timestamp,
}

// === impl Cache ===

impl Cache {
    pub(super) fn new(capacity: usize) -> Self {
        Self { capacity, entries: Mutex::default() }
    }

    pub(super) fn digest(token: &str) -> [u8; 32] {
        Sha256::digest(token).into()
    }

    pub(super) fn get(&self, digest: &[u8; 32], now: Timestamp) -> Option<Caller> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.get(digest).filter(|entry| now < entry.until).map(|entry| entry.caller.clone())
    }

    pub(super) fn put(&self, digest: [u8; 32], caller: Caller, ends: Timestamp, now: Timestamp) {
        let until = now.checked_add(LONGEST).map_or(ends, |longest| longest.min(ends));
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= self.capacity {
            entries.retain(|_, entry| now < entry.until);
        }
        if entries.len() >= self.capacity {
            // Everything here can be computed again; an order of use would cost more than it saves.
            entries.clear();
        }
        entries.insert(digest, Entry { caller, until });
    }
}
