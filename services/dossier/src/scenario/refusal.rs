//! A refusal in pairs of words, as `told` names them and the text prints them.

use dossier_kernel::error::reason_of;
use tonic::Status;
use tonic_types::StatusExt;

/// Why a call was refused.
pub(super) struct Refusal {
    /// The reason of the contract; empty when the status is not ours.
    pub(super) reason: String,
    /// The fields at fault.
    pub(super) fields: Vec<String>,
    /// What has to be there first: type and subject.
    pub(super) unmet: Vec<(String, String)>,
    /// Metadata, and the name of what was not found under `resource`.
    pub(super) metadata: Vec<(String, String)>,
}

// === impl Refusal ===

impl Refusal {
    /// Reads a status.
    pub(super) fn of(status: &Status) -> Self {
        let details = status.get_error_details();
        let violations = details.bad_request().into_iter().flat_map(|bad| &bad.field_violations);
        let unmet = details.precondition_failure().into_iter().flat_map(|unmet| &unmet.violations);
        let mut metadata: Vec<_> =
            details.error_info().map(|info| info.metadata.clone()).unwrap_or_default().into_iter().collect();
        metadata.extend(details.resource_info().map(|one| ("resource".to_owned(), one.resource_name.clone())));
        metadata.sort();
        let name = reason_of(status).map(|reason| reason.as_str_name());
        Self {
            reason: name.map(|name| name.trim_start_matches("ERROR_REASON_").to_owned()).unwrap_or_default(),
            fields: violations.map(|one| one.field.clone()).collect(),
            unmet: unmet.map(|one| (one.r#type.clone(), one.subject.clone())).collect(),
            metadata,
        }
    }

    /// Whether it tells this: metadata by its key, a field at fault as `field`, what is unmet by its type in either case.
    pub(super) fn tells(&self, key: &str, value: &str) -> bool {
        let field = key == "field" && self.fields.iter().any(|field| field == value);
        let unmet = self.unmet.iter().any(|(kind, subject)| kind.eq_ignore_ascii_case(key) && subject == value);
        field || unmet || self.metadata.iter().any(|(known, told)| known == key && told == value)
    }

    /// All that it tells, for whoever mends a script.
    pub(super) fn all(&self) -> String {
        let fields = self.fields.iter().map(|field| format!("field: {field}"));
        let unmet = self.unmet.iter().map(|(kind, subject)| format!("{kind}: {subject}"));
        let metadata = self.metadata.iter().map(|(key, value)| format!("{key}: {value}"));
        let all: Vec<_> = fields.chain(unmet).chain(metadata).collect();
        if all.is_empty() { "nothing".to_owned() } else { all.join(", ") }
    }
}
