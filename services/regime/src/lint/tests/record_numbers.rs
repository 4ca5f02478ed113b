//! Numbers of records that could not be made, or could be given twice.

use crate::fault::{Fault, Faults, Severity};

/// A company whose complaints and talks have numbers.
const PACK: &str = "
id: NUMBERED
version: 1
extends: R36
label: x
files:
- {id: customer, label: 客户, purpose: 交易, legal_basis: 合同, retention: long}
records:
- id: complaint
  label: 投诉
  template: complaint_record
  create: [sales_staff]
  edit: [department_manager]
  slots: {handler: {posts: [department_manager]}}
  number:
    at: handled
    pattern: 'TS{complaint_kind}-{year}-{seq:4}'
    scope: [complaint_kind, year]
    codes:
    - {field: complaint_kind, codes: [{value: service_quality, code: FW, label: 服务质量}, {value: other, code: QT, label: 其他}]}
  stages:
  - {id: open, label: 受理, fills: [complaint]}
  - {id: handled, label: 已处理, fills: [result], sign: [handler]}
  - {id: closed, label: 已办结, fills: [told], final: true}
- id: talk
  label: 交流
  template: communication
  create: [sales_staff]
  number: {at: noted, pattern: '{file}-{seq:2}', scope: [file]}
  stages: [{id: noted, label: 已记录}]
";

fn faults(text: &str) -> Faults {
    super::beside("numbered.yaml", text, &[]).map_or_else(|faults| faults, |regimes| regimes.warnings().clone())
}

fn own(from: &str, to: &str) -> Vec<Fault> {
    assert!(PACK.contains(from), "{from}");
    let mine = |fault: &Fault| fault.path.contains(".number");
    faults(&PACK.replacen(from, to, 1)).0.into_iter().filter(mine).collect()
}

#[track_caller]
fn told(severity: Severity, from: &str, to: &str, path: &str, sentence: &str) {
    let found = own(from, to);
    let fits = |one: &&Fault| one.severity == severity && one.path == path && one.sentence.contains(sentence);
    assert_eq!(found.iter().filter(fits).count(), 1, "`{from}` -> `{to}`: {found:#?}");
    assert!(found.iter().all(|one| one.severity == severity), "{found:#?}");
}

#[track_caller]
fn refused(from: &str, to: &str, path: &str, sentence: &str) {
    told(Severity::Error, from, to, path, sentence);
}

const KIND: &str = "records[1].number";

#[test]
fn numbers_that_hold_are_not_told_of() {
    assert_eq!(own("id: NUMBERED", "id: NUMBERED"), Vec::new());
}

// proves: P-06
#[test]
fn a_number_is_drawn_at_a_stage_and_made_of_what_is_there() {
    refused("at: handled", "at: settled", "records[1].number.at", "there is no stage `settled`");
    let pattern = "TS{complaint_kind}-{year}-{seq:4}";
    refused(pattern, "TS{complaint_kind}-{year}", "records[1].number.pattern", "has 0 `{seq}`");
    refused(pattern, "TS{complaint_kind}-{year}-{seq}", "records[1].number.pattern", "says its width");
    let strange = "TS{complaint_kind}-{region}-{year}-{seq:4}";
    refused(pattern, strange, "records[1].number.pattern", "there is no code table `region`");
    refused(
        "- {field: complaint_kind, codes",
        "- {field: mood, codes",
        &format!("{KIND}.codes[0].field"),
        "field or axis `mood`",
    );
    let secret =
        "- {field: contact_person, codes: [{value: a, code: A, label: a}]}\n    - {field: complaint_kind, codes";
    refused(
        "- {field: complaint_kind, codes",
        &secret.replace("contact_person", "content"),
        &format!("{KIND}.codes[0].field"),
        "the number would tell it",
    );
}

// proves: P-06, I11
#[test]
fn what_begins_a_series_stands_in_the_number() {
    let sentence = "counts apart but is not in the pattern";
    refused("scope: [complaint_kind, year]", "scope: [unit, year]", "records[1].number.scope[0]", sentence);
    refused("scope: [file]", "scope: [seq]", "records[2].number.scope[0]", sentence);
}

// proves: P-05, I11
#[test]
fn no_number_could_be_given_twice() {
    let twice = "one number could be given twice";
    refused("{file}-{seq:2}", "{file}{seq:2}", "records[2].number.pattern", twice);
    refused("{file}-{seq:2}", "{unit}-{file}-{seq:2}", "records[2].number.pattern", twice);
    let pattern = "'{file}-{seq:2}', scope: [file]";
    let of_files = "it could give a number that files get by rule `customer`";
    refused(
        pattern,
        "'KH-{seq:4}-{seq_}', scope: []".replace("{seq_}", "00001").as_str(),
        "records[2].number.pattern",
        of_files,
    );
    let of_records = "it could give a number that records of `complaint` get";
    refused(pattern, "'TSFW-2026-{seq:4}', scope: []", "records[2].number.pattern", of_records);
    assert_eq!(own(pattern, "'TS-2026-{seq:4}', scope: []"), Vec::new(), "a complaint has a code there");
}

// proves: P-05
#[test]
fn a_stage_that_records_pass_by_is_warned_of() {
    let warned = |from: &str, to: &str, sentence: &str| {
        told(Severity::Warning, from, to, "records[1].number.at", sentence);
    };
    let stage = "{id: handled, label: 已处理,";
    warned(
        stage,
        &format!("{stage} when: {{customer_type: company}},"),
        "is passed over where its `when` does not hold",
    );
    let last = "- {id: closed, label: 已办结,";
    warned(last, &format!("{last} from: [open, handled],"), "a way to `closed` leads past `handled`");
}
