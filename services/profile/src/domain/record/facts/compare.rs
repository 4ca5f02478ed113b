//! Values beside each other: which are equal.

use std::collections::BTreeMap;

use dossier_proto::types::FieldValue;
use dossier_regime::bound::Bound;

use super::column;
use crate::domain::form::plain;

/// The equations that do not hold: of fields the one that is meant, of columns one for each row.
pub(super) fn unequal(values: &BTreeMap<String, FieldValue>, left: &str, right: &str) -> Vec<String> {
    match (left.split_once('.'), right.split_once('.')) {
        (Some((group, one)), Some((other, two))) if group == other => {
            let (ours, theirs) = (column(values.get(group), one), column(values.get(group), two));
            let wrong = ours.into_iter().zip(theirs).filter(|((_, one), (_, two))| !same(one, two));
            wrong.map(|((row, _), _)| format!("{group}.{row}.{one} = {group}.{row}.{two}")).collect()
        }
        _ => {
            let text = |key: &str| values.get(key).map(plain);
            let equal = text(left).zip(text(right)).is_some_and(|(one, two)| same(&one, &two));
            if equal { Vec::new() } else { vec![format!("{left} = {right}")] }
        }
    }
}

// Empty cells are equal to nothing: what was not counted does not agree. Sums are of one currency.
fn same(one: &str, two: &str) -> bool {
    !one.is_empty() && (one == two || Bound::of(one).zip(Bound::of(two)).is_some_and(|(one, two)| one == two))
}
