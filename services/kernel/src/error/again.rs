//! What a caller does with a refusal; no wildcard, so that a new reason must be decided here.

use super::Reason;

/// Whether a refused call is made again, and how. The table for integrators, `deploy/errors.md`, says the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// The same call with the same `request_id`, after a pause: its effect happens once, whatever became of the first.
    Same,
    /// Another decision first: read again, correct, get a right, a token or an approval; then a call with an id of its own.
    Decide,
    /// Not by a program: somebody must look.
    Never,
}

// === impl Again ===

impl Again {
    /// What `reason` asks of its caller.
    pub fn of(reason: Reason) -> Self {
        match reason {
            Reason::ConflictRetry
            | Reason::RateLimited
            | Reason::Overloaded
            | Reason::Stopping
            | Reason::DeadlineTooShort
            | Reason::DeadlineExceeded
            | Reason::Cancelled
            | Reason::StoreUnavailable
            | Reason::OutcomeUnknown
            | Reason::DependencyUnavailable
            | Reason::AuthorityStale
            | Reason::JournalFault
            | Reason::NotKnownYet
            | Reason::StoreRestored
            | Reason::ContentUnavailable => Self::Same,
            Reason::TokenMissing
            | Reason::TokenMalformed
            | Reason::TokenExpired
            | Reason::TokenForeign
            | Reason::OrgUnknown
            | Reason::PersonUnknown
            | Reason::PermissionDenied
            | Reason::FieldViolation
            | Reason::IdentifierInvalid
            | Reason::SourceMissing
            | Reason::ChannelNotLawful
            | Reason::RequestIdReused
            | Reason::PageTokenInvalid
            | Reason::FilterInvalid
            | Reason::UpdateMaskInvalid
            | Reason::MessageTooLarge
            | Reason::CurrencyMismatch
            | Reason::ScoreModelFaulty
            | Reason::ContentMismatch
            | Reason::ResourceNotFound
            | Reason::EtagStale
            | Reason::WrongState
            | Reason::FileUnitTaken
            | Reason::PersonExists
            | Reason::AppointmentExists
            | Reason::AlreadyExists
            | Reason::FileIncomplete
            | Reason::StageUnmet
            | Reason::SignerInvolved
            | Reason::ReviewerInvolved
            | Reason::ExaminationPending
            | Reason::MergeBlocked
            | Reason::CustodyRefused
            | Reason::DisposalRefused
            | Reason::VolumeRefused
            | Reason::NumberVoid
            | Reason::NumberIssued
            | Reason::AccessKindNotAllowed
            | Reason::LoanTooLong
            | Reason::OriginalOut
            | Reason::DutiesNotAccepted
            | Reason::GrantNotCurrent
            | Reason::RequestNotWorkRelated
            | Reason::RenewalRefused
            | Reason::BorrowerInvolved
            | Reason::ApprovalOwnRequest
            | Reason::ApprovalNotApprover
            | Reason::ApprovalVoiceUsed
            | Reason::ApprovalOutsideDelegation
            | Reason::ApprovalSubjectChanged
            | Reason::ApprovalUnreachable
            | Reason::ApprovalMissing
            | Reason::DelegationExceedsPower
            | Reason::LimitExceeded
            | Reason::LimitNotApproved
            | Reason::LimitNotInForce
            | Reason::ReservationExpired
            | Reason::ReservationExceeded
            | Reason::ScoreModelNotActive
            | Reason::RatingMissing => Self::Decide,
            Reason::Unspecified
            | Reason::MessageMalformed
            | Reason::NumbersExhausted
            | Reason::KeyDestroyed
            | Reason::LevelClosed
            | Reason::ApproverNotConfigured
            | Reason::MethodUnknown
            | Reason::PackFault
            | Reason::ConfigFault
            | Reason::StoreNotMigrated
            | Reason::StoreInconsistent
            | Reason::JournalCorrupt
            | Reason::SealBroken
            | Reason::KeyUnavailable
            | Reason::ContentLost
            | Reason::Internal => Self::Never,
        }
    }

    /// Its word in the table.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Same => "same id again",
            Self::Decide => "new decision",
            Self::Never => "never",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{code, reasons};
    use super::*;

    const PAGE: &str = include_str!("../../../../deploy/errors.md");

    fn row(name: &str) -> Option<&'static str> {
        PAGE.lines().find(|line| line.starts_with(&format!("| `{name}` |")))
    }

    #[test]
    fn the_page_for_integrators_says_of_each_reason_what_the_program_does() {
        for name in reasons() {
            let reason = Reason::from_str_name(&format!("ERROR_REASON_{name}")).unwrap();
            let wanted = format!("| `{name}` | {:?} | {} |", code(reason), Again::of(reason).word());
            assert_eq!(row(name), Some(wanted.as_str()));
        }
        let rows = PAGE.lines().filter(|line| line.starts_with("| `")).count();
        assert_eq!(rows, reasons().count(), "the page names no reason that is gone");
        assert_eq!(row("FILE_NOT_FOUND"), None);
    }
}
