//! What access answers instead of an approval.

use dossier_kernel::error::{Error, Reason, reason_of};
use tonic::{Code, Status};
use tonic_types::StatusExt;

/// A refusal of access, and whether the same question may get another answer.
pub(super) struct Fault {
    pub error: Error,
    pub passing: bool,
}

/// Access does not say now.
pub(super) fn unavailable() -> Error {
    Error::new(Reason::DependencyUnavailable).with("service", "access")
}

// === impl Fault ===

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self { error, passing: true }
    }
}

impl From<Status> for Fault {
    fn from(status: Status) -> Self {
        let definite = matches!(
            status.code(),
            Code::InvalidArgument | Code::NotFound | Code::PermissionDenied | Code::FailedPrecondition
        );
        match reason_of(&status) {
            // The first of two equal questions came through, and access's journal will tell.
            Some(Reason::RequestIdReused) => Self { error: unavailable().because("asked before"), passing: true },
            Some(reason) => Self { error: told(reason, &status), passing: !definite },
            None => Self { error: unavailable().because(format!("{:?}", status.code())), passing: true },
        }
    }
}

/// What access said, with the metadata and fields that help the caller.
fn told(reason: Reason, status: &Status) -> Error {
    let details = status.get_error_details();
    let metadata = details.error_info().map(|info| info.metadata.clone()).unwrap_or_default();
    let mut error = Error::new(reason).because("access refused");
    for key in ["action", "matter", "step", "resource", "state", "allowed", "service", "unit", "level"] {
        if let Some(value) = metadata.get(key) {
            error = error.with(key, value);
        }
    }
    let violations = details.bad_request().map(|bad| bad.field_violations.clone()).unwrap_or_default();
    violations
        .into_iter()
        .fold(error, |all, one| all.and_violation("name", format!("its approval: {} {}", one.field, one.description)))
}
