//! The shipped packs to the letter of their rule books, and loading from directories.

use std::fs;
use std::path::{Path, PathBuf};

use crate::model::{Action, Channel, ConsultMode, CustomerType, LevelStanding, LoanMode, Pack, Term};
use crate::{NumberInput, Regimes, Sources};

fn deploy() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy")
}

fn pack(id: &str) -> Pack {
    Regimes::shipped().unwrap().pack(id).unwrap().as_ref().clone()
}

fn term(text: &str) -> Option<Term> {
    Some(Term::parse(text).unwrap())
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target)
        } else {
            fs::copy(entry.path(), target).map(|_| ()).unwrap()
        }
    }
}

#[test]
fn every_file_of_deploy_is_shipped() {
    let mut faults = Vec::new();
    let found = Sources::from_dirs(&deploy().join("regimes"), &deploy().join("organisations"), &mut faults);
    let shipped = Sources::library();
    let count = |one: &Sources| [one.packs.len(), one.templates.len(), one.calendars.len(), one.organisations.len()];
    assert_eq!(faults, []);
    assert_eq!(count(&found), count(&shipped));
}

#[test]
fn directories_load_and_their_faults_name_the_file() {
    let home = tempfile::tempdir().unwrap();
    for part in ["regimes", "organisations", "calendars"] {
        copy(&deploy().join(part), &home.path().join(part));
    }
    let (regimes, organisations) = (home.path().join("regimes"), home.path().join("organisations"));
    let loaded = Regimes::load(&regimes, &organisations).unwrap();
    assert_eq!(loaded.tenant("demo").unwrap().pack().id, "R36");
    fs::write(regimes.join("broken.yaml"), "id: [\n").unwrap();
    fs::write(organisations.join("broken.yaml"), b"org: \xc3\x28\n").unwrap();
    let faults = Regimes::load(&regimes, &organisations).unwrap_err();
    let files: Vec<bool> = faults.errors().map(|fault| fault.file.ends_with("broken.yaml")).collect();
    assert_eq!(files, [true, true], "{faults}");
}

#[test]
fn a_directory_that_is_not_there_is_a_fault() {
    let faults = Regimes::load(Path::new("/nowhere/regimes"), Path::new("/nowhere/organisations")).unwrap_err();
    assert_eq!(faults.errors().count(), 4, "{faults}");
}

#[test]
fn a_directory_without_packs_or_organisations_is_a_fault() {
    let home = tempfile::tempdir().unwrap();
    for part in ["regimes", "organisations", "calendars"] {
        copy(&deploy().join(part), &home.path().join(part));
    }
    let (regimes, organisations) = (home.path().join("regimes"), home.path().join("organisations"));
    fs::remove_dir_all(&organisations).unwrap();
    fs::create_dir(&organisations).unwrap();
    let faults = Regimes::load(&regimes, &organisations).unwrap_err();
    let told: Vec<_> = faults.errors().map(|fault| fault.sentence.as_str()).collect();
    assert_eq!(told, ["the directory holds no *.yaml"]);
}

// proves: A-23
#[test]
fn r36_top_secret_is_closed_to_everybody() {
    let pack = pack("R36");
    let level = pack.level("top_secret").unwrap();
    assert!(level.closed);
    assert_eq!((level.consult.mode, level.loan.mode), (ConsultMode::Forbidden, LoanMode::Never));
    assert_eq!(level.standing, LevelStanding::Nobody);
    assert!(pack.posts.iter().all(|post| pack.clearance_rank(&post.id) < pack.rank("top_secret")));
}

// proves: A-24
#[test]
fn r36_secret_is_read_in_the_archive_room_and_never_lent() {
    let pack = pack("R36");
    let level = pack.level("secret").unwrap();
    assert_eq!(level.consult.place.as_deref(), Some("archive_room"));
    assert_eq!(level.loan.mode, LoanMode::Never);
    let plan = pack.plan_for_matter(&pack.consult_matter("secret").unwrap().id).unwrap();
    assert_eq!(plan.steps[0].slots[0].posts, ["general_manager"]);
    assert!(pack.consult_matter("secret").unwrap().delegable_to.is_empty());
}

// proves: A-25
#[test]
fn r36_confidential_is_lent_for_four_hours() {
    let pack = pack("R36");
    let level = pack.level("confidential").unwrap();
    assert_eq!(level.loan.longest, term("4h"));
    assert!(level.loan.bypass_posts.is_empty() && level.loan.renewals == 0 && !level.copy);
    let matter = pack.loan_matter("confidential").unwrap();
    assert_eq!(matter.delegable_to, ["deputy_general_manager", "office_director"]);
    let plan = pack.plan_for_matter(&matter.id).unwrap();
    assert_eq!(plan.steps[0].slots[0].posts, ["general_manager", "deputy_general_manager"]);
}

// proves
#[test]
fn r36_executives_borrow_unclassified_files_directly() {
    let pack = pack("R36");
    let loan = &pack.level("none").unwrap().loan;
    assert!(loan.bypass_posts.iter().any(|post| post == "office_director"));
    assert!(!loan.bypass_posts.iter().any(|post| post == "department_manager"));
    let steps = &pack.plan_for_matter("loan.unclassified").unwrap().steps;
    let posts: Vec<&str> = steps.iter().map(|step| step.slots[0].posts[0].as_str()).collect();
    assert_eq!(posts, ["department_manager", "office_director"]);
}

