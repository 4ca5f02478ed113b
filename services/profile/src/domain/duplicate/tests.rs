//! What a score is, whatever is compared.

use dossier_regime::{Index, Sensitivity};
use proptest::prelude::*;

use super::*;

fn field(id: &str, kind: FieldType, indexed: Index, identifier: IdentifierKind) -> Field {
    Field { id: id.into(), kind, indexed, identifier, sensitivity: Sensitivity::Confidential, ..Field::default() }
}

fn fields() -> Vec<Field> {
    let (none, text) = (IdentifierKind::None, FieldType::Text);
    vec![
        field("uscc", text, Index::Exact, IdentifierKind::Gb32100),
        field("account", FieldType::BankAccount, Index::Exact, none),
        field("name", text, Index::Name, none),
        field("contact", text, Index::Name, none),
        field("phone", FieldType::Phone, Index::Exact, none),
        field("mobile", FieldType::Phone, Index::Exact, none),
        field("address", FieldType::Address, Index::None, none),
        field("region", text, Index::Exact, none),
        field("fax", FieldType::Phone, Index::None, none),
    ]
}

fn traits(values: &[(&str, &str)]) -> Traits {
    let mut traits = Traits::default();
    for (key, value) in values {
        match fields().iter().find(|field| field.id == *key) {
            Some(field) => traits.add(field, value),
            None => traits.add_unit(value),
        }
    }
    traits
}

fn score(one: &[(&str, &str)], other: &[(&str, &str)]) -> i64 {
    compare(&traits(one), &traits(other)).basis_points
}

#[test]
fn an_equal_identifier_is_the_highest_score_and_only_in_its_own_field() {
    assert_eq!(score(&[("uscc", "91350100M000100Y43")], &[("uscc", "9135-0100 m000100y43")]), WHOLE);
    assert_eq!(score(&[("unit_ref", "REF-1")], &[("unit_ref", "ref1"), ("name", "x")]), WHOLE);
    assert_eq!(score(&[("account", "62220212345678901")], &[("uscc", "62220212345678901")]), 0);
    let found = compare(&traits(&[("uscc", "a"), ("name", "张伟")]), &traits(&[("uscc", "a"), ("name", "李娜")]));
    let uscc = Match { field: "uscc".into(), compared: Trait::Identifier, alike: WHOLE };
    assert_eq!(found, Score { basis_points: WHOLE, matches: vec![uscc] });
}

#[test]
fn the_weights_are_those_of_the_contract() {
    let whole = [("name", "大海贸易有限公司"), ("phone", "021-55550001"), ("address", "上海市浦东新区张江路1号")];
    assert_eq!(score(&whole, &whole), UNPROVED);
    assert_eq!(score(&whole[..2], &whole[..2]), UNPROVED);
    // One thing alone is divided by 70.
    assert_eq!(score(&whole[..1], &whole), UNPROVED * 50 / 70);
    assert_eq!(score(&whole[1..2], &whole), UNPROVED * 30 / 70);
    // What both have and differs in counts against it.
    let other = [("name", "大海贸易有限公司"), ("phone", "021-55550002")];
    assert_eq!(score(&whole, &other), UNPROVED * 50 / 80);
    let said = [("name", "打海贸易有限公司"), ("phone", "021-55550001")];
    assert_eq!(
        score(&whole, &said),
        (50 * SAID.max(shared("大海贸易有限公司", "打海贸易有限公司")) + 30 * WHOLE) * UNPROVED / WHOLE / 80
    );
    assert_eq!(score(&[("name", "张伟")], &[("name", "章炜")]), 50 * SAID * UNPROVED / WHOLE / 70);
}

#[test]
fn what_is_likely_one_customer_is_a_candidate_and_what_is_not_is_none() {
    let like = |one: &[(&str, &str)], other: &[(&str, &str)]| score(one, other) >= LEAST;
    assert!(like(
        &[("name", "張偉"), ("phone", "138 0013 8000")],
        &[("contact", "张伟"), ("mobile", "+8613800138000")]
    ));
    assert!(like(
        &[("name", "上海大海贸易有限公司"), ("phone", "1")],
        &[("name", "上海大海贸易有限责任公司"), ("phone", "1")]
    ));
    assert!(like(&[("name", "Zoë Müller")], &[("name", "zoe muller")]));
    assert!(!like(&[("phone", "13800138000")], &[("phone", "13800138000")]));
    assert!(!like(&[("name", "上海大海贸易有限公司")], &[("name", "上海小山贸易有限公司")]));
    assert!(!like(
        &[("name", "张伟"), ("phone", "1"), ("address", "甲路")],
        &[("name", "张伟"), ("phone", "2"), ("address", "乙街")]
    ));
    assert!(!like(&[("region", "华东"), ("fax", "1")], &[("region", "华东"), ("fax", "1")]));
    assert!(!like(&[], &[]));
}

fn values() -> impl Strategy<Value = Vec<(&'static str, String)>> {
    let key = prop::sample::select(vec![
        "uscc", "account", "name", "contact", "phone", "mobile", "address", "region", "unit_ref",
    ]);
    prop::collection::vec((key, "[张章伟大海ab0-3 ]{0,6}"), 0..8)
}

fn of(values: &[(&'static str, String)]) -> Traits {
    traits(&values.iter().map(|(key, value)| (*key, value.as_str())).collect::<Vec<_>>())
}

proptest! {
    #[test]
    fn a_score_is_bounded_and_the_same_from_both_sides(one in values(), other in values()) {
        let (there, back) = (compare(&of(&one), &of(&other)), compare(&of(&other), &of(&one)));
        prop_assert_eq!(there.basis_points, back.basis_points);
        prop_assert!((0..=WHOLE).contains(&there.basis_points));
        prop_assert!(there.matches.iter().all(|one| (1..=WHOLE).contains(&one.alike)));
        prop_assert_eq!(there.basis_points == WHOLE, there.matches.iter().any(|one| one.compared == Trait::Identifier));
    }

    #[test]
    fn nothing_is_more_like_a_file_than_itself(one in values(), other in values()) {
        let itself = compare(&of(&one), &of(&one)).basis_points;
        // What the other lacks cannot count against it: of what both have, nothing is more alike than the same.
        let has = |compared| of(&one).of(compared).next().is_some() && of(&other).of(compared).next().is_some();
        let all = [Trait::Identifier, Trait::Name, Trait::Telephone, Trait::Address];
        if all.iter().all(|compared| of(&one).of(*compared).next().is_none() || has(*compared)) {
            prop_assert!(compare(&of(&one), &of(&other)).basis_points <= itself);
        }
    }
}
