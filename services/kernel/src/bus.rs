//! The fast path between services: streams, topics and shared counters that may vanish at any moment.
//!
//! Nothing here is the truth. Losing the whole bus loses nothing (the journal is in SQL) and allows nothing
//! that should be denied (a check that needs the bus and has none must refuse or ask SQL). Nor does writing to it: between
//! processes an item counts only when a service vouches for it ([`VouchedBus`]).
//!
//! # To use it
//! 1. [`open`] it once with the process' [`Settings`] and the keys that all services share; share the `Arc<dyn Bus>`.
//! 2. Publish in order; treat every error as "the others learn it later from SQL".
//! 3. A reader keeps its own position, notices gaps, and fills them from the owner's `JournalService`.
//!
//! Names of streams, topics and counters are made of org ids, service names and digests, never of personal data.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::Stream;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::config::SecretFile;

pub mod conformance;
mod memory;
mod redis;
mod topics;
mod vouched;

pub use memory::MemoryBus;
pub use redis::RedisBus;
pub use vouched::{VouchKey, VouchedBus};

/// What happens between processes; every call answers within its time limit and none panics.
#[async_trait]
pub trait Bus: Send + Sync + std::fmt::Debug {
    /// Appends `body` to `stream` under the number `seq` (1 or more).
    ///
    /// Idempotent: a number at or below the last one is [`Appended::AlreadyThere`] and changes nothing.
    /// Numbers may jump. The oldest items are dropped near [`Settings::stream_length`].
    ///
    /// # Errors
    /// [`BusError::Invalid`] when `seq` is below 1, [`BusError::Unavailable`] when the bus is not there.
    async fn append(&self, stream: &str, seq: i64, body: &[u8]) -> Result<Appended, BusError>;

    /// Appends `items`, numbers and bodies, in their order: each as [`append`](Self::append) does, all in one go where
    /// the bus can.
    ///
    /// # Errors
    /// As [`append`](Self::append); some of the items, not always the first ones, may be there all the same.
    async fn append_all(&self, stream: &str, items: &[(i64, Vec<u8>)]) -> Result<(), BusError> {
        for (seq, body) in items {
            self.append(stream, *seq, body).await?;
        }
        Ok(())
    }

    /// Up to `limit` items of `stream` with a number above `after`, in order.
    ///
    /// When there is none, waits up to `wait` (cut to [`Timeouts::longest_wait_ms`]) for the first one; then
    /// the answer is empty. A stream that nobody wrote is an empty stream.
    ///
    /// # Errors
    /// [`BusError::Unavailable`] when the bus is not there.
    async fn read(&self, stream: &str, after: i64, limit: usize, wait: Duration) -> Result<Vec<Item>, BusError>;

    /// Sends `body` to all who listen to `topic` now; nobody listening is fine.
    ///
    /// # Errors
    /// [`BusError::Unavailable`] when the bus is not there.
    async fn publish(&self, topic: &str, body: &[u8]) -> Result<(), BusError>;

    /// Listens to `topic`. Never fails: without a bus the stream is silent and comes alive by itself.
    ///
    /// Lossy by contract; where messages may have been lost the stream says [`Message::Missed`].
    async fn subscribe(&self, topic: &str) -> Messages;

    /// Counts one more hit on `counter` and returns the hits of the current window, this one included.
    ///
    /// The window starts with its first hit and lasts `window` (at least one millisecond).
    ///
    /// # Errors
    /// [`BusError::Unavailable`] when the bus is not there; the caller decides whether that means yes or no.
    async fn count(&self, counter: &str, window: Duration) -> Result<u64, BusError>;

    /// Whether the bus answers now.
    async fn healthy(&self) -> bool;
}

/// What [`Bus::append`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Appended {
    /// The item is new.
    Added,
    /// The stream had reached this number before; nothing changed.
    AlreadyThere,
}

/// One item of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its number, as given to [`Bus::append`].
    pub seq: i64,
    /// Its content, as given to [`Bus::append`].
    pub body: Vec<u8>,
}

/// What a listener of a topic hears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// A message somebody published.
    Body(Arc<[u8]>),
    /// Messages may have been lost here: look at the truth.
    Missed,
}

