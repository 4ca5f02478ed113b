//! Groups: rows of typed cells, kept, sealed and promised as one value.

use dossier_proto::types::{Money, Row, RowList};
use dossier_regime::completeness::{Filled, Rows};
use dossier_regime::{Column, Required};

use super::*;

fn column(id: &str, kind: FieldType, required: Required) -> Column {
    let values = vec![Choice { value: "old".into(), label: "老".into() }];
    let values = if kind == FieldType::Enum { values } else { Vec::new() };
    Column { id: id.into(), kind, required, values, max_length: 20, ..Column::default() }
}

fn group() -> Field {
    let columns = vec![
        column("name", FieldType::Text, Required::Yes),
        column("age", FieldType::Int, Required::Listed),
        column("pay", FieldType::Money, Required::Yes),
        column("kind", FieldType::Enum, Required::Cond),
    ];
    Field { id: "g".into(), kind: FieldType::Group, columns, rows: Some(3), ..Field::default() }
}

fn text(value: &str) -> FieldValue {
    FieldValue { value: Some(Value::Text(value.into())), provenance: None }
}

fn row(id: &str, cells: &[(&str, FieldValue)]) -> Row {
    Row { id: id.into(), cells: cells.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect() }
}

fn rows(rows: Vec<Row>) -> Value {
    Value::Rows(RowList { rows })
}

fn at(rows: Vec<Row>) -> Vec<String> {
    let (_, faults) = offered(&group(), Value::Rows(RowList { rows }));
    let Err(fault) = faults.finish() else { return Vec::new() };
    assert_eq!(fault.reason(), Reason::FieldViolation);
    fault.violations().iter().map(|one| one.field.clone()).collect()
}

fn money(minor_units: i64) -> FieldValue {
    let value = Value::Money(Money { minor_units, currency_code: "CNY".into() });
    FieldValue { value: Some(value), provenance: None }
}

// proves: P-30
#[test]
fn rows_are_kept_cell_by_cell_in_their_order() {
    let given = vec![row("b", &[("pay", money(1250)), ("name", text(" 甲 "))]), row("7", &[("name", text("乙"))])];
    let stored = offered(&group(), rows(given)).0.unwrap();
    let Some(Value::Rows(list)) = &stored.value else { panic!("rows") };
    assert_eq!(list.rows.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["b", "7"]);
    assert_eq!(list.rows[0].cells["name"].value, text("甲").value);
    assert!(list.rows[0].cells["name"].provenance.is_none(), "that of the group");
    assert!(stored.provenance.is_some());
    assert_eq!(plain(&stored), "b\tname=甲\tpay=CNY 12.50\n7\tname=乙");
}

#[test]
fn every_fault_of_a_row_is_named_by_its_cell() {
    let good = || ("name", text("x"));
    assert_eq!(at(vec![row("7", &[good()])]), [""; 0]);
    assert_eq!(at(vec![row("7", &[("name", money(1))])]), ["fields.g.7.name"]);
    assert_eq!(at(vec![row("7", &[("name", text(&"x".repeat(21)))])]), ["fields.g.7.name"]);
    assert_eq!(at(vec![row("7", &[("kind", text("old"))])]), ["fields.g.7.kind"]);
    assert_eq!(at(vec![row("7", &[("name", FieldValue::default())])]), ["fields.g.7.name"]);
    assert_eq!(at(vec![row("7", &[("fax", text("x"))])]), ["fields.g.7.fax"]);
    assert_eq!(at(vec![row("7", &[good()]), row("7", &[good()])]), ["fields.g.7"]);
    assert_eq!(at(vec![row("7", &[])]), ["fields.g.7"]);
    assert_eq!(at(vec![]), ["fields.g"]);
    let five: Vec<_> = ["a", "b", "c", "d", "e"].iter().map(|key| (*key, text("x"))).collect();
    assert_eq!(at(vec![row("7", &five)]), ["fields.g.7"], "more cells than columns");
    assert_eq!(at(["1", "2", "3", "4"].iter().map(|id| row(id, &[good()])).collect()), ["fields.g"]);
    let inner = FieldValue { value: Some(rows(vec![row("1", &[good()])])), provenance: None };
    assert_eq!(at(vec![row("7", &[("name", inner)])]), ["fields.g.7.name"]);
    for wrong in ["", "A", "7a", "a.b", "a b", "甲", "7.name", &"9".repeat(37)] {
        assert_eq!(at(vec![row(wrong, &[good()])]), ["fields.g.0.id"], "{wrong}");
    }
    for id in ["0", "first_visit", "0190a5d2-0000-7000-8000-000000000007"] {
        assert_eq!(at(vec![row(id, &[good()])]), [""; 0], "{id}");
    }
}

