//! Each fault by a broken fixture: a shipped file with one text replaced, and the line the fault must name.

mod carried;
mod effects;
mod files;
mod forms;
mod idle;
mod never;
mod organisations;
mod records;
mod registers;

use proptest::prelude::*;

use crate::fault::{Fault, Faults};
use crate::{Regimes, Source, Sources};

fn source_mut<'s>(sources: &'s mut Sources, file: &str) -> &'s mut Source {
    let all = [&mut sources.packs, &mut sources.templates, &mut sources.calendars, &mut sources.organisations];
    all.into_iter().flatten().find(|source| source.file.ends_with(file)).unwrap()
}

/// The text of a shipped file.
fn text(file: &str) -> String {
    String::from_utf8(source_mut(&mut Sources::shipped(), file).bytes.clone()).unwrap()
}

/// The faults of the shipped rules with this text for a file.
fn read(file: &str, text: &str) -> Faults {
    let mut sources = Sources::shipped();
    source_mut(&mut sources, file).bytes = text.into();
    Regimes::read(&sources).map_or_else(|faults| faults, |regimes| regimes.warnings().clone())
}

/// Replaces the first occurrence of a text; answers the faults and the line on which the text stood.
fn broken(file: &str, from: &str, to: &str) -> (Faults, usize) {
    let text = text(file);
    let at = text.find(from).unwrap_or_else(|| panic!("{file} has no `{from}`"));
    let line = 1 + text[..at].matches('\n').count();
    (read(file, &text.replacen(from, to, 1)), line)
}

/// One replacement must give exactly one error: in this file, so many lines below the replaced text, with this sentence.
#[track_caller]
fn refused(file: &str, from: &str, to: &str, below: usize, sentence: &str) {
    let (faults, line) = broken(file, from, to);
    let errors: Vec<&Fault> = faults.errors().collect();
    assert_eq!(errors.len(), 1, "{file}: `{from}` -> `{to}`:\n{faults}");
    assert!(errors[0].file.ends_with(file), "{faults}");
    assert_eq!(errors[0].line, line + below, "{faults}");
    assert!(errors[0].sentence.contains(sentence), "{faults}");
}

/// The replacement gives this error among others that follow from it.
#[track_caller]
fn named(file: &str, from: &str, to: &str, below: usize, sentence: &str) {
    let (faults, line) = broken(file, from, to);
    let fits =
        |fault: &Fault| fault.file.ends_with(file) && fault.line == line + below && fault.sentence.contains(sentence);
    assert!(faults.errors().any(fits), "{file}: `{from}` -> `{to}` at {}:\n{faults}", line + below);
}

#[test]
fn shipped_rules_load_and_warn_only_of_lonely_groups_and_of_what_the_texts_leave_open() {
    let regimes = Regimes::shipped().unwrap();
    assert_eq!(regimes.packs().count(), 2);
    assert_eq!(regimes.tenants().count(), 2);
    for warning in &regimes.warnings().0 {
        let known = ["can be filled by one person only", "are kept without `purpose` and `legal_basis` (X-01)"];
        assert!(known.iter().any(|one| warning.sentence.contains(one)), "{warning}");
    }
}

// proves: X-37
#[test]
fn every_rule_book_that_is_carried_loads_without_a_fault() {
    let regimes = Regimes::read(&Sources::library()).unwrap();
    assert!(regimes.packs().count() > 15);
    for pack in regimes.packs().filter(|pack| !["R36", "R39"].contains(&pack.id.as_str())) {
        assert!(!pack.requirements.is_empty(), "{} does not say what it carries", pack.id);
    }
}