/// The messages of one subscription; it ends only when the bus itself is dropped.
pub type Messages = Pin<Box<dyn Stream<Item = Message> + Send>>;

/// Why a call to the bus failed.
#[derive(Debug, thiserror::Error)]
pub enum BusError {
    /// The bus is not there, or did not answer in time. The call may have had its effect.
    #[error("the bus is unavailable for `{operation}`")]
    Unavailable {
        /// The operation that failed.
        operation: &'static str,
        /// What the client library said; nothing when time ran out.
        #[source]
        cause: Option<::redis::RedisError>,
    },
    /// The call or the setting makes no sense; trying again does not help.
    #[error("the bus refuses `{operation}`: {why}")]
    Invalid {
        /// The operation that failed.
        operation: &'static str,
        /// What is wrong.
        why: &'static str,
    },
}

/// The section `bus` of the configuration.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// `redis://[user:password@]host:port/db`; absent or empty: the bus of this process alone.
    pub redis_url: Option<SecretString>,
    /// The file that gave the address, when one did: it is read again whenever a connection is made.
    #[serde(skip)]
    pub redis_url_file: Option<SecretFile>,
    /// What every key starts with, so that several installations can share one Redis; no braces.
    pub prefix: String,
    /// Items kept in each stream, approximately; readers further behind ask the owner's `JournalService`.
    pub stream_length: usize,
    /// How many reads may wait at the same time, each on a connection of its own; whoever starts the consumers knows. One more is
    /// `Unavailable`: something leaks them.
    #[serde(skip, default = "readers")]
    pub readers: usize,
    /// How long the bus may take.
    pub timeouts: Timeouts,
}

fn readers() -> usize {
    128
}

/// Time limits of the bus, in milliseconds.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timeouts {
    /// For one attempt to connect.
    pub connect_ms: u64,
    /// For one operation, connecting included.
    pub command_ms: u64,
    /// The longest a read may wait for the first item.
    pub longest_wait_ms: u64,
}

/// Opens the bus that `settings` name; connects later, by itself. Needs a running tokio runtime. On Redis, items are
/// vouched for with `keys`, the newest first; the bus of one process needs none.
///
/// # Errors
/// [`BusError::Invalid`] when the address or the prefix cannot be used, or Redis is to be used without a key.
pub fn open(settings: &Settings, keys: Vec<VouchKey>) -> Result<Arc<dyn Bus>, BusError> {
    register();
    match settings.redis() {
        Some(url) => Ok(Arc::new(VouchedBus::new(Arc::new(RedisBus::open(url, settings)?), keys)?)),
        None => Ok(Arc::new(MemoryBus::new(settings))),
    }
}

// What has not happened yet is seen as 0: a rate over a series that begins at its first event misses that one.
fn register() {
    for operation in ["append", "read", "publish", "count", "ping"] {
        metrics::counter!("dossier_bus_failures_total", "operation" => operation).absolute(0);
    }
    for name in ["dossier_bus_faults_total", "dossier_bus_recoveries_total", "dossier_bus_unvouched_total"] {
        metrics::counter!(name).absolute(0);
    }
}

// === impl Settings ===

impl Settings {
    /// The address of Redis; `None`: the bus of this process alone.
    pub fn redis(&self) -> Option<&SecretString> {
        self.redis_url.as_ref().filter(|url| !url.expose_secret().is_empty())
    }
}

impl Default for Settings {
    fn default() -> Self {
        let timeouts = Timeouts { connect_ms: 300, command_ms: 500, longest_wait_ms: 30_000 };
        Self {
            redis_url: None,
            redis_url_file: None,
            prefix: "dossier".into(),
            stream_length: 10_000,
            readers: readers(),
            timeouts,
        }
    }
}

// === impl Timeouts ===

impl Timeouts {
    fn connect(self) -> Duration {
        Duration::from_millis(self.connect_ms.max(1))
    }

    fn command(self) -> Duration {
        Duration::from_millis(self.command_ms.max(1))
    }

    fn wait(self, asked: Duration) -> Duration {
        asked.min(Duration::from_millis(self.longest_wait_ms))
    }
}

fn check_seq(seq: i64) -> Result<(), BusError> {
    if seq < 1 {
        return Err(BusError::Invalid { operation: "append", why: "numbers of a stream start at 1" });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
