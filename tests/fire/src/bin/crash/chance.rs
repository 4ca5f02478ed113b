//! Chance that can be repeated: every draw follows from the seed.

use dossier_fire::measure::{Random, mixed};
use uuid::{Builder, Uuid};

/// Draws from a small generator; good enough to choose by, not to keep secrets with.
#[derive(Clone, Debug)]
pub(crate) struct Chance(Random);

// === impl Chance ===

impl Chance {
    /// The generator of `place` under `seed`; two places draw independently.
    pub(crate) fn new(seed: u64, place: u64) -> Self {
        // Mixed, not added: neighbours would walk through the same numbers, one step apart.
        Self(Random::new(mixed(mixed(seed).wrapping_add(place))))
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0.number()
    }

    /// A number in `from..until`.
    pub(crate) fn within(&mut self, from: u64, until: u64) -> u64 {
        from + self.next() % (until - from).max(1)
    }

    /// True in `percent` of 100 draws.
    pub(crate) fn percent(&mut self, percent: u64) -> bool {
        self.next() % 100 < percent
    }

    /// One of them; they must not be empty.
    pub(crate) fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[usize::try_from(self.next()).unwrap_or(0) % of.len()]
    }

    /// Puts them into an order of its own.
    pub(crate) fn shuffle<T>(&mut self, all: &mut [T]) {
        for at in (1..all.len()).rev() {
            let other = usize::try_from(self.next()).unwrap_or(0) % (at + 1);
            all.swap(at, other);
        }
    }

    /// A random UUID.
    pub(crate) fn uuid(&mut self) -> Uuid {
        let bits = (u128::from(self.next()) << 64) | u128::from(self.next());
        Builder::from_random_bytes(bits.to_be_bytes()).into_uuid()
    }
}
