//! Record kinds that nobody could use.

use super::{broken, named, refused};
use crate::{Regimes, Source, Sources};

const PACK: &str = "R36.yaml";

// proves: P-47
#[test]
fn a_kind_without_form_writers_or_stage_is_refused() {
    let form = ("    template: communication\n", "    template: visit_report\n");
    refused(PACK, form.0, form.1, 0, "there is no template `visit_report`");
    let own = "    template: customer_core\n";
    named(PACK, form.0, own, 0, "in the form of a file alone");
    let create = "    create: [sales_staff, department_manager]";
    refused(PACK, create, "    create: [sales_staff, emperor]", 0, "there is no post `emperor`");
    named(PACK, create, "    create: []", 0, "somebody must make such records");
    named(PACK, create, "    create: [sales_staff, auditor]", 0, "may not `file.read`");
    named(PACK, "    stages: [{id: noted, label: 已记录}]", "    stages: []", 0, "a record stands in a stage");
}

#[test]
fn ids_are_given_once_and_a_limit_is_a_word() {
    let stages = "    stages: [{id: noted, label: 已记录}]";
    let twice = "    stages: [{id: noted, label: 已记录}, {id: noted, label: 已归档}]";
    named(PACK, stages, twice, 0, "given twice");
    refused(
        PACK,
        "    limit: many",
        "    limit: some",
        0,
        "`some` is not one of many, one_open, once, one a month, one a year",
    );
}

const HANDLED: &str = "      - {id: handled, label: 已处理, fills: [result], sign: [handler]}";

// A stage of complaints with one more key.
fn handled(key: &str) -> String {
    HANDLED.replace("sign:", &format!("{key}, sign:"))
}

#[track_caller]
fn handled_is_refused(key: &str, sentence: &str) {
    named(PACK, HANDLED, &handled(key), 0, sentence);
}

// proves: P-38
#[test]
fn a_stage_that_no_way_leads_to_is_refused() {
    handled_is_refused("from: []", "no way leads to stage `handled`");
    handled_is_refused("from: [closed]", "there is no stage before it called `closed`");
    handled_is_refused("from: [opened]", "there is no stage before it called `opened`");
    handled_is_refused("from: [handled]", "there is no stage before it called `handled`");
    let early = "      - {id: open, label: 受理, fills: [complaint], final: true}";
    named(PACK, "      - {id: open, label: 受理, fills: [complaint]}", early, 1, "comes after `open`, which is final");
}

// proves: P-35
#[test]
fn what_a_stage_asks_for_can_come_about() {
    handled_is_refused("percent: {results: 70}", "there is no section `results`");
    handled_is_refused("percent: {result: 170}", "at most 100");
    handled_is_refused("records: [{at: survey@filed}]", "there is no stage of a record kind `survey@filed`");
    handled_is_refused("records: [{at: complaint@open}]", "would wait for itself");
    handled_is_refused("none_open: [complaint]", "there is no other record kind `complaint`");
    handled_is_refused("gate: account_opening", "there is no gate `account_opening`");
    handled_is_refused("equal: [complained_on]", "is no equation");
    handled_is_refused("equal: [complained_on = content]", "field `content` is confidential");
    handled_is_refused("equal: [complained_on.day = feedback_on]", "of two columns of one group");
    handled_is_refused("equal: [complained_on = told_on]", "there is no field `told_on`");
    handled_is_refused("wait: 2 fortnights", "no unit of time");
    named(PACK, "fills: [result]", "fills: [outcome]", 0, "there is no section `outcome`");
    named(PACK, "sign: [deputy]", "sign: [deputies]", 0, "there is no slot `deputies`");
}

// proves: I10
#[test]
fn a_condition_that_would_betray_what_is_not_seen_is_refused() {
    handled_is_refused("values: {content: x}", "field `content` is confidential");
    handled_is_refused("when: {content: x}", "field `content` is confidential");
    handled_is_refused("values: {contents: x}", "there is no field `contents`");
    handled_is_refused("when: {complaint_kind: weather}", "there is no choice `weather`");
    handled_is_refused("when: {weather: bad}", "there is no fact `weather`");
    handled_is_refused("when: {level: high}", "there is no level `high`");
    handled_is_refused("when: {customer_type: {below: company}}", "neither below nor above");
    handled_is_refused("when: {class.region: north}", "there is no axis `region`");
    handled_is_refused("when: {deputy.post: emperor}", "there is no post `emperor`");
    handled_is_refused("when: {deputies.post: auditor}", "there is no slot `deputies`");
    handled_is_refused("values: {complained_on: {}}", "a bound is expected");
    handled_is_refused("values: {complained_on: {below: told_on}}", "there is no number, sum, date or field `told_on`");
    handled_is_refused("values: {complained_on: {below: content}}", "field `content` is confidential");
}

// proves: A-40
#[test]
fn a_slot_whose_holders_are_not_shown_what_they_would_sign_is_warned_of() {
    let deputy = "      deputy: {posts: [deputy_general_manager], scope: org}";
    let (faults, line) = broken(PACK, deputy, "      deputy: {posts: [service_staff], scope: org}");
    let told =
        "post `service_staff` reads up to internal, and field `content` of template `complaint_record` is confidential";
    let fits = |one: &crate::fault::Fault| one.line == line && one.sentence.contains(told);
    assert!(faults.warnings().any(fits), "{faults}");
}

