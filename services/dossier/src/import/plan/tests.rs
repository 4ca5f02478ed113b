//! What becomes of a line, without any service.

use dossier_proto::profile::v1::{TemplateField, TemplateSection};
use dossier_proto::types::{CustomerType, Money};

use super::*;

const KINDS: [(&str, FieldType); 14] = [
    ("name", FieldType::Text),
    ("age", FieldType::Integer),
    ("income", FieldType::Decimal),
    ("married", FieldType::Boolean),
    ("born", FieldType::Date),
    ("hobbies", FieldType::List),
    ("capital", FieldType::Money),
    ("met", FieldType::Timestamp),
    ("stage", FieldType::Choice),
    ("papers", FieldType::References),
    ("contacts", FieldType::Rows),
    ("since", FieldType::YearMonth),
    ("shops", FieldType::Choices),
    ("seal", FieldType::Shown),
];

fn template() -> Template {
    let field = |(key, kind): &(&str, FieldType)| TemplateField {
        key: (*key).to_owned(),
        display_name: format!("{key} 栏"),
        r#type: (*kind).into(),
        ..TemplateField::default()
    };
    let section = TemplateSection { fields: KINDS.iter().map(field).collect(), ..TemplateSection::default() };
    Template { name: "templates/t".to_owned(), sections: vec![section], ..Template::default() }
}

fn options() -> Options {
    Options { batch: Some("b".to_owned()), ..Options::new("t", "sales", CustomerType::NaturalPerson) }
}

fn columns(names: &[&str]) -> Vec<Arc<str>> {
    names.iter().map(|name| Arc::from(*name)).collect()
}

fn record(line: u64, cells: &[(&str, &str)]) -> Record {
    let cell = |(column, text): &(&str, &str)| (Arc::from(*column), Cell::Text((*text).to_owned()));
    Record { line, cells: cells.iter().map(cell).collect() }
}

#[test]
fn a_line_becomes_a_file_with_typed_fields_and_sources() {
    let options = Options {
        source: Some("visit".to_owned()),
        name_from: Some("No. {row}".to_owned()),
        unit_ref_from: "row".to_owned(),
        map: vec![("alter".to_owned(), "age".to_owned())],
        ..options()
    };
    let columns = columns(&["row", "alter", "income", "married", "born", "hobbies", "outcome", "age"]);
    let plan = Plan::new(&options, &template(), &columns).unwrap();
    assert_eq!(plan.unused(&columns), ["outcome", "age"]);
    let cells = [
        ("row", "7"),
        ("alter", "42"),
        ("income", "12.50"),
        ("married", "是"),
        ("born", "1984-02-29"),
        ("hobbies", "a; b"),
        ("age", "1"),
    ];
    let file = plan.create(&record(9, &cells)).unwrap().customer_file.unwrap();
    assert_eq!((file.unit_ref.as_str(), file.unit.as_str(), file.template.as_str()), ("7", "sales", "templates/t"));
    let value = |key: &str| file.fields[key].value.clone().unwrap();
    assert_eq!(value("name"), field_value::Value::Text("No. 7".to_owned()));
    assert_eq!(value("age"), field_value::Value::Integer(42));
    assert_eq!(value("married"), field_value::Value::Boolean(true));
    assert_eq!(value("born"), field_value::Value::Date("1984-02-29".to_owned()));
    assert_eq!(value("hobbies"), field_value::Value::List(TextList { items: vec!["a".into(), "b".into()] }));
    assert_eq!(file.fields["age"].provenance.as_ref().unwrap().source_note, "visit");
}

#[test]
fn a_cell_is_read_as_the_type_of_its_field() {
    use field_value::Value;
    let columns = columns(&["capital", "met", "stage", "papers", "since", "shops", "contacts", "seal"]);
    let plan = Plan::new(&Options { unit_ref_from: "{line}".into(), ..options() }, &template(), &columns).unwrap();
    let cells = [
        ("capital", "CNY 12.50"),
        ("met", "2026-04-01T08:00:00+08:00"),
        ("stage", "signed"),
        ("papers", "files/1；files/2"),
        ("since", "2026-04"),
        ("shops", "a; b"),
    ];
    let file = plan.create(&record(2, &cells)).unwrap().customer_file.unwrap();
    let value = |key: &str| file.fields[key].value.clone().unwrap();
    assert_eq!(value("capital"), Value::Money(Money { minor_units: 1250, currency_code: "CNY".into() }));
    assert_eq!(value("met"), Value::Timestamp(prost_types::Timestamp { seconds: 1_775_001_600, nanos: 0 }));
    assert_eq!(value("stage"), Value::Choice(Choice { id: "signed".into(), label: String::new() }));
    assert_eq!(value("papers"), Value::References(ReferenceList { items: vec!["files/1".into(), "files/2".into()] }));
    assert_eq!(value("since"), Value::YearMonth("2026-04".into()));
    let ids = ["a", "b"].map(|id| Choice { id: id.into(), label: String::new() });
    assert_eq!(value("shops"), Value::Choices(ChoiceList { items: ids.to_vec() }));
    let wrong = [("capital", "12.50"), ("met", "yesterday"), ("contacts", "a"), ("seal", "x")];
    let refused = plan.create(&record(3, &wrong)).unwrap_err();
    let fields: Vec<_> = refused.iter().map(|one| one.field.as_str()).collect();
    assert_eq!(fields, ["fields.capital", "fields.met", "fields.contacts", "fields.seal"]);
}

