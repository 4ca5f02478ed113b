//! Record kinds that nobody could use.

use super::{named, refused};

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
fn ids_are_given_once_and_a_second_stage_waits() {
    let stages = "    stages: [{id: noted, label: 已记录}]";
    let two = "    stages: [{id: noted, label: 已记录}, {id: filed, label: 已归档}]";
    refused(PACK, stages, two, 0, "a kind has one stage");
    let twice = "    stages: [{id: noted, label: 已记录}, {id: noted, label: 已归档}]";
    named(PACK, stages, twice, 0, "given twice");
    refused(PACK, "    limit: many", "    limit: some", 0, "`some` is not one of many, once");
}
