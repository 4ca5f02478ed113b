//! Durable entries of reads: the bytes leave only after the entry is committed, and concurrent reads share one insert.
//!
//! [`Disclosures::record`] puts the entry in a bounded queue and waits. A lane takes everything that has gathered while
//! the insert before was under way, writes it with one insert per org, and answers all waiters after the commit. Under
//! load the batches grow by themselves; alone, a read waits for one commit and nothing else.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use dossier_kernel::db::Db;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::{fault, transact};
use dossier_proto::journal::v1::EntryBody;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio_util::task::TaskTracker;

use crate::keeper::Wake;
use crate::store;

/// How disclosures are recorded.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Entries that may wait; beyond it a read is refused with `OVERLOADED`.
    pub queue: usize,
    /// Most entries of one insert.
    pub batch: usize,
    /// The longest a read waits for its entry; beyond it the read fails.
    pub deadline: Duration,
}

/// Records disclosures; cheap to clone. The lanes end when the last clone is dropped.
#[derive(Clone, Debug)]
pub struct Disclosures {
    queue: mpsc::Sender<Waiter>,
    deadline: Duration,
}

struct Waiter {
    entry: EntryBody,
    answer: oneshot::Sender<Result<()>>,
}

struct Lane {
    db: Db,
    wake: Wake,
    queue: Arc<Mutex<mpsc::Receiver<Waiter>>>,
    batch: usize,
}

// === impl Settings ===

impl Default for Settings {
    fn default() -> Self {
        Self { queue: 4096, batch: 200, deadline: Duration::from_secs(5) }
    }
}

// === impl Disclosures ===

impl Disclosures {
    /// Starts the lanes on `tasks`; `wake` tells the sequencer after each commit.
    pub fn start(db: &Db, wake: &Wake, settings: Settings, tasks: &TaskTracker) -> Self {
        let (sender, receiver) = mpsc::channel(settings.queue.max(1));
        let queue = Arc::new(Mutex::new(receiver));
        // SQLite has one writer; elsewhere the next batch gathers and goes while the first waits for its commit.
        let lanes = if db.embedded() { 1 } else { 2 };
        for _ in 0..lanes {
            let (db, wake, queue) = (db.clone(), wake.clone(), Arc::clone(&queue));
            tasks.spawn(Lane { db, wake, queue, batch: settings.batch.max(1) }.run());
        }
        Self { queue: sender, deadline: settings.deadline }
    }

    /// Records one disclosure; on `Ok` it is durable and the content may leave.
    ///
    /// # Errors
    /// `OVERLOADED` when the queue is full, `JOURNAL_FAULT` when the entry was not written in time or at all: the
    /// content must not leave (I3).
    pub async fn record(&self, entry: EntryBody) -> Result<()> {
        let (answer, answered) = oneshot::channel();
        let queued = self.queue.try_send(Waiter { entry, answer });
        queued.map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(_) => Error::new(Reason::Overloaded),
            mpsc::error::TrySendError::Closed(_) => Error::new(Reason::Stopping),
        })?;
        if fault::weakened("disclosure") {
            return Ok(());
        }
        let fault = |why: &'static str| Error::new(Reason::JournalFault).because(why);
        match tokio::time::timeout(self.deadline, answered).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(fault("the recorder is gone")),
            Err(_) => Err(fault("the entry was not written in time")),
        }
    }
}

// === impl Lane ===

impl Lane {
    async fn run(self) {
        loop {
            let mut waiters = Vec::with_capacity(self.batch);
            // One lane gathers at a time; the lock is free again while the insert is under way.
            let taken = self.queue.lock().await.recv_many(&mut waiters, self.batch).await;
            if taken == 0 {
                return;
            }
            for (org, waiters) in by_org(waiters) {
                self.flush(&org, waiters).await;
            }
            self.wake.ring();
        }
    }

    async fn flush(&self, org: &str, waiters: Vec<Waiter>) {
        // Whoever gave up waiting discloses nothing, so nothing is recorded.
        let waiters = waiters.into_iter().filter(|waiter| !waiter.answer.is_closed());
        let (entries, answers): (Vec<_>, Vec<_>) = waiters.map(|waiter| (waiter.entry, waiter.answer)).unzip();
        if entries.is_empty() {
            return;
        }
        metrics::histogram!("dossier_journal_disclosure_batch_entries").record(entries.len() as f64);
        let outcome: Result<()> = transact!(self.db, tx => store::entry::append_all(tx, &entries).await);
        fault!("disclosure.committed");
        if let Err(fault) = &outcome {
            tracing::error!(org, ?fault, "disclosures could not be recorded");
        }
        for answer in answers {
            // A waiter that has gone away meanwhile is none of our business.
            let _ = answer.send(outcome.as_ref().copied().map_err(repeated));
        }
    }
}

fn repeated(fault: &Error) -> Error {
    Error::new(Reason::JournalFault).because(fault.reason().as_str_name())
}

fn by_org(waiters: Vec<Waiter>) -> HashMap<String, Vec<Waiter>> {
    let mut orgs: HashMap<String, Vec<Waiter>> = HashMap::new();
    for waiter in waiters {
        orgs.entry(waiter.entry.org.clone()).or_default().push(waiter);
    }
    orgs
}
