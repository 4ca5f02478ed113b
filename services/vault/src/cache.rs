//! The data keys in use: unwrapping sits on the read path, and with a hardware module it costs milliseconds.
//!
//! The cache never decides whether a key may be used: the row in the store does, and each time it is read, or its stamp is
//! found unchanged. So a key that
//! another replica destroyed is refused here at once; what is left of it in memory goes with its generation.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

use crate::key::DataKey;
use crate::provider::KeyId;

const SHARDS: usize = 16;

/// Most keys kept by default: about 1 KiB each.
pub const DEFAULT_CAPACITY: usize = 8192;

/// Unwrapped keys, the least recently used going first; each wiped as soon as nobody uses it.
pub struct KeyCache {
    shards: Box<[Mutex<Shard>]>,
    capacity: usize,
}

/// A ring that a hand goes round: an entry used since the hand last passed gets another turn.
#[derive(Default)]
struct Shard {
    slots: Vec<Slot>,
    places: HashMap<Place, usize>,
    hand: usize,
    generation: u64,
}

struct Slot {
    place: Place,
    key: Arc<DataKey>,
    used: bool,
    generation: u64,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Place {
    file: Uuid,
    key_id: KeyId,
    org: Arc<str>,
}

// === impl KeyCache ===

impl KeyCache {
    /// A cache of at most `capacity` keys, rounded up to a multiple of 16.
    pub fn new(capacity: usize) -> Self {
        let shards = (0..SHARDS).map(|_| Mutex::default()).collect();
        Self { shards, capacity: capacity.div_ceil(SHARDS).max(1) }
    }

    /// The key, if it was used lately.
    pub fn get(&self, org: &str, file: Uuid, key_id: KeyId) -> Option<Arc<DataKey>> {
        let mut shard = self.shard(file);
        let at = *shard.places.get(&Place::new(org, file, key_id))?;
        let slot = &mut shard.slots[at];
        slot.used = true;
        Some(slot.key.clone())
    }

    /// Keeps the key of a file; drops the least recently used one when there is no room.
    pub fn put(&self, org: &str, file: Uuid, key: Arc<DataKey>) {
        let place = Place::new(org, file, key.id());
        self.shard(file).put(place, key, self.capacity);
    }

    /// Forgets every key of a file.
    pub fn forget(&self, org: &str, file: Uuid) {
        self.shard(file).retain(|slot| slot.place.file != file || &*slot.place.org != org);
    }

    /// Begins a new generation and forgets the keys that were put in before the last one: called every minute, no key
    /// stays longer than two.
    pub fn advance(&self) {
        for shard in &self.shards {
            let mut shard = lock(shard);
            shard.generation += 1;
            let oldest = shard.generation.saturating_sub(1);
            shard.retain(|slot| slot.generation >= oldest);
        }
    }

    /// Keys kept now.
    pub fn len(&self) -> usize {
        self.shards.iter().map(|shard| lock(shard).slots.len()).sum()
    }

    /// Whether no key is kept.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    // The last byte of a UUIDv7 is random.
    fn shard(&self, file: Uuid) -> MutexGuard<'_, Shard> {
        lock(&self.shards[usize::from(file.as_bytes()[15]) % SHARDS])
    }
}

// A shard is consistent after every statement, so a poisoned lock is usable.
fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for KeyCache {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("KeyCache").field("len", &self.len()).finish_non_exhaustive()
    }
}

// === impl Shard ===

impl Shard {
    fn put(&mut self, place: Place, key: Arc<DataKey>, capacity: usize) {
        // Not yet used again: a scan over many files does not push out the keys that are.
        let slot = Slot { place: place.clone(), key, used: false, generation: self.generation };
        if let Some(at) = self.places.get(&place) {
            self.slots[*at] = slot;
        } else if self.slots.len() < capacity {
            self.places.insert(place, self.slots.len());
            self.slots.push(slot);
        } else {
            let at = self.victim();
            self.places.remove(&self.slots[at].place);
            self.places.insert(place, at);
            self.slots[at] = slot;
        }
    }

    fn victim(&mut self) -> usize {
        loop {
            let at = self.hand % self.slots.len();
            self.hand = at + 1;
            if !std::mem::take(&mut self.slots[at].used) {
                return at;
            }
        }
    }

    fn retain(&mut self, keep: impl Fn(&Slot) -> bool) {
        self.slots.retain(keep);
        self.places = self.slots.iter().enumerate().map(|(at, slot)| (slot.place.clone(), at)).collect();
    }
}

// === impl Place ===

impl Place {
    fn new(org: &str, file: Uuid, key_id: KeyId) -> Self {
        Self { file, key_id, org: org.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::Secret;

    fn key(n: u128) -> Arc<DataKey> {
        Arc::new(DataKey::new(Uuid::from_u128(n), &Secret::default()))
    }

    // All in one shard: the last byte stays zero.
    fn file(n: u128) -> Uuid {
        Uuid::from_u128(n << 8)
    }

    #[test]
    fn a_key_is_found_under_its_own_org_file_and_id_only() {
        let cache = KeyCache::new(64);
        cache.put("demo", file(1), key(7));
        assert_eq!(cache.get("demo", file(1), Uuid::from_u128(7)).unwrap().id(), Uuid::from_u128(7));
        assert!(cache.get("other", file(1), Uuid::from_u128(7)).is_none());
        assert!(cache.get("demo", file(2), Uuid::from_u128(7)).is_none());
        assert!(cache.get("demo", file(1), Uuid::from_u128(8)).is_none());
    }

    #[test]
    fn the_number_is_bounded_and_a_key_in_use_stays() {
        let cache = KeyCache::new(16 * 4);
        for n in 0..100 {
            cache.put("demo", file(n), key(n));
            assert!(cache.get("demo", file(0), Uuid::from_u128(0)).is_some(), "after {n}");
            assert!(cache.len() <= 4);
        }
        assert!(cache.get("demo", file(99), Uuid::from_u128(99)).is_some());
        assert!(cache.get("demo", file(50), Uuid::from_u128(50)).is_none());
    }

    #[test]
    fn putting_a_key_again_keeps_one() {
        let cache = KeyCache::new(64);
        cache.put("demo", file(1), key(7));
        cache.put("demo", file(1), key(7));
        assert_eq!(cache.len(), 1);
    }

    #[test]
    fn a_forgotten_key_is_dropped_and_the_others_are_still_found() {
        let cache = KeyCache::new(16 * 8);
        let held: Vec<_> = (0..8).map(key).collect();
        for (n, key) in (0..).zip(&held) {
            cache.put("demo", file(n), key.clone());
        }
        cache.forget("other", file(3));
        assert_eq!(cache.len(), 8);
        cache.forget("demo", file(3));
        assert_eq!(Arc::strong_count(&held[3]), 1, "nobody holds it: it is wiped");
        for n in (0..8).filter(|n| *n != 3) {
            assert!(cache.get("demo", file(n), Uuid::from_u128(n)).is_some());
        }
        assert!(cache.get("demo", file(3), Uuid::from_u128(3)).is_none());
    }

    #[test]
    fn a_key_lives_two_generations_even_when_it_is_used() {
        let cache = KeyCache::new(64);
        cache.put("demo", file(1), key(1));
        cache.advance();
        assert!(cache.get("demo", file(1), Uuid::from_u128(1)).is_some());
        cache.put("demo", file(2), key(2));
        cache.advance();
        assert!(cache.get("demo", file(1), Uuid::from_u128(1)).is_none());
        assert!(cache.get("demo", file(2), Uuid::from_u128(2)).is_some());
    }
}
