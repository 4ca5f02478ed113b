//! Registers and statistics that would tell nothing, or too much.

use super::{Fault, source_mut};
use crate::{Regimes, Sources};

const LINES: &str = "
registers:
  - id: ledger
    label: 台账
    over: records
    kind: complaint
    posts: [sales_staff]
    where: {stage: open}
    columns: [{label: 编号, value: file.number}, {label: 类别, value: complaint_kind}]
statistics:
  - {id: kinds, label: 统计, over: records, kind: complaint, posts: [archivist], by: [complaint_kind], on: complained_on, each: month}
";

// The errors of R36 with these registers and statistics, one of their texts replaced.
fn errors(from: &str, to: &str) -> Vec<Fault> {
    errors_of(LINES, from, to)
}

fn errors_of(lines: &str, from: &str, to: &str) -> Vec<Fault> {
    assert!(lines.contains(from), "{from}");
    let mut sources = Sources::shipped();
    source_mut(&mut sources, "R36.yaml").bytes.extend(lines.replacen(from, to, 1).into_bytes());
    let faults = Regimes::read(&sources).map_or_else(|faults| faults, |regimes| regimes.warnings().clone());
    faults.errors().cloned().collect()
}

#[track_caller]
fn refused(from: &str, to: &str, sentence: &str) {
    let errors = errors(from, to);
    let told: Vec<_> = errors.iter().map(|one| one.sentence.as_str()).collect();
    assert!(errors.len() == 1 && told[0].contains(sentence), "`{from}` -> `{to}`: {told:?}");
}

// proves: P-111
#[test]
fn a_column_tells_of_something_that_is_there() {
    assert_eq!(errors("label: 台账", "label: 登记簿"), [], "the control");
    for (value, sentence) in [
        ("number", "there is no part or field `number`"),
        ("file.stage", "there is no part or field `file.stage`"),
        ("file.class.size", "there is no part or field `file.class.size`"),
        ("entered.lost", "there is no part or field `entered.lost`"),
        ("latest(visit.stage)", "there is no part or field `latest(visit.stage)`"),
        ("latest(communication.moon)", "there is no part or field `latest(communication.moon)`"),
        ("approved_by", "is kept elsewhere"),
        ("complaint_kind", "`complaint_kind` is told twice"),
    ] {
        refused("value: file.number", &format!("value: {value}"), sentence);
    }
    for value in ["file.name", "latest(communication.needs)", "entered.open", "file.custodian", "creator"] {
        assert_eq!(errors("value: file.number", &format!("value: {value}")), [], "{value}");
    }
    refused("kind: complaint\n", "kind: moon\n", "there is no record kind `moon`");
    refused("posts: [sales_staff]", "posts: []", "somebody reads it");
    refused("posts: [sales_staff]", "posts: [auditor]", "may not `file.read`");
}

const PAPERS: &str = "
registers:
  - id: ledger
    label: 文件索引
    over: documents
    posts: [sales_staff]
    where: {carrier: scan}
    columns: [{label: 编号, value: file.number}, {label: 种类, value: kind}]
statistics:
  - {id: papers, label: 统计, over: documents, kind: licence, posts: [archivist], by: [carrier], sum: [pages], on: document_date, each: month}
";

// proves: P-111, P-104
#[test]
fn a_register_of_documents_tells_what_is_said_of_them() {
    let told = |from: &str, to: &str| {
        let errors = errors_of(PAPERS, from, to);
        errors.into_iter().map(|one| one.sentence).collect::<Vec<_>>()
    };
    let none: Vec<String> = Vec::new();
    assert_eq!(told("label: 统计", "label: 文件统计"), none, "the control");
    for value in ["copy_of", "content", "language", "title", "file.unit", "latest(complaint.stage)", "expire_date"] {
        assert_eq!(told("value: file.number", &format!("value: {value}")), none, "{value}");
    }
    for (from, to, sentence) in [
        ("value: file.number", "value: number", "there is no part or field `number`"),
        ("value: file.number", "value: stage", "there is no part or field `stage`"),
        ("value: file.number", "value: entered.open", "there is no part or field `entered.open`"),
        (
            "over: documents\n    posts",
            "over: documents\n    kind: moon\n    posts",
            "there is no document kind `moon`",
        ),
        ("over: documents\n    posts", "over: records\n    posts", "only documents may be of every kind"),
        ("where: {carrier: scan}", "where: {carrier: stone}", "there is no carrier `stone`"),
        ("where: {carrier: scan}", "where: {kind: [licence, moon]}", "there is no document kind `moon`"),
        ("where: {carrier: scan}", "where: {title: x}", "field `title` is confidential"),
        ("by: [carrier]", "by: [creator]", "makes no groups"),
        ("sum: [pages]", "sum: [paper]", "there is no field `paper`"),
        ("on: document_date", "on: carrier", "there is no moment or field with a day `carrier`"),
    ] {
        let told = told(from, to);
        assert!(told.iter().any(|one| one.contains(sentence)), "`{from}` -> `{to}`: {told:?}");
    }
    let beside = "each: month}\n  - {id: all, label: 另, over: documents, posts: [archivist], by: [kind], on: document_date, each: month}\n";
    let told = told("each: month}\n", beside);
    assert!(told.len() == 1 && told[0].contains("a difference of the two would tell"), "{told:?}");
}

// proves: P-111, A-02
#[test]
fn a_condition_betrays_no_field_that_a_reader_does_not_see() {
    let open = "where: {stage: open}";
    refused(open, "where: {content: x}", "field `content` is confidential");
    refused(open, "where: {latest(communication.channel): mail}", "decides on no line");
    refused(open, "where: {complaint_kind: moon}", "there is no choice `moon`");
    assert_eq!(errors(open, "where: {complaint_kind: service_quality, file.level: none}"), []);
}

// proves
#[test]
fn what_is_counted_is_neither_sealed_nor_a_name() {
    let by = "by: [complaint_kind]";
    refused(by, "by: [content]", "neither counted nor added up");
    refused(by, "by: [creator]", "makes no groups");
    refused(by, "by: [moon]", "there is no part or field `moon`");
    refused(by, "by: [complaint_kind], sum: [handling_department]", "is not added up");
    refused(by, "by: [complaint_kind], sum: [stage]", "there is no field `stage`");
    refused("on: complained_on", "on: complaint_kind", "is no day");
    refused("on: complained_on", "on: stage", "there is no moment or field with a day `stage`");
    assert_eq!(errors(by, "by: [stage, file.unit]"), []);
}

// proves: X-26
#[test]
fn two_statistics_do_not_tell_by_their_difference_what_each_holds_back() {
    let first = "each: month}\n";
    let beside = |rest: &str| {
        format!(
            "each: month}}\n  - {{id: other, label: 另, over: records, kind: complaint, posts: [archivist], on: complained_on, {rest}}}\n"
        )
    };
    let difference = "a difference of the two would tell";
    refused(first, &beside("each: month"), difference);
    refused(first, &beside("each: month, by: [complaint_kind, stage]"), difference);
    refused(first, &beside("each: year, by: [stage]"), difference);
    refused(first, &beside("each: month, by: [stage], where: {stage: open}"), difference);
    assert_eq!(errors(first, &beside("each: month, by: [stage]")), []);
}
