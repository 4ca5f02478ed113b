//! Which fields a call writes, and what a revision changed against the one before (P-46, P-48).

use std::collections::{BTreeMap, BTreeSet};

use dossier_kernel::error::{Error, Result, one_of};
use dossier_kernel::faults::Faults;
use dossier_proto::types::FieldValue;
use dossier_proto::types::field_value::Value;
use dossier_regime::{CustomerType, Field, Template};

use super::classification::{self, Labels};
use super::customer_file::CustomerFile;
use super::field_visibility::FieldVisibility;
use super::form::{self, path};
use super::header::{Path, unwritable};
use super::origin::{Origin, decided, is_opinion};

/// What a call writes into the content of a file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Writing {
    /// New values by key.
    pub set: BTreeMap<String, FieldValue>,
    /// Keys of fields that are emptied.
    pub cleared: BTreeSet<String>,
    /// New labels by axis; an empty label empties its axis.
    pub labels: Labels,
}

/// What writing is checked against.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'a> {
    /// Pack, day and writer.
    pub origin: Origin<'a>,
    /// The template of the file.
    pub template: &'a Template,
    /// The customer type after the change; `None` for a file about no customer.
    pub customer: Option<CustomerType>,
    /// Whether it is the file's own form, whose axes classify the customer and of which some fields may never be empty.
    pub own: bool,
}

/// The fields of a new form.
pub fn of_form(rules: Rules<'_>, fields: &BTreeMap<String, FieldValue>, faults: &mut Faults) -> Writing {
    let mut writing = Writing::default();
    if fields.len() > form::MOST_FIELDS {
        faults.add("fields", format!("must be at most {}", form::MOST_FIELDS));
        return writing;
    }
    for (key, given) in fields {
        if let Some(field) = form::writable(rules.template, rules.customer, key, faults) {
            writing.put(rules, field, Some(given), faults);
        }
    }
    writing
}

/// The fields and labels of a new file.
pub fn of_new(
    rules: Rules<'_>,
    fields: &BTreeMap<String, FieldValue>,
    labels: &Labels,
    note: &str,
    faults: &mut Faults,
) -> Writing {
    let mut writing = of_form(rules, fields, faults);
    if fields.len() > form::MOST_FIELDS {
        return writing;
    }
    writing.classify(rules, labels, note, faults);
    for key in &rules.origin.pack.completeness.never_empty {
        if rules.asks_for(key) && !writing.set.contains_key(key) {
            faults.add(path(key), "may never be empty");
        }
    }
    writing
}

/// The fields that an update writes: those of the mask, as far as the caller may see them.
///
/// # Errors
/// `UPDATE_MASK_INVALID` for a field that does not exist, is filled by the service, only shown, or hidden from the caller.
pub fn of_update(
    rules: Rules<'_>,
    mask: &BTreeSet<Path>,
    fields: &BTreeMap<String, FieldValue>,
    present: &BTreeSet<String>,
    visibility: &FieldVisibility,
    faults: &mut Faults,
) -> Result<Writing> {
    let mut writing = Writing::default();
    for key in keys(rules.template, mask, fields, present, visibility) {
        let known =
            rules.template.field(&key).filter(|field| field.is_written() && visibility.shows(rules.template, &key));
        let field = known.ok_or_else(|| unwritable(&path(&key)))?;
        let given = fields.get(&key);
        if given.is_some() && !field.applies_to(rules.customer) {
            faults.add(path(&key), "does not apply to this customer type");
            continue;
        }
        if given.is_some() || present.contains(&key) {
            writing.put(rules, field, given, faults);
        }
    }
    Ok(writing)
}

/// The labels that a classification writes, and the fields that hold the same thing.
///
/// # Errors
/// A violation of each axis or value that the pack does not have.
pub fn of_labels(rules: Rules<'_>, labels: &Labels, note: &str) -> Result<Writing> {
    let (mut writing, mut faults) = (Writing::default(), Faults::default());
    writing.classify(rules, labels, note, &mut faults);
    faults.finish()?;
    Ok(writing)
}

/// The parts that differ between two versions of a file, besides its fields.
pub fn parts(before: &CustomerFile, after: &CustomerFile) -> BTreeSet<String> {
    let mut parts = BTreeSet::new();
    let mut note = |differs: bool, name: &str| {
        if differs {
            parts.insert(name.to_owned());
        }
    };
    note(before.number != after.number, "number");
    note(before.customer_number != after.customer_number, "customer_number");
    note(before.customer_type != after.customer_type, "customer_type");
    note(before.level != after.level, "level");
    note(before.unit != after.unit, "unit");
    note(before.custodian != after.custodian, "custodian");
    note(before.state != after.state, "state");
    note(before.first_contact != after.first_contact, "first_contact_time");
    note(before.contract_effect != after.contract_effect, "contract_effect_time");
    note(before.ties.links != after.ties.links, "links");
    note(before.ties.into != after.ties.into, "merged_into");
    note(before.ties.merged != after.ties.merged, "merged");
    let axes: BTreeSet<_> = before.classification.keys().chain(after.classification.keys()).collect();
    for axis in axes {
        note(before.classification.get(axis) != after.classification.get(axis), &format!("classification.{axis}"));
    }
    parts
}

