//! Paths to fields: the one grammar of every place that names a field, such as filters, update masks and violations.
//!
//! ```text
//! path    = segment *("." (segment / row)) ; a row never first, never last
//! segment = [a-z][a-z0-9]* *("_" [a-z][a-z0-9]*)
//! row     = [0-9]+ / UUID in small letters
//! ```
//!
//! A segment is what the JSON of a field mask can carry there and back: `address_2` cannot, since no letter follows the `_`.

use std::fmt;

/// A path that follows the grammar, such as `state`, `fields.phone` or `lines.7.pages`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path(String);

// === impl Path ===

impl Path {
    /// The path that `text` spells; `None` when it follows the grammar nowhere or only in part.
    pub fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split('.').collect();
        let inside = |at: usize| at > 0 && at + 1 < parts.len();
        let fits = parts.iter().enumerate().all(|(at, part)| is_segment(part) || (inside(at) && is_row(part)));
        fits.then(|| Self(text.to_owned()))
    }

    /// The path as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `pattern` admits it: the path itself, or `prefix.*` for every path below `prefix`.
    pub fn is_like(&self, pattern: &str) -> bool {
        match pattern.strip_suffix(".*") {
            Some(prefix) => self.below(prefix).is_some(),
            None => pattern == self.0,
        }
    }

    /// What lies behind `prefix` and its dot: `phone` for `fields.phone` behind `fields`.
    pub fn below(&self, prefix: &str) -> Option<&str> {
        self.0.strip_prefix(prefix)?.strip_prefix('.')
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether `text` is one segment of a path: the name of a field, or a key under which a value of a map is found.
pub fn is_segment(text: &str) -> bool {
    text.split('_').all(|word| {
        word.starts_with(|c: char| c.is_ascii_lowercase())
            && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    })
}

/// Whether `text` is the id of a row: digits, or a UUID in its one spelling.
pub fn is_row(text: &str) -> bool {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits || uuid::Uuid::try_parse(text).is_ok_and(|id| id.to_string() == text)
}

/// What of `text` may be repeated to its author: no more than a path can hold.
pub fn echo(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_alphanumeric() || "._".contains(*c)).take(64).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_path_is_names_with_rows_between_them() {
        let row = "0190a5d2-0000-7000-8000-000000000007";
        for good in ["state", "fields.phone", "lines.7.pages", "a.b.c1_d2", &format!("lines.{row}.pages")] {
            assert_eq!(Path::parse(good).unwrap().to_string(), good);
        }
        let capital = format!("lines.{}.pages", row.to_uppercase());
        for wrong in [
            "",
            ".",
            "a.",
            ".a",
            "a..b",
            "address_2",
            "_a",
            "a_",
            "a__b",
            "A",
            "a-b",
            "7",
            "7.a",
            "lines.7",
            "a b",
            "ä",
            "lines.-7.pages",
            "lines.7a.pages",
            &capital,
        ] {
            assert_eq!(Path::parse(wrong), None, "{wrong}");
        }
        assert_eq!(Path::parse("fields.phone").unwrap().below("fields"), Some("phone"));
        assert_eq!(Path::parse("fieldset.phone").unwrap().below("fields"), None);
    }

    proptest! {
        #[test]
        fn what_a_field_mask_says_in_json_comes_back(text in "[a-z0-9_]{1,12}") {
            // The mapping of protobuf: `_x` becomes `X`, and back.
            let camel = text.split('_').enumerate().map(|(at, word)| {
                let mut letters = word.chars();
                let first = letters.next().map(|c| if at == 0 { c } else { c.to_ascii_uppercase() });
                first.into_iter().chain(letters).collect::<String>()
            });
            let back: String = camel.collect::<String>().chars().flat_map(|c| {
                let capital = c.is_ascii_uppercase();
                capital.then_some('_').into_iter().chain([c.to_ascii_lowercase()])
            }).collect();
            prop_assert!(!is_segment(&text) || back == text);
        }
    }
}
