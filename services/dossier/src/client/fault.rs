//! A refusal in plain words: the sentence, the reason, what it is about, and every field at fault.

use std::fmt::Write;

use dossier_kernel::money;
use tonic::{Code, Status};
use tonic_types::StatusExt;

use crate::Failure;
use crate::failure::{CALL, REFUSED};

/// The failure that a status is.
pub fn refused(status: &Status) -> Failure {
    Failure::new(code(status), text(status))
}

/// The service could not be connected to.
pub fn unreachable(fault: &impl std::fmt::Display) -> Failure {
    Failure::call(format_args!("the service cannot be reached: {fault}"))
}

/// The exit code of a status: 3 when the service said no, 4 when it could not answer.
pub fn code(status: &Status) -> u8 {
    match status.code() {
        Code::Unavailable
        | Code::DeadlineExceeded
        | Code::Internal
        | Code::Unknown
        | Code::DataLoss
        | Code::Cancelled => CALL,
        _ => REFUSED,
    }
}

/// The text of a status.
pub fn text(status: &Status) -> String {
    let details = status.get_error_details();
    let Some(info) = details.error_info() else {
        return bare(status);
    };
    let mut text = format!("{} ({})", status.message(), info.reason);
    let mut metadata: Vec<_> = info.metadata.iter().collect();
    metadata.sort();
    for (key, value) in metadata {
        let amount = key.strip_suffix("_minor_units").zip(value.parse().ok()).zip(info.metadata.get("currency_code"));
        let _ = match amount {
            Some(((what, minor), currency)) => write!(text, "\n  {what}: {}", money::text(minor, currency)),
            None => write!(text, "\n  {key}: {value}"),
        };
    }
    if let Some(missing) = details.resource_info() {
        let kind = missing.resource_type.rsplit('/').next().unwrap_or_default();
        let _ = write!(text, "\n  {kind}: {}", missing.resource_name);
    }
    for violation in details.bad_request().iter().flat_map(|request| &request.field_violations) {
        let _ = write!(text, "\n  field {}: {}", violation.field, violation.description);
    }
    if details.retry_info().is_some() {
        text.push_str("\n  the same call may succeed if it is repeated");
    }
    text
}

// Not made by a service of ours: the transport, or something between.
fn bare(status: &Status) -> String {
    match status.code() {
        Code::Unavailable => format!("the service cannot be reached: {}", status.message()),
        Code::DeadlineExceeded | Code::Cancelled => "no answer in time".to_owned(),
        code => format!("{} ({code:?})", status.message()),
    }
}

#[cfg(test)]
mod tests {
    use dossier_kernel::error::{Error, Missing, Reason};

    use super::*;

    #[test]
    fn a_refusal_is_told_with_everything_the_service_said() {
        let fault = Error::violation("customer_file.unit", "is required").and_violation("purpose", "is required");
        let failure = refused(&Status::from(fault));
        assert_eq!(failure.code(), REFUSED);
        let told = failure.to_string();
        let lines: Vec<_> = told.lines().collect();
        assert!(lines[0].ends_with("(FIELD_VIOLATION)"), "{lines:?}");
        assert_eq!(lines[1..], ["  field customer_file.unit: is required", "  field purpose: is required"]);
        let text = text(&Status::from(Error::missing(Missing::CustomerFile, "files/1")));
        assert!(text.contains("(RESOURCE_NOT_FOUND)\n  CustomerFile: files/1"), "{text}");
        let over =
            Error::new(Reason::LimitExceeded).with("available_minor_units", "12345").with("currency_code", "CNY");
        assert!(super::text(&Status::from(over)).contains("\n  available: CNY 123.45"));
    }

    #[test]
    fn a_service_that_is_not_there_is_no_refusal() {
        let failure = refused(&Status::unavailable("tcp connect error"));
        assert_eq!(failure.code(), CALL);
        assert_eq!(failure.to_string(), "the service cannot be reached: tcp connect error");
    }
}
