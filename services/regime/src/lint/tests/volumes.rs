//! Rules of volumes that name what is not there, that nothing fits, or that nothing closes.

use crate::fault::{Fault, Faults};
use crate::model::{OrderKey, PageCount, Relation, VolumeOrder, YearRule};
use crate::{Pack, Regimes};

const VOLUMES: &str = include_str!("../../../../../tests/packs/VOLUMES.yaml");
const FORMS: [(&str, &str); 2] = [
    ("archive_room", include_str!("../../../../../tests/packs/templates/archive_room.yaml")),
    ("movement", include_str!("../../../../../tests/packs/templates/movement.yaml")),
];

fn read(text: &str) -> Result<Regimes, Faults> {
    super::beside("volumes.yaml", text, &FORMS)
}

#[track_caller]
fn refused(from: &str, to: &str, sentence: &str) {
    assert!(VOLUMES.contains(from), "{from}");
    let faults = read(&VOLUMES.replacen(from, to, 1)).unwrap_err();
    let told: Vec<&Fault> = faults.errors().collect();
    assert!(told.iter().any(|one| one.sentence == sentence), "{from} -> {to}: {faults}");
}

// proves: P-92, P-95, X-37
#[test]
fn a_rule_says_by_what_volumes_are_formed_ordered_and_counted() {
    let rules = read(VOLUMES).unwrap();
    let pack: &Pack = rules.pack("VOLUMES").unwrap();
    let rule = pack.volume_of("customer").unwrap();
    assert!(pack.volume_of("archive_room").is_none() && pack.volume("yearly").is_some());
    assert_eq!((rule.year_of("request"), rule.year_of("plan")), (YearRule::Answered, YearRule::First));
    assert_eq!((rule.year_of("letter"), rule.count), (YearRule::Date, PageCount::TextPages));
    assert_eq!(rule.order[0], VolumeOrder { by: OrderKey::Relation(Relation::RepliesTo), turned: false });
    let turned = VolumeOrder::parse("-date").unwrap();
    assert_eq!((turned, turned.to_string()), (VolumeOrder { by: OrderKey::Date, turned: true }, "-date".to_owned()));
}

// proves: P-92, P-93, P-94, P-95
#[test]
fn what_a_rule_names_is_there() {
    let kind = |id: &str| format!("there is no kind of paper in those files `{id}`");
    refused("request: answered,", "report: answered,", &kind("report"));
    refused("unpaged: [receipt]", "unpaged: [colour]", &kind("colour"));
    refused("kinds: [secret_paper]", "kinds: [colour]", &kind("colour"));
    refused("in: [customer]\n    per", "in: [hall]\n    per", "there is no kind of file `hall`");
    refused("apart: {level: top_secret", "apart: {level: hidden", "there is no level `hidden`");
    let lowest = "it is the lowest level: nothing would lie with anything else";
    refused("apart: {level: top_secret", "apart: {level: none", lowest);
    refused("catalogue: [permanent, long]", "catalogue: [brief]", "there is no retention class `brief`");
    refused("retention: short, position", "retention: brief, position", "there is no retention class `brief`");
    refused("gate: volume_close\nrecords", "gate: shutting\nrecords", "there is no gate `shutting`");
    let words = "replies_to, annex_of, copy_of, forwards, translation_of, draft_of, supersedes";
    let faults = read(&VOLUMES.replacen("together: [copy_of", "together: [beside", 1)).unwrap_err();
    assert!(faults.errors().any(|one| words.split(", ").all(|word| one.sentence.contains(word))), "{faults}");
}

// proves: P-92, P-95
#[test]
fn a_rule_that_contradicts_itself_or_that_nothing_fits_is_a_fault() {
    refused("per: [file, year, retention]", "per: [year, retention]", "a volume lies in one file: `per` has `file`");
    let unasked = "volumes are not formed by `year`: it says something of `per`";
    refused("per: [file, year, retention]", "per: [file, retention]", unasked);
    refused("order: [replies_to, annex_of, received]", "order: []", "a volume has an order (P-95)");
    refused("annex_of, received]", "annex_of, -annex_of]", "`-annex_of` is ordered by already");
    let second = "volumes:\n  - {id: other, label: 其他, per: [file], order: [date], count: sheets}\n";
    refused("volumes:\n", second, "files of kind `customer` have a rule of volumes already");
    let period = "`plan` says no period: its form has no `period` (`date_range`) in clear";
    refused("label: 规划, create", "label: 规划, template: licence_copy, create", period);
    let unsaid = "no kind of paper in those files says its `position`";
    let text = VOLUMES.replacen(", position: 9}", "}", 1).replacen("annex_of, received]", "annex_of, position]", 1);
    assert!(read(&text).unwrap_err().errors().any(|one| one.sentence == unsaid));
}

// proves: P-92
#[test]
fn a_rule_for_files_without_paper_fits_nothing() {
    let text = VOLUMES.replacen(
        "volumes:\n",
        "volumes:\n  - {id: rooms, label: 库房案卷, in: [archive_room], per: [file], order: [date], count: sheets}\n",
        1,
    );
    let kinds = ["request", "letter", "plan", "summary", "secret_paper", "receipt"];
    let told = |text: &str| match read(text) {
        Ok(_) => false,
        Err(faults) => faults.errors().any(|one| one.sentence == "nothing fits `rooms`: those files hold no paper"),
    };
    assert!(!told(&text), "kinds that say no `in` lie everywhere");
    let mut bound = text;
    for kind in kinds {
        bound = bound.replacen(&format!("{{id: {kind}, label"), &format!("{{id: {kind}, in: [customer], label"), 1);
    }
    // The kinds of R36 itself, `contract_text` and its kin, lie in every file.
    assert!(!told(&bound));
    assert!(told(&bound.replacen(
        "documents:\n  - {id: request",
        "without: {documents: [contract_text, licence, other]}\ndocuments:\n  - {id: request",
        1
    )));
}

// proves: P-98
#[test]
fn what_closes_volumes_asks_for_their_gate_and_names_volumes() {
    let unasked = "stage `closed` of `closing` closes such volumes without asking for `volume_close`";
    refused("label: 已结卷, gate: volume_close, sign", "label: 已结卷, sign", unasked);
    let what = "there is no field or column that names volumes (`type: ref`, `to: volume`) `shelf`";
    refused("do: volume.close, each: volume}", "do: volume.close, each: shelf}", what);
    let idle = "`volume.close` closes nothing: those files have no `volumes`";
    let (head, tail) = VOLUMES.split_once("volumes:\n  - id: yearly").unwrap();
    let text = format!("{head}{}", &tail[tail.find("records:").unwrap()..]);
    assert!(read(&text).unwrap_err().errors().any(|one| one.sentence == idle));
    let open = VOLUMES.replacen("effects: [{do: volume.close, each: volume}]", "from: [bound]", 1);
    let open = open.replacen("effects: [{do: volume.close}], final", "final", 1);
    let warned = "what `yearly` forms is never closed: no stage does `volume.close` there";
    assert!(read(&open).unwrap().warnings().warnings().any(|one| one.sentence == warned));
}
