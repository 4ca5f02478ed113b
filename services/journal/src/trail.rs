//! What happened to one file, newest first: for its owner, who tells those of it who see the file.
//!
//! `JournalService` tells the whole trail, in the order of the journal, to whoever may read journals. Here a service reads its own,
//! back from the newest, a stretch at a time; who is told what of it the service decides by itself.

use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_proto::journal::v1::EntryBody;
use uuid::Uuid;

use crate::edition;
use crate::store::entry::{self, Looked};
use crate::store::inconsistent;

/// Which entries of a trail are asked for; `None` asks for any.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// An action that is none of them: most of what is about a file may be readings.
    pub without: &'a str,
    /// Who did it.
    pub actor: Option<&'a str>,
    /// What was done.
    pub action: Option<&'a str>,
    /// From when, in microseconds, inclusive.
    pub from: i64,
    /// Until when, exclusive; the greatest number: without end.
    pub until: i64,
}

/// An entry that was looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Its identity.
    pub id: Uuid,
    /// Its number.
    pub seq: i64,
    /// What it says, in today's meaning; `None`: it is not asked for.
    pub body: Option<EntryBody>,
}

/// The `looks` newest numbered entries about `file` (`files/{uuid}`) before the entry `before`, newest first; where there is no such
/// entry, the newest of all. Fewer than `looks`: nothing lies behind them.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn back(
    tx: &mut Tx,
    org: &str,
    file: &str,
    (before, looks): (Uuid, i64),
    wanted: &Wanted<'_>,
) -> Result<Vec<Step>> {
    entry::trail(tx, org, file, (before, looks), wanted).await?.into_iter().map(step).collect()
}

fn step(row: Looked) -> Result<Step> {
    let read = |bytes: Vec<u8>| edition::read(&bytes).map_err(|_| inconsistent("journal_entry", "body"));
    Ok(Step { id: row.id, seq: row.seq, body: row.body.map(read).transpose()? })
}
