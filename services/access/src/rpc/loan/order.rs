//! What CheckOutItems asks for, field by field.

use std::collections::BTreeSet;

use dossier_kernel::error::{Error, Result, one_of};
use dossier_kernel::faults::Faults;
use dossier_kernel::{name, words};
use dossier_proto::access::v1 as pb;
use dossier_regime::LoanRules;
use uuid::Uuid;

use crate::domain::loan::{Acceptance, MOST_ITEMS, id_of};
use crate::rpc::access_request::length;
use crate::rpc::enter::given_id;
use crate::work::loan::{Order, Wanted};

/// Checks every field against its limits and the pack.
///
/// # Errors
/// `FIELD_VIOLATION`. Whether all duties are accepted is asked later: it is a refusal of its own.
pub(super) fn read(request: &pb::CheckOutItemsRequest, rules: &LoanRules) -> Result<Order> {
    let mut faults = Faults::default();
    words::reason(&request.reason, false, &mut faults);
    words::check("justification", &request.justification, request.grant.is_empty(), &mut faults);
    let mut demand = |holds: bool, field: &str, why: &str| {
        if !holds {
            faults.add(field, why);
        }
    };
    let within = |text: &str, most: usize| (1..=most).contains(&text.chars().count());
    let count = format!("must hold 1 to {MOST_ITEMS} things of the file");
    demand((1..=MOST_ITEMS).contains(&request.items.len()), "items", &count);
    for (at, item) in request.items.iter().enumerate() {
        let mut demand = |holds: bool, field: &str, why: &str| demand(holds, &format!("items.{at}.{field}"), why);
        demand(within(item.description.trim(), 500), "description", "must have 1 to 500 characters");
        demand((1..=999).contains(&item.copies), "copies", "must be between 1 and 999");
        let counted = item.pages.is_none_or(|pages| (1..=99_999).contains(&pages));
        demand(counted, "pages", "must be absent or between 1 and 99999");
    }
    if let Some(accepted) = &request.acceptance {
        let signed = within(accepted.signature_reference.trim(), 200);
        demand(signed, "acceptance.signature_reference", "must have 1 to 200 characters");
        let known = |id: &String| rules.duties.iter().any(|duty| duty.value == *id);
        let all = one_of(rules.duties.iter().map(|one| one.value.as_str()));
        demand(accepted.duties.iter().all(known), "acceptance.duties", &format!("each {all}"));
    }
    faults.finish()?;
    let file = name::id("file", "files", &request.file)?;
    Ok(Order {
        file,
        borrower: name::id("borrower", "persons", &request.borrower)?,
        grant: given_id("grant", "grants", &request.grant)?,
        items: items(&request.items, file)?,
        justification: request.justification.trim().to_owned(),
        term: request.duration.as_ref().map(|value| length("duration", value)).transpose()?,
        acceptance: request.acceptance.as_ref().map(acceptance).unwrap_or_default(),
    })
}

// What of `file` is asked for: each thing once.
fn items(given: &[pb::LoanedItem], file: Uuid) -> Result<Vec<Wanted>> {
    let mut known = BTreeSet::new();
    let one = |(at, item): (usize, &pb::LoanedItem)| {
        let field = format!("items.{at}.item");
        let id = id_of(&field, file, &item.item)?;
        if !known.insert(id) {
            return Err(Error::violation(field, "names one thing twice"));
        }
        let (material, copies) = (item.description.trim().to_owned(), item.copies.into());
        Ok(Wanted { item: id, material, copies, pages: item.pages.map(Into::into) })
    };
    given.iter().enumerate().map(one).collect()
}

fn acceptance(one: &pb::DutyAcceptance) -> Acceptance {
    Acceptance { duties: one.duties.clone(), signature_reference: one.signature_reference.trim().to_owned() }
}
