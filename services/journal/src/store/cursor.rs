//! Table `journal_cursor`.

use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::{fault, sql};

use super::head::frontier;
use super::stored;
use crate::merkle::Frontier;
use crate::place::Place;

/// Whose cursor, over which journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key<'a> {
    /// The organisation.
    pub org: &'a str,
    /// The consumer.
    pub consumer: &'a str,
    /// The service that owns the journal.
    pub source: &'a str,
}

#[derive(sqlx::FromRow)]
struct Row {
    consumer: String,
    source: String,
    seq: i64,
    peaks: Option<Vec<u8>>,
    era: String,
}

/// How far `consumer` has applied the journal of `source`; 0 before the first entry.
///
/// # Errors
/// Whatever the store says.
pub async fn get(tx: &mut Tx, org: &str, consumer: &str, source: &str) -> Result<i64> {
    let text = "SELECT seq FROM journal_cursor WHERE org = $1 AND consumer = $2 AND source = $3";
    Ok(sql!(tx, fetch_optional as (i64,), text, org, consumer, source)?.map_or(0, |(seq,)| seq))
}

/// As [`get`], with what was counted up to there.
pub(crate) async fn place(tx: &mut Tx, key: Key<'_>) -> Result<Place> {
    let text = "SELECT consumer, source, seq, peaks, era FROM journal_cursor
                WHERE org = $1 AND consumer = $2 AND source = $3";
    let row = sql!(tx, fetch_optional as Row, text, key.org, key.consumer, key.source)?;
    row.map_or_else(|| Ok(Place::default()), |row| row.place())
}

/// Every org and source of which something was applied in this store.
pub(crate) async fn begun(tx: &mut Tx) -> Result<Vec<(String, String)>> {
    let text = "SELECT DISTINCT org, source FROM journal_cursor WHERE seq > 0 ORDER BY org, source";
    sql!(tx, fetch_all as (String, String), text)
}

/// Every cursor of `org` in this store: consumer, source, place.
///
/// # Errors
/// `STORE_INCONSISTENT` when a row cannot be true, whatever the store says otherwise.
pub(crate) async fn all(tx: &mut Tx, org: &str) -> Result<Vec<(String, String, Place)>> {
    let text = "SELECT consumer, source, seq, peaks, era FROM journal_cursor WHERE org = $1 ORDER BY consumer, source";
    let rows = sql!(tx, fetch_all as Row, text, org)?;
    rows.into_iter().map(|row| Ok((row.consumer.clone(), row.source.clone(), row.place()?))).collect()
}

/// Moves the cursor from `from` to `to` and locks it until the transaction ends; `false` when it is not at `from`, or
/// when the journal is doubted.
pub(crate) async fn advance(tx: &mut Tx, key: Key<'_>, from: &Place, to: &Place) -> Result<bool> {
    let create = "INSERT INTO journal_cursor (org, consumer, source, seq, peaks, era) VALUES ($1, $2, $3, $4, $5, $6)
                  ON CONFLICT DO NOTHING";
    let text = if fault::weakened("cursor") {
        "UPDATE journal_cursor SET seq = $5, peaks = $6 WHERE org = $1 AND consumer = $2 AND source = $3 AND $4 = $4"
    } else {
        "UPDATE journal_cursor SET seq = $5, peaks = $6
         WHERE org = $1 AND consumer = $2 AND source = $3 AND seq = $4
           AND NOT EXISTS (SELECT 1 FROM journal_doubt d WHERE d.org = $1 AND d.source = $3)"
    };
    let (org, consumer, source) = (key.org, key.consumer, key.source);
    let peaks = to.frontier.as_ref().map(bytes);
    if from.seq == 0 && sql!(tx, execute, create, org, consumer, source, to.seq, &peaks, &to.era)? == 1 {
        return Ok(true);
    }
    Ok(sql!(tx, execute, text, org, consumer, source, from.seq, to.seq, &peaks)? == 1)
}

/// Keeps what the owner says was counted up to `place` and in which era; nothing happens when the cursor has moved on.
pub(crate) async fn adopt(tx: &mut Tx, key: Key<'_>, place: &Place) -> Result<()> {
    let create =
        "INSERT INTO journal_cursor (org, consumer, source, seq) VALUES ($1, $2, $3, 0) ON CONFLICT DO NOTHING";
    if place.seq == 0 {
        sql!(tx, execute, create, key.org, key.consumer, key.source)?;
    }
    let text = "UPDATE journal_cursor SET peaks = $5, era = $6
                WHERE org = $1 AND consumer = $2 AND source = $3 AND seq = $4";
    let peaks = place.frontier.as_ref().map(bytes);
    sql!(tx, execute, text, key.org, key.consumer, key.source, place.seq, peaks, &place.era)?;
    Ok(())
}

/// Puts the cursor to `place`, wherever it was: for a copy that was made anew.
///
/// # Errors
/// Whatever the store says.
pub(crate) async fn put(tx: &mut Tx, key: Key<'_>, place: &Place) -> Result<()> {
    let text = "INSERT INTO journal_cursor (org, consumer, source, seq, peaks, era) VALUES ($1, $2, $3, $4, $5, $6)
                ON CONFLICT (org, consumer, source) DO UPDATE SET seq = $4, peaks = $5, era = $6";
    let peaks = place.frontier.as_ref().map(bytes);
    sql!(tx, execute, text, key.org, key.consumer, key.source, place.seq, peaks, &place.era)?;
    Ok(())
}

fn bytes(frontier: &Frontier) -> Vec<u8> {
    frontier.peaks().concat()
}

// === impl Row ===

impl Row {
    fn place(self) -> Result<Place> {
        let counted = |peaks: Vec<u8>| frontier(self.seq, &peaks, "journal_cursor");
        // Nothing was applied: nothing was counted.
        let frontier = if self.seq == 0 { Some(Frontier::default()) } else { self.peaks.map(counted).transpose()? };
        debug_assert!(frontier.as_ref().is_none_or(|frontier| stored(frontier.size()) == self.seq));
        Ok(Place { seq: self.seq, frontier, era: self.era })
    }
}
