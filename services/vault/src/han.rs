//! Characters that are written in a traditional and in a simplified form, as one.
//!
//! The table is `data/simplified.txt`. It goes by single characters: 後 and 后 are one, and so are 乾 and 干. What is found too
//! much by that a reader sees at once, and what is not found nobody would.

use std::collections::HashMap;
use std::sync::LazyLock;

static SIMPLIFIED: LazyLock<HashMap<char, char>> = LazyLock::new(|| {
    let pair = |pair: &str| {
        let mut letters = pair.chars();
        Some((letters.next()?, letters.next()?))
    };
    include_str!("../data/simplified.txt").split_whitespace().filter_map(pair).collect()
});

/// The simplified form of a character; itself where it has none.
pub(crate) fn simplified(letter: char) -> char {
    if letter.is_ascii() { letter } else { SIMPLIFIED.get(&letter).copied().unwrap_or(letter) }
}

#[cfg(test)]
mod tests {
    use unicode_normalization::UnicodeNormalization;

    use super::*;

    #[test]
    fn both_forms_of_a_character_are_one() {
        let folded = |text: &str| text.chars().map(simplified).collect::<String>();
        assert_eq!(folded("張偉 陳龍 臺灣銀行"), "张伟 陈龙 台湾银行");
        assert_eq!(folded("張伟"), folded("张偉"));
        assert_ne!(folded("张"), folded("章"));
    }

    #[test]
    fn the_table_leads_to_characters_that_stay_what_they_are() {
        assert!(SIMPLIFIED.len() > 3000);
        for (from, to) in SIMPLIFIED.iter() {
            assert_eq!(simplified(*to), *to, "{from}{to}");
            assert_eq!([*from].into_iter().nfkc().collect::<String>(), from.to_string());
        }
    }
}
