//! Latencies in a histogram with three significant digits.

use std::time::Duration;

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use super::float;

/// Latencies, from a microsecond to ten minutes.
#[derive(Clone, Debug)]
pub struct Latencies(Histogram<u64>);

/// What is told of many latencies, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Quantiles {
    /// Half were faster.
    pub p50: f64,
    /// Nine of ten were faster.
    pub p90: f64,
    /// 99 of 100 were faster.
    pub p99: f64,
    /// 999 of 1000 were faster.
    pub p999: f64,
    /// The slowest.
    pub max: f64,
}

const LONGEST: u64 = 600_000_000;

// === impl Latencies ===

impl Latencies {
    /// None yet.
    #[expect(clippy::expect_used, reason = "the bounds are constants, and a test makes one")]
    pub fn new() -> Self {
        Self(Histogram::new_with_bounds(1, LONGEST, 3).expect("bounds in order, three digits"))
    }

    /// Counts one; what is longer than ten minutes counts as that.
    pub fn add(&mut self, latency: Duration) {
        let micros = u64::try_from(latency.as_micros()).unwrap_or(LONGEST);
        self.0.saturating_record(micros.clamp(1, LONGEST));
    }

    /// Adds those of another.
    pub fn join(&mut self, other: &Self) {
        // Both have the same bounds, so nothing is out of range.
        let _ = self.0.add(&other.0);
    }

    /// How many.
    pub fn count(&self) -> u64 {
        self.0.len()
    }

    /// What is told of them.
    pub fn quantiles(&self) -> Quantiles {
        let at = |share| float(self.0.value_at_quantile(share)) / 1000.0;
        let max = float(self.0.max()) / 1000.0;
        Quantiles { p50: at(0.5), p90: at(0.9), p99: at(0.99), p999: at(0.999), max }
    }
}

impl Default for Latencies {
    fn default() -> Self {
        Self::new()
    }
}
