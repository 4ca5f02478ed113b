//! What each of the newer types takes, and in which one spelling it is kept.

use dossier_proto::types::{ChoiceList, DateRange, Money};
use dossier_regime::Target;

use super::*;

fn kept(field: &Field, value: Value) -> Result<String, Vec<String>> {
    let (stored, faults) = offered(field, value);
    let told = |fault: dossier_kernel::error::Error| fault.violations().iter().map(|one| one.field.clone()).collect();
    faults.finish().map_err(told).map(|()| plain(&stored.unwrap()))
}

fn spelt(kind: FieldType, value: Value) -> Option<String> {
    kept(&field(kind), value).ok()
}

fn bounded(kind: FieldType, min: &str, max: &str) -> Field {
    Field { min: Some(min.into()), max: Some(max.into()), ..field(kind) }
}

#[test]
fn a_decimal_number_is_exact_and_has_one_spelling() {
    let decimal = |text: &str| spelt(FieldType::Decimal, Value::Decimal(text.into()));
    for (written, stored) in [(" 012.50 ", "12.50"), ("-0", "0"), ("１２．５", "12.5"), ("-3", "-3")] {
        assert_eq!(decimal(written).as_deref(), Some(stored), "{written}");
    }
    for wrong in ["", "1e3", "1,000", ".5", "many", "--1"] {
        assert_eq!(decimal(wrong), None, "{wrong}");
    }
}

#[test]
fn numbers_and_amounts_keep_their_bounds() {
    let whole = |number| kept(&bounded(FieldType::Int, "1", "5"), Value::Integer(number)).is_ok();
    assert!(whole(1) && whole(5) && !whole(0) && !whole(6));
    let decimal = |text: &str| kept(&bounded(FieldType::Decimal, "0.3", "2.8"), Value::Decimal(text.into())).is_ok();
    assert!(decimal("0.3") && decimal("2.80") && !decimal("0.29") && !decimal("2.81"));
    let share = |text: &str| spelt(FieldType::Percent, Value::Decimal(text.into())).is_some();
    assert!(share("0") && share("100.00") && !share("-0.5") && !share("100.1"));
    // R23 fines 50 to 500 yuan.
    let fine = bounded(FieldType::Money, "CNY 50", "CNY 500");
    let fine =
        |minor_units, code: &str| kept(&fine, Value::Money(Money { minor_units, currency_code: code.into() })).is_ok();
    assert!(fine(5_000, "CNY") && fine(50_000, "CNY") && !fine(4_999, "CNY") && !fine(6_000, "USD"));
}

#[test]
fn a_bound_is_told_and_the_value_is_not() {
    let (_, faults) = offered(&bounded(FieldType::Int, "1", "5"), Value::Integer(4711));
    let fault = faults.finish().unwrap_err();
    assert_eq!(fault.violations()[0].why, "must be at most 5");
    assert!(!format!("{fault:?}").contains("4711"));
}

#[test]
fn months_and_runs_of_days_are_written_in_exactly_one_form() {
    let month = |text: &str| spelt(FieldType::YearMonth, Value::YearMonth(text.into()));
    assert_eq!(month(" ２０２６-０４ ").as_deref(), Some("2026-04"));
    for wrong in ["", "2026-13", "2026-4", "2026/04", "2026-04-01", "0000-01", "26-04"] {
        assert_eq!(month(wrong), None, "{wrong}");
    }
    let span = |from: &str, to: &str| {
        kept(&field(FieldType::DateRange), Value::DateRange(DateRange { start_date: from.into(), end_date: to.into() }))
    };
    assert_eq!(span("2026-04-01", "2026-04-30").as_deref(), Ok("2026-04-01/2026-04-30"));
    assert_eq!(span("2026-04-01", " ").as_deref(), Ok("2026-04-01/.."));
    assert_eq!(span("", "2026-04-01").as_deref(), Ok("../2026-04-01"));
    assert_eq!(span("2026-04-01", "2026-04-01").as_deref(), Ok("2026-04-01/2026-04-01"));
    assert_eq!(span("2026-04-02", "2026-04-01").unwrap_err(), ["fields.f.date_range.end_date"]);
    assert_eq!(span("April", "2026-04-01").unwrap_err(), ["fields.f.date_range.start_date"]);
    assert_eq!(span("", "").unwrap_err(), ["fields.f"]);
}

