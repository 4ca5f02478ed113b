//! Replaying a journal against the rows of a store, page by page: what is held at any time is what the rows hold, never
//! the journal.

use async_trait::async_trait;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_proto::journal::v1::EntryBody;
use uuid::Uuid;

use super::state::{Cause, Findings, Place, Row, Told};
use crate::edition;
use crate::store;

/// Entries, or rows, that are looked at together.
pub const PAGE: i64 = 200;

/// What a service says its entries mean for its tables. The fold is pure; only the rows come from the store.
#[async_trait]
pub trait Audited: Send + Sync {
    /// The tables, in the order in which they are compared.
    fn tables(&self) -> Vec<&'static str>;

    /// What `entry` says of rows.
    fn tell(&self, told: &mut Told, entry: &EntryBody);

    /// A page of the rows of `table` behind `after`, in their order; an empty one is the last.
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE`; `STORE_INCONSISTENT` when a row cannot be read at all.
    async fn rows(&self, tx: &mut Tx, org: &str, table: &'static str, after: Option<&Place>) -> Result<Vec<Row>>;

    /// Looks at once at rows that belong to these entries alone, after they were told. Such rows are many and need not be
    /// remembered.
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE`.
    async fn page(
        &self,
        _tx: &mut Tx,
        _org: &str,
        _entries: &[(i64, EntryBody)],
        _told: &mut Told,
        _findings: &mut Findings,
    ) -> Result<()> {
        Ok(())
    }

    /// Looks for rows of that kind that belong to no entry.
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE`.
    async fn rest(&self, _tx: &mut Tx, _org: &str, _findings: &mut Findings) -> Result<()> {
        Ok(())
    }
}

/// Lays the rows of a service's own tables beside its journal, waiting entries included, as one transaction sees both.
///
/// # Errors
/// Only when the store does not answer.
pub async fn replay(audited: &dyn Audited, tx: &mut Tx, org: &str) -> Result<Findings> {
    let (mut told, mut findings) = (Told::default(), Findings::default());
    let mut after = 0;
    loop {
        let page = numbered(tx, org, after, PAGE).await?;
        let Some(last) = page.last().map(|(seq, _)| *seq) else { break };
        after = last;
        hear(audited, &mut told, &page);
        audited.page(tx, org, &page, &mut told, &mut findings).await?;
    }
    let mut after = Uuid::nil();
    loop {
        let rows = store::entry::full_waiting(tx, org, after, PAGE).await?;
        let Some(last) = rows.last() else { break };
        after = last.id;
        let page: Vec<_> = rows.iter().filter_map(|row| Some((0, edition::read(&row.body).ok()?))).collect();
        hear(audited, &mut told, &page);
        audited.page(tx, org, &page, &mut told, &mut findings).await?;
    }
    compare(audited, tx, org, &mut told, &mut findings).await?;
    if !told.is_silent() {
        audited.rest(tx, org, &mut findings).await?;
    }
    Ok(findings)
}

/// Lays the copies that another service keeps beside the owner's journal, read from the owner's store up to the cursor of
/// the copies.
///
/// # Errors
/// Only when a store does not answer.
pub async fn replay_copies(
    audited: &dyn Audited,
    owner: &mut Tx,
    copies: &mut Tx,
    org: &str,
    cursor: i64,
) -> Result<Findings> {
    let (mut told, mut findings) = (Told::default(), Findings::default());
    let mut after = 0;
    while after < cursor {
        let page = numbered(owner, org, after, PAGE.min(cursor - after)).await?;
        let page: Vec<_> = page.into_iter().filter(|(seq, _)| *seq <= cursor).collect();
        // An owner that does not reach the cursor was put back; that is one cause, and the cursors are compared elsewhere.
        let Some(last) = page.last().map(|(seq, _)| *seq) else { return Ok(findings) };
        after = last;
        hear(audited, &mut told, &page);
    }
    compare(audited, copies, org, &mut told, &mut findings).await?;
    Ok(findings)
}

async fn numbered(tx: &mut Tx, org: &str, after: i64, limit: i64) -> Result<Vec<(i64, EntryBody)>> {
    let rows = store::entry::after(tx, org, after, limit).await?;
    // A body that cannot be read is a fault of the journal and told as such; it says nothing of any row.
    Ok(rows.into_iter().map(|(seq, body)| (seq, edition::read(&body).unwrap_or_default())).collect())
}

fn hear(audited: &dyn Audited, told: &mut Told, page: &[(i64, EntryBody)]) {
    for (seq, entry) in page {
        told.at(*seq);
        told.count();
        audited.tell(told, entry);
    }
}

async fn compare(
    audited: &dyn Audited,
    tx: &mut Tx,
    org: &str,
    told: &mut Told,
    findings: &mut Findings,
) -> Result<()> {
    for table in audited.tables() {
        let (mut after, mut rows) = (None, 0);
        loop {
            let page = audited.rows(tx, org, table, after.as_ref()).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.place.clone());
            for row in page {
                rows += 1;
                if told.is_silent() {
                    continue;
                }
                told.compare(table, row, findings);
            }
        }
        // One cause, one line: not one for each row.
        if told.is_silent() && rows > 0 {
            findings.add(table, "", Cause::NoJournal { rows });
        }
        told.finish(table, findings);
    }
    told.conclude(findings);
    Ok(())
}

/// A page of rows in the order of their id: `rows_by_id!(tx, org, after, "SELECT id, state FROM loan", "id", (Uuid, String),
/// (id, state) => Row::of(id).with("state", state))`.
#[macro_export]
macro_rules! rows_by_id {
    ($tx:expr, $org:expr, $after:expr, $select:expr, $key:literal, $row:ty, $pattern:pat => $make:expr $(,)?) => {{
        let text = concat!(
            $select,
            " WHERE org = $1 AND (CAST($2 AS UUID) IS NULL OR ",
            $key,
            " > $2) ORDER BY ",
            $key,
            " LIMIT $3"
        );
        let after = $after.and_then($crate::verify::state::Place::id);
        let found = dossier_kernel::sql!($tx, fetch_all as $row, text, $org, after, $crate::verify::replay::PAGE);
        found.map(|rows| rows.into_iter().map(|$pattern| $make).collect::<Vec<$crate::verify::state::Row>>())
    }};
}

/// As [`rows_by_id!`](crate::rows_by_id), in the order of a text.
#[macro_export]
macro_rules! rows_by_text {
    ($tx:expr, $org:expr, $after:expr, $select:expr, $key:literal, $row:ty, $pattern:pat => $make:expr $(,)?) => {{
        let text = concat!(
            $select,
            " WHERE org = $1 AND (CAST($2 AS TEXT) IS NULL OR ",
            $key,
            " > $2) ORDER BY ",
            $key,
            " LIMIT $3"
        );
        let after = $after.and_then($crate::verify::state::Place::text).map(str::to_owned);
        let found = dossier_kernel::sql!($tx, fetch_all as $row, text, $org, after, $crate::verify::replay::PAGE);
        found.map(|rows| rows.into_iter().map(|$pattern| $make).collect::<Vec<$crate::verify::state::Row>>())
    }};
}
