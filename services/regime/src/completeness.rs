//! Completeness: filled weight divided by applicable weight, per section and for the file (P-31, P-34).
//!
//! A group weighs once, however many rows it has: a long list neither drowns the rest of the form nor tells its length. It gains its
//! weight by the share of its rows that lack nothing, rounded down, so that every row counts.

use crate::model::{CustomerType, Field, Gate, Required, Template};

/// What is known of a field without its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filled {
    /// It is empty.
    No,
    /// It has a value, and lacks nothing.
    Yes,
    /// It has rows, some of which lack something.
    Partly(Rows),
}

/// Rows of a group of which some lack something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    /// How many there are.
    pub all: u64,
    /// How many lack nothing.
    pub whole: u64,
    /// The empty cells that must be filled, each as row and column; none where nobody may know of them.
    pub lacking: Vec<(String, String)>,
}

/// How complete a file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Weight of the filled fields that apply.
    pub filled: u64,
    /// Weight of all fields that apply.
    pub applicable: u64,
    /// The same per section, in the order of the template.
    pub sections: Vec<SectionReport>,
    /// Fields that must be filled and are not; a cell by its path, `contacts.7.phone`.
    pub missing_required: Vec<String>,
    /// Critical fields that are not filled, or their cells.
    pub missing_critical: Vec<String>,
}

/// How complete a section is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SectionReport {
    /// Id of the section.
    pub section: String,
    /// Weight of its filled fields.
    pub filled: u64,
    /// Weight of its fields that apply.
    pub applicable: u64,
    /// Its fields that apply and are not filled, and the cells that its rows lack.
    pub missing: Vec<String>,
}

/// What keeps a file from passing a gate; nothing: it passes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shortfall {
    /// Fields the gate asks for that are empty.
    pub fields: Vec<String>,
    /// Completeness reached and demanded in percent, if too low.
    pub percent: Option<(u32, u32)>,
}

/// The key of the field that a path of a report names: `contacts` of `contacts.7.phone`.
pub fn key_of(path: &str) -> &str {
    path.split_once('.').map_or(path, |(key, _)| key)
}

/// Measures a file of this customer type; `filled` says what of a field there is.
pub fn measure<F: Into<Filled>>(template: &Template, customer: CustomerType, filled: impl Fn(&str) -> F) -> Report {
    let mut report = Report {
        filled: 0,
        applicable: 0,
        sections: template.sections.iter().map(|section| SectionReport::empty(&section.id)).collect(),
        missing_required: Vec::new(),
        missing_critical: Vec::new(),
    };
    for field in template.fields.iter().filter(|field| counts(field, customer)) {
        report.add(field, customer, &filled(&field.id).into());
    }
    report
}

/// Fields the system fills, what is only shown, and fields marked `no`, say nothing about how well people filled the form.
fn counts(field: &Field, customer: CustomerType) -> bool {
    field.required != Required::No && field.is_written() && field.applies_to(customer)
}

// === impl Report ===

impl Report {
    /// Completeness of the file in percent, rounded down; 100 where nothing applies.
    pub fn percent(&self) -> u32 {
        percent(self.filled, self.applicable)
    }

    /// What keeps the file from passing a gate.
    pub fn shortfall(&self, template: &Template, gate: &Gate) -> Shortfall {
        let counted = |section: &str| gate.sections.is_empty() || gate.sections.iter().any(|one| one == section);
        let inside = |id: &&String| template.field(key_of(id)).is_some_and(|field| counted(&field.section));
        let required = self.missing_required.iter().filter(|_| gate.required);
        let critical = self.missing_critical.iter().filter(|_| gate.critical);
        let mut fields: Vec<String> = required.chain(critical).filter(inside).cloned().collect();
        fields.sort_unstable();
        fields.dedup();
        let sections = self.sections.iter().filter(|one| counted(&one.section));
        let (filled, applicable) = sections.fold((0, 0), |(f, a), one| (f + one.filled, a + one.applicable));
        let reached = percent(filled, applicable);
        Shortfall { fields, percent: (reached < gate.percent).then_some((reached, gate.percent)) }
    }

    fn add(&mut self, field: &Field, customer: CustomerType, filled: &Filled) {
        let weight = u64::from(field.weight);
        let (gained, missing) = (filled.share_of(weight), filled.missing(&field.id));
        self.applicable += weight;
        self.filled += gained;
        if let Some(section) = self.sections.iter_mut().find(|one| one.section == field.section) {
            section.applicable += weight;
            section.filled += gained;
            section.missing.extend(missing.iter().cloned());
        }
        // Whoever begins a row owes what the row demands, whether the group itself must be there or not.
        if field.is_required_for(customer) || *filled != Filled::No {
            self.missing_required.extend(missing.iter().cloned());
        }
        if field.critical {
            self.missing_critical.extend(missing);
        }
    }
}

