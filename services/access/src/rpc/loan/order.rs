//! What CheckOutItems asks for, field by field.

use dossier_kernel::error::{Error, Result, Violation, one_of};
use dossier_kernel::name;
use dossier_proto::access::v1 as pb;
use dossier_regime::LoanRules;
use uuid::Uuid;

use crate::domain::loan::Acceptance;
use crate::rpc::access_request::length;
use crate::rpc::enter::{check_reason, check_words, given_id};

/// A hand-out that was asked for.
pub(super) struct Order {
    pub file: Uuid,
    pub borrower: Uuid,
    pub grant: Option<Uuid>,
    pub term: Option<i64>,
    pub acceptance: Acceptance,
}

// === impl Order ===

impl Order {
    /// Checks every field against its limits and the pack.
    ///
    /// # Errors
    /// `FIELD_VIOLATION`. Whether all duties are accepted is asked later: it is a refusal of its own.
    pub(super) fn read(request: &pb::CheckOutItemsRequest, rules: &LoanRules) -> Result<Self> {
        let mut faults = Vec::new();
        check_reason(&request.reason, false, &mut faults);
        check_words("justification", &request.justification, request.grant.is_empty(), &mut faults);
        let mut demand = |holds: bool, field: &str, why: &str| {
            if !holds {
                faults.push(Violation { field: field.into(), why: why.into() });
            }
        };
        let within = |text: &str, most: usize| (1..=most).contains(&text.chars().count());
        demand(within(request.material.trim(), 500), "material", "must have 1 to 500 characters");
        demand((1..=999).contains(&request.copies), "copies", "must be between 1 and 999");
        demand((0..=99_999).contains(&request.pages), "pages", "must be between 0 and 99999");
        if let Some(accepted) = &request.acceptance {
            let signed = within(accepted.signature_reference.trim(), 200);
            demand(signed, "acceptance.signature_reference", "must have 1 to 200 characters");
            let known = |id: &String| rules.duties.iter().any(|duty| duty.value == *id);
            let all = one_of(rules.duties.iter().map(|one| one.value.as_str()));
            demand(accepted.duties.iter().all(known), "acceptance.duties", &format!("each {all}"));
        }
        Error::check(faults)?;
        Ok(Self {
            file: name::id("file", "files", &request.file)?,
            borrower: name::id("borrower", "persons", &request.borrower)?,
            grant: given_id("grant", "grants", &request.grant)?,
            term: request.duration.as_ref().map(|value| length("duration", value)).transpose()?,
            acceptance: request.acceptance.as_ref().map(acceptance).unwrap_or_default(),
        })
    }
}

fn acceptance(one: &pb::DutyAcceptance) -> Acceptance {
    Acceptance { duties: one.duties.clone(), signature_reference: one.signature_reference.trim().to_owned() }
}
