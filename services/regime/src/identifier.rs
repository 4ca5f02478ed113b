//! Chinese identifiers: GB 11643 (resident identity number) and GB 32100 (unified social credit code).
//!
//! Checked are length, alphabet, region, registering department, day of birth and check character. Of a region only the
//! province counts (GB/T 2260, first two digits): counties come and go, and numbers outlive them. Both functions are
//! strict about upper case; [`normalise`] brings what people type into that form. Faults never repeat the value.

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
    /// No province, or no registering department, at the place, counted from 1.
    #[error("names no region or registering department at place {place}")]
    Region {
        /// Place, counted from 1.
        place: usize,
    },
    /// Places 7 to 14 are not a date, or one that has not come.
    #[error("has no date of birth at places 7 to 14")]
    BirthDate,
    /// The last character does not follow from the others.
    #[error("has a wrong check digit")]
    CheckDigit,
}

/// First two digits of GB/T 2260. 81 to 83 stand on the residence permits of people from Hong Kong, Macao and Taiwan.
const PROVINCES: [&str; 35] = [
    "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42", "43", "44",
    "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71", "81", "82", "83",
];
/// Registering departments and the kinds of organisation that each registers (GB 32100, places 1 and 2).
const DEPARTMENTS: [(u8, &[u8]); 12] = [
    (b'1', b"1239"),
    (b'2', b"19"),
    (b'3', b"123459"),
    (b'4', b"19"),
    (b'5', b"1239"),
    (b'6', b"129"),
    (b'7', b"129"),
    (b'8', b"19"),
    (b'9', b"1239"),
    (b'A', b"19"),
    (b'N', b"1239"),
    (b'Y', b"1"),
];
/// Regions of registering departments that are no province: the state itself, and the corps in Xinjiang.
const OTHER_REGIONS: [&str; 2] = ["10", "66"];

