//! How complete a file is, for itself and for a purpose (P-31, P-34).

use std::collections::BTreeSet;

use dossier_kernel::error::{Error, Reason, Result, one_of, within};
use dossier_proto::types::UnmetCondition;
use dossier_proto::types::unmet_condition::What;
use dossier_regime::completeness::{Filled, Report, key_of, measure};
use dossier_regime::{CustomerType, Gate, Pack, Template};

use super::customer_file::{CustomerFile, Weights};
use super::document::{Counts, missing};
use super::fact::{fact_of, hold};

/// Most bytes of the fields that the metadata of a refusal name.
const MOST_NAMED: usize = 2_048;

/// The purpose whose gate a draft must pass before it is handed in.
pub const ACTIVATE: &str = "activate";

/// Completeness of a file, or of the part of it that a purpose counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measured {
    /// Weights over all sections counted.
    pub weights: Weights,
    /// Weights by section, in the template's order: label, filled, applicable.
    pub sections: Vec<(String, i64, i64)>,
    /// Empty fields and cells: path, section, whether it must be filled.
    pub missing: Vec<(String, String, bool)>,
}

/// Measures a file as one of its template.
pub fn whole<F: Into<Filled>>(
    template: &Template,
    customer: impl Into<Option<CustomerType>>,
    filled: impl Fn(&str) -> F,
) -> Measured {
    let report = measure(template, customer, filled);
    let must = report.missing_required.clone();
    let complete = must.is_empty();
    gather(template, &report, &[], &must, complete)
}

/// Measures a file for a purpose of the pack: over the gate's sections, complete when the gate is passed.
///
/// # Errors
/// A violation of `purpose` when the pack has no such gate.
pub fn for_purpose<F: Into<Filled>>(
    pack: &Pack,
    template: &Template,
    customer: impl Into<Option<CustomerType>>,
    purpose: &str,
    filled: impl Fn(&str) -> F,
) -> Result<Measured> {
    let gate = pack.completeness.gate(purpose);
    let gate = gate.ok_or_else(|| Error::violation("purpose", one_of(gates(pack))))?;
    let report = measure(template, customer, filled);
    let shortfall = report.shortfall(template, gate);
    Ok(gather(template, &report, &gate.sections, &shortfall.fields, shortfall.is_passed()))
}

/// The documents that the gate of a purpose asks for and that are not in the file (P-37).
pub fn unfiled(pack: &Pack, purpose: &str, file: &CustomerFile, counts: &Counts) -> Vec<UnmetCondition> {
    let needs = pack.completeness.gate(purpose).map(|gate| gate.documents.as_slice()).unwrap_or_default();
    let missing = missing(needs, counts, |need| hold(&need.when, |fact| fact_of(file, fact)));
    let unmet = |kind: &str| UnmetCondition {
        what: Some(What::Document(kind.to_owned())),
        section: String::new(),
        required: true,
    };
    missing.into_iter().map(unmet).collect()
}

/// Demands what the pack asks for before a file is handed in: its gate `activate`, or else every required field.
///
/// # Errors
/// `FILE_INCOMPLETE` with the fields that are missing.
pub fn require<F: Into<Filled>>(
    pack: &Pack,
    template: &Template,
    customer: impl Into<Option<CustomerType>>,
    file: &str,
    filled: impl Fn(&str) -> F,
) -> Result<()> {
    let all = Gate { purpose: ACTIVATE.to_owned(), required: true, ..Gate::default() };
    let gate = pack.completeness.gate(ACTIVATE).unwrap_or(&all);
    let shortfall = measure(template, customer, filled).shortfall(template, gate);
    if shortfall.is_passed() {
        return Ok(());
    }
    Err(incomplete(file, &shortfall.fields))
}

/// What a caller is told of a file that lacks these fields.
pub fn incomplete(file: &str, fields: &[String]) -> Error {
    let named = within(fields, MOST_NAMED, |field| field.len() + 1);
    let missing = named.map(String::as_str).collect::<Vec<_>>().join(",");
    let unmet = |field: &String| UnmetCondition {
        what: Some(What::Field(field.clone())),
        required: true,
        ..Default::default()
    };
    let fault = Error::new(Reason::FileIncomplete).with("file", file).with("missing", missing);
    fields.iter().map(unmet).fold(fault, Error::and_unmet)
}