// proves: A-39
#[test]
fn a_slot_that_nobody_fills_is_refused() {
    let deputy = "      deputy: {posts: [deputy_general_manager], scope: org}";
    named(PACK, deputy, "      deputy: {scope: org}", 0, "nobody can fill slot `deputy`");
    named(PACK, deputy, "      deputy: {posts: [deputy_general_manager], who: creator}", 0, "one of them says it");
    named(PACK, deputy, "      deputy: {posts: [auditor]}", 0, "may not `file.read`");
    named(PACK, deputy, "      deputy: {posts: [emperor]}", 0, "there is no post `emperor`");
    named(
        PACK,
        deputy,
        "      deputy: {posts: [deputy_general_manager], when: {weather: bad}}",
        0,
        "there is no fact `weather`",
    );
    named(PACK, "    copies: [handler, file]", "    copies: [customer]", 0, "there is no slot `customer`");
    let elsewhere = "    in: [vehicle]\n    template: complaint_record";
    named(PACK, "    template: complaint_record", elsewhere, 0, "there is no kind of file `vehicle`");
    let of = "    of: complaint\n    template: complaint_record";
    named(PACK, "    template: complaint_record", of, 0, "would belong to itself");
    let foreign = "    of: survey\n    template: complaint_record";
    named(PACK, "    template: complaint_record", foreign, 0, "there is no record kind `survey`");
}

const REVIEW: &str =
    "  - {kind: credit.review, label: 信用年度复评, on: rating.given, due: 1 year, role: credit_analyst";

// The duty to review credit, with something else in it.
#[track_caller]
fn duty_is_refused(from: &str, to: &str, sentence: &str) {
    named(PACK, REVIEW, &REVIEW.replace(from, to), 0, sentence);
}

// proves: P-39, P-47, P-79
#[test]
fn a_duty_that_no_record_starts_or_does_is_refused() {
    let record = |rest: &str| format!("on: record, {rest}");
    duty_is_refused("due: 1 year", "due: 1 year, every: 1 year, done_by: complaint@closed", "say the same thing");
    duty_is_refused("due: 1 year", "every: 1 year", "a cycle goes on where `done_by` says");
    duty_is_refused("due: 1 year", "due: 1 year, at: complaint@open", "only `on: record` starts at a stage");
    duty_is_refused("due: 1 year", "due: 1 year, done_by: complaint@closed", "is done where that is kept");
    duty_is_refused("due: 1 year", "due: 1 year, who: creator", "is owed by one person");
    duty_is_refused("due: 1 year", "due: 1 year, when: {level: none}", "asks for facts of it");
    duty_is_refused("on: rating.given", "on: file.submitted, when: {level: none}", "takes no `when`");
    duty_is_refused("on: rating.given", "on: record", "says with `at` which kind and stage");
    duty_is_refused(
        "on: rating.given",
        &record("at: complaint@shut"),
        "there is no stage of a record kind `complaint@shut`",
    );
    duty_is_refused(
        "on: rating.given",
        &record("at: survey@created"),
        "there is no stage of a record kind `survey@created`",
    );
    let done = record("at: complaint@created, done_by: complaint@shut");
    duty_is_refused("on: rating.given", &done, "there is no stage of a record kind `complaint@shut`");
    let from = record("at: complaint@created, from: content");
    duty_is_refused("on: rating.given", &from, "there is no day, internal or public, of the record `content`");
    let when = record("at: complaint@created, when: {content: x}");
    duty_is_refused("on: rating.given", &when, "field `content` is confidential");
    let signed = record("at: complaint@created, when: {handler.post: archivist}");
    duty_is_refused("on: rating.given", &signed, "a duty does not ask who signed");
}

#[test]
fn what_the_page_about_packs_shows_can_be_copied() {
    let page = include_str!("../../../../../docs/packs.md");
    let blocks: Vec<_> = page.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    let block = |begins: &str| *blocks.iter().find(|one| one.starts_with(begins)).unwrap();
    let pack = format!("id: ACME\nversion: 1\nextends: R36\n{}", block("records:\n  - id: car_loan"));
    let source = |file: &str, text: &str| Source { file: file.to_owned(), bytes: text.as_bytes().to_vec() };
    let mut sources = Sources::shipped();
    // A pack that others extend has one version, so the next version of R36 stands alone.
    let mut later = Sources::shipped();
    later.packs.push(source("R36-next.yaml", block("id: R36\nversion: ")));
    assert_eq!(Regimes::read(&later).unwrap().packs().filter(|pack| pack.id == "R36").count(), 2);
    sources.packs.push(source("ACME.yaml", &pack));
    let held = format!("id: HELD\nversion: 1\nextends: R36\n{}", block("records:\n  - id: dispute"));
    sources.packs.push(source("HELD.yaml", &held));
    sources.templates.push(source("car_loan.yaml", block("id: car_loan")));
    let faults = Regimes::read(&sources).map_or_else(|faults| faults, |read| read.warnings().clone());
    let mine: Vec<_> = faults
        .0
        .iter()
        .filter(|one| !one.file.starts_with("regimes/") && !one.file.contains("organisations"))
        .collect();
    assert!(mine.is_empty(), "{mine:?}");
}
