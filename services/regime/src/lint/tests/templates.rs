//! Forms that could not be filled in, and their parents.

use super::{named, refused};
use crate::{Regimes, Source, Sources};

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
