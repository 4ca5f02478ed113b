//! Levels, posts, plans and acts that give power to nobody, or to the wrong one.

use super::{broken, named, refused};

#[test]
fn faults_of_levels_are_refused() {
    let file = "R36.yaml";
    named(file, "  - id: secret\n", "  - id: confidential\n", 0, "level `confidential` is given twice");
    refused(file, "mode: approval, matter: consult.secret, ", "mode: approval, ", 0, "no matter with a plan");
    refused(file, "matter: consult.secret", "matter: consult.nothing", 0, "there is no matter `consult.nothing`");
    refused(file, "place: archive_room", "place: roof", 0, "there is no place `roof`");
    refused(
        file,
        "consult: {mode: free}",
        "consult: {mode: free, matter: consult.secret}",
        0,
        "not consulted on approval",
    );
    refused(file, "bypass_posts: [general_manager,", "bypass_posts: [chairman,", 0, "there is no post `chairman`");
    let never = "loan: {mode: never, bypass_posts: [general_manager]}";
    refused(file, "loan: {mode: never}", never, 0, "never lent");
    let closed = "    closed: true # A-23\n    standing: nobody\n    consult: {mode: forbidden}";
    let open = |consult: &str| format!("    closed: true\n    standing: nobody\n    consult: {{mode: {consult}}}");
    refused(file, closed, &open("free"), 2, "consulted by nobody");
    refused(file, closed, &closed.replace("nobody", "unit"), 1, "nobody has standing access");
    let last = "consult: {mode: forbidden}\n    loan: {mode: never}";
    let lent = "consult: {mode: forbidden}\n    loan: {mode: approval, matter: loan.confidential}";
    refused(file, last, lent, 1, "lent to nobody");
    named("R39.yaml", "label: 一般\n", "label: 一般\n    closed: true\n", 1, "the lowest level");
}

#[test]
fn an_open_level_above_a_closed_one_is_refused() {
    let above = "  - id: cosmic\n    label: x\n    standing: nobody\n    consult: {mode: free}\n    loan: {mode: never}\nposts:";
    refused("R36.yaml", "\nposts:", &format!("\n{above}"), 1, "stands above `top_secret`, which is closed");
}

#[test]
fn faults_of_posts_are_refused() {
    let file = "R36.yaml";
    refused(file, "clearance: secret", "clearance: top_secret", 0, "nobody is cleared for it");
    refused(file, "clearance: secret", "clearance: cosmic", 0, "there is no level `cosmic`");
    named(file, "  - id: service_staff", "  - id: sales_staff", 0, "post `sales_staff` is given twice");
    refused(file, "actions: [file.read, ", "actions: [file.read, file.read, ", 0, "action `file.read` is given twice");
}

#[test]
fn faults_of_plans_are_refused() {
    let file = "R36.yaml";
    let step = "{slots: [{posts: [general_manager], scope: org}], quorum: 1}";
    let quorum = |count: u32| step.replace("quorum: 1", &format!("quorum: {count}"));
    refused(file, step, &quorum(0), 0, "quorum of 0");
    refused(file, step, &quorum(2), 0, "cannot be reached with 1 slots");
    refused(file, step, "{slots: [], quorum: 1}", 0, "at least one slot");
    refused(file, step, &step.replace("[general_manager]", "[]"), 0, "a slot names at least one post");
    let excluded = format!("{step}\n    excluded_posts: [general_manager]");
    refused(file, step, &excluded, 0, "only 0 of 1 slots can be filled");
    refused(file, "plan: general_manager}", "plan: nobody}", 0, "there is no plan `nobody`");
    refused(file, "delegable_to: [deputy_general_manager,", "delegable_to: [chauffeur,", 0, "no post `chauffeur`");
    let undefined = step.replace("[general_manager]", "[chairman]");
    named(file, step, &undefined, 0, "there is no post `chairman`");
    named(file, step, &undefined, 0, "only 0 of 1 slots can be filled");
    named(
        file,
        "  - {id: consult.secret,",
        "  - {id: loan.confidential,",
        0,
        "matter `loan.confidential` is given twice",
    );
    named(file, "  - id: unit_review", "  - id: general_manager", 0, "plan `general_manager` is given twice");
}

