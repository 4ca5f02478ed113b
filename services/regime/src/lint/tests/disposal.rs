//! Lists of destruction that contradict themselves, and one that holds.

use crate::Regimes;
use crate::fault::{Fault, Faults};

const HOLDS: &str = include_str!("../../../../../tests/packs/HOLDS.yaml");
const FORMS: [(&str, &str); 4] = [
    ("conclusion", include_str!("../../../../../tests/packs/templates/conclusion.yaml")),
    ("contract_dossier", include_str!("../../../../../tests/packs/templates/contract_dossier.yaml")),
    ("archive_room", include_str!("../../../../../tests/packs/templates/archive_room.yaml")),
    ("destruction_list", include_str!("../../../../../tests/packs/templates/destruction_list.yaml")),
];

const ARCHIVE: &str = "files:
  - {id: archive, label: 档案室, internal: true, template: archive_room, numbering: {rules: [{id: archive, pattern: \"DA-{seq:3}\", max_length: 6, separators_count: true, scope: []}]}, purpose: 档案处置, legal_basis: 档案法}
";

const LIST: &str = "records:
  - id: destruction
    label: 销毁清册
    template: destruction_list
    in: [archive]
    create: [archivist]
    edit: [archivist]
    stages:
      - {id: announced, label: 已公告, fills: [list], effects: [{do: disposal.announce, each: lines.file}]}
      - {id: destroyed, label: 已销毁, fills: [destruction], effects: [{do: disposal.destroy, each: lines.file, when: {lines.verdict: destroy}}, {do: disposal.keep, each: lines.file, when: {lines.verdict: keep}}], final: true}
";

fn pack() -> String {
    HOLDS.replacen("files:\n", ARCHIVE, 1).replacen("records:\n", LIST, 1)
}

fn read(text: &str) -> Result<Regimes, Faults> {
    super::beside("holds.yaml", text, &FORMS)
}

#[track_caller]
fn refused(from: &str, to: &str, path: &str, sentence: &str) {
    assert!(pack().contains(from), "{from}");
    let faults = read(&pack().replacen(from, to, 1)).unwrap_err();
    let told: Vec<&Fault> = faults.errors().collect();
    let fits = told.iter().any(|one| one.path.ends_with(path) && one.sentence.contains(sentence));
    assert!(fits, "{from} -> {to}: {faults}");
}

// proves
#[test]
fn a_list_names_files_and_does_not_end_with_them() {
    read(&pack()).unwrap();
    let announce = "{do: disposal.announce, each: lines.file}";
    refused(announce, "{do: disposal.announce}", "stages[0].effects[0]", "`disposal.announce` needs key `each`");
    refused(announce, "{do: disposal.announce, each: lines.verdict}", "effects[0].each", "names files or their paper");
    refused(announce, "{do: disposal.announce, each: lines.file, at: method}", "effects[0].at", "takes no `at`");
    refused("in: [archive]", "in: [archive, customer]", "effects[0]", "lists lie in internal files");
    refused("lines.verdict: keep", "lines.verdict: burn", "when.lines.verdict", "burn");
    refused("lines.verdict: keep", "lines.colour: red", "when.lines.colour", "colour");
}

// proves: X-11
#[test]
fn nothing_ends_that_was_not_announced_and_what_is_announced_can_end_both_ways() {
    let announce = ", effects: [{do: disposal.announce, each: lines.file}]";
    refused(announce, "", "stages[1].effects[0]", "`disposal.destroy` ends what nothing announces");
    let keep = ", {do: disposal.keep, each: lines.file, when: {lines.verdict: keep}}";
    let told = read(&pack().replacen(keep, "", 1)).unwrap();
    let sentence = "what records of `destruction` announce no stage ends with `disposal.keep`";
    assert!(told.warnings().0.iter().any(|one| one.sentence == sentence), "{}", told.warnings());
    assert!(!read(&pack()).unwrap().warnings().0.iter().any(|one| one.sentence.contains("announce no stage")));
}
