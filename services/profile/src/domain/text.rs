//! Texts of requests: trimmed, in one Unicode form, within their limits.

use dossier_kernel::error::Result;
pub use dossier_kernel::text::Lines;
use dossier_kernel::words;
pub use dossier_kernel::words::tidy;

/// Longest text of a field, in characters, whatever its template says.
pub const LONGEST: usize = 4_000;

/// What is wrong with a tidied text, if anything.
pub fn flaw(text: &str, lines: Lines, longest: usize) -> Option<String> {
    if text.chars().count() > longest {
        return Some(format!("is longer than {longest} characters"));
    }
    dossier_kernel::text::flaw(text, lines).map(|flaw| flaw.to_string())
}

/// The `reason` of a change, tidied.
///
/// # Errors
/// A violation of `reason` when it is too long, or missing where it is `required`.
pub fn reason(text: &str, required: bool) -> Result<String> {
    words::require(text, required).map(|()| tidy(text))
}

/// Whether the text is a label: 1 to 64 lower-case letters, digits, `_`, `-` and `.`.
pub fn is_label(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || b"_-.".contains(&c))
}

/// As much of a caller's key as an error may repeat.
pub fn echo(key: &str) -> String {
    key.chars().filter(|c| c.is_ascii_alphanumeric() || "._-".contains(*c)).take(64).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn texts_are_brought_into_one_form() {
        assert_eq!(tidy("  e\u{301}\r\nb "), "é\nb");
        assert_eq!(flaw("a\nb", Lines::Many, 3), None);
        assert!(flaw("a\nb", Lines::One, 3).is_some());
        assert!(flaw("abcd", Lines::One, 3).is_some());
        assert!(reason("", true).is_err());
        assert!(reason(&"x".repeat(501), false).is_err());
    }

    #[test]
    fn only_labels_are_labels() {
        assert!(is_label("credit_review"));
        assert!(!is_label("") && !is_label("Credit") && !is_label(&"a".repeat(65)) && !is_label("信用"));
    }

    proptest! {
        #[test]
        fn tidying_twice_changes_nothing(text: String) {
            let once = tidy(&text);
            prop_assert_eq!(tidy(&once), once);
        }
    }
}
