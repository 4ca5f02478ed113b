//! Table `journal_entry`.

use std::collections::HashMap;

use dossier_kernel::db::{Db, Tx, require_rows};
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::{glance, sql, sql_given, sql_rows};
use dossier_proto::journal::v1::EntryBody;
use prost::Message;
use uuid::Uuid;

use super::{hash, stored};
use crate::entry::{Columns, require_forms};
use crate::merkle::{Hash, leaf_hash};
use crate::trail::Wanted;

/// The most rows of one insert; every engine takes that many values in one statement.
const CHUNK: usize = 200;

/// As many entries are found by their time and then put in the order of the journal.
const SHORT: i64 = 5_000;

/// The entries that are to be appended; the service is only asked about.
const FRESH: &str = "WITH fresh (org, id, time, actor, action, subject, topic, body, leaf_hash, service) AS (";
/// A journal that is known to have been restored takes none of them.
const INSERT: &str = ") INSERT INTO journal_entry (org, id, time, actor, action, subject, topic, body, leaf_hash)
    SELECT org, id, time, actor, action, subject, topic, body, leaf_hash FROM fresh
    WHERE NOT EXISTS (SELECT 1 FROM journal_doubt d WHERE d.org = fresh.org AND d.source = fresh.service)";

/// A sequenced entry as it is handed on.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct Row {
    pub seq: i64,
    pub body: Vec<u8>,
    pub leaf_hash: Vec<u8>,
    pub topic: String,
    pub actor: String,
}

/// Everything the store says of one entry, for the verifier.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct Full {
    pub id: Uuid,
    pub time: i64,
    pub actor: String,
    pub action: String,
    pub subject: String,
    pub topic: String,
    pub body: Vec<u8>,
    pub leaf_hash: Vec<u8>,
}

/// What the sequencer learns of an entry it numbered.
#[derive(Clone, Debug)]
pub(crate) struct Numbered {
    pub seq: i64,
    pub time: i64,
    pub leaf_hash: Hash,
    pub body: Vec<u8>,
}

/// An entry of a trail that was looked at; without its body it is not asked for.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct Looked {
    pub id: Uuid,
    pub seq: i64,
    pub body: Option<Vec<u8>>,
}

/// Which entries a reader asks for; `None` asks for any.
#[derive(Clone, Debug)]
pub(crate) struct Filter {
    pub subject: Option<String>,
    /// Another name of the same subject.
    pub also: Option<String>,
    pub actor: Option<String>,
    pub action: Option<String>,
    pub from: i64,
    pub until: i64,
    /// Only entries with a smaller number.
    pub before: i64,
}

// === impl Filter ===

impl Filter {
    /// Asks for everything.
    pub(crate) fn all() -> Self {
        Self { subject: None, also: None, actor: None, action: None, from: i64::MIN, until: i64::MAX, before: i64::MAX }
    }
}

/// Appends one entry in the caller's transaction; it is numbered within 200 ms after the commit.
///
/// # Errors
/// `JOURNAL_FAULT` when the body is not well formed; `STORE_RESTORED` while the journal is known to have been restored to an
/// earlier state; whatever the store says otherwise. The transaction must then fail.
pub async fn append(tx: &mut Tx, body: &EntryBody) -> Result<()> {
    append_all(tx, std::slice::from_ref(body)).await
}

/// Appends several entries of one org in the caller's transaction.
///
/// # Errors
/// As [`append`].
pub async fn append_all(tx: &mut Tx, bodies: &[EntryBody]) -> Result<()> {
    if bodies.windows(2).any(|pair| pair[0].org != pair[1].org) {
        return Err(Error::new(Reason::JournalFault).because("one transaction touches one org"));
    }
    for chunk in bodies.chunks(CHUNK) {
        chunk.iter().try_for_each(require_forms)?;
        let columns = chunk.iter().map(Columns::of).collect::<Result<Vec<_>>>()?;
        let rows = chunk.iter().zip(columns).map(|(body, columns)| {
            let bytes = body.encode_to_vec();
            (body, columns, leaf_hash(&bytes), bytes)
        });
        let inserted = sql_rows!(tx, FRESH, rows, (body, columns, leaf, bytes) => [
            &body.org, columns.id, columns.time, &body.actor, &body.action, &body.subject, columns.topic, bytes, leaf,
            &body.service,
        ], INSERT)?;
        if inserted == 0 {
            require_own(tx, &chunk[0]).await?;
        }
        require_rows(inserted, chunk.len() as u64)?;
    }
    Ok(())
}

