//! Lists and searches of customer files.

use std::array::from_fn;
use std::cmp::Reverse;

use dossier_authority::{standing, visible};
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::page::Page;
use dossier_kernel::sql;
use uuid::Uuid;

use super::row::{FullRow, HeaderRow};
use super::{Loaded, MOST_TOKENS, Viewer, Wanted};
use crate::domain::customer_file::CustomerFile;

macro_rules! wanted {
    () => {
        concat!(
            visible!(),
            " AND f.id < $4
              AND (CAST($5 AS TEXT) IS NULL OR f.state = $5) AND (CAST($6 AS TEXT) IS NULL OR f.customer_type = $6)
              AND (CAST($7 AS TEXT) IS NULL OR f.level = $7) AND (CAST($8 AS TEXT) IS NULL OR f.unit = $8)
              AND (CAST($9 AS UUID) IS NULL OR f.custodian = $9) AND (CAST($10 AS TEXT) IS NULL OR f.template = $10)
              AND (CAST($11 AS TEXT) IS NULL OR f.unit_kind = $11) AND (CAST($12 AS TEXT) IS NULL OR f.number = $12)
              AND (CAST($13 AS TEXT) IS NULL OR f.customer_number = $13)
              AND (CAST($14 AS BIGINT) = 0 OR $14 = (
                SELECT COUNT(*) FROM customer_file_label c WHERE c.org = f.org AND c.file = f.id
                AND ((c.axis = $15 AND c.label = $16) OR (c.axis = $17 AND c.label = $18)
                  OR (c.axis = $19 AND c.label = $20) OR (c.axis = $21 AND c.label = $22))))
              ORDER BY f.id DESC LIMIT $23"
        )
    };
}

macro_rules! run_list {
    ($tx:expr, $row:ty, $text:expr, $viewer:expr, $wanted:expr, $page:expr) => {{
        let (viewer, wanted, page): (Viewer<'_>, &Wanted, &Page) = ($viewer, $wanted, $page);
        let (after, limit) = (before(page)?, page.size + 1);
        let (state, kind, level, unit) = (&wanted.state, &wanted.customer_type, &wanted.level, &wanted.unit);
        let (custodian, template, unit_kind) = (wanted.custodian, &wanted.template, &wanted.unit_kind);
        let (number, customer) = (&wanted.number, &wanted.customer_number);
        let count = i64::try_from(wanted.labels.len()).unwrap_or(i64::MAX);
        let label = |at: usize| wanted.labels.get(at).cloned().unwrap_or_default();
        let (a, b, c, d) = (label(0), label(1), label(2), label(3));
        sql!(
            $tx,
            fetch_all as $row,
            $text,
            viewer.org,
            viewer.person,
            viewer.now,
            after,
            state,
            kind,
            level,
            unit,
            custodian,
            template,
            unit_kind,
            number,
            customer,
            count,
            a.0,
            a.1,
            b.0,
            b.1,
            c.0,
            c.1,
            d.0,
            d.1,
            limit
        )
    }};
}

/// A page of the visible files, newest first, with one row more than the page holds.
///
/// # Errors
/// `PAGE_TOKEN_INVALID`, and as [`visible`].
pub async fn list(tx: &mut Tx, viewer: Viewer<'_>, wanted: &Wanted, page: &Page) -> Result<Vec<CustomerFile>> {
    let text = concat!("SELECT ", header!(), " FROM customer_file f WHERE f.org = $1 AND ", wanted!());
    let rows = run_list!(tx, HeaderRow, text, viewer, wanted, page)?;
    rows.into_iter().map(CustomerFile::try_from).collect()
}

/// As [`list`], each file whole.
///
/// # Errors
/// As [`list`].
pub async fn list_whole(tx: &mut Tx, viewer: Viewer<'_>, wanted: &Wanted, page: &Page) -> Result<Vec<Loaded>> {
    let rows = run_list!(tx, FullRow, whole!(wanted!()), viewer, wanted, page)?;
    rows.into_iter().map(Loaded::try_from).collect()
}

/// Up to `limit` visible files older than `before` that have all `tokens` (1 to [`MOST_TOKENS`]), newest first.
///
/// # Errors
/// As [`visible`].
pub async fn search(
    tx: &mut Tx,
    viewer: Viewer<'_>,
    tokens: &[Vec<u8>],
    before: Uuid,
    limit: i64,
) -> Result<Vec<Loaded>> {
    let text = whole!(concat!(
        "f.id IN (SELECT t.file FROM customer_file_token t WHERE t.org = $1 AND t.token = $6 AND t.file < $4)
         AND (SELECT COUNT(DISTINCT t.token) FROM customer_file_token t WHERE t.org = f.org AND t.file = f.id
              AND t.token IN ($6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)) = $20
         AND ",
        visible!(),
        " ORDER BY f.id DESC LIMIT $5"
    ));
    let mut distinct = tokens.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    // The longest token first: an exact value finds fewer rows than a part of a name.
    distinct.sort_by_key(|token| Reverse(token.len()));
    let Some(last) = distinct.last().cloned() else { return Ok(Vec::new()) };
    let count = i64::try_from(distinct.len().min(MOST_TOKENS)).unwrap_or(0);
    let t: [&[u8]; MOST_TOKENS] = from_fn(|at| distinct.get(at).unwrap_or(&last).as_slice());
    let (org, person, now) = (viewer.org, viewer.person, viewer.now);
    let rows = sql!(
        tx,
        fetch_all as FullRow,
        text,
        org,
        person,
        now,
        before,
        limit,
        t[0],
        t[1],
        t[2],
        t[3],
        t[4],
        t[5],
        t[6],
        t[7],
        t[8],
        t[9],
        t[10],
        t[11],
        t[12],
        t[13],
        count
    )?;
    rows.into_iter().map(Loaded::try_from).collect()
}

// Files are listed from the newest, so the first page begins behind every id.
fn before(page: &Page) -> Result<Uuid> {
    if page.after.is_empty() { Ok(Uuid::max()) } else { page.after_uuid() }
}
