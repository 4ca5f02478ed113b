//! The filter of `ListCustomerFiles` in the words of the store.

use dossier_kernel::error::Result;
use dossier_kernel::filter::{Field, Found};
use dossier_kernel::list::List;

use crate::domain::customer_file::State;
use crate::domain::header;
use crate::store::customer_file::{Filter, MOST_LABELS};

/// What the list may be asked.
pub const FILES: List = List {
    fields: &[
        Field::state("state", State::WORDS),
        Field::state("customer_type", &TYPES),
        Field::text("level"),
        Field::text("unit"),
        Field::name("custodian", "persons"),
        Field::text("template"),
        Field::text("file_kind"),
        Field::name("of", "files"),
        Field::text("number"),
        Field::text("customer_number"),
        Field::text("classification.*"),
    ],
    orders: &["name desc"],
};

const TYPES: [&str; 6] =
    ["natural_person", "sole_trader", "company", "public_institution", "government_body", "trading_partner"];

/// What the filter asks for.
///
/// # Errors
/// `FILTER_INVALID` for a template that has none of the forms of its name, and for labels on too many axes.
pub fn decode(found: &Found) -> Result<Filter> {
    let text = |path: &str| found.text(path).map(str::to_owned);
    let template = found.text("template").map(|name| {
        let id = header::template_id("filter", name);
        id.map_err(|_| found.refuse("template", "a name in double quotes, `templates/{id}`"))
    });
    Ok(Filter {
        state: found.one("state")?,
        customer_type: found.worded("customer_type")?.and_then(header::from_wire).map(|customer| customer.to_string()),
        level: text("level"),
        unit: text("unit"),
        custodian: found.id("custodian"),
        template: template.transpose()?,
        unit_kind: text("file_kind"),
        parent: found.id("of"),
        number: text("number"),
        customer_number: text("customer_number"),
        labels: labels(found)?,
    })
}

fn labels(found: &Found) -> Result<Vec<(String, String)>> {
    let labels: Vec<_> =
        found.below("classification").map(|(axis, label)| (axis.to_owned(), label.to_owned())).collect();
    match labels.get(MOST_LABELS) {
        None => Ok(labels),
        Some((axis, _)) => Err(found.refuse(&format!("classification.{axis}"), "labels on at most 4 axes")),
    }
}

#[cfg(test)]
mod tests {
    use dossier_kernel::error::Reason;
    use dossier_kernel::filter;

    use super::*;

    fn read(text: &str) -> Result<Filter> {
        decode(&filter::Filter::parse(text)?.against(FILES.fields)?)
    }

    #[test]
    fn each_condition_finds_its_column() {
        let text = r#"state = ACTIVE AND customer_type = COMPANY AND classification.industry = "services""#;
        let found = read(text).unwrap();
        assert_eq!((found.state, found.customer_type.as_deref()), (Some(State::Active), Some("company")));
        assert_eq!(found.labels, [("industry".to_owned(), "services".to_owned())]);
        assert_eq!(read("").unwrap(), Filter::default());
        for word in TYPES {
            assert!(
                read(&format!("customer_type = {}", word.to_ascii_uppercase())).unwrap().customer_type.is_some(),
                "{word}"
            );
        }
    }

    #[test]
    fn unknown_and_repeated_conditions_are_refused() {
        let axes: Vec<_> =
            ["a", "b", "c", "d", "e"].iter().map(|axis| format!("classification.{axis} = \"x\"")).collect();
        for text in [
            "state = FLYING",
            r#"state = "ACTIVE""#,
            "customer_type = individual",
            r#"colour = "red""#,
            r#"level = "a" AND level = "b""#,
            r#"custodian = "somebody""#,
            r#"template = "customer_core""#,
            r#"classification. = "x""#,
            &axes.join(" AND "),
        ] {
            assert_eq!(read(text).unwrap_err().reason(), Reason::FilterInvalid, "{text}");
        }
    }
}
