//! Keeps the journals of one service: for each org, whoever holds the lease numbers, signs and publishes.

use std::sync::Arc;
use std::time::Duration;

use dossier_kernel::bus::Bus;
use dossier_kernel::call::Providers;
use dossier_kernel::db::Db;
use dossier_kernel::lease::{self, Lease};
use dossier_kernel::time::micros;
use jiff::Timestamp;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use crate::publish::{PublishError, note, publish, tell};
use crate::sequencer::{Batch, Grown, Halt, Log, grow};
use crate::store;
use crate::witness::Witness;

mod lookout;

use lookout::Lookout;

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
    /// Where checkpoints go beside the store.
    pub witness: Witness,
}

/// How far the holder of a lease has brought the bus.
#[derive(Debug, Default)]
struct Hand {
    /// The bus has seen the entries up to here; nothing when it may lack some.
    told: Option<i64>,
    /// The head says so up to here.
    noted: i64,
    /// The era of the journal, known whenever `told` is.
    era: String,
    /// The store takes no numbers; it was said.
    failing: bool,
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

// === impl Hand ===

impl Hand {
    /// Nothing is left to be done until another entry is written.
    fn rests(&self) -> bool {
        self.told == Some(self.noted)
    }
}

// === impl Keeper ===

impl Keeper {
    /// Keeps all journals until `stop`; what is committed by then is still numbered and published if that is quick.
    pub async fn run(self, stop: CancellationToken) {
        let lookout = Lookout::over(&self.logs);
        let keep = |log: &Log| self.keep(log.clone(), &lookout, stop.clone());
        let kept = CancellationToken::new();
        let done = kept.clone().drop_guard();
        let all = async {
            let journals = futures::future::join_all(self.logs.iter().map(keep));
            tokio::select! {
                _ = journals => {}
                () = lookout.run(&self.db, &self.wake, self.pace) => {}
            }
            drop(done);
        };
        futures::future::join(all, self.witness.run(kept)).await;
    }

    async fn keep(&self, log: Log, lookout: &Lookout, stop: CancellationToken) {
        let job = lease::Keeper {
            db: self.db.clone(),
            clock: self.providers.clock.clone(),
            bus: Arc::clone(&self.bus),
            org: log.origin().org().to_owned(),
            name: format!("{}.sequencer", log.origin().service()),
            holder: self.providers.ids.uuid().to_string(),
            ttl: self.pace.lease,
        };
        job.run(stop, |lease, stop| self.work(&log, lookout, lease, stop)).await;
    }

    async fn work(&self, log: &Log, lookout: &Lookout, lease: Lease, stop: CancellationToken) {
        let mut hand = Hand::default();
        loop {
            let next = Instant::now() + self.pace.gather;
            let stopping = stop.is_cancelled();
            if let Err(halt) = self.turn(log, lease.epoch, &mut hand).await {
                tracing::warn!(origin = %log.origin(), %halt, "this journal is no longer kept here");
                return;
            }
            if stopping {
                return;
            }
            if hand.failing {
                // Neither rings nor haste help a store that takes nothing.
                let _ = stop.run_until_cancelled(tokio::time::sleep(self.pace.lease / 5)).await;
                continue;
            }
            let called = lookout.called(log.origin().org());
            let pause = if hand.rests() { Duration::MAX } else { self.pace.poll };
            // Neither a call nor a timeout matters for what follows; both mean: look.
            let _ = stop.run_until_cancelled(timeout(pause, called)).await;
            sleep_until(next).await;
        }
    }

    /// Numbers and publishes everything that is there, under the lease of `epoch`.
    ///
    /// # Errors
    /// [`Halt::Fenced`] when a later holder has written. Other failures are logged: the next round repeats the work.
    pub async fn round(&self, log: &Log, epoch: i64) -> Result<(), Halt> {
        self.turn(log, epoch, &mut Hand::default()).await
    }

    /// One round; an idle one only looks whether anything waits.
    async fn turn(&self, log: &Log, epoch: i64, hand: &mut Hand) -> Result<(), Halt> {
        let grown = self.number(log, epoch, hand).await?;
        let outcome = match hand.told {
            None => self.catch_up(log, epoch, hand).await,
            // While the journal grows, the next batch notes it along the way.
            Some(told) if !grown && hand.noted < told => {
                let noted = note(&self.db, log.origin(), epoch, told).await;
                noted.map(|()| hand.noted = told)
            }
            Some(_) => Ok(()),
        };
        outcome.or_else(|fault| self.bear(log, fault))
    }

