//! Facts: what conditions of packs ask for, and whether it is so (P-41).

use dossier_regime::{Expected, When};
use rust_decimal::Decimal;

use super::customer_file::CustomerFile;

/// Whether all of `when` holds, by what `fact` knows; what nobody knows does not hold.
pub fn hold(when: &When, fact: impl Fn(&str) -> Option<String>) -> bool {
    when.iter().all(|(name, expected)| fact(name).is_some_and(|found| meets(&found, expected, &fact)))
}

/// Whether `found` is what is expected; a bound may be the name of another fact.
pub fn meets(found: &str, expected: &Expected, fact: impl Fn(&str) -> Option<String>) -> bool {
    let bound = |bound: &String| fact(bound).unwrap_or_else(|| bound.clone());
    let below = expected.below.as_ref().is_none_or(|most| is_less(found, &bound(most)));
    let above = expected.above.as_ref().is_none_or(|least| is_less(&bound(least), found));
    (expected.any_of.is_empty() || expected.any_of.iter().any(|one| one == found)) && below && above
}

/// A fact of a file itself: `customer_type`, `level`, `class.AXIS`.
pub fn fact_of(file: &CustomerFile, fact: &str) -> Option<String> {
    match fact {
        "customer_type" => file.customer_type.map(|one| one.to_string()),
        "level" => Some(file.level.clone()),
        _ => file.classification.get(fact.strip_prefix("class.")?).cloned(),
    }
}

/// Whether `one` is less than `other`: as numbers where both are, otherwise as texts, as days and months are written.
pub fn is_less(one: &str, other: &str) -> bool {
    match (number(one), number(other)) {
        (Some(one), Some(other)) => one < other,
        _ => one < other,
    }
}

/// A number, of a sum its amount, which stands behind the currency.
pub fn number(text: &str) -> Option<Decimal> {
    let digits = text.rsplit_once(' ').map_or(text, |(_, digits)| digits);
    Decimal::from_str_exact(digits).ok()
}
