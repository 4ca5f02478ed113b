//! Kinds of file that contradict themselves, and those that hold.

use crate::Regimes;
use crate::fault::{Fault, Faults};
use crate::model::{CustomerType, Pack};

/// A company that keeps files of customers, their contracts and its own rooms.
const KINDS: &str = "
id: KINDS
version: 1
extends: R36
label: x
files:
- {id: customer, label: 客户, purpose: 交易, legal_basis: 合同, retention: long}
- id: contract
  label: 合同
  of: customer
  links: [{id: guarantor, label: 担保人, to: [customer]}]
  template: corporate_record
  numbering: {rules: [{id: contract, pattern: 'HT-{year}-{seq:4}', max_length: 12, separators_count: true, scope: [year]}]}
  purpose: 履约
  legal_basis: 民法典
- id: archive_room
  label: 档案室
  internal: true
  template: corporate_record
  numbering: {rules: [{id: room, pattern: 'SH-{seq:3}', max_length: 6, separators_count: true, scope: []}]}
  purpose: 管理
  legal_basis: 档案法
";

fn read(text: &str) -> Result<Regimes, Faults> {
    super::beside("kinds.yaml", text, &[])
}

fn pack(text: &str) -> Pack {
    read(text).unwrap().pack("KINDS").unwrap().as_ref().clone()
}

#[track_caller]
fn refused(from: &str, to: &str, path: &str, sentence: &str) {
    assert!(KINDS.contains(from), "{from}");
    let faults = read(&KINDS.replacen(from, to, 1)).unwrap_err();
    let fits = |fault: &&Fault| fault.path == path && fault.sentence.contains(sentence);
    assert_eq!(faults.errors().filter(fits).count(), 1, "`{from}` -> `{to}`:\n{faults}");
    assert!(faults.errors().all(|fault| fault.file == "kinds.yaml"), "{faults}");
}

// proves: P-02, P-03
#[test]
fn what_a_kind_leaves_out_the_pack_says() {
    let (pack, company) = (pack(KINDS), Some(CustomerType::Company));
    let kind = |id: &str| pack.file_kind(id).unwrap();
    let rule = |id: &str, customer| kind(id).rule_for(customer).map(|(_, rule)| rule.id.as_str());
    assert_eq!(kind("customer").templates_for(company), ["customer_core"]);
    assert_eq!((rule("customer", company), rule("customer", None)), (Some("customer"), None));
    assert_eq!((rule("contract", company), rule("archive_room", None)), (Some("contract"), Some("room")));
    assert_eq!(kind("archive_room").templates_for(None), ["corporate_record"]);
    assert_eq!(kind("contract").retention.as_deref(), Some("long"));
    assert_eq!(pack.first_file_kind().map(|kind| kind.id.as_str()), Some("customer"));
    assert!(pack.numbering_of("room").is_some() && pack.numbering_of("customer").is_some());
    assert!(kind("contract").link("guarantor").is_some() && pack.file_kind("vehicle").is_none());
}

// proves: P-02
#[test]
fn a_pack_that_names_one_unit_keeps_one_kind() {
    let regimes = Regimes::shipped().unwrap();
    let pack = regimes.pack("R36").unwrap();
    let kinds: Vec<_> = pack.files.iter().map(|kind| kind.id.as_str()).collect();
    assert_eq!(kinds, ["customer"]);
    let kind = pack.file_kind("customer").unwrap();
    assert_eq!((&kind.templates, kind.numbering.as_ref()), (&pack.templates, Some(&pack.numbering)));
    let none = "id: NONE\nversion: 1\nextends: R36\nwithout: {unit_kind: all}\n";
    let faults = super::beside("none.yaml", none, &[]).unwrap_err();
    assert!(faults.errors().any(|one| one.sentence.contains("at least one kind of file")), "{faults}");
}