#[test]
fn an_account_is_digits_however_they_are_spaced() {
    let account = |text: &str| spelt(FieldType::BankAccount, Value::Text(text.into()));
    assert_eq!(account("6222 0000\u{3000}1234").as_deref(), Some("622200001234"));
    assert_eq!(account("６２２２００００").as_deref(), Some("62220000"));
    for wrong in ["1234567", &"1".repeat(35), "6222-0000-1234", "CN6222000012"] {
        assert_eq!(account(wrong), None, "{wrong}");
    }
}

// proves: P-78
#[test]
fn a_secret_is_kept_by_its_place_and_never_itself() {
    let field = Field { max_length: 200, ..field(FieldType::SecretRef) };
    let secret = |text: &str| kept(&field, Value::Text(text.into())).ok();
    for place in ["vault:dealers/7/portal", "secret:portal", "vault:dealers/7#password", "secret:a.b_c-d"] {
        assert_eq!(secret(place).as_deref(), Some(place));
    }
    for wrong in [
        "hunter2",
        "vault:",
        "vault:a//b",
        "vault:/a",
        "vault:a b",
        "vault:../a",
        "vault:a#",
        "VAULT:a",
        "https://a/b",
        "vault:P@ss!",
    ] {
        let (stored, faults) = offered(&field, Value::Text(wrong.into()));
        assert!(stored.is_none(), "{wrong}");
        let fault = faults.finish().unwrap_err();
        assert_eq!(fault.reason(), Reason::FieldViolation);
        assert!(wrong == "vault:" || !format!("{fault:?}").contains(wrong), "{fault:?}");
    }
}

#[test]
fn a_reference_names_what_its_field_points_to() {
    let id = "0190a5d2-0000-7000-8000-000000000007";
    let names = |to: Option<Target>, text: &str| {
        kept(&Field { to, ..field(FieldType::Ref) }, Value::Reference(text.into())).is_ok()
    };
    for (to, name) in [
        (Target::Person, format!("persons/{id}")),
        (Target::File, format!("files/{id}")),
        (Target::Record, format!("files/{id}/records/{id}")),
        (Target::Document, format!("files/{id}/records/{id}/documents/{id}")),
        (Target::Item, format!("items/{id}")),
    ] {
        assert!(names(Some(to), &name), "{to}");
        assert!(!names(Some(to), &format!("{name}/")) && !names(Some(to), "x") && !names(Some(to), ""));
        let other = if to == Target::Person { "files" } else { "persons" };
        assert!(!names(Some(to), &format!("{other}/{id}")), "{to}");
        assert!(!names(Some(to), &name.replace(id, &id.to_uppercase())), "{to}");
    }
    let several = Field { to: Some(Target::File), max_length: 100, ..field(FieldType::ListRef) };
    let several = |names: &[&str]| {
        let items = names.iter().map(|&name| name.to_owned()).collect();
        kept(&several, Value::References(types::ReferenceList { items }))
    };
    let file = format!("files/{id}");
    assert!(several(&[&file]).is_ok());
    assert_eq!(several(&[&file, "persons/x"]).unwrap_err(), ["fields.f.1"]);
    assert!(names(None, "ERP 4711") && !names(None, "a\nb") && !names(None, &"x".repeat(501)));
}

#[test]
fn several_choices_are_known_different_and_in_the_order_of_the_form() {
    let values = ["a", "b", "c"].map(|one| Choice { value: one.into(), label: one.to_uppercase() });
    let field = Field { values: values.to_vec(), ..field(FieldType::ListEnum) };
    let chosen = |ids: &[&str]| {
        let items = ids.iter().map(|id| types::Choice { id: (*id).into(), label: "x".into() }).collect();
        kept(&field, Value::Choices(ChoiceList { items }))
    };
    assert_eq!(chosen(&["c", "a"]).as_deref(), Ok("a\nc"));
    assert_eq!(chosen(&["a", "x"]).unwrap_err(), ["fields.f.1"]);
    assert_eq!(chosen(&["b", "b"]).unwrap_err(), ["fields.f.1"]);
    assert_eq!(chosen(&["a", "b", "c", "a"]).unwrap_err(), ["fields.f"]);
    assert_eq!(chosen(&[]).unwrap_err(), ["fields.f"]);
}

#[test]
fn what_is_shown_is_written_by_nobody() {
    let form = example();
    for key in ["approved_by", "handed_in", "licence_copy"] {
        let mut faults = Faults::default();
        assert!(writable(&form, CustomerType::Company, key, &mut faults).is_none());
        let fault = faults.finish().unwrap_err();
        assert_eq!(fault.violations()[0].field, format!("fields.{key}"));
    }
    let mut faults = Faults::default();
    writable(&form, CustomerType::Company, "nothing", &mut faults);
    assert!(!format!("{faults:?}").contains("approved_by"), "it is not offered either");
}
