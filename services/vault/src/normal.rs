//! One spelling for values that mean the same, so that a search finds them: blind indexes compare bytes.
//!
//! | folded in names and other texts | |
//! |---|---|
//! | width, ligatures, compatibility ideographs, Kangxi radicals | NFKC; the other radicals by their look |
//! | case, and letters that look alike across scripts | `shape.rs` |
//! | marks on Latin letters | `Lü`, `lu`; `ø`, `ß`, `æ` are letters of their own |
//! | traditional and simplified characters | `張`, `张`, by the table of `data/README.md` |
//! | dots between the parts of a name, and the white space around them | `阿凡提·买买提` |
//!
//! Not folded: characters that are variants of each other without being a traditional and a simplified one (`堃`, `坤`), the words of
//! regions, numbers in characters and in digits, `&` and `和`, and nothing at all in identifiers but what [`Kind::Identifier`] says: two
//! units must not become one by a fold. How a name is said is a matter of [`sound`](crate::sound).
//!
//! A change here changes tokens that stores keep: it comes with a migration of profile that puts its files on the list of
//! those to be indexed anew.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_script::{Script, UnicodeScript};
use zeroize::Zeroizing;

use crate::han::simplified;
use crate::shape::shape;
use crate::sound::Heard;
use crate::telephone::digits;

/// How values of a field are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Names, addresses, titles: folded as the table above says, white space trimmed and runs of it made one space.
    Text,
    /// Telephone numbers: the digits of the national number, without an extension; `telephone.rs` says how.
    Phone,
    /// Numbers of documents, accounts, registers: NFKC, lower case, letters that look alike across scripts made one,
    /// without white space and hyphens.
    Identifier,
}

/// The value as it is compared; empty when nothing of it counts.
pub fn normal(kind: Kind, value: &str) -> Zeroizing<String> {
    Zeroizing::new(match kind {
        Kind::Text => settled(value, |text| words(&undotted(&written(text)))),
        Kind::Phone => digits(value),
        Kind::Identifier => {
            let kept = |letter: &char| !letter.is_whitespace() && !is_hyphen(*letter);
            settled(value, |text| text.chars().filter(kept).collect())
        }
    })
}

/// A name as its substrings are compared: as [`Kind::Text`], without any white space.
pub fn folded(value: &str) -> Zeroizing<String> {
    let close = |text: &str| undotted(&written(text)).chars().filter(|letter| !letter.is_whitespace()).collect();
    Zeroizing::new(settled(value, close))
}

/// Whether `name` contains `part`, as it is written or as it is said. The index gives candidates; this decides.
pub fn contains(name: &str, part: &str) -> bool {
    folded(name).contains(folded(part).as_str()) || Heard::read(part).is_some_and(|heard| heard.is_of(name))
}

// Latin letters without their marks, and characters in their simplified form.
fn written(text: &str) -> String {
    let mut latin = false;
    let plain = |letter: &char| {
        let mark = is_combining_mark(*letter);
        latin = if mark { latin } else { letter.script() == Script::Latin };
        !(mark && latin)
    };
    text.nfd().filter(plain).map(simplified).nfc().collect()
}

// What is left out can bring letters together that are one letter then (U+00B8 comes out as space and cedilla, a mark
// that joins the letter before), so it goes round until nothing changes.
fn settled(value: &str, drop: impl Fn(&str) -> String) -> String {
    let mut now = drop(&shape(value));
    for _ in 0..MOST_ROUNDS {
        let next = drop(&shape(&now));
        if next == now {
            break;
        }
        now = next;
    }
    now
}

const MOST_ROUNDS: usize = 8;

/// Without the dots that stand between the parts of a name, and the white space around them: `阿凡提·买买提`, written
/// with any of the dots that keyboards have, or with none. A full stop is such a dot only beside a letter outside ASCII.
fn undotted(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let beside =
        |at: Option<usize>| at.and_then(|at| letters.get(at)).is_some_and(|one| !one.is_ascii() && one.is_alphabetic());
    let dropped = |at: usize| match letters[at] {
        '.' => beside(at.checked_sub(1)) || beside(Some(at + 1)),
        letter => is_dot(letter),
    };
    let mut kept = String::with_capacity(text.len());
    for (at, letter) in letters.iter().enumerate() {
        if dropped(at) {
            kept.truncate(kept.trim_end().len());
        } else if !(letter.is_whitespace() && before(&letters, at).is_some_and(dropped)) {
            kept.push(*letter);
        }
    }
    kept
}

