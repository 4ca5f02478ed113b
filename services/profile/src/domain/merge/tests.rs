use std::collections::BTreeMap;

use dossier_kernel::faults::Faults;
use dossier_proto::Worded as _;
use dossier_proto::profile::v1::MergeObstacle;
use dossier_proto::types::field_value::Value;
use dossier_regime::{Regimes, Tenant};

use super::*;
use crate::domain::customer_file::tests::file;

fn tenant() -> Tenant {
    Regimes::shipped().unwrap().tenant("demo").unwrap().clone()
}

fn form(tenant: &Tenant) -> Form<'_> {
    let template = tenant.template("customer_core").unwrap();
    Form { pack: tenant.pack(), template, customer: Some(CustomerType::Company) }
}

fn said(fields: &[(&str, &str)], labels: &[(&str, &str)]) -> Said {
    let value = |text: &str| FieldValue { value: Some(Value::Text(text.to_owned())), provenance: None };
    Said {
        fields: fields.iter().map(|(key, text)| ((*key).to_owned(), value(text))).collect(),
        labels: labels.iter().map(|(axis, label)| ((*axis).to_owned(), (*label).to_owned())).collect(),
    }
}

fn other() -> CustomerFile {
    CustomerFile { id: Uuid::from_u128(8), ..file() }
}

fn obstacles(kept: &CustomerFile, merged: &CustomerFile, around: Around) -> Vec<Obstacle> {
    let tenant = tenant();
    Pair { kept, merged }.blockers(tenant.pack(), around).into_iter().map(|one| one.obstacle).collect()
}

#[test]
fn every_obstacle_has_its_word_in_the_contract() {
    for one in Obstacle::ALL {
        let wire = MergeObstacle::of_word(one.as_str()).unwrap();
        assert_eq!(wire.word(), one.as_str().to_uppercase());
    }
}

// proves: P-02, P-28
#[test]
fn what_is_not_the_same_kind_of_file_is_not_merged() {
    assert_eq!(obstacles(&file(), &other(), Around::default()), []);
    type Spoilt<'a> = (&'a dyn Fn(&mut CustomerFile), Obstacle);
    let differs: [Spoilt<'_>; 6] = [
        (&|file| file.unit_kind = "contract".into(), Obstacle::FileKind),
        (&|file| file.customer_type = None, Obstacle::CustomerType),
        (&|file| file.template = "individual_profile".into(), Obstacle::Template),
        (&|file| file.ties.of = Some(Uuid::nil()), Obstacle::Parent),
        (&|file| file.level = "internal".into(), Obstacle::Level),
        (&|file| file.unit = "finance".into(), Obstacle::Unit),
    ];
    for (change, obstacle) in differs {
        let mut merged = other();
        change(&mut merged);
        assert_eq!(obstacles(&file(), &merged, Around::default()), [obstacle]);
    }
    let merged = CustomerFile { unit: "finance".into(), ..other() };
    assert_eq!(obstacles(&file(), &merged, Around { hands_over: true, ..Around::default() }), []);
    let around = Around { under_way: true, pending: true, holds_unit: true, hands_over: false };
    let expected = [Obstacle::OpenRecord, Obstacle::PendingApproval, Obstacle::UnitHeld];
    assert_eq!(obstacles(&file(), &other(), around), expected);
}

// proves: A-22
#[test]
fn where_custodians_read_they_must_be_the_same() {
    let of = |custodian: u128| CustomerFile { custodian: Some(Uuid::from_u128(custodian)), ..other() };
    assert_eq!(obstacles(&file(), &of(2), Around::default()), []);
    let at = |one: CustomerFile| CustomerFile { level: "confidential".into(), ..one };
    assert_eq!(obstacles(&at(file()), &at(of(2)), Around::default()), [Obstacle::Custodian]);
    assert_eq!(obstacles(&at(file()), &at(of(1)), Around::default()), []);
}

