//! Blind indexes: searching sealed values without opening them.
//!
//! An exact token is HMAC-SHA256 of the normalised value under the org's index key, cut to 16 bytes. Names carry a set
//! of gram tokens, 8 bytes each, one for every pair of neighbours, so that "contains" becomes set inclusion: one fewer than
//! a name has letters; what the tokens find is a candidate that [`contains`](crate::normal::contains) confirms after opening.
//!
//! A name in characters has tokens of its sound besides, of a use of their own: one for the readings of every pair of neighbours, and
//! one for its initials, the first four at most. A character with several readings has them all. A name of n characters that are read
//! in one way has n - 1 tokens of its letters, n - 1 of its sound and 1 of its initials: 5 for 3 characters, 23 for 12. No
//! name has more than its first [`LONGEST`](crate::sound::LONGEST) characters read.
//!
//! What a thief of the store learns without the keyring: which rows of one field share a value, a pair of letters, the sound of a
//! pair, or the initials of a whole name or of its first four letters, within one org, and how often. The sound says less than
//! the pair that is stored anyway, except that it joins pairs that are written differently. There is no token of a single letter,
//! of a single reading or of one or two initials of a longer name: these have few values and would betray themselves. Never across
//! orgs or fields, which have different tokens. All levels share the key of the
//! org: who reads the store and may also create files can try a value and see whether a confidential file has it. A key for
//! each level would not end that, because the unit of a file must compare across all levels, or a unit could have two open
//! files (P-02); it would make a search as many searches as there are levels. Fields with few values
//! (sex, level) would betray themselves by frequency: do not index them.

use hmac::{Hmac, KeyInit, Mac};
use secrecy::ExposeSecret;
use sha2::Sha256;

use crate::encode;
use crate::error::{Fault, Result};
use crate::normal::{Kind, folded, normal};
use crate::provider::{Purpose, SharedProvider};
use crate::scopes::Scopes;
use crate::sound::{Heard, Sounds, namesakes, sounds};

/// What an exact search compares; 128 bits, so that two values never meet by chance.
pub type Token = [u8; 16];

/// What a substring search compares; chance meetings cost one superfluous unsealing.
pub type Gram = [u8; 8];

/// Letters of a gram.
const PAIR: usize = 2;

/// Makes the tokens of every org.
#[derive(Debug)]
pub struct BlindIndex {
    provider: SharedProvider,
    keys: Scopes<Hmac<Sha256>>,
}

// === impl BlindIndex ===

impl BlindIndex {
    /// Tokens under the index keys of `provider`.
    pub fn new(provider: SharedProvider) -> Self {
        Self { provider, keys: Scopes::default() }
    }

    /// The token of `value` in `field`; `None` when nothing of it counts (an empty text, a telephone without digits),
    /// which is to be stored as NULL and matches nothing.
    ///
    /// # Errors
    /// [`NoKey`](Fault::NoKey), or the provider's own fault.
    pub fn exact(&self, org: &str, field: &str, kind: Kind, value: &str) -> Result<Option<Token>> {
        let value = normal(kind, value);
        if value.is_empty() {
            return Ok(None);
        }
        self.token(org, b"exact", field, &value).map(Some)
    }

    /// The tokens to store for a name: its pairs of letters, sorted and each once, so that they betray no order.
    ///
    /// # Errors
    /// As [`exact`](Self::exact).
    pub fn grams(&self, org: &str, field: &str, name: &str) -> Result<Vec<Gram>> {
        self.tokens(org, field, windows(&folded(name), PAIR))
    }

    /// The tokens a stored name must all have to contain `part`: its pairs. Empty for less than two letters: the tokens tell
    /// nothing of them.
    ///
    /// # Errors
    /// As [`exact`](Self::exact).
    pub fn query(&self, org: &str, field: &str, part: &str) -> Result<Vec<Gram>> {
        self.tokens(org, field, windows(&folded(part), PAIR))
    }

