//! Telephone numbers as they are compared, however a form or an exchange writes them.
//!
//! A number of this country is its national one: a mobile number without, a line with the zero before its area. Left out are `+86`,
//! `0086` and `86`, the zero that exchanges put before a mobile number from elsewhere, and an extension that is marked as one: behind
//! `转`, `#`, `*`, `,`, `x`, `ext`, or as a last group behind the 7 or 8 digits of a line, with its area or without. A last group
//! behind a mobile number stays: of numbers that hide others it says which. Not folded: a line without its area; of several numbers
//! in one value the first alone is found, and only before a comma.

use unicode_normalization::UnicodeNormalization;

/// What marks an extension, in lower case.
const MARKS: [char; 5] = ['转', '轉', '#', '*', ','];
/// Most digits of an extension.
const EXTENSION: usize = 6;

/// The digits by which a number is compared; empty when there are none.
pub(crate) fn digits(value: &str) -> String {
    let plain: String = value.nfkc().flat_map(char::to_lowercase).collect();
    let number = main(&plain);
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let international = number.trim_start().starts_with('+') || digits.starts_with("00");
    national(digits.strip_prefix("00").unwrap_or(&digits), international)
}

// Without its extension.
fn main(text: &str) -> &str {
    let marked =
        text.find(MARKS).into_iter().chain(text.find("ext")).chain(text.find('x')).filter(|at| has_digit(text, *at));
    let text = marked.min().and_then(|at| text.get(..at)).unwrap_or(text);
    let count = |part: &str| part.chars().filter(char::is_ascii_digit).count();
    match text.rsplit_once('-') {
        Some((line, last)) if (1..=EXTENSION).contains(&count(last)) => {
            let group = line.rsplit(['-', ' ', ')']).next().unwrap_or(line);
            let whole = count(group) == group.chars().count();
            let line_or_area =
                (7..=8).contains(&count(group)) || (group.starts_with('0') && (10..=12).contains(&count(group)));
            if whole && line_or_area { line } else { text }
        }
        _ => text,
    }
}

// A mark before all digits marks no extension.
fn has_digit(text: &str, at: usize) -> bool {
    text.get(..at).is_some_and(|before| before.contains(|letter: char| letter.is_ascii_digit()))
}

fn national(digits: &str, international: bool) -> String {
    let Some(rest) = digits.strip_prefix("86") else { return unprefixed(digits).to_owned() };
    match rest.len() {
        11 if rest.starts_with('1') => rest.to_owned(),
        10..=12 if rest.starts_with('0') => unprefixed(rest).to_owned(),
        10 if rest.starts_with('4') || rest.starts_with('8') => rest.to_owned(),
        9..=11 => format!("0{rest}"),
        _ if international => rest.to_owned(),
        _ => digits.to_owned(),
    }
}

// A mobile number from elsewhere; the area 010 has 8 digits behind it, so its numbers are shorter.
fn unprefixed(digits: &str) -> &str {
    match digits.strip_prefix('0') {
        Some(mobile) if mobile.len() == 11 && mobile.starts_with('1') && !mobile.starts_with("10") => mobile,
        _ => digits,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_number_is_one_however_it_arrives() {
        let same: [(&str, &[&str]); 5] = [
            (
                "13800138000",
                &[
                    "138-0013-8000",
                    "+86 138 0013 8000",
                    "0086-13800138000",
                    "8613800138000",
                    "013800138000",
                    "１３８００１３８０００",
                ],
            ),
            (
                "02155550001",
                &[
                    "021-55550001",
                    "(021)5555 0001",
                    "+86 21 5555 0001",
                    "+86 (0)21 55550001",
                    "86-21-55550001",
                    "008602155550001",
                    "021-55550001-8012",
                    "021 55550001转8012",
                    "021-55550001 ext. 12",
                    "02155550001,,8012",
                    "02155550001-801",
                    "021-55550001#8",
                ],
            ),
            ("07551234567", &["0755-1234567", "+86 755 1234567", "0755-1234567-1"]),
            ("4008208820", &["400-820-8820", "+86 400 820 8820"]),
            ("95588", &["95588", "+86 95588", "0086 95588"]),
        ];
        for (number, spellings) in same {
            for spelling in spellings {
                assert_eq!(digits(spelling), number, "{spelling}");
            }
        }
    }

    #[test]
    fn other_numbers_stay_others() {
        for (one, other) in [
            ("8695588", "95588"),
            ("17012345678-1234", "17012345678"),
            ("86550001", "550001"),
            ("0755-8888-1234", "07558888"),
            ("+1 212 555 0100", "2125550100"),
        ] {
            assert_ne!(digits(one), digits(other), "{one}");
        }
        assert_eq!(digits("01065123456"), "01065123456");
        assert_eq!(digits("*67"), "67");
        assert_eq!(digits("none"), "");
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(value in "[0-9+() ,#x转-]{0,24}") {
            let once = digits(&value);
            prop_assert_eq!(&digits(&once), &once);
            prop_assert!(once.bytes().all(|one| one.is_ascii_digit()));
        }
    }
}
