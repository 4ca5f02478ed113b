//! What a limit says: what the approvers sign.

use dossier_authority::approvals::digest;
use dossier_kernel::error::Result;
use dossier_kernel::faults::Faults;
use jiff::Timestamp;
use serde::Deserialize;
use uuid::Uuid;

use crate::domain::money::Money;

/// The content of a limit.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Content {
    /// How much may be drawn and held together.
    pub amount: Money,
    /// Terms of payment and conditions.
    pub terms: String,
    /// From when, inclusive; nothing: from the approval.
    pub valid_from: Option<Timestamp>,
    /// Until when, exclusive.
    pub valid_until: Timestamp,
    /// The rating it rests on.
    pub rating: Uuid,
    /// Why this limit; stored submissions call it by its name of earlier versions.
    #[serde(rename = "reason")]
    pub justification: String,
}

/// What the pack says of limits, at one moment.
#[derive(Clone, Debug)]
pub struct Rules<'a> {
    /// The currency of limits.
    pub currency: &'a str,
    /// The moment.
    pub now: Timestamp,
    /// The latest end of a limit that begins when this one does.
    pub latest: Timestamp,
}

// === impl Content ===

impl Content {
    /// Demands that the content keeps the rules.
    ///
    /// # Errors
    /// `FIELD_VIOLATION` with everything that is wrong, `CURRENCY_MISMATCH` with the pack.
    pub fn check(&self, rules: &Rules<'_>) -> Result<()> {
        let mut faults = Faults::default();
        let mut add = |field: &str, why: &str| {
            faults.add(field, why);
        };
        for (field, text) in [("payment_terms", &self.terms), ("justification", &self.justification)] {
            if text.trim().is_empty() || text.chars().count() > 500 {
                add(field, "must have between 1 and 500 characters");
            }
        }
        if self.valid_until <= rules.now {
            add("valid_until", "must be in the future");
        } else if self.valid_from.is_some_and(|from| self.valid_until <= from) {
            add("valid_until", "must be after `valid_from`");
        } else if self.valid_until > rules.latest {
            add("valid_until", "is further away than the pack lets a limit hold");
        }
        faults.finish()?;
        self.amount.require(rules.currency)
    }

    /// SHA-256 of the canonical form of customer, amount, terms, validity and rating. The form never changes.
    pub fn digest(&self, customer: Uuid) -> [u8; 32] {
        let from = self.valid_from.map(|from| from.as_microsecond().to_be_bytes());
        digest(&[
            b"dossier/limit/v1",
            customer.as_bytes(),
            &self.amount.minor.to_be_bytes(),
            self.amount.currency.as_bytes(),
            self.terms.as_bytes(),
            from.as_ref().map_or(&[][..], |bytes| &bytes[..]),
            &self.valid_until.as_microsecond().to_be_bytes(),
            self.rating.as_bytes(),
        ])
    }
}
