//! Closed files whose retention has run out, those first that are due longest, a stretch at a time.

use dossier_authority::{visible, with_reached};
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::{sql, sql_given};
use uuid::Uuid;

use super::Viewer;
use super::row::HeaderRow;
use crate::domain::customer_file::CustomerFile;

/// What is asked for; `None` means any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DueFilter {
    /// The kind of file.
    pub unit_kind: Option<String>,
    /// The owning unit.
    pub unit: Option<String>,
    /// The level.
    pub level: Option<String>,
}

/// Where a stretch of the list begins: behind this file, which is due since that day. The first begins behind nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct DuePlace {
    /// The last day of its term.
    pub keep_until: String,
    /// The file.
    pub id: Uuid,
}

/// Up to `limit` of the visible files of a stretch of `looks`, whose last day lies before `today`.
///
/// # Errors
/// As [`visible`](super::visible).
pub async fn due(
    tx: &mut Tx,
    viewer: Viewer<'_>,
    (filter, today): (&DueFilter, &str),
    (place, looks): (&DuePlace, i64),
    limit: i64,
) -> Result<Vec<CustomerFile>> {
    let text = sql_given!(
        concat!(
            with_reached!(),
            "SELECT ",
            header!(),
            " FROM customer_file f WHERE f.org = $1 AND f.id IN (
                SELECT b.id FROM customer_file b WHERE b.org = $1 AND b.keep_until < $4 AND b.keep_until >= $5
                AND (b.keep_until > $5 OR b.id > $6) ORDER BY b.keep_until, b.id LIMIT $7) AND ",
            visible!(reached)
        );
        filter.unit_kind => " AND COALESCE(f.unit_kind, f.unit_kind) = $8",
        filter.unit => " AND COALESCE(f.unit, f.unit) = $9",
        filter.level => " AND COALESCE(f.level, f.level) = $10";
        " ORDER BY f.keep_until, f.id LIMIT $11"
    );
    let (org, person, now, DuePlace { keep_until, id }) = (viewer.org, viewer.person, viewer.now, place);
    let DueFilter { unit_kind, unit, level } = filter;
    let rows = sql!(
        tx,
        fetch_all as HeaderRow,
        text,
        org,
        person,
        now,
        today,
        keep_until,
        *id,
        looks,
        unit_kind,
        unit,
        level,
        limit
    )?;
    rows.into_iter().map(CustomerFile::try_from).collect()
}

/// The last file that a stretch of `looks` looks at; `None` when nothing lies behind it.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn due_end(
    tx: &mut Tx,
    org: &str,
    today: &str,
    (place, looks): (&DuePlace, i64),
) -> Result<Option<DuePlace>> {
    let text = "SELECT keep_until, id FROM customer_file WHERE org = $1 AND keep_until < $2 AND keep_until >= $3
                AND (keep_until > $3 OR id > $4) ORDER BY keep_until, id LIMIT 1 OFFSET $5";
    let DuePlace { keep_until, id } = place;
    sql!(tx, fetch_optional as DuePlace, text, org, today, keep_until, *id, looks - 1)
}

/// The place of a file in the list; `None` when it is not due any more.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn due_place(tx: &mut Tx, org: &str, file: Uuid) -> Result<Option<DuePlace>> {
    let text = "SELECT keep_until, id FROM customer_file WHERE org = $1 AND id = $2 AND keep_until IS NOT NULL";
    sql!(tx, fetch_optional as DuePlace, text, org, file)
}

/// How many files that are not closed belong to `file`, of those that the viewer sees.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn open_parts(tx: &mut Tx, viewer: Viewer<'_>, file: Uuid) -> Result<i64> {
    let text = concat!(
        "SELECT COUNT(*) FROM customer_file f WHERE f.org = $1 AND f.parent = $4 AND f.state <> 'closed' AND ",
        visible!()
    );
    Ok(sql!(tx, fetch_one as (i64,), text, viewer.org, viewer.person, viewer.now, file)?.0)
}

/// As [`open_parts`], of all of them, for who would destroy the file.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn all_open_parts(tx: &mut Tx, org: &str, file: Uuid) -> Result<i64> {
    let text = "SELECT COUNT(*) FROM customer_file WHERE org = $1 AND parent = $2 AND state <> 'closed'";
    Ok(sql!(tx, fetch_one as (i64,), text, org, file)?.0)
}