    /// Numbers what waits, batch by batch, and hands each on; whether there was any.
    async fn number(&self, log: &Log, epoch: i64, hand: &mut Hand) -> Result<bool, Halt> {
        let mut any = false;
        loop {
            let (now, told) = (micros(self.providers.clock.now()), hand.told.unwrap_or(0));
            match grow(&self.db, log, epoch, now, self.pace.batch, told).await {
                Ok(None) => {
                    hand.failing = false;
                    return Ok(any);
                }
                Ok(Some(grown)) => {
                    any = true;
                    hand.noted = hand.noted.max(told);
                    measure(log, grown.batch);
                    self.witness.offer(log.origin(), &grown.note);
                    self.hand_on(log, &grown, hand).await?;
                }
                Err(Halt::Store(fault)) => {
                    // Once for each time that it stands still: the store tells its own faults.
                    if !std::mem::replace(&mut hand.failing, true) {
                        tracing::warn!(origin = %log.origin(), ?fault, "entries cannot be numbered");
                    }
                    return Ok(any);
                }
                Err(fenced) => return Err(fenced),
            }
        }
    }

    /// Hands a batch to the bus when the bus has seen everything before it.
    async fn hand_on(&self, log: &Log, grown: &Grown, hand: &mut Hand) -> Result<(), Halt> {
        let before = store::stored(grown.batch.size - grown.batch.entries);
        if hand.told.take() != Some(before) {
            return Ok(());
        }
        match tell(self.bus.as_ref(), log.origin(), &hand.era, &grown.entries).await {
            Ok(last) => {
                hand.told = last;
                count(log, grown.batch.entries);
                Ok(())
            }
            Err(fault) => self.bear(log, fault),
        }
    }

    /// Hands the bus everything it lacks, out of the store.
    async fn catch_up(&self, log: &Log, epoch: i64, hand: &mut Hand) -> Result<(), PublishError> {
        count(log, publish(&self.db, self.bus.as_ref(), log.origin(), epoch).await?);
        let mut tx = self.db.read().await?;
        let head = store::head::get(&mut tx, log.origin().org()).await?;
        hand.era = store::era::current(&mut tx, log.origin().org()).await?;
        hand.noted = head.map_or(0, |head| head.published);
        // Whoever kept the journal before may not have come to tell the witness of its end.
        if let Some((_, note)) = store::checkpoint::latest(&mut tx, log.origin().org()).await? {
            self.witness.offer(log.origin(), &note);
        }
        hand.told = Some(hand.noted);
        Ok(())
    }

    /// What the bus or the store does not take now it takes later.
    fn bear(&self, log: &Log, fault: PublishError) -> Result<(), Halt> {
        match fault {
            PublishError::Fenced { epoch } => return Err(Halt::Fenced { epoch }),
            PublishError::Bus(fault) => {
                metrics::counter!("dossier_journal_publish_failures_total").increment(1);
                tracing::debug!(origin = %log.origin(), %fault, "the bus takes no entries");
            }
            PublishError::Store(fault) => tracing::warn!(origin = %log.origin(), ?fault, "publishing stopped"),
        }
        Ok(())
    }
}

fn count(log: &Log, entries: u64) {
    metrics::counter!("dossier_journal_published_total", "journal" => log.origin().to_string()).increment(entries);
}

fn measure(log: &Log, batch: Batch) {
    let journal = log.origin().to_string();
    metrics::histogram!("dossier_journal_batch_entries", "journal" => journal.clone()).record(batch.entries as f64);
    metrics::histogram!("dossier_journal_merge_delay_seconds", "journal" => journal).record(batch.delay as f64 / 1e6);
}

/// Tells as a metric, for each of `orgs`, how long the oldest entry of `service` waits for its number; 0 when none does.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn measure_waiting(
    db: &Db,
    service: &'static str,
    orgs: &[String],
    now: Timestamp,
) -> dossier_kernel::error::Result<()> {
    let oldest = store::entry::oldest_of_each(db).await?;
    for org in orgs {
        let waited = oldest.get(org).map_or(0, |since| micros(now).saturating_sub(*since).max(0));
        let labels = [("service", service.to_owned()), ("org", org.clone())];
        metrics::gauge!("dossier_journal_waiting_seconds", &labels).set(waited as f64 / 1e6);
    }
    Ok(())
}
