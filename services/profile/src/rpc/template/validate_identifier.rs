//! `ValidateIdentifier`: structure and check digit; nothing is stored, journaled or logged.

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::error::Result;
use dossier_proto::profile::v1 as wire;
use dossier_regime::IdentifierKind;
use dossier_regime::identifier::{IdentifierFault, check, normalise};
use jiff::civil::Date;

use dossier_kernel::faults::Faults;

/// Longest value that is looked at, in characters.
const LONGEST: usize = 64;

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(
    base: &Base,
    call: &Call,
    request: wire::ValidateIdentifierRequest,
) -> Result<wire::ValidateIdentifierResponse> {
    base.principal(&mut base.db.read().await?, call).await?;
    let mut faults = Faults::default();
    let kind = kind(request.kind, &mut faults);
    if !(1..=LONGEST).contains(&request.value.chars().count()) {
        faults.add("value", format!("must have 1 to {LONGEST} characters"));
    }
    faults.finish()?;
    let today = base.tenant(&call.org)?.day(call.now);
    Ok(answer(kind, &request.value, today))
}

fn kind(given: i32, faults: &mut Faults) -> IdentifierKind {
    match wire::IdentifierKind::try_from(given) {
        Ok(wire::IdentifierKind::Gb11643) => return IdentifierKind::Gb11643,
        Ok(wire::IdentifierKind::Gb32100) => return IdentifierKind::Gb32100,
        Ok(wire::IdentifierKind::Unspecified) => faults.add("kind", "is required"),
        Err(_) => faults.add("kind", "is unknown"),
    }
    IdentifierKind::None
}

fn answer(kind: IdentifierKind, value: &str, today: Date) -> wire::ValidateIdentifierResponse {
    let normalized = normalise(kind, value);
    let fault = match check(kind, &normalized, today) {
        Ok(()) => return wire::ValidateIdentifierResponse { valid: true, fault: 0, normalized },
        Err(IdentifierFault::Length { .. }) => wire::IdentifierFault::Length,
        Err(IdentifierFault::Character { .. }) => wire::IdentifierFault::Character,
        Err(IdentifierFault::Region { .. }) => wire::IdentifierFault::Region,
        Err(IdentifierFault::BirthDate) => wire::IdentifierFault::Date,
        Err(IdentifierFault::CheckDigit) => wire::IdentifierFault::CheckDigit,
    };
    wire::ValidateIdentifierResponse { valid: false, fault: fault.into(), normalized: String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(kind: IdentifierKind, value: &str) -> wire::ValidateIdentifierResponse {
        super::answer(kind, value, jiff::civil::date(2026, 4, 2))
    }

    #[test]
    fn a_wrong_identifier_is_an_answer() {
        let good = answer(IdentifierKind::Gb11643, " 11010519491231002x ");
        assert_eq!((good.valid, good.normalized.as_str()), (true, "11010519491231002X"));
        let wrong = answer(IdentifierKind::Gb11643, "110105194912310021");
        assert_eq!((wrong.valid, wrong.fault()), (false, wire::IdentifierFault::CheckDigit));
        assert!(wrong.normalized.is_empty());
        assert_eq!(answer(IdentifierKind::Gb32100, "1").fault(), wire::IdentifierFault::Length);
    }
}