// proves: P-03
#[test]
fn a_kind_belongs_to_one_with_a_customer() {
    refused("of: customer", "of: house", "files[1].of", "there is no kind of file `house`");
    refused("of: customer", "of: contract", "files[1].of", "belongs to itself: contract");
    refused("of: customer", "of: archive_room", "files[1].of", "files of kind `archive_room` have no customer");
    let round = "label: 客户, purpose";
    refused(round, "label: 客户, of: contract, purpose", "files[0].of", "belongs to itself: customer of contract");
    refused("internal: true", "internal: true\n  of: customer", "files[2].of", "belong to no customer's");
}

#[test]
fn an_internal_kind_has_no_customer() {
    refused("internal: true\n  template: corporate_record", "internal: true", "files[2]", "has no `template`");
    let typed = "internal: true\n  templates: [{customer_types: [company], template: corporate_record}]";
    refused("internal: true\n  template: corporate_record", typed, "files[2].templates", "has no customer types");
    let number =
        "\n  numbering: {rules: [{id: room, pattern: 'SH-{seq:3}', max_length: 6, separators_count: true, scope: []}]}";
    refused(number, "", "files[2]", "every number rule is for customer types");
}

#[test]
fn links_lead_to_kinds_and_ids_are_given_once() {
    refused("to: [customer]", "to: [house]", "files[1].links[0].to[0]", "there is no kind of file `house`");
    refused("to: [customer]", "to: []", "files[1].links[0].to", "names the kinds of file");
    let twice = "links: [{id: guarantor, label: x, to: [customer]}, {id: guarantor, ";
    refused("links: [{id: guarantor, ", twice, "files[1].links[1].id", "link `guarantor` is given twice");
    refused("- id: archive_room", "- id: contract", "files[2].id", "kind of file `contract` is given twice");
}

#[test]
fn every_customer_type_of_a_kind_has_a_form_and_a_number() {
    let some = "templates: [{customer_types: [company], template: corporate_record}]";
    refused(
        "template: corporate_record\n  numbering: {rules: [{id: contract,",
        &format!("{some}\n  numbering: {{rules: [{{id: contract,"),
        "files[1].templates",
        "customer type `individual` has no template",
    );
    let both = format!("template: corporate_record\n  {some}");
    refused("template: corporate_record", &both, "files[1].templates", "`templates` has none left");
    refused("template: corporate_record", "template: x", "files[1].template", "there is no template `x`");
    let other = "template: corporate_record\n  other_templates: [x]";
    refused("template: corporate_record", other, "files[1].other_templates[0]", "there is no template `x`");
    let typed = "{id: contract, customer_types: [company], pattern";
    refused(
        "{id: contract, pattern",
        typed,
        "files[1].numbering.rules",
        "customer type `individual` has no number rule",
    );
    refused("{id: contract, pattern", "{id: customer, pattern", "files[1].numbering.rules[0].id", "is given twice");
    refused("HT-{year}-{seq:4}", "KH-{year}-{seq:5}", "files[1].numbering.rules[0].pattern", "has the same pattern");
    refused("retention: long", "retention: ever", "files[0].retention", "there is no retention class `ever`");
}

#[test]
fn who_writes_files_of_a_kind_may_write_files() {
    let given = |posts: &str| format!("internal: true\n  write: {posts}");
    let path = "files[2].write";
    refused("internal: true", &given("[emperor]"), "files[2].write[0]", "there is no post `emperor`");
    refused("internal: true", &given("[]"), path, "somebody must write such files");
    refused("internal: true", &given("[archivist, director]"), path, "post `director` writes files but may not");
    refused("internal: true", &given("[service_staff]"), path, "may `file.create`");
    assert!(read(&KINDS.replacen("internal: true", &given("[archivist]"), 1)).is_ok());
}

// proves: X-01
#[test]
fn a_kind_without_purpose_or_legal_basis_is_warned_of() {
    let faults = read(&KINDS.replacen(", legal_basis: 合同", "", 1)).unwrap();
    let told = |path: &str| {
        let found = faults.warnings().warnings().find(|one| one.file == "kinds.yaml" && one.path == path);
        found.map(|one| one.sentence.clone())
    };
    assert_eq!(told("files[0]").unwrap(), "files of kind `customer` are kept without `legal_basis` (X-01)");
    assert_eq!(told("files[1]"), None);
}
