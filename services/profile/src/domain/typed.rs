//! Values by their types: as the contract carries them, and in the plain form in which they are stored, sealed, indexed
//! and promised. What was stored before has that form already, so it is answered by its type and stays provable byte
//! for byte.

use std::collections::BTreeMap;

use dossier_kernel::money;
use dossier_kernel::time::{kept_from_proto, to_proto};
use dossier_proto::types::field_value::Value;
use dossier_proto::types::{Choice, ChoiceList, FieldValue, Money, ReferenceList, Row, RowList, TextList};
use dossier_regime::{Field, FieldType};
use jiff::Timestamp;

use dossier_kernel::faults::Faults;

/// The part of `FieldValue` that carries this type.
pub fn carrier(kind: FieldType) -> &'static str {
    match kind {
        FieldType::Int => "integer",
        FieldType::Bool => "boolean",
        FieldType::Date => "date",
        FieldType::Datetime => "timestamp",
        FieldType::Money => "money",
        FieldType::Enum => "choice",
        FieldType::ListText => "list",
        FieldType::ListRef | FieldType::ListAttachment => "references",
        FieldType::Decimal | FieldType::Percent => "decimal",
        FieldType::YearMonth => "year_month",
        FieldType::DateRange => "date_range",
        FieldType::Ref => "reference",
        FieldType::ListEnum => "choices",
        FieldType::Group => "rows",
        FieldType::Shown => "shown",
        FieldType::BankAccount
        | FieldType::SecretRef
        | FieldType::Text
        | FieldType::LongText
        | FieldType::Phone
        | FieldType::Email
        | FieldType::Url
        | FieldType::Address => "text",
    }
}

/// A given value in the form in which its type is kept; one of another type is a fault that says the one that is
/// expected. Rows are kept cell by cell, and no value by themselves.
pub fn kept(field: &Field, path: &str, given: &Value, faults: &mut Faults) -> Option<Value> {
    match (field.kind, given) {
        (FieldType::Int, Value::Integer(_))
        | (FieldType::Bool, Value::Boolean(_))
        | (FieldType::Date, Value::Date(_))
        | (FieldType::Decimal | FieldType::Percent, Value::Decimal(_))
        | (FieldType::YearMonth, Value::YearMonth(_))
        | (FieldType::DateRange, Value::DateRange(_))
        | (FieldType::Ref, Value::Reference(_))
        | (FieldType::ListText, Value::List(_)) => Some(given.clone()),
        (FieldType::Money, Value::Money(given)) => amount(path, given, faults).map(Value::Text),
        (FieldType::Datetime, Value::Timestamp(given)) => {
            let instant = faults.absorb(kept_from_proto(path, given))?;
            Some(Value::Text(instant.to_string()))
        }
        (FieldType::Enum, Value::Choice(given)) => Some(Value::Text(given.id.clone())),
        (FieldType::ListRef | FieldType::ListAttachment, Value::References(given)) => {
            Some(Value::List(TextList { items: given.items.clone() }))
        }
        (FieldType::ListEnum, Value::Choices(given)) => {
            Some(Value::List(TextList { items: given.items.iter().map(|one| one.id.clone()).collect() }))
        }
        (kind, Value::Text(_)) if carrier(kind) == "text" => Some(given.clone()),
        (kind, _) => {
            faults.add(path, format!("must be given as `{}`", carrier(kind)));
            None
        }
    }
}

/// A kept value as the contract carries it; what its type cannot say exactly stays the text that it is.
pub fn told(field: &Field, kept: FieldValue) -> FieldValue {
    let typed = match (field.kind, &kept.value) {
        (FieldType::Money, Some(Value::Text(text))) => money_of(text).map(Value::Money),
        (FieldType::Datetime, Some(Value::Text(text))) => instant_of(text).map(|time| Value::Timestamp(to_proto(time))),
        (FieldType::Enum, Some(Value::Text(id))) => Some(Value::Choice(choice(field, id))),
        (FieldType::ListRef | FieldType::ListAttachment, Some(Value::List(list))) => {
            Some(Value::References(ReferenceList { items: list.items.clone() }))
        }
        (FieldType::ListEnum, Some(Value::List(list))) => {
            Some(Value::Choices(ChoiceList { items: list.items.iter().map(|id| choice(field, id)).collect() }))
        }
        (FieldType::Group, Some(Value::Rows(list))) => Some(Value::Rows(rows(field, list))),
        _ => None,
    };
    FieldValue { value: typed.or(kept.value), provenance: kept.provenance }
}

// A cell of a column that the template has no more is told as it is kept.
fn rows(group: &Field, list: &RowList) -> RowList {
    let columns: BTreeMap<&str, Field> = group.columns.iter().map(|one| (one.id.as_str(), one.field())).collect();
    let cell = |(key, kept): (&String, &FieldValue)| {
        let value = kept.clone();
        let column = columns.get(key.as_str());
        (
            key.clone(),
            match column {
                Some(column) => told(column, value),
                None => value,
            },
        )
    };
    let row = |row: &Row| Row { id: row.id.clone(), cells: row.cells.iter().map(cell).collect() };
    RowList { rows: list.rows.iter().map(row).collect() }
}

/// One of the field's choices, with what people call it; a choice of an earlier template has no name any more.
pub fn choice(field: &Field, id: &str) -> Choice {
    let known = field.values.iter().find(|one| one.value == id);
    Choice { id: id.to_owned(), label: known.map(|one| one.label.clone()).unwrap_or_default() }
}

fn amount(path: &str, given: &Money, faults: &mut Faults) -> Option<String> {
    let (minor, code) = (given.minor_units, given.currency_code.as_str());
    faults.absorb(money::require(&format!("{path}.money"), minor, code))?;
    Some(money::text(minor, code))
}

fn money_of(text: &str) -> Option<Money> {
    let (currency_code, minor_units) = money::parse(text).ok()?;
    (-money::MOST..=money::MOST).contains(&minor_units).then_some(Money { minor_units, currency_code })
}

fn instant_of(text: &str) -> Option<Timestamp> {
    text.parse::<Timestamp>().ok().filter(|time| time.subsec_nanosecond() % 1000 == 0)
}

#[cfg(test)]
#[path = "typed/tests.rs"]
mod tests;