// === impl Filled ===

impl Filled {
    fn share_of(&self, weight: u64) -> u64 {
        match self {
            Self::No => 0,
            Self::Yes => weight,
            Self::Partly(rows) => {
                let share = u128::from(weight) * u128::from(rows.whole) / u128::from(rows.all.max(1));
                u64::try_from(share).unwrap_or(weight)
            }
        }
    }

    // Paths of what is missing.
    fn missing(&self, key: &str) -> Vec<String> {
        match self {
            Self::Yes => Vec::new(),
            Self::Partly(rows) if !rows.lacking.is_empty() => {
                rows.lacking.iter().map(|(row, column)| format!("{key}.{row}.{column}")).collect()
            }
            Self::No | Self::Partly(_) => vec![key.to_owned()],
        }
    }
}

impl From<bool> for Filled {
    fn from(filled: bool) -> Self {
        if filled { Self::Yes } else { Self::No }
    }
}

// === impl SectionReport ===

impl SectionReport {
    fn empty(section: &str) -> Self {
        Self { section: section.to_owned(), filled: 0, applicable: 0, missing: Vec::new() }
    }

    /// Completeness of the section in percent, rounded down; 100 where nothing applies.
    pub fn percent(&self) -> u32 {
        percent(self.filled, self.applicable)
    }
}

// === impl Shortfall ===

impl Shortfall {
    /// Whether the gate is passed.
    pub fn is_passed(&self) -> bool {
        self.fields.is_empty() && self.percent.is_none()
    }
}

