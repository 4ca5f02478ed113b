use std::collections::HashMap;

use proptest::prelude::*;

use super::*;
use crate::domain::score_model::{BinDraft, Draft, MatchDraft, VariableDraft};

fn card() -> Card {
    let text = r#"{"base": [{"variable": "base", "bin": null, "points": 100.0}],
        "age": [{"variable": "age", "bin": "[-inf,26.0)", "points": -10.5}, {"variable": "age", "bin": "[26.0,inf)", "points": 20.0}],
        "job": [{"variable": "job", "bin": "clerk%,%smith", "points": 0.1}, {"variable": "job", "bin": "cook", "points": 0.2},
                {"variable": "job", "bin": "missing", "points": -30}],
        "home": [{"variable": "home", "bin": "own", "points": 5}, {"variable": "home", "bin": "rent", "points": 5.0}]}"#;
    Card::from_json(text).unwrap()
}

fn run<'c>(card: &'c Card, inputs: &[(&str, &str)]) -> Result<Score<'c>, Vec<InputFault>> {
    let inputs: HashMap<_, _> = inputs.iter().copied().collect();
    score(card, |name| inputs.get(name).copied())
}

#[test]
fn points_sum_exactly() {
    let card = card();
    assert_eq!(run(&card, &[("age", "26"), ("job", "smith"), ("home", "own")]).unwrap().text(), "125.1");
    assert_eq!(run(&card, &[("age", "25.999999"), ("job", "cook"), ("home", "rent")]).unwrap().text(), "94.7");
}

#[test]
fn a_missing_value_gets_its_points_or_is_refused() {
    let card = card();
    let score = run(&card, &[("age", "30"), ("job", ""), ("home", "own")]).unwrap();
    assert!(score.lines[1].missing && score.lines[1].bin.is_empty());
    assert_eq!(score.text(), "95.0");
    let faults = run(&card, &[("home", "own")]).unwrap_err();
    assert_eq!(faults.len(), 1);
    assert_eq!(faults[0].variable, "age");
}

#[test]
fn every_input_at_fault_is_named_without_its_value() {
    let faults = run(&card(), &[("age", "canary"), ("job", "canary"), ("home", "")]).unwrap_err();
    assert_eq!(faults.iter().map(|fault| fault.variable.as_str()).collect::<Vec<_>>(), ["age", "job", "home"]);
    assert!(!format!("{faults:?}").contains("canary"));
}

// proves: C-13
#[test]
fn reasons_are_the_largest_losses() {
    let card = card();
    let score = run(&card, &[("age", "1"), ("job", ""), ("home", "rent")]).unwrap();
    let reasons = score.reasons();
    let told: Vec<_> = reasons.iter().map(|one| (one.line.variable, number::text(one.loss))).collect();
    // The job's best is a cook's 0.2, not the points of a missing value.
    assert_eq!(told, [("age", "30.5".to_owned()), ("job", "30.2".to_owned())]);
    assert!(run(&card, &[("age", "30"), ("job", "cook"), ("home", "own")]).unwrap().reasons().is_empty());
}

fn numeric(cuts: &[i64]) -> Draft {
    let text = |cut: Option<&i64>| cut.map(ToString::to_string).unwrap_or_default();
    let bin = |at: usize| BinDraft {
        label: at.to_string(),
        points: at.to_string(),
        matches: Some(MatchDraft::Range {
            from: at.checked_sub(1).map_or(String::new(), |at| text(cuts.get(at))),
            until: text(cuts.get(at)),
        }),
    };
    let bins = (0..=cuts.len()).map(bin).collect();
    Draft {
        base_points: "0".into(),
        variables: vec![VariableDraft { name: "x".into(), bins, missing_points: String::new() }],
    }
}

proptest! {
    #[test]
    fn a_number_falls_into_the_bin_that_counting_finds(
        cuts in prop::collection::btree_set(-50_i64..50, 1..8), value in -60_i64..60, part in 0..100_u32,
    ) {
        let cuts: Vec<_> = cuts.into_iter().collect();
        let card = Card::check(&numeric(&cuts)).unwrap();
        let text = format!("{value}.{part:02}");
        let exact = number::exact(&text, 9, 6).unwrap();
        let below = cuts.iter().filter(|cut| Decimal::from(**cut) <= exact).count();
        prop_assert_eq!(run(&card, &[("x", &text)]).unwrap().text(), below.to_string());
    }

    #[test]
    fn no_input_panics(value in "\\PC{0,40}") {
        let _ = run(&card(), &[("age", &value), ("job", &value), ("home", &value)]);
    }
}