async fn require_own(tx: &mut Tx, body: &EntryBody) -> Result<()> {
    let doubts = super::doubt::all(tx, &body.org).await?;
    match doubts.into_iter().find(|one| one.source == body.service) {
        None => Ok(()),
        Some(one) => Err(restored(&one.source)),
    }
}

/// A journal whose store went back takes nothing more: what others have seen of it would be said twice.
pub fn restored(service: &str) -> Error {
    Error::new(Reason::StoreRestored).with("service", service)
}

/// Whether an entry waits for its number.
pub(crate) async fn waiting(tx: &mut Tx, org: &str) -> Result<bool> {
    let text = "SELECT seq IS NULL FROM journal_entry WHERE org = $1 AND seq IS NULL LIMIT 1";
    Ok(sql!(tx, fetch_optional as (bool,), text, org)?.is_some())
}

/// As [`waiting`], at the price of one round trip.
pub(crate) async fn waiting_now(db: &Db, org: &str) -> Result<bool> {
    let text = "SELECT seq IS NULL FROM journal_entry WHERE org = $1 AND seq IS NULL LIMIT 1";
    Ok(glance!(db, fetch_optional as (bool,), text, org)?.is_some())
}

/// The organisations in which entries wait for their numbers; each costs one step in the index, however many wait.
pub(crate) async fn waiting_orgs(db: &Db) -> Result<Vec<String>> {
    let text = "WITH RECURSIVE waiting (org) AS (
                    SELECT MIN(org) FROM journal_entry WHERE seq IS NULL
                    UNION ALL
                    SELECT (SELECT MIN(e.org) FROM journal_entry e WHERE e.seq IS NULL AND e.org > waiting.org)
                    FROM waiting WHERE waiting.org IS NOT NULL)
                SELECT org FROM waiting WHERE org IS NOT NULL";
    let orgs = glance!(db, fetch_all as (String,), text)?;
    Ok(orgs.into_iter().map(|(org,)| org).collect())
}

/// The time of the oldest entry that waits for its number, microseconds.
pub(crate) async fn oldest_waiting(tx: &mut Tx, org: &str) -> Result<Option<i64>> {
    let text = "SELECT MIN(time) FROM journal_entry WHERE org = $1 AND seq IS NULL";
    Ok(sql!(tx, fetch_one as (Option<i64>,), text, org)?.0)
}

/// Since when the oldest entry without a number has waited, for each org that has one.
pub(crate) async fn oldest_of_each(db: &Db) -> Result<HashMap<String, i64>> {
    let text = "SELECT org, MIN(time) FROM journal_entry WHERE seq IS NULL GROUP BY org";
    Ok(glance!(db, fetch_all as (String, i64), text)?.into_iter().collect())
}

/// Numbers up to `limit` waiting entries from `size` + 1 on, in order of their ids. The head must be claimed: then nobody
/// else numbers, and what is picked still waits when it is written. To say so again at the end of the statement would
/// let the engine join the waiting entries with themselves.
pub(crate) async fn number(tx: &mut Tx, org: &str, size: u64, limit: i64) -> Result<Vec<Numbered>> {
    let text = "UPDATE journal_entry SET seq = picked.place + $2
                FROM (SELECT waiting.id AS entry, ROW_NUMBER() OVER (ORDER BY waiting.id) AS place
                      FROM (SELECT id FROM journal_entry WHERE org = $1 AND seq IS NULL ORDER BY id LIMIT $3) AS waiting
                     ) AS picked
                WHERE journal_entry.org = $1 AND journal_entry.id = picked.entry
                RETURNING seq, time, leaf_hash, body";
    type Row = (i64, i64, Vec<u8>, Vec<u8>);
    let rows = sql!(tx, fetch_all as Row, text, org, stored(size), limit)?;
    let numbered = |(seq, time, leaf, body): Row| {
        Ok(Numbered { seq, time, leaf_hash: hash("journal_entry", "leaf_hash", &leaf)?, body })
    };
    let mut rows = rows.into_iter().map(numbered).collect::<Result<Vec<_>>>()?;
    rows.sort_unstable_by_key(|row| row.seq);
    Ok(rows)
}

