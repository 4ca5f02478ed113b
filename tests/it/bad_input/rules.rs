//! Packs, organisation files and configurations with faults: all of them at once, each with its place.

use std::fs;
use std::path::PathBuf;

use dossier_kernel::config::{Config, Sources};
use dossier_regime::Regimes;
use dossier_tests::rules::Rules;

// What is told of spoilt rules.
trait Told {
    fn faults(&self) -> Vec<(String, usize, String)>;
    fn told(&self, expected: &[(String, usize)]);
}

impl Told for Rules {
    fn faults(&self) -> Vec<(String, usize, String)> {
        let (regimes, organisations) = (self.folder().join("regimes"), self.folder().join("organisations"));
        let faults = Regimes::load(&regimes, &organisations).expect_err("the rules are spoilt");
        let name = |file: &str| PathBuf::from(file).file_name().unwrap().to_string_lossy().into_owned();
        faults.errors().map(|fault| (name(&fault.file), fault.line, fault.to_string())).collect()
    }

    #[track_caller]
    fn told(&self, expected: &[(String, usize)]) {
        let faults = self.faults();
        for (file, line) in expected {
            let found = faults.iter().find(|(named, at, _)| (named, at) == (file, line));
            let found = found.unwrap_or_else(|| panic!("no fault at {file}:{line}: {faults:#?}"));
            assert!(found.2.len() > file.len() + 10, "a fault without a sentence: {found:?}");
        }
    }
}

#[test]
fn every_malformed_line_of_packs_and_organisations_is_named_at_once() {
    let rules = Rules::shipped();
    rules.told(&[
        rules.spoil("regimes/R36.yaml", "version: 9", "version: three"),
        rules.spoil("regimes/R36.yaml", "unit_kind: customer", "colour: red\nunit_kind: customer"),
        rules.spoil("regimes/R36.yaml", "mode: forbidden", "mode: sometimes"),
        rules.spoil("regimes/R39.yaml", "name: ", "id: R40\nname: "),
        rules.spoil("organisations/demo.yaml", "units:", "moons: 1\nunits:"),
        rules.spoil("regimes/templates/customer_core.yaml", "type: phone", "type: telepathy"),
    ]);
}

#[test]
fn every_rule_that_cannot_hold_is_named_at_once() {
    let rules = Rules::shipped();
    rules.told(&[
        // An empty plan never counts as a yes, and a step that nobody can fill is refused.
        rules.spoil("regimes/R36.yaml", "scope: org}], quorum: 1}", "scope: org}], quorum: 0}"),
        rules.spoil("regimes/R36.yaml", "limit_matter: credit.limit", "limit_matter: credit.nothing"),
        rules.spoil("regimes/R36.yaml", "pattern: \"KH-{year}-{seq:5}\"", "pattern: \"KH-{year}-{seq:9}\""),
        rules.spoil(
            "regimes/R36.yaml",
            "actions: [number.list, directory.read",
            "actions: [number.list, world.end, directory.read",
        ),
    ]);
}

#[test]
fn every_person_without_post_or_unit_is_named_at_once() {
    let rules = Rules::shipped();
    rules.told(&[
        rules.spoil(
            "organisations/demo.yaml",
            "{post: credit_analyst, unit: finance}",
            "{post: emperor, unit: finance}",
        ),
        rules.spoil(
            "organisations/demo.yaml",
            "{post: archivist, unit: general-office}",
            "{post: archivist, unit: moon}",
        ),
        rules.spoil("organisations/meridian.yaml", "pack: R39", "pack: R99"),
    ]);
}

#[test]
fn a_file_that_is_no_yaml_or_no_utf8_is_named_and_the_others_are_still_checked() {
    let rules = Rules::shipped();
    fs::write(rules.folder().join("regimes/broken.yaml"), "id: R1\nlevels: [\n").unwrap();
    fs::write(rules.folder().join("organisations/broken.yaml"), b"org: x\nlabel: \xc3\x28\n").unwrap();
    let spoilt = rules.spoil("regimes/R39.yaml", "version: 5", "version: three");
    let faults = rules.faults();
    assert!(faults.iter().filter(|(file, _, _)| file == "broken.yaml").count() >= 2, "{faults:#?}");
    rules.told(&[spoilt]);
}

#[test]
fn every_fault_of_a_configuration_is_told_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("my.toml");
    let text = "[server]\nmax_deadline = \"soon\"\ncolour = \"red\"\n\n[profile]\nlisten = \"nowhere\"\n\
                database = \"mysql://root:hunter2@db/x\"\n\n[journal]\nbatch = 0\n\n[bus]\nprefix = \"a{b}\"\n";
    fs::write(&file, text).unwrap();
    let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    let sources = Sources {
        file: Some(file.clone()),
        environment: vec![pair("DOSSIER__LEASE__TTL", "forever"), pair("DOSSIER__MOON__PHASE", "full")],
        flags: vec![pair("auth.leeway", "1h"), pair("limits.revocation_bound", "0s")],
    };
    let faults = Config::load(&sources).expect_err("the configuration is faulty").to_string();
    let at = |line: usize| format!("{}:{line}: ", file.display());
    for place in [at(2), at(3), at(6), at(7), at(10), at(13)] {
        assert!(faults.contains(&place), "nothing is said of {place}\n{faults}");
    }
    for key in ["DOSSIER__LEASE__TTL", "DOSSIER__MOON__PHASE", "auth.leeway", "limits.revocation_bound"] {
        assert!(faults.contains(key), "nothing is said of {key}\n{faults}");
    }
    assert!(!faults.contains("hunter2"), "a secret shows:\n{faults}");
}