/// Filled per applicable weight in basis points, rounded down; 10,000 when nothing applies.
pub fn basis_points(filled: i64, applicable: i64) -> i32 {
    if applicable <= 0 {
        return 10_000;
    }
    let points = i128::from(filled) * 10_000 / i128::from(applicable);
    i32::try_from(points).unwrap_or(10_000).clamp(0, 10_000)
}

fn gather(template: &Template, report: &Report, only: &[String], must: &[String], complete: bool) -> Measured {
    let must: BTreeSet<&String> = must.iter().collect();
    let counted = report.sections.iter().filter(|one| only.is_empty() || only.contains(&one.section));
    let mut weights = Weights { filled: 0, applicable: 0, complete };
    let (mut sections, mut empty): (_, Vec<String>) = (Vec::new(), Vec::new());
    for one in counted {
        let (filled, applicable) = (signed(one.filled), signed(one.applicable));
        weights.filled += filled;
        weights.applicable += applicable;
        sections.push((one.section.clone(), filled, applicable));
        empty.extend(one.missing.iter().cloned());
    }
    let missing = template.fields.iter().flat_map(|field| {
        let mine = empty.iter().filter(|path| key_of(path) == field.id);
        mine.map(|path| (path.clone(), field.section.clone(), must.contains(path)))
    });
    let missing = missing.collect();
    Measured { weights, sections, missing }
}

fn signed(weight: u64) -> i64 {
    i64::try_from(weight).unwrap_or(i64::MAX)
}

/// The purposes that the pack knows completeness for.
pub fn gates(pack: &Pack) -> impl Iterator<Item = &str> {
    pack.completeness.gates.iter().map(|gate| gate.purpose.as_str())
}

#[cfg(test)]
mod tests {
    use dossier_regime::{Completeness, Field, Required, Section};
    use proptest::prelude::*;

    use super::*;

    fn template() -> Template {
        let section = |id: &str| Section { id: id.into(), label: id.into(), ..Section::default() };
        let field = |id: &str, section: &str, weight, required| Field {
            id: id.into(),
            section: section.into(),
            weight,
            required,
            ..Field::default()
        };
        Template {
            sections: vec![section("identity"), section("business")],
            fields: vec![
                field("name", "identity", 3, Required::Yes),
                field("note", "identity", 1, Required::Listed),
                field("capital", "business", 3, Required::Yes),
            ],
            ..Template::default()
        }
    }

    fn pack() -> Pack {
        let sections = vec!["identity".to_owned()];
        let gate = Gate { purpose: ACTIVATE.into(), required: true, sections, ..Gate::default() };
        Pack { completeness: Completeness { never_empty: vec![], gates: vec![gate] }, ..Pack::default() }
    }

    #[test]
    fn weights_sections_and_missing_fields_are_told() {
        let found = whole(&template(), CustomerType::Company, |key| key == "name");
        assert_eq!(found.weights, Weights { filled: 3, applicable: 7, complete: false });
        assert_eq!(found.sections, [("identity".into(), 3, 4), ("business".into(), 0, 3)]);
        let missing = [("note".into(), "identity".into(), false), ("capital".into(), "business".into(), true)];
        assert_eq!(found.missing, missing);
        assert_eq!(basis_points(3, 7), 4285);
    }

    #[test]
    fn a_purpose_counts_its_own_sections() {
        let filled = |key: &str| key == "name";
        let found = for_purpose(&pack(), &template(), CustomerType::Company, ACTIVATE, filled).unwrap();
        assert_eq!(found.weights, Weights { filled: 3, applicable: 4, complete: true });
        assert!(for_purpose(&pack(), &template(), CustomerType::Company, "flying", filled).is_err());
    }

    #[test]
    fn what_must_be_filled_is_named() {
        let customer = CustomerType::Company;
        assert!(require(&pack(), &template(), customer, "files/1", |key| key == "name").is_ok());
        let fault = require(&Pack::default(), &template(), customer, "files/1", |_| false).unwrap_err();
        assert_eq!((fault.reason(), fault.metadata("missing")), (Reason::FileIncomplete, Some("capital,name")));
    }

    proptest! {
        #[test]
        fn basis_points_stay_in_their_range(filled in 0..1_000_000_i64, more in 0..1_000_000_i64) {
            let points = basis_points(filled, filled + more);
            prop_assert!((0..=10_000).contains(&points));
            prop_assert_eq!(points == 10_000, more == 0);
        }
    }
}
