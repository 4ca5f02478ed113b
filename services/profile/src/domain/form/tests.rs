mod kinds;
mod rows;
mod schema;
mod shipped;

use dossier_kernel::faults::Faults;
use dossier_proto::types::{self, Provenance};
use dossier_regime::{Choice, IdentifierKind, Pack, Regimes, Source, Sources};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;

/// The form of docs/example-template.yaml, which has a field of every type.
pub(crate) fn example() -> Template {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/example-template.yaml");
    let mut sources = Sources::shipped();
    sources.templates.push(Source { file: "example.yaml".into(), bytes: std::fs::read(path).unwrap() });
    Template::clone(Regimes::read(&sources).unwrap().template("example_form").unwrap())
}

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
    let choice = |id: &str| Value::Choice(types::Choice { id: id.into(), label: "whatever".into() });
    assert!(offered(&field(FieldType::Enum), choice("old")).0.is_some_and(|kept| plain(&kept) == "old"));
    assert!(offered(&field(FieldType::Enum), choice("new")).0.is_none());
    for kind in [FieldType::Int, FieldType::Date, FieldType::Money, FieldType::Enum, FieldType::Datetime] {
        assert!(!text(kind, "old"), "{kind}");
    }
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

fn code(value: &str, origin: Option<Provenance>) -> Result<bool, Reason> {
    let field = Field { identifier: IdentifierKind::Gb32100, ..field(FieldType::Text) };
    let (pack, mut faults) = (Pack::default(), Faults::default());
    let rules = Origin { pack: &pack, today: jiff::civil::date(2026, 4, 2), writer: Uuid::from_u128(1) };
    let given = FieldValue { value: Some(Value::Text(value.into())), provenance: origin };
    let stored = accept(&field, &given, &rules, &mut faults);
    faults.finish().map_err(|fault| fault.reason())?;
    Ok(stored.unwrap().provenance.unwrap().check_digit_waived)
}

// proves: P-04
#[test]
fn a_genuine_code_that_fails_its_check_character_is_recorded_and_flagged() {
    let seen =
        |note: &str| Some(Provenance { source_note: note.into(), check_digit_waived: true, ..Provenance::default() });
    assert_eq!(code("91350100M000100Y44", None), Err(Reason::IdentifierInvalid));
    assert_eq!(code("91350100M000100Y44", seen("licence seen on 2026-03-12")), Ok(true));
    assert_eq!(code("91350100M000100Y44", seen(" ")), Err(Reason::SourceMissing));
    // It waives nothing else, and is not kept where nothing had to be waived.
    assert_eq!(code("91990100M000100Y44", seen("licence")), Err(Reason::IdentifierInvalid));
    assert_eq!(code("91350100M000100Y43", seen("licence")), Ok(false));
}

// proves: P-30
#[test]
fn a_day_is_written_in_exactly_one_form() {
    let date = |text: &str| offered(&field(FieldType::Date), Value::Date(text.into())).0.is_some();
    assert!(date(" 2026-04-01 ") && date("２０２６-０４-０１"));
    for other in [
        "2026-04-01T23:30-08:00",
        "2026-04-01T00:00:00Z",
        "2026-04-01 12:00",
        "20260401",
        "2026-4-1",
        "2026/04/01",
        "+002026-04-01",
        "2026-04-01[Asia/Shanghai]",
        "0000-01-01",
    ] {
        assert!(!date(other), "{other}");
    }
}

#[test]
fn digits_of_full_width_are_digits_where_a_value_has_a_form() {
    let stored = |kind, value: &str| offered(&field(kind), Value::Text(value.into())).0.map(|one| plain(&one));
    assert_eq!(stored(FieldType::Phone, "＋８６　１３８００１３８０００").as_deref(), Some("+86 13800138000"));
    assert_eq!(stored(FieldType::Email, "ａ＠ｂ．ｃｎ").as_deref(), Some("a@b.cn"));
    assert_eq!(stored(FieldType::Text, "ＡＢＣ（上海）").as_deref(), Some("ＡＢＣ（上海）"));
}

#[test]
fn empty_values_are_refused() {
    let list = |items: &[&str]| Value::List(TextList { items: items.iter().map(|one| (*one).into()).collect() });
    for (kind, value, at) in [
        (FieldType::Text, Value::Text("  ".into()), "fields.f"),
        (FieldType::Date, Value::Date(String::new()), "fields.f"),
        (FieldType::ListText, list(&[]), "fields.f"),
        (FieldType::ListText, list(&["a", ""]), "fields.f.1"),
    ] {
        let (_, faults) = offered(&field(kind), value);
        let named: Vec<_> = faults.finish().unwrap_err().violations().iter().map(|one| one.field.clone()).collect();
        assert_eq!(named, [at]);
    }
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
