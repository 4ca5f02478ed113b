//! Loans that go on for longer or come back earlier, and the recalls that a rule makes.

use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use uuid::Uuid;

use super::duty;
use super::event::changed;
use crate::domain::access_request::{AccessKind, Rule};
use crate::domain::loan::{Loan, State};
use crate::store;
use crate::work::cause::Cause;
use crate::work::grant;
use crate::work::record::Word;

/// Moves the end of a loan to `term` microseconds after the hand-out, by the administrator `by`.
///
/// # Errors
/// `WRONG_STATE`, `GRANT_NOT_CURRENT`, `RENEWAL_REFUSED`, `FIELD_VIOLATION`, `LOAN_TOO_LONG`, `CONFLICT_RETRY`,
/// `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub(crate) async fn renew(
    cause: &Cause<'_>,
    tx: &mut Tx,
    words: &[Word<'_>],
    (by, term): (Uuid, i64),
    loan: &mut Loan,
) -> Result<()> {
    require_right(tx, cause, loan).await?;
    let (tenant, level) = (cause.base.tenant(cause.org)?, loan.level.clone());
    let rule = Rule::of(tenant.pack(), &level, AccessKind::Original)?;
    loan.renew(tenant, &rule, term, cause.now)?;
    save(cause, tx, "loan.renewed", words, Some(by), loan).await
}

/// Demands a loan back at once, by the administrator `by`.
///
/// # Errors
/// `WRONG_STATE` unless it is out, `CONFLICT_RETRY`, `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub(crate) async fn recall(
    cause: &Cause<'_>,
    tx: &mut Tx,
    words: &[Word<'_>],
    by: Uuid,
    loan: &mut Loan,
) -> Result<()> {
    loan.recall(Some(by), cause.now)?;
    save(cause, tx, "loan.recalled", words, Some(by), loan).await
}

/// Recalls the loan that runs on a grant which was just revoked, if one does.
///
/// # Errors
/// `CONFLICT_RETRY`, `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub(crate) async fn recall_of_grant(cause: &Cause<'_>, tx: &mut Tx, grant: Uuid) -> Result<()> {
    match store::loan::open_of_grant(tx, cause.org, grant).await? {
        Some(loan) => recall_by_rule(cause, tx, loan).await,
        None => Ok(()),
    }
}

/// Recalls a loan because a rule no longer allows it; one that was recalled before stays as it is.
///
/// # Errors
/// As [`recall_of_grant`].
pub(crate) async fn recall_by_rule(cause: &Cause<'_>, tx: &mut Tx, mut loan: Loan) -> Result<()> {
    if loan.state != State::Out {
        return Ok(());
    }
    loan.recall(None, cause.now)?;
    save(cause, tx, "loan.recalled", &[], None, &mut loan).await
}

// Writes where a loan stands now; its grant lets the file be read no longer than the loan lasts.
async fn save(
    cause: &Cause<'_>,
    tx: &mut Tx,
    action: &'static str,
    words: &[Word<'_>],
    by: Option<Uuid>,
    loan: &mut Loan,
) -> Result<()> {
    store::loan::update(tx, cause.org, loan, cause.now).await?;
    cause.record(tx, action, &loan.name(), words, changed(loan, by)).await?;
    duty::moved(cause, tx, loan).await?;
    let Some(id) = loan.grant else { return Ok(()) };
    if let Some(mut right) = store::grant::lookup(tx, cause.org, id).await?
        && right.follow_loan(loan.due_at)
    {
        grant::publish(cause, tx, "grant.moved", &[], &mut right).await?;
    }
    Ok(())
}

// A loan is not prolonged on a right that was taken back.
async fn require_right(tx: &mut Tx, cause: &Cause<'_>, loan: &Loan) -> Result<()> {
    let Some(id) = loan.grant.filter(|_| loan.state.is_open()) else { return Ok(()) };
    match store::grant::lookup(tx, cause.org, id).await? {
        Some(right) if right.revoked_at.is_some() => Err(right.not_current(cause.now)),
        _ => Ok(()),
    }
}
