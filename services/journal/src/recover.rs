//! What `dossier recover` does to journals and cursors, offline: a restored journal begins a new era, and the copies that
//! it does not contain are made anew from it. See [`place`](crate::place) for how such a journal is found.

use std::collections::BTreeMap;

use async_trait::async_trait;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_proto::journal::v1::EntryBody;

pub use crate::store::cursor::Key;
pub use crate::store::doubt::Doubt;

use crate::edition;
use crate::place::{self, Place};
use crate::store;

/// Entries read at a time.
const PAGE: i64 = 500;

/// One copy of another service's journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copy {
    /// Its name in the cursor table: the service that keeps it.
    pub consumer: String,
    /// The service that owns the journal.
    pub source: String,
    /// How far it goes.
    pub place: Place,
}

/// What a copy turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// The owner's journal contains it.
    Contained,
    /// The owner's journal does not go as far, up to this place.
    Behind(i64),
    /// The owner's journal says something else at the copy's place.
    Other,
    /// As both before, and the copy is of an era that the owner has ended: the copy itself was put back.
    Outlived,
}

/// How a copy is made anew.
#[async_trait]
pub trait Rebuild: Send + Sync {
    /// Forgets what the copy says.
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE`.
    async fn forget(&self, tx: &mut Tx, org: &str) -> Result<()>;

    /// Lets the copy say again what `entry` says; only its state, nothing that follows from it.
    ///
    /// # Errors
    /// As [`Apply::apply`](crate::Apply::apply).
    async fn retell(&self, tx: &mut Tx, entry: &EntryBody) -> Result<()>;

    /// Draws what follows from the state that the copy has come to.
    ///
    /// # Errors
    /// As [`Apply::apply`](crate::Apply::apply).
    async fn conclude(&self, tx: &mut Tx, org: &str) -> Result<()>;

    /// What the copy says, in words without content: resource and state.
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE`.
    async fn said(&self, tx: &mut Tx, org: &str) -> Result<BTreeMap<String, String>>;
}

/// Every copy that this store keeps for `org`.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn copies(tx: &mut Tx, org: &str) -> Result<Vec<Copy>> {
    let rows = store::cursor::all(tx, org).await?;
    Ok(rows.into_iter().map(|(consumer, source, place)| Copy { consumer, source, place }).collect())
}

/// What this store doubts in `org`.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn doubts(tx: &mut Tx, org: &str) -> Result<Vec<Doubt>> {
    store::doubt::all(tx, org).await
}

/// What a copy at `place` is to the journal that `owner`'s store keeps.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn compare(owner: &mut Tx, org: &str, place: &Place) -> Result<Finding> {
    let there = place::at(owner, org, place.seq).await?;
    if place.is_in(there.as_ref()) {
        return Ok(Finding::Contained);
    }
    let (end, eras) = (place::end(owner, org).await?, store::era::all(owner, org).await?);
    if place.era != end.era && (place.era.is_empty() || eras.contains(&place.era)) {
        return Ok(Finding::Outlived);
    }
    Ok(if there.is_none() { Finding::Behind(end.seq) } else { Finding::Other })
}

/// Begins `era` of the journal that `service` keeps here, which then takes entries again; gives its end.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn begin(tx: &mut Tx, org: &str, service: &str, era: &str) -> Result<Place> {
    let end = place::end(tx, org).await?;
    store::era::begin(tx, org, era, end.seq).await?;
    store::doubt::delete(tx, org, service).await?;
    Ok(Place { era: era.to_owned(), ..end })
}

/// Says that a copy stands at `place` of a journal that contains it.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn believe(tx: &mut Tx, key: Key<'_>, place: &Place) -> Result<()> {
    store::cursor::put(tx, key, place).await?;
    store::doubt::delete(tx, key.org, key.source).await?;
    Ok(())
}

/// Makes a copy anew from the journal that `owner`'s store keeps, in the transaction of the copy's store; gives what it
/// said before and says no more.
///
/// # Errors
/// `JOURNAL_CORRUPT` when an entry cannot be read, `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`, and whatever `how` says.
pub async fn rebuild(tx: &mut Tx, owner: &mut Tx, key: Key<'_>, how: &dyn Rebuild) -> Result<BTreeMap<String, String>> {
    let (end, mut seq) = (place::end(owner, key.org).await?, 0);
    let mut before = how.said(tx, key.org).await?;
    how.forget(tx, key.org).await?;
    while seq < end.seq {
        let page = store::entry::after(owner, key.org, seq, PAGE.min(end.seq - seq)).await?;
        if page.is_empty() {
            return Err(Error::new(Reason::JournalCorrupt).with("seq", (seq + 1).to_string()));
        }
        for (found, body) in page {
            seq += 1;
            let corrupt = || Error::new(Reason::JournalCorrupt).with("seq", seq.to_string());
            let body = edition::read(&body).ok().filter(|_| found == seq).ok_or_else(corrupt)?;
            how.retell(tx, &body).await?;
        }
    }
    how.conclude(tx, key.org).await?;
    believe(tx, key, &end).await?;
    let after = how.said(tx, key.org).await?;
    before.retain(|name, said| after.get(name) != Some(said));
    Ok(before)
}
