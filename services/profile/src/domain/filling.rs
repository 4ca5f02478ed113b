//! What is filled of a form, without any value: what its completeness is measured by (P-31).

use std::collections::{BTreeMap, BTreeSet};

use dossier_regime::completeness::{Filled, Rows};

/// Which fields have a value, and what the rows of groups lack.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filling {
    keys: BTreeSet<String>,
    partly: BTreeMap<String, Rows>,
}

// === impl Filling ===

impl Filling {
    /// Nothing is filled.
    pub const fn nothing() -> Self {
        Self { keys: BTreeSet::new(), partly: BTreeMap::new() }
    }

    /// These fields are filled, and what is known of the groups among them.
    pub fn new(keys: BTreeSet<String>, groups: impl Iterator<Item = (String, Filled)>) -> Self {
        let partly = groups.filter_map(|(key, filled)| match filled {
            Filled::Partly(rows) => Some((key, rows)),
            Filled::Yes | Filled::No => None,
        });
        Self { partly: partly.collect(), keys }
    }

    /// What of a field there is.
    pub fn of(&self, key: &str) -> Filled {
        match self.partly.get(key) {
            Some(rows) => Filled::Partly(rows.clone()),
            None => self.keys.contains(key).into(),
        }
    }

    /// The same for somebody who is shown only some fields: of the rows of the others no name is told, for it may say
    /// something.
    pub fn shown(&self, shows: impl Fn(&str) -> bool) -> Self {
        let mut shown = self.clone();
        shown.partly.iter_mut().filter(|(key, _)| !shows(key)).for_each(|(_, rows)| rows.lacking.clear());
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // proves: I10
    #[test]
    fn of_rows_that_are_not_shown_only_the_group_is_named() {
        let rows = Rows { all: 2, whole: 1, lacking: vec![("mistress".into(), "phone".into())] };
        let keys = ["name", "contacts"].map(str::to_owned).into_iter().collect();
        let filling = Filling::new(keys, [("contacts".to_owned(), Filled::Partly(rows.clone()))].into_iter());
        assert_eq!((filling.of("name"), filling.of("fax")), (Filled::Yes, Filled::No));
        assert_eq!(filling.shown(|_| true).of("contacts"), Filled::Partly(rows));
        let veiled = Filled::Partly(Rows { all: 2, whole: 1, lacking: Vec::new() });
        assert_eq!(filling.shown(|key| key == "name").of("contacts"), veiled);
    }
}
