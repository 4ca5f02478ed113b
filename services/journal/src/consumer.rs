//! Applying another service's journal exactly once.
//!
//! The cursor and the effect change in one transaction, and the cursor moves only from the number before. So an entry
//! is applied once, whoever tries: two replicas, a replay of the stream, a restart between any two steps. Entries come
//! from the bus when it has them in order, from the owner's `JournalService` when it has not.
//!
//! Beside that a second loop asks the owner how far its journal goes and whether it contains what was applied here
//! ([`place`](crate::place)). Where it does not, the copy is doubted: nothing more is applied, and it is never called
//! complete. Where it does, whoever decides on the copy is told as of when it is complete ([`Freshness`]): the loop asks at
//! least four times within the bound, at once when somebody waits for it, and when access announces that a right was taken
//! back.
//!
//! Entries that the bus brings are applied before the owner is asked about them. So an entry that a restored owner does not
//! have, and the bus still carries, may be applied; the next look finds it, at the latest after [`Pace::look`] or a quarter
//! of the bound.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use dossier_kernel::bus::{Bus, Item};
use dossier_kernel::db::{Db, Tx};
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::{fault, transact};
use dossier_proto::journal::v1::EntryBody;
use futures::StreamExt;
use tokio_util::sync::CancellationToken;

use crate::doubt::{Doubt, Doubts};
use crate::edition;
use crate::freshness::Freshness;
use crate::merkle::{Hash, leaf_hash};
use crate::place::{Mark, Place};
use crate::publish::{revocations, stream};
use crate::source::Source;
use crate::store::cursor::{self, Key};

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
    /// Its name in the cursor table: the service whose consumer it is.
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
    /// Whom it tells as of when the copy is complete; the default is nobody.
    pub freshness: Freshness,
    /// What this service has reason not to believe.
    pub doubts: Doubts,
    /// How it goes about it.
    pub pace: Pace,
}

/// How a consumer goes about it.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Most entries of one transaction.
    pub batch: usize,
    /// How long it waits for the bus at a time.
    pub idle: Duration,
    /// How long it waits after a failure.
    pub pause: Duration,
    /// How long it waits before it compares the copy with its owner again, where no bound of freshness demands more.
    pub look: Duration,
}

/// An entry with its number and its leaf hash.
struct Told {
    seq: i64,
    leaf: Hash,
    body: EntryBody,
}

/// First time between two comparisons while the copy has never been complete: until then callers are told to come again. It
/// doubles each time, since an owner may be away, and a journal empty, for as long as it likes.
const UNTIL_COMPLETE: Duration = Duration::from_millis(50);
/// Least time between two looks at the owner for [`Freshness`].
const GAP: Duration = Duration::from_millis(25);

/// What one step of a consumer did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It applied this many entries.
    Applied(usize),
    /// There was nothing new.
    Nothing,
    /// Another consumer of the same name was faster.
    Overtaken,
    /// A journal of the org is not what it was: nothing is applied until that is mended.
    Doubted,
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
        Self {
            batch: 128,
            idle: Duration::from_secs(5),
            pause: Duration::from_millis(250),
            look: Duration::from_secs(2),
        }
    }
}

// === impl Consumer ===

