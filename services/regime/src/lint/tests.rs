//! Each fault by a broken fixture: a shipped file with one text replaced, and the line the fault must name.

mod authority;
mod carried;
mod disposal;
mod documents;
mod effects;
mod files;
mod forms;
mod idle;
mod never;
mod organisations;
mod places;
mod record_numbers;
mod records;
mod registers;
mod retention;
mod templates;
mod volumes;

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

/// The shipped rules with one more pack of a file, and with forms in place of those of their ids.
fn beside(file: &str, pack: &str, forms: &[(&str, &str)]) -> Result<Regimes, Faults> {
    let mut sources = Sources::shipped();
    sources.packs.push(Source { file: file.to_owned(), bytes: pack.into() });
    sources.templates.retain(|one| !forms.iter().any(|(id, _)| one.file.ends_with(&format!("/{id}.yaml"))));
    let form = |(id, text): &(&str, &str)| Source { file: format!("{id}.yaml"), bytes: (*text).into() };
    sources.templates.extend(forms.iter().map(form));
    Regimes::read(&sources)
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
    refused("R36.yaml", "version: 9", "version: three", 0, "not a whole number");
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
    refused(file, "on: file.classified,", "on: document.filed, at: deed,", 0, "document kind `deed`");
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
