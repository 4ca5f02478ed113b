//! The choke point: an [`Error`] becomes a status with `google.rpc` details here and nowhere else.

use std::collections::HashMap;
use std::time::Duration;

use dossier_proto::types::UnmetCondition;
use dossier_proto::types::unmet_condition::What;
use tonic::Status;
use tonic_types::{ErrorDetails, StatusExt};

use super::{Error, Reason, Transient, Violation, code, sentence};
use crate::time::from_proto;

/// The domain of every `ErrorInfo` of these services.
pub const DOMAIN: &str = "dossier";

/// Calls that were not answered, by the reason that their callers were told.
pub const REFUSALS: &str = "dossier_refusals_total";

/// Metadata of a status that lists a part of its violations: how many there are.
const VIOLATIONS_TOTAL: &str = "violations_total";

/// Every reason as it is told, so that a counter of each begins at zero.
pub(crate) fn reasons() -> impl Iterator<Item = &'static str> {
    // The numbers of an enum of the contract have gaps, and end well below.
    (1..1000).filter_map(|number| Reason::try_from(number).ok()).map(short)
}

impl From<Error> for Status {
    fn from(fault: Error) -> Self {
        log(&fault);
        metrics::counter!(REFUSALS, "reason" => short(fault.0.reason)).increment(1);
        let inner = fault.0;
        let mut metadata: HashMap<String, String> =
            inner.metadata.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        let found = inner.violations.len();
        let told: Vec<_> = fitting(inner.violations).collect();
        if told.len() < found {
            metadata.insert(VIOLATIONS_TOTAL.to_owned(), found.to_string());
        }
        let mut details = ErrorDetails::with_error_info(short(inner.reason), DOMAIN, metadata);
        for violation in told {
            details.add_bad_request_violation(violation.field, violation.why);
        }
        for (kind, subject) in unmet(&inner.unmet) {
            details.add_precondition_failure_violation(kind, subject, "is missing");
        }
        if let Some((kind, name)) = inner.missing {
            details.set_resource_info(kind.resource_type(), name, "", "");
        }
        let soon = inner.transient != Transient::No || inner.reason == Reason::NotKnownYet;
        let soon = soon.then(|| Duration::from_millis(100));
        if let Some(wait) = inner.retry_after.or(soon) {
            details.set_retry_info(Some(wait));
        }
        Status::with_error_details(code(inner.reason), sentence(inner.reason), details)
    }
}

/// Most bytes of the violations in one status: details travel in a header, encoded, and a client takes 16 KiB of those.
const MOST_TOLD: usize = 4096;

// The first ones, in the order in which they were found; whoever mends them is told the next.
fn fitting(violations: Vec<Violation>) -> impl Iterator<Item = Violation> {
    within(violations, MOST_TOLD, |one| one.field.len() + one.why.len() + 8)
}

/// The first of `items` that are together no larger than `most`, each as large as `size` says.
pub fn within<T>(
    items: impl IntoIterator<Item = T>,
    most: usize,
    size: impl Fn(&T) -> usize,
) -> impl Iterator<Item = T> {
    let mut told = 0;
    items.into_iter().take_while(move |one| {
        told += size(one);
        told <= most
    })
}

// What has to be there first, in the words of `PreconditionFailure`: the case and its value, as many as a header carries.
fn unmet(conditions: &[UnmetCondition]) -> impl Iterator<Item = (&'static str, String)> {
    let said = conditions.iter().filter_map(|one| {
        Some(match one.what.as_ref()? {
            What::Field(subject) => ("FIELD", subject.clone()),
            What::Document(subject) => ("DOCUMENT", subject.clone()),
            What::Record(subject) => ("RECORD", subject.clone()),
            What::Signature(subject) => ("SIGNATURE", subject.clone()),
            What::Value(subject) => ("VALUE", subject.clone()),
            What::Equation(subject) => ("EQUATION", subject.clone()),
            What::OpenRecord(subject) => ("OPEN_RECORD", subject.clone()),
            What::Percent(subject) => ("PERCENT", subject.clone()),
            What::Consultation(subject) => ("CONSULTATION", subject.clone()),
            What::Number(subject) => ("NUMBER", subject.clone()),
            What::Approval(subject) => ("APPROVAL", subject.clone()),
            What::Time(time) => ("TIME", from_proto("time", time).map(|time| time.to_string()).unwrap_or_default()),
        })
    });
    within(said, MOST_TOLD, |(kind, subject)| kind.len() + subject.len() + 20)
}

