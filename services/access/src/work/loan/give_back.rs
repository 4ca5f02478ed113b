//! What was lent is back, compared with its entry, and the entry is cancelled.

use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::time::from_micros;
use uuid::Uuid;

use super::duty;
use super::event::changed;
use crate::domain::loan::{Inspection, Loan, case_reference};
use crate::store;
use crate::work::cause::Cause;
use crate::work::grant;
use crate::work::record::Word;

/// Takes everything of a loan back, each item as the administrator `by` found it; any difference opens a loss or damage case.
///
/// # Errors
/// `WRONG_STATE`, `FIELD_VIOLATION`, `CONFLICT_RETRY`, `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub(crate) async fn give_back(
    cause: &Cause<'_>,
    tx: &mut Tx,
    words: &[Word<'_>],
    (by, found): (Uuid, Vec<(usize, Inspection)>),
    loan: &mut Loan,
) -> Result<()> {
    if loan.give_back(found, by, cause.now)? {
        loan.case_reference = Some(open_case(cause, tx).await?);
    }
    store::loan::update(tx, cause.org, loan, cause.now).await?;
    cause.record(tx, "loan.returned", &loan.name(), words, changed(loan, Some(by))).await?;
    duty::close(cause, tx, loan, by).await?;
    let Some(id) = loan.grant else { return Ok(()) };
    if let Some(mut right) = store::grant::lookup(tx, cause.org, id).await?
        && right.follow_return(cause.now)
    {
        grant::publish(cause, tx, "grant.completed", &[], &mut right).await?;
    }
    Ok(())
}

async fn open_case(cause: &Cause<'_>, tx: &mut Tx) -> Result<String> {
    let year = cause.base.tenant(cause.org)?.day(from_micros(cause.now)).year();
    let count = store::loan::next_case(tx, cause.org, i64::from(year)).await?;
    Ok(case_reference(year, count))
}
