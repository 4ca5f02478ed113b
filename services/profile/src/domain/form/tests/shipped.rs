//! Every form that is shipped: a value for each of its fields is accepted, comes back as its type, and keeps to its schema.

use std::collections::BTreeMap;

use dossier_proto::types::{ChoiceList, DateRange, Money, ReferenceList, Row, RowList};
use dossier_regime::{Regimes, Target, values_schema};
use serde_json::{Map, Value as Json};

use super::schema::{bare, validator, written};
use super::*;
use crate::domain::changed::{Rules, of_form};
use crate::domain::typed::told;

const ID: &str = "0190a5d2-0000-7000-8000-000000000007";

fn choice(id: &str) -> types::Choice {
    types::Choice { id: id.to_owned(), label: String::new() }
}

fn name_of(to: Option<Target>) -> String {
    match to {
        None | Some(Target::Person) => format!("persons/{ID}"),
        Some(Target::File) => format!("files/{ID}"),
        Some(Target::Place) => format!("places/{ID}"),
        Some(Target::Volume) => format!("files/{ID}/volumes/{ID}"),
        Some(Target::Record) => format!("files/{ID}/records/{ID}"),
        Some(Target::Document) => format!("files/{ID}/documents/{ID}"),
        Some(Target::Item) => format!("files/{ID}/items/{ID}"),
    }
}

// A sum within the bounds, in minor units.
fn amount(field: &Field) -> Money {
    let least = field.min.as_deref().and_then(|text| text.split_once(' '));
    let (currency, units) = least.unwrap_or(("CNY", "100"));
    let minor_units = units.parse::<i64>().unwrap_or(100) * 100;
    Money { minor_units, currency_code: currency.to_owned() }
}

fn text(field: &Field) -> &'static str {
    match (field.kind, field.identifier) {
        (FieldType::Phone, _) => "021 5555 0000",
        (FieldType::Email, _) => "a@b.cn",
        (FieldType::Url, _) => "https://a.cn",
        (FieldType::BankAccount, _) => "6222 0000 1234",
        (FieldType::SecretRef, _) => "vault:dealers/7#password",
        (_, IdentifierKind::Gb32100) => "91350100M000100Y43",
        (_, IdentifierKind::Gb11643) => "11010519491231002X",
        _ => "x",
    }
}

/// A good value of a field that people write.
pub(super) fn good(field: &Field) -> Value {
    match field.kind {
        FieldType::Int => Value::Integer(field.min.as_deref().and_then(|least| least.parse().ok()).unwrap_or(7)),
        FieldType::Bool => Value::Boolean(false),
        FieldType::Date => Value::Date("2026-04-01".into()),
        FieldType::Datetime => Value::Timestamp(prost_types::Timestamp { seconds: 1_775_001_600, nanos: 0 }),
        FieldType::Decimal | FieldType::Percent => Value::Decimal(field.min.clone().unwrap_or_else(|| "1.5".into())),
        FieldType::Money => Value::Money(amount(field)),
        FieldType::YearMonth => Value::YearMonth("2026-04".into()),
        FieldType::DateRange => {
            Value::DateRange(DateRange { start_date: "2026-04-01".into(), end_date: String::new() })
        }
        FieldType::Enum => Value::Choice(choice(&field.values[0].value)),
        FieldType::ListEnum => Value::Choices(ChoiceList { items: vec![choice(&field.values[0].value)] }),
        FieldType::Ref => Value::Reference(name_of(field.to)),
        FieldType::ListRef | FieldType::ListAttachment => {
            Value::References(ReferenceList { items: vec![name_of(field.to)] })
        }
        FieldType::ListText => Value::List(TextList { items: vec!["a".into(), "b".into()] }),
        FieldType::Group => {
            let cells = field.columns.iter().map(|one| (one.id.clone(), bare(good(&one.field())))).collect();
            Value::Rows(RowList { rows: vec![Row { id: "7".into(), cells }] })
        }
        _ => Value::Text(text(field).into()),
    }
}

// proves: P-30, P-59
#[test]
fn a_full_form_of_every_shipped_template_is_accepted_and_keeps_to_its_schema() {
    let regimes = Regimes::shipped().unwrap();
    let (pack, customer) = (Pack::default(), Some(CustomerType::Company));
    let origin = Origin { pack: &pack, today: jiff::civil::date(2026, 4, 2), writer: Uuid::from_u128(1) };
    let (mut forms, mut fields) = (0, 0);
    for form in regimes.templates() {
        let wanted = form.fields.iter().filter(|field| field.is_written() && field.applies_to(customer));
        let given: BTreeMap<_, _> = wanted.map(|field| (field.id.clone(), bare(good(field)))).collect();
        let mut faults = Faults::default();
        let rules = Rules { origin, template: form, customer, own: false };
        let writing = of_form(rules, &given, &mut faults)
            .checked(faults)
            .unwrap_or_else(|fault| panic!("{}: {fault:?}", form.id));
        assert_eq!(writing.set.len(), given.len(), "{}", form.id);
        let shown = |(key, kept): (String, FieldValue)| {
            let value = told(form.field(&key).unwrap(), kept);
            (key, written(&value))
        };
        let document = Json::Object(writing.set.into_iter().map(shown).collect::<Map<_, _>>());
        let schema: Json = serde_json::from_str(&values_schema(form, customer)).unwrap();
        let validator = validator(schema);
        let faults: Vec<_> = validator.iter_errors(&document).map(|fault| fault.to_string()).collect();
        assert!(faults.is_empty(), "{}: {faults:#?}", form.id);
        (forms, fields) = (forms + 1, fields + form.fields.len());
    }
    assert!(forms >= 49 && fields >= 701, "{forms} forms with {fields} fields: the catalogue has 49 and 701");
}
