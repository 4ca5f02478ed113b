//! What CheckOutItems asks for, field by field.

use dossier_kernel::error::{Result, one_of};
use dossier_kernel::faults::Faults;
use dossier_kernel::{name, words};
use dossier_proto::access::v1 as pb;
use dossier_regime::LoanRules;

use crate::domain::loan::Acceptance;
use crate::rpc::access_request::length;
use crate::rpc::enter::given_id;
use crate::work::loan::Order;

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
    // Until items have names of their own there is one thing to lend: the original of the file.
    demand(request.items.len() == 1, "items", "must hold one: the original of the file");
    for (at, item) in request.items.iter().enumerate() {
        let mut demand = |holds: bool, field: &str, why: &str| demand(holds, &format!("items.{at}.{field}"), why);
        demand(is_original(&item.item, &request.file), "item", "must be empty or the file");
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
    let item = request.items.first().cloned().unwrap_or_default();
    Ok(Order {
        file: name::id("file", "files", &request.file)?,
        borrower: name::id("borrower", "persons", &request.borrower)?,
        grant: given_id("grant", "grants", &request.grant)?,
        material: item.description.trim().to_owned(),
        copies: item.copies.into(),
        pages: item.pages.map(Into::into),
        justification: request.justification.trim().to_owned(),
        term: request.duration.as_ref().map(|value| length("duration", value)).transpose()?,
        acceptance: request.acceptance.as_ref().map(acceptance).unwrap_or_default(),
    })
}

/// Whether what a caller names is the original of the file: nothing, or the file itself.
pub(super) fn is_original(item: &str, file: &str) -> bool {
    item.is_empty() || item == file
}

fn acceptance(one: &pb::DutyAcceptance) -> Acceptance {
    Acceptance { duties: one.duties.clone(), signature_reference: one.signature_reference.trim().to_owned() }
}
