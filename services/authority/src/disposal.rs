//! The destruction of a file, as the services see it that are not its owner (X-11 to X-15, I7).
//!
//! Profile announces it. Each service looks through what it keeps of the file and answers, cleared or with what keeps it; from then on
//! it begins nothing new about the file. What keeps a file may end: [`again`] looks once more, and answers anew. Once profile has
//! destroyed the file, the copy of it here is forgotten and the key of what is sealed about it is destroyed, for good.
//!
//! # To let a service have a say
//! 1. Say what keeps a file there: a [`Judge`].
//! 2. Call [`follow`] with every entry of profile's journal that the service applies, and [`again`] from one of its jobs.
//! 3. Call [`require_open`] in the transaction of whatever begins something about a file.

use std::collections::BTreeSet;

use async_trait::async_trait;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::time::from_proto;
use dossier_kernel::{name, stamp, states, transact};
use dossier_proto::journal::v1::event::Kind;
use dossier_proto::journal::v1::{DisposalAnswered, DisposalChanged, EntryBody};
use jiff::Timestamp;
use uuid::Uuid;

use crate::base::Base;
use crate::entries::Effect;
use crate::store::disposal::{self as store, Notice};

/// What stands in the name of an announced destruction.
pub const DISPOSALS: &str = "disposals";
/// The state of a file whose destruction was announced, for who would begin something about it.
const ANNOUNCED: &str = "disposal_announced";
/// Most files of one look.
const BATCH: i64 = 100;

states! {
    /// Where an announced destruction stands.
    pub enum State {
        /// It is announced.
        Announced = "announced",
        /// The file stays.
        Kept = "kept",
        /// The file is destroyed; final.
        Destroyed = "destroyed",
    }
}

states! {
    /// What keeps a file with a service that is not its owner.
    pub enum Ground {
        /// Something of it is lent.
        LoanOpen = "loan_open",
        /// Somebody asked for it, or asks for an approval about it.
        RequestOpen = "request_open",
        /// The customer owes, may draw, or a limit is asked for (C-06).
        ExposureOpen = "exposure_open",
    }
}

/// What a service knows that keeps a file.
#[async_trait]
pub trait Judge: Send + Sync {
    /// What keeps the file; nothing: it is cleared. Whoever begins something about the file waits for this transaction, or it for them.
    async fn grounds(&self, tx: &mut Tx, org: &str, file: Uuid) -> Result<BTreeSet<Ground>>;

    /// The file is destroyed: what ends with it.
    async fn destroyed(&self, tx: &mut Tx, org: &str, file: Uuid) -> Result<()>;
}

/// Does what an entry of profile's journal asks of this service, beside what [`feed::apply`](crate::feed::apply) keeps of it.
///
/// # Errors
/// `JOURNAL_CORRUPT`, `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub async fn follow(base: &Base, tx: &mut Tx, judge: &dyn Judge, entry: &EntryBody) -> Result<()> {
    let Some(Kind::DisposalChanged(one)) = entry.event.as_ref().and_then(|event| event.kind.as_ref()) else {
        return Ok(());
    };
    let (org, (notice, state)) = (&entry.org, read(one)?);
    match state {
        State::Announced => answer(base, tx, org, judge, notice).await.map(drop),
        State::Kept => Ok(()),
        State::Destroyed => {
            judge.destroyed(tx, org, notice.file).await?;
            base.vault.destroy_for_good(tx, org, notice.file, ended(one)?).await?;
            Ok(())
        }
    }
}

/// Looks once more at what this service has not cleared; gives how many answers have changed.
///
/// # Errors
/// `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub async fn again(base: &Base, org: &str, judge: &dyn Judge) -> Result<usize> {
    let blocked = store::blocked(&mut base.db.read().await?, org, BATCH).await?;
    let mut changed = 0;
    for one in blocked {
        changed += usize::from(transact!(base.db, tx => answer(base, tx, org, judge, one.clone()).await)?);
    }
    if changed > 0 {
        base.wake.ring();
    }
    Ok(changed)
}

/// Demands that the destruction of the file was not announced, for whoever begins something about it, in their transaction.
///
/// # Errors
/// `WRONG_STATE`, `STORE_UNAVAILABLE`.
pub async fn require_open(tx: &mut Tx, org: &str, file: Uuid) -> Result<()> {
    // The announcement touches the same row first: one of both sees what the other has done.
    stamp::touch(tx, org, file).await?;
    match store::lookup(tx, org, file).await? {
        None => Ok(()),
        Some(_) => Err(Error::wrong_state(name::name("files", file), ANNOUNCED, &["active", "closed"])),
    }
}

/// What profile's journal says of a destruction: kept while it is announced, forgotten with its end.
///
/// # Errors
/// `JOURNAL_CORRUPT`, `STORE_UNAVAILABLE`.
pub(crate) async fn applied(tx: &mut Tx, org: &str, one: &DisposalChanged) -> Result<()> {
    let (notice, state) = read(one)?;
    match state {
        State::Announced => store::put(tx, org, &notice).await,
        State::Kept => store::forget(tx, org, notice.file).await,
        State::Destroyed => {
            store::forget(tx, org, notice.file).await?;
            crate::store::file::forget(tx, org, notice.file).await
        }
    }
}

// Whether it says something else than before.
async fn answer(base: &Base, tx: &mut Tx, org: &str, judge: &dyn Judge, notice: Notice) -> Result<bool> {
    stamp::touch(tx, org, notice.file).await?;
    // It may have ended, or be cleared, since it was looked for.
    let known = store::lookup(tx, org, notice.file).await?.filter(|known| known.disposal == notice.disposal);
    let Some(known) = known.filter(|known| !known.is_cleared()) else { return Ok(false) };
    let found = judge.grounds(tx, org, known.file).await?;
    let grounds = found.into_iter().map(|ground| ground.as_str().to_owned()).collect();
    if known.answered && known.grounds == grounds {
        return Ok(false);
    }
    let said = Notice { answered: true, grounds, ..known };
    store::put(tx, org, &said).await?;
    let subject = name::name(DISPOSALS, said.disposal);
    let action = if said.is_cleared() { "disposal.cleared" } else { "disposal.blocked" };
    let effect = Effect::new(action, &subject, Kind::DisposalAnswered(event(&said)));
    base.record_work(tx, org, effect).await.map(|_| true)
}

fn event(said: &Notice) -> DisposalAnswered {
    DisposalAnswered {
        disposal: name::name(DISPOSALS, said.disposal),
        file: name::name("files", said.file),
        cleared: said.is_cleared(),
        grounds: said.grounds.iter().cloned().collect(),
    }
}

fn read(one: &DisposalChanged) -> Result<(Notice, State)> {
    let id = |collection: &str, text: &str| name::id("event", collection, text).map_err(|_| malformed());
    let (file, disposal) = (id("files", &one.file)?, id(DISPOSALS, &one.disposal)?);
    let state = <State as states::State>::of_word(&one.state).ok_or_else(malformed)?;
    Ok((Notice { file, disposal, answered: false, grounds: BTreeSet::new() }, state))
}

fn ended(one: &DisposalChanged) -> Result<Timestamp> {
    let time = one.end_time.as_ref().ok_or_else(malformed)?;
    from_proto("end_time", time).map_err(|_| malformed())
}

fn malformed() -> Error {
    Error::new(Reason::JournalCorrupt).because("an event is malformed")
}