    /// The tokens to store for how a name is said.
    ///
    /// # Errors
    /// As [`exact`](Self::exact).
    pub fn sounds(&self, org: &str, field: &str, name: &str) -> Result<Vec<Gram>> {
        self.said(org, field, &sounds(name))
    }

    /// The tokens a stored name must all have to be said like `part`, for each way in which that can be read; no way for what is no
    /// sound of a name.
    ///
    /// # Errors
    /// As [`exact`](Self::exact).
    pub fn heard(&self, org: &str, field: &str, part: &str) -> Result<Vec<Vec<Gram>>> {
        let heard = Heard::read(part);
        heard.iter().flat_map(Heard::ways).map(|way| self.said(org, field, &way)).collect()
    }

    /// The tokens a stored name has that may be said like `name` as a whole, once by the first readings and once by the last.
    ///
    /// # Errors
    /// As [`exact`](Self::exact).
    pub fn namesakes(&self, org: &str, field: &str, name: &str) -> Result<Vec<Vec<Gram>>> {
        namesakes(name).into_iter().map(|way| self.cut(org, b"sound", field, way.iter().map(String::as_str))).collect()
    }

    fn said(&self, org: &str, field: &str, sounds: &Sounds) -> Result<Vec<Gram>> {
        let mut tokens = self.cut(org, b"sound", field, sounds.pairs.iter().map(String::as_str))?;
        tokens.extend(self.cut(org, b"initials", field, sounds.initials.iter().map(String::as_str))?);
        Ok(tokens)
    }

    fn tokens<'a>(&self, org: &str, field: &str, parts: impl Iterator<Item = &'a str>) -> Result<Vec<Gram>> {
        self.cut(org, b"gram", field, parts)
    }

    fn cut<'a>(&self, org: &str, use_: &[u8], field: &str, parts: impl Iterator<Item = &'a str>) -> Result<Vec<Gram>> {
        let cut = |part| -> Result<Gram> { Ok(head(&self.token(org, use_, field, part)?)) };
        let mut tokens = parts.map(cut).collect::<Result<Vec<_>>>()?;
        tokens.sort_unstable();
        tokens.dedup();
        Ok(tokens)
    }

    fn token(&self, org: &str, use_: &[u8], field: &str, value: &str) -> Result<Token> {
        let version = self.provider.newest(Purpose::Index)?;
        let key = self.keys.get(version, org, || {
            let key = self.provider.derive(Purpose::Index, version, org)?;
            Hmac::new_from_slice(key.expose_secret()).map_err(|_| Fault::Malformed)
        })?;
        let mut mac = Hmac::clone(&key);
        encode::feed(&[use_, field.as_bytes(), value.as_bytes()], |bytes| mac.update(bytes));
        Ok(head(&mac.finalize().into_bytes()))
    }
}

fn head<const N: usize>(bytes: &[u8]) -> [u8; N] {
    std::array::from_fn(|at| bytes.get(at).copied().unwrap_or_default())
}