#[test]
fn every_wrong_value_is_named_by_field_and_never_repeated() {
    let plan = Plan::new(&options(), &template(), &columns(&["age", "born", "married", "income"])).unwrap();
    let cells = [("age", "forty"), ("born", "1985-02-29"), ("married", "perhaps"), ("income", "1e3")];
    let refused = plan.create(&record(3, &cells)).unwrap_err();
    let fields: Vec<_> = refused.iter().map(|one| (one.line, one.field.as_str())).collect();
    assert_eq!(fields, [(3, "fields.age"), (3, "fields.born"), (3, "fields.married"), (3, "fields.income")]);
    assert!(refused.iter().all(|one| !one.why.contains("forty") && !one.why.contains("perhaps")));
}

#[test]
fn the_same_line_is_the_same_call_and_a_changed_one_another() {
    let plan = |batch: &str| {
        let options = Options { batch: Some(batch.to_owned()), ..options() };
        Plan::new(&options, &template(), &columns(&["age"])).unwrap()
    };
    let id = |batch: &str, line, age: &str| plan(batch).create(&record(line, &[("age", age)])).unwrap().request_id;
    assert_eq!(id("b", 2, "5"), id("b", 2, "5"));
    // The line is part of it only through the reference of the unit, which says so.
    assert_ne!(id("b", 2, "5"), id("b", 3, "5"));
    let options = Options { unit_ref_from: "age".to_owned(), ..options() };
    let plan_by_key = Plan::new(&options, &template(), &columns(&["age"])).unwrap();
    let by_key = |line| plan_by_key.create(&record(line, &[("age", "5")])).unwrap().request_id;
    assert_eq!(by_key(2), by_key(7));
    assert_ne!(id("b", 2, "5"), id("b", 2, "6"));
    assert_ne!(id("b", 2, "5"), id("c", 2, "5"));
    assert_eq!(plan("b").submit("files/1").request_id, plan("b").submit("files/1").request_id);
}

#[test]
fn a_name_that_does_not_exist_is_refused_before_anything_is_sent() {
    let columns = columns(&["age"]);
    let wrong = |change: fn(&mut Options)| {
        let mut options = options();
        change(&mut options);
        Plan::new(&options, &template(), &columns).unwrap_err().to_string()
    };
    assert!(wrong(|one| one.map = vec![("ag".into(), "age".into())]).contains("no column `ag`"));
    assert!(wrong(|one| one.map = vec![("age".into(), "old".into())]).contains("no field `old`"));
    assert!(wrong(|one| one.name_from = Some("x {y}".into())).contains("no column `y`"));
    assert!(wrong(|one| one.name_from = Some("x {y".into())).contains("has no `}`"));
    assert!(wrong(|one| one.unit_ref_from = "fixed".into()).contains("neither a column nor a pattern"));
}

#[test]
fn an_empty_column_of_a_pattern_refuses_the_line() {
    let options = Options { unit_ref_from: "row".to_owned(), ..options() };
    let plan = Plan::new(&options, &template(), &columns(&["row", "age"])).unwrap();
    let refused = plan.create(&record(3, &[("age", "5")])).unwrap_err();
    assert_eq!((refused[0].field.as_str(), refused[0].why.as_str()), ("unit_ref", "column `row` is empty"));
}

#[test]
fn headings_may_be_the_labels_of_the_form() {
    let columns = columns(&["name", "AGE栏*", "ｂｏｒｎ 栏"]);
    let plan = Plan::new(&options(), &template(), &columns).unwrap();
    assert!(plan.unused(&columns).is_empty());
    let cells = [("name", "客户甲"), ("AGE栏*", "35.0"), ("ｂｏｒｎ 栏", "1984/2/29")];
    let file = plan.create(&record(2, &cells)).unwrap().customer_file.unwrap();
    assert_eq!(file.fields["age"].value, Some(field_value::Value::Integer(35)));
    assert_eq!(file.fields["born"].value, Some(field_value::Value::Date("1984-02-29".to_owned())));
    let twice = ["age", "age 栏"].map(Arc::from);
    assert!(Plan::new(&options(), &template(), &twice).unwrap_err().to_string().contains("both fill `age`"));
    // JSON lines name their columns later.
    let plan = Plan::new(&Options { unit_ref_from: "{line}".into(), ..options() }, &template(), &[]).unwrap();
    let file = plan.create(&record(2, &[("age 栏", "5")])).unwrap().customer_file.unwrap();
    assert_eq!(file.fields["age"].value, Some(field_value::Value::Integer(5)));
}