// proves: A-23
#[test]
fn faults_of_acts_are_refused() {
    let file = "R36.yaml";
    let appoint = "{act: person.appoint, matter: act.appoint}";
    refused(file, appoint, "{act: person.appoint}", 0, "no matter with a plan says whose");
    refused(file, appoint, "{act: person.appoint, matter: act.x}", 0, "there is no matter `act.x`");
    refused(file, appoint, "{act: person.appoint, mode: direct, matter: act.appoint}", 0, "not done on approval");
    refused(file, appoint, "{act: person.appoint, matter: loan.confidential}", 0, "decides no act");
    refused(file, appoint, "{act: person.appoint, matter: act.appoint, posts: [archivist]}", 0, "only `file.raise`");
    named(file, "act: delegation.create", "act: person.appoint", 0, "act `person.appoint` is given twice");
    refused(
        file,
        "posts: [general_manager]}\n  - {act: file.closed",
        "posts: [auditor]}\n  - {act: file.closed",
        0,
        "may not `file.classify`",
    );
    let closed = "{act: file.closed, matter: act.closed}";
    refused(file, closed, "{act: file.closed, mode: direct}", 0, "nobody acts on a closed file alone");
    refused(file, closed, "{act: file.closed, matter: act.closed, posts: [general_manager]}", 0, "only `file.raise`");
    let matter = "plan: general_or_deputy} # A-23";
    let lent = "plan: general_or_deputy, delegable_to: [office_director]} # A-23";
    let (faults, _) = broken(file, matter, lent);
    assert!(faults.errors().any(|fault| fault.sentence.contains("decided by nobody's delegate")), "{faults}");
}

#[test]
fn an_act_left_to_one_person_or_to_nobody_is_a_warning() {
    let warned = |to: &str, sentence: &str| {
        let (faults, _) = broken("R36.yaml", "  - {act: person.appoint, matter: act.appoint}\n", to);
        assert!(!faults.is_fatal(), "{faults}");
        assert!(faults.warnings().any(|fault| fault.sentence.contains(sentence)), "{faults}");
    };
    warned("  - {act: person.appoint, mode: direct}\n", "one person alone decides `person.appoint`");
    warned("", "nothing says who decides `person.appoint`");
}

#[test]
fn who_must_act_on_a_file_and_never_sees_it_is_refused() {
    let file = "R36.yaml";
    let director = "grade: confidential\n    standing: org\n  - id: department_manager";
    let blind = director.replace("standing: org", "standing: none");
    let (faults, _) = broken(file, director, &blind);
    let told: Vec<_> = faults.errors().map(|fault| (fault.path.as_str(), fault.sentence.as_str())).collect();
    let sentence = "post `office_director` reviews files but never sees one at level `none`";
    assert_eq!(told, [("review.posts[1]", sentence)], "{faults}");
    let manager = "clearance: secret\n    grade: secret\n    standing: org\n  - id: deputy";
    let low = manager.replacen("secret", "confidential", 1);
    let (faults, _) = broken(file, manager, &low);
    let sentence =
        "step 1 of plan `general_manager` is never passed for level `secret`: its posts are not cleared for it";
    assert!(faults.errors().any(|fault| fault.sentence == sentence), "{faults}");
}

#[test]
fn a_calendar_duty_that_nobody_owes_is_a_warning() {
    let (faults, _) =
        broken("demo.yaml", "{post: department_manager, unit: sales}", "{post: sales_staff, unit: sales}");
    assert!(!faults.is_fatal(), "{faults}");
    let sentence = "duty `archive.cooperate.quarterly` (department_manager) is not opened in sales";
    assert!(faults.warnings().any(|fault| fault.sentence.starts_with(sentence)), "{faults}");
}
