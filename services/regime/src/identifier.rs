//! Check digits of Chinese identifiers: GB 11643 (resident identity number) and GB 32100 (unified social credit code).
//!
//! Both functions are strict about upper case; [`normalise`] brings what people type into that form. Faults never
//! repeat the value.

use jiff::civil::Date;

use crate::model::IdentifierKind;

/// What is wrong with an identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdentifierFault {
    /// It has not 18 characters.
    #[error("has {found} characters, not 18")]
    Length {
        /// Characters found.
        found: usize,
    },
    /// A character that cannot stand at this place, counted from 1.
    #[error("has a character that cannot stand at place {place}")]
    Character {
        /// Place, counted from 1.
        place: usize,
    },
    /// Places 7 to 14 are not a date.
    #[error("has no date of birth at places 7 to 14")]
    BirthDate,
    /// The last character does not follow from the others.
    #[error("has a wrong check digit")]
    CheckDigit,
}

const LENGTH: usize = 18;
const GB11643_WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const GB11643_CHECKS: &[u8; 11] = b"10X98765432";
const GB32100_WEIGHTS: [u32; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
const GB32100_ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// Checks a value against the standard of its field.
///
/// # Errors
/// The first fault, from left to right.
pub fn check(kind: IdentifierKind, value: &str) -> Result<(), IdentifierFault> {
    match kind {
        IdentifierKind::None => Ok(()),
        IdentifierKind::Gb11643 => gb11643(value),
        IdentifierKind::Gb32100 => gb32100(value),
    }
}

/// Brings what people type into the form of the standard: no blanks, upper case.
pub fn normalise(kind: IdentifierKind, value: &str) -> String {
    match kind {
        IdentifierKind::None => value.to_owned(),
        IdentifierKind::Gb11643 | IdentifierKind::Gb32100 => {
            value.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_uppercase()).collect()
        }
    }
}

/// Checks a resident identity number: 17 digits with a date of birth, and a check character (ISO 7064 MOD 11-2).
///
/// # Errors
/// The first fault, from left to right.
pub fn gb11643(value: &str) -> Result<(), IdentifierFault> {
    let bytes = eighteen(value)?;
    let place = bytes.iter().take(17).position(|byte| !byte.is_ascii_digit());
    if let Some(at) = place.or_else(|| (!GB11643_CHECKS.contains(&bytes[17])).then_some(17)) {
        return Err(IdentifierFault::Character { place: at + 1 });
    }
    birth_date(value.get(6..14).unwrap_or_default())?;
    let sum: u32 = bytes.iter().zip(GB11643_WEIGHTS).map(|(byte, weight)| u32::from(byte - b'0') * weight).sum();
    let check = GB11643_CHECKS.iter().zip(0..).find(|(_, rest)| *rest == sum % 11).map(|(check, _)| *check);
    if check == Some(bytes[17]) { Ok(()) } else { Err(IdentifierFault::CheckDigit) }
}

/// Checks a unified social credit code: 18 of 31 characters, six digits of region, and a check character.
///
/// # Errors
/// The first fault, from left to right.
pub fn gb32100(value: &str) -> Result<(), IdentifierFault> {
    let bytes = eighteen(value)?;
    let mut sum = 0;
    for (at, byte) in bytes.iter().enumerate() {
        let region = (2..8).contains(&at);
        let code = code_of(*byte).filter(|_| !region || byte.is_ascii_digit());
        let Some(code) = code else { return Err(IdentifierFault::Character { place: at + 1 }) };
        sum += code * GB32100_WEIGHTS.get(at).copied().unwrap_or(0);
    }
    if code_of(bytes[17]) == Some((31 - sum % 31) % 31) { Ok(()) } else { Err(IdentifierFault::CheckDigit) }
}

fn eighteen(value: &str) -> Result<[u8; LENGTH], IdentifierFault> {
    let found = value.chars().count();
    if found != LENGTH {
        return Err(IdentifierFault::Length { found });
    }
    let strange = value.chars().position(|c| !c.is_ascii()).map_or(1, |at| at + 1);
    value.as_bytes().try_into().map_err(|_| IdentifierFault::Character { place: strange })
}

