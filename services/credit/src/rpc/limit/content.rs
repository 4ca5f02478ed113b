//! The content of a limit in a request, and what has to stand behind it.

use dossier_authority::{Base, Principal};
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::faults::Faults;
use dossier_kernel::path::Path;
use dossier_kernel::time::{from_micros, kept_from_proto};
use dossier_kernel::{mask, name};
use dossier_proto::credit::v1::Limit as Message;
use dossier_proto::types::Money;
use jiff::{SignedDuration, Timestamp};
use prost_types::Timestamp as ProtoTimestamp;
use uuid::Uuid;

use crate::domain::limit::{Content, Rules};
use crate::rpc::enter::{amount, file_name};
use crate::rpc::rating;
use crate::store;

/// The paths that an update may name.
pub(super) const WRITABLE: [&str; 6] =
    ["amount", "payment_terms", "valid_from", "valid_until", "rating", "justification"];

/// The content as a request gives it.
pub(super) struct Given<'a> {
    pub amount: Option<&'a Money>,
    pub terms: &'a str,
    pub valid_from: Option<&'a ProtoTimestamp>,
    pub valid_until: Option<&'a ProtoTimestamp>,
    pub rating: &'a str,
    pub justification: &'a str,
}

// === impl Given ===

impl Given<'_> {
    /// Reads it; the fields lie below `prefix`.
    ///
    /// # Errors
    /// Every violation.
    pub(super) fn parse(&self, prefix: &str) -> Result<Content> {
        let mut faults = Faults::default();
        let path = |field: &str| format!("{prefix}{field}");
        let amount = faults.absorb(amount(&path("amount"), self.amount));
        let from = self.valid_from.map(|value| kept_from_proto(&path("valid_from"), value)).transpose();
        let from = faults.absorb(from);
        let until = match self.valid_until {
            Some(value) => faults.absorb(kept_from_proto(&path("valid_until"), value)),
            None => {
                faults.add(path("valid_until"), "is required");
                None
            }
        };
        let rating = faults.absorb(name::id(&path("rating"), "ratings", self.rating));
        for (field, text) in [("payment_terms", self.terms), ("justification", self.justification)] {
            if text.trim().is_empty() || text.chars().count() > 500 {
                faults.add(path(field), "must have between 1 and 500 characters");
            }
        }
        faults.finish()?;
        match (amount, from, until, rating) {
            (Some(amount), Some(valid_from), Some(valid_until), Some(rating)) => Ok(Content {
                amount,
                terms: self.terms.to_owned(),
                valid_from,
                valid_until,
                rating,
                justification: self.justification.to_owned(),
            }),
            _ => Err(Error::new(Reason::Internal)),
        }
    }
}

/// The content of `limit` with the fields that `paths` name taken from `given`.
///
/// # Errors
/// Violations of `limit`.
pub(super) fn updated(limit: &Message, given: &Message, paths: &[Path]) -> Result<Content> {
    let of = |field: &str| if mask::names(paths, field) { given } else { limit };
    let given = Given {
        amount: of("amount").amount.as_ref(),
        terms: &of("payment_terms").payment_terms,
        valid_from: of("valid_from").valid_from.as_ref(),
        valid_until: of("valid_until").valid_until.as_ref(),
        rating: &of("rating").rating,
        justification: &of("justification").justification,
    };
    given.parse("limit.")
}

/// Demands that the content keeps the rules of the pack at the call's instant.
///
/// # Errors
/// Violations, `CURRENCY_MISMATCH`.
pub(super) fn check(base: &Base, call: &Call, content: &Content) -> Result<()> {
    let tenant = base.tenant(&call.org)?;
    let begin = content.valid_from.unwrap_or(call.now);
    let beyond = |_| Error::violation("valid_from", "lies too far away");
    let end = tenant.end(tenant.pack().credit.limit_valid, begin).map_err(beyond)?;
    // The end of a term is its last instant, that of a limit the first one behind it.
    let latest = end.at.checked_add(SignedDuration::from_micros(1)).unwrap_or(Timestamp::MAX);
    content.check(&Rules { currency: &tenant.pack().credit.currency, now: call.now, latest })
}

/// Demands a rating of `customer` that the pack still lets hold (C-13).
///
/// # Errors
/// `RESOURCE_NOT_FOUND`, `RATING_MISSING` when it is of another customer or out of date.
pub(super) async fn require_rating(
    base: &Base,
    tx: &mut Tx,
    call: &Call,
    principal: &Principal,
    customer: Uuid,
    id: Uuid,
) -> Result<()> {
    let found = store::rating::visible(tx, &call.org, principal.person, call.micros(), id).await?;
    let row = found.ok_or_else(|| rating::not_found(id))?.row;
    let tenant = base.tenant(&call.org)?;
    let term = tenant.pack().credit.rating_valid;
    let end = tenant.end(term, from_micros(row.created_at)).map_or(Timestamp::MAX, |end| end.at);
    if row.customer == customer && call.now <= end {
        return Ok(());
    }
    Err(Error::new(Reason::RatingMissing).with("customer", file_name(customer)))
}
