//! Table `loan_item`: what each loan lends. That an item is in one hand at a time is said by its key (I1).

use std::collections::{BTreeMap, BTreeSet};

use dossier_kernel::db::{self, AsJson, Keeps, Read, Stored, Tx, Value, View};
use dossier_kernel::error::Result;
use dossier_kernel::{sql, sql_rows, table};
use sqlx::types::Json;
use uuid::Uuid;

use crate::domain::loan::{Inspection, Loan, LoanItem};

table! {
    select!("loan_item" as i) of LoanItem;
    once { id, loan, file, item, place, material, copies, pages }
    then while "returned_at IS NULL" {
        inspection as Inspected {
            condition, returned_copies, returned_pages, inspected, differences, restored_location,
        },
        returned_at,
    }
}

/// What was found when it came back: nothing, or all of it.
struct Inspected;

/// Writes what `loan` lends; gives the first item that is out on another.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub(super) async fn insert<'l>(tx: &mut Tx, org: &str, loan: &'l Loan) -> Result<Option<&'l LoanItem>> {
    // In the order of their ids: of two loans that ask for the same items neither waits for the other and is waited for.
    let mut items: Vec<_> = loan.items.iter().collect();
    items.sort_by_key(|item| item.item);
    for item in items {
        if !db::insert(tx, org, item).await? {
            return Ok(Some(item));
        }
    }
    Ok(None)
}

/// Writes how what `loan` lent came back; while it is out nothing of it changes.
///
/// # Errors
/// `CONFLICT_RETRY` when somebody was faster.
pub(super) async fn update(tx: &mut Tx, org: &str, loan: &mut Loan) -> Result<()> {
    if loan.returned_at.is_some() {
        for item in &mut loan.items {
            db::update(tx, org, item).await?;
        }
    }
    Ok(())
}

/// Gives each of `loans` what it lends.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub(super) async fn load(tx: &mut Tx, org: &str, mut loans: Vec<Loan>) -> Result<Vec<Loan>> {
    let asked: BTreeSet<_> = loans.iter().map(|loan| loan.id).collect();
    if asked.is_empty() {
        return Ok(loans);
    }
    let tail = concat!(
        ") SELECT ",
        select!(names),
        " FROM asked q JOIN loan_item i ON i.org = q.org AND i.loan = q.wanted ORDER BY i.loan, i.place"
    );
    let head = "WITH asked (org, wanted) AS (";
    let rows = sql_rows!(tx, fetch_all as LoanItem, head, &asked, loan => [org, *loan], tail)?;
    let mut items = BTreeMap::<Uuid, Vec<LoanItem>>::new();
    for item in rows {
        items.entry(item.loan).or_default().push(item);
    }
    for loan in &mut loans {
        loan.items = items.remove(&loan.id).unwrap_or_default();
    }
    Ok(loans)
}

/// The loan that `item` is out on.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub(super) async fn out_on(tx: &mut Tx, org: &str, item: Uuid) -> Result<Option<Uuid>> {
    let text = "SELECT loan FROM loan_item WHERE org = $1 AND item = $2 AND returned_at IS NULL";
    Ok(sql!(tx, fetch_optional as (Uuid,), text, org, item)?.map(|(loan,)| loan))
}

// === impl Inspected ===

impl Keeps<Option<Inspection>> for Inspected {
    fn write(value: &Option<Inspection>, into: &mut Vec<Value>) {
        let found = value.as_ref();
        into.push(found.map(|found| found.condition).value());
        into.push(found.map(|found| found.copies).value());
        into.push(found.and_then(|found| found.pages).value());
        into.push(found.map(|found| Json(&found.inspected)).into());
        into.push(found.map(|found| Json(&found.differences)).into());
        into.push(found.map(|found| found.restored_location.clone()).value());
    }

    fn read(row: View<'_>, columns: &[&'static str]) -> Read<Option<Inspection>> {
        let Some(condition) = row.get(columns[0])? else { return Ok(None) };
        Ok(Some(Inspection {
            condition,
            copies: row.get(columns[1])?,
            pages: row.get(columns[2])?,
            inspected: AsJson::read(row, &columns[3..])?,
            differences: AsJson::read(row, &columns[4..])?,
            restored_location: row.get(columns[5])?,
        }))
    }
}
