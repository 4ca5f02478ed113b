//! The words of a caller, such as the `reason` of a call: one form, one limit, wherever they are given.

use unicode_normalization::UnicodeNormalization;

use crate::error::Result;
use crate::faults::Faults;
use crate::text::{Lines, flaw};

/// Most characters of a caller's words.
pub const MOST: usize = 500;

/// The text as it is kept: trimmed, in Unicode NFC, `\r\n` as `\n`.
pub fn tidy(text: &str) -> String {
    text.trim().nfc().collect::<String>().replace("\r\n", "\n")
}

/// Notes what is wrong with the words in `field`: missing where they are `required`, too long, or with characters that nobody
/// sees.
pub fn check(field: &str, text: &str, required: bool, faults: &mut Faults) {
    let text = text.trim();
    let why = if required && text.is_empty() {
        "is required".to_owned()
    } else if text.chars().count() > MOST {
        format!("must have at most {MOST} characters")
    } else if let Some(flaw) = flaw(text, Lines::Many) {
        flaw.to_string()
    } else {
        return;
    };
    faults.add(field, why);
}

/// Notes what is wrong with a `reason`.
pub fn reason(text: &str, required: bool, faults: &mut Faults) {
    check("reason", text, required, faults);
}

/// Demands that a `reason` is right.
///
/// # Errors
/// A violation of `reason`.
pub fn require(text: &str, required: bool) -> Result<()> {
    let mut faults = Faults::default();
    reason(text, required, &mut faults);
    faults.finish()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_reason_is_there_where_it_is_required_and_never_too_long() {
        assert!(require("", false).is_ok() && require(&"字".repeat(MOST), true).is_ok());
        for wrong in ["", " \n", &"x".repeat(MOST + 1), "a\u{200b}b", "a\u{7}b"] {
            assert_eq!(require(wrong, true).unwrap_err().violations()[0].field, "reason", "{wrong:?}");
        }
    }

    #[test]
    fn words_are_brought_into_one_form() {
        assert_eq!(tidy("  e\u{301}\r\nb "), "é\nb");
    }

    proptest! {
        #[test]
        fn the_form_stays(text: String) {
            let placed = tidy(&text);
            prop_assert_eq!(&tidy(&placed), &placed);
        }
    }
}