/// Up to `limit` entries above `after` in order.
pub(crate) async fn after(tx: &mut Tx, org: &str, after: i64, limit: i64) -> Result<Vec<(i64, Vec<u8>)>> {
    let text = "SELECT seq, body FROM journal_entry WHERE org = $1 AND seq > $2 ORDER BY seq LIMIT $3";
    sql!(tx, fetch_all as (i64, Vec<u8>), text, org, after, limit)
}

/// Up to `limit` entries that the bus has not seen, in order.
pub(crate) async fn unpublished(tx: &mut Tx, org: &str, limit: i64) -> Result<Vec<(i64, Vec<u8>)>> {
    let text = "SELECT entry.seq, entry.body FROM journal_head AS head
                JOIN journal_entry AS entry ON entry.org = head.org AND entry.seq > head.published
                WHERE head.org = $1 ORDER BY entry.seq LIMIT $2";
    sql!(tx, fetch_all as (i64, Vec<u8>), text, org, limit)
}

/// Up to `limit` entries above `after` that fit `filter`, in order.
pub(crate) async fn list(tx: &mut Tx, org: &str, after: i64, limit: i64, filter: &Filter) -> Result<Vec<Row>> {
    let (from, until, actor, action) = (filter.from, filter.until, filter.actor.as_deref(), filter.action.as_deref());
    // COALESCE, so that no index is chosen by it: where a number has both ends, SQLite takes the index of numbers before that of
    // an actor, and walks the whole journal for them.
    macro_rules! text {
        ($about:expr) => {
            sql_given!(
                concat!("SELECT seq, body, leaf_hash, topic, actor FROM journal_entry WHERE org = $1", $about);
                filter.before < i64::MAX => " AND COALESCE(seq, 0) < $8",
                from > i64::MIN => " AND COALESCE(time, 0) >= $4",
                until < i64::MAX => " AND COALESCE(time, 0) < $5",
                actor => " AND actor = $6",
                action => " AND action = $7";
                " ORDER BY seq LIMIT $3"
            )
        };
    }
    // What is about one thing is little: found first, and then put in order. Where the order is what is looked at first, SQLite
    // walks the whole journal for it.
    macro_rules! about {
        ($more:expr) => {
            concat!(
                " AND seq IN (SELECT e.seq FROM journal_entry e
                              WHERE e.org = $1 AND e.seq > $2 AND e.seq < $8 AND e.topic IN ($9, $10)",
                $more,
                ")"
            )
        };
    }
    let (before, subject) = (filter.before, filter.subject.as_deref());
    match subject {
        // The trail of a file is everything about it, also the loans and grants that have names of their own.
        Some(file) if file.starts_with("files/") => {
            let (text, number) = (text!(about!("")), filter.also.as_deref().unwrap_or(file));
            sql!(tx, fetch_all as Row, text, org, after, limit, from, until, actor, action, before, file, number)
        }
        // A subject without file is its own topic.
        Some(name) => {
            let text = text!(about!(
                " UNION ALL SELECT e.seq FROM journal_entry e WHERE e.org = $1 AND e.seq > $2 AND e.seq < $8
                  AND e.subject IN ($9, $10) AND e.subject <> e.topic"
            ));
            let also = filter.also.as_deref().unwrap_or(name);
            sql!(tx, fetch_all as Row, text, org, after, limit, from, until, actor, action, before, name, also)
        }
        None if actor.is_none() && action.is_none() && is_short(tx, org, from, until).await? => {
            let text = text!(
                " AND seq IN (SELECT e.seq FROM journal_entry e WHERE e.org = $1 AND e.seq IS NOT NULL AND e.time >= $4
                              AND e.time < $5 AND COALESCE(e.seq, 0) > $2 AND COALESCE(e.seq, 0) < $8)"
            );
            sql!(tx, fetch_all as Row, text, org, after, limit, from, until, actor, action, before)
        }
        None => {
            let text = text!(" AND seq > $2");
            sql!(tx, fetch_all as Row, text, org, after, limit, from, until, actor, action, before)
        }
    }
}

