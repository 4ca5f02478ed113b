//! Least and largest values of numbers and amounts, compared exactly.
//!
//! A value is compared in the text in which it is kept: `7`, `12.50`, `CNY 12.50`.

use std::fmt;

use rust_decimal::Decimal;

use crate::model::{Field, FieldType};

/// Most digits of a decimal number.
const MOST_DIGITS: usize = 28;

/// A number, or an amount in a currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    /// The currency of an amount, ISO 4217.
    pub currency: Option<String>,
    /// The number.
    pub number: Decimal,
}

/// What a value is held between; both ends are allowed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bounds {
    /// The least value.
    pub min: Option<Bound>,
    /// The largest value.
    pub max: Option<Bound>,
}

/// The one spelling of a decimal number: no zeros in front, no sign of a zero, the digits behind the point as they are.
/// `None` for what is none, or has more than 28 digits.
pub fn decimal(text: &str) -> Option<String> {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("-", digits));
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(whole, rest)| (whole, Some(rest)));
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !plain(whole) || !fraction.is_none_or(plain) {
        return None;
    }
    let short = whole.trim_start_matches('0');
    let whole = if short.is_empty() { "0" } else { short };
    if whole.len() + fraction.map_or(0, str::len) > MOST_DIGITS {
        return None;
    }
    let zero = [whole, fraction.unwrap_or_default()].concat().bytes().all(|byte| byte == b'0');
    let sign = if zero { "" } else { sign };
    Some(fraction.map_or_else(|| format!("{sign}{whole}"), |fraction| format!("{sign}{whole}.{fraction}")))
}

/// Whether values of this type can be bounded.
pub(crate) const fn is_bounded(kind: FieldType) -> bool {
    matches!(kind, FieldType::Int | FieldType::Decimal | FieldType::Percent | FieldType::Money)
}

/// A bound of a type as a template writes it.
///
/// # Errors
/// What form it must have.
pub(crate) fn read(kind: FieldType, text: &str) -> Result<Bound, &'static str> {
    let bound = Bound::of(text);
    match (kind, bound) {
        (FieldType::Int, Some(Bound { currency: None, number })) if number.is_integer() && !text.contains('.') => {
            Ok(Bound { currency: None, number })
        }
        (FieldType::Int, _) => Err("a whole number"),
        (FieldType::Money, Some(bound @ Bound { currency: Some(_), .. })) => Ok(bound),
        (FieldType::Money, _) => Err("an amount such as `CNY 50`"),
        (_, Some(bound @ Bound { currency: None, .. })) => Ok(bound),
        _ => Err("a decimal number such as `0.5`"),
    }
}

// === impl Bound ===

impl Bound {
    /// The sum of both; `None` where they are of different currencies, or it is too large to be said.
    pub fn plus(&self, other: &Self) -> Option<Self> {
        let number = self.number.checked_add(other.number).filter(|_| self.currency == other.currency)?;
        Some(Self { currency: self.currency.clone(), number })
    }

    /// The number or the amount of a kept text.
    pub fn of(text: &str) -> Option<Self> {
        let (currency, number) = text.split_once(' ').map_or((None, text), |(code, number)| (Some(code), number));
        let number = decimal(number)?;
        let number = Decimal::from_str_exact(&number).ok()?;
        let is_code = |code: &str| code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase());
        currency.is_none_or(is_code).then(|| Self { currency: currency.map(str::to_owned), number })
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.currency {
            Some(currency) => write!(f, "{currency} {}", self.number),
            None => self.number.fmt(f),
        }
    }
}

// === impl Bounds ===

impl Bounds {
    fn of(kind: FieldType, min: Option<&str>, max: Option<&str>) -> Self {
        let bound = |text: Option<&str>, usual: Option<Decimal>| match text {
            Some(text) => read(kind, text).ok(),
            None => usual.map(|number| Bound { currency: None, number }),
        };
        let percent = kind == FieldType::Percent;
        Self {
            min: bound(min, percent.then_some(Decimal::ZERO)),
            max: bound(max, percent.then_some(Decimal::ONE_HUNDRED)),
        }
    }

