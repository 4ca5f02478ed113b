//! Files in bulk: as many as a large company has, in minutes, written into the stores directly.
//!
//! Everything else these programs do goes through the public calls; a million files would take hours that way. The rows
//! are those that the services would write: the content is sealed under a key of the file's own by the service's own
//! code, searchable fields have their tokens, access and credit have their copies, and one file of twenty has ten records
//! under keys of their own. Left out are the journal entries, the revisions before the last and the duties, so a generated
//! store does not verify and is good for measuring only.
//!
//! The services must not run meanwhile: the rows go in with the secondary indexes taken away.

mod made;
mod papers;
mod records;
mod rows;
mod sink;
mod tables;

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::mpsc;
use uuid::Uuid;

use crate::ground::{Fault, Plan, Result, Service, Store};
use crate::measure::float;

use made::Maker;
use rows::Cell;
use sink::Sink;
use tables::Batch;

/// Files of one batch.
const BATCH: u64 = 5_000;

/// The name of generated file number `n`.
pub fn name(n: u64) -> String {
    format!("files/{}", made::id(n))
}

/// What the customer of generated file number `n` is called.
pub fn called(n: u64) -> String {
    made::called(n)
}

/// The telephone number of the customer of generated file number `n`.
pub fn telephone(n: u64) -> String {
    made::telephone(n)
}

/// The name of the `n`th of the files that have records.
pub fn recorded(n: u64) -> String {
    name(n * records::EVERY)
}

/// The name of generated record number `n`, counted through the files that have any.
pub fn record(n: u64) -> String {
    let (file, place) = (n / records::EACH, n % records::EACH);
    format!("{}/records/{}", recorded(file), records::id(file * records::EVERY, place))
}

/// How many of so many generated files have records.
pub fn with_records(files: u64) -> u64 {
    files.div_ceil(records::EVERY)
}

/// How many records so many generated files have.
pub fn records(files: u64) -> u64 {
    with_records(files) * records::EACH
}

/// Writes files number `from` to `until` (not included) into the stores of `plan`; tells its progress to `say`.
///
/// # Errors
/// When keys or stores cannot be opened or written.
pub async fn write(plan: &Plan, from: u64, until: u64, say: impl Fn(String)) -> Result<()> {
    let begun = Instant::now();
    let mut sinks = Sinks::open(&plan.store).await?;
    sinks.begin().await?;
    let maker = Arc::new(Maker::open(&plan.data, sinks.profile.person("sales-1").await?)?);
    let (send, mut made) = mpsc::channel(2);
    let making = tokio::task::spawn_blocking(move || make(&maker, from, until, &send));
    let mut tokens = Vec::new();
    let mut told = Instant::now();
    while let Some((at, batch)) = made.recv().await {
        let batch: Batch = batch?;
        sinks.write(&batch).await?;
        tokens.extend(batch.tokens);
        if told.elapsed().as_secs() >= 5 || at == until {
            told = Instant::now();
            say(format!("{at} files after {:.0} s", begun.elapsed().as_secs_f64()));
        }
    }
    making.await.map_err(|_| Fault::new("the generator broke"))?;
    say(format!("{} search tokens, then the indexes", tokens.len()));
    // In the order of the key, so that the store appends instead of seeking.
    tokens.sort_unstable();
    for batch in tokens.chunks(100_000) {
        sinks.profile.write(&tables::token_rows(batch)).await?;
    }
    sinks.end(from, until).await?;
    let seconds = begun.elapsed().as_secs_f64();
    say(format!(
        "{} files in {seconds:.0} s, {:.0} each second",
        until - from,
        float(until - from) / seconds.max(0.001)
    ));
    Ok(())
}

fn make(maker: &Maker, from: u64, until: u64, send: &mpsc::Sender<(u64, Result<Batch>)>) {
    let mut at = from;
    while at < until {
        let next = (at + BATCH).min(until);
        let batch = maker.batch(at, next);
        let failed = batch.is_err();
        if send.blocking_send((next, batch)).is_err() || failed {
            return;
        }
        at = next;
    }
}

struct Sinks {
    profile: Sink,
    access: Sink,
    credit: Sink,
}

// === impl Sinks ===

impl Sinks {
    async fn open(store: &Store) -> Result<Self> {
        let open = |service: Service| async move {
            match store {
                Store::Sqlite(folder) => Sink::sqlite(&folder.join(format!("{}.db", service.name()))).await,
                Store::Postgres(urls) => {
                    let url = urls.get(&service).ok_or_else(|| Fault::new("a service without a store"))?;
                    Sink::postgres(url).await
                }
            }
        };
        let (profile, access) = (open(Service::Profile).await?, open(Service::Access).await?);
        Ok(Self { profile, access, credit: open(Service::Credit).await? })
    }

    async fn begin(&mut self) -> Result<()> {
        self.profile.begin(&tables::TABLES).await?;
        self.access.begin(&["file_copy"]).await?;
        self.credit.begin(&["file_copy"]).await
    }

    async fn write(&mut self, batch: &Batch) -> Result<()> {
        let profile = async {
            for rows in &batch.rows {
                self.profile.write(rows).await?;
            }
            self.profile.write(&batch.copies).await
        };
        tokio::try_join!(profile, self.access.write(&batch.copies), self.credit.write(&batch.copies)).map(drop)
    }

    // The counters of the numbers that were taken, then the indexes and the planner's figures.
    async fn end(&mut self, from: u64, until: u64) -> Result<()> {
        self.profile.count(tables::SERIES, from, until).await?;
        tokio::try_join!(self.profile.end(), self.access.end(), self.credit.end()).map(drop)
    }
}

fn uuid(value: Uuid) -> Cell {
    Cell::Uuid(value)
}
