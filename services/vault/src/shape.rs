//! What a letter looks like: one letter for all that a reader cannot tell apart.
//!
//! The table is that of UTS 39 (confusables). Two rules keep different values apart: a letter of ASCII stays what it is
//! (`0` and `O`, `1` and `l` are two), and within one script nothing is folded but what looks like ASCII (no two
//! ideographs become one). Cyrillic `Р`, Greek `Ρ` and Latin `P` are then one letter, `口` and katakana `ロ` as well.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;
use unicode_script::UnicodeScript;
use unicode_security::confusable_detection::skeleton;

/// `text` in lower case and NFKC, every letter replaced by the one that it looks like. Applying it twice changes nothing.
pub(crate) fn shape(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return if text.bytes().any(|c| c.is_ascii_uppercase()) {
            text.to_ascii_lowercase().into()
        } else {
            text.into()
        };
    }
    let mut now = once(text);
    // A prototype may itself be lowered into a letter with a prototype, and a mark may join another letter.
    for _ in 0..MOST {
        let next = once(&now);
        if next == now {
            break;
        }
        now = next;
    }
    now.into()
}

/// No text was found that needs more than three rounds.
const MOST: usize = 8;

fn once(text: &str) -> String {
    let plain: String = text.nfkc().collect();
    let mut folded = String::with_capacity(plain.len());
    // Letter and mark apart, so that a marked letter is folded as the plain one is.
    for letter in plain.nfkd() {
        fold(letter, &mut folded);
    }
    folded.nfkc().collect()
}

fn fold(letter: char, out: &mut String) {
    let other = |mut cases: Vec<char>| cases.pop().filter(|one| *one != letter && cases.is_empty());
    let cases = [Some(letter), other(letter.to_lowercase().collect()), other(letter.to_uppercase().collect())];
    if let Some(looks) = cases.into_iter().flatten().find_map(ascii) {
        out.push_str(&looks);
        return;
    }
    let alike: String = skeleton(letter.encode_utf8(&mut [0; 4])).collect();
    let mut one = alike.chars();
    let foreign = one.next().filter(|found| one.next().is_none() && found.script() != letter.script());
    out.extend(foreign.unwrap_or(letter).to_lowercase());
}

/// The ASCII text, in lower case, that the letter looks like.
fn ascii(letter: char) -> Option<String> {
    if letter.is_ascii() {
        return Some(letter.to_ascii_lowercase().to_string());
    }
    let alike: String = skeleton(letter.encode_utf8(&mut [0; 4])).collect();
    if alike.is_empty() || !alike.is_ascii() {
        return None;
    }
    // The table has one form for `l`, `I`, `1` and `|`, and writes `m` as `rn`.
    Some(match alike.as_str() {
        "l" if letter.is_uppercase() => "i".to_owned(),
        "rn" => "m".to_owned(),
        _ => alike.to_ascii_lowercase(),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn letters_of_other_scripts_are_the_ascii_letters_they_look_like() {
        let alike = [
            ("DUР-1", "dup-1"),
            ("ＤＵＰ－１", "dup-1"),
            ("𝐃𝐔𝐏-𝟏", "dup-1"),
            ("АВСЕНІКМОРТХ", "abcehikmoptx"),
            ("ΑΒΕΗΙΚΜΝΟΡΤΧΖ", "abehikmnoptxz"),
            ("асеорху", "aceopxy"),
            ("ё", "ë"),
            ("ロ", "口"),
            ("二〇", "二o"),
            ("—", "—"),
        ];
        for (one, other) in alike {
            assert_eq!(shape(one), shape(other), "{one}");
        }
        assert_eq!(shape("DUР-1"), "dup-1");
    }

    #[test]
    fn what_a_reader_tells_apart_stays_apart() {
        let apart = [
            ("O", "0"),
            ("l", "1"),
            ("I", "1"),
            ("I", "l"),
            ("m", "rn"),
            ("王", "玉"),
            ("土", "士"),
            ("日", "曰"),
            ("未", "末"),
        ];
        for (one, other) in apart {
            assert_ne!(shape(one), shape(other), "{one} {other}");
        }
    }

    #[test]
    fn case_is_no_difference_in_any_script_but_where_capitals_look_like_another_letter() {
        for (one, other) in [("НОМЕР", "номер"), ("ABC", "abc"), ("Ж", "ж"), ("É", "é")] {
            assert_eq!(shape(one), shape(other), "{one}");
        }
    }

    proptest! {
        #[test]
        fn shaping_twice_changes_nothing(text: String) {
            let once = shape(&text).into_owned();
            prop_assert_eq!(shape(&once).into_owned(), once);
        }

        #[test]
        fn ascii_is_only_lowered(text in "[ -~]{0,20}") {
            prop_assert_eq!(shape(&text).into_owned(), text.to_ascii_lowercase());
        }
    }
}
