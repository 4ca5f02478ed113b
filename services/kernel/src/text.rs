//! The one rule for texts: what a string of a request may hold.
//!
//! Refused are characters that nobody sees or that nobody knows: control characters, zero-width characters, soft
//! hyphens, byte order marks, variation selectors, direction marks, tags, code points that are unassigned or of private
//! use, and the replacement character that a wrong decoder leaves behind. Two values that look the same to a reader are
//! then two spellings of visible characters, which the search form of the vault folds.
//!
//! Visible text in every living script passes. Joiners (U+200C, U+200D) pass where the script needs them, by the rules
//! CONTEXTJ of RFC 5892: after a virama, and U+200C between letters that would join. Mongolian selectors pass after a
//! Mongolian letter.
//!
//! The server applies the rule to every request before it is decoded ([`check`]), so that no handler can forget it. The
//! same walk brings UUIDs into small letters.

mod plan;

pub use plan::{Refused, UUID, check};

use icu_properties::props::{CanonicalCombiningClass, DefaultIgnorableCodePoint, GeneralCategory, JoiningType};
use icu_properties::{CodePointMapData, CodePointMapDataBorrowed, CodePointSetData, CodePointSetDataBorrowed};

const CATEGORY: CodePointMapDataBorrowed<'static, GeneralCategory> = CodePointMapData::<GeneralCategory>::new();
const IGNORABLE: CodePointSetDataBorrowed<'static> = CodePointSetData::new::<DefaultIgnorableCodePoint>();
const JOINING: CodePointMapDataBorrowed<'static, JoiningType> = CodePointMapData::<JoiningType>::new();
const CLASS: CodePointMapDataBorrowed<'static, CanonicalCombiningClass> =
    CodePointMapData::<CanonicalCombiningClass>::new();

const ZWNJ: char = '\u{200c}';
const ZWJ: char = '\u{200d}';

/// Whether a text may have lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lines {
    /// One line: no control character at all.
    One,
    /// Line feeds, tabs, and a carriage return before a line feed.
    Many,
}

/// A character that a text must not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("holds {what} (U+{code:04X}) at place {place}")]
pub struct Flaw {
    what: &'static str,
    code: u32,
    place: usize,
}

/// The first character of `text` that it must not hold. Cheap: plain ASCII is one pass over its bytes, and common
/// Chinese characters need no look into a table.
pub fn flaw(text: &str, lines: Lines) -> Option<Flaw> {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return None;
    }
    let mut letters = text.char_indices().enumerate();
    letters.find_map(|(at, (start, letter))| {
        let what = wrong(text, start, letter, lines)?;
        Some(Flaw { what, code: letter.into(), place: at + 1 })
    })
}

fn wrong(text: &str, start: usize, letter: char, lines: Lines) -> Option<&'static str> {
    match letter {
        ' '..='~' | '\u{4e00}'..='\u{9fff}' => return None,
        '\n' | '\t' if lines == Lines::Many => return None,
        '\r' if lines == Lines::Many && text[start..].starts_with("\r\n") => return None,
        '\n' | '\r' if lines == Lines::One => return Some("a line break"),
        ZWNJ | ZWJ => return (!may_join(text, start, letter)).then_some("a joiner where none belongs"),
        '\u{180b}'..='\u{180f}' if before(text, start).is_some_and(is_mongolian) => return None,
        '\u{fffd}' => return Some("the sign of a wrong encoding"),
        _ => {}
    }
    match CATEGORY.get(letter) {
        GeneralCategory::Control | GeneralCategory::LineSeparator | GeneralCategory::ParagraphSeparator => {
            Some("a control character")
        }
        GeneralCategory::Unassigned | GeneralCategory::Surrogate => Some("an unassigned character"),
        GeneralCategory::PrivateUse => Some("a character of private use"),
        GeneralCategory::Format if !is_shown(letter) => Some("an invisible character"),
        _ if IGNORABLE.contains(letter) => Some("an invisible character"),
        _ => None,
    }
}

