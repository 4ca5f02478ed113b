//! ReturnLoan: the original is back, compared with its entry, and the entry is cancelled.

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::error::{Error, Result};
use dossier_kernel::etag;
use dossier_kernel::faults::Faults;
use dossier_kernel::{mutate, name, words};
use dossier_proto::access::v1 as pb;
use dossier_regime::{Action, LoanRules};

use super::message::message;
use super::order::is_original;
use super::{again, require_other, worked_on};
use crate::domain::loan::{Condition, Inspection, Loan};
use crate::work::cause::Cause;
use crate::work::loan;
use crate::work::record::Word;

/// Takes an original back; any difference opens a loss or damage case.
///
/// # Errors
/// `PERMISSION_DENIED`, `FIELD_VIOLATION`, `RESOURCE_NOT_FOUND`, `BORROWER_INVOLVED`, `ETAG_STALE`, `WRONG_STATE`.
pub(crate) async fn give_back(base: &Base, call: &Call, request: pb::ReturnLoanRequest) -> Result<pb::Loan> {
    mutate!(base.mutations, call, request, tx => {
        let administrator = base.authorise(tx, call, Action::LoanReturn).await?;
        let found = inspection(&request, &base.pack(&call.org)?.loans)?;
        let mut one = worked_on(base, tx, call, &request.name).await?;
        require_other(&one, administrator.person)?;
        require_item(&request, &one)?;
        etag::require(&request.etag, &etag::of(one.version), &request.name)?;
        let actor = administrator.name();
        let cause = Cause::of(base, call, &actor, &request.request_id);
        let words = [Word::reason(&request.reason)];
        loan::give_back(&cause, tx, &words, (administrator.person, found), &mut one).await?;
        Ok(message(base.tenant(&call.org)?, &one, call.micros()))
    }, kept => again(base, tx, call, Action::LoanReturn, kept).await)
}

// That what was inspected is what went out.
fn require_item(request: &pb::ReturnLoanRequest, loan: &Loan) -> Result<()> {
    let file = name::name("files", loan.file);
    match request.inspections.iter().all(|one| is_original(&one.item, &file)) {
        true => Ok(()),
        false => Err(Error::violation("inspections.0.item", "must be empty or what went out")),
    }
}

fn inspection(request: &pb::ReturnLoanRequest, rules: &LoanRules) -> Result<Inspection> {
    words::require(&request.reason, false)?;
    let [given] = &request.inspections[..] else {
        return Err(Error::violation("inspections", "must hold one: of the original of the file"));
    };
    let condition = match pb::ReturnCondition::try_from(given.condition) {
        Ok(pb::ReturnCondition::Sound) => Condition::Sound,
        Ok(pb::ReturnCondition::Marked) => Condition::Marked,
        Ok(pb::ReturnCondition::Damaged) => Condition::Damaged,
        Ok(pb::ReturnCondition::Incomplete) => Condition::Incomplete,
        Ok(pb::ReturnCondition::Unspecified) | Err(_) => {
            return Err(Error::violation("inspections.0.condition", "must be one of the conditions"));
        }
    };
    let copies =
        given.copies.ok_or_else(|| Error::violation("inspections.0.copies", "must be given, also when it is 0"))?;
    let found = Inspection {
        condition,
        copies: copies.into(),
        pages: given.pages.map(Into::into),
        inspected: given.inspected.clone(),
        differences: given.differences.iter().map(|one| one.trim().to_owned()).collect(),
        restored_location: given.restored_location.trim().to_owned(),
    };
    let mut faults = Faults::default();
    found.check(rules, &mut faults);
    faults.finish()?;
    Ok(found)
}
