//! Numbers that look random and repeat with their seed (SplitMix64).

/// A source of such numbers.
#[derive(Clone, Copy, Debug)]
pub struct Random(u64);

// === impl Random ===

impl Random {
    /// A source for `seed`.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mixed(self.0)
    }

    /// A share, from 0 to below 1.
    pub fn share(&mut self) -> f64 {
        super::float(self.number() >> 11) / 9_007_199_254_740_992.0
    }
}

/// A number that looks random and depends on `seed` alone.
pub fn mixed(seed: u64) -> u64 {
    let z = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
