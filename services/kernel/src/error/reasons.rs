//! For each reason its gRPC code and its sentence; no wildcard, so that a new reason must be decided here.

use tonic::Code;

use super::Reason;

/// The gRPC code of `reason`, as the contract's comment says.
pub fn code(reason: Reason) -> Code {
    row(reason).0
}

/// The sentence of `reason`: for people, lower case, without any value.
pub fn sentence(reason: Reason) -> &'static str {
    row(reason).1
}

fn row(reason: Reason) -> (Code, &'static str) {
    match reason {
        Reason::Unspecified => (Code::Unknown, "the server gave no reason"),
        Reason::TokenMissing => (Code::Unauthenticated, "the call carries no bearer token"),
        Reason::TokenMalformed => (Code::Unauthenticated, "the credential is not a well-formed token"),
        Reason::TokenExpired => (Code::Unauthenticated, "the token has expired or is not yet valid"),
        Reason::TokenForeign => (Code::Unauthenticated, "the token is not one that this server trusts"),
        Reason::OrgUnknown => (Code::Unauthenticated, "the token names an unknown organisation"),
        Reason::PersonUnknown => (Code::PermissionDenied, "the caller is no active person of the directory"),
        Reason::PermissionDenied => (Code::PermissionDenied, "no current post of the caller gives this action"),
        Reason::FieldViolation => (Code::InvalidArgument, "one or more fields break a rule"),
        Reason::IdentifierInvalid => (Code::InvalidArgument, "an identifier fails its check"),
        Reason::SourceMissing => (Code::InvalidArgument, "a value came without its source"),
        Reason::ChannelNotLawful => {
            (Code::InvalidArgument, "a value was collected through a channel that is not lawful here")
        }
        Reason::RequestIdReused => {
            (Code::InvalidArgument, "the request id was used for a request with another content")
        }
        Reason::PageTokenInvalid => (Code::InvalidArgument, "the page token does not belong to this query"),
        Reason::FilterInvalid => (Code::InvalidArgument, "the filter cannot be used"),
        Reason::UpdateMaskInvalid => (Code::InvalidArgument, "the update mask names a path that cannot be written"),
        Reason::MessageMalformed => (Code::InvalidArgument, "the bytes are no message of the expected type"),
        Reason::MessageTooLarge => (Code::ResourceExhausted, "the message is larger than the server takes"),
        Reason::CurrencyMismatch => (Code::InvalidArgument, "the amounts are in different currencies"),
        Reason::ScoreModelFaulty => (Code::InvalidArgument, "the score model contradicts itself"),
        Reason::ContentMismatch => (Code::InvalidArgument, "the content is not what was said of it"),
        Reason::ResourceNotFound => (Code::NotFound, "there is no such resource"),
        Reason::EtagStale => (Code::Aborted, "the resource changed since it was read"),
        Reason::ConflictRetry => (Code::Aborted, "concurrent writers kept colliding"),
        Reason::WrongState => (Code::FailedPrecondition, "the state of the resource does not allow this"),
        Reason::FileUnitTaken => (Code::AlreadyExists, "the unit has an open file already"),
        Reason::PersonExists => (Code::AlreadyExists, "a person with this subject exists"),
        Reason::AppointmentExists => (Code::AlreadyExists, "the person holds this post already"),
        Reason::AlreadyExists => (Code::AlreadyExists, "a resource with the same key exists"),
        Reason::FileIncomplete => (Code::FailedPrecondition, "required fields are empty"),
        Reason::ReviewerInvolved => (Code::PermissionDenied, "who wrote or submitted the file may not review it"),
        Reason::ExaminationPending => {
            (Code::FailedPrecondition, "the custodian examines the file before it becomes effective")
        }
        Reason::StageUnmet => (Code::FailedPrecondition, "the record does not have what the stage asks for"),
        Reason::SignerInvolved => (Code::FailedPrecondition, "who signs has signed another slot of the record"),
        Reason::MergeBlocked => (Code::FailedPrecondition, "something stands against merging these files"),
        Reason::DisposalRefused => (Code::FailedPrecondition, "something keeps this file"),
        Reason::CustodyRefused => (Code::FailedPrecondition, "something stands against moving this item"),
        Reason::VolumeRefused => (Code::FailedPrecondition, "something stands against forming or closing this volume"),
        Reason::NumberVoid => (Code::FailedPrecondition, "the number was voided"),
        Reason::NumberIssued => (Code::FailedPrecondition, "the number belongs to a file"),
        Reason::NumbersExhausted => (Code::FailedPrecondition, "the series has no number left"),
        Reason::KeyDestroyed => (Code::FailedPrecondition, "the key of the file was destroyed"),
        Reason::LevelClosed => (Code::PermissionDenied, "nobody may consult or borrow what stands at this level"),
        Reason::AccessKindNotAllowed => (Code::FailedPrecondition, "this level does not allow this kind of use"),
        Reason::ApproverNotConfigured => (Code::FailedPrecondition, "no approver is configured for this level"),
        Reason::LoanTooLong => (Code::FailedPrecondition, "the term is longer than the level allows"),
        Reason::OriginalOut => (Code::FailedPrecondition, "the original is out on another loan"),
        Reason::DutiesNotAccepted => {
            (Code::FailedPrecondition, "the borrower has not accepted the duties of a borrower")
        }
        Reason::GrantNotCurrent => (Code::FailedPrecondition, "the grant is not current"),
        Reason::RequestNotWorkRelated => (Code::PermissionDenied, "the request gives no business reason"),
        Reason::RenewalRefused => (Code::FailedPrecondition, "the loan cannot be renewed"),
        Reason::BorrowerInvolved => {
            (Code::PermissionDenied, "a borrower neither hands out nor takes back their own loan")
        }
        Reason::ApprovalOwnRequest => (Code::PermissionDenied, "nobody decides on a request of their own voice"),
        Reason::ApprovalNotApprover => (Code::PermissionDenied, "the caller fills no open slot of the current step"),
        Reason::ApprovalVoiceUsed => (Code::FailedPrecondition, "this voice has decided already"),
        Reason::ApprovalOutsideDelegation => {
            (Code::PermissionDenied, "the decision lies outside the letter of authorisation")
        }
        Reason::ApprovalSubjectChanged => (Code::FailedPrecondition, "what was submitted changed since"),
        Reason::ApprovalUnreachable => {
            (Code::FailedPrecondition, "a step cannot be filled by distinct independent people")
        }
        Reason::ApprovalMissing => (Code::FailedPrecondition, "the approval is missing or not given"),
        Reason::DelegationExceedsPower => (Code::PermissionDenied, "a delegator gives only what is their own"),
        Reason::LimitExceeded => (Code::FailedPrecondition, "drawn, held and asked together are more than the limit"),
        Reason::LimitNotApproved => (Code::FailedPrecondition, "the customer has no limit in force"),
        Reason::LimitNotInForce => (Code::FailedPrecondition, "the limit is not in force"),
        Reason::ReservationExpired => (Code::FailedPrecondition, "the reservation ran out"),
        Reason::ReservationExceeded => {
            (Code::FailedPrecondition, "the amount is more than the reservation still holds")
        }
        Reason::ScoreModelNotActive => (Code::FailedPrecondition, "the score model is not active"),
        Reason::RatingMissing => (Code::FailedPrecondition, "a current rating is missing"),
        Reason::RateLimited => (Code::ResourceExhausted, "the caller makes more calls than allowed"),
        Reason::Overloaded => (Code::Unavailable, "the server has more work than it takes"),
        Reason::Stopping => (Code::Unavailable, "the server is stopping"),
        Reason::DeadlineTooShort => (Code::DeadlineExceeded, "the deadline leaves no room to finish"),
        Reason::DeadlineExceeded => (Code::DeadlineExceeded, "the time ran out"),
        Reason::Cancelled => (Code::Cancelled, "the caller went away"),
        Reason::StoreUnavailable => (Code::Unavailable, "the store does not answer"),
        Reason::OutcomeUnknown => {
            (Code::Unavailable, "the connection broke while committing; ask again with the same request id")
        }
        Reason::DependencyUnavailable => (Code::Unavailable, "another service does not answer"),
        Reason::AuthorityStale => (Code::Unavailable, "the local copy of directory and grants is too old"),
        Reason::NotKnownYet => (Code::Unavailable, "what is asked for has not come this far yet"),
        Reason::JournalFault => (Code::Unavailable, "the journal entry could not be written"),
        Reason::StoreRestored => {
            (Code::Unavailable, "the store was restored to an earlier state and must be recovered")
        }
        Reason::MethodUnknown => (Code::Unimplemented, "there is no such method here"),
        Reason::PackFault => (Code::FailedPrecondition, "a pack or organisation file is faulty"),
        Reason::ConfigFault => (Code::FailedPrecondition, "the configuration is faulty"),
        Reason::StoreNotMigrated => (Code::FailedPrecondition, "the store lacks migrations or has unknown ones"),
        Reason::StoreInconsistent => (Code::DataLoss, "a row cannot be true"),
        Reason::JournalCorrupt => (Code::DataLoss, "the stored journal does not verify"),
        Reason::SealBroken => (Code::DataLoss, "a sealed value does not open"),
        Reason::KeyUnavailable => (Code::Internal, "the keyring lacks a key"),
        Reason::Internal => (Code::Internal, "a fault of this program"),
        Reason::ContentLost => (Code::DataLoss, "what is kept of a document is not what came in"),
        Reason::ContentUnavailable => (Code::Unavailable, "the store of contents does not answer or has no room"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTRACT: &str = include_str!("../../../../proto/dossier/type/v1/error_reason.proto");

    #[test]
    fn every_code_is_the_one_that_the_contract_names() {
        let mut comment = String::new();
        let mut seen = 0;
        for line in CONTRACT.lines().map(str::trim).skip_while(|line| !line.starts_with("enum ErrorReason")) {
            if let Some(text) = line.strip_prefix("//") {
                comment.push_str(text.trim_start());
                comment.push(' ');
            } else if let Some((name, _)) = line.split_once(" = ") {
                let reason = Reason::from_str_name(name).unwrap();
                let named = comment.split('.').next().unwrap_or_default();
                if reason != Reason::Unspecified {
                    assert_eq!(format!("{:?}", code(reason)), camel(named), "{name}");
                }
                comment.clear();
                seen += 1;
            }
        }
        assert!(seen > 80);
    }

    fn camel(code: &str) -> String {
        code.split('_').map(|word| word[..1].to_owned() + &word[1..].to_lowercase()).collect()
    }
}
