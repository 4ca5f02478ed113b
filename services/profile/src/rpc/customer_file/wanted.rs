//! The filter of `ListCustomerFiles` in the words of the store.

use dossier_kernel::error::{Result, one_of};
use dossier_kernel::name;
use dossier_proto::types::CustomerType;

use crate::domain::customer_file::State;
use crate::domain::header;
use crate::store::customer_file::{MOST_LABELS, Wanted};
use dossier_kernel::filter::{Condition, fields, invalid, parse};

/// Reads a filter.
///
/// # Errors
/// `FILTER_INVALID` with the position of a condition that is malformed, unknown or there twice.
pub fn wanted(filter: &str) -> Result<Wanted> {
    let mut wanted = Wanted::default();
    for condition in parse(filter)? {
        let position = condition.position;
        let expected = expected(&condition.field);
        take(&mut wanted, condition).ok_or_else(|| invalid(position, &expected))?;
    }
    Ok(wanted)
}

const TYPES: [CustomerType; 6] = [
    CustomerType::NaturalPerson,
    CustomerType::SoleTrader,
    CustomerType::Company,
    CustomerType::PublicInstitution,
    CustomerType::GovernmentBody,
    CustomerType::TradingPartner,
];

const FIELDS: [&str; 10] = [
    "state",
    "customer_type",
    "level",
    "unit",
    "custodian",
    "template",
    "file_kind",
    "number",
    "customer_number",
    "classification.{axis}",
];

// What must stand where this condition stands, if it cannot be taken.
fn expected(field: &str) -> String {
    match field {
        "state" => format!("once, and its value {}", one_of(State::ALL.map(State::label))),
        "customer_type" => {
            let known = TYPES.iter().map(|one| one.as_str_name().trim_start_matches("CUSTOMER_TYPE_"));
            format!("once, and its value {}", one_of(known))
        }
        "custodian" => "`persons/{uuid}`".to_owned(),
        "template" => "`templates/{id}`".to_owned(),
        _ => fields(FIELDS),
    }
}

fn take(wanted: &mut Wanted, condition: Condition) -> Option<()> {
    let Condition { field, value, .. } = condition;
    match field.as_str() {
        "state" => once(&mut wanted.state, State::of_label(&value)?.as_str().to_owned()),
        "customer_type" => once(&mut wanted.customer_type, customer_type(&value)?),
        "level" => once(&mut wanted.level, value),
        "unit" => once(&mut wanted.unit, value),
        "custodian" => once(&mut wanted.custodian, name::id("filter", "persons", &value).ok()?),
        "template" => once(&mut wanted.template, header::template_id("filter", &value).ok()?),
        "file_kind" => once(&mut wanted.unit_kind, value),
        "number" => once(&mut wanted.number, value),
        "customer_number" => once(&mut wanted.customer_number, value),
        field => label(wanted, field.strip_prefix("classification.")?, value),
    }
}

fn once<T>(place: &mut Option<T>, value: T) -> Option<()> {
    place.replace(value).is_none().then_some(())
}

fn label(wanted: &mut Wanted, axis: &str, value: String) -> Option<()> {
    let labels = &mut wanted.labels;
    let fits = !axis.is_empty() && labels.len() < MOST_LABELS && labels.iter().all(|(one, _)| one != axis);
    fits.then(|| labels.push((axis.to_owned(), value)))
}

// The words of the packs, and those of the contract.
fn customer_type(value: &str) -> Option<String> {
    if let Some(known) = dossier_regime::CustomerType::parse(value) {
        return Some(known.to_string());
    }
    let wire = CustomerType::from_str_name(&format!("CUSTOMER_TYPE_{value}"))?;
    header::from_wire(wire).map(|customer| customer.to_string())
}

#[cfg(test)]
mod tests {
    use dossier_kernel::error::Reason;

    use super::*;

    #[test]
    fn each_condition_finds_its_column() {
        let text = r#"state = "ACTIVE" AND customer_type = "COMPANY" AND classification.industry = "services""#;
        let found = wanted(text).unwrap();
        assert_eq!((found.state.as_deref(), found.customer_type.as_deref()), (Some("active"), Some("company")));
        assert_eq!(found.labels, [("industry".to_owned(), "services".to_owned())]);
        assert_eq!(wanted("").unwrap(), Wanted::default());
        for word in ["individual", "NATURAL_PERSON"] {
            let found = wanted(&format!(r#"customer_type = "{word}""#)).unwrap();
            assert_eq!(found.customer_type.as_deref(), Some("individual"));
        }
    }

    #[test]
    fn unknown_and_repeated_conditions_are_refused() {
        for text in [
            r#"state = "FLYING""#,
            r#"colour = "red""#,
            r#"level = "a" AND level = "b""#,
            r#"custodian = "somebody""#,
            r#"classification. = "x""#,
        ] {
            assert_eq!(wanted(text).unwrap_err().reason(), Reason::FilterInvalid, "{text}");
        }
    }
}
