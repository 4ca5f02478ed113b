use std::collections::{BTreeMap, BTreeSet};

use dossier_proto::types::{Row, RowList};
use dossier_regime::{Consulted, Field, RecordNeed, RecordSlot, Required, Section};
use jiff::civil::Date;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn text(value: &str) -> FieldValue {
    FieldValue { value: Some(Value::Text(value.into())), provenance: None }
}

fn field(id: &str, section: &str) -> Field {
    Field { id: id.into(), section: section.into(), required: Required::Yes, weight: 1, ..Field::default() }
}

fn template() -> Template {
    let section = |id: &str| Section { id: id.into(), label: id.into(), ..Section::default() };
    Template {
        id: "list".into(),
        sections: vec![section("lines"), section("count")],
        fields: vec![field("pages", "lines"), field("note", "lines"), field("counted", "count")],
        ..Template::default()
    }
}

fn stage(id: &str) -> Stage {
    Stage { id: id.into(), label: id.into(), ..Stage::default() }
}

fn kind(stages: Vec<Stage>) -> RecordKind {
    let slots = ["a", "b"].map(|id| (id.to_owned(), RecordSlot::default())).into();
    RecordKind { id: "handover".into(), stages, slots, ..RecordKind::default() }
}

fn record(kind: &RecordKind, n: u128) -> Record {
    let id = Uuid::from_u128(n);
    Record::new(id, Uuid::from_u128(99), kind, &template(), id, (NOW, Date::constant(2026, 1, 1)))
}

/// A world around one record, in which everything can be moved.
struct Case {
    kind: RecordKind,
    kinds: Vec<RecordKind>,
    template: Template,
    record: Record,
    values: BTreeMap<String, FieldValue>,
    signatures: Vec<Signature>,
    others: Vec<Record>,
    gates: BTreeMap<String, Vec<UnmetCondition>>,
    documents: Counts,
    readings: BTreeMap<Uuid, Timestamp>,
    asker: Uuid,
    now: Timestamp,
}

impl Case {
    fn of(stage: Stage) -> Self {
        let kind = kind(vec![stage]);
        let record = record(&kind, 1);
        let kinds = vec![kind.clone()];
        let (values, gates) = (BTreeMap::new(), BTreeMap::new());
        let (readings, asker) = (BTreeMap::new(), Uuid::from_u128(1));
        let (signatures, others, documents, now) = (vec![], vec![], Counts::new(), NOW);
        let template = template();
        Self { kinds, template, record, values, signatures, others, gates, documents, readings, asker, now, kind }
    }

    fn with(mut self, key: &str, value: &str) -> Self {
        self.values.insert(key.to_owned(), text(value));
        self
    }