/// The reason in a status that these services made; `None` for any other status.
pub fn reason_of(status: &Status) -> Option<Reason> {
    let details = status.get_error_details();
    let info = details.error_info().filter(|info| info.domain == DOMAIN)?;
    Reason::from_str_name(&format!("{PREFIX}{}", info.reason))
}

const PREFIX: &str = "ERROR_REASON_";

// The wire carries `RESOURCE_NOT_FOUND`; the prefix only serves the enum's namespace.
fn short(reason: Reason) -> &'static str {
    let name = reason.as_str_name();
    name.strip_prefix(PREFIX).unwrap_or(name)
}

fn log(fault: &Error) {
    use tonic::Code::{DataLoss, Internal, Unavailable, Unknown};
    let (reason, cause) = (short(fault.0.reason), fault.0.cause.as_deref().unwrap_or("none"));
    match code(fault.0.reason) {
        Internal | DataLoss | Unknown => tracing::error!(reason, cause, "a call failed by our fault"),
        Unavailable => tracing::warn!(reason, cause, "a call failed for now"),
        _ => tracing::debug!(reason, cause, "a call was refused"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Missing;
    use super::*;

    #[test]
    fn what_is_missing_is_named_as_it_was_asked_for() {
        let status = Status::from(Error::missing(Missing::CustomerFile, "files/1"));
        let told = status.get_error_details();
        let told = told.resource_info().unwrap();
        assert_eq!((told.resource_type.as_str(), told.resource_name.as_str()), ("dossier/CustomerFile", "files/1"));
    }

    #[test]
    fn what_has_to_be_there_first_is_told_as_a_failed_precondition() {
        let time = prost_types::Timestamp { seconds: 1_775_001_600, nanos: 0 };
        let conditions = [What::Field("phone".into()), What::Approval("credit.limit".into()), What::Time(time)];
        let unmet = |what| UnmetCondition { what: Some(what), section: String::new(), required: true };
        let fault = conditions.map(unmet).into_iter().fold(Error::new(Reason::FileIncomplete), Error::and_unmet);
        let details = Status::from(fault).get_error_details();
        let told = &details.precondition_failure().unwrap().violations;
        let told: Vec<_> = told.iter().map(|one| (one.r#type.as_str(), one.subject.as_str())).collect();
        assert_eq!(told, [("FIELD", "phone"), ("APPROVAL", "credit.limit"), ("TIME", "2026-04-01T00:00:00Z")]);
        let many = (0..500).fold(Error::new(Reason::FileIncomplete), |fault, at| {
            fault.and_unmet(unmet(What::Field(format!("field_of_the_form_{at}"))))
        });
        assert!(Status::from(many).details().len() < 10_000);
    }

    #[test]
    fn so_many_violations_are_told_as_a_header_carries() {
        let all = (0..500).map(|at| Violation { field: format!("variables[{at}].name"), why: "is faulty".into() });
        let fault = all.fold(Error::new(Reason::FieldViolation), |all, one| all.and_violation(one.field, one.why));
        let status = Status::from(fault);
        let told = status.get_error_details();
        assert_eq!(told.error_info().unwrap().metadata[VIOLATIONS_TOTAL], "500");
        let told = &told.bad_request().unwrap().field_violations;
        assert!(told.len() > 50 && told[0].field == "variables[0].name", "{}", told.len());
        assert!(status.details().len() < 10_000);
    }
}
