//! Why a credential was refused. The caller learns the class, the log the cause.

use crate::error::{Error, Reason};

/// Why a credential was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The call carries none.
    #[error("no bearer token")]
    Missing,
    /// It is no JWT, or demands what is not understood.
    #[error("not a json web token")]
    Malformed,
    /// A claim is missing or has the wrong form.
    #[error("claim `{0}` is missing or malformed")]
    Claim(&'static str),
    /// `exp` has passed.
    #[error("expired")]
    Expired,
    /// `nbf` has not come.
    #[error("not yet valid")]
    NotYetValid,
    /// This machine's clock is off, so that its times cannot be judged.
    #[error("the clock of this machine is off")]
    ClockOff,
    /// It lives longer than its issuer's tokens may.
    #[error("lives longer than tokens of its issuer may")]
    TooLong,
    /// `iss` is not trusted here.
    #[error("foreign issuer")]
    ForeignIssuer,
    /// `aud` does not name us.
    #[error("wrong audience")]
    WrongAudience,
    /// The issuer may not sign with this algorithm, or the key is for another one.
    #[error("algorithm not allowed")]
    Algorithm,
    /// The issuer has no such key.
    #[error("unknown key")]
    UnknownKey,
    /// The issuer's keys are too old or were never read, and it does not answer.
    #[error("the keys of the issuer cannot be read")]
    KeysUnavailable,
    /// The signature is not the key's.
    #[error("bad signature")]
    BadSignature,
    /// A person's issuer names a service, or the services' issuer a person.
    #[error("subject not allowed for the issuer")]
    ForeignSubject,
    /// The issuer is not one of this org.
    #[error("org not allowed for the issuer")]
    ForeignOrg,
    /// `org` is not kept here.
    #[error("unknown org")]
    UnknownOrg,
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        let reason = match refusal {
            Refusal::Missing => Reason::TokenMissing,
            Refusal::Malformed => Reason::TokenMalformed,
            Refusal::Claim(claim) => return Self::new(Reason::TokenMalformed).with("claim", claim),
            Refusal::TooLong => return Self::new(Reason::TokenMalformed).with("claim", "exp"),
            Refusal::Expired | Refusal::NotYetValid => Reason::TokenExpired,
            Refusal::ForeignIssuer
            | Refusal::WrongAudience
            | Refusal::Algorithm
            | Refusal::UnknownKey
            | Refusal::BadSignature
            | Refusal::ForeignSubject
            | Refusal::ForeignOrg => Reason::TokenForeign,
            Refusal::UnknownOrg => Reason::OrgUnknown,
            Refusal::ClockOff => {
                return Self::new(Reason::DependencyUnavailable).with("service", "clock").because(refusal.to_string());
            }
            // The token may be good: who comes again later is not told to fetch another.
            Refusal::KeysUnavailable => {
                let fault = Self::new(Reason::DependencyUnavailable).with("service", "issuer");
                return fault.because(refusal.to_string());
            }
        };
        Self::new(reason).because(refusal.to_string())
    }
}
