//! Applying another service's journal exactly once.
//!
//! The cursor and the effect change in one transaction, and the cursor moves only from the number before. So an entry
//! is applied once, whoever tries: two replicas, a replay of the stream, a restart between any two steps. Entries come
//! from the bus when it has them in order, from the owner's `JournalService` when it has not.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use dossier_kernel::bus::{Bus, Item};
use dossier_kernel::db::{Db, Tx};
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::transact;
use dossier_proto::journal::v1::EntryBody;
use prost::Message;
use tokio_util::sync::CancellationToken;

use crate::publish::stream;
use crate::source::Source;
use crate::store::cursor;

/// What a service does with another service's entries.
#[async_trait]
pub trait Apply: Send + Sync {
    /// Applies entry `seq` in `tx`; kinds it does not know are skipped. May be called again after a roll-back.
    ///
    /// # Errors
    /// The entry is not applied and everything behind it waits: an error is either passing or a fault of the program.
    async fn apply(&self, tx: &mut Tx, seq: i64, entry: &EntryBody) -> Result<()>;
}

/// One consumer of the journals that `source` keeps for `orgs`.
#[derive(Clone)]
pub struct Consumer {
    /// Its name in the cursor table; two consumers of one store have two names.
    pub name: &'static str,
    /// The service that owns the journals.
    pub source: &'static str,
    /// The organisations it follows.
    pub orgs: Vec<String>,
    /// Where cursor and effect live.
    pub db: Db,
    /// Where the entries come from at best.
    pub bus: Arc<dyn Bus>,
    /// Where they come from otherwise.
    pub owner: Arc<dyn Source>,
    /// What is done with them.
    pub apply: Arc<dyn Apply>,
    /// How it goes about it.
    pub pace: Pace,
}

/// How a consumer goes about it.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Most entries of one transaction.
    pub batch: usize,
    /// How long it waits for the bus before it asks the owner whether it missed something.
    pub idle: Duration,
    /// How long it waits after a failure.
    pub pause: Duration,
}

/// What one step of a consumer did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It applied this many entries.
    Applied(usize),
    /// There was nothing new.
    Nothing,
    /// Another consumer of the same name was faster.
    Overtaken,
}

/// Where entries came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum From {
    Bus,
    Owner,
}

// === impl Pace ===

impl Default for Pace {
    fn default() -> Self {
        Self { batch: 128, idle: Duration::from_secs(1), pause: Duration::from_millis(250) }
    }
}

// === impl Consumer ===

impl Consumer {
    /// Follows every org until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        let follow = |org: &String| {
            let (consumer, org, stop) = (self.clone(), org.clone(), stop.clone());
            async move { stop.run_until_cancelled(consumer.follow(&org)).await }
        };
        futures::future::join_all(self.orgs.iter().map(follow)).await;
    }

    async fn follow(&self, org: &str) {
        // What was missed while this process was away does not wait for the bus.
        let mut wait = Duration::ZERO;
        loop {
            match self.turn(org, wait).await {
                Ok((step, from)) => {
                    if let Step::Applied(count) = step {
                        metrics::counter!("dossier_journal_applied_total", "consumer" => self.name)
                            .increment(count as u64);
                    }
                    let behind = step != Step::Nothing && from == From::Owner;
                    wait = if behind { Duration::ZERO } else { self.pace.idle };
                }
                Err(fault) => {
                    metrics::counter!("dossier_journal_apply_failures_total", "consumer" => self.name).increment(1);
                    tracing::warn!(consumer = self.name, source = self.source, org, ?fault, "a journal is not applied");
                    tokio::time::sleep(self.pace.pause).await;
                }
            }
        }
    }

    /// Applies what comes next in the journal of `org`; waits up to `wait` for it.
    ///
    /// # Errors
    /// `DEPENDENCY_UNAVAILABLE` when neither bus nor owner answers, `JOURNAL_CORRUPT` when the owner's answer has a gap
    /// or is not of this journal, and whatever [`Apply`] says. Nothing was applied that the cursor does not count.
    pub async fn step(&self, org: &str, wait: Duration) -> Result<Step> {
        Ok(self.turn(org, wait).await?.0)
    }

    async fn turn(&self, org: &str, wait: Duration) -> Result<(Step, From)> {
        let cursor = cursor::get(&mut self.db.read().await?, org, self.name, self.source).await?;
        let (entries, from) = self.next(org, cursor, wait).await?;
        let step = match self.commit(org, cursor, &entries).await {
            // One entry that fails must not hold back those before it.
            Err(_) if entries.len() > 1 => self.commit(org, cursor, &entries[..1]).await?,
            done => done?,
        };
        Ok((step, from))
    }

    /// Everything up to the present, for a start or a test; gives how many entries were applied.
    ///
    /// # Errors
    /// As [`Consumer::step`].
    pub async fn drain(&self, org: &str) -> Result<usize> {
        let mut count = 0;
        loop {
            match self.step(org, Duration::ZERO).await? {
                Step::Applied(more) => count += more,
                Step::Overtaken => {}
                Step::Nothing => return Ok(count),
            }
        }
    }

    /// The entries right behind `cursor`, without gap.
    async fn next(&self, org: &str, cursor: i64, wait: Duration) -> Result<(Vec<(i64, EntryBody)>, From)> {
        match self.bus.read(&stream(org, self.source), cursor, self.pace.batch, wait).await {
            Ok(items) => {
                // What the bus has garbled is asked of the owner, like what it has lost.
                let entries = self.decode(org, cursor, &items);
                if !entries.is_empty() {
                    return Ok((entries, From::Bus));
                }
            }
            // Without a bus nothing waits; the owner is asked at a bearable pace.
            Err(_) => tokio::time::sleep(wait.min(self.pace.pause)).await,
        }
        let items = self.owner.after(org, cursor, self.pace.batch).await?;
        let entries = self.decode(org, cursor, &items);
        if entries.len() < items.len() {
            let at = entries.last().map_or(cursor, |(seq, _)| *seq) + 1;
            return Err(Error::new(Reason::JournalCorrupt).with("seq", at.to_string()));
        }
        Ok((entries, From::Owner))
    }

    /// The items that follow `cursor` without gap and are entries of this journal, up to the first that is not.
    fn decode(&self, org: &str, cursor: i64, items: &[Item]) -> Vec<(i64, EntryBody)> {
        let entry = |(item, wanted): (&Item, i64)| {
            let body = EntryBody::decode(&item.body[..]).ok()?;
            (item.seq == wanted && body.org == org && body.service == self.source).then_some((item.seq, body))
        };
        items.iter().zip(cursor + 1..).map_while(entry).collect()
    }

    async fn commit(&self, org: &str, cursor: i64, entries: &[(i64, EntryBody)]) -> Result<Step> {
        let Some((last, _)) = entries.last() else { return Ok(Step::Nothing) };
        transact!(self.db, tx => {
            // The cursor first: it locks out whoever applies the same entries.
            if !cursor::advance(tx, org, self.name, self.source, cursor, *last).await? {
                return Ok(Step::Overtaken);
            }
            for (seq, entry) in entries {
                self.apply.apply(tx, *seq, entry).await?;
            }
            Ok(Step::Applied(entries.len()))
        })
    }
}

impl std::fmt::Debug for Consumer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Consumer").field("name", &self.name).field("source", &self.source).finish_non_exhaustive()
    }
}