// proves: A-28
#[test]
fn only_the_administrator_hands_out_originals() {
    for id in ["R36", "R39"] {
        let pack = pack(id);
        assert!(pack.posts.iter().all(|post| post.can(Action::LoanCheckOut) == post.custodian), "{id}");
    }
    assert!(!pack("R36").can("nobody", Action::FileRead));
}

// proves: P-06
#[test]
fn r39_numbers_have_at_most_ten_characters() {
    let pack = pack("R39");
    let value = |field: &str| match field {
        "industry" => Some("manufacturing".to_owned()),
        _ => Some("shanghai".to_owned()),
    };
    let input = NumberInput { date: jiff::civil::date(2026, 11, 3), value: &value };
    let number = |customer| {
        let rule = pack.numbering.rule_for(customer).unwrap();
        pack.numbering.render(rule, input, 1).unwrap()
    };
    assert_eq!(number(CustomerType::Company), "GY-SH-001");
    assert_eq!(number(CustomerType::Individual), "2026-11-001");
}

// proves: P-16
#[test]
fn r39_classifies_in_three_tiers() {
    let pack = pack("R39");
    let fields = |customer| {
        let axes = pack.classification.axes_for(customer);
        axes.map(|axis| (axis.tier, axis.field.as_str())).collect::<Vec<_>>()
    };
    assert_eq!(fields(CustomerType::Company), [(1, "customer_type"), (2, "industry"), (3, "cooperation_stage")]);
    let person = [(1, "customer_type"), (2, "consumption_scenario"), (3, "cooperation_stage")];
    assert_eq!(fields(CustomerType::Individual), person);
}

// proves: P-19, P-20
#[test]
fn r39_demands_sources_and_lawful_channels() {
    let pack = pack("R39");
    assert!(pack.sources_demanded);
    assert!(pack.is_lawful(Channel::CustomerVisit) && !pack.is_lawful(Channel::Import));
}

#[test]
fn a_template_holds_the_fields_of_its_parent() {
    let regimes = Regimes::shipped().unwrap();
    let template = regimes.template("lifecycle_customer_file").unwrap();
    assert_eq!(template.fields.first().map(|field| field.id.as_str()), Some("customer_no"));
    assert!(template.field("name").is_some() && template.field("satisfaction").is_some());
    let known = |id: &str| template.sections.iter().any(|section| section.id == id);
    assert!(template.fields.iter().all(|field| known(&field.section)));
}

#[test]
fn an_organisation_sees_its_own_templates_only() {
    let regimes = Regimes::shipped().unwrap();
    let of = |org: &str| {
        let tenant = regimes.tenant(org).unwrap();
        tenant.templates().map(|template| template.id.clone()).collect::<Vec<_>>()
    };
    assert_eq!(of("demo"), ["corporate_record", "customer_core", "german_credit_applicant"]);
    assert_eq!(of("meridian"), ["lifecycle_customer_file"]);
    assert!(regimes.tenant("nobody").is_none());
}

#[test]
fn a_pack_can_be_shown_as_json() {
    let json = serde_json::to_value(pack("R36")).unwrap();
    assert_eq!(json["levels"][1]["loan"]["longest"], "4 hours");
    assert_eq!(json["levels"][1]["standing"], "custodian");
    assert_eq!(json["time_zone"], "Asia/Shanghai");
}

#[test]
fn a_pack_means_the_same_whatever_its_comments_and_layout() {
    let meaning = |change: &dyn Fn(String) -> String| {
        let mut sources = Sources::shipped();
        let source = sources.packs.iter_mut().find(|source| source.file.ends_with("R36.yaml")).unwrap();
        source.bytes = change(String::from_utf8(source.bytes.clone()).unwrap()).into_bytes();
        *Regimes::read(&sources).unwrap().tenant("demo").unwrap().digests()
    };
    let plain = meaning(&|text| text);
    let noted = meaning(&|text| format!("# another note\n{}", text.replace("longest: 4h}", "longest:  4h }")));
    assert_eq!(plain.meaning, noted.meaning);
    assert_ne!(plain.pack, noted.pack);
    assert_ne!(plain.meaning, meaning(&|text| text.replacen("longest: 4h", "longest: 5h", 1)).meaning);
}

#[test]
fn a_pack_of_the_future_is_warned_of_until_its_day_comes() {
    let regimes = Regimes::shipped().unwrap();
    let told = |moment: &str| regimes.not_yet(moment.parse().unwrap());
    let before = told("2025-12-31T15:59:59Z");
    let first = &before[0];
    assert_eq!((before.len(), first.file.as_str(), first.line), (2, "regimes/R36.yaml", 7));
    assert_eq!(first.sentence, "pack `R36` holds from 2026-01-01 on; nothing is served under it before");
    // Midnight in Shanghai.
    assert_eq!(told("2025-12-31T16:00:00Z"), []);
}
