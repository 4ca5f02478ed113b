//! The JSON Schema of a template beside the checks that decide: what they accept keeps to it, and what is of another
//! type does not.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use dossier_proto::DESCRIPTORS;
use dossier_proto::types::{ChoiceList, DateRange, Money, ReferenceList, Row, RowList};
use dossier_regime::completeness::Filled;
use dossier_regime::values_schema;
use jsonschema::Validator;
use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage};
use serde_json::{Map, Value as Json, json};

use super::*;
use crate::domain::changed::{Rules, of_form};
use crate::domain::completeness::whole;
use crate::domain::typed::told;

static FORM: LazyLock<Template> = LazyLock::new(example);
static POOL: LazyLock<DescriptorPool> = LazyLock::new(|| DescriptorPool::decode(DESCRIPTORS).unwrap());
static COMPLETE: LazyLock<Validator> = LazyLock::new(|| validator(schema()));
/// As if nothing were required, so that a value can be looked at alone.
static ALONE: LazyLock<Validator> = LazyLock::new(|| validator(forgiving(schema())));

fn schema() -> Json {
    serde_json::from_str(&values_schema(&FORM, Some(CustomerType::Company))).unwrap()
}

fn forgiving(mut schema: Json) -> Json {
    schema["required"] = json!([]);
    let rows = &mut schema["properties"]["children"]["properties"]["rows"]["properties"]["rows"];
    rows["items"]["properties"]["cells"]["required"] = json!([]);
    schema
}

pub(super) fn validator(schema: Json) -> Validator {
    assert!(jsonschema::meta::is_valid(&schema), "it is itself a schema");
    jsonschema::options().should_validate_formats(true).build(&schema).unwrap()
}

pub(super) fn written(value: &FieldValue) -> Json {
    let of = POOL.get_message_by_name("dossier.type.v1.FieldValue").unwrap();
    serde_json::to_value(DynamicMessage::decode(of, value.encode_to_vec().as_slice()).unwrap()).unwrap()
}

fn document(fields: &BTreeMap<String, FieldValue>) -> Json {
    Json::Object(fields.iter().map(|(key, value)| (key.clone(), written(value))).collect::<Map<_, _>>())
}

fn alone(key: &str, value: &FieldValue) -> bool {
    ALONE.is_valid(&json!({ key: written(value) }))
}

pub(super) fn bare(value: Value) -> FieldValue {
    FieldValue { value: Some(value), provenance: None }
}

fn texts(of: &[&str]) -> Vec<String> {
    of.iter().map(|one| (*one).to_owned()).collect()
}

/// A good value for every field of the form that people write.
fn good() -> BTreeMap<String, FieldValue> {
    let values = FORM.fields.iter().filter(|field| field.is_written() && field.applies_to(CustomerType::Company));
    values.map(|field| (field.id.clone(), bare(shipped::good(field)))).collect()
}

/// The form as it is answered, if it was accepted.
fn answered(given: &BTreeMap<String, FieldValue>) -> Option<BTreeMap<String, FieldValue>> {
    let (pack, mut faults) = (Pack::default(), Faults::default());
    let origin = Origin { pack: &pack, today: jiff::civil::date(2026, 4, 2), writer: Uuid::from_u128(1) };
    let rules = Rules { origin, template: &FORM, customer: Some(CustomerType::Company), own: false };
    let writing = of_form(rules, given, &mut faults).checked(faults).ok()?;
    Some(writing.set.into_iter().map(|(key, kept)| (key.clone(), told(FORM.field(&key).unwrap(), kept))).collect())
}

fn is_complete(fields: &BTreeMap<String, FieldValue>) -> bool {
    let filled = |key: &str| match (FORM.field(key), fields.get(key)) {
        (Some(group), Some(value)) => lacking(group, value),
        _ => Filled::No,
    };
    whole(&FORM, CustomerType::Company, filled).weights.complete
}

