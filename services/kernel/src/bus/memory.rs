//! The bus of one process: the embedded default, where no other process listens.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::watch;
use tokio::time::{Instant, timeout};

use super::topics::{Topics, listen};
use super::{Appended, Bus, BusError, Item, Message, Messages, Settings, Timeouts, check_seq};

/// A [`Bus`] that lives in the memory of this process and dies with it.
#[derive(Debug)]
pub struct MemoryBus {
    streams: Mutex<HashMap<String, Log>>,
    topics: Topics,
    counters: Mutex<Counters>,
    stream_length: usize,
    timeouts: Timeouts,
}

#[derive(Debug)]
struct Log {
    items: VecDeque<(i64, Arc<[u8]>)>,
    last: watch::Sender<i64>,
}

#[derive(Debug, Default)]
struct Counters {
    windows: HashMap<String, (u64, Instant)>,
    sweep_at: usize,
}

// === impl MemoryBus ===

impl MemoryBus {
    /// An empty bus; `settings` give the length of streams and the longest wait.
    pub fn new(settings: &Settings) -> Self {
        Self {
            streams: Mutex::default(),
            topics: Topics::default(),
            counters: Mutex::default(),
            stream_length: settings.stream_length.max(1),
            timeouts: settings.timeouts,
        }
    }

    fn with_log<T>(&self, stream: &str, act: impl FnOnce(&mut Log) -> T) -> T {
        let mut streams = lock(&self.streams);
        match streams.get_mut(stream) {
            Some(log) => act(log),
            None => act(streams.entry(stream.to_owned()).or_insert_with(Log::empty)),
        }
    }
}

#[async_trait]
impl Bus for MemoryBus {
    async fn append(&self, stream: &str, seq: i64, body: &[u8]) -> Result<Appended, BusError> {
        check_seq(seq)?;
        Ok(self.with_log(stream, |log| log.append(seq, body, self.stream_length)))
    }

    async fn read(&self, stream: &str, after: i64, limit: usize, wait: Duration) -> Result<Vec<Item>, BusError> {
        if limit == 0 {
            return Ok(Vec::new());
        }
        let wait = self.timeouts.wait(wait);
        if !wait.is_zero() {
            let mut last = self.with_log(stream, |log| log.last.subscribe());
            // The wait ends when the stream reaches a number above `after`, not at any append.
            let _ = timeout(wait, last.wait_for(|last| *last > after)).await;
        }
        Ok(self.with_log(stream, |log| log.after(after, limit)))
    }

    async fn publish(&self, topic: &str, body: &[u8]) -> Result<(), BusError> {
        self.topics.send(topic, &Message::Body(body.into()));
        Ok(())
    }

    async fn subscribe(&self, topic: &str) -> Messages {
        self.topics.prune();
        listen(self.topics.receiver(topic))
    }

    async fn count(&self, counter: &str, window: Duration) -> Result<u64, BusError> {
        Ok(lock(&self.counters).hit(counter, window, Instant::now()))
    }

    async fn healthy(&self) -> bool {
        true
    }
}

// === impl Log ===

impl Log {
    fn empty() -> Self {
        Self { items: VecDeque::new(), last: watch::Sender::new(0) }
    }

    fn append(&mut self, seq: i64, body: &[u8], keep: usize) -> Appended {
        if seq <= *self.last.borrow() {
            return Appended::AlreadyThere;
        }
        self.items.push_back((seq, body.into()));
        while self.items.len() > keep {
            self.items.pop_front();
        }
        self.last.send_replace(seq);
        Appended::Added
    }

    fn after(&self, after: i64, limit: usize) -> Vec<Item> {
        let start = self.items.partition_point(|(seq, _)| *seq <= after);
        let items = self.items.range(start..).take(limit);
        items.map(|(seq, body)| Item { seq: *seq, body: body.to_vec() }).collect()
    }
}

// === impl Counters ===

impl Counters {
    fn hit(&mut self, counter: &str, window: Duration, now: Instant) -> u64 {
        self.sweep(now);
        let end = now + window.max(Duration::from_millis(1));
        let entry = self.windows.entry(counter.to_owned()).or_insert((0, end));
        if entry.1 <= now {
            *entry = (0, end);
        }
        entry.0 += 1;
        entry.0
    }

    // Windows that are over are dropped when their number has doubled: constant cost per hit.
    fn sweep(&mut self, now: Instant) {
        if self.windows.len() >= self.sweep_at.max(1024) {
            self.windows.retain(|_, (_, end)| *end > now);
            self.sweep_at = self.windows.len() * 2;
        }
    }
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
