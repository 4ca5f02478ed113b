//! RenewLoan and RecallLoan, and the recalls that a rule makes.

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Result};
use dossier_kernel::etag;
use dossier_kernel::{mutate, words};
use dossier_proto::access::v1 as pb;
use dossier_regime::Action;
use uuid::Uuid;

use super::message::{changed, message};
use super::{again, duty, require_other, worked_on};
use crate::domain::access_request::{AccessKind, Rule};
use crate::domain::loan::{Loan, State};
use crate::rpc::access_request::length;
use crate::rpc::grant::{self, Cause};
use crate::rpc::record::Word;
use crate::store;

/// Moves the end of a loan, within the level's longest term from the hand-out.
///
/// # Errors
/// `PERMISSION_DENIED`, `FIELD_VIOLATION`, `RESOURCE_NOT_FOUND`, `BORROWER_INVOLVED`, `ETAG_STALE`, `WRONG_STATE`,
/// `GRANT_NOT_CURRENT`, `RENEWAL_REFUSED`, `LOAN_TOO_LONG`.
pub(crate) async fn renew(base: &Base, call: &Call, request: pb::RenewLoanRequest) -> Result<pb::Loan> {
    mutate!(base.mutations, call, request, tx => {
        let administrator = base.authorise(tx, call, Action::LoanCheckOut).await?;
        check(&request.reason)?;
        let term = request.duration.as_ref().ok_or_else(|| Error::violation("duration", "must be given"))?;
        let term = length("duration", term)?;
        let mut loan = worked_on(base, tx, call, &request.name).await?;
        require_other(&loan, administrator.person)?;
        etag::require(&request.etag, &etag::of(loan.version), &request.name)?;
        require_right(tx, call, &loan).await?;
        let (tenant, level) = (base.tenant(&call.org)?, loan.level.clone());
        let rule = Rule::of(tenant.pack(), &level, AccessKind::Original)?;
        loan.renew(tenant, &rule, term, call.micros())?;
        let actor = administrator.name();
        let cause = Cause::of(call, &actor, &request.request_id);
        let words = [Word::reason(&request.reason)];
        save(base, tx, &cause, "loan.renewed", &words, Some(administrator.person), &mut loan).await?;
        Ok(message(base.tenant(&call.org)?, &loan, call.micros()))
    }, kept => again(base, tx, call, Action::LoanCheckOut, kept).await)
}

/// Demands a loan back at once.
///
/// # Errors
/// `PERMISSION_DENIED`, `FIELD_VIOLATION`, `RESOURCE_NOT_FOUND`, `ETAG_STALE`, `WRONG_STATE`.
pub(crate) async fn recall(base: &Base, call: &Call, request: pb::RecallLoanRequest) -> Result<pb::Loan> {
    mutate!(base.mutations, call, request, tx => {
        let administrator = base.authorise(tx, call, Action::LoanRecall).await?;
        check(&request.reason)?;
        let mut loan = worked_on(base, tx, call, &request.name).await?;
        etag::require(&request.etag, &etag::of(loan.version), &request.name)?;
        loan.recall(Some(administrator.person), call.micros())?;
        let actor = administrator.name();
        let cause = Cause::of(call, &actor, &request.request_id);
        let words = [Word::reason(&request.reason)];
        save(base, tx, &cause, "loan.recalled", &words, Some(administrator.person), &mut loan).await?;
        Ok(message(base.tenant(&call.org)?, &loan, call.micros()))
    }, kept => again(base, tx, call, Action::LoanRecall, kept).await)
}

/// Recalls the loan that runs on a grant which was just revoked, if one does.
///
/// # Errors
/// `CONFLICT_RETRY`, `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub(crate) async fn recall_of_grant(base: &Base, tx: &mut Tx, cause: &Cause<'_>, grant: Uuid) -> Result<()> {
    match store::loan::open_of_grant(tx, cause.org, grant).await? {
        Some(loan) => recall_by_rule(base, tx, cause, loan).await,
        None => Ok(()),
    }
}

/// Recalls a loan because a rule no longer allows it; one that was recalled before stays as it is.
///
/// # Errors
/// As [`recall_of_grant`].
pub(crate) async fn recall_by_rule(base: &Base, tx: &mut Tx, cause: &Cause<'_>, mut loan: Loan) -> Result<()> {
    if loan.state != State::Out {
        return Ok(());
    }
    loan.recall(None, cause.now)?;
    save(base, tx, cause, "loan.recalled", &[], None, &mut loan).await
}

// Writes where a loan stands now; its grant lets the file be read no longer than the loan lasts.
async fn save(
    base: &Base,
    tx: &mut Tx,
    cause: &Cause<'_>,
    action: &'static str,
    words: &[Word<'_>],
    by: Option<Uuid>,
    loan: &mut Loan,
) -> Result<()> {
    store::loan::update(tx, cause.org, loan, cause.now).await?;
    cause.record(base, tx, action, &loan.name(), words, changed(loan, by)).await?;
    duty::moved(base, tx, cause, loan).await?;
    let Some(id) = loan.grant else { return Ok(()) };
    if let Some(mut right) = store::grant::lookup(tx, cause.org, id).await?
        && right.follow_loan(loan.due_at)
    {
        grant::publish(base, tx, cause, "grant.moved", &[], &mut right).await?;
    }
    Ok(())
}

// A loan is not prolonged on a right that was taken back.
async fn require_right(tx: &mut Tx, call: &Call, loan: &Loan) -> Result<()> {
    let Some(id) = loan.grant.filter(|_| loan.state.is_open()) else { return Ok(()) };
    match store::grant::lookup(tx, &call.org, id).await? {
        Some(right) if right.revoked_at.is_some() => Err(right.not_current(call.micros())),
        _ => Ok(()),
    }
}

fn check(reason: &str) -> Result<()> {
    words::require(reason, true)
}
