//! How a store is: up or not, and how its pool is used; each fault is told once, and so is its end.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use super::words;
use crate::error::Error;

const LOOK_EVERY: Duration = Duration::from_secs(5);
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// What is known of one store.
#[derive(Debug)]
pub(super) struct Pulse {
    service: &'static str,
    waiting: AtomicU32,
    doubted: Notify,
    // The fault that stands, as it was told.
    fault: Mutex<Option<String>>,
}

/// Somebody waits for a connection until this is dropped.
pub(super) struct Waiting<'a>(&'a AtomicU32);

// === impl Pulse ===

impl Pulse {
    pub(super) fn new(service: &'static str) -> Self {
        let made = Self { service, waiting: AtomicU32::new(0), doubted: Notify::new(), fault: Mutex::default() };
        // What has not happened yet is seen as 0.
        metrics::counter!("dossier_store_acquire_timeouts_total", "service" => service).absolute(0);
        metrics::counter!("dossier_store_faults_total", "service" => service).absolute(0);
        made
    }

    /// Somebody begins to wait for a connection.
    pub(super) fn waiting(&self) -> Waiting<'_> {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        Waiting(&self.waiting)
    }

    /// Somebody waited for a connection in vain.
    pub(super) fn timed_out(&self) {
        metrics::counter!("dossier_store_acquire_timeouts_total", "service" => self.service).increment(1);
    }

    /// Something failed: it is time to look.
    pub(super) fn doubt(&self) {
        self.doubted.notify_one();
    }

    /// Waits until it is time to look again.
    pub(super) async fn next(&self) {
        let stands = self.fault.lock().unwrap_or_else(PoisonError::into_inner).is_some();
        tokio::time::sleep(LOOK_AGAIN).await;
        if !stands {
            let rest = LOOK_EVERY.saturating_sub(LOOK_AGAIN);
            let _ = tokio::time::timeout(rest, self.doubted.notified()).await;
        }
    }

    /// The fault that stands.
    pub(super) fn fault(&self) -> Option<String> {
        self.fault.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What a look at the store gave.
    pub(super) fn looked(&self, outcome: Result<(), &Error>) {
        let mut stands = self.fault.lock().unwrap_or_else(PoisonError::into_inner);
        metrics::gauge!("dossier_store_up", "service" => self.service).set(f64::from(u8::from(outcome.is_ok())));
        let service = self.service;
        let Err(fault) = outcome else {
            if let Some(after) = stands.take() {
                tracing::info!(service, after, "the store is used again");
            }
            return;
        };
        let code = fault.engine_code().unwrap_or("none").to_owned();
        if stands.as_ref() != Some(&code) {
            let remedy = words::remedy(service, fault).unwrap_or_default();
            metrics::counter!("dossier_store_faults_total", "service" => service).increment(1);
            tracing::warn!(service, sqlstate = code, remedy, "the store fails");
            *stands = Some(code);
        }
    }

    /// How many connections are used and idle now.
    pub(super) fn connections(&self, size: u32, idle: usize) {
        let idle = u32::try_from(idle).unwrap_or(u32::MAX);
        let set = |state: &'static str, value: u32| {
            metrics::gauge!("dossier_store_connections", "service" => self.service, "state" => state)
                .set(f64::from(value));
        };
        set("in_use", size.saturating_sub(idle));
        set("idle", idle);
        set("waiting", self.waiting.load(Ordering::Relaxed));
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
