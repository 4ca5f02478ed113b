//! Packs that leave mechanisms out.

use crate::Regimes;
use crate::fault::{Fault, Faults};
use crate::model::{ConsultMode, Pack};

/// A company that keeps files, and neither lends, reviews nor gives credit.
pub(super) const SMALL: &str = "
id: SMALL
name: x
label: x
version: 1
effective_from: 2026-01-01
executing_department: x
drafter: x
approver: x
interpreter: x
sources: [x]
calendar: {name: cn-statutory, roll: false}
time_zone: Asia/Shanghai
unit_kind: customer
customer_types: [company]
templates: [{customer_types: [company], template: customer_core}]
levels: [{id: none, label: x, standing: unit}]
posts:
- {id: clerk, label: x, actions: [file.create, file.read, access.request], clearance: none, grade: internal, standing: unit}
numbering: {rules: [{id: a, customer_types: [company], pattern: '{seq:5}', max_length: 5, separators_count: true, scope: []}]}
channels: [import]
sources_demanded: false
access: {reason_min_length: 6, purposes: [{value: work, label: x}], grant_longest: 1 day, decide_within: 1 day}
retention: {classes: [{id: long, label: x, years: 9}], default: long}
";

pub(super) fn read(text: &str) -> Result<Regimes, Faults> {
    super::beside("small.yaml", text, &[])
}

#[track_caller]
fn refused(from: &str, to: &str, sentence: &str) {
    assert!(SMALL.contains(from), "{from}");
    let faults = read(&SMALL.replacen(from, to, 1)).unwrap_err();
    let errors: Vec<&Fault> = faults.errors().collect();
    assert_eq!(errors.len(), 1, "{faults}");
    assert_eq!((errors[0].file.as_str(), errors[0].sentence.as_str()), ("small.yaml", sentence));
}

#[test]
fn a_mechanism_that_a_company_does_not_use_needs_no_key() {
    let pack: Pack = read(SMALL).unwrap().pack("SMALL").unwrap().as_ref().clone();
    assert!(pack.review.posts.is_empty() && pack.credit.limit_matter.is_empty() && pack.duties.is_empty());
    assert_eq!(pack.level("none").unwrap().consult.mode, ConsultMode::Forbidden);
    assert!(pack.loan_matter("none").is_none() && pack.completeness.gate("activate").is_none());
}

#[test]
fn nobody_may_what_a_left_out_mechanism_would_carry() {
    let may = |action: &str, key: &str| {
        let given = format!("{action}, access.request");
        refused("access.request", &given, &format!("post `clerk` may `{action}`, but the pack has no `{key}`"));
    };
    for action in ["file.submit", "file.review"] {
        may(action, "review");
    }
    for action in ["loan.check_out", "loan.return", "loan.recall"] {
        may(action, "loans");
    }
    for action in
        ["credit.model", "credit.evaluate", "limit.propose", "limit.read", "exposure.reserve", "exposure.read"]
    {
        may(action, "credit");
    }
}

#[test]
fn a_pack_that_lends_says_how() {
    let lent = SMALL.replace(
        "standing: unit}]\n",
        "standing: unit, loan: {mode: approval, matter: loan}}]\n\
         plans: [{id: clerk, label: x, steps: [{slots: [{posts: [clerk], scope: org}], quorum: 1}]}]\n\
         matters: [{id: loan, label: x, plan: clerk}]\n",
    );
    let told = |text: &str| {
        let faults = read(text).unwrap_err();
        faults.errors().map(|fault| fault.sentence.clone()).collect::<Vec<_>>()
    };
    assert_eq!(told(&lent), ["level `none` is lent, but the pack has no `loans`"]);
    let places = format!("{lent}loans: {{places: [{{value: room, label: x}}]}}\n");
    let expected = [
        "a borrower accepts at least one duty (A-34)",
        "a return is inspected for something (A-32)",
        "level `none` states no longest loan, and nothing else does (A-30)",
    ];
    assert_eq!(told(&places), expected);
    let whole = "loans: {longest: 1 day, duties: [{value: a, label: x}], inspection: [{value: a, label: x}]}\n";
    read(&format!("{lent}{whole}")).unwrap();
    read(&format!("{SMALL}loans: {{places: [{{value: room, label: x}}]}}\n")).unwrap();
}
