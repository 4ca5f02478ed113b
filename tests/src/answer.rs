//! Reading what a call answered, or why it was refused.

use std::collections::BTreeMap;
use std::fmt::Debug;

use dossier_kernel::error::{Reason, reason_of};
use tonic::{Code, Response, Status};
use tonic_types::StatusExt;

/// Why a call was refused.
#[derive(Clone, Debug)]
pub struct Refused {
    /// The gRPC code.
    pub code: Code,
    /// The reason of the contract; `UNSPECIFIED` when the status is not ours.
    pub reason: Reason,
    /// The reason's metadata.
    pub metadata: BTreeMap<String, String>,
    /// The fields at fault.
    pub fields: Vec<String>,
    /// The name of what was not found.
    pub missing: String,
    /// What has to be there first: type and subject.
    pub unmet: Vec<(String, String)>,
    /// The sentence.
    pub message: String,
}

/// An answer that must be good, or must be a refusal.
pub trait Answer {
    /// What it holds.
    type Good;

    /// The good answer.
    fn good(self) -> Self::Good;

    /// The refusal.
    fn bad(self) -> Refused;

    /// The refusal, which must have this reason.
    fn refused(self, reason: Reason) -> Refused;
}

// === impl Refused ===

impl Refused {
    /// Reads a status.
    pub fn of(status: &Status) -> Self {
        let details = status.get_error_details();
        let metadata = details.error_info().map(|info| info.metadata.clone()).unwrap_or_default();
        let violations = details.bad_request().map(|bad| bad.field_violations.clone()).unwrap_or_default();
        let unmet = details.precondition_failure().map(|unmet| unmet.violations.clone()).unwrap_or_default();
        Self {
            code: status.code(),
            reason: reason_of(status).unwrap_or(Reason::Unspecified),
            metadata: metadata.into_iter().collect(),
            fields: violations.into_iter().map(|violation| violation.field).collect(),
            missing: details.resource_info().map(|missing| missing.resource_name.clone()).unwrap_or_default(),
            unmet: unmet.into_iter().map(|one| (one.r#type, one.subject)).collect(),
            message: status.message().to_owned(),
        }
    }

    /// Whether this field is named.
    pub fn names(&self, field: &str) -> bool {
        self.fields.iter().any(|named| named == field)
    }
}

// === impl Result ===

impl<T: Debug> Answer for Result<Response<T>, Status> {
    type Good = T;

    #[track_caller]
    fn good(self) -> T {
        match self {
            Ok(answer) => answer.into_inner(),
            Err(status) => panic!("refused: {:?}", Refused::of(&status)),
        }
    }

    #[track_caller]
    fn bad(self) -> Refused {
        match self {
            Ok(answer) => panic!("should have been refused, answered {:?}", answer.into_inner()),
            Err(status) => Refused::of(&status),
        }
    }

    #[track_caller]
    fn refused(self, reason: Reason) -> Refused {
        let refused = self.bad();
        assert_eq!(refused.reason, reason, "{refused:?}");
        refused
    }
}
