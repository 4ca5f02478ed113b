//! Which connections are left because their server takes no writes.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

// At most this often: to those who read, such a server is good for something, and each connection takes it some work.
const EVERY: Duration = Duration::from_secs(1);

/// The moment before which connections were made that are not used any more.
#[derive(Debug, Default)]
pub(super) struct Leaving(Mutex<Moments>);

#[derive(Debug, Default)]
struct Moments {
    left: Option<Instant>,
    refused: Option<Instant>,
}

// === impl Leaving ===

impl Leaving {
    /// A write was refused now: the connections that there are will be left.
    pub(super) fn refused(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).refused = Some(Instant::now());
    }

    /// Whether a connection of this age is used.
    pub(super) fn usable(&self, age: Duration) -> bool {
        let mut moments = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if moments.refused > moments.left && moments.left.is_none_or(|left| left.elapsed() > EVERY) {
            moments.left = moments.refused;
        }
        moments.left.is_none_or(|left| age < left.elapsed())
    }
}
