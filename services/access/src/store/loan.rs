//! Table `loan`: the ledger. What each loan lends, and that it is in one hand at a time, says `loan_item` (I1).

mod item;
mod row;

use dossier_authority::with_reached;
use dossier_kernel::db::{self, Tx, require_rows};
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::page::Page;
use dossier_kernel::{sql, sql_given, stamp};
use uuid::Uuid;

use crate::domain::loan::{Loan, LoanItem, State};
use row::select;

/// Which loans a list asks for; `None` asks for any.
#[derive(Clone, Debug)]
pub struct Filter {
    /// Who asks for the list.
    pub reader: Uuid,
    /// Whether the reader sees others' loans, as far as its clearance reaches.
    pub all: bool,
    /// When now is, microseconds.
    pub now: i64,
    /// Of this file.
    pub file: Option<Uuid>,
    /// Of this person.
    pub borrower: Option<Uuid>,
    /// In this state.
    pub state: Option<State>,
}

/// Writes a hand-out; gives the first item of it that is out already, and then the transaction must not be committed (I1).
///
/// # Errors
/// `CONFLICT_RETRY` when the grant was used meanwhile, `STORE_UNAVAILABLE`.
pub async fn insert<'l>(tx: &mut Tx, org: &str, one: &'l Loan) -> Result<Option<&'l LoanItem>> {
    require_rows(u64::from(db::insert(tx, org, one).await?), 1)?;
    let out = item::insert(tx, org, one).await?;
    stamp::touch(tx, org, one.file).await?;
    Ok(out)
}

/// Writes a renewal, a recall or a return made at `now`, against the version that was read, and raises that. A loan that is back is
/// never changed again.
///
/// # Errors
/// `CONFLICT_RETRY` when somebody was faster.
pub async fn update(tx: &mut Tx, org: &str, one: &mut Loan, now: i64) -> Result<()> {
    one.updated_at = now;
    db::update(tx, org, one).await?;
    item::update(tx, org, one).await?;
    stamp::touch(tx, org, one.file).await
}

/// The loan `id`, whoever asks.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn lookup(tx: &mut Tx, org: &str, id: Uuid) -> Result<Option<Loan>> {
    let found = sql!(tx, fetch_all as Loan, select!(" AND f.id = $2"), org, id)?;
    Ok(item::load(tx, org, found).await?.pop())
}

/// The loans that something of `file` is out on.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn open_of_file(tx: &mut Tx, org: &str, file: Uuid) -> Result<Vec<Loan>> {
    let text = select!(" AND f.file = $2 AND f.state IN ('out', 'recalled') ORDER BY f.id");
    let found = sql!(tx, fetch_all as Loan, text, org, file)?;
    item::load(tx, org, found).await
}

/// The loan that `item` is out on.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn open_of_item(tx: &mut Tx, org: &str, item: Uuid) -> Result<Option<Loan>> {
    match item::out_on(tx, org, item).await? {
        Some(loan) => lookup(tx, org, loan).await,
        None => Ok(None),
    }
}

/// The open loan that rests on `grant`.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn open_of_grant(tx: &mut Tx, org: &str, grant: Uuid) -> Result<Option<Loan>> {
    let text = select!(" AND f.grant_id = $2 AND f.state IN ('out', 'recalled')");
    let found = sql!(tx, fetch_all as Loan, text, org, grant)?;
    Ok(item::load(tx, org, found).await?.pop())
}

/// Whether the clearance of `reader` dominates the level that the loan was handed out at: who works on it.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn cleared(tx: &mut Tx, org: &str, reader: Uuid, now: i64, id: Uuid) -> Result<bool> {
    let text = concat!("SELECT f.id FROM loan f WHERE f.org = $1 AND f.id = $4 AND ", dossier_authority::cleared!());
    Ok(sql!(tx, fetch_optional as (Uuid,), text, org, reader, now, id)?.is_some())
}

/// Whether the loan is shown to `reader` whatever its part in it: as [`cleared`], and the file has not risen above it since.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn shown(tx: &mut Tx, org: &str, reader: Uuid, now: i64, id: Uuid) -> Result<bool> {
    let text = concat!(
        "SELECT f.id FROM loan f WHERE f.org = $1 AND f.id = $4 AND ",
        dossier_authority::cleared!(),
        " AND ",
        dossier_authority::cleared_file!("f.file")
    );
    Ok(sql!(tx, fetch_optional as (Uuid,), text, org, reader, now, id)?.is_some())
}

/// Whether the directory holds this person, and whether it is switched on.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn borrower(tx: &mut Tx, org: &str, person: Uuid) -> Result<Option<bool>> {
    let text = "SELECT active FROM principal WHERE org = $1 AND person = $2";
    Ok(sql!(tx, fetch_optional as (bool,), text, org, person)?.map(|(active,)| active))
}

