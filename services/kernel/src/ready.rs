//! Whether a service may be given calls, and what is missing where it may not.
//!
//! A process that runs is alive; it is ready while each of its conditions holds: its store answers, the keys of the issuers
//! are there, it knows the people, its clock agrees with that of the store. gRPC health says the same of each service.
//!
//! # To add a condition
//! 1. Name it where the [`Ready`] is made; until somebody has looked it does not hold.
//! 2. [`Ready::tell`] whenever somebody has looked.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::SignedDuration;
use tokio::sync::watch;

/// The conditions of one service; cheap to clone.
#[derive(Clone, Debug)]
pub struct Ready {
    service: &'static str,
    missing: Arc<watch::Sender<Missing>>,
}

/// What does not hold, by condition, and why.
pub type Missing = BTreeMap<&'static str, String>;

/// All services of a process, for whoever asks the process; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Board(Arc<Mutex<Vec<Ready>>>);

// === impl Ready ===

impl Ready {
    /// A service that needs `conditions`, at none of which anybody has looked.
    pub fn new(service: &'static str, conditions: &[&'static str]) -> Self {
        let missing = conditions.iter().map(|condition| (*condition, "nobody has looked yet".to_owned())).collect();
        let made = Self { service, missing: Arc::new(watch::Sender::new(missing)) };
        conditions.iter().for_each(|condition| made.measure(condition, false));
        made
    }

    /// Says whether `condition` holds, or why not; the reason stands in logs and answers, so it names nothing secret.
    pub fn tell(&self, condition: &'static str, outcome: Result<(), String>) {
        let why = outcome.as_ref().err().cloned();
        let changed = self.missing.send_if_modified(|missing| match why {
            Some(why) => missing.insert(condition, why).is_none(),
            None => missing.remove(condition).is_some(),
        });
        self.measure(condition, outcome.is_ok());
        match outcome {
            _ if !changed => {}
            Ok(()) => tracing::info!(service = self.service, condition, "holds"),
            Err(why) => tracing::warn!(service = self.service, condition, why, "does not hold: no calls should come"),
        }
    }

    /// What does not hold; nothing when the service is ready.
    pub fn missing(&self) -> Missing {
        self.missing.borrow().clone()
    }

    /// Whether every condition holds.
    pub fn is_ready(&self) -> bool {
        self.missing.borrow().is_empty()
    }

    /// Follows what is missing.
    pub fn watch(&self) -> watch::Receiver<Missing> {
        self.missing.subscribe()
    }

    /// Tells as a metric by how much this machine is ahead of the store's clock.
    pub fn measure_clock(&self, ahead: SignedDuration) {
        metrics::gauge!("dossier_clock_skew_seconds", "service" => self.service).set(ahead.as_secs_f64());
    }

    fn measure(&self, condition: &'static str, holds: bool) {
        let labels = [("service", self.service), ("condition", condition)];
        metrics::gauge!("dossier_ready", &labels).set(f64::from(u8::from(holds)));
    }
}

// === impl Board ===

impl Board {
    /// Puts a service on the board.
    pub fn add(&self, ready: Ready) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(ready);
    }

    /// What is missing of each service; nothing at all before the first service is there.
    pub fn missing(&self) -> BTreeMap<&'static str, Missing> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.iter().map(|ready| (ready.service, ready.missing())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_is_ready_when_every_condition_was_looked_at_and_holds() {
        let ready = Ready::new("profile", &["store", "clock"]);
        assert_eq!(ready.missing().len(), 2);
        ready.tell("store", Ok(()));
        assert!(!ready.is_ready());
        ready.tell("clock", Ok(()));
        assert!(ready.is_ready());
        ready.tell("store", Err("does not answer".into()));
        assert_eq!(ready.missing(), [("store", "does not answer".to_owned())].into());
    }

    #[tokio::test]
    async fn whoever_watches_is_told_of_changes_and_of_nothing_else() {
        let ready = Ready::new("profile", &["store"]);
        let mut watch = ready.watch();
        ready.tell("store", Err("does not answer".into()));
        assert!(!watch.has_changed().unwrap(), "it was missing before");
        ready.tell("store", Ok(()));
        assert!(watch.changed().await.is_ok() && watch.borrow().is_empty());
    }

    #[test]
    fn the_board_tells_of_every_service_of_the_process() {
        let board = Board::default();
        assert!(board.missing().is_empty());
        let ready = Ready::new("credit", &["store"]);
        board.add(ready.clone());
        ready.tell("store", Ok(()));
        assert_eq!(board.missing(), [("credit", Missing::new())].into());
    }
}