    fn ask<T>(&self, ask: impl FnOnce(&Facts<'_>) -> T) -> T {
        // A term is so many seconds.
        let end = |term: Term, from: Timestamp| Some(from + jiff::SignedDuration::from_secs(i64::from(term.amount)));
        ask(&Facts {
            kind: &self.kind,
            kinds: &self.kinds,
            template: &self.template,
            record: &self.record,
            filling: &Filling::new(self.values.keys().cloned().collect(), std::iter::empty()),
            values: &self.values,
            file: &crate::domain::customer_file::tests::file(),
            signatures: &self.signatures,
            others: &self.others,
            gates: &self.gates,
            documents: &self.documents,
            readings: &self.readings,
            asker: self.asker,
            end: &end,
            now: self.now,
        })
    }

    fn unmet(&self) -> Vec<What> {
        self.ask(|facts| facts.unmet(&self.kind.stages[0]).into_iter().filter_map(|one| one.what).collect())
    }

    fn sign(&mut self, slot: &str) {
        let (stage, round) = (self.kind.stages[0].id.clone(), self.record.round);
        let id = Uuid::from_u128(self.signatures.len() as u128);
        self.signatures.push(Signature {
            id,
            record: self.record.id,
            revision: 1,
            stage,
            slot: slot.to_owned(),
            round,
            signer: id,
            post: "clerk".to_owned(),
            at: NOW,
            digest: vec![],
        });
    }
}

fn expected(values: &[&str]) -> Expected {
    Expected { any_of: values.iter().map(|one| (*one).to_owned()).collect(), ..Expected::default() }
}

// proves: P-57
#[test]
fn a_stage_waits_for_what_its_sections_require() {
    let case = Case::of(Stage { fills: vec!["lines".into()], ..stage("listed") });
    assert_eq!(case.unmet(), [What::Field("pages".into()), What::Field("note".into())]);
    assert_eq!(case.with("pages", "3").with("note", "x").unmet(), []);
    let all = Case::of(Stage { fills: vec!["all".into()], ..stage("listed") });
    assert_eq!(all.unmet().len(), 3);
}

// proves: P-32
#[test]
fn a_section_may_be_enough_without_being_complete() {
    let half = |percent| Stage { percent: [("lines".to_owned(), percent)].into(), ..stage("surveyed") };
    assert_eq!(Case::of(half(50)).with("pages", "3").unmet(), []);
    assert_eq!(Case::of(half(51)).with("pages", "3").unmet(), [What::Percent("lines".into())]);
}

// proves: P-36
#[test]
fn what_is_counted_must_be_what_is_listed_row_by_row() {
    let case = |equal: &str| Case::of(Stage { equal: vec![equal.into()], ..stage("accepted") });
    let plain = || case("pages = counted");
    assert_eq!(plain().with("pages", "3").with("counted", "3.0").unmet(), []);
    assert_eq!(plain().with("pages", "CNY 3").with("counted", "USD 3").unmet().len(), 1, "another currency");
    assert_eq!(plain().with("pages", "Room 3").with("counted", "Hall 3").unmet().len(), 1);
    assert_eq!(plain().with("pages", "3").unmet(), [What::Equation("pages = counted".into())]);
    let row = |id: &str, pages: &str, counted: &str| Row {
        id: id.into(),
        cells: [("pages".to_owned(), text(pages)), ("counted".to_owned(), text(counted))].into(),
    };
    let mut listed = case("lines.pages = lines.counted");
    let rows = RowList { rows: vec![row("1", "3", "3"), row("2", "4", "5")] };
    listed.values.insert("lines".into(), FieldValue { value: Some(Value::Rows(rows)), provenance: None });
    assert_eq!(listed.unmet(), [What::Equation("lines.2.pages = lines.2.counted".into())]);
}

#[test]
fn values_are_compared_as_numbers_where_both_are_and_a_bound_may_be_a_field() {
    let of = |expected| Case::of(Stage { values: [("pages".to_owned(), expected)].into(), ..stage("checked") });
    let above = |bound: &str| Expected { above: Some(bound.into()), ..Expected::default() };
    assert_eq!(of(above("9")).with("pages", "10").unmet(), []);
    assert_eq!(of(above("10")).with("pages", "10").unmet(), [What::Value("pages".into())]);
    assert_eq!(of(above("CNY 50.00")).with("pages", "CNY 500.00").unmet(), []);
    assert_eq!(of(above("counted")).with("pages", "10").with("counted", "11").unmet(), [What::Value("pages".into())]);
    assert_eq!(of(above("counted")).with("pages", "10").unmet(), [What::Value("pages".into())], "no bound, no answer");
    assert_eq!(of(above("USD 5.00")).with("pages", "CNY 500.00").unmet(), [What::Value("pages".into())]);
    assert_eq!(of(expected(&["1", "2"])).with("pages", "2").unmet(), []);
    assert_eq!(of(expected(&["1", "2"])).unmet(), [What::Value("pages".into())], "what is empty says nothing");
}

// proves: C-13
#[test]
fn a_stage_waits_for_another_record_of_what_it_belongs_to_or_of_the_file() {
    let need = |not_older| RecordNeed { at: "survey@filed".into(), not_older, ..RecordNeed::default() };
    let wait = |not_older| Case::of(Stage { records: vec![need(not_older)], ..stage("decided") });
    let survey = RecordKind { id: "survey".into(), stages: vec![stage("filed")], ..RecordKind::default() };
    let filed = |case: &mut Case, of: Option<Uuid>| {
        let mut other = Record { of, ..record(&survey, 7) };
        other.enter(&survey, "filed", 0, 1);
        case.kinds.push(survey.clone());
        case.others.push(other);
    };
    let missing = [What::Record("survey@filed".into())];
    assert_eq!(wait(None).unmet(), missing);
    let mut of_file = wait(None);
    filed(&mut of_file, None);
    assert_eq!(of_file.unmet(), []);
    of_file.others[0].void().unwrap();
    assert_eq!(of_file.unmet(), missing, "what is void is not there");
    let mut below = wait(None);
    below.kind.of = Some("survey".into());
    filed(&mut below, None);
    assert_eq!(below.unmet(), missing, "it belongs to another survey");
    below.record.of = Some(Uuid::from_u128(7));
    assert_eq!(below.unmet(), []);
    let mut late = wait(Some(Term::hours(60)));
    filed(&mut late, None);
    assert_eq!(late.unmet(), []);
    late.now = NOW + jiff::SignedDuration::from_secs(61);
    assert_eq!(late.unmet(), missing, "it is too old");
}

// proves: P-107
#[test]
fn nothing_is_accepted_while_what_belongs_to_it_is_open() {
    let mut case = Case::of(Stage { none_open: vec!["supplement".into()], ..stage("checked") });
    let supplement = RecordKind { of: Some("handover".into()), id: "supplement".into(), ..kind(vec![]) };
    case.others.push(Record { of: Some(case.record.id), ..record(&supplement, 8) });
    case.kinds.push(supplement);
    assert_eq!(case.unmet(), [What::OpenRecord("supplement".into())]);
    case.others[0].of = Some(Uuid::from_u128(55));
    assert_eq!(case.unmet(), [], "that is another handover's");
    case.others[0].of = Some(case.record.id);
    case.others[0].state = State::Final;
    assert_eq!(case.unmet(), []);
}

#[test]
fn time_and_gates_are_waited_for() {
    let mut case = Case::of(Stage { wait: Some(Term::hours(60)), gate: Some("credit".into()), ..stage("confirmed") });
    case.gates.insert("credit".into(), vec![must(What::Field("name".into()), "")]);
    assert_eq!(case.unmet().len(), 2);
    case.now = NOW + jiff::SignedDuration::from_secs(60);
    case.gates.clear();
    assert_eq!(case.unmet(), []);
}

// proves: P-41, A-39
#[test]
fn a_slot_signs_where_it_is_needed_and_its_post_is_a_fact() {
    let mut case = Case::of(Stage { sign: vec!["a".into(), "b".into()], ..stage("reviewed") });
    case.kind.slots.get_mut("b").unwrap().when = [("a.post".to_owned(), expected(&["clerk"]))].into();
    assert_eq!(case.unmet(), [What::Signature("a".into())], "nobody knows yet whether b is needed");
    case.sign("a");
    assert_eq!(case.unmet(), [What::Signature("b".into())]);
    case.sign("b");
    assert_eq!(case.unmet(), []);
    case.signatures.retain(|one| one.slot == "b");
    let fault = super::super::signing::require_another(&case.record, &case.signatures, "a", Uuid::from_u128(1));
    assert_eq!(fault.unwrap_err().reason(), Reason::SignerInvolved);
}

// proves: A-40
#[test]
fn signatures_count_for_the_round_in_which_they_were_given() {
    let mut case = Case::of(Stage { sign: vec!["a".into()], ..stage("listed") });
    case.sign("a");
    let counts = |case: &Case| case.signatures[0].counts(&case.record);
    assert!(counts(&case));
    case.record.set_aside();
    assert!(!counts(&case), "what was signed is no longer what is there");
    case.signatures[0].round = 1;
    let kind = case.kind.clone();
    case.record.enter(&kind, "listed", 0, 2);
    case.record.set_aside();
    assert!(counts(&case), "a stage that was entered keeps its signatures");
}

#[test]
fn the_stage_it_stands_in_counts_whatever_holds_by_now() {
    let when = [("pages".to_owned(), expected(&["1"]))].into();
    let mut case = Case::of(stage("unused"));
    case.kind = kind(vec![stage("listed"), Stage { when, ..stage("checked") }, stage("done")]);
    case.record = record(&case.kind, 1);
    let kind = case.kind.clone();
    case.record.enter(&kind, "checked", 0, 1);
    let goals = case.with("pages", "2").ask(|facts| facts.goals().iter().map(|one| one.id.clone()).collect::<Vec<_>>());
    assert_eq!(goals, ["done"]);
}

// proves: A-12
#[test]
fn who_signs_must_have_read_the_file_and_not_too_long_ago() {
    let within = Some(Term { amount: 10, ..Term::default() });
    let mut case =
        Case::of(Stage { sign: vec!["a".into()], consulted: Some(Consulted { by: "a".into(), within }), ..stage("s") });
    let unready = |case: &Case| case.ask(|facts| facts.unready(&case.kind.stages[0]).len());
    assert_eq!(unready(&case), 1, "who asks would sign, and has read nothing");
    case.readings.insert(Uuid::from_u128(2), NOW);
    assert_eq!(unready(&case), 1, "somebody else has");
    case.readings.insert(case.asker, NOW - jiff::SignedDuration::from_secs(10));
    assert_eq!(unready(&case), 0, "just in time");
    case.now = NOW + jiff::SignedDuration::from_secs(1);
    assert_eq!(unready(&case), 1, "too long ago");
    case.now = NOW;
    case.sign("a");
    case.asker = Uuid::from_u128(7);
    case.readings.clear();
    assert!(case.unmet().contains(&What::Consultation("a".into())), "who signed is asked, whoever moves it on");
}

fn kinds() -> impl Strategy<Value = RecordKind> {
    let one = |at: usize, count: usize| {
        let from = prop::option::weighted(0.3, prop::collection::btree_set(0..count, 1..=2));
        (from, any::<bool>(), prop::bool::weighted(0.2)).prop_map(move |(from, conditional, is_final)| Stage {
            from: from.map(|from| from.into_iter().filter(|one| *one < at).map(|one| format!("s{one}")).collect()),
            when: if conditional { [("pages".to_owned(), expected(&["1"]))].into() } else { When::new() },
            is_final,
            ..stage(&format!("s{at}"))
        })
    };
    (1..6_usize).prop_flat_map(move |count| (0..count).map(|at| one(at, count)).collect::<Vec<_>>()).prop_map(kind)
}

proptest! {
    // proves: P-38
    #[test]
    fn no_stage_is_skipped_and_nothing_leaves_an_end(
        kind in kinds(),
        there in any::<bool>(),
        steps in prop::collection::vec((any::<prop::sample::Index>(), prop::bool::weighted(0.2)), 0..20),
    ) {
        let mut case = Case::of(stage("unused"));
        (case.record, case.kind) = (record(&kind, 1), kind);
        case = case.with("pages", if there { "1" } else { "2" });
        for (pick, back) in steps {
            let goals: Vec<String> = case.ask(|facts| facts.goals().iter().map(|one| one.id.clone()).collect());
            let ended = case.record.state != State::Open;
            prop_assert!(!ended || goals.is_empty());
            if ended { break; }
            if back && !case.record.steps.is_empty() {
                let target = pick.index(case.record.steps.len());
                let stage = if target == 0 { String::new() } else { case.record.steps[target - 1].stage.clone() };
                case.record.go_back(&stage).unwrap();
                continue;
            }
            if goals.is_empty() { continue; }
            let goal = goals[pick.index(goals.len())].clone();
            let before = case.record.stage.clone();
            let stage = case.kind.stage(&goal).unwrap();
            // Only a stage that is there, and only from one that it follows.
            prop_assert!(there || stage.when.is_empty());
            match &stage.from {
                Some(from) => prop_assert!(from.contains(&before)),
                None => {
                    // The last one before it that the record has.
                    let has = |one: &&Stage| there || one.when.is_empty();
                    let earlier = case.kind.stages.iter().take_while(|one| one.id != goal).filter(has);
                    prop_assert_eq!(earlier.last().map_or("", |one| one.id.as_str()), before.as_str());
                }
            }
            let kind = case.kind.clone();
            case.record.enter(&kind, &goal, 0, 1);
            let known: BTreeSet<_> = kind.stages.iter().map(|one| one.id.as_str()).collect();
            prop_assert!(case.record.steps.iter().all(|step| known.contains(step.stage.as_str())));
            prop_assert_eq!(case.record.state == State::Final, kind.stage(&goal).unwrap().is_final);
            if case.record.steps.len() > 40 { break; }
        }
    }
}
