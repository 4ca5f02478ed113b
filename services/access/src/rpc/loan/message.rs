//! Loans as the contract shows them.

use dossier_kernel::etag;
use dossier_kernel::name::name;
use dossier_kernel::states;
use dossier_kernel::time::{from_micros, micros_to_proto};
use dossier_proto::access::v1 as pb;
use dossier_regime::Tenant;

use crate::domain::access_request::{AccessKind, Rule};
use crate::domain::loan::{Inspection, Loan, LoanItem};
use crate::work::wire::{named, small};

/// The loan as the contract shows it at `now`.
pub(crate) fn message(tenant: &Tenant, one: &Loan, now: i64) -> pb::Loan {
    let longest = Rule::of(tenant.pack(), &one.level, AccessKind::Original).map(|rule| rule.longest());
    pb::Loan {
        name: one.name(),
        file: name("files", one.file),
        borrower: name("persons", one.borrower),
        grant: named("grants", one.grant),
        level: one.level.clone(),
        items: one.items.iter().map(item).collect(),
        justification: one.justification.clone(),
        purpose: one.purpose.clone(),
        acceptance: Some(pb::DutyAcceptance {
            duties: one.acceptance.duties.clone(),
            signature_reference: one.acceptance.signature_reference.clone(),
        }),
        handed_out_by: name("persons", one.handed_out_by),
        check_out_time: Some(micros_to_proto(one.out_at)),
        due_time: Some(micros_to_proto(one.due_at)),
        state: states::wire::<pb::LoanState>(one.state).into(),
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

fn item(one: &LoanItem) -> pb::LoanedItem {
    pb::LoanedItem {
        item: one.name(),
        description: one.material.clone(),
        copies: small(one.copies),
        pages: one.pages.map(small),
        inspection: one.inspection.as_ref().map(|found| inspection(one, found)),
    }
}

fn inspection(item: &LoanItem, one: &Inspection) -> pb::ItemInspection {
    pb::ItemInspection {
        item: item.name(),
        condition: states::wire::<pb::ReturnCondition>(one.condition).into(),
        copies: Some(small(one.copies)),
        pages: one.pages.map(small),
        inspected: one.inspected.clone(),
        differences: one.differences.clone(),
        restored_location: one.restored_location.clone(),
    }
}
