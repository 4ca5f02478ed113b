//! What the journal says of a loan.

use dossier_kernel::name::name;
use dossier_kernel::states;
use dossier_kernel::time::micros_to_proto;
use dossier_proto::access::v1 as pb;
use dossier_proto::journal::v1::event::Kind;
use dossier_proto::journal::v1::{LoanChanged, LoanTerms};
use uuid::Uuid;

use crate::domain::loan::{Loan, State};
use crate::work::wire::{named, small};

/// What the journal says of a loan; `administrator` acted last, `None` where a rule did.
pub(super) fn changed(one: &Loan, administrator: Option<Uuid>) -> Kind {
    Kind::LoanChanged(LoanChanged {
        loan: one.name(),
        file: name("files", one.file),
        borrower: name("persons", one.borrower),
        grant: named("grants", one.grant),
        state: states::wire::<pb::LoanState>(one.state).as_str_name().to_owned(),
        check_out_time: Some(micros_to_proto(one.out_at)),
        due_time: Some(micros_to_proto(one.due_at)),
        recall_time: one.recalled_at.map(micros_to_proto),
        return_time: one.returned_at.map(micros_to_proto),
        administrator: named("persons", administrator),
        difference_found: one.state == State::ReturnedWithDifference,
        terms: Some(terms(one)),
    })
}

fn terms(one: &Loan) -> LoanTerms {
    let found = one.inspection.as_ref();
    LoanTerms {
        level: one.level.clone(),
        copies: small(one.copies),
        pages: one.pages.map(small).unwrap_or_default(),
        handed_out_by: name("persons", one.handed_out_by),
        renewals: small(one.renewals),
        recalled_by: named("persons", one.recalled_by),
        received_by: named("persons", one.received_by),
        condition: found
            .map(|found| states::wire::<pb::ReturnCondition>(found.condition).as_str_name().to_owned())
            .unwrap_or_default(),
        returned_copies: found.map(|found| small(found.copies)),
        returned_pages: found.and_then(|found| found.pages).map(small),
        case_reference: one.case_reference.clone().unwrap_or_default(),
    }
}