/// The `looks` newest entries about `topic` before the entry `before`, newest first; where that is none, the newest of all. What is not
/// asked for comes without its body: a statement walks no further than it was told to, however little of it is found.
///
/// Of the number only one end is asked, so that SQLite takes the index of the topic and not that of numbers.
pub(crate) async fn trail(
    tx: &mut Tx,
    org: &str,
    topic: &str,
    (before, looks): (Uuid, i64),
    wanted: &Wanted<'_>,
) -> Result<Vec<Looked>> {
    let Wanted { without, actor, action, from, until } = *wanted;
    let text = sql_given!(
        "SELECT id, seq, CASE WHEN action <> $6";
        actor => " AND actor = $7",
        action => " AND action = $8",
        from > i64::MIN => " AND time >= $9",
        until < i64::MAX => " AND time < $10";
        " THEN body END AS body FROM journal_entry WHERE org = $1 AND topic = $2
          AND seq < COALESCE((SELECT b.seq FROM journal_entry b WHERE b.org = $1 AND b.id = $3), $4)
          ORDER BY seq DESC LIMIT $5"
    );
    sql!(tx, fetch_all as Looked, text, org, topic, before, i64::MAX, looks, without, actor, action, from, until)
}

// Whether a time is asked for that holds few entries: then they are found by it, wherever in the journal they stand.
async fn is_short(tx: &mut Tx, org: &str, from: i64, until: i64) -> Result<bool> {
    if from == i64::MIN && until == i64::MAX {
        return Ok(false);
    }
    let text = "SELECT COUNT(*) FROM (SELECT 1 FROM journal_entry
                                      WHERE org = $1 AND time >= $2 AND time < $3 AND seq IS NOT NULL LIMIT $4) AS counted";
    Ok(sql!(tx, fetch_one as (i64,), text, org, from, until, SHORT + 1)?.0 <= SHORT)
}

/// The entry with this number.
pub(crate) async fn by_seq(tx: &mut Tx, org: &str, seq: i64) -> Result<Option<Row>> {
    let text = "SELECT seq, body, leaf_hash, topic, actor FROM journal_entry WHERE org = $1 AND seq = $2";
    sql!(tx, fetch_optional as Row, text, org, seq)
}

/// The entry with this id, if it has a number yet.
pub(crate) async fn by_id(tx: &mut Tx, org: &str, id: Uuid) -> Result<Option<Row>> {
    let text = "SELECT seq, body, leaf_hash, topic, actor FROM journal_entry
                WHERE org = $1 AND id = $2 AND seq IS NOT NULL";
    sql!(tx, fetch_optional as Row, text, org, id)
}

/// Every column of the entries with numbers in `after < seq <= last`, for the verifier.
pub(crate) async fn full(tx: &mut Tx, org: &str, after: i64, last: i64) -> Result<Vec<Full>> {
    let text = "SELECT id, time, actor, action, subject, topic, body, leaf_hash FROM journal_entry
                WHERE org = $1 AND seq > $2 AND seq <= $3 ORDER BY seq";
    sql!(tx, fetch_all as Full, text, org, after, last)
}

/// Every column of up to `limit` entries without number and an id above `after`, for the verifier.
pub(crate) async fn full_waiting(tx: &mut Tx, org: &str, after: Uuid, limit: i64) -> Result<Vec<Full>> {
    let text = "SELECT id, time, actor, action, subject, topic, body, leaf_hash FROM journal_entry
                WHERE org = $1 AND seq IS NULL AND id > $2 ORDER BY id LIMIT $3";
    sql!(tx, fetch_all as Full, text, org, after, limit)
}

/// How many entries have a number, and the highest.
pub(crate) async fn extent(tx: &mut Tx, org: &str) -> Result<(i64, i64)> {
    let text = "SELECT COUNT(*), COALESCE(MAX(seq), 0) FROM journal_entry WHERE org = $1 AND seq IS NOT NULL";
    sql!(tx, fetch_one as (i64, i64), text, org)
}
