//! Amounts as people write them: `CNY 100.00`.
//!
//! Contracts, stores and metadata carry minor units; texts for people carry this form.

use crate::error::Error;

/// Currencies whose minor unit is the unit itself, and those with a thousandth (ISO 4217); all others have hundredths.
const WHOLE: [&str; 17] = [
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF",
    "XPF",
];
const THOUSANDTHS: [&str; 7] = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"];

/// How many digits stand behind the point of amounts in this currency.
pub fn digits(currency: &str) -> usize {
    if WHOLE.contains(&currency) {
        0
    } else if THOUSANDTHS.contains(&currency) {
        3
    } else {
        2
    }
}

/// The amount of so many minor units.
pub fn text(minor: i64, currency: &str) -> String {
    let digits = digits(currency);
    let text = format!("{:0>width$}", minor.unsigned_abs(), width = digits + 1);
    let (whole, fraction) = text.split_at(text.len() - digits);
    let (sign, point) = (if minor < 0 { "-" } else { "" }, if digits == 0 { "" } else { "." });
    format!("{currency} {sign}{whole}{point}{fraction}")
}

/// Whether `currency` has the form of a code of ISO 4217: three capital letters.
pub fn is_code(currency: &str) -> bool {
    currency.len() == 3 && currency.bytes().all(|letter| letter.is_ascii_uppercase())
}

/// The largest amount that a contract says, in minor units, on either side of zero.
pub const MOST: i64 = 1_000_000_000_000_000;

/// That an amount of a contract is within its limits and names a currency.
///
/// # Errors
/// A violation of `{field}.minor_units` or `{field}.currency_code`.
pub fn require(field: &str, minor: i64, currency: &str) -> Result<(), Error> {
    if !(-MOST..=MOST).contains(&minor) {
        return Err(Error::violation(format!("{field}.minor_units"), "must be between -10^15 and 10^15"));
    }
    if !is_code(currency) {
        return Err(Error::violation(format!("{field}.currency_code"), "must be three capital letters of ISO 4217"));
    }
    Ok(())
}

/// The currency and the minor units of an amount that [`text`] could have written, or that says the same in fewer digits.
///
/// # Errors
/// What form it must have.
pub fn parse(text: &str) -> Result<(String, i64), String> {
    let form = || "must be a currency and an amount such as `CNY 100.00`".to_owned();
    let (currency, number) = text.trim().split_once(' ').ok_or_else(form)?;
    let currency = currency.to_ascii_uppercase();
    let digits = digits(&currency);
    let (sign, number) = match number.trim().strip_prefix('-') {
        Some(number) => ("-", number),
        None => ("", number.trim()),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let letters = currency.len() == 3 && currency.bytes().all(|letter| letter.is_ascii_uppercase());
    if !letters || whole.is_empty() || !plain(whole) || !plain(fraction) {
        return Err(form());
    }
    let fraction = fraction.trim_end_matches('0');
    if fraction.len() > digits {
        return Err(format!("{currency} has {digits} digits behind the point"));
    }
    let minor = format!("{sign}{whole}{fraction:0<digits$}").parse().map_err(|_| "is too large".to_owned())?;
    Ok((currency, minor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_as_their_currency_is() {
        for (minor, currency, written) in [
            (10_000, "CNY", "CNY 100.00"),
            (-5, "CNY", "CNY -0.05"),
            (7, "JPY", "JPY 7"),
            (1234, "KWD", "KWD 1.234"),
            (i64::MIN, "CNY", "CNY -92233720368547758.08"),
        ] {
            assert_eq!(text(minor, currency), written);
            assert_eq!(parse(written), Ok((currency.to_owned(), minor)));
        }
    }

    #[test]
    fn amounts_are_exact_and_know_their_currency() {
        assert_eq!(parse("cny -0.5"), Ok(("CNY".to_owned(), -50)));
        assert_eq!(parse("CNY 1.500"), Ok(("CNY".to_owned(), 150)));
        for wrong in [
            "100",
            "CNY",
            "CNY 1,000",
            "CNY 1.234",
            "JPY 7.5",
            "CNY 1e3",
            "CNY .5",
            "CNY 99999999999999999999",
            "C1Y 1",
        ] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