#[test]
fn what_is_effective_does_not_end_in_what_is_not() {
    let at = |state, one: CustomerFile| CustomerFile { state, ..one };
    let state = |kept, merged| obstacles(&at(kept, file()), &at(merged, other()), Around::default());
    assert_eq!(state(State::Active, State::Draft), []);
    assert_eq!(state(State::Active, State::Active), []);
    assert_eq!(state(State::Draft, State::Submitted), []);
    assert_eq!(state(State::Draft, State::Active), [Obstacle::State]);
    assert_eq!(state(State::Submitted, State::Draft), [Obstacle::State]);
    assert_eq!(state(State::Active, State::Closed), [Obstacle::State]);
}

// proves: P-49
#[test]
fn the_kept_file_takes_over_what_it_lacks_and_what_is_wanted() {
    let tenant = tenant();
    let form = form(&tenant);
    let kept = said(&[("name", "大海"), ("phone", "1")], &[]);
    let merged = said(&[("name", "大海公司"), ("phone", "1"), ("address", "上海")], &[]);
    assert_eq!(form.differing(&kept, &merged), ["name", "address"]);
    let keys = |taken: &Said| taken.fields.keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&form.taken(&kept, &merged, &Wanted::default())), ["address"]);
    let mut faults = Faults::default();
    let wanted = form.wanted(&["name".into()], &merged, &mut faults);
    assert!(faults.is_empty());
    assert_eq!(keys(&form.taken(&kept, &merged, &wanted)), ["address", "name"]);
    // What the kept file alone has stays, whatever is wanted.
    assert_eq!(keys(&form.taken(&merged, &said(&[], &[]), &Wanted::default())), Vec::<String>::new());
}

#[test]
fn what_is_wanted_and_not_there_is_told_at_its_place() {
    let tenant = tenant();
    let (rules, mut faults) = (form(&tenant), Faults::default());
    let merged = said(&[("name", "大海")], &[]);
    let take = ["name", "name", "nothing", "phone", "classification.nothing", "unit_ref"].map(str::to_owned);
    rules.wanted(&take, &merged, &mut faults);
    let told: Vec<_> = faults.finish().unwrap_err().violations().iter().map(|one| one.field.clone()).collect();
    assert_eq!(told, ["take.1", "take.2", "take.3", "take.4", "take.5"]);
    let mut faults = Faults::default();
    fits(&vec!["name".to_owned(); form::MOST_FIELDS + 1], &mut faults);
    assert_eq!(faults.finish().unwrap_err().violations()[0].field, "take");
}

// proves: P-03, I10
#[test]
fn links_come_along_as_far_as_they_are_seen_and_none_leads_to_the_file_itself() {
    let link = |n: u128| ("guarantor".to_owned(), Uuid::from_u128(n));
    let (mut kept, mut merged) = (file(), other());
    kept.ties.links.extend([link(1)]);
    merged.ties.links.extend([link(1), link(2), link(3), ("guarantor".to_owned(), kept.id)]);
    let seen: BTreeSet<_> = [1, 2, 7].map(Uuid::from_u128).into();
    let pair = Pair { kept: &kept, merged: &merged };
    assert_eq!(pair.links(&seen), Some([link(2)].into()));
    kept.ties.links.extend((100..100 + ties::MOST as u128 - 1).map(link));
    let seen: BTreeSet<_> = kept.ties.files().chain(seen).collect();
    assert_eq!(Pair { kept: &kept, merged: &merged }.links(&seen), None);
    assert_eq!(Pair { kept: &kept, merged: &kept }.links(&seen), Some(BTreeSet::new()));
}

// proves: P-48
#[test]
fn a_label_goes_back_unless_it_was_changed_since() {
    let labels = |given: &[(&str, &str)]| -> Labels {
        given.iter().map(|(axis, label)| ((*axis).to_owned(), (*label).to_owned())).collect::<BTreeMap<_, _>>()
    };
    let step = Step {
        before: labels(&[("stage", "potential"), ("size", "small")]),
        after: labels(&[("stage", "signed"), ("size", "small"), ("industry", "services")]),
        ..Step::default()
    };
    let back = step.labels_back(&labels(&[("stage", "signed"), ("size", "large"), ("industry", "services")]));
    assert_eq!(back, labels(&[("stage", "potential"), ("industry", "")]));
    assert_eq!(step.labels_back(&labels(&[("stage", "historical"), ("size", "small")])), Labels::new());
}
