//! What a pack says and what can never come about under it.

use super::{broken, refused};
use crate::fault::{Fault, Faults};

const FILE: &str = "R36.yaml";

// The warnings of the pack, but for what its text leaves open.
fn mine(faults: &Faults) -> Vec<&Fault> {
    faults.warnings().filter(|one| one.file.ends_with(FILE) && !one.sentence.ends_with("(X-01)")).collect()
}

/// The replacement gives exactly this warning of the pack, so many lines below the replaced text, and no error.
#[track_caller]
fn warned(from: &str, to: &str, below: usize, sentence: &str) {
    let (faults, line) = broken(FILE, from, to);
    assert!(!faults.is_fatal(), "{faults}");
    let warnings = mine(&faults);
    assert_eq!(warnings.len(), 1, "{faults}");
    assert_eq!((warnings[0].line, warnings[0].sentence.as_str()), (line + below, sentence), "{faults}");
}

#[track_caller]
fn warned_of_people(file: &str, from: &str, to: &str, sentence: &str) {
    let (faults, _) = broken(file, from, to);
    assert!(!faults.is_fatal(), "{faults}");
    assert!(faults.warnings().any(|one| one.sentence == sentence), "{faults}");
}

#[test]
fn a_borrower_who_is_not_cleared_is_refused() {
    let (lent, sentence) =
        ("mode: approval, matter: loan.confidential, longest: 4h} # A-25", "borrows at level `confidential` but");
    let to = lent.replace("longest", "bypass_posts: [director, service_staff], longest");
    refused(FILE, lent, &to, 0, &format!("post `service_staff` {sentence} is not cleared for it"));
}

#[test]
fn an_approver_who_is_not_cleared_is_a_warning_where_another_is() {
    let step = "posts: [general_manager, deputy_general_manager], scope: org}], quorum: 1}\n  - id: general_manager";
    let (faults, _) = broken(FILE, step, &step.replace("deputy_general_manager", "service_staff"));
    assert!(!faults.is_fatal(), "{faults}");
    let sentence = "post `service_staff` of plan `general_or_deputy` is not cleared for level `confidential`";
    assert!(faults.warnings().any(|one| one.sentence == sentence), "{faults}");
}

#[test]
fn a_level_that_nobody_may_ask_for_is_a_warning() {
    let faults = super::read(FILE, &super::text(FILE).replace("access.request, ", ""));
    let mine: Vec<_> = mine(&faults).into_iter().map(|one| &one.sentence).collect();
    let sentence = |level: &str| format!("nobody who is cleared for level `{level}` may `access.request`");
    assert_eq!(mine, [&sentence("none"), &sentence("confidential"), &sentence("secret")], "{faults}");
}

#[test]
fn a_reviewer_who_may_not_read_is_a_warning() {
    let actions = "file.create, file.read, file.update, file.submit, file.review,";
    let (faults, _) = broken(FILE, actions, &actions.replace("file.read, ", ""));
    assert!(!faults.is_fatal(), "{faults}");
    let sentence = "post `office_director` reviews files but may not `file.read`";
    let warned = faults.warnings().find(|one| one.sentence == sentence).unwrap();
    assert_eq!(warned.path, "review.posts[1]");
}

#[test]
fn a_duty_that_never_comes_due_is_a_warning() {
    let archive = "    original_in_archive: true";
    let text = super::text(FILE).replace(archive, "    copy: false");
    let faults = super::read(FILE, &text);
    let sentence = "`file.classified` never happens under this pack: no level has `original_in_archive`";
    assert!(faults.warnings().any(|one| one.sentence == sentence), "{faults}");
    let out = "loan.check_out, ";
    let expected = "`loan.expired` never happens under this pack: nobody may `loan.check_out`";
    let (faults, _) = broken(FILE, out, "");
    assert!(faults.warnings().any(|one| one.sentence == expected), "{faults}");
}

#[test]
fn a_duty_that_nobody_learns_of_is_a_warning() {
    let role = "role: sales_staff, scope: unit, requirements: [P-46]";
    let sentence = "post `auditor` owes `file.refresh` about files that it never sees";
    warned(role, &role.replace("sales_staff", "auditor"), 0, sentence);
    let text = super::text(FILE).replace("exposure.reserve, exposure.read, duty.read, policy.read]\n    clearance: confidential\n    grade: confidential\n    standing: unit", "policy.read]\n    clearance: confidential\n    grade: confidential\n    standing: unit");
    let faults = super::read(FILE, &text);
    let sentence = "post `sales_staff` owes `file.refresh` but may not `duty.read`, so nobody learns of it there";
    assert!(faults.warnings().any(|one| one.sentence == sentence), "{faults}");
}

#[test]
fn a_duty_that_nobody_owes_and_files_that_nobody_reviews_are_warnings() {
    let analyst = "{post: credit_analyst, unit: finance}";
    warned_of_people(
        "demo.yaml",
        analyst,
        "{post: auditor, unit: finance}",
        "duty `credit.review` (credit_analyst) is owed by nobody",
    );
    let head = "{post: department_head, unit: north}";
    let none = "nobody reviews the files of north (department_head)";
    warned_of_people("meridian.yaml", head, "{post: account_manager, unit: north}", none);
}

#[test]
fn matters_and_plans_that_nothing_uses_are_warnings() {
    let plan = "  - id: unit_review # set by the company";
    let idle =
        "  - id: idle\n    label: x\n    steps:\n      - {slots: [{posts: [director], scope: org}], quorum: 1}\n";
    warned(plan, &format!("{idle}{plan}"), 0, "plan `idle` decides no matter");
    let text = super::text(FILE).replace("approval.create, ", "");
    let faults = super::read(FILE, &text);
    let mine: Vec<_> = mine(&faults).into_iter().map(|one| one.sentence.as_str()).collect();
    assert_eq!(mine, ["nothing is asked under matter `file.review`, and no post may `approval.create`"], "{faults}");
}
