//! ReturnLoan: the original is back, compared with its entry, and the entry is cancelled.

use dossier_authority::{Base, Principal};
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Result};
use dossier_kernel::etag;
use dossier_kernel::faults::Faults;
use dossier_kernel::time::from_micros;
use dossier_kernel::{mutate, name, words};
use dossier_proto::access::v1 as pb;
use dossier_regime::{Action, LoanRules};

use super::message::{changed, message};
use super::order::is_original;
use super::{again, duty, require_other, worked_on};
use crate::domain::loan::{Condition, Inspection, Loan, case_reference};
use crate::rpc::grant::{self, Cause};
use crate::rpc::record::Word;
use crate::store;

/// Takes an original back; any difference opens a loss or damage case.
///
/// # Errors
/// `PERMISSION_DENIED`, `FIELD_VIOLATION`, `RESOURCE_NOT_FOUND`, `BORROWER_INVOLVED`, `ETAG_STALE`, `WRONG_STATE`.
pub(crate) async fn give_back(base: &Base, call: &Call, request: pb::ReturnLoanRequest) -> Result<pb::Loan> {
    mutate!(base.mutations, call, request, tx => {
        let administrator = base.authorise(tx, call, Action::LoanReturn).await?;
        let found = inspection(&request, &base.pack(&call.org)?.loans)?;
        let mut loan = worked_on(base, tx, call, &request.name).await?;
        require_other(&loan, administrator.person)?;
        require_item(&request, &loan)?;
        etag::require(&request.etag, &etag::of(loan.version), &request.name)?;
        if loan.give_back(found, administrator.person, call.micros())? {
            loan.case_reference = Some(open_case(base, tx, call).await?);
        }
        let words = [Word::reason(&request.reason)];
        cancel_entry(base, tx, call, &administrator, &request.request_id, &words, &mut loan).await?;
        Ok(message(base.tenant(&call.org)?, &loan, call.micros()))
    }, kept => again(base, tx, call, Action::LoanReturn, kept).await)
}

async fn cancel_entry(
    base: &Base,
    tx: &mut Tx,
    call: &Call,
    administrator: &Principal,
    request_id: &str,
    words: &[Word<'_>],
    loan: &mut Loan,
) -> Result<()> {
    let actor = administrator.name();
    let cause = Cause::of(call, &actor, request_id);
    store::loan::update(tx, &call.org, loan, call.micros()).await?;
    let event = changed(loan, Some(administrator.person));
    cause.record(base, tx, "loan.returned", &loan.name(), words, event).await?;
    duty::close(base, tx, &cause, loan, administrator.person).await?;
    let Some(id) = loan.grant else { return Ok(()) };
    if let Some(mut right) = store::grant::lookup(tx, &call.org, id).await?
        && right.follow_return(call.micros())
    {
        grant::publish(base, tx, &cause, "grant.completed", &[], &mut right).await?;
    }
    Ok(())
}

async fn open_case(base: &Base, tx: &mut Tx, call: &Call) -> Result<String> {
    let year = base.tenant(&call.org)?.day(from_micros(call.micros())).year();
    let count = store::loan::next_case(tx, &call.org, i64::from(year)).await?;
    Ok(case_reference(year, count))
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
