//! Document kinds that nobody could use, and demands that none could meet.

use super::{named, refused};

const PACK: &str = "R36.yaml";
const LETTER: &str = "{id: letter, label: 往来函件, create: [sales_staff, service_staff, department_manager],";
const GATE: &str = "    - {purpose: transfer, required: true, critical: true}";

// Letters that say something else, or more.
fn letter(said: &str) -> String {
    format!("{{id: letter, label: 往来函件, {said},")
}

// proves: P-37
#[test]
fn a_kind_without_form_or_writers_is_refused() {
    refused(PACK, LETTER, &letter("create: [emperor]"), 0, "there is no post `emperor`");
    named(PACK, LETTER, &letter("create: []"), 0, "somebody must file such documents");
    named(PACK, LETTER, &letter("create: [sales_staff, auditor]"), 0, "may not `file.read`");
    named(PACK, LETTER, &letter("create: [sales_staff], template: deed"), 0, "there is no template `deed`");
    named(PACK, LETTER, &letter("create: [sales_staff], in: [barn]"), 0, "there is no kind of file `barn`");
    named(
        PACK,
        LETTER,
        &letter("create: [sales_staff], types: [PDF]"),
        0,
        "no type of content that is taken, as `PDF`",
    );
    named(PACK, "{id: letter, label: 往来函件", "{id: other, label: 往来函件", 1, "given twice");
}

// proves: P-29
#[test]
fn paper_is_asked_of_paper_alone() {
    let scan = letter("create: [sales_staff], carriers: [scan], accept: {paper: [A4]}");
    refused(PACK, LETTER, &scan, 0, "paper and ink are asked of originals and copies");
    let kept = letter("create: [sales_staff], carriers: [scan, electronic], lend: never");
    refused(PACK, LETTER, &kept, 0, "only what is on paper is lent, and it is never on any");
    let word = letter("create: [sales_staff], carriers: [stone]");
    refused(PACK, LETTER, &word, 0, "`stone` is not one of original, copy, scan, electronic");
}

// proves: P-37
#[test]
fn a_gate_asks_for_documents_that_there_can_be() {
    let gate = |need: &str| GATE.replace("critical: true", &format!("critical: true, documents: [{need}]"));
    refused(PACK, GATE, &gate("{kind: deed}"), 0, "there is no document kind `deed`");
    refused(PACK, GATE, &gate("{kind: letter, least: 0}"), 0, "asks for none");
    refused(PACK, GATE, &gate("{kind: contract_text, carrier: copy}"), 0, "are never `copy`");
    refused(PACK, GATE, &gate("{kind: letter, when: {weather: fine}}"), 0, "there is no fact `weather`");
}

// proves: P-28
#[test]
fn a_duty_hangs_on_a_kind_of_document_that_there_is() {
    let duty = "kind: archive.original, label: 机密以上原件入档案室, on: file.classified, due: 1 working day,";
    let on = |on: &str| duty.replace("on: file.classified, due: 1 working day,", on);
    refused(PACK, duty, &on("on: document.filed, at: deed, due: 1 working day,"), 0, "document kind `deed`");
    refused(PACK, duty, &on("on: document.lapses, due: 3 working days,"), 0, "hours and working days are not");
    refused(PACK, duty, &on("on: file.classified, at: letter, due: 1 working day,"), 0, "only `on: record` starts at");
}
