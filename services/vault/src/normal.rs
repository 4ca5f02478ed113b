//! One spelling for values that mean the same, so that a search finds them: blind indexes compare bytes.

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// How values of a field are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Names, addresses, titles: NFKC, lower case, white space trimmed and runs of it made one space.
    Text,
    /// Telephone numbers: digits only, without `00` or a Chinese mobile number's country code.
    Phone,
    /// Numbers of documents, accounts, registers: NFKC, lower case, without white space and hyphens.
    Identifier,
}

/// The value as it is compared; empty when nothing of it counts.
pub fn normal(kind: Kind, value: &str) -> Zeroizing<String> {
    let plain = plain(value);
    Zeroizing::new(match kind {
        Kind::Text => words(&plain),
        Kind::Phone => digits(&plain),
        Kind::Identifier => composed(plain.chars().filter(|letter| !letter.is_whitespace() && !is_hyphen(*letter))),
    })
}

/// A name as its substrings are compared: as [`Kind::Text`], without any white space.
pub fn folded(value: &str) -> Zeroizing<String> {
    Zeroizing::new(composed(plain(value).chars().filter(|letter| !letter.is_whitespace())))
}

/// Whether `name` contains `part`, as substring search understands it. The index gives candidates; this decides.
pub fn contains(name: &str, part: &str) -> bool {
    folded(name).contains(folded(part).as_str())
}

// Lower-casing can leave a decomposed letter behind (U+0130), hence the second pass.
fn plain(value: &str) -> Zeroizing<String> {
    let lower: Zeroizing<String> = Zeroizing::new(value.nfkc().flat_map(char::to_lowercase).collect());
    Zeroizing::new(lower.nfkc().collect())
}

// A mark that stood behind white space (U+00B8 comes out as space and cedilla) now joins the letter before.
fn composed(letters: impl Iterator<Item = char>) -> String {
    letters.nfkc().collect()
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

fn digits(value: &str) -> String {
    let mut digits: String = value.chars().filter(char::is_ascii_digit).collect();
    if digits.starts_with("00") {
        digits.drain(..2);
    }
    // 86 and the 11 digits of a mobile number: the same telephone with and without its country code.
    if digits.len() == 13 && digits.starts_with("861") {
        digits.drain(..2);
    }
    digits
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
        ];
        for (kind, value, expected) in same {
            assert_eq!(normal(kind, value).as_str(), expected, "{value}");
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
