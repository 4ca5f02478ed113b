//! Numbers: each series counted in one row, each number in the register (P-05, I11).

use dossier_authority::{standing, visible, with_reached};
use dossier_kernel::db::{Tx, require_rows};
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::page::Page;
use dossier_kernel::{name, sql, sql_given};
use uuid::Uuid;

use super::customer_file::Viewer;
use crate::domain::file_number::ELSEWHERE;
use crate::domain::record::PART;

/// The word of a number that a file or a record carries.
pub const ISSUED: &str = "issued";
/// The word of a number that nothing carries.
pub const VOID: &str = "void";

/// One number of the register; `at` in microseconds.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct FileNumber {
    /// The number.
    pub number: String,
    /// Its series.
    pub series: String,
    /// Its place in the series, from 1.
    pub sequence: i64,
    /// [`ISSUED`] or [`VOID`].
    pub state: String,
    /// The file that carries it, or has the record that does, if the viewer may know of it.
    pub file: Option<Uuid>,
    /// The record that carries it; `None`: none does.
    pub record: Option<Uuid>,
    /// Who issued or voided it.
    pub who: Uuid,
    /// Why it is void.
    pub why: String,
    /// When it was issued or voided.
    pub at: i64,
}

// === impl FileNumber ===

impl FileNumber {
    /// The name of what carries it; empty: nothing does, or the viewer may not know of it.
    pub fn holder(&self) -> String {
        match (self.file, self.record) {
            (Some(file), Some(record)) => name::below("files", file, PART, record),
            (Some(file), None) => name::name("files", file),
            (None, _) => String::new(),
        }
    }
}

/// Takes the next place of a series. Its row stays locked until the transaction ends, so an undone transaction leaves
/// no gap.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn take(tx: &mut Tx, org: &str, series: &str) -> Result<i64> {
    let text = "INSERT INTO number_series (org, series, taken) VALUES ($1, $2, 1)
                ON CONFLICT (org, series) DO UPDATE SET taken = number_series.taken + 1 RETURNING taken";
    let (taken,) = sql!(tx, fetch_one as (i64,), text, org, series)?;
    Ok(taken)
}

/// How far a series has come; `None` when nothing was ever taken from it.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn taken(tx: &mut Tx, org: &str, series: &str) -> Result<Option<i64>> {
    let text = "SELECT taken FROM number_series WHERE org = $1 AND series = $2";
    Ok(sql!(tx, fetch_optional as (i64,), text, org, series)?.map(|(taken,)| taken))
}

/// Every series from which something was taken.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn series(tx: &mut Tx, org: &str) -> Result<Vec<String>> {
    let text = "SELECT series FROM number_series WHERE org = $1 ORDER BY series";
    Ok(sql!(tx, fetch_all as (String,), text, org)?.into_iter().map(|(series,)| series).collect())
}

/// Lets a series go on behind `last`; it never falls.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn raise(tx: &mut Tx, org: &str, series: &str, last: i64) -> Result<()> {
    let text = "INSERT INTO number_series (org, series, taken) VALUES ($1, $2, $3)
                ON CONFLICT (org, series) DO UPDATE
                SET taken = CASE WHEN number_series.taken < $3 THEN $3 ELSE number_series.taken END";
    sql!(tx, execute, text, org, series, last)?;
    Ok(())
}

/// Enters a number in the register; false when another house issued the same, for a file that came from there.
///
/// # Errors
/// `CONFLICT_RETRY` when its holder got a number meanwhile; `STORE_INCONSISTENT` when the number itself is there already:
/// two series of the pack make the same one.
pub async fn insert(tx: &mut Tx, org: &str, one: &FileNumber) -> Result<bool> {
    let text = "INSERT INTO file_number (org, number, series, sequence, state, file, record, who, why, at)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING";
    let (number, series, state, why, held) = (&one.number, &one.series, &one.state, &one.why, (one.file, one.record));
    let (sequence, who, at) = (one.sequence, one.who, one.at);
    let rows = sql!(tx, execute, text, org, number, series, sequence, state, held.0, held.1, who, why, at)?;
    if rows == 1 {
        return Ok(true);
    }
    let text = "SELECT series FROM file_number WHERE org = $1 AND number = $2";
    match sql!(tx, fetch_optional as (String,), text, org, number)? {
        None => require_rows(rows, 1).map(|()| true),
        Some((other,)) if other == ELSEWHERE => Ok(false),
        Some(_) => Err(Error::new(Reason::StoreInconsistent).with("table", "file_number").with("column", "number")),
    }
}

/// Enters a number that was issued elsewhere; one whose file was taken back is entered anew. False when the register has it.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn insert_elsewhere(tx: &mut Tx, org: &str, one: &FileNumber) -> Result<bool> {
    let text = "INSERT INTO file_number (org, number, series, sequence, state, file, record, who, why, at)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', $9) ON CONFLICT (org, number) DO UPDATE
                SET sequence = $4, state = $5, file = $6, record = $7, who = $8, why = '', at = $9, salt = NULL
                WHERE file_number.series = $3 AND file_number.state = $10";
    let (number, series, state, held) = (&one.number, &one.series, &one.state, (one.file, one.record));
    let (sequence, who, at) = (one.sequence, one.who, one.at);
    Ok(sql!(tx, execute, text, org, number, series, sequence, state, held.0, held.1, who, at, VOID)? == 1)
}

