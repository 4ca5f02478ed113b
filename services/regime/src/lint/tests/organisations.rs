//! Organisations: units, people, and groups with one member or none.

use super::{broken, named, refused, source_mut};
use crate::{Regimes, Sources};

#[test]
fn units_are_shown_below_their_parents() {
    let mut sources = Sources::shipped();
    let source = source_mut(&mut sources, "demo.yaml");
    let text = String::from_utf8(source.bytes.clone()).unwrap();
    let text = text.replace("label: 总经理办公室}", "label: 总经理办公室, parent: finance}");
    source.bytes = text.replace("label: 财务部}", "label: 财务部, parent: sales}").into();
    let regimes = Regimes::read(&sources).unwrap();
    let tree = regimes.tenant("demo").unwrap().organisation().tree();
    let tree: Vec<_> = tree.iter().map(|(deep, unit)| (*deep, unit.id.as_str())).collect();
    assert_eq!(tree, [(0, "sales"), (1, "finance"), (2, "general-office"), (0, "customer-service")]);
}

#[test]
fn units_form_a_tree() {
    let file = "demo.yaml";
    let (sales, finance) = ("  - {id: sales, label: 销售部}", "  - {id: finance, label: 财务部}");
    let tree = format!(
        "{}\n{}",
        sales.replace('}', ", parent: general-office, kind: department}"),
        finance.replace('}', ", parent: sales}")
    );
    let (faults, _) = broken(file, &format!("{sales}\n{finance}"), &tree);
    assert!(!faults.is_fatal(), "{faults}");
    refused(file, sales, &sales.replace('}', ", parent: moon}"), 0, "there is no unit `moon`");
    refused(file, sales, &sales.replace('}', ", parent: sales}"), 0, "unit `sales` stands below itself");
    let round = format!("{}\n{}", sales.replace('}', ", parent: finance}"), finance.replace('}', ", parent: sales}"));
    named(file, &format!("{sales}\n{finance}"), &round, 1, "unit `finance` stands below itself");
}

#[test]
fn faults_of_organisations_are_refused() {
    let file = "demo.yaml";
    refused(file, "pack: R36", "pack: R40", 0, "there is no pack `R40`");
    refused(file, "org: demo", "org: Demo Ltd", 0, "is not 1 to 32 of a-z");
    refused(file, "post: archivist, unit", "post: librarian, unit", 0, "named `librarian`");
    refused(
        file,
        "post: archivist, unit: general-office",
        "post: archivist, unit: cellar",
        0,
        "there is no unit `cellar`",
    );
    refused(file, "subject: sales-2", "subject: sales-1", 0, "subject `sales-1` is given twice");
    named(file, "{id: finance, label", "{id: sales, label", 0, "unit `sales` is given twice");
    refused(file, "[german_credit_applicant]", "[french_credit]", 0, "there is no template `french_credit`");
    refused(file, "[{post: auditor, unit: finance}]", "[]", 0, "may do nothing");
    refused("meridian.yaml", "org: meridian", "org: demo", 0, "organisation `demo` exists in");
}

#[test]
fn lonely_and_empty_groups_are_warnings() {
    let manager = "[{post: general_manager, unit: general-office}]";
    let (faults, _) = broken("demo.yaml", manager, "[{post: director, unit: general-office}]");
    assert!(!faults.is_fatal(), "{faults}");
    let empty = "plan `general_manager` step 1 slot 1 (general_manager) can be filled by nobody";
    assert!(faults.warnings().any(|fault| fault.sentence == empty), "{faults}");
}
