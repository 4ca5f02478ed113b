//! RenewLoan and RecallLoan.

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::error::{Error, Result};
use dossier_kernel::etag;
use dossier_kernel::{mutate, words};
use dossier_proto::access::v1 as pb;
use dossier_regime::Action;

use super::message::message;
use super::{again, require_other, worked_on};
use crate::rpc::access_request::length;
use crate::work::cause::Cause;
use crate::work::loan;
use crate::work::record::Word;

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
        let mut one = worked_on(base, tx, call, &request.name).await?;
        require_other(&one, administrator.person)?;
        etag::require(&request.etag, &etag::of(one.version), &request.name)?;
        let actor = administrator.name();
        let cause = Cause::of(base, call, &actor, &request.request_id);
        let words = [Word::reason(&request.reason)];
        loan::renew(&cause, tx, &words, (administrator.person, term), &mut one).await?;
        Ok(message(base.tenant(&call.org)?, &one, call.micros()))
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
        let mut one = worked_on(base, tx, call, &request.name).await?;
        etag::require(&request.etag, &etag::of(one.version), &request.name)?;
        let actor = administrator.name();
        let cause = Cause::of(base, call, &actor, &request.request_id);
        let words = [Word::reason(&request.reason)];
        loan::recall(&cause, tx, &words, administrator.person, &mut one).await?;
        Ok(message(base.tenant(&call.org)?, &one, call.micros()))
    }, kept => again(base, tx, call, Action::LoanRecall, kept).await)
}

fn check(reason: &str) -> Result<()> {
    words::require(reason, true)
}
