//! Decimal texts: read strictly, kept as written, summed exactly.

use rust_decimal::Decimal;

/// Points of a card: the number, and the text as the card writes it (`-0.0` stays `-0.0`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Points {
    text: String,
    value: Decimal,
}

// === impl Points ===

impl Points {
    /// Reads `-?[0-9]{1,9}(\.[0-9]{1,6})?`; nothing for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        exact(text, 9, 6).map(|value| Self { text: text.to_owned(), value })
    }

    /// As the card writes it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The number.
    pub fn value(&self) -> Decimal {
        self.value
    }
}

/// Reads a decimal text with at most `whole` digits before and `fraction` digits behind the point; no exponent, no plus
/// sign, no blanks.
pub fn exact(text: &str, whole: usize, fraction: usize) -> Option<Decimal> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (left, right) = digits.split_once('.').map_or((digits, None), |(left, right)| (left, Some(right)));
    let fits =
        |part: &str, most: usize| (1..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    if !fits(left, whole) || !right.is_none_or(|right| fits(right, fraction)) {
        return None;
    }
    Decimal::from_str_exact(text).ok()
}

/// A sum as text: without exponent, a zero without sign.
pub fn text(value: Decimal) -> String {
    if value.is_zero() { value.abs().to_string() } else { value.to_string() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn points_keep_their_text() {
        for text in ["-0.0", "447.0", "7", "-34.125", "999999999.999999"] {
            assert_eq!(Points::parse(text).unwrap().text(), text);
        }
    }

    #[test]
    fn anything_but_a_plain_decimal_is_refused() {
        for text in
            ["", "-", "+1", "1.", ".5", "1e3", " 1", "1 ", "NaN", "inf", "1,5", "1234567890", "0.1234567", "--1", "٣"]
        {
            assert!(Points::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn tenths_sum_exactly_and_zero_has_no_sign() {
        let tenth = Points::parse("0.1").unwrap().value();
        assert_eq!(text(tenth + tenth + tenth), "0.3");
        assert_eq!(text(Points::parse("-0.0").unwrap().value()), "0.0");
    }

    proptest! {
        #[test]
        fn what_is_read_is_the_number_that_was_written(units in -999_999_999_i64..=999_999_999, part in 0..1_000_000_u32) {
            let written = format!("{units}.{part:06}");
            let read = Points::parse(&written).unwrap().value();
            prop_assert_eq!(read.is_sign_negative(), written.starts_with('-'));
            prop_assert_eq!(read.abs().to_string(), written.replace('-', ""));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,24}") {
            let _ = exact(&text, 15, 6);
        }
    }
}
