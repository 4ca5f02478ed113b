//! Blind indexes: searching sealed values without opening them.
//!
//! An exact token is HMAC-SHA256 of the normalised value under the org's index key, cut to 16 bytes. Names carry a set
//! of gram tokens, 8 bytes each, one for every pair of neighbours, so that "contains" becomes set inclusion: one fewer than
//! a name has letters; what the tokens find is a candidate that [`contains`](crate::normal::contains) confirms after opening.
//!
//! What a thief of the store learns without the keyring: which rows of one field share a value (or a pair of letters)
//! within one org, and how often. Never across orgs or fields, which have different tokens. All levels share the key of the
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

    fn tokens<'a>(&self, org: &str, field: &str, parts: impl Iterator<Item = &'a str>) -> Result<Vec<Gram>> {
        let cut = |part| -> Result<Gram> { Ok(head(&self.token(org, b"gram", field, part)?)) };
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
        let stored: HashSet<_> = index.grams("demo", "name", name).unwrap().into_iter().collect();
        index.query("demo", "name", part).unwrap().iter().all(|token| stored.contains(token))
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

    proptest! {
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