// Every run of `size` neighbouring letters.
fn windows(text: &str, size: usize) -> impl Iterator<Item = &str> {
    let starts = text.char_indices().map(|(at, _)| at);
    let ends = text.char_indices().map(|(at, letter)| at + letter.len_utf8()).skip(size - 1);
    starts.zip(ends).map(|(start, end)| &text[start..end])
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::sync::Arc;

    use dossier_kernel::id::System;
    use proptest::prelude::*;

    use super::*;
    use crate::keyring::Keyring;
    use crate::normal::contains;

    fn index() -> BlindIndex {
        let folder = tempfile::tempdir().unwrap();
        BlindIndex::new(Arc::new(Keyring::create(&folder.path().join("k"), &System).unwrap()))
    }

    fn found(index: &BlindIndex, name: &str, part: &str) -> bool {
        let mut stored: HashSet<_> = index.grams("demo", "name", name).unwrap().into_iter().collect();
        stored.extend(index.sounds("demo", "name", name).unwrap());
        let mut ways = index.heard("demo", "name", part).unwrap();
        ways.push(index.query("demo", "name", part).unwrap());
        ways.iter().any(|way| way.iter().all(|token| stored.contains(token)))
    }

    #[test]
    fn the_same_value_in_another_spelling_has_the_same_token() {
        let index = index();
        let token = |value| index.exact("demo", "phone", Kind::Phone, value).unwrap();
        assert!(token("13800138000").is_some());
        assert_eq!(token("13800138000"), token("+86 138 0013 8000"));
        assert_ne!(token("13800138000"), token("13800138001"));
        assert_eq!(token("none"), None);
    }

    #[test]
    fn org_field_use_and_keyring_separate_tokens() {
        let (one, two) = (index(), index());
        let exact = |index: &BlindIndex, org, field| index.exact(org, field, Kind::Text, "a").unwrap().unwrap();
        let mut tokens = vec![exact(&one, "demo", "name"), exact(&one, "other", "name"), exact(&one, "demo", "title")];
        tokens.push(exact(&two, "demo", "name"));
        assert_eq!(tokens.iter().collect::<HashSet<_>>().len(), 4);
        assert_ne!(one.grams("demo", "name", "ab").unwrap()[0][..], tokens[0][..8]);
    }

    #[test]
    fn grams_are_pairs_each_once_and_in_no_order_of_the_name() {
        let index = index();
        let grams = index.grams("demo", "name", "王小王小").unwrap();
        // 王小, 小王.
        assert_eq!(grams.len(), 2);
        assert!(grams.is_sorted());
        assert_eq!(index.query("demo", "name", "王").unwrap().len(), 0);
        assert_eq!(index.query("demo", "name", "王小").unwrap().len(), 1);
        assert_eq!(index.query("demo", "name", "王小王").unwrap().len(), 2);
        assert_eq!(index.query("demo", "name", " ").unwrap().len(), 0);
    }

    #[test]
    fn a_candidate_that_does_not_contain_the_part_is_sorted_out() {
        // All pairs of "abab" are in "xbaxab", the text is not: the index may say yes, `contains` says no.
        let index = index();
        assert!(found(&index, "xbaxab", "aba"));
        assert!(!contains("xbaxab", "aba"));
    }

    #[test]
    fn a_name_has_one_token_for_each_pair_one_for_its_sound_and_one_for_its_initials() {
        let index = index();
        let count = |name: &str| {
            let sounds = index.sounds("demo", "name", name).unwrap().len();
            (index.grams("demo", "name", name).unwrap().len(), sounds)
        };
        assert_eq!(count("王小明"), (2, 3));
        assert_eq!(count("上海大海贸易有限公司"), (9, 10));
        // Each reading with each: 曾 and 乐 have two.
        assert_eq!(count("曾乐"), (1, 4 + 4));
        assert_eq!(count("Dossier"), (6, 0));
        let mixed = index.sounds("demo", "name", "王小明").unwrap();
        assert!(mixed.iter().all(|token| !index.grams("demo", "name", "wangxiaoming").unwrap().contains(token)));
    }

    proptest! {
        #[test]
        fn nothing_that_is_said_like_the_part_is_missed(name in "[王小明张伟曾乐行吕·a ]{0,8}", part in "(zhang|wei|ceng|zeng|le|yue|lv|hang|xing|wang|x|m|z|w| ){1,4}") {
            let index = index();
            prop_assert!(!contains(&name, &part) || found(&index, &name, &part));
        }

        #[test]
        fn nothing_that_contains_the_part_is_missed(name in "[王小明a-cÀİß ]{0,12}", at: prop::sample::Index, long in 0..6usize) {
            let index = index();
            let letters: Vec<char> = name.chars().collect();
            let start = if letters.is_empty() { 0 } else { at.index(letters.len()) };
            let part: String = letters[start..(start + long).min(letters.len())].iter().collect();
            prop_assert!(contains(&name, &part));
            prop_assert!(found(&index, &name, &part));
        }
    }
}