fn birth_date(digits: &str) -> Result<(), IdentifierFault> {
    let number = |range: std::ops::Range<usize>| digits.get(range).and_then(|part| part.parse::<i16>().ok());
    let parts = number(0..4).zip(number(4..6)).zip(number(6..8));
    let date = parts.and_then(|((year, month), day)| {
        Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok().filter(|date| date.year() >= 1800)
    });
    date.map(|_| ()).ok_or(IdentifierFault::BirthDate)
}

fn code_of(byte: u8) -> Option<u32> {
    GB32100_ALPHABET.iter().zip(0..).find(|(one, _)| **one == byte).map(|(_, code)| code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The example of the standard itself, and published specimens.
    const PERSONS: [&str; 2] = ["11010519491231002X", "440524188001010014"];
    const COMPANIES: [&str; 3] = ["91350100M000100Y43", "91110000802100433B", "91330106673959654P"];

    fn changed(value: &str, at: usize, to: char) -> String {
        value.chars().enumerate().map(|(place, c)| if place == at { to } else { c }).collect()
    }

    #[test]
    fn known_good_numbers_pass() {
        for person in PERSONS {
            assert_eq!(gb11643(person), Ok(()), "{person}");
        }
        for company in COMPANIES {
            assert_eq!(gb32100(company), Ok(()), "{company}");
        }
    }

    // proves: P-04
    #[test]
    fn every_change_of_one_character_of_a_person_is_caught() {
        for person in PERSONS {
            for at in 0..18 {
                for to in "0123456789X".chars().filter(|to| person.chars().nth(at) != Some(*to)) {
                    assert!(gb11643(&changed(person, at, to)).is_err(), "{person} {at} {to}");
                }
            }
        }
    }

    // proves: P-04
    #[test]
    fn every_change_of_one_character_of_a_company_is_caught() {
        for company in COMPANIES {
            for at in 0..18 {
                for to in GB32100_ALPHABET.iter().map(|byte| char::from(*byte)) {
                    if company.chars().nth(at) != Some(to) {
                        assert!(gb32100(&changed(company, at, to)).is_err(), "{company} {at} {to}");
                    }
                }
            }
        }
    }

    #[test]
    fn faults_say_what_is_wrong() {
        assert_eq!(gb11643("123"), Err(IdentifierFault::Length { found: 3 }));
        assert_eq!(gb11643("1101051949123100AX"), Err(IdentifierFault::Character { place: 17 }));
        assert_eq!(gb11643("11010519491331002X"), Err(IdentifierFault::BirthDate));
        assert_eq!(gb11643("110105194912310021"), Err(IdentifierFault::CheckDigit));
        assert_eq!(gb11643("11010519491231002x"), Err(IdentifierFault::Character { place: 18 }));
        assert_eq!(gb11643("1101051949123100中X"), Err(IdentifierFault::Character { place: 17 }));
        assert_eq!(gb32100("9135O100M000100Y43"), Err(IdentifierFault::Character { place: 5 }));
        assert_eq!(gb32100("91350100M000100Y44"), Err(IdentifierFault::CheckDigit));
    }

    #[test]
    fn typed_forms_are_normalised() {
        let typed = normalise(IdentifierKind::Gb11643, " 110105 19491231 002x ");
        assert_eq!(check(IdentifierKind::Gb11643, &typed), Ok(()));
        assert_eq!(normalise(IdentifierKind::None, " as is "), " as is ");
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,24}") {
            let _ = (gb11643(&text), gb32100(&text));
        }

        #[test]
        fn exactly_one_check_character_fits(body in "91[0-9]{6}[0-9A-HJ-NP-RTUWXY]{9}") {
            let fits = GB32100_ALPHABET.iter().filter(|c| gb32100(&format!("{body}{}", char::from(**c))).is_ok());
            prop_assert_eq!(fits.count(), 1);
        }
    }
}