// Signs before Arabic, Syriac and Kaithi numbers: of category Format, and visible.
fn is_shown(letter: char) -> bool {
    matches!(letter, '\u{600}'..='\u{605}' | '\u{6dd}' | '\u{70f}' | '\u{890}'..='\u{891}' | '\u{8e2}')
        || matches!(letter, '\u{110bd}' | '\u{110cd}')
}

fn is_mongolian(letter: char) -> bool {
    matches!(letter, '\u{1820}'..='\u{18aa}' | '\u{180b}'..='\u{180f}')
}

fn before(text: &str, start: usize) -> Option<char> {
    text[..start].chars().next_back()
}

// RFC 5892, appendix A.1 and A.2.
fn may_join(text: &str, start: usize, joiner: char) -> bool {
    if before(text, start).is_some_and(|letter| CLASS.get(letter) == CanonicalCombiningClass::Virama) {
        return true;
    }
    let opaque = |letter: &char| JOINING.get(*letter) != JoiningType::Transparent;
    let left = text[..start].chars().rev().find(opaque).map(|letter| JOINING.get(letter));
    let right = text[start + joiner.len_utf8()..].chars().find(opaque).map(|letter| JOINING.get(letter));
    joiner == ZWNJ
        && matches!(left, Some(JoiningType::LeftJoining | JoiningType::DualJoining))
        && matches!(right, Some(JoiningType::RightJoining | JoiningType::DualJoining))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_sees_or_knows_is_refused_and_told_by_its_code_and_place() {
        let hidden = [
            '\0',
            '\u{1b}',
            '\u{7f}',
            '\u{85}',
            '\u{ad}',
            '\u{34f}',
            '\u{61c}',
            '\u{115f}',
            '\u{180e}',
            '\u{200b}',
            '\u{200c}',
            '\u{200d}',
            '\u{200e}',
            '\u{202e}',
            '\u{2028}',
            '\u{2060}',
            '\u{2066}',
            '\u{3164}',
            '\u{e000}',
            '\u{fe0f}',
            '\u{feff}',
            '\u{ffa0}',
            '\u{fff9}',
            '\u{fffd}',
            '\u{ffff}',
            '\u{378}',
            '\u{e0041}',
            '\u{e0100}',
            '\u{f0000}',
            '\u{10ffff}',
        ];
        for letter in hidden {
            for text in [format!("a{letter}b"), format!("客{letter}户")] {
                let found = flaw(&text, Lines::Many).unwrap_or_else(|| panic!("U+{:04X} passed", u32::from(letter)));
                assert_eq!(found.place, 2);
                assert!(found.to_string().contains(&format!("U+{:04X}", u32::from(letter))), "{found}");
                assert!(!found.to_string().contains('客'));
            }
        }
    }

    #[test]
    fn text_that_people_write_passes() {
        let written = [
            "",
            "DUP-1",
            "上海某某有限公司（徐汇）",
            "𠮷野家 䶮 〇",
            "阿凡提·买买提",
            "Ünïted e\u{301} Ж",
            "عبد الله",
            "12 %；“引”——…",
            "क्\u{200d}ष",
            "می\u{200c}خواهم",
            "ᠮᠣᠩ\u{180b}ᠭᠣᠯ",
            "👍",
            "￥1,000",
            "\u{3000}",
            "\u{600}12",
        ];
        for text in written {
            assert_eq!(flaw(text, Lines::One), None, "{text:?}");
        }
    }

    #[test]
    fn lines_pass_only_where_a_text_has_lines() {
        for text in ["a\nb", "a\tb", "a\r\nb"] {
            assert_eq!(flaw(text, Lines::Many), None);
            assert!(flaw(text, Lines::One).is_some());
        }
        assert!(flaw("a\rb", Lines::Many).is_some());
    }

    // The rule runs over every string of every call. The bound is generous: it catches a table look-up that became a
    // search, not a slow machine.
    #[test]
    fn a_megabyte_is_judged_in_a_moment() {
        let text = "上海é某有限公司 plain ".repeat(40_000);
        let begun = std::time::Instant::now();
        assert_eq!(flaw(&text, Lines::One), None);
        assert!(begun.elapsed() < std::time::Duration::from_secs(2), "{:?}", begun.elapsed());
    }
}
