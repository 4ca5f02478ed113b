use jiff::civil::date;
use proptest::prelude::*;

use super::{NumberFault, NumberInput, Pattern, Piece};
use crate::model::{Code, CodeTable, NumberRule, Numbering};

fn table(field: &str, value: &str, code: &str) -> CodeTable {
    let code = Code { value: value.into(), code: code.into(), label: "x".into() };
    CodeTable { field: field.into(), codes: vec![code] }
}

fn rule(pattern: &str, scope: &[&str], max_length: u32, separators_count: bool) -> NumberRule {
    let scope = scope.iter().map(|one| (*one).to_owned()).collect();
    NumberRule { id: "r".into(), customer_types: vec![], pattern: pattern.into(), max_length, separators_count, scope }
}

fn numbering() -> Numbering {
    let codes = vec![table("industry", "manufacturing", "GY"), table("region", "shanghai", "SH")];
    Numbering { codes, rules: vec![] }
}

fn value(field: &str) -> Option<String> {
    match field {
        "industry" => Some("manufacturing".to_owned()),
        "region" => Some("shanghai".to_owned()),
        _ => None,
    }
}

fn input() -> NumberInput<'static> {
    NumberInput { date: date(2026, 3, 9), value: &value }
}

// proves: P-06
#[test]
fn an_enterprise_number_is_industry_region_sequence() {
    let rule = rule("{industry}-{region}-{seq:3}", &["industry", "region"], 10, true);
    assert_eq!(numbering().render(&rule, input(), 1).unwrap(), "GY-SH-001");
    assert_eq!(numbering().scope_key(&rule, input()).unwrap(), "r/GY/SH");
}

// proves: P-07
#[test]
fn an_individual_number_is_year_month_sequence() {
    let rule = rule("{year}-{month}-{seq:3}", &["year", "month"], 10, false);
    assert_eq!(numbering().render(&rule, input(), 42).unwrap(), "2026-03-042");
    assert_eq!(numbering().scope_key(&rule, input()).unwrap(), "r/2026/03");
}

#[test]
fn running_out_is_an_error() {
    let rule = rule("{year}-{month}-{seq:3}", &["year"], 10, false);
    assert!(numbering().render(&rule, input(), 999).is_ok());
    let fault = numbering().render(&rule, input(), 1000).unwrap_err();
    assert_eq!(fault, NumberFault::Overflow { scope: "r/2026".into(), last: 999 });
}

#[test]
fn an_unpadded_sequence_grows_into_the_room_left() {
    let counted = rule("{year}-{seq}", &["year"], 8, true);
    assert_eq!(numbering().last(&counted).unwrap(), 999);
    let free = rule("{year}-{seq}", &["year"], 8, false);
    assert_eq!(numbering().last(&free).unwrap(), 9999);
    assert_eq!(numbering().render(&free, input(), 7).unwrap(), "2026-7");
}

#[test]
fn a_missing_value_or_code_is_named() {
    let region = rule("{industry}-{region}-{seq:3}", &["region"], 10, true);
    let nothing = |_: &str| None;
    let none = NumberInput { date: date(2026, 1, 1), value: &nothing };
    assert_eq!(numbering().render(&region, none, 1), Err(NumberFault::MissingValue { field: "industry".into() }));
    let strange = |_: &str| Some("fishing".to_owned());
    let other = NumberInput { date: date(2026, 1, 1), value: &strange };
    assert_eq!(numbering().scope_key(&region, other), Err(NumberFault::NoCode { field: "region".into() }));
}

#[test]
fn faulty_patterns_are_refused() {
    for bad in ["{year", "year}", "{}", "{Year}-{seq}", "{year}", "{seq}{seq}", "{seq:0}", "{seq:x}", "{seq:99}", ""] {
        assert!(Pattern::parse(bad).is_err(), "{bad}");
    }
    let good = Pattern::parse("KH{year}-{seq:4}").unwrap();
    assert_eq!(good.pieces().first(), Some(&Piece::Literal("KH".into())));
}

proptest! {
    #[test]
    fn numbers_of_a_rule_are_unique_and_within_length(a in 1..999_u64, b in 1..999_u64, month in 1..=12_i8) {
        let rule = rule("{year}-{month}-{seq:3}", &["year", "month"], 10, false);
        let at = NumberInput { date: date(2026, month, 1), value: &value };
        let (first, second) = (numbering().render(&rule, at, a).unwrap(), numbering().render(&rule, at, b).unwrap());
        prop_assert_eq!(first == second, a == b);
        prop_assert!(first.chars().filter(|c| *c != '-').count() <= 10);
    }

    #[test]
    fn no_pattern_makes_it_panic(text in "\\PC{0,20}") {
        let _ = Pattern::parse(&text);
    }
}
