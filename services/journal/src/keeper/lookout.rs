//! One look at the store for all journals of a service, however many organisations it serves: only those in which something
//! waits are called. A look of each of its own would cost a hundred idle organisations two thousand questions a second.

use std::collections::HashMap;

use dossier_kernel::db::Db;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until, timeout};

use super::{Pace, Wake};
use crate::sequencer::Log;
use crate::store;

/// Calls the keepers of the journals in which entries wait.
pub(super) struct Lookout(HashMap<String, Notify>);

// === impl Lookout ===

impl Lookout {
    /// For these journals.
    pub(super) fn over(logs: &[Log]) -> Self {
        Self(logs.iter().map(|log| (log.origin().org().to_owned(), Notify::new())).collect())
    }

    /// Returns when entries of `org` wait. A call that nobody heard is kept for the next who listens.
    pub(super) async fn called(&self, org: &str) {
        match self.0.get(org) {
            Some(call) => call.notified().await,
            None => std::future::pending().await,
        }
    }

    /// Looks at each ring, and now and then for what was committed elsewhere. Never ends.
    pub(super) async fn run(&self, db: &Db, wake: &Wake, pace: Pace) {
        let mut ring = wake.listen();
        loop {
            let next = Instant::now() + pace.gather;
            match store::entry::waiting_orgs(db).await {
                Ok(orgs) => orgs.iter().filter_map(|org| self.0.get(org)).for_each(Notify::notify_one),
                // Each meets the fault by itself and tells it.
                Err(_) => self.0.values().for_each(Notify::notify_one),
            }
            // Neither a ring nor a timeout matters for what follows; both mean: look.
            let _ = timeout(pace.poll, ring.changed()).await;
            sleep_until(next).await;
        }
    }
}