#[test]
fn a_full_form_keeps_to_its_schema() {
    let answered = answered(&good()).expect("every value is good");
    let document = document(&answered);
    let faults: Vec<_> = COMPLETE.iter_errors(&document).map(|fault| fault.to_string()).collect();
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn the_schema_names_fields_rows_choices_and_bounds() {
    let schema = schema();
    let at = |path: &str| schema.pointer(path).cloned().unwrap_or_default();
    assert!(at("/required").as_array().unwrap().contains(&json!("title")));
    assert_eq!(at("/properties/children/properties/rows/properties/rows/maxItems"), json!(20));
    assert_eq!(at("/properties/grade/properties/choice/properties/id/enum"), json!(["a", "b"]));
    assert_eq!(at("/properties/staff/properties/integer/anyOf/0/maximum"), json!(1_000_000));
    assert_eq!(at("/properties/fine/properties/money/properties/currencyCode/const"), json!("CNY"));
    assert_eq!(at("/properties/title/$comment"), json!("R02 1, R11 1.1"));
    let gone = ["approved_by", "printed_number"].map(|key| at(&format!("/properties/{key}")));
    assert_eq!(gone, [Json::Null, Json::Null], "what nobody writes is no value");
    let any: Json = serde_json::from_str(&values_schema(&FORM, None)).unwrap();
    assert!(any["properties"]["uscc"].is_object() && any["properties"]["id_number"].is_object());
}

fn leaf() -> impl Strategy<Value = Value> {
    let known = ["old", "a", "shop", "net", "primary", "b"];
    let names = prop::sample::select(vec!["persons/0190a5d2-0000-7000-8000-000000000007", "files/1", "x", ""]);
    let day = "(2026-[01][0-9]-[0-3][0-9]|x|)";
    let id = move || {
        prop::sample::select(known.to_vec()).prop_map(|id| types::Choice { id: id.into(), label: String::new() })
    };
    let written =
        prop::sample::select(vec!["021-5555", "a@b.cn", "https://a.cn", "62220000", "vault:a/b", "x@", "https://"]);
    prop_oneof![
        "\\PC{0,24}".prop_map(Value::Text),
        written.prop_map(|text| Value::Text(text.into())),
        prop_oneof![any::<i64>(), -5..200_i64].prop_map(Value::Integer),
        any::<bool>().prop_map(Value::Boolean),
        "(-?[0-9]{1,3}(\\.[0-9]{1,2})?|x|)".prop_map(Value::Decimal),
        day.prop_map(Value::Date),
        "(2026-[01][0-9]|x|)".prop_map(Value::YearMonth),
        (day, day).prop_map(|(start_date, end_date)| Value::DateRange(DateRange { start_date, end_date })),
        (any::<i32>(), prop::sample::select(vec!["CNY", "USD", ""]))
            .prop_map(|(minor, code)| Value::Money(Money { minor_units: minor.into(), currency_code: code.into() })),
        (0..2_000_000_000_i64).prop_map(|seconds| Value::Timestamp(prost_types::Timestamp { seconds, nanos: 0 })),
        prop::collection::vec("[a-z甲]{0,4}", 0..4).prop_map(|items| Value::List(TextList { items })),
        names.clone().prop_map(|name| Value::Reference(name.into())),
        prop::collection::vec(names, 0..3).prop_map(|items| Value::References(ReferenceList { items: texts(&items) })),
        id().prop_map(Value::Choice),
        prop::collection::vec(id(), 0..3).prop_map(|items| Value::Choices(ChoiceList { items })),
    ]
}

fn any_value() -> impl Strategy<Value = Value> {
    let column = prop::sample::select(vec!["name", "age", "school", "guardian", "allowance", "fax"]);
    let cells = prop::collection::btree_map(column.prop_map(str::to_owned), leaf().prop_map(bare), 0..3);
    let row = ("([0-9]{1,3}|[a-z]{1,4}|A|)", cells).prop_map(|(id, cells)| Row { id, cells });
    let rows = prop::collection::vec(row, 0..3).prop_map(|rows| Value::Rows(RowList { rows }));
    prop_oneof![12 => leaf(), 3 => rows]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    // proves: P-30
    #[test]
    fn what_is_accepted_keeps_to_the_schema_and_another_type_does_not(value in any_value()) {
        for field in FORM.fields.iter().filter(|field| field.is_written() && field.applies_to(CustomerType::Company)) {
            let given = BTreeMap::from([(field.id.clone(), bare(value.clone()))]);
            if let Some(answered) = answered(&given) {
                let value = &answered[&field.id];
                prop_assert!(alone(&field.id, value), "{} refuses {:?}", field.id, value);
            }
            let carried = written(&bare(value.clone())).as_object().unwrap().keys().next().cloned().unwrap();
            let own = carrier(field.kind).replace("year_month", "yearMonth").replace("date_range", "dateRange");
            if carried != own {
                prop_assert!(!alone(&field.id, &bare(value.clone())), "{} takes {carried}", field.id);
            }
        }
    }

    // proves: P-30, P-34
    #[test]
    fn the_schema_demands_what_completeness_demands(dropped in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
                                                    nameless: bool) {
        let mut given = good();
        let keys: Vec<String> = given.keys().cloned().collect();
        for at in dropped {
            given.remove(at.get(&keys));
        }
        if let Some(Value::Rows(list)) = given.get_mut("children").filter(|_| nameless).and_then(|one| one.value.as_mut()) {
            list.rows[0].cells.remove("name");
        }
        let answered = answered(&given).expect("every value is good");
        prop_assert_eq!(COMPLETE.is_valid(&document(&answered)), is_complete(&answered));
    }
}