const LENGTH: usize = 18;
const GB11643_WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const GB11643_CHECKS: &[u8; 11] = b"10X98765432";
const GB32100_WEIGHTS: [u32; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
const GB32100_ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// Checks a value against the standard of its field; nobody is born after `today`.
///
/// # Errors
/// The first fault: length and characters before what they mean.
pub fn check(kind: IdentifierKind, value: &str, today: Date) -> Result<(), IdentifierFault> {
    match kind {
        IdentifierKind::None => Ok(()),
        IdentifierKind::Gb11643 => gb11643(value, today),
        IdentifierKind::Gb32100 => gb32100(value),
    }
}

/// Brings what people type into the form of the standard: no blanks around it, upper case, letters and digits of full
/// width as plain ones. A blank inside stays, and is a fault.
pub fn normalise(kind: IdentifierKind, value: &str) -> String {
    match kind {
        IdentifierKind::None => value.to_owned(),
        IdentifierKind::Gb11643 | IdentifierKind::Gb32100 => {
            value.trim().chars().map(|c| narrow(c).to_ascii_uppercase()).collect()
        }
    }
}

// The plain form of a letter or digit of full width.
fn narrow(letter: char) -> char {
    let plain = u32::from(letter).checked_sub(0xfee0).and_then(char::from_u32);
    plain.filter(char::is_ascii_alphanumeric).unwrap_or(letter)
}

/// Checks a resident identity number: 17 digits with a region and a date of birth, and a check character (ISO 7064
/// MOD 11-2). Numbers of foreigners with permanent residence begin with 9 and the province.
///
/// # Errors
/// The first fault: length and characters before what they mean.
pub fn gb11643(value: &str, today: Date) -> Result<(), IdentifierFault> {
    let bytes = eighteen(value)?;
    let place = bytes.iter().take(17).position(|byte| !byte.is_ascii_digit());
    if let Some(at) = place.or_else(|| (!GB11643_CHECKS.contains(&bytes[17])).then_some(17)) {
        return Err(IdentifierFault::Character { place: at + 1 });
    }
    let (foreign, place) = if bytes[0] == b'9' { (true, 1) } else { (false, 0) };
    if !is_province(value.get(place..place + 2).unwrap_or_default()) {
        return Err(IdentifierFault::Region { place: if foreign { 2 } else { 1 } });
    }
    birth_date(value.get(6..14).unwrap_or_default(), today)?;
    let sum: u32 = bytes.iter().zip(GB11643_WEIGHTS).map(|(byte, weight)| u32::from(byte - b'0') * weight).sum();
    let check = GB11643_CHECKS.iter().zip(0..).find(|(_, rest)| *rest == sum % 11).map(|(check, _)| *check);
    if check == Some(bytes[17]) { Ok(()) } else { Err(IdentifierFault::CheckDigit) }
}

/// Checks a unified social credit code: 18 of 31 characters, a registering department, a region, and a check character.
///
/// # Errors
/// The first fault: length and characters before what they mean.
pub fn gb32100(value: &str) -> Result<(), IdentifierFault> {
    let bytes = eighteen(value)?;
    let mut sum = 0;
    for (at, byte) in bytes.iter().enumerate() {
        let region = (2..8).contains(&at);
        let code = code_of(*byte).filter(|_| !region || byte.is_ascii_digit());
        let Some(code) = code else { return Err(IdentifierFault::Character { place: at + 1 }) };
        sum += code * GB32100_WEIGHTS.get(at).copied().unwrap_or(0);
    }
    let registers = DEPARTMENTS.iter().find(|(department, _)| *department == bytes[0]).map(|(_, kinds)| *kinds);
    match registers {
        None => return Err(IdentifierFault::Region { place: 1 }),
        Some(kinds) if !kinds.contains(&bytes[1]) => return Err(IdentifierFault::Region { place: 2 }),
        Some(_) => {}
    }
    let region = value.get(2..4).unwrap_or_default();
    if !is_province(region) && !OTHER_REGIONS.contains(&region) {
        return Err(IdentifierFault::Region { place: 3 });
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

fn is_province(digits: &str) -> bool {
    PROVINCES.contains(&digits)
}

fn birth_date(digits: &str, today: Date) -> Result<(), IdentifierFault> {
    let number = |range: std::ops::Range<usize>| digits.get(range).and_then(|part| part.parse::<i16>().ok());
    let parts = number(0..4).zip(number(4..6)).zip(number(6..8));
    let date =
        parts.and_then(|((year, month), day)| Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok());
    let date = date.filter(|date| date.year() >= 1800 && *date <= today);
    date.map(|_| ()).ok_or(IdentifierFault::BirthDate)
}

fn code_of(byte: u8) -> Option<u32> {
    GB32100_ALPHABET.iter().zip(0..).find(|(one, _)| **one == byte).map(|(_, code)| code)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    const TODAY: Date = date(2026, 4, 2);

    fn gb11643(value: &str) -> Result<(), IdentifierFault> {
        super::gb11643(value, TODAY)
    }

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
        for typed in [" 11010519491231002x ", "１１０１０５１９４９１２３１００２Ｘ"] {
            let typed = normalise(IdentifierKind::Gb11643, typed);
            assert_eq!(check(IdentifierKind::Gb11643, &typed, TODAY), Ok(()));
        }
        assert_eq!(normalise(IdentifierKind::None, " as is "), " as is ");
        let blank = normalise(IdentifierKind::Gb11643, "110105 1949123100");
        assert_eq!(check(IdentifierKind::Gb11643, &blank, TODAY), Err(IdentifierFault::Length { found: 17 }));
        let blank = normalise(IdentifierKind::Gb11643, "110105 19491231002");
        assert_eq!(check(IdentifierKind::Gb11643, &blank, TODAY), Err(IdentifierFault::Character { place: 7 }));
    }

    // The last character that makes the rest right.
    fn person(seventeen: &str) -> String {
        let fits = GB11643_CHECKS.iter().map(|c| format!("{seventeen}{}", char::from(*c)));
        let wrong = Err(IdentifierFault::CheckDigit);
        fits.clone().find(|one| gb11643(one) != wrong).unwrap()
    }

    fn company(seventeen: &str) -> String {
        let fits = GB32100_ALPHABET.iter().map(|c| format!("{seventeen}{}", char::from(*c)));
        let wrong = Err(IdentifierFault::CheckDigit);
        fits.clone().find(|one| gb32100(one) != wrong).unwrap()
    }

    // proves: P-04
    #[test]
    fn a_person_is_born_somewhere_and_not_tomorrow() {
        for region in ["110101", "421083", "460000", "810000", "820000", "830000", "911124", "933356"] {
            assert_eq!(gb11643(&person(&format!("{region}19900307001"))), Ok(()), "{region}");
        }
        for region in ["000000", "999999", "100000", "160101", "700000", "840000", "900101"] {
            let place = if region.starts_with('9') { 2 } else { 1 };
            let fault = Err(IdentifierFault::Region { place });
            assert_eq!(gb11643(&person(&format!("{region}19900307001"))), fault, "{region}");
        }
        assert_eq!(gb11643(&person("11010120260402001")), Ok(()));
        for day in ["20260403", "20990101", "17991231", "19900230"] {
            assert_eq!(gb11643(&person(&format!("110101{day}001"))), Err(IdentifierFault::BirthDate), "{day}");
        }
    }

    // proves: P-04
    #[test]
    fn an_organisation_is_registered_by_a_department_somewhere() {
        for head in [
            "91350100", "12100000", "13100000", "52310000", "31440000", "81110000", "N2330106", "Y1510000", "A1110000",
            "91660000",
        ] {
            assert_eq!(gb32100(&company(&format!("{head}M000100Y4"))), Ok(()), "{head}");
        }
        for (head, place) in
            [("01350100", 1), ("B1350100", 1), ("94350100", 2), ("11000000", 3), ("91999999", 3), ("91000000", 3)]
        {
            assert_eq!(
                gb32100(&company(&format!("{head}M000100Y4"))),
                Err(IdentifierFault::Region { place }),
                "{head}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,24}") {
            let _ = (gb11643(&text), gb32100(&text));
        }

        #[test]
        fn exactly_one_check_character_fits(body in "91(11|35|46)[0-9]{4}[0-9A-HJ-NP-RTUWXY]{9}") {
            let fits = GB32100_ALPHABET.iter().filter(|c| gb32100(&format!("{body}{}", char::from(**c))).is_ok());
            prop_assert_eq!(fits.count(), 1);
        }
    }
}