#[test]
fn faults_of_reading_are_refused() {
    let core = "customer_core.yaml";
    refused("R36.yaml", "interpreter: 总", "interpretor: x\ninterpreter: 总", 0, "unknown key `interpretor`");
    refused("R36.yaml", "drafter: 总", "drafter: x\ndrafter: 总", 1, "given twice");
    refused("R36.yaml", "version: 6", "version: three", 0, "not a whole number");
    refused("R36.yaml", "effective_from: 2026-01-01", "effective_from: 2026-02-30", 0, "not a date");
    refused("R36.yaml", "standing: unit", "standing: all", 0, "`all` is not one of nobody, custodian, unit");
    refused("R36.yaml", "actions: [file.read,", "actions: [file.look,", 0, "`file.look` is not one of");
    refused("R36.yaml", "within: 2 working days", "within: 2 fortnights", 0, "no unit of time");
    refused("R36.yaml", "longest: 10 working days", "longest: 0h", 0, "not between 1 and 10000");
    refused("R36.yaml", "time_zone: Asia/Shanghai", "time_zone: Asia/Nowhere", 0, "no time zone");
    refused("R36.yaml", "custodian: true", "custodian: maybe", 0, "not true or false");
    refused("R36.yaml", "approver: 总经理\n", "approver:\n", 0, "`approver` has no value");
    refused("R36.yaml", "approver: 总经理\n", "approver: \"\"\n", 0, "the text is empty");
    refused("R36.yaml", "approver: 总经理\n", "approver: [总经理]\n", 0, "not a list");
    refused(core, "id: age,", "id: age, weight: [1],", 0, "a single value is expected here, not a list");
    refused(core, "type: int", "type: integer", 0, "`integer` is not one of text");
    let (faults, _) = broken("R36.yaml", "sources_demanded: false\n", "");
    assert!(faults.errors().any(|fault| fault.sentence == "key `sources_demanded` is missing"), "{faults}");
    let (faults, line) = broken("R36.yaml", "consult: {mode: free}", "consult: {}");
    let missing: Vec<_> = faults.errors().map(|fault| (fault.line, fault.sentence.as_str())).collect();
    assert_eq!(missing, [(line, "key `mode` is missing")], "{faults}");
}

#[test]
fn faults_of_yaml_are_refused() {
    refused("R36.yaml", "name: Archive", "name: &a Archive", 0, "anchors, aliases and tags");
    refused("R36.yaml", "name: Archive", "name: !x Archive", 0, "anchors, aliases and tags");
    refused("demo.yaml", "extra_templates:", "---\nextra_templates:", 0, "second document");
    let mut sources = Sources::shipped();
    sources.templates.push(Source { file: "empty.yaml".into(), bytes: b"# nothing\n".to_vec() });
    sources.templates.push(Source { file: "open.yaml".into(), bytes: b"id: x\nfields: [\n".to_vec() });
    sources.templates.push(Source { file: "deep.yaml".into(), bytes: "[".repeat(100_000).into_bytes() });
    let faults = Regimes::read(&sources).unwrap_err();
    let errors: Vec<&str> = faults.errors().map(|fault| fault.file.as_str()).collect();
    assert_eq!(errors, ["deep.yaml", "empty.yaml", "open.yaml"], "{faults}");
}

#[test]
fn malformed_utf8_is_refused_with_its_offset() {
    let mut sources = Sources::shipped();
    let source = source_mut(&mut sources, "demo.yaml");
    source.bytes = b"org: demo\nlabel: \xff\n".to_vec();
    let faults = Regimes::read(&sources).unwrap_err();
    let error = faults.errors().next().unwrap();
    assert_eq!((error.line, error.sentence.as_str()), (2, "malformed UTF-8 at byte 17"));
}

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

#[test]
fn faults_of_numbers_are_refused() {
    let file = "R39.yaml";
    let pattern = "\"{industry}-{region}-{seq:3}\"";
    let with = |text: &str| format!("\"{text}\"");
    let counted = "pattern: \"{year}-{month}-{seq:3}\"\n      max_length: 10\n      separators_count: false";
    refused(file, counted, &counted.replace("false", "true"), 0, "can reach 11 characters");
    refused(
        file,
        pattern,
        &with("{industry}-{region}-{seq:7}"),
        0,
        "can reach 11 characters, separators not counted; 10",
    );
    refused(file, pattern, &with("{industry}-{region}-{seq:3"), 0, "leaves a placeholder open");
    refused(file, pattern, &with("{industry}-{region}"), 0, "has 0 `{seq}`, not one");
    refused(file, pattern, &with("{industry}-{region}-{town}-{seq:3}"), 0, "there is no code table `town`");
    refused(file, pattern, &with("{industry}-{seq:3}"), 3, "`region` counts apart but is not in the pattern");
    refused(file, "code: GY,", "code: FW,", 1, "code `FW` is given twice");
    refused(file, "code: GY,", "code: gy,", 0, "code `gy` is not A-Z");
    let varying = with("{industry}{region}-{seq:3}");
    let (faults, _) = broken(file, pattern, &varying);
    assert!(!faults.is_fatal(), "codes of one length may touch: {faults}");
    refused(file, "\"{year}-{month}-{seq:3}\"", "\"{year}{seq}{month}\"", 0, "two parts of varying length touch");
    let scope = "customer_types: [individual]\n      pattern";
    refused(file, scope, &scope.replace("[individual]", "[individual, company]"), 0, "has a number rule already");
    named(
        file,
        "  rules:\n    - id: enterprise\n      customer_types: [sole_trader, ",
        "  rules:\n    - id: enterprise\n      customer_types: [",
        0,
        "customer type `sole_trader` has no number rule",
    );
    let same = "\"{industry}-{region}-{seq:3}\"";
    named(file, "\"{year}-{month}-{seq:3}\"", same, 0, "has the same pattern");
}