/// Voids a number that was issued elsewhere: nothing carries it any more.
///
/// # Errors
/// `CONFLICT_RETRY` when somebody was faster.
pub async fn void_elsewhere(tx: &mut Tx, org: &str, one: &FileNumber) -> Result<()> {
    let text = "UPDATE file_number SET state = $4, file = NULL, record = NULL, who = $5, why = $6, at = $7
                WHERE org = $1 AND number = $2 AND series = $3 AND state = $8";
    let (number, series, state, who, why, at) = (&one.number, &one.series, VOID, one.who, &one.why, one.at);
    require_rows(sql!(tx, execute, text, org, number, series, state, who, why, at, ISSUED)?, 1)
}

/// The numbers that were issued elsewhere and that `file` or what lies in it carries.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn of_elsewhere(tx: &mut Tx, org: &str, file: Uuid) -> Result<Vec<FileNumber>> {
    let text = "SELECT number, series, sequence, state, file, record, who, why, at FROM file_number
                WHERE org = $1 AND file = $2 AND series = $3 AND state = $4";
    sql!(tx, fetch_all as FileNumber, text, org, file, ELSEWHERE, ISSUED)
}

/// Keeps the salt of what the journal promises of the reason.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn keep_salt(tx: &mut Tx, org: &str, number: &str, salt: &[u8]) -> Result<()> {
    let text = "UPDATE file_number SET salt = $3 WHERE org = $1 AND number = $2";
    require_rows(sql!(tx, execute, text, org, number, salt)?, 1)
}

/// The state of a number; `None` when it is not in the register.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn state_of(tx: &mut Tx, org: &str, number: &str) -> Result<Option<String>> {
    let text = "SELECT state FROM file_number WHERE org = $1 AND number = $2";
    Ok(sql!(tx, fetch_optional as (String,), text, org, number)?.map(|(state,)| state))
}

/// A page of the register by series and sequence, with one row more than the page holds. A file that the viewer may
/// not see is left out of its row, and so is a record in a file that they do not stand for: a right to some fields of a file tells of no
/// records.
///
/// # Errors
/// `PAGE_TOKEN_INVALID`, `STORE_UNAVAILABLE`.
pub async fn list(
    tx: &mut Tx,
    viewer: Viewer<'_>,
    series: Option<&str>,
    state: Option<&str>,
    page: &Page,
) -> Result<Vec<FileNumber>> {
    let text = sql_given!(
        concat!(
            with_reached!(),
            "SELECT n.number, n.series, n.sequence, n.state, n.who, n.why, n.at, n.record,
                    (SELECT f.id FROM customer_file f WHERE f.org = n.org AND f.id = n.file AND ",
            visible!(reached),
            " AND (n.record IS NULL OR ",
            standing!(reached),
            ")) AS file
             FROM file_number n
             WHERE n.org = $1 AND n.series >= $6 AND (n.series > $6 OR n.sequence > $7)"
        );
        series => " AND n.series = $4",
        state => " AND n.state = $5";
        " ORDER BY n.series, n.sequence LIMIT $8"
    );
    let ((after, sequence), limit) = (cursor(page)?, page.size + 1);
    let (org, person, now) = (viewer.org, viewer.person, viewer.now);
    sql!(tx, fetch_all as FileNumber, text, org, person, now, series, state, after, sequence, limit)
}

/// The sort key of a row, for [`Page::cut`].
pub fn key(row: &FileNumber) -> String {
    format!("{} {}", row.sequence, row.series)
}

/// The number of a customer; the first file to be activated brings it.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn of_customer(tx: &mut Tx, org: &str, unit_kind: &str, token: &[u8]) -> Result<Option<String>> {
    let text = "SELECT number FROM customer_number WHERE org = $1 AND unit_kind = $2 AND token = $3";
    Ok(sql!(tx, fetch_optional as (String,), text, org, unit_kind, token)?.map(|(number,)| number))
}

/// Whether some customer has this number.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn is_customer(tx: &mut Tx, org: &str, number: &str) -> Result<bool> {
    let text = "SELECT CAST(1 AS BIGINT) FROM customer_number WHERE org = $1 AND number = $2";
    Ok(sql!(tx, fetch_optional as (i64,), text, org, number)?.is_some())
}

/// Keeps the number of a customer.
///
/// # Errors
/// `CONFLICT_RETRY` when another file of the customer was activated meanwhile; the transaction is repeated.
pub async fn insert_customer(
    tx: &mut Tx,
    org: &str,
    unit_kind: &str,
    token: &[u8],
    number: &str,
    sequence: i64,
    at: i64,
) -> Result<()> {
    let text = "INSERT INTO customer_number (org, unit_kind, token, number, sequence, at)
                VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
    let rows = sql!(tx, execute, text, org, unit_kind, token, number, sequence, at)?;
    require_rows(rows, 1)
}

fn cursor(page: &Page) -> Result<(String, i64)> {
    if page.after.is_empty() {
        return Ok((String::new(), 0));
    }
    let parts = page.after.split_once(' ');
    let found = parts.and_then(|(sequence, series)| Some((series.to_owned(), sequence.parse().ok()?)));
    found.ok_or_else(|| Error::new(Reason::PageTokenInvalid))
}