fn keys(
    template: &Template,
    mask: &BTreeSet<Path>,
    fields: &BTreeMap<String, FieldValue>,
    present: &BTreeSet<String>,
    visibility: &FieldVisibility,
) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for one in mask {
        match one {
            Path::Field(key) => {
                keys.insert(key.clone());
            }
            // What the caller cannot see stays as it is.
            Path::Fields => {
                let shown = present.iter().filter(|key| visibility.shows(template, key));
                keys.extend(shown.chain(fields.keys()).cloned());
            }
            _ => {}
        }
    }
    keys
}

// === impl Rules ===

impl Rules<'_> {
    fn asks_for(&self, key: &str) -> bool {
        self.template.field(key).is_some_and(|field| field.is_written() && field.applies_to(self.customer))
    }
}

// === impl Writing ===

impl Writing {
    /// Paths of the fields it writes.
    pub fn paths(&self) -> BTreeSet<String> {
        self.keys().map(|key| path(key)).collect()
    }

    /// Keys of the fields it writes.
    pub fn keys(&self) -> impl Iterator<Item = &String> {
        self.set.keys().chain(&self.cleared)
    }

    /// Gives itself if nothing was found wrong.
    ///
    /// # Errors
    /// Everything in `faults`.
    pub fn checked(self, faults: Faults) -> Result<Self, Error> {
        faults.finish().map(|()| self)
    }

    fn put(&mut self, rules: Rules<'_>, field: &Field, given: Option<&FieldValue>, faults: &mut Faults) {
        match given {
            Some(given) => self.set(rules, field, given, faults),
            None => self.clear(rules, field, faults),
        }
    }

    fn set(&mut self, rules: Rules<'_>, field: &Field, given: &FieldValue, faults: &mut Faults) {
        let Some(value) = form::accept(field, given, &rules.origin, faults) else { return };
        if is_opinion(&value) && rules.template.takes_facts_only(&field.section) {
            faults
                .add(format!("{}.provenance.certainty", path(&field.id)), "is an opinion, and facts alone stand here");
        }
        let (pack, customer) = (rules.origin.pack, rules.customer);
        if rules.own && classification::is_axis(pack, customer, &field.id) {
            let labels = Labels::from([(field.id.clone(), form::plain(&value))]);
            let mut found = Faults::default();
            classification::check(pack, customer, &labels, &mut found);
            if !found.is_empty() {
                faults.add(path(&field.id), one_of(classification::values(pack, customer, &field.id)));
            }
            self.labels.extend(labels);
        }
        self.set.insert(field.id.clone(), value);
    }

    fn clear(&mut self, rules: Rules<'_>, field: &Field, faults: &mut Faults) {
        let pack = rules.origin.pack;
        if rules.own && classification::never_empty(pack, &field.id) {
            faults.add(path(&field.id), "may never be empty");
        }
        if rules.own && classification::is_axis(pack, rules.customer, &field.id) {
            self.labels.insert(field.id.clone(), String::new());
        }
        self.cleared.insert(field.id.clone());
    }

    fn classify(&mut self, rules: Rules<'_>, labels: &Labels, note: &str, faults: &mut Faults) {
        classification::check(rules.origin.pack, rules.customer, labels, faults);
        for (axis, label) in labels {
            if rules.asks_for(axis) {
                self.label_field(rules, axis, label, note, faults);
            }
            if classification::is_axis(rules.origin.pack, rules.customer, axis) {
                self.labels.insert(axis.clone(), label.clone());
            }
        }
    }

    fn label_field(&mut self, rules: Rules<'_>, key: &str, label: &str, note: &str, faults: &mut Faults) {
        match self.set.get(key) {
            Some(given) if form::plain(given) != label => {
                faults.add(format!("classification.{key}"), "contradicts the field of the same name");
            }
            Some(_) => {}
            None if label.is_empty() => {
                self.cleared.insert(key.to_owned());
            }
            None => {
                let value = Some(Value::Text(label.to_owned()));
                let provenance = Some(decided(note, &rules.origin));
                self.set.insert(key.to_owned(), FieldValue { value, provenance });
            }
        }
    }
}

#[cfg(test)]
#[path = "changed/tests.rs"]
mod tests;
