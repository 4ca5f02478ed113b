//! Retention classes, disputes and holds that contradict themselves, and those that hold.

use crate::Regimes;
use crate::fault::{Fault, Faults};
use crate::model::RetentionStart;

const HOLDS: &str = include_str!("../../../../../tests/packs/HOLDS.yaml");
const FORMS: [(&str, &str); 2] = [
    ("conclusion", include_str!("../../../../../tests/packs/templates/conclusion.yaml")),
    ("contract_dossier", include_str!("../../../../../tests/packs/templates/contract_dossier.yaml")),
];

fn read(text: &str) -> Result<Regimes, Faults> {
    super::beside("holds.yaml", text, &FORMS)
}

#[track_caller]
fn refused(from: &str, to: &str, path: &str, sentence: &str) {
    assert!(HOLDS.contains(from), "{from}");
    let faults = read(&HOLDS.replacen(from, to, 1)).unwrap_err();
    let told: Vec<&Fault> = faults.errors().collect();
    let fits = told.iter().any(|one| one.path == path && one.sentence.contains(sentence));
    assert!(fits, "{from} -> {to}: {faults}");
}

// proves: X-09
#[test]
fn a_class_says_what_its_years_are_counted_from_and_an_earlier_pack_needs_not() {
    let rules = read(HOLDS).unwrap();
    let class = |id: &str| {
        let pack = rules.pack("HOLDS").unwrap();
        pack.retention.classes.iter().find(|class| class.id == id).unwrap().clone()
    };
    assert_eq!(class("long").from, RetentionStart::Closed);
    assert_eq!(class("signed").from, RetentionStart::Field("signed_on".to_owned()));
    assert_eq!(class("permanent").years, None);
}

// proves: X-09
#[test]
fn the_day_that_years_are_counted_from_stands_in_every_form_of_the_kind_and_in_clear() {
    let path = "retention.classes[4].from";
    refused("from: field:signed_on", "from: field:ended_on", path, "template `contract_dossier` of `contract` called");
    refused("from: field:signed_on", "from: field:amount", path, "field with a day (`type: date`)");
    refused("from: field:signed_on", "from: 'field:'", path, "is none of `closed`, `activated` and `field:`");
    refused("from: field:signed_on", "from: yesterday", path, "is none of `closed`, `activated` and `field:`");
    refused("years: 5, from", "from", path, "what is kept for ever counts from no day");
    // `customer_core` says it nowhere, and it is the form of customers.
    refused("retention: brief}", "retention: signed}", path, "of `customer` called `signed_on`");
    read(&HOLDS.replacen("from: field:signed_on", "from: activated", 1)).unwrap();
}

// proves: C-06
#[test]
fn a_dispute_ends_and_a_hold_has_what_releases_it() {
    let last = "{id: settled, label: 已了结, fills: [result], final: true}";
    let path = "records[2].dispute";
    refused(last, "{id: settled, label: 已了结, fills: [result]}", path, "so no dispute ever ends");
    let other = "{do: hold.release, kind: order}";
    refused(other, "{do: hold.release}", "records[6].stages[0].effects[0]", "`hold.release` needs key `kind`");
    refused(other, "{do: hold.release, kind: claim}", "records[6].stages[0].effects[0].kind", "`claim` hold nothing");
    refused(
        "{do: hold.place}",
        "{do: hold.place, kind: order}",
        "records[3].stages[0].effects[0].kind",
        "takes no `kind`",
    );
    let kept = HOLDS.replacen(
        ", effects: [{do: hold.release}], final: true}\n  - id: order",
        ", final: true}\n  - id: order",
        1,
    );
    let told = read(&kept).unwrap();
    let sentence = "what records of `notice` hold is held for ever: no stage releases it";
    assert!(told.warnings().0.iter().any(|one| one.sentence == sentence), "{}", told.warnings());
    assert!(!read(HOLDS).unwrap().warnings().0.iter().any(|one| one.sentence.contains("held for ever")));
}

// proves: C-06
#[test]
fn what_holds_or_disputes_outlives_the_closing_of_its_file() {
    let rules = read(HOLDS).unwrap();
    let outlives = |id: &str| rules.pack("HOLDS").unwrap().record(id).unwrap().outlives();
    assert!(["claim", "notice", "order", "lifting", "amnesty"].into_iter().all(outlives) && !outlives("signing"));
}
