//! ReturnLoan: what was lent is back, compared with its entry, and the entry is cancelled.

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::error::{Error, Result};
use dossier_kernel::etag;
use dossier_kernel::faults::Faults;
use dossier_kernel::{mutate, words};
use dossier_proto::access::v1 as pb;
use dossier_regime::{Action, LoanRules};

use super::message::message;
use super::{again, require_other, worked_on};
use crate::domain::loan::{Condition, Inspection, Loan, MOST_ITEMS};
use crate::work::cause::Cause;
use crate::work::loan;
use crate::work::record::Word;

/// Takes everything of a loan back, each thing with its inspection; any difference opens a loss or damage case.
///
/// # Errors
/// `PERMISSION_DENIED`, `FIELD_VIOLATION`, `RESOURCE_NOT_FOUND`, `BORROWER_INVOLVED`, `ETAG_STALE`, `WRONG_STATE`.
pub(crate) async fn give_back(base: &Base, call: &Call, request: pb::ReturnLoanRequest) -> Result<pb::Loan> {
    mutate!(base.mutations, call, request, tx => {
        let administrator = base.authorise(tx, call, Action::LoanReturn).await?;
        let found = inspections(&request, &base.pack(&call.org)?.loans)?;
        let mut one = worked_on(base, tx, call, &request.name).await?;
        require_other(&one, administrator.person)?;
        let found = arranged(&request, &one, found)?;
        etag::require(&request.etag, &etag::of(one.version), &request.name)?;
        let actor = administrator.name();
        let cause = Cause::of(base, call, &actor, &request.request_id);
        let words = [Word::reason(&request.reason)];
        loan::give_back(&cause, tx, &words, (administrator.person, found), &mut one).await?;
        Ok(message(base.tenant(&call.org)?, &one, call.micros()))
    }, kept => again(base, tx, call, Action::LoanReturn, kept).await)
}

// What was found of each thing that went out, in the order of the loan, with the place at which it was said.
fn arranged(request: &pb::ReturnLoanRequest, loan: &Loan, found: Vec<Inspection>) -> Result<Vec<(usize, Inspection)>> {
    let mut placed: Vec<Option<(usize, Inspection)>> = loan.items.iter().map(|_| None).collect();
    for (at, (given, one)) in request.inspections.iter().zip(found).enumerate() {
        let fault = |why: &str| Error::violation(format!("inspections.{at}.item"), why);
        let named = loan.items.iter().position(|item| item.is_named(&given.item, loan.items.len()));
        let place = named.ok_or_else(|| fault("must be what went out, and named where that is several things"))?;
        if placed[place].replace((at, one)).is_some() {
            return Err(fault("names one thing twice"));
        }
    }
    // What is missing the loan itself says.
    Ok(placed.into_iter().flatten().collect())
}

fn inspections(request: &pb::ReturnLoanRequest, rules: &LoanRules) -> Result<Vec<Inspection>> {
    words::require(&request.reason, false)?;
    if !(1..=MOST_ITEMS).contains(&request.inspections.len()) {
        return Err(Error::violation("inspections", "must hold one of each thing that went out"));
    }
    request.inspections.iter().enumerate().map(|(at, given)| inspection(given, at, rules)).collect()
}

fn inspection(given: &pb::ItemInspection, at: usize, rules: &LoanRules) -> Result<Inspection> {
    let fault = |field: &str, why: &str| Error::violation(format!("inspections.{at}.{field}"), why);
    let condition = match pb::ReturnCondition::try_from(given.condition) {
        Ok(pb::ReturnCondition::Sound) => Condition::Sound,
        Ok(pb::ReturnCondition::Marked) => Condition::Marked,
        Ok(pb::ReturnCondition::Damaged) => Condition::Damaged,
        Ok(pb::ReturnCondition::Incomplete) => Condition::Incomplete,
        Ok(pb::ReturnCondition::Unspecified) | Err(_) => {
            return Err(fault("condition", "must be one of the conditions"));
        }
    };
    let found = Inspection {
        condition,
        copies: given.copies.ok_or_else(|| fault("copies", "must be given, also when it is 0"))?.into(),
        pages: given.pages.map(Into::into),
        inspected: given.inspected.clone(),
        differences: given.differences.iter().map(|one| one.trim().to_owned()).collect(),
        restored_location: given.restored_location.trim().to_owned(),
    };
    let mut faults = Faults::default();
    found.check(rules, at, &mut faults);
    faults.finish()?;
    Ok(found)
}
