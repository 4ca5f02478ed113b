//! What the journal says of a loan.

use dossier_kernel::name::name;
use dossier_kernel::states;
use dossier_kernel::time::micros_to_proto;
use dossier_proto::access::v1 as pb;
use dossier_proto::journal::v1::event::Kind;
use dossier_proto::journal::v1::{self as journal, LoanChanged, LoanTerms};
use uuid::Uuid;

use crate::domain::loan::{Condition, Loan, LoanItem, MOST_ITEMS, State, name_of};
use crate::work::wire::{named, small};

/// Under which field an entry promises what a thing of a loan is in words, by its place.
pub(crate) const MATERIAL: [&str; MOST_ITEMS] = [
    "material",
    "material.2",
    "material.3",
    "material.4",
    "material.5",
    "material.6",
    "material.7",
    "material.8",
    "material.9",
    "material.10",
    "material.11",
    "material.12",
    "material.13",
    "material.14",
    "material.15",
    "material.16",
    "material.17",
    "material.18",
    "material.19",
    "material.20",
];

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
        items: one.items.iter().map(item).collect(),
    })
}

fn item(one: &LoanItem) -> journal::LoanItem {
    let found = one.inspection.as_ref();
    journal::LoanItem {
        item: name_of(one.file, one.item),
        copies: small(one.copies),
        pages: one.pages.map(small),
        condition: found.map(|found| condition(found.condition)).unwrap_or_default(),
        returned_copies: found.map(|found| small(found.copies)),
        returned_pages: found.and_then(|found| found.pages).map(small),
    }
}

fn condition(one: Condition) -> String {
    states::wire::<pb::ReturnCondition>(one).as_str_name().to_owned()
}

// Readers that know of one thing alone are told of the first.

fn terms(one: &Loan) -> LoanTerms {
    let first = one.items.first();
    let found = first.and_then(|item| item.inspection.as_ref());
    LoanTerms {
        level: one.level.clone(),
        copies: first.map(|item| small(item.copies)).unwrap_or_default(),
        pages: first.and_then(|item| item.pages).map(small).unwrap_or_default(),
        handed_out_by: name("persons", one.handed_out_by),
        renewals: small(one.renewals),
        recalled_by: named("persons", one.recalled_by),
        received_by: named("persons", one.received_by),
        condition: one.condition.map(condition).unwrap_or_default(),
        returned_copies: found.map(|found| small(found.copies)),
        returned_pages: found.and_then(|found| found.pages).map(small),
        case_reference: one.case_reference.clone().unwrap_or_default(),
    }
}
