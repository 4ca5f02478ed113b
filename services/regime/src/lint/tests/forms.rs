//! Templates by broken fixtures: the example form with one text replaced.

use std::fs;
use std::path::Path;

use super::{Fault, Faults};
use crate::model::{FieldType, Personal, Sensitivity, Template};
use crate::{Regimes, Source, Sources};

const FILE: &str = "example-template.yaml";

fn example() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(FILE)).unwrap()
}

fn read(text: &str) -> Result<Template, Faults> {
    let mut sources = Sources::shipped();
    sources.templates.push(Source { file: FILE.to_owned(), bytes: text.into() });
    let regimes = Regimes::read(&sources)?;
    Ok(regimes.template("example_form").unwrap().as_ref().clone())
}

/// The replacement gives this fault on the line of the replaced text, and no other there.
#[track_caller]
fn refused(from: &str, to: &str, path: &str, sentence: &str) {
    let text = example();
    let at = text.find(from).unwrap_or_else(|| panic!("the example has no `{from}`"));
    let line = 1 + text[..at].matches('\n').count();
    let faults = read(&text.replacen(from, to, 1)).unwrap_err();
    let errors: Vec<&Fault> = faults.errors().collect();
    assert_eq!(errors.len(), 1, "`{from}` -> `{to}`:\n{faults}");
    assert_eq!((errors[0].file.as_str(), errors[0].line), (FILE, line), "{faults}");
    assert!(errors[0].path.ends_with(path) && errors[0].sentence.contains(sentence), "{faults}");
}

// proves: P-30
#[test]
fn a_form_of_every_type_loads() {
    let form = read(&example()).unwrap();
    for kind in FieldType::ALL {
        assert!(form.fields.iter().any(|field| field.kind == *kind), "{kind}");
    }
}

// proves: P-59
#[test]
fn a_field_keeps_the_numbers_that_its_sources_give_it() {
    let form = read(&example()).unwrap();
    let numbers = &form.field("title").unwrap().numbers;
    assert_eq!((numbers["R02"].as_str(), numbers["R11"].as_str()), ("1", "1.1"));
    refused("R11: \"1.1\"", "R11: \"12345678901234567\"", "numbers.R11", "at most 16 characters");
    refused("R11: \"1.1\"", "R 11: \"1.1\"", "numbers.R 11", "is no id of a source");
}

#[test]
fn a_group_is_as_sensitive_as_its_most_sensitive_column() {
    let form = read(&example()).unwrap();
    let children = form.field("children").unwrap();
    assert_eq!((children.sensitivity, children.pi), (Sensitivity::Secret, Personal::Spi));
    // What a child inherits is sealed like its parent.
    let mut sources = Sources::shipped();
    let heir = "id: heir\nversion: 1\nlabel: x\nextends: example_form\nsections: []\n\
                fields: [{id: more, label: x, section: facts, type: text, sensitivity: internal}]\n";
    for (file, text) in [(FILE, example()), ("heir.yaml", heir.to_owned())] {
        sources.templates.push(Source { file: file.to_owned(), bytes: text.into() });
    }
    let regimes = Regimes::read(&sources).unwrap();
    let inherited = regimes.template("heir").unwrap().field("children").unwrap().sensitivity;
    assert_eq!(inherited, Sensitivity::Secret);
}

#[test]
fn a_group_has_columns_and_bounded_rows_and_nothing_else_has() {
    refused("rows: 20", "rows: 0", "rows", "1 to 1000 rows");
    refused("rows: 20", "rows: 1001", "rows", "1 to 1000 rows");
    refused("rows: 20", "rows: many", "rows", "not a whole number");
    refused("type: list<text>,", "type: list<text>, rows: 5,", "rows", "only a group has rows");
    let columns = "columns: [{id: x, label: x, type: text, sensitivity: internal}]";
    refused("type: list<text>,", &format!("type: list<text>, {columns},"), "columns", "only a group has columns");
    refused("type: list<text>,", "type: group,", "", "at least one column");
    refused("{id: age,", "{id: name,", "id", "column `name` is given twice");
    refused("{id: age,", "{id: Age,", "id", "`Age` is no key of a field");
    refused("{id: school, label: 教育, type: enum,", "{id: school, label: 教育, type: text,", "values", "only an enum");
    refused(
        "type: text, required: yes, sensitivity: secret",
        "type: group, required: yes, sensitivity: secret",
        "type",
        "one level",
    );
    refused(
        "type: text, required: yes, sensitivity: secret",
        "type: shown, required: yes, sensitivity: secret",
        "type",
        "one level",
    );
    refused("pi: spi, max_length: 50", "pi: spi, max_length: 0", "max_length", "at least one character");
    refused(
        "{id: guardian, label: 监护人, type: ref, to: person, sensitivity: internal}",
        "{id: guardian, label: 监护人, type: ref, to: person, sensitivity: public, pi: pi}",
        "sensitivity",
        "never public",
    );
    refused("pi: spi, max_length: 50", "pi: spi, indexed: exact", "", "unknown key `indexed`");
    let many: String =
        (0..51).map(|at| format!("      - {{id: c{at}, label: x, type: text, sensitivity: internal}}\n")).collect();
    let text = example().replacen("    columns:\n", &format!("    columns:\n{many}"), 1);
    assert!(read(&text).unwrap_err().to_string().contains("at most 50 columns"));
}

