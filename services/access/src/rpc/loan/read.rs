//! GetLoan, ListLoans and ListOverdueLoans.

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::filter::Field;
use dossier_kernel::list::List;
use dossier_kernel::{asked, name};
use dossier_proto::access::v1 as pb;
use dossier_regime::Action;

use super::{message, no_loan};
use crate::domain::loan::State;
use crate::store;
use crate::store::loan::{Filter, overdue_key};

const LOANS: List = List {
    fields: &[Field::name("file", "files"), Field::name("borrower", "persons"), Field::state("state", State::WORDS)],
    orders: &["name desc"],
};
const OVERDUE: List = List { fields: &[Field::name("borrower", "persons")], orders: &["borrower, due_time"] };

/// One loan: to its borrower, to who handed it out, and to action `loan.read_all` as far as the clearance reaches.
///
/// # Errors
/// `FIELD_VIOLATION`, `RESOURCE_NOT_FOUND`.
pub(crate) async fn get(base: &Base, call: &Call, request: pb::GetLoanRequest) -> Result<pb::Loan> {
    let mut tx = base.db.read().await?;
    let reader = reader(base, &mut tx, call).await?;
    let id = name::id("name", "loans", &request.name)?;
    let loan = store::loan::lookup(&mut tx, &call.org, id).await?.ok_or_else(|| no_loan(&request.name))?;
    let party = loan.borrower == reader.reader || (reader.all && loan.handed_out_by == reader.reader);
    let seen = party || (reader.all && store::loan::shown(&mut tx, &call.org, reader.reader, reader.now, id).await?);
    if seen { Ok(message(base.tenant(&call.org)?, &loan, reader.now)) } else { Err(no_loan(&request.name)) }
}

/// A page of loans, newest first.
///
/// # Errors
/// `FIELD_VIOLATION`, `FILTER_INVALID`, `PAGE_TOKEN_INVALID`.
pub(crate) async fn list(base: &Base, call: &Call, request: pb::ListLoansRequest) -> Result<pb::ListLoansResponse> {
    let mut tx = base.db.read().await?;
    let reader = reader(base, &mut tx, call).await?;
    let (found, page) = LOANS.read(call, &asked!(request))?;
    let state = found.one("state")?;
    let filter = Filter { file: found.id("file"), borrower: found.id("borrower"), state, ..reader };
    let mut rows = store::loan::list(&mut tx, &call.org, &filter, &page).await?;
    let next_page_token = page.cut(&mut rows, |loan| loan.id.to_string());
    let tenant = base.tenant(&call.org)?;
    let loans = rows.iter().map(|loan| message(tenant, loan, filter.now)).collect();
    Ok(pb::ListLoansResponse { loans, next_page_token })
}

/// A page of open loans past their due time, by borrower.
///
/// # Errors
/// `FIELD_VIOLATION`, `FILTER_INVALID`, `PAGE_TOKEN_INVALID`.
pub(crate) async fn list_overdue(
    base: &Base,
    call: &Call,
    request: pb::ListOverdueLoansRequest,
) -> Result<pb::ListOverdueLoansResponse> {
    let mut tx = base.db.read().await?;
    let reader = reader(base, &mut tx, call).await?;
    let (found, page) = OVERDUE.read(call, &asked!(request))?;
    let filter = Filter { borrower: found.id("borrower"), ..reader };
    let mut rows = store::loan::overdue(&mut tx, &call.org, &filter, &page).await?;
    let next_page_token = page.cut(&mut rows, overdue_key);
    let tenant = base.tenant(&call.org)?;
    let loans = rows.iter().map(|loan| message(tenant, loan, filter.now)).collect();
    Ok(pb::ListOverdueLoansResponse { loans, next_page_token })
}

async fn reader(base: &Base, tx: &mut Tx, call: &Call) -> Result<Filter> {
    let principal = base.principal(tx, call).await?;
    let all = principal.can(base.pack(&call.org)?, Action::LoanReadAll);
    Ok(Filter { reader: principal.person, all, now: call.micros(), file: None, borrower: None, state: None })
}
