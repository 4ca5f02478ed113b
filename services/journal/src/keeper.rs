//! Keeps the journals of one service: for each org, whoever holds the lease numbers, signs and publishes.

use std::sync::Arc;
use std::time::Duration;

use dossier_kernel::bus::Bus;
use dossier_kernel::call::Providers;
use dossier_kernel::db::Db;
use dossier_kernel::lease::{self, Lease};
use dossier_kernel::time::micros;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use crate::publish::{PublishError, publish};
use crate::sequencer::{Batch, Halt, Log, sequence};

/// Tells the keepers of this process that something was committed; a hint, never needed. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Wake(Arc<watch::Sender<()>>);

/// What keeps the journals of one service.
#[derive(Clone, Debug)]
pub struct Keeper {
    /// Where the journals are.
    pub db: Db,
    /// Where sequenced entries go.
    pub bus: Arc<dyn Bus>,
    /// Time, and the names of lease holders.
    pub providers: Providers,
    /// The journals, one per org, all of one service.
    pub logs: Vec<Log>,
    /// Rung after commits.
    pub wake: Wake,
    /// How fast it goes.
    pub pace: Pace,
}

/// How fast journals are kept.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Most entries of one batch.
    pub batch: i64,
    /// How long new entries gather before they are numbered together.
    pub gather: Duration,
    /// How long an entry may wait when nobody rang: with `gather` and one batch it stays below the merge delay, 200 ms.
    pub poll: Duration,
    /// How long a silent holder keeps the lease.
    pub lease: Duration,
}

// === impl Wake ===

impl Wake {
    /// Says that an entry was committed.
    pub fn ring(&self) {
        self.0.send_replace(());
    }

    fn listen(&self) -> watch::Receiver<()> {
        self.0.subscribe()
    }
}

// === impl Pace ===

impl Default for Pace {
    fn default() -> Self {
        Self {
            batch: 512,
            gather: Duration::from_millis(10),
            poll: Duration::from_millis(50),
            lease: Duration::from_secs(5),
        }
    }
}

// === impl Keeper ===

impl Keeper {
    /// Keeps all journals until `stop`; what is committed by then is still numbered and published if that is quick.
    pub async fn run(self, stop: CancellationToken) {
        let keep = |log: &Log| {
            let (keeper, log, stop) = (self.clone(), log.clone(), stop.clone());
            async move { keeper.keep(log, stop).await }
        };
        futures::future::join_all(self.logs.iter().map(keep)).await;
    }

    async fn keep(&self, log: Log, stop: CancellationToken) {
        let job = lease::Keeper {
            db: self.db.clone(),
            clock: self.providers.clock.clone(),
            bus: Arc::clone(&self.bus),
            org: log.origin().org().to_owned(),
            name: format!("{}.sequencer", log.origin().service()),
            holder: self.providers.ids.uuid().to_string(),
            ttl: self.pace.lease,
        };
        job.run(stop, |lease, stop| self.hold(&log, lease, stop)).await;
    }

    async fn hold(&self, log: &Log, lease: Lease, stop: CancellationToken) {
        let mut wake = self.wake.listen();
        let mut behind = true;
        loop {
            let next = Instant::now() + self.pace.gather;
            let stopping = stop.is_cancelled();
            match self.turn(log, lease.epoch, behind).await {
                Ok(left) => behind = left,
                Err(halt) => {
                    tracing::warn!(origin = %log.origin(), %halt, "this journal is no longer kept here");
                    return;
                }
            }
            if stopping {
                return;
            }
            // Neither a ring nor a timeout matters for what follows; both mean: look.
            let _ = stop.run_until_cancelled(timeout(self.pace.poll, wake.changed())).await;
            sleep_until(next).await;
        }
    }

    /// Numbers and publishes everything that is there, under the lease of `epoch`.
    ///
    /// # Errors
    /// [`Halt::Fenced`] when a later holder has written. Other failures are logged: the next round repeats the work.
    pub async fn round(&self, log: &Log, epoch: i64) -> Result<(), Halt> {
        self.turn(log, epoch, true).await.map(drop)
    }

    /// One round; an idle one only looks whether anything waits. Gives whether the bus is `behind` afterwards.
    async fn turn(&self, log: &Log, epoch: i64, behind: bool) -> Result<bool, Halt> {
        let grown = self.number(log, epoch).await?;
        if grown || behind { self.hand_on(log, epoch).await } else { Ok(false) }
    }

    /// Whether any entry was numbered.
    async fn number(&self, log: &Log, epoch: i64) -> Result<bool, Halt> {
        let mut grown = false;
        loop {
            let now = micros(self.providers.clock.now());
            match sequence(&self.db, log, epoch, now, self.pace.batch).await {
                Ok(None) => return Ok(grown),
                Ok(Some(batch)) => {
                    grown = true;
                    measure(log, batch);
                }
                Err(Halt::Store(fault)) => {
                    tracing::warn!(origin = %log.origin(), ?fault, "entries cannot be numbered");
                    return Ok(grown);
                }
                Err(fenced) => return Err(fenced),
            }
        }
    }

    /// Whether the bus still lacks entries.
    async fn hand_on(&self, log: &Log, epoch: i64) -> Result<bool, Halt> {
        match publish(&self.db, self.bus.as_ref(), log.origin(), epoch).await {
            Ok(count) => {
                metrics::counter!("dossier_journal_published_total", "journal" => log.origin().to_string())
                    .increment(count);
                return Ok(false);
            }
            Err(PublishError::Fenced { epoch }) => return Err(Halt::Fenced { epoch }),
            Err(PublishError::Bus(fault)) => {
                metrics::counter!("dossier_journal_publish_failures_total").increment(1);
                tracing::debug!(origin = %log.origin(), %fault, "the bus takes no entries");
            }
            Err(PublishError::Store(fault)) => tracing::warn!(origin = %log.origin(), ?fault, "publishing stopped"),
        }
        Ok(true)
    }
}

fn measure(log: &Log, batch: Batch) {
    let journal = log.origin().to_string();
    metrics::histogram!("dossier_journal_batch_entries", "journal" => journal.clone()).record(batch.entries as f64);
    metrics::histogram!("dossier_journal_merge_delay_seconds", "journal" => journal).record(batch.delay as f64 / 1e6);
}