#[test]
fn bounds_are_of_the_type_that_they_bound() {
    refused("min: 0, max: 1000000", "min: 0.5, max: 1000000", "min", "the bound of a `int` is a whole number");
    refused("min: 0, max: 1000000", "min: 5, max: 4", "max", "nothing lies between 5 and 4");
    refused("min: \"0.3\"", "min: CNY 1", "min", "a decimal number such as `0.5`");
    refused("min: \"0.3\"", "min: 1e3", "min", "a decimal number such as `0.5`");
    refused("min: CNY 50", "min: 50", "min", "an amount such as `CNY 50`");
    refused("min: CNY 50", "min: yuan 50", "min", "an amount such as `CNY 50`");
    refused("min: CNY 50", "min: USD 50", "max", "both bounds have one currency");
    refused("max: CNY 1000", "max: 1000", "columns[4].max", "an amount such as `CNY 50`");
    refused("type: list<text>,", "type: list<text>, min: 1,", "min", "only numbers and amounts have bounds");
    refused("type: phone,", "type: phone, max: 1,", "max", "only numbers and amounts have bounds");
}

#[test]
fn only_a_reference_points_to_something() {
    refused("type: list<text>,", "type: list<text>, to: record,", "to", "only a `ref` or several point to something");
    refused("to: person", "to: vehicle", "to", "`vehicle` is not one of person, file, record");
}

#[test]
fn what_is_shown_says_what_and_is_never_demanded() {
    let shows = "shows: {slot: approver}";
    refused(shows, "shows: {}", "shows", "a field shows one thing");
    refused(shows, "shows: {slot: approver, stage: done}", "shows", "a field shows one thing");
    refused(&format!("type: shown, {shows}"), "type: shown", "shows", "what is shown is said");
    refused("type: list<text>,", &format!("type: list<text>, {shows},"), "shows", "only a `shown` field");
    refused(shows, &format!("{shows}, required: yes"), "required", "never missing");
    refused(shows, &format!("{shows}, critical: true"), "critical", "never missing");
    refused(shows, &format!("{shows}, output_only: true"), "output_only", "never missing");
    refused(shows, "shows: {seal: approver}", "shows", "unknown key `seal`");
}

#[test]
fn what_is_no_plain_text_is_not_searched() {
    for kind in ["decimal", "percent", "year_month", "date_range", "secret_ref"] {
        let at = format!("type: {kind}, sensitivity:");
        refused(&at, &format!("type: {kind}, indexed: exact, sensitivity:"), "indexed", "is not searched");
    }
    refused("to: person, sensitivity", "to: person, indexed: exact, sensitivity", "indexed", "is not searched");
    refused("type: list<enum>,", "type: list<enum>, indexed: exact,", "indexed", "a `list<enum>` is not searched");
    refused("    rows: 20", "    indexed: exact", "indexed", "a `group` is not searched");
    refused("shows: {slot: approver}", "shows: {slot: approver}, indexed: exact", "indexed", "is not searched");
    refused(
        "type: bank_account, sensitivity: secret, indexed: exact",
        "type: bank_account, sensitivity: secret, indexed: name",
        "indexed",
        "only `text` is searched by name",
    );
}

#[test]
fn a_choice_of_several_has_values() {
    let values = ", values: [{value: shop, label: 门店}, {value: net, label: 网络}]";
    refused(values, "", "values", "enum without values");
    refused("{value: shop,", "{value: net,", "value", "value `net` is given twice");
}