#[test]
fn of_very_many_faulty_rows_the_first_are_told() {
    let many = (0..1000).map(|at| row(&at.to_string(), &[("fax", text("x"))])).collect();
    let (_, faults) = offered(&Field { rows: Some(1000), ..group() }, rows(many));
    assert_eq!(faults.finish().unwrap_err().violations().len(), 100);
}

#[test]
fn another_type_than_rows_is_refused_with_the_one_that_is_expected() {
    let (_, faults) = offered(&group(), Value::Text("x".into()));
    assert_eq!(faults.finish().unwrap_err().violations()[0].why, "must be given as `rows`");
}

#[test]
fn a_source_of_a_cell_is_checked_like_any_other() {
    let origin = Some(Provenance { collect_date: "2026-04-03".into(), ..Provenance::default() });
    let cell = FieldValue { provenance: origin, ..text("x") };
    assert_eq!(at(vec![row("7", &[("name", cell)])]), ["fields.g.7.name.provenance.collect_date"]);
}

// proves: P-31
#[test]
fn what_the_rows_lack_is_what_they_must_have() {
    let found = |rows: Vec<Row>| lacking(&group(), &FieldValue { value: Some(self::rows(rows)), provenance: None });
    let whole = || row("1", &[("name", text("x")), ("pay", money(1))]);
    assert_eq!(found(vec![whole()]), Filled::Yes);
    let cells = vec![("7".to_owned(), "pay".to_owned())];
    let part = row("7", &[("name", text("x"))]);
    assert_eq!(found(vec![whole(), part]), Filled::Partly(Rows { all: 2, whole: 1, lacking: cells }));
    let many = (0..1000).map(|at| row(&at.to_string(), &[("age", text("x"))])).collect();
    let Filled::Partly(many) = found(many) else { panic!("something is missing") };
    assert_eq!((many.all, many.whole, many.lacking.len()), (1000, 0, 100));
}

#[test]
fn no_two_groups_have_one_text() {
    let told = |cells: &[(&str, FieldValue)]| {
        plain(&FieldValue { value: Some(rows(vec![row("1", cells)])), provenance: None })
    };
    assert_ne!(told(&[("a", text("x\tb=y"))]), told(&[("a", text("x")), ("b", text("y"))]));
    assert_ne!(
        told(&[("a", text("x\n2\ta=y"))]),
        plain(&FieldValue {
            value: Some(rows(vec![row("1", &[("a", text("x"))]), row("2", &[("a", text("y"))])])),
            provenance: None,
        })
    );
    assert_ne!(told(&[("a", text("x\\n"))]), told(&[("a", text("x\n"))]));
}

proptest! {
    // proves: I9
    #[test]
    fn the_text_of_rows_says_them_all(one in cells(), other in cells()) {
        let text = |cells: &Cells| plain(&FieldValue { value: Some(listed(cells)), provenance: None });
        prop_assert_eq!(text(&one) == text(&other), one == other);
    }
}

type Cells = Vec<Vec<(String, String)>>;

fn cells() -> impl Strategy<Value = Cells> {
    let cell = |key: &'static str| "[ab\\\\\n\t=]{0,4}".prop_map(move |text| (key.to_owned(), text));
    prop::collection::vec(
        (cell("a"), prop::option::of(cell("b"))).prop_map(|(a, b)| [a].into_iter().chain(b).collect()),
        1..3,
    )
}

fn listed(cells: &Cells) -> Value {
    let of = |(at, cells): (usize, &Vec<(String, String)>)| {
        let cells: Vec<_> = cells.iter().map(|(key, value)| (key.as_str(), text(value))).collect();
        row(&at.to_string(), &cells)
    };
    rows(cells.iter().enumerate().map(of).collect())
}
