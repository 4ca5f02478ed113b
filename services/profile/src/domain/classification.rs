//! Classification by axes (P-16): labels of the pack, kept in step with the fields that hold the same thing.

use std::collections::BTreeMap;

use dossier_kernel::error::one_of;
use dossier_kernel::faults::Faults;
use dossier_regime::{CustomerType, Pack};

use super::text::echo;

/// The axis that repeats the customer type.
const CUSTOMER_TYPE: &str = "customer_type";

/// Value per axis.
pub type Labels = BTreeMap<String, String>;

/// Checks labels that a caller gives; an empty label empties its axis.
pub fn check(pack: &Pack, customer: Option<CustomerType>, given: &Labels, faults: &mut Faults) {
    for (axis, value) in given {
        let path = format!("classification.{}", echo(axis));
        let Some(rule) = pack.classification.axes_for(customer).find(|rule| rule.field == *axis) else {
            let known = pack.classification.axes_for(customer).map(|rule| rule.field.as_str());
            faults.add(path, format!("the axis {}", one_of(known)));
            continue;
        };
        if axis == CUSTOMER_TYPE {
            if customer.is_none_or(|customer| value != customer.as_str()) {
                faults.add(path, "must be the customer type");
            }
        } else if value.is_empty() {
            if never_empty(pack, axis) {
                faults.add(path, "may never be empty");
            }
        } else if !rule.allows(value) {
            faults.add(path, one_of(rule.values.iter().map(|one| one.value.as_str())));
        }
    }
}

/// The values that an axis may have for this customer type.
pub fn values<'p>(pack: &'p Pack, customer: Option<CustomerType>, axis: &str) -> Vec<&'p str> {
    let rule = pack.classification.axes_for(customer).find(|rule| rule.field == axis);
    rule.into_iter().flat_map(|rule| rule.values.iter().map(|one| one.value.as_str())).collect()
}

/// The labels after `changes`, without those of axes that do not apply; the customer type is always there.
pub fn merged(pack: &Pack, customer: Option<CustomerType>, before: &Labels, changes: &Labels) -> Labels {
    let mut after = Labels::new();
    for axis in pack.classification.axes_for(customer) {
        let value = changes.get(&axis.field).or_else(|| before.get(&axis.field)).cloned().unwrap_or_default();
        let own = customer.filter(|_| axis.field == CUSTOMER_TYPE);
        let value = own.map_or(value, |customer| customer.to_string());
        if !value.is_empty() {
            after.insert(axis.field.clone(), value);
        }
    }
    after
}

/// Whether `key` is an axis of this customer type whose value callers choose.
pub fn is_axis(pack: &Pack, customer: Option<CustomerType>, key: &str) -> bool {
    key != CUSTOMER_TYPE && pack.classification.axes_for(customer).any(|axis| axis.field == key)
}

/// Whether the pack says that the field or axis may never be empty (P-34).
pub fn never_empty(pack: &Pack, key: &str) -> bool {
    pack.completeness.never_empty.iter().any(|one| one == key)
}

#[cfg(test)]
mod tests {
    use dossier_regime::{Axis, Choice, Classification, Completeness};

    use super::*;

    fn pack() -> Pack {
        let axis = |field: &str, values: &[&str], customer_types: Vec<CustomerType>| Axis {
            field: field.into(),
            customer_types,
            values: values.iter().map(|v| Choice { value: (*v).into(), label: (*v).into() }).collect(),
            ..Axis::default()
        };
        let axes = vec![
            axis("customer_type", &["individual", "company"], vec![]),
            axis("industry", &["manufacturing"], vec![CustomerType::Company]),
            axis("stage", &["potential", "signed"], vec![]),
        ];
        Pack {
            classification: Classification { axes },
            completeness: Completeness { never_empty: vec!["stage".into()], gates: vec![] },
            ..Pack::default()
        }
    }

    fn labels(given: &[(&str, &str)]) -> Labels {
        given.iter().map(|(axis, value)| ((*axis).into(), (*value).into())).collect()
    }

    fn refused(customer: impl Into<Option<CustomerType>>, given: &[(&str, &str)]) -> bool {
        let mut faults = Faults::default();
        check(&pack(), customer.into(), &labels(given), &mut faults);
        !faults.is_empty()
    }

    // proves: P-16
    #[test]
    fn only_labels_of_the_axes_that_apply_pass() {
        use CustomerType::{Company, Individual};
        assert!(!refused(Company, &[("industry", "manufacturing"), ("stage", "signed"), ("customer_type", "company")]));
        assert!(!refused(Company, &[("industry", "")]));
        assert!(refused(Individual, &[("industry", "manufacturing")]));
        assert!(refused(Company, &[("stage", "dreaming")]) && refused(Company, &[("colour", "red")]));
        assert!(refused(Company, &[("stage", "")]) && refused(Company, &[("customer_type", "individual")]));
        assert!(refused(None, &[("stage", "signed")]), "what is about no customer is not classified");
    }

    #[test]
    fn axes_not_named_stay_and_foreign_ones_go() {
        let before = labels(&[("industry", "manufacturing"), ("stage", "potential"), ("customer_type", "company")]);
        let after = merged(&pack(), Some(CustomerType::Company), &before, &labels(&[("stage", "signed")]));
        let expected = [("customer_type", "company"), ("industry", "manufacturing"), ("stage", "signed")];
        assert_eq!(after, labels(&expected));
        let moved = merged(&pack(), Some(CustomerType::Individual), &before, &Labels::new());
        assert_eq!(moved, labels(&[("customer_type", "individual"), ("stage", "potential")]));
    }
}
