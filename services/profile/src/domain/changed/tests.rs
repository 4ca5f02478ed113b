use dossier_kernel::error::Reason;
use dossier_kernel::faults::Faults;
use dossier_proto::types::{Choice, Provenance};
use dossier_regime::{Regimes, Sensitivity, Tenant};
use uuid::Uuid;

use super::*;

fn tenant(org: &str) -> Tenant {
    Regimes::shipped().unwrap().tenant(org).unwrap().clone()
}

fn rules<'a>(tenant: &'a Tenant, template: &str, customer: impl Into<Option<CustomerType>>) -> Rules<'a> {
    let origin = Origin { pack: tenant.pack(), today: jiff::civil::date(2026, 4, 2), writer: Uuid::from_u128(1) };
    Rules { origin, template: tenant.template(template).unwrap(), customer: customer.into(), own: true }
}

fn sourced(value: &str) -> FieldValue {
    let provenance =
        Provenance { source_note: "visit".into(), channel: "customer_visit".into(), ..Provenance::default() };
    FieldValue { value: Some(Value::Text(value.into())), provenance: Some(provenance) }
}

fn chosen(id: &str) -> FieldValue {
    let choice = Choice { id: id.into(), label: String::new() };
    FieldValue { value: Some(Value::Choice(choice)), ..sourced("") }
}

fn fields(given: &[(&str, &str)]) -> BTreeMap<String, FieldValue> {
    let value = |key: &str, value: &str| if key == "cooperation_stage" { chosen(value) } else { sourced(value) };
    given.iter().map(|(key, text)| ((*key).to_owned(), value(key, text))).collect()
}

fn keys(given: &[&str]) -> BTreeSet<String> {
    given.iter().map(|key| (*key).to_owned()).collect()
}

#[test]
fn a_new_file_may_not_lack_what_may_never_be_empty() {
    let tenant = tenant("meridian");
    let rules = rules(&tenant, "lifecycle_customer_file", CustomerType::Company);
    let mut faults = Faults::default();
    of_new(rules, &fields(&[("name", "甲")]), &Labels::new(), "", &mut faults);
    assert_eq!(faults.finish().unwrap_err().violations()[0].field, "fields.cooperation_stage");
}

#[test]
fn field_and_label_of_one_axis_are_one_thing() {
    let tenant = tenant("meridian");
    let rules = rules(&tenant, "lifecycle_customer_file", CustomerType::Company);
    let labels = Labels::from([("cooperation_stage".into(), "potential".into())]);
    let mut faults = Faults::default();
    let given = fields(&[("name", "甲"), ("industry", "manufacturing")]);
    let writing = of_new(rules, &given, &labels, "first visit", &mut faults);
    assert!(faults.is_empty(), "{faults:?}");
    assert_eq!(form::plain(&writing.set["cooperation_stage"]), "potential");
    assert_eq!(writing.labels["industry"], "manufacturing");
    let given = fields(&[("cooperation_stage", "signed"), ("industry", "astrology")]);
    of_new(rules, &given, &labels, "", &mut faults);
    assert_eq!(faults.finish().unwrap_err().violations().len(), 2);
}

#[test]
fn an_update_writes_what_the_mask_names_and_the_caller_sees() {
    let tenant = tenant("demo");
    let rules = rules(&tenant, "customer_core", CustomerType::Company);
    let present = keys(&["name", "website", "uscc"]);
    let visibility = FieldVisibility::standing(Sensitivity::Internal);
    let mask = BTreeSet::from([Path::Fields]);
    let mut faults = Faults::default();
    let writing = of_update(rules, &mask, &fields(&[("fax", "0101234")]), &present, &visibility, &mut faults).unwrap();
    assert!(faults.is_empty());
    assert_eq!((writing.set.len(), writing.cleared), (1, keys(&["website"])));
    for hidden in ["name", "customer_no", "nonsense"] {
        let mask = BTreeSet::from([Path::Field(hidden.into())]);
        let fault = of_update(rules, &mask, &fields(&[(hidden, "x")]), &present, &visibility, &mut faults).unwrap_err();
        assert_eq!(fault.reason(), Reason::UpdateMaskInvalid);
    }
}

#[test]
fn what_may_never_be_empty_is_not_emptied() {
    let tenant = tenant("demo");
    let rules = rules(&tenant, "customer_core", CustomerType::Company);
    let mask = BTreeSet::from([Path::Field("name".into()), Path::Field("phone".into())]);
    let visibility = FieldVisibility::standing(Sensitivity::Secret);
    let mut faults = Faults::default();
    let given = fields(&[("phone", "no number")]);
    let present = keys(&["name", "phone"]);
    let writing = of_update(rules, &mask, &given, &present, &visibility, &mut faults).unwrap();
    let fault = writing.checked(faults).unwrap_err();
    let at: Vec<_> = fault.violations().iter().map(|violation| violation.field.as_str()).collect();
    assert_eq!(at, ["fields.name", "fields.phone"]);
}

#[test]
fn a_value_of_no_known_type_or_without_content_empties_nothing() {
    let tenant = tenant("demo");
    let rules = rules(&tenant, "customer_core", CustomerType::Company);
    let visibility = FieldVisibility::standing(Sensitivity::Secret);
    let update = |given: &BTreeMap<String, FieldValue>| {
        let (mask, mut faults) = (BTreeSet::from([Path::Field("website".into())]), Faults::default());
        of_update(rules, &mask, given, &keys(&["website"]), &visibility, &mut faults).unwrap().checked(faults)
    };
    for value in [None, Some(Value::Text(String::new())), Some(Value::Text(" \u{3000}".into()))] {
        let given = FieldValue { value, ..sourced("") };
        let fault = update(&BTreeMap::from([("website".to_owned(), given)])).unwrap_err();
        assert_eq!(fault.violations()[0].field, "fields.website");
    }
    // Negative control: the path in the mask and no key.
    assert_eq!(update(&BTreeMap::new()).unwrap().cleared, keys(&["website"]));
}

#[test]
fn differing_parts_are_named() {
    let before = crate::domain::customer_file::tests::file();
    let mut after = before.clone();
    after.level = "secret".into();
    after.classification.insert("stage".into(), "signed".into());
    assert_eq!(parts(&before, &after), keys(&["level", "classification.stage"]));
    assert!(parts(&before, &before).is_empty());
}
