//! Document kinds that nobody could use, and demands that none could meet.

use super::{named, refused};

const PACK: &str = "R36.yaml";
const RECORDS: &str = "\nrecords: #";
const GATE: &str = "    - {purpose: transfer, required: true, critical: true}";

// The pack with these documents.
fn with(documents: &str) -> String {
    format!("\ndocuments:\n{documents}\nrecords: #")
}

// proves: P-37
#[test]
fn a_kind_without_form_or_writers_is_refused() {
    let kind = |more: &str| with(&format!("  - {{id: letter, label: 函件, {more}}}"));
    refused(PACK, RECORDS, &kind("create: [emperor]"), 2, "there is no post `emperor`");
    named(PACK, RECORDS, &kind("create: []"), 2, "somebody must file such documents");
    named(PACK, RECORDS, &kind("create: [sales_staff], template: deed"), 2, "there is no template `deed`");
    named(PACK, RECORDS, &kind("create: [sales_staff], in: [barn]"), 2, "there is no kind of file `barn`");
    named(PACK, RECORDS, &kind("create: [sales_staff], types: [PDF]"), 2, "no type such as `application/pdf`");
    let twice = "  - {id: letter, label: 函件, create: [sales_staff]}\n";
    named(PACK, RECORDS, &with(&twice.repeat(2)), 3, "given twice");
}

// proves: P-29
#[test]
fn paper_is_asked_of_paper_alone() {
    let scan = "  - {id: scan, label: 扫描件, create: [sales_staff], carriers: [scan], accept: {paper: [A4]}}";
    refused(PACK, RECORDS, &with(scan), 2, "paper and ink are asked of originals and copies");
    let word = "  - {id: scan, label: 扫描件, create: [sales_staff], carriers: [stone]}";
    refused(PACK, RECORDS, &with(word), 2, "`stone` is not one of original, copy, scan, electronic");
}

// proves: P-37
#[test]
fn a_gate_asks_for_documents_that_there_can_be() {
    let gate = |need: &str| GATE.replace("critical: true", &format!("critical: true, documents: [{need}]"));
    refused(PACK, GATE, &gate("{kind: deed}"), 0, "there is no document kind `deed`");
}

// proves: P-28
#[test]
fn a_duty_hangs_on_a_kind_of_document_that_there_is() {
    let duty = "kind: archive.original, label: 机密以上原件入档案室, on: file.classified, due: 1 working day,";
    let on = |on: &str| duty.replace("on: file.classified, due: 1 working day,", on);
    refused(PACK, duty, &on("on: document.filed, at: deed, due: 1 working day,"), 0, "document kind `deed`");
    refused(PACK, duty, &on("on: document.lapses, due: 3 working days,"), 0, "hours and working days are not");
    refused(PACK, duty, &on("on: file.classified, at: deed, due: 1 working day,"), 0, "only `on: record` starts at");
}