#[test]
fn faults_of_forms_and_classification_are_refused() {
    let file = "R39.yaml";
    refused(file, "template: lifecycle_customer_file", "template: lifecycle", 0, "there is no template `lifecycle`");
    named("R36.yaml", "other_templates: [corporate_record]", "other_templates: [x]", 0, "there is no template `x`");
    refused(file, "    - tier: 3", "    - tier: 4", 0, "tiers are 1, 2 and 3");
    refused(file, "{value: retail,", "{value: resale,", 0, "has no value `resale`");
    refused(file, "field: consumption_scenario", "field: scenario", 0, "named `scenario`");
    refused(file, "field: consumption_scenario", "field: website", 0, "an axis is held by `text` or an enum");
    refused(file, "never_empty: [customer_type,", "never_empty: [customer_kind,", 0, "named `customer_kind`");
    refused(file, "percent: 50, sections: [identity,", "percent: 101, sections: [identity,", 0, "at most 100 percent");
    refused(file, "percent: 50, sections: [identity,", "percent: 50, sections: [shoe,", 0, "named `shoe`");
    refused(file, "name: cn-statutory", "name: lunar", 0, "there is no calendar `lunar`");
    named("R36.yaml", "customer_types: [individual, ", "customer_types: [", 2, "is not allowed by this pack");
}

