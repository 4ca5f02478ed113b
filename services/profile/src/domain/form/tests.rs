use dossier_regime::{Choice, IdentifierKind, Pack};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;

fn field(kind: FieldType) -> Field {
    let values = vec![Choice { value: "old".into(), label: "老".into() }];
    Field { id: "f".into(), kind, values, max_length: 20, ..Field::default() }
}

fn offered(field: &Field, value: Value) -> (Option<FieldValue>, Faults) {
    let (pack, mut faults) = (Pack::default(), Faults::default());
    let rules = Origin { pack: &pack, today: jiff::civil::date(2026, 4, 2), writer: Uuid::from_u128(1) };
    let given = FieldValue { value: Some(value), provenance: None };
    (accept(field, &given, &rules, &mut faults), faults)
}

fn text(kind: FieldType, value: &str) -> bool {
    let (stored, faults) = offered(&field(kind), Value::Text(value.into()));
    stored.is_some() && faults.is_empty()
}

#[test]
fn each_type_takes_its_own_form_only() {
    assert!(text(FieldType::Text, "甲公司") && !text(FieldType::Text, "a\nb") && text(FieldType::LongText, "a\nb"));
    assert!(text(FieldType::Phone, "+86 138-0013-8000") && !text(FieldType::Phone, "call me"));
    assert!(text(FieldType::Email, "a@b.cn") && !text(FieldType::Email, "a@b") && !text(FieldType::Email, "a b@c.cn"));
    assert!(text(FieldType::Url, "https://a.cn") && !text(FieldType::Url, "a.cn"));
    assert!(
        text(FieldType::Money, "CNY 12.50") && !text(FieldType::Money, "12.50") && !text(FieldType::Money, "CNY x")
    );
    assert!(text(FieldType::Enum, "old") && !text(FieldType::Enum, "new"));
    assert!(text(FieldType::Datetime, "2026-04-01T08:00:00Z") && !text(FieldType::Datetime, "yesterday"));
    assert!(!text(FieldType::Int, "1") && !text(FieldType::Date, "2026-04-01"));
    assert!(offered(&field(FieldType::Int), Value::Integer(1)).0.is_some());
    assert!(offered(&field(FieldType::Date), Value::Date("2026-04-01".into())).0.is_some());
    assert!(offered(&field(FieldType::Date), Value::Date("2026-02-30".into())).0.is_none());
}

#[test]
fn a_wrong_check_digit_names_kind_and_field_but_not_the_value() {
    let field = Field { identifier: IdentifierKind::Gb11643, ..field(FieldType::Text) };
    let (stored, faults) = offered(&field, Value::Text("110105194912310021".into()));
    assert!(stored.is_none());
    let fault = faults.finish().unwrap_err();
    assert_eq!((fault.reason(), fault.metadata("kind")), (Reason::IdentifierInvalid, Some("gb11643")));
    assert!(!format!("{fault:?}").contains("1949"));
}

#[test]
fn empty_values_are_no_values() {
    assert!(offered(&field(FieldType::Text), Value::Text("  ".into())).0.is_none());
    let list = Value::List(TextList { items: vec![String::new()] });
    let (stored, faults) = offered(&field(FieldType::ListText), list);
    assert!(stored.is_none() && faults.is_empty());
}

#[test]
fn too_long_and_too_many_are_refused() {
    assert!(!text(FieldType::Text, &"x".repeat(21)));
    let list = Value::List(TextList { items: vec!["x".into(); 101] });
    assert!(!offered(&field(FieldType::ListText), list).1.is_empty());
}

#[test]
fn keys_outside_the_form_are_refused() {
    let mut only = field(FieldType::Text);
    only.customer_types = vec![CustomerType::Company];
    let template = Template { fields: vec![only], ..Template::default() };
    for (key, customer) in [("g", CustomerType::Company), ("f", CustomerType::Individual)] {
        let mut faults = Faults::default();
        assert!(writable(&template, customer, key, &mut faults).is_none());
        assert!(faults.finish().is_err());
    }
    assert!(writable(&template, CustomerType::Company, "f", &mut Faults::default()).is_some());
}

proptest! {
    #[test]
    fn what_is_stored_is_accepted_again_unchanged(value in "\\PC{0,24}") {
        if let (Some(stored), faults) = offered(&field(FieldType::Text), Value::Text(value)) {
            prop_assume!(faults.is_empty());
            let again = offered(&field(FieldType::Text), stored.value.clone().unwrap()).0.unwrap();
            prop_assert_eq!(again.value, stored.value);
        }
    }
}
