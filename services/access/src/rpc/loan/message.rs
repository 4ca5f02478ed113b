//! Loans as contract and journal show them.

use dossier_kernel::etag;
use dossier_kernel::name::name;
use dossier_kernel::states::wire;
use dossier_kernel::time::{from_micros, micros_to_proto};
use dossier_proto::access::v1 as pb;
use dossier_proto::journal::v1::event::Kind;
use dossier_proto::journal::v1::{LoanChanged, LoanTerms};
use dossier_regime::Tenant;
use uuid::Uuid;

use crate::domain::access_request::{AccessKind, Rule};
use crate::domain::loan::{Inspection, Loan, State};
use crate::rpc::enter::named;

/// The loan as the contract shows it at `now`.
pub(crate) fn message(tenant: &Tenant, one: &Loan, now: i64) -> pb::Loan {
    let longest = Rule::of(tenant.pack(), &one.level, AccessKind::Original).map(|rule| rule.longest());
    pb::Loan {
        name: one.name(),
        file: name("files", one.file),
        borrower: name("persons", one.borrower),
        grant: named("grants", one.grant),
        level: one.level.clone(),
        items: vec![item(one)],
        justification: one.justification.clone(),
        purpose: one.purpose.clone(),
        acceptance: Some(pb::DutyAcceptance {
            duties: one.acceptance.duties.clone(),
            signature_reference: one.acceptance.signature_reference.clone(),
        }),
        handed_out_by: name("persons", one.handed_out_by),
        check_out_time: Some(micros_to_proto(one.out_at)),
        due_time: Some(micros_to_proto(one.due_at)),
        state: wire::<pb::LoanState>(one.state).into(),
        overdue: one.overdue(now),
        renewals: small(one.renewals),
        recall_time: one.recalled_at.map(micros_to_proto),
        recalled_by: named("persons", one.recalled_by),
        received_by: named("persons", one.received_by),
        return_time: one.returned_at.map(micros_to_proto),
        case_reference: one.case_reference.clone().unwrap_or_default(),
        update_time: Some(micros_to_proto(one.updated_at)),
        etag: etag::of(one.version),
        due_provisional: longest.is_ok_and(|term| tenant.is_provisional(term, from_micros(one.due_at))),
    }
}

/// What the journal says of a loan; `administrator` acted last, `None` where a rule did.
pub(crate) fn changed(one: &Loan, administrator: Option<Uuid>) -> Kind {
    Kind::LoanChanged(LoanChanged {
        loan: one.name(),
        file: name("files", one.file),
        borrower: name("persons", one.borrower),
        grant: named("grants", one.grant),
        state: wire::<pb::LoanState>(one.state).as_str_name().to_owned(),
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
            .map(|found| wire::<pb::ReturnCondition>(found.condition).as_str_name().to_owned())
            .unwrap_or_default(),
        returned_copies: found.map(|found| small(found.copies)),
        returned_pages: found.and_then(|found| found.pages).map(small),
        case_reference: one.case_reference.clone().unwrap_or_default(),
    }
}

fn item(one: &Loan) -> pb::LoanedItem {
    pb::LoanedItem {
        item: name("files", one.file),
        description: one.material.clone(),
        copies: small(one.copies),
        pages: one.pages.map(small),
        inspection: one.inspection.as_ref().map(|found| inspection(one, found)),
    }
}

fn inspection(loan: &Loan, one: &Inspection) -> pb::ItemInspection {
    pb::ItemInspection {
        item: name("files", loan.file),
        condition: wire::<pb::ReturnCondition>(one.condition).into(),
        copies: Some(small(one.copies)),
        pages: one.pages.map(small),
        inspected: one.inspected.clone(),
        differences: one.differences.clone(),
        restored_location: one.restored_location.clone(),
    }
}

fn small(number: i64) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