// The nearest place before `at` that is no white space.
fn before(letters: &[char], at: usize) -> Option<usize> {
    letters[..at].iter().rposition(|letter| !letter.is_whitespace())
}

fn is_dot(letter: char) -> bool {
    matches!(
        letter,
        '\u{b7}'
            | '\u{387}'
            | '\u{2022}'
            | '\u{2024}'
            | '\u{2027}'
            | '\u{2219}'
            | '\u{22c5}'
            | '\u{25cf}'
            | '\u{2981}'
            | '\u{30fb}'
            | '\u{ff65}'
            | '\u{fe52}'
            | '\u{a78f}'
            | '\u{16eb}'
            | '\u{10101}'
            | '\u{2e31}'
            | '\u{2e33}'
    )
}

fn words(value: &str) -> String {
    let mut whole = String::with_capacity(value.len());
    for word in value.split_whitespace() {
        if !whole.is_empty() {
            whole.push(' ');
        }
        whole.push_str(word);
    }
    whole
}

fn is_hyphen(letter: char) -> bool {
    matches!(letter, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spellings_that_mean_the_same_are_one() {
        let same = [
            (Kind::Text, "  Ｗａｎｇ\u{3000}Xiaoming ", "wang xiaoming"),
            (Kind::Text, "ＡＢＣ（上海）", "abc(上海)"),
            (Kind::Phone, "+86 138-0013 8000", "13800138000"),
            (Kind::Phone, "0086 13800138000", "13800138000"),
            (Kind::Phone, "１３８００１３８０００", "13800138000"),
            (Kind::Phone, "(010) 6512-3456", "01065123456"),
            (Kind::Phone, "none", ""),
            (Kind::Identifier, "11010519491231002X", "11010519491231002x"),
            (Kind::Identifier, " 9135-0100 M000100Y43", "91350100m000100y43"),
            (Kind::Text, " \t", ""),
            (Kind::Identifier, "DUP-1", "dup1"),
            (Kind::Identifier, "DU\u{420}\u{2011}1", "dup1"),
            (Kind::Identifier, "DUP-O", "dupo"),
            (Kind::Text, "a.b@example.com", "a.b@example.com"),
            (Kind::Text, "J. R. Smith", "j. r. smith"),
            (Kind::Text, "Zoë Müller", "zoe muller"),
            (Kind::Text, "臺灣銀行", "台湾银行"),
            (Kind::Text, "\u{2f63}", "生"),
            (Kind::Text, "\u{2ee2}", "马"),
            (Kind::Text, "\u{f9e1}", "李"),
            (Kind::Identifier, "張\u{eb}", "張\u{eb}"),
        ];
        for (kind, value, expected) in same {
            assert_eq!(normal(kind, value).as_str(), expected, "{value}");
        }
    }

    #[test]
    fn a_name_is_one_with_any_dot_between_its_parts_and_with_none() {
        for dot in ["·", "•", "・", "･", "‧", "．", ".", "∙", "⋅", " · ", "・ ", ""] {
            let name = format!("阿凡提{dot}买买提");
            assert_eq!(normal(Kind::Text, &name).as_str(), "阿凡提买买提", "{name}");
            assert!(contains(&name, "提买") && contains("阿凡提·买买提", &name), "{name}");
        }
    }

    #[test]
    fn a_part_of_a_name_is_found_in_any_width_case_and_spacing() {
        assert!(contains("上海 Ｄｏｓｓｉｅｒ 有限公司", "dossier有限"));
        assert!(contains("王小明", "小"));
        assert!(contains("王小明", ""));
        assert!(!contains("王小明", "大"));
    }

    proptest! {
        #[test]
        fn normalising_twice_changes_nothing(value: String) {
            for kind in [Kind::Text, Kind::Identifier] {
                let once = normal(kind, &value);
                prop_assert!(normal(kind, &once) == once);
            }
            let once = folded(&value);
            prop_assert!(folded(&once) == once);
        }
    }
}
