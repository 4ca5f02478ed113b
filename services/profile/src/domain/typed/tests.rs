use dossier_kernel::faults::Faults;
use dossier_proto::types::{ChoiceList, DateRange, Row, RowList};
use dossier_regime::Choice as Known;
use dossier_regime::Column;
use proptest::prelude::*;

use super::*;

fn field(kind: FieldType) -> Field {
    let values = vec![Known { value: "old".into(), label: "老".into() }];
    Field { id: "f".into(), kind, values, ..Field::default() }
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn taken(kind: FieldType, given: &Value) -> Result<Value, Vec<(String, String)>> {
    let mut faults = Faults::default();
    let kept = kept(&field(kind), "fields.f", given, &mut faults);
    let told = |fault: dossier_kernel::error::Error| {
        fault.violations().iter().map(|one| (one.field.clone(), one.why.clone())).collect::<Vec<_>>()
    };
    faults.finish().map_err(told)?;
    Ok(kept.unwrap())
}

fn answered(kind: FieldType, kept: Value) -> Value {
    told(&field(kind), FieldValue { value: Some(kept), provenance: None }).value.unwrap()
}

fn yuan(minor_units: i64) -> Money {
    Money { minor_units, currency_code: "CNY".into() }
}

fn samples() -> Vec<(FieldType, Value, Value)> {
    let list = |items: &[&str]| items.iter().map(|&item| item.to_owned()).collect::<Vec<_>>();
    let time = prost_types::Timestamp { seconds: 1_775_001_600, nanos: 250_000_000 };
    let old = || Choice { id: "old".into(), label: "老".into() };
    let days = || Value::DateRange(DateRange { start_date: "2026-04-01".into(), end_date: String::new() });
    let month = || Value::YearMonth("2026-04".into());
    let refs = || ReferenceList { items: list(&["files/1", "files/2"]) };
    let texts = |items: &[&str]| Value::List(TextList { items: list(items) });
    vec![
        (FieldType::Int, Value::Integer(7), Value::Integer(7)),
        (FieldType::Bool, Value::Boolean(true), Value::Boolean(true)),
        (FieldType::Date, Value::Date("2026-04-01".into()), Value::Date("2026-04-01".into())),
        (FieldType::Money, Value::Money(yuan(1250)), text("CNY 12.50")),
        (FieldType::Datetime, Value::Timestamp(time), text("2026-04-01T00:00:00.25Z")),
        (FieldType::Enum, Value::Choice(old()), text("old")),
        (FieldType::ListEnum, Value::Choices(ChoiceList { items: vec![old()] }), texts(&["old"])),
        (FieldType::Decimal, Value::Decimal("12.50".into()), Value::Decimal("12.50".into())),
        (FieldType::Percent, Value::Decimal("70".into()), Value::Decimal("70".into())),
        (FieldType::YearMonth, month(), month()),
        (FieldType::DateRange, days(), days()),
        (FieldType::Ref, Value::Reference("files/1".into()), Value::Reference("files/1".into())),
        (FieldType::BankAccount, text("62220000"), text("62220000")),
        (FieldType::SecretRef, text("vault:a"), text("vault:a")),
        (FieldType::ListText, texts(&["a"]), texts(&["a"])),
        (FieldType::ListRef, Value::References(refs()), texts(&["files/1", "files/2"])),
        (FieldType::ListAttachment, Value::References(refs()), texts(&["files/1", "files/2"])),
        (FieldType::Text, text("x"), text("x")),
    ]
}

// proves: P-30
#[test]
fn each_type_is_kept_in_its_plain_form_and_told_by_its_type() {
    for (kind, given, plain) in samples() {
        assert_eq!(taken(kind, &given), Ok(plain.clone()), "{kind}");
        assert_eq!(answered(kind, plain), given, "{kind}");
    }
}

#[test]
fn a_value_of_another_type_is_refused_with_the_one_that_is_expected() {
    let foreign = [
        Value::Rows(RowList::default()),
        Value::DateRange(DateRange::default()),
        Value::YearMonth("2026-04".into()),
        Value::Reference("files/1".into()),
        Value::Choices(ChoiceList::default()),
        Value::Decimal("1".into()),
    ];
    for (kind, own, _) in samples() {
        let others = samples().into_iter().map(|(_, given, _)| given).chain(foreign.clone());
        let of = |one: &Value| std::mem::discriminant(one);
        for other in others.filter(|one| of(one) != of(&own)) {
            let fault = taken(kind, &other).unwrap_err();
            let expected = ("fields.f".to_owned(), format!("must be given as `{}`", carrier(kind)));
            assert_eq!(fault, [expected], "{kind} takes {other:?}");
        }
    }
}

// proves: P-30
#[test]
fn each_cell_is_told_by_the_type_of_its_column() {
    let column = |id: &str, kind| Column { id: id.into(), kind, ..Column::default() };
    let columns = vec![column("pay", FieldType::Money), column("note", FieldType::Text)];
    let group = Field { columns, ..field(FieldType::Group) };
    let cell = |value: Value| FieldValue { value: Some(value), provenance: None };
    let row = |cells: [(&str, Value); 3]| {
        let cells = cells.into_iter().map(|(key, value)| (key.to_owned(), cell(value))).collect();
        Value::Rows(RowList { rows: vec![Row { id: "7".into(), cells }] })
    };
    let kept = row([("pay", text("CNY 12.50")), ("note", text("x")), ("gone", text("y"))]);
    let answered = told(&group, cell(kept)).value.unwrap();
    assert_eq!(answered, row([("pay", Value::Money(yuan(1250))), ("note", text("x")), ("gone", text("y"))]));
}

#[test]
fn an_amount_without_a_currency_or_beyond_the_contract_is_refused() {
    for (minor_units, currency_code, at) in [
        (1, "", "currency_code"),
        (1, "cny", "currency_code"),
        (1_000_000_000_000_001, "CNY", "minor_units"),
        (i64::MIN, "CNY", "minor_units"),
    ] {
        let money = Money { minor_units, currency_code: currency_code.into() };
        let fault = taken(FieldType::Money, &Value::Money(money)).unwrap_err();
        assert_eq!(fault[0].0, format!("fields.f.money.{at}"));
    }
}

#[test]
fn what_was_kept_before_is_told_as_far_as_its_type_can_say_it() {
    let money = |kept: &str| answered(FieldType::Money, text(kept));
    assert_eq!(money("CNY 12"), Value::Money(yuan(1200)));
    assert_eq!(money("CNY 12.500"), Value::Money(yuan(1250)));
    assert_eq!(money("JPY 7"), Value::Money(Money { minor_units: 7, currency_code: "JPY".into() }));
    // A tenth of a fen, and more than the contract carries: the text as it was written.
    for kept in ["CNY 12.505", "CNY 99999999999999.00", "a lot"] {
        assert_eq!(money(kept), text(kept));
    }
    let time = |kept: &str| answered(FieldType::Datetime, text(kept));
    let told = prost_types::Timestamp { seconds: 1_775_001_600, nanos: 0 };
    assert_eq!(time("2026-04-01T08:00:00+08:00"), Value::Timestamp(told));
    assert_eq!(time("2026-04-01T08:00:00.0000001Z"), text("2026-04-01T08:00:00.0000001Z"));
    let gone = Choice { id: "gone".into(), label: String::new() };
    assert_eq!(answered(FieldType::Enum, text("gone")), Value::Choice(gone));
}

proptest! {
    #[test]
    fn every_amount_of_the_contract_comes_back_as_it_was(minor in -1_000_000_000_000_000_i64..=1_000_000_000_000_000,
                                                         code in prop::sample::select(vec!["CNY", "JPY", "KWD", "USD"])) {
        let given = Value::Money(Money { minor_units: minor, currency_code: code.to_owned() });
        let plain = taken(FieldType::Money, &given).unwrap();
        prop_assert_eq!(answered(FieldType::Money, plain), given);
    }
}
