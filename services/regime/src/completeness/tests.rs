use super::*;
use crate::model::{FieldType, Section};
use proptest::prelude::*;

fn field(id: &str, section: &str, weight: u32, required: Required) -> Field {
    Field { id: id.into(), section: section.into(), weight, required, ..Field::default() }
}

fn template() -> Template {
    let section = |id: &str| Section { id: id.into(), label: id.into(), ..Section::default() };
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
    Gate { purpose: "x".into(), required, critical: false, percent, sections, documents: Vec::new() }
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
        measure(&template, CustomerType::Individual, |id| if id == "contacts" { found.clone() } else { true.into() })
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
    let of = |all: u64| {
        measure(&template, CustomerType::Individual, |id| if id == "contacts" { rows(all, &[]) } else { false.into() })
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
    fn mending_a_row_and_adding_a_whole_one_never_lower_completeness(all in 1..1000_u64, lack in 0..1000_u64,
                                                                     weight in 1..50_u32) {
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
