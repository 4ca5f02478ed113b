//! Amounts as people write them: `CNY 100.00`.
//!
//! Contracts, stores and metadata carry minor units; texts for people carry this form.

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
        }
    }
}