impl Consumer {
    /// Follows every org until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        metrics::counter!("dossier_journal_apply_failures_total", "consumer" => self.name).increment(0);
        let follow = |org: &String| {
            let (consumer, org, stop) = (self.clone(), org.clone(), stop.clone());
            async move {
                // Boxed: the futures of whole transactions are large.
                let both = async { tokio::join!(Box::pin(consumer.follow(&org)), Box::pin(consumer.confirm(&org))) };
                stop.run_until_cancelled(both).await
            }
        };
        futures::future::join_all(self.orgs.iter().map(follow)).await;
    }

    async fn follow(&self, org: &str) {
        // The bus may carry what a restored owner does not have; who can be asked first is asked first.
        let _ = tokio::time::timeout(self.pace.look, self.compare(org)).await;
        // What was missed while this process was away does not wait for the bus.
        let (mut wait, mut failing) = (Duration::ZERO, false);
        loop {
            match self.turn(org, wait).await {
                Ok((Step::Doubted, _)) => tokio::time::sleep(self.pace.pause).await,
                Ok((step, from)) => {
                    if let Step::Applied(count) = step {
                        fault!("consumer.committed");
                        metrics::counter!("dossier_journal_applied_total", "consumer" => self.name)
                            .increment(count as u64);
                    }
                    failing = false;
                    let behind = step != Step::Nothing && from == From::Owner;
                    wait = if behind { Duration::ZERO } else { self.pace.idle };
                }
                Err(fault) => {
                    metrics::counter!("dossier_journal_apply_failures_total", "consumer" => self.name).increment(1);
                    // Once for each time that it stands still; the counter tells how often it was tried.
                    if !std::mem::replace(&mut failing, true) {
                        let (consumer, source) = (self.name, self.source);
                        tracing::warn!(consumer, source, org, ?fault, "a journal is not applied");
                    }
                    tokio::time::sleep(self.pace.pause).await;
                }
            }
        }
    }

    /// Keeps the freshness of `org` up to date, and the copy compared with its owner.
    async fn confirm(&self, org: &str) {
        let Some(bound) = self.freshness.bound() else { return self.watch(org).await };
        let mut revoked = self.bus.subscribe(&revocations(org)).await;
        let (mut soon, mut haste) = (0, UNTIL_COMPLETE);
        loop {
            let look = tokio::time::timeout(bound / 2, self.look(org)).await;
            if !matches!(look, Ok(Ok(()))) {
                self.freshness.fail(org);
                tracing::debug!(consumer = self.name, source = self.source, org, ?look, "a copy is not confirmed");
            }
            // However many wait, the owner is asked at a bearable pace.
            tokio::time::sleep(GAP.min(bound / 8)).await;
            let rest = if soon > 0 { GAP } else { self.rest(org, &mut haste, bound / 4) };
            soon = i32::max(soon - 1, 0);
            tokio::select! {
                () = self.freshness.wanted(org) => {}
                // It was committed a moment ago; its number follows.
                Some(_) = revoked.next() => soon = 3,
                () = tokio::time::sleep(rest) => {}
            }
        }
    }

    /// Compares the copy with its owner again and again, and fetches what the bus did not bring, where nobody asks how recent it is.
    async fn watch(&self, org: &str) {
        let mut haste = UNTIL_COMPLETE;
        loop {
            let look = async { self.reach(org, &self.compare(org).await?).await };
            let look = tokio::time::timeout(self.pace.look, look).await;
            tracing::trace!(consumer = self.name, source = self.source, org, ?look, "a copy was compared");
            tokio::time::sleep(self.rest(org, &mut haste, self.pace.look)).await;
        }
    }

    // Until the next comparison: `usual`, or less while the copy has never been complete.
    fn rest(&self, org: &str, haste: &mut Duration, usual: Duration) -> Duration {
        if self.doubts.is_complete(org, self.source) {
            return usual;
        }
        let rest = usual.min(*haste);
        *haste = rest * 2;
        rest
    }

    /// Asks the owner how far the journal goes, catches up to there, and confirms the copy as of the asking.
    ///
    /// # Errors
    /// As [`Consumer::compare`] and [`Consumer::step`].
    pub async fn look(&self, org: &str) -> Result<()> {
        let Some(asked) = self.freshness.moment() else { return Ok(()) };
        let mark = self.compare(org).await?;
        let place = self.reach(org, &mark).await?;
        // What came from the bus meanwhile must be what the owner has.
        let other = place.seq == mark.last_seq && place.root().is_some_and(|root| root != mark.root);
        if other && !fault::weakened("contains") {
            return Err(self.doubt(org, place.seq).await?);
        }
        self.freshness.confirm(org, asked, mark.waited);
        Ok(())
    }

    /// Applies what the owner has up to `mark`: what the bus did not bring.
    async fn reach(&self, org: &str, mark: &Mark) -> Result<Place> {
        // Whoever moves the cursor there, this loop, its neighbour or another replica.
        let mut place = self.place(org).await?;
        while place.seq < mark.last_seq {
            if self.step(org, Duration::ZERO).await? == Step::Doubted {
                return Err(self.stale());
            }
            place = self.place(org).await?;
        }
        Ok(place)
    }

    /// Asks the owner whether its journal contains what was applied here. Where it does not, the copy is doubted, durably;
    /// where it does again, it is believed again. What was not counted before this version is counted from now on.
    ///
    /// # Errors
    /// `AUTHORITY_STALE` when the copy is doubted, `DEPENDENCY_UNAVAILABLE` when the owner does not answer.
    pub async fn compare(&self, org: &str) -> Result<Mark> {
        let mut tx = self.db.read().await?;
        self.doubts.refresh(&mut tx, org).await?;
        let place = cursor::place(&mut tx, self.key(org)).await?;
        drop(tx);
        let mark = self.owner.compare(org, &place).await?;
        self.measure(org, mark.last_seq - place.seq);
        if place.seq >= mark.last_seq && mark.last_seq > 0 {
            self.doubts.complete(org, self.source);
        }
        if !place.is_in(mark.at_place.as_ref()) {
            return Err(self.doubt(org, place.seq).await?);
        }
        if self.doubts.about(org, self.source) {
            self.doubts.lift(&self.db, org, self.source).await?;
        }
        if place.frontier.is_none() || place.era != mark.era {
            let known = Place { frontier: mark.at_place.clone(), era: mark.era.clone(), ..place };
            transact!(self.db, tx => cursor::adopt(tx, self.key(org), &known).await)?;
        }
        Ok(mark)
    }

    async fn doubt(&self, org: &str, seq: i64) -> Result<Error> {
        let doubt = Doubt { source: self.source.to_owned(), seq, told_by: self.name.to_owned() };
        self.doubts.raise(&self.db, org, doubt).await?;
        Ok(self.stale())
    }

    fn measure(&self, org: &str, behind: i64) {
        let labels = [("consumer", self.name.to_owned()), ("source", self.source.to_owned()), ("org", org.to_owned())];
        metrics::gauge!("dossier_journal_lag_entries", &labels).set(behind.max(0) as f64);
    }

    fn stale(&self) -> Error {
        Error::new(Reason::AuthorityStale).with("source", self.source)
    }

    fn key<'a>(&self, org: &'a str) -> Key<'a> {
        Key { org, consumer: self.name, source: self.source }
    }

    async fn place(&self, org: &str) -> Result<Place> {
        cursor::place(&mut self.db.read().await?, self.key(org)).await
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
        // Neither what is not in the owner's journal, nor effects of it in a journal that takes nothing.
        if self.doubts.about(org, self.source) || self.doubts.about(org, self.name) {
            return Ok((Step::Doubted, From::Owner));
        }
        let place = self.place(org).await?;
        let (entries, from) = self.next(org, &place, wait).await?;
        let step = match self.commit(org, &place, &entries).await {
            // One entry that fails must not hold back those before it.
            Err(_) if entries.len() > 1 => self.commit(org, &place, &entries[..1]).await?,
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
                Step::Nothing | Step::Doubted => return Ok(count),
            }
        }
    }

    /// The entries right behind `place`, without gap.
    async fn next(&self, org: &str, place: &Place, wait: Duration) -> Result<(Vec<Told>, From)> {
        let cursor = place.seq;
        match self.bus.read(&stream(org, self.source, &place.era), cursor, self.pace.batch, wait).await {
            Ok(items) => {
                let entries = self.decode(org, cursor, &items);
                // A silent bus is believed: what it has lost the comparison finds. What it has garbled is asked of the owner.
                if !entries.is_empty() || (items.is_empty() && !wait.is_zero()) {
                    return Ok((entries, From::Bus));
                }
            }
            // Without a bus nothing waits; the owner is asked at a bearable pace.
            Err(_) => tokio::time::sleep(wait.min(self.pace.pause)).await,
        }
        let items = self.owner.after(org, cursor, self.pace.batch).await?;
        let entries = self.decode(org, cursor, &items);
        if entries.len() < items.len() {
            let at = entries.last().map_or(cursor, |told| told.seq) + 1;
            return Err(Error::new(Reason::JournalCorrupt).with("seq", at.to_string()));
        }
        Ok((entries, From::Owner))
    }

    /// The items that follow `cursor` without gap and are entries of this journal, up to the first that is not.
    fn decode(&self, org: &str, cursor: i64, items: &[Item]) -> Vec<Told> {
        let entry = |(item, wanted): (&Item, i64)| {
            let (body, leaf) = (edition::read(&item.body).ok()?, leaf_hash(&item.body));
            let ours = item.seq == wanted && body.org == org && body.service == self.source;
            ours.then_some(Told { seq: item.seq, leaf, body })
        };
        items.iter().zip(cursor + 1..).map_while(entry).collect()
    }

    async fn commit(&self, org: &str, place: &Place, entries: &[Told]) -> Result<Step> {
        let Some(last) = entries.last() else { return Ok(Step::Nothing) };
        let next = place.after(entries.iter().map(|told| told.leaf), last.seq);
        transact!(self.db, tx => {
            // The cursor first: it locks out whoever applies the same entries.
            if !cursor::advance(tx, self.key(org), place, &next).await? {
                return Ok(Step::Overtaken);
            }
            fault!("consumer.advanced");
            for told in entries {
                self.apply.apply(tx, told.seq, &told.body).await?;
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
