//! Facts: what conditions of packs ask for, and whether it is so (P-41).

use dossier_regime::Expected;
use dossier_regime::bound::Bound;

use super::customer_file::CustomerFile;

/// Whether all of `when` holds, by what `fact` knows; what nobody knows does not hold.
pub fn hold<'w>(
    when: impl IntoIterator<Item = (&'w String, &'w Expected)>,
    fact: impl Fn(&str) -> Option<String>,
) -> bool {
    when.into_iter().all(|(name, expected)| fact(name).is_some_and(|found| meets(&found, expected, &fact)))
}

/// Whether `found` is what is expected. A bound may be the name of another fact; nothing is below or above what nobody knows.
pub fn meets(found: &str, expected: &Expected, fact: impl Fn(&str) -> Option<String>) -> bool {
    let known = |bound: &String| if names_a_fact(bound) { fact(bound) } else { Some(bound.clone()) };
    let within = |bound: &Option<String>, fits: &dyn Fn(&str) -> bool| match bound {
        None => true,
        Some(text) => known(text).is_some_and(|bound| fits(&bound)),
    };
    let below = within(&expected.below, &|most| is_less(found, most));
    let above = within(&expected.above, &|least| is_less(least, found));
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

/// Whether `one` is less than `other`: as numbers, of sums those in one currency, or as texts, as days and months are written. A
/// number and a text are not compared.
pub fn is_less(one: &str, other: &str) -> bool {
    match (Bound::of(one), Bound::of(other)) {
        (Some(one), Some(other)) => one.currency == other.currency && one.number < other.number,
        (None, None) => one < other,
        _ => false,
    }
}

// Fields, and what else is asked for by name, begin with a small letter; numbers, days and sums do not.
fn names_a_fact(bound: &str) -> bool {
    bound.starts_with(|c: char| c.is_ascii_lowercase())
}
