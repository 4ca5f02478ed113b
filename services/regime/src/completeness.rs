//! Completeness: filled weight divided by applicable weight, per section and for the file (P-31, P-34).

use crate::model::{CustomerType, Field, Gate, Required, Template};

/// How complete a file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Weight of the filled fields that apply.
    pub filled: u64,
    /// Weight of all fields that apply.
    pub applicable: u64,
    /// The same per section, in the order of the template.
    pub sections: Vec<SectionReport>,
    /// Fields that must be filled and are not.
    pub missing_required: Vec<String>,
    /// Critical fields that are not filled.
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
    /// Its fields that apply and are not filled.
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

/// Measures a file of this customer type, or of none; `filled` says whether a field has a value.
pub fn measure(
    template: &Template,
    customer: impl Into<Option<CustomerType>>,
    filled: impl Fn(&str) -> bool,
) -> Report {
    let customer = customer.into();
    let mut report = Report {
        filled: 0,
        applicable: 0,
        sections: template.sections.iter().map(|section| SectionReport::empty(&section.id)).collect(),
        missing_required: Vec::new(),
        missing_critical: Vec::new(),
    };
    for field in template.fields.iter().filter(|field| counts(field, customer)) {
        report.add(field, customer, filled(&field.id));
    }
    report
}

/// Fields the system fills, and fields marked `no`, say nothing about how well people filled the form.
fn counts(field: &Field, customer: Option<CustomerType>) -> bool {
    field.required != Required::No && !field.output_only && field.applies_to(customer)
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
        let inside = |id: &&String| template.field(id).is_some_and(|field| counted(&field.section));
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

    fn add(&mut self, field: &Field, customer: Option<CustomerType>, filled: bool) {
        let weight = u64::from(field.weight);
        let gained = if filled { weight } else { 0 };
        self.applicable += weight;
        self.filled += gained;
        if let Some(section) = self.sections.iter_mut().find(|one| one.section == field.section) {
            section.applicable += weight;
            section.filled += gained;
            if !filled {
                section.missing.push(field.id.clone());
            }
        }
        if !filled && field.is_required_for(customer) {
            self.missing_required.push(field.id.clone());
        }
        if !filled && field.critical {
            self.missing_critical.push(field.id.clone());
        }
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
    use crate::model::Section;
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

    #[test]
    fn an_empty_form_is_complete() {
        let report = measure(&Template::default(), CustomerType::Company, |_| false);
        assert_eq!(report.percent(), 100);
    }

    proptest! {
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
