//! How far the journals have come, looked up once for all who watch them.
//!
//! A watcher by itself would ask the store every second whether there is anything. Here one task for each org that is
//! watched asks, and wakes those who wait; it ends with the last of them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use dossier_kernel::bus::Bus;
use dossier_kernel::db::Db;
use tokio::sync::watch;

use crate::place;
use crate::publish::stream;

/// How long to wait for the bus before looking anyway.
const IDLE: Duration = Duration::from_secs(1);
/// How long to wait when there is no bus.
const PAUSE: Duration = Duration::from_millis(200);

/// The ends of the journals of one service, by org; cheap to clone.
#[derive(Clone, Debug, Default)]
pub(super) struct Tails(Arc<Mutex<HashMap<String, watch::Sender<i64>>>>);

struct Follower {
    tails: Tails,
    db: Db,
    bus: Arc<dyn Bus>,
    org: String,
    service: String,
    size: watch::Sender<i64>,
}

// === impl Tails ===

impl Tails {
    /// The size of the journal of `org`, which changes when there is more of it.
    pub(super) fn of(&self, db: &Db, bus: &Arc<dyn Bus>, service: &str, org: &str) -> watch::Receiver<i64> {
        let mut tails = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = tails.get(org) {
            return known.subscribe();
        }
        let (size, receiver) = watch::channel(0);
        tails.insert(org.to_owned(), size.clone());
        let (db, bus, org, service) = (db.clone(), Arc::clone(bus), org.to_owned(), service.to_owned());
        tokio::spawn(Follower { tails: self.clone(), db, bus, org, service, size }.run());
        receiver
    }

    // Under the lock, so that nobody subscribes to what is about to end.
    fn ended(&self, org: &str, size: &watch::Sender<i64>) -> bool {
        let mut tails = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if size.receiver_count() > 0 {
            return false;
        }
        tails.remove(org);
        true
    }
}

// === impl Follower ===

impl Follower {
    async fn run(self) {
        let mut before = 0;
        while !self.tails.ended(&self.org, &self.size) {
            let end = match self.db.read().await {
                Ok(mut tx) => place::end(&mut tx, &self.org).await.unwrap_or_default(),
                Err(_) => place::Place::default(),
            };
            let size = end.seq;
            self.size.send_if_modified(|known| {
                let more = size > *known;
                *known = size.max(*known);
                more
            });
            let known = *self.size.borrow();
            // What the bus holds beyond the journal (a store that was put back) must not make this spin.
            let more = self.bus.read(&stream(&self.org, &self.service, &end.era), known, 1, IDLE).await;
            let beyond = more.as_ref().is_ok_and(|items| !items.is_empty()) && size <= before;
            if more.is_err() || beyond {
                tokio::time::sleep(PAUSE).await;
            }
            before = size;
        }
    }
}