fn percent(filled: u64, applicable: u64) -> u32 {
    match applicable {
        0 => 100,
        all => u32::try_from(u128::from(filled) * 100 / u128::from(all)).unwrap_or(100),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{FieldType, Section};
    use proptest::prelude::*;

    fn field(id: &str, section: &str, weight: u32, required: Required) -> Field {
        Field { id: id.into(), section: section.into(), weight, required, ..Field::default() }
    }

    fn template() -> Template {
        let section = |id: &str| Section { id: id.into(), label: id.into() };
        let company = vec![CustomerType::Company];
        Template {
            sections: vec![section("basic"), section("business")],
            fields: vec![
                Field { critical: true, ..field("name", "basic", 3, Required::Yes) },
                field("phone", "basic", 1, Required::Yes),
                Field { customer_types: company, ..field("capital", "business", 4, Required::Cond) },
                field("remark", "business", 2, Required::Listed),
                field("note", "business", 50, Required::No),
                Field { output_only: true, ..field("number", "basic", 50, Required::Yes) },
            ],
            ..Template::default()
        }
    }

    fn gate(required: bool, percent: u32, sections: &[&str]) -> Gate {
        let sections = sections.iter().map(|one| (*one).to_owned()).collect();
        Gate { purpose: "x".into(), required, critical: false, percent, sections }
    }

    // proves: P-31
    #[test]
    fn what_does_not_apply_weighs_nothing() {
        let person = measure(&template(), CustomerType::Individual, |id| id == "name");
        assert_eq!((person.filled, person.applicable, person.percent()), (3, 6, 50));
        let company = measure(&template(), CustomerType::Company, |id| id == "name");
        assert_eq!((company.filled, company.applicable, company.percent()), (3, 10, 30));
        assert_eq!(company.missing_required, ["phone", "capital"]);
    }

    // proves: P-34
    #[test]
    fn a_gate_names_what_is_missing() {
        let report = measure(&template(), CustomerType::Company, |id| id == "phone");
        let all = report.shortfall(&template(), &gate(true, 50, &[]));
        assert_eq!(all.fields, ["capital", "name"]);
        assert_eq!(all.percent, Some((10, 50)));
        let basic = report.shortfall(&template(), &gate(true, 25, &["basic"]));
        assert_eq!((basic.fields, basic.percent), (vec!["name".to_owned()], None));
        assert!(report.shortfall(&template(), &gate(false, 0, &[])).is_passed());
    }

    // proves: P-34
    #[test]
    fn critical_fields_are_asked_for_separately() {
        let report = measure(&template(), CustomerType::Individual, |_| false);
        let critical = Gate { critical: true, ..gate(false, 0, &[]) };
        assert_eq!(report.shortfall(&template(), &critical).fields, ["name"]);
    }

    fn group(weight: u32, required: Required) -> Template {
        let contacts = Field { kind: FieldType::Group, ..field("contacts", "basic", weight, required) };
        let mut template = template();
        template.fields.push(contacts);
        template
    }

    fn rows(all: u64, lacking: &[(&str, &str)]) -> Filled {
        let lacking: Vec<_> = lacking.iter().map(|(row, column)| ((*row).to_owned(), (*column).to_owned())).collect();
        let whole = all - lacking.len() as u64;
        if lacking.is_empty() { Filled::Yes } else { Filled::Partly(Rows { all, whole, lacking }) }
    }

    // proves: P-31
    #[test]
    fn every_row_counts_and_what_it_lacks_is_named_by_its_path() {
        let template = group(4, Required::Listed);
        let measured = |found: &Filled| {
            measure(
                &template,
                CustomerType::Individual,
                |id| if id == "contacts" { found.clone() } else { true.into() },
            )
        };
        let none = measured(&Filled::No);
        assert_eq!((none.filled, none.applicable), (6, 10));
        assert!(none.missing_required.is_empty(), "the group itself need not be there");
        assert_eq!(measured(&rows(3, &[])).filled, 10);
        let partly = measured(&rows(4, &[("7", "phone")]));
        assert_eq!((partly.filled, partly.applicable), (9, 10), "three of four rows");
        assert_eq!(partly.missing_required, ["contacts.7.phone"]);
        assert_eq!(partly.sections[0].missing, ["contacts.7.phone"]);
        let shortfall = partly.shortfall(&template, &gate(true, 0, &["basic"]));
        assert_eq!(shortfall.fields, ["contacts.7.phone"]);
        assert!(partly.shortfall(&template, &gate(true, 0, &["business"])).is_passed());
        // Who may not know of the rows is told of the group.
        let veiled = measured(&Filled::Partly(Rows { all: 4, whole: 3, lacking: Vec::new() }));
        assert_eq!((veiled.filled, veiled.missing_required), (9, vec!["contacts".to_owned()]));
    }

    #[test]
    fn a_long_list_drowns_nothing() {
        let template = group(1, Required::Yes);
        let of =
            |all: u64| {
                measure(&template, CustomerType::Individual, |id| {
                    if id == "contacts" { rows(all, &[]) } else { false.into() }
                })
            };
        assert_eq!((of(1).percent(), of(1000).percent()), (14, 14));
    }

    // proves: P-30
    #[test]
    fn what_is_only_shown_is_never_missing() {
        let mut template = template();
        let seal = Field { kind: FieldType::Shown, ..field("seal", "basic", 9, Required::Listed) };
        template.fields.push(seal);
        let report = measure(&template, CustomerType::Individual, |_| false);
        assert_eq!(report.applicable, 6);
        assert!(!report.sections[0].missing.contains(&"seal".to_owned()));
    }

    #[test]
    fn an_empty_form_is_complete() {
        let report = measure(&Template::default(), CustomerType::Company, |_| false);
        assert_eq!(report.percent(), 100);
    }

    proptest! {
        #[test]
        fn mending_a_row_and_adding_a_whole_one_never_lower_completeness(all in 1..1000_u64, lack in 0..1000_u64, weight in 1..50_u32) {
            let template = group(weight, Required::Yes);
            let of = |all: u64, whole: u64| {
                let found = Filled::Partly(Rows { all, whole, lacking: Vec::new() });
                measure(&template, CustomerType::Company, |_| found.clone()).filled
            };
            let whole = all - lack.min(all);
            prop_assert!(of(all, (whole + 1).min(all)) >= of(all, whole));
            prop_assert!(of(all + 1, whole + 1) >= of(all, whole));
            prop_assert!(of(all, whole) <= of(all, all));
        }

        #[test]
        fn filling_a_field_never_lowers_completeness(mask in 0..64_u32, bit in 0..6_usize) {
            let template = template();
            let at = |mask: u32| measure(&template, CustomerType::Company, |id| {
                template.fields.iter().position(|field| field.id == id).is_some_and(|i| mask & (1 << i) != 0)
            });
            prop_assert!(at(mask | (1 << bit)).percent() >= at(mask).percent());
            let sections: u64 = at(mask).sections.iter().map(|one| one.applicable).sum();
            prop_assert_eq!(sections, at(mask).applicable);
        }
    }
}
