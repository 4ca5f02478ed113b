//! How often a transaction is repeated, and when.

use std::time::Duration;

use crate::error::{Error, Transient};

/// A bounded budget for repeating one transaction.
#[derive(Debug)]
pub struct Retry {
    left: u32,
    pause: Duration,
    resolves_commit: bool,
}

// === impl Retry ===

impl Retry {
    /// At most `attempts` repetitions.
    pub fn new(attempts: u32) -> Self {
        Self { left: attempts, pause: Duration::from_millis(2), resolves_commit: false }
    }

    /// Also repeats after a commit whose outcome is unknown: only for transactions that begin with their idempotency
    /// row, which tells whether the first attempt came through.
    pub fn resolving_commit(mut self) -> Self {
        self.resolves_commit = true;
        self
    }

    /// Whether to run the transaction once more; waits a little longer each time.
    pub async fn again(&mut self, fault: &Error) -> bool {
        let repeatable = match fault.is_transient() {
            Transient::No => false,
            Transient::Conflict => true,
            Transient::CommitUnknown => self.resolves_commit,
        };
        if !repeatable || self.left == 0 {
            return false;
        }
        self.left -= 1;
        metrics::counter!("dossier_store_retries_total").increment(1);
        tokio::time::sleep(self.pause).await;
        self.pause = (self.pause * 2).min(Duration::from_millis(100));
        true
    }
}