    /// What a kept value breaks, told by the bound and never by the value; one that is no number of its type breaks
    /// none.
    pub fn broken(&self, kept: &str) -> Option<String> {
        let value = Bound::of(kept)?;
        for bound in self.min.iter().chain(&self.max) {
            if let Some(currency) = bound.currency.as_deref().filter(|code| value.currency.as_deref() != Some(code)) {
                return Some(format!("must be in {currency}"));
            }
        }
        let below = self.min.as_ref().filter(|bound| value.number < bound.number);
        let above = self.max.as_ref().filter(|bound| value.number > bound.number);
        let low = below.map(|bound| format!("must be at least {bound}"));
        low.or_else(|| above.map(|bound| format!("must be at most {bound}")))
    }
}

// === impl Field ===

impl Field {
    /// What its values are held between; a percentage is one of 0 to 100 unless the template says otherwise.
    pub fn bounds(&self) -> Bounds {
        Bounds::of(self.kind, self.min.as_deref(), self.max.as_deref())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn field(kind: FieldType, min: Option<&str>, max: Option<&str>) -> Field {
        Field { kind, min: min.map(str::to_owned), max: max.map(str::to_owned), ..Field::default() }
    }

    #[test]
    fn a_decimal_number_has_one_spelling() {
        for (written, kept) in [("12.50", "12.50"), ("007", "7"), ("-0.0", "0.0"), ("-01.5", "-1.5"), ("0", "0")] {
            assert_eq!(decimal(written).as_deref(), Some(kept), "{written}");
        }
        let long = "9".repeat(29);
        for wrong in ["", "-", ".5", "5.", "1,000", "1e3", "+1", "1 000", "0x1", "１", "--1", &long] {
            assert_eq!(decimal(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn both_ends_are_allowed_and_nothing_beyond_them() {
        let whole = field(FieldType::Int, Some("-3"), Some("7")).bounds();
        assert!(["-3", "0", "7"].iter().all(|value| whole.broken(value).is_none()));
        assert_eq!(whole.broken("-4").as_deref(), Some("must be at least -3"));
        assert_eq!(whole.broken("8").as_deref(), Some("must be at most 7"));
        let fine = field(FieldType::Money, Some("CNY 50"), Some("CNY 500")).bounds();
        assert!(fine.broken("CNY 50.00").is_none() && fine.broken("CNY 500.00").is_none());
        assert_eq!(fine.broken("CNY 49.99").as_deref(), Some("must be at least CNY 50"));
        assert_eq!(fine.broken("USD 60.00").as_deref(), Some("must be in CNY"));
    }

    #[test]
    fn a_percentage_lies_between_0_and_100_unless_the_template_says_otherwise() {
        let usual = field(FieldType::Percent, None, None).bounds();
        assert!(usual.broken("0").is_none() && usual.broken("100.0").is_none());
        assert!(usual.broken("-0.01").is_some() && usual.broken("100.01").is_some());
        let grown = field(FieldType::Percent, Some("-100"), None).bounds();
        assert!(grown.broken("-20").is_none() && grown.broken("101").is_some());
    }

    proptest! {
        #[test]
        fn spelling_a_number_twice_changes_nothing(text in "-?[0-9]{1,20}(\\.[0-9]{1,8})?") {
            let once = decimal(&text).unwrap();
            let twice = decimal(&once).unwrap();
            prop_assert_eq!(once, twice);
        }

        #[test]
        fn whole_numbers_are_compared_as_they_count(value: i64, bound: i64) {
            let bounds = field(FieldType::Int, Some(&bound.to_string()), None).bounds();
            prop_assert_eq!(bounds.broken(&value.to_string()).is_none(), value >= bound);
        }
    }
}
