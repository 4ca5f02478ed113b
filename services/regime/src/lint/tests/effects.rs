//! Approvals and effects of stages.

use crate::Regimes;
use crate::fault::{Fault, Faults};

const STEPS: &str = include_str!("../../../../../tests/packs/STEPS.yaml");
const FORMS: [(&str, &str); 3] = [
    ("change", include_str!("../../../../../tests/packs/templates/change.yaml")),
    ("conclusion", include_str!("../../../../../tests/packs/templates/conclusion.yaml")),
    ("contract_dossier", include_str!("../../../../../tests/packs/templates/contract_dossier.yaml")),
];

fn read(text: &str) -> Result<Regimes, Faults> {
    super::beside("steps.yaml", text, &FORMS)
}

#[track_caller]
fn refused(from: &str, to: &str, sentence: &str) {
    assert!(STEPS.contains(from), "{from}");
    let faults = read(&STEPS.replacen(from, to, 1)).unwrap_err();
    let told: Vec<&Fault> = faults.errors().collect();
    assert!(told.iter().any(|one| one.sentence == sentence), "{from} -> {to}: {faults}");
}

// proves: X-37
#[test]
fn a_pack_with_approvals_and_effects_is_read() {
    let rules = read(STEPS).unwrap();
    let pack = rules.pack("STEPS").unwrap();
    let penalty = pack.record("penalty").unwrap();
    assert_eq!(penalty.stage("imposed").unwrap().approval.as_ref().unwrap().rejected_to, "dropped");
    assert!(!penalty.stage("imposed").unwrap().asks_nothing());
    assert_eq!(pack.file_kind("contract").unwrap().establish.as_deref(), Some("conclusion"));
}

// proves: X-37, P-38
#[test]
fn a_decision_leads_to_a_stage_that_it_can_lead_to() {
    refused("matter: penalty, rejected_to", "matter: fine, rejected_to", "there is no matter `fine`");
    let nowhere = "there is no stage before it, or with `from: []`, called `told`";
    refused("rejected_to: dropped", "rejected_to: told", nowhere);
    refused("returned_to: drafted", "returned_to: concluded", "there is no stage before it called `concluded`");
    // Without the approval nothing leads to the stage that only a no leads to.
    refused("approval: {matter: penalty, rejected_to: dropped}, ", "", "no way leads to stage `dropped`");
}

// proves: X-37, P-38
#[test]
fn an_effect_has_what_it_works_with_and_its_guard() {
    refused("{do: record.open, kind: hearing}", "{do: record.open}", "`record.open` needs key `kind`");
    refused("{do: file.close}", "{do: file.close, to: keeper}", "`file.close` takes no `to`");
    refused("{do: record.open, kind: hearing}", "{do: record.open, kind: penalty}", "`penalty` would act on itself");
    let person = "there is no field that names a person (`type: ref`, `to: person`) `website`";
    refused("to: keeper}", "to: website}", person);
    refused("until: until}", "until: what}", "there is no field with a day (`type: date`) `what`");
    refused("duty: file.sorted, until", "duty: file.lost, until", "there is no duty `file.lost`");
    let other = "`postcode` of template `customer_core` is of another type than `website`";
    refused("set: {website: website}", "set: {postcode: website}", other);
    let open = "`until` is more sensitive than `website` of template `customer_core`";
    refused("set: {website: website}", "set: {website: until}", open);
    let strange = "`customer_class_time` of template `customer_core` does not take `custodian` of `what`";
    refused("set: {website: website}", "set: {customer_class_time: what}", strange);
    let without = "file kind `contract` does not say `establish: conclusion`";
    refused("    establish: conclusion\n", "", without);
    let idle = "records of `change` make no file of `contract` effective: no stage does `file.activate` there";
    refused("establish: conclusion", "establish: change", idle);
}
