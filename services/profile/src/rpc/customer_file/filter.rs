//! The filter of `ListCustomerFiles` and `SearchCustomerFiles` in the words of the store.

use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::filter::{Field, Found, Range};
use dossier_kernel::list::List;
use dossier_regime::Action;

use crate::domain::customer_file::State;
use crate::domain::header;
use crate::store::customer_file::{Filter, MOST_LABELS};
use crate::work::customer_file::session::Session;
use crate::work::customer_file::ties::seen;

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
        Field::text("document_kind"),
        Field::time("due_time"),
        Field::time("create_time"),
        Field::time("activate_time"),
        Field::time("contract_effect_time"),
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
    let within = |path: &str| Some(found.range(path)).filter(|range| *range != Range::ALL);
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
        document_kind: text("document_kind"),
        due: within("due_time"),
        created: within("create_time"),
        activated: within("activate_time"),
        effective: within("contract_effect_time"),
    })
}

/// Whether anything can be found: of a file that may not be told of now nobody says what belongs to it either.
///
/// # Errors
/// `PERMISSION_DENIED` for who may not know what is due; `STORE_UNAVAILABLE`.
pub async fn may_find(session: &Session<'_>, tx: &mut Tx, filter: &Filter) -> Result<bool> {
    if filter.due.is_some() {
        session.principal.require(session.pack(), Action::DutyRead)?;
    }
    let Some(parent) = filter.parent else { return Ok(true) };
    Ok(seen(session, tx, [parent].into_iter()).await?.contains(&parent))
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
        let found = read(
            r#"document_kind = "contract" AND due_time < "1970-01-01T00:00:01Z" AND create_time >= "1970-01-01T00:00:01Z""#,
        );
        let found = found.unwrap();
        assert_eq!(found.document_kind.as_deref(), Some("contract"));
        assert_eq!(found.due, Some(Range { from: i64::MIN, until: 1_000_000 }));
        assert_eq!(found.created, Some(Range { from: 1_000_000, until: i64::MAX }));
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
            r#"due_time < "2026-04-01""#,
            r#"document_kind > "contract""#,
            r#"activate_time > "2026-04-01T00:00:00Z" AND activate_time > "2026-05-01T00:00:00Z""#,
            &axes.join(" AND "),
        ] {
            assert_eq!(read(text).unwrap_err().reason(), Reason::FilterInvalid, "{text}");
        }
    }
}
