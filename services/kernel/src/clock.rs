//! The time, given in: services never ask the machine, they ask the [`Clock`] they were started with.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};

use crate::time::{from_micros, micros};

/// Tells the time; resolution is one microsecond, as in the store.
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// The present instant.
    fn now(&self) -> Timestamp;

    /// Whether this is the machine's own clock. What several processes compare is then told by the store they share.
    fn is_machine(&self) -> bool {
        false
    }
}

/// The clock a process shares.
pub type SharedClock = Arc<dyn Clock>;

/// The machine's clock.
#[derive(Debug, Default, Clone, Copy)]
pub struct System;

/// A clock that stands still until a test moves it.
#[derive(Debug)]
pub struct Manual(AtomicI64);

// === impl System ===

impl System {
    /// The machine's clock, ready to share.
    pub fn shared() -> SharedClock {
        Arc::new(Self)
    }
}

impl Clock for System {
    #[expect(clippy::disallowed_methods, reason = "the one place that may ask the machine for the time")]
    fn now(&self) -> Timestamp {
        from_micros(Timestamp::now().as_microsecond().saturating_add(crate::fault::clock_offset()))
    }

    fn is_machine(&self) -> bool {
        true
    }
}

// === impl Manual ===

impl Manual {
    /// A clock that stands at `start`.
    pub fn at(start: Timestamp) -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(micros(start))))
    }

    /// Moves the clock forward (or back, for a negative `step`) and returns the new time.
    pub fn advance(&self, step: SignedDuration) -> Timestamp {
        let step = i64::try_from(step.as_micros()).unwrap_or(i64::MAX);
        from_micros(self.0.fetch_add(step, Ordering::SeqCst).saturating_add(step))
    }

    /// Sets the clock to `now`.
    pub fn set(&self, now: Timestamp) {
        self.0.store(micros(now), Ordering::SeqCst);
    }
}

impl Clock for Manual {
    fn now(&self) -> Timestamp {
        from_micros(self.0.load(Ordering::SeqCst))
    }
}