/// A page of loans, newest first, with one more than the page holds.
///
/// # Errors
/// `PAGE_TOKEN_INVALID`, `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn list(tx: &mut Tx, org: &str, filter: &Filter, page: &Page) -> Result<Vec<Loan>> {
    let (reader, now, before) = (filter.reader, filter.now, page.before_uuid()?);
    let (file, borrower, state) = (filter.file, filter.borrower, filter.state.map(State::as_str));
    let text = sql_given!(
        concat!(
            with_reached!(),
            select!(concat!(
                " AND f.id < $4 AND (f.borrower = $2 OR ($8 AND f.handed_out_by = $2) OR ($8 AND ",
                dossier_authority::cleared!(reached),
                " AND ",
                dossier_authority::cleared_file!(reached, "f.file"),
                "))"
            ))
        );
        file => " AND f.file = $5",
        borrower => " AND f.borrower = $6",
        state => " AND f.state = $7";
        " ORDER BY f.id DESC LIMIT $9"
    );
    let (all, limit) = (filter.all, page.size + 1);
    let found = sql!(tx, fetch_all as Loan, text, org, reader, now, before, file, borrower, state, all, limit)?;
    item::load(tx, org, found).await
}

/// A page of open loans past their due time, by borrower and then by due time, with one more than the page holds.
///
/// # Errors
/// `PAGE_TOKEN_INVALID`, `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn overdue(tx: &mut Tx, org: &str, filter: &Filter, page: &Page) -> Result<Vec<Loan>> {
    let text = sql_given!(
        concat!(
            with_reached!(),
            select!(concat!(
                " AND f.state IN ('out', 'recalled') AND f.due_at < $3
                  AND (f.borrower > $4 OR (f.borrower = $4 AND (f.due_at > $5 OR (f.due_at = $5 AND f.id > $6))))
                  AND (f.borrower = $2 OR ($8 AND f.handed_out_by = $2) OR ($8 AND ",
                dossier_authority::cleared!(reached),
                " AND ",
                dossier_authority::cleared_file!(reached, "f.file"),
                "))"
            ))
        );
        filter.borrower => " AND f.borrower = $7";
        " ORDER BY f.borrower, f.due_at, f.id LIMIT $9"
    );
    let (after, due, id) = overdue_cursor(page)?;
    let (reader, now, borrower, all, limit) = (filter.reader, filter.now, filter.borrower, filter.all, page.size + 1);
    let found = sql!(tx, fetch_all as Loan, text, org, reader, now, after, due, id, borrower, all, limit)?;
    item::load(tx, org, found).await
}

/// The sort key of an overdue loan, for [`Page::cut`].
pub fn overdue_key(one: &Loan) -> String {
    format!("{} {} {}", one.borrower, one.due_at, one.id)
}

fn overdue_cursor(page: &Page) -> Result<(Uuid, i64, Uuid)> {
    if page.after.is_empty() {
        return Ok((Uuid::nil(), i64::MIN, Uuid::nil()));
    }
    let mut parts = page.after.split(' ');
    let mut read = || Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?));
    read().ok_or_else(|| Error::new(Reason::PageTokenInvalid))
}

/// Up to `limit` overdue loans whose return was not demanded yet.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn expired(tx: &mut Tx, org: &str, now: i64, limit: i64) -> Result<Vec<Loan>> {
    let text = select!(
        " AND f.state IN ('out', 'recalled') AND f.due_at < $2 AND f.demanded_at IS NULL ORDER BY f.due_at, f.id LIMIT $3"
    );
    let found = sql!(tx, fetch_all as Loan, text, org, now, limit)?;
    item::load(tx, org, found).await
}

/// Notes that the immediate return of an overdue loan is demanded; false when somebody did before, or it is back.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn demand(tx: &mut Tx, org: &str, id: Uuid, now: i64) -> Result<bool> {
    let text = "UPDATE loan SET demanded_at = $3
                WHERE org = $1 AND id = $2 AND demanded_at IS NULL AND returned_at IS NULL AND due_at < $3";
    Ok(sql!(tx, execute, text, org, id, now)? == 1)
}

/// The next number of a loss or damage case in `year`; one that is rolled back is given again, so there are no gaps.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn next_case(tx: &mut Tx, org: &str, year: i64) -> Result<i64> {
    let text = "INSERT INTO loan_case (org, year, count) VALUES ($1, $2, 1)
                ON CONFLICT (org, year) DO UPDATE SET count = loan_case.count + 1 RETURNING count";
    Ok(sql!(tx, fetch_one as (i64,), text, org, year)?.0)
}