#[test]
fn faults_of_smaller_rules_are_refused() {
    let file = "R36.yaml";
    refused(file, "review: {posts: [department_manager,", "review: {posts: [auditor,", 0, "may not `file.review`");
    refused(file, "kind: archive.annual", "kind: archive.quarterly", 0, "duty `archive.quarterly` is given twice");
    refused(file, "months: [2]", "months: [13]", 0, "there is no month 13");
    refused(file, "months: [2]", "months: [2, 2]", 0, "month 2 is given twice");
    refused(file, "months: [2]", "months: []", 0, "names at least one month");
    refused(file, "on: file.classified,", "on: document.filed,", 0, "nothing fires `document.filed`");
    refused(file, "on: customer.changed,", "on: calendar,", 0, "a calendar duty has a schedule");
    refused(
        file,
        "on: calendar, schedule: {months: [2]}",
        "on: loan.expired, schedule: {months: [2]}",
        0,
        "only a calendar",
    );
    refused(file, "kind: archive.original", "kind: file.review", 0, "follows from `review`");
    refused(file, "role: sales_staff", "role: sales", 0, "there is no post `sales`");
    refused(file, "limit_matter: credit.limit", "limit_matter: credit.x", 0, "there is no matter `credit.x`");
    refused(file, "currency: CNY", "currency: yuan", 0, "three capital letters");
    refused(file, "default: long", "default: longest", 0, "there is no retention class `longest`");
    refused(file, "years: 30", "years: 0", 0, "at least a year");
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

#[test]
fn faults_of_templates_are_refused() {
    let file = "customer_core.yaml";
    refused(file, "{id: fax,", "{id: phone,", 0, "field `phone` is given twice");
    for wrong in ["address_2", "fax_", "_fax", "fa__x", "Fax", "2fax", "fax-2", "fax.2"] {
        refused(file, "{id: fax,", &format!("{{id: {wrong},"), 0, &format!("`{wrong}` is no key of a field"));
    }
    refused(file, "section: contact", "section: contacts", 0, "there is no section `contacts`");
    refused(file, "weight: 3", "weight: 0", 0, "a weight is at least 1");
    refused(file, "weight: 3", "weight: -3", 0, "not a whole number from 0 up");
    refused(file, "max_length: 10}", "max_length: 0}", 0, "at least one character");
    let scenario =
        "values: [{value: old, label: 老客户}, {value: new, label: 新客户}, {value: future, label: 未来客户}]";
    refused(file, &format!(", {scenario}"), "", 0, "enum without values");
    refused(file, scenario, "values: []", 0, "enum without values");
    refused(file, "{value: old,", "{value: new,", 0, "value `new` is given twice");
    refused(file, "type: int", "type: int, values: [{value: x, label: x}]", 0, "only an enum has values");
    refused(file, "type: phone, sensitivity: internal", "type: phone, sensitivity: public, pi: pi", 0, "never public");
    refused(
        file,
        "indexed: exact, max_length: 254",
        "indexed: name, max_length: 254",
        0,
        "only `text` is searched by name",
    );
    refused(file, "max_length: 18, identifier: gb11643", "max_length: 17, identifier: gb11643", 0, "18 characters");
    let life = "lifecycle_customer_file.yaml";
    refused(life, "{id: satisfaction,", "{id: phone,", 0, "field `phone` is given by a parent");
    named(life, "{id: risk, label", "{id: contact, label", 0, "section `contact` is given by a parent");
    named(life, "extends: customer_core", "extends: core", 0, "there is no template `core`");
    named("german_credit_applicant.yaml", "id: german", "id: corporate_record # german", 0, "exists in");
}

#[test]
fn templates_inherit_to_any_depth_and_never_from_themselves() {
    let form = |id: &str, extends: &str, field: &str| Source {
        file: format!("{id}.yaml"),
        bytes: format!(
            "id: {id}\nversion: 1\nlabel: x\nextends: {extends}\nsections: []\n\
             fields: [{{id: {field}, label: x, section: identity, type: text, sensitivity: internal}}]\n"
        )
        .into(),
    };
    let mut sources = Sources::shipped();
    sources.templates.extend([form("c", "b", "third"), form("b", "a", "second"), form("a", "customer_core", "first")]);
    let template = Regimes::read(&sources).unwrap().template("c").unwrap().as_ref().clone();
    let last: Vec<&str> = template.fields.iter().rev().take(3).map(|field| field.id.as_str()).collect();
    assert_eq!((last, template.field("name").is_some()), (vec!["third", "second", "first"], true));
    sources.templates.push(form("d", "c", "first"));
    let told = Regimes::read(&sources).unwrap_err();
    let errors: Vec<_> = told.errors().map(|one| (one.file.as_str(), one.sentence.as_str())).collect();
    assert_eq!(errors, [("d.yaml", "field `first` is given by a parent")]);
    let mut sources = Sources::shipped();
    sources.templates.extend([form("a", "b", "first"), form("b", "a", "second")]);
    let told = Regimes::read(&sources).unwrap_err();
    let rounds = told.errors().filter(|one| one.path == "extends").map(|one| one.sentence.as_str());
    let rounds: Vec<_> = rounds.collect();
    assert_eq!(
        rounds,
        ["the template extends itself: a extends b extends a", "the template extends itself: b extends a extends b"]
    );
}

#[test]
fn all_faults_of_all_files_are_told_at_once() {
    let mut sources = Sources::shipped();
    for (file, from, to) in [
        ("R36.yaml", "clearance: secret", "clearance: cosmic"),
        ("R36.yaml", "currency: CNY", "currency: yuan"),
        ("R39.yaml", "time_zone: Asia/Shanghai", "time_zone: Asia/Atlantis"),
        ("customer_core.yaml", "weight: 3", "weight: 0"),
        ("demo.yaml", "subject: sales-2", "subject: sales-1"),
        ("cn-statutory.csv", "2026-01-01,holiday", "2026-01-01,feast"),
    ] {
        let source = source_mut(&mut sources, file);
        source.bytes = String::from_utf8(source.bytes.clone()).unwrap().replacen(from, to, 1).into_bytes();
    }
    let faults = Regimes::read(&sources).unwrap_err();
    let files: Vec<&str> = faults.errors().map(|fault| fault.file.as_str()).collect();
    let expected = [
        "calendars/cn-statutory.csv",
        "organisations/demo.yaml",
        "regimes/R36.yaml",
        "regimes/R36.yaml",
        "regimes/R39.yaml",
        "regimes/templates/customer_core.yaml",
    ];
    assert_eq!(files, expected, "{faults}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_change_of_a_file_is_read_or_refused_with_a_line(at in any::<prop::sample::Index>(), to in any::<u8>(), cut in any::<bool>()) {
        let mut sources = Sources::shipped();
        let source = source_mut(&mut sources, "R36.yaml");
        let place = at.index(source.bytes.len());
        source.bytes[place] = to;
        if cut {
            source.bytes.truncate(place + 1);
        }
        let lines = 1 + source.bytes.iter().filter(|byte| **byte == b'\n').count();
        if let Err(faults) = Regimes::read(&sources) {
            let mine = faults.errors().filter(|fault| fault.file.ends_with("R36.yaml"));
            for fault in mine {
                prop_assert!((1..=lines + 1).contains(&fault.line), "{}", fault);
            }
        }
    }
}
