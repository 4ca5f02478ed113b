//! What stages do beside being entered: once, with the stage, or not at all.

use dossier_proto::duty::v1::ListDutiesRequest;
use dossier_proto::profile::v1::{CustomerFile, CustomerFileState, FileRecord, ListRecordsRequest, RecordState};
use dossier_proto::types::field_value::Value;
use dossier_proto::types::{Choice, ChoiceList, FieldValue, Row, RowList};
use dossier_tests::on_both_stores_under;
use dossier_tests::rules::Rules;
use dossier_tests::scene::{choice, instant, money};

use super::kinds::{contract, made};
use crate::prelude::*;

fn day(day: &str) -> FieldValue {
    FieldValue { value: Some(Value::Date(day.into())), provenance: None }
}

fn paper(kind: &str, fields: &[(&str, FieldValue)]) -> FileRecord {
    let fields = fields.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
    FileRecord { kind: kind.into(), fields, ..FileRecord::default() }
}

// One value of each type that is kept otherwise than it is told.
fn terms() -> [(&'static str, FieldValue); 6] {
    let of = |value| FieldValue { value: Some(value), provenance: None };
    let chosen = |id: &str| Choice { id: id.to_owned(), label: String::new() };
    let sum = of(Value::Money(money(120_000)));
    let cells = [("paid_on".to_owned(), day("2026-03-02")), ("sum".to_owned(), sum.clone())].into();
    let rows = RowList { rows: vec![Row { id: "1".into(), cells }] };
    [
        ("signed_on", day("2026-03-02")),
        ("basis", choice("talk")),
        ("amount", sum),
        ("delivered_at", of(Value::Timestamp(prost_types::Timestamp { seconds: 1_772_500_000, nanos: 0 }))),
        ("parts", of(Value::Choices(ChoiceList { items: vec![chosen("text"), chosen("annex")] }))),
        ("payments", of(Value::Rows(rows))),
    ]
}

// A change that was asked for, and what comes of it when it is advanced.
async fn change(world: &World, file: &str, fields: &[(&str, FieldValue)]) -> FileRecord {
    let one = world.note("sales-manager", file, paper("change", fields)).await.good();
    world.advance("sales-manager", &one.name).await.good()
}

async fn read(world: &World, file: &str) -> CustomerFile {
    world.read("sales-manager", file).await.good()
}

async fn records(world: &World, file: &str, kind: &str) -> Vec<FileRecord> {
    let (parent, filter) = (file.to_owned(), format!("kind = \"{kind}\""));
    let request = ListRecordsRequest { parent, filter, ..ListRecordsRequest::default() };
    world.profile("sales-manager").records.list_records(request).await.good().records
}

// A penalty that was signed and waits for its approval.
async fn punished(world: &World, file: &str) -> FileRecord {
    let made = world.penalty("sales-manager", file, "罚款").await;
    world.advance("sales-manager", &made.name).await.good();
    world.settle().await;
    world.read_record("sales-manager", &made.name).await.good()
}

on_both_stores_under! {
    Rules::of("STEPS");

    // proves: P-38
    async fn a_record_establishes_its_file_and_nothing_else_does(world) {
        let customer = world.active(1).await;
        let file = made(world, contract(&customer.name, "HT-1")).await;
        world.submit(&file.name).await.refused(Reason::PermissionDenied);
        let one = world.note("sales-1", &file.name, paper("conclusion", &terms())).await.good();
        world.advance("sales-1", &one.name).await.good();
        world.advance("sales-1", &one.name).await.good();
        world.settle().await;
        assert_eq!(read(world, &file.name).await.state(), CustomerFileState::Draft, "nobody said yes yet");
        let waiting = world.read_record("sales-1", &one.name).await.good();
        world.approve("sales-manager", &waiting.approval).await.good();
        world.approve("office-director", &waiting.approval).await.good();
        world.settle().await;
        let active = read(world, &file.name).await;
        assert_eq!((active.state(), active.number.as_str()), (CustomerFileState::Active, "HT-2026-0001"));
        let concluded = world.read_record("sales-1", &one.name).await.good();
        assert_eq!(concluded.stage, "concluded");
        for (key, _) in terms() {
            assert_eq!(active.fields[key].value, concluded.fields[key].value, "the file says what the record says of {key}");
        }
        // Its effect has happened: it is neither sent back nor void.
        world.send_record_back("sales-manager", &one.name, "drafted").await.refused(Reason::FieldViolation);
        let fault = world.void_record("sales-manager", &one.name).await.refused(Reason::WrongState);
        assert_eq!(fault.metadata["stage"], "concluded");
        check::proven(world).await;
    }

    // proves: P-22
    async fn a_record_hands_its_file_over_to_whom_it_names(world) {
        let file = world.active(1).await;
        let keeper = FieldValue { value: text(&world.who("sales-2").await).value, provenance: None };
        let nobody = change(world, &file.name, &[("what", choice("custodian"))]).await;
        let fault = world.advance("sales-manager", &nobody.name).await.refused(Reason::FieldViolation);
        assert_eq!(fault.fields, ["fields.keeper"]);
        let one = change(world, &file.name, &[("what", choice("custodian")), ("keeper", reference(&keeper))]).await;
        // Where the level binds it to an approval, a stage without one does not do it.
        assert_eq!(world.advance("sales-manager", &one.name).await.good().stage, "handed");
        assert_eq!(read(world, &file.name).await.custodian, world.who("sales-2").await);
        check::proven(world).await;
    }

    // proves: P-08, P-49
    async fn a_record_corrects_the_file(world) {
        let file = world.active(1).await;
        let url = text("https://example.com");
        let one = change(world, &file.name, &[("what", choice("website")), ("website", url.clone())]).await;
        assert_eq!(world.advance("sales-manager", &one.name).await.good().stage, "amended");
        let after = read(world, &file.name).await;
        assert_eq!((after.fields["website"].value.clone(), after.revision), (url.value, file.revision + 1));
        check::proven(world).await;
    }

    // proves: P-109
    async fn a_record_extends_what_is_due(world) {
        let file = world.active(1).await;
        let due = || async {
            let filter = "kind = \"file.sorted\" AND state = OPEN".to_owned();
            let request = ListDutiesRequest { filter, parent: "services/profile".into(), ..Default::default() };
            let duties = world.profile("archivist").duties.list_duties(request).await.good().duties;
            instant(duties[0].due_time.as_ref()).to_string()
        };
        let before = due().await;
        let past = change(world, &file.name, &[("what", choice("duty")), ("until", day("2026-01-05"))]).await;
        let fault = world.advance("sales-manager", &past.name).await.refused(Reason::FieldViolation);
        assert_eq!(fault.fields, ["fields.until"]);
        assert_eq!(due().await, before);
        let one = change(world, &file.name, &[("what", choice("duty")), ("until", day("2026-12-24"))]).await;
        world.advance("sales-manager", &one.name).await.good();
        assert_eq!(due().await, "2026-12-24T15:59:59.999999Z", "to the end of that day in Shanghai");
        check::proven(world).await;
    }

    // proves: P-38
    async fn a_yes_to_what_cannot_happen_any_more_gives_the_record_back(world) {
        let file = world.active(1).await.name;
        let (one, other) = (punished(world, &file).await, punished(world, &file).await);
        world.approve("gm", &one.approval).await.good();
        world.settle().await;
        assert_eq!(records(world, &file, "hearing").await.len(), 1);
        // The file may have one hearing under way, and has it.
        world.approve("gm", &other.approval).await.good();
        world.settle().await;
        let back = world.read_record("sales-manager", &other.name).await.good();
        assert_eq!((back.stage.as_str(), back.pending_stage.as_str(), back.signatures.len()), ("proposed", "", 0));
        assert_eq!(records(world, &file, "hearing").await.len(), 1, "nothing of it happened");
        world.void_record("sales-manager", &other.name).await.good();
        check::proven(world).await;
    }

    // proves: P-67
    async fn a_record_closes_its_file_and_stays_the_last_of_it(world) {
        let file = world.active(1).await;
        let one = change(world, &file.name, &[("what", choice("close"))]).await;
        world.advance("sales-manager", &one.name).await.good();
        assert_eq!(read(world, &file.name).await.state(), CustomerFileState::Closed);
        world.note("sales-manager", &file.name, paper("change", &[])).await.refused(Reason::WrongState);
        check::proven(world).await;
    }

    // proves: P-48, P-49
    async fn what_a_record_did_it_does_not_do_again_when_it_is_corrected(world) {
        let file = world.active(1).await;
        let one = change(world, &file.name, &[("what", choice("website")), ("website", text("https://example.com"))]).await;
        world.advance("sales-manager", &one.name).await.good();
        world.send_record_back("sales-manager", &one.name, "asked").await.refused(Reason::FieldViolation);
        let amended = world.amend("sales-manager", &one, "website", text("https://example.org")).await.good();
        assert_eq!((amended.stage.as_str(), amended.next_stages.as_slice()), ("", &["asked".to_owned()][..]));
        world.void_record("sales-manager", &one.name).await.refused(Reason::WrongState);
        world.advance("sales-manager", &one.name).await.good();
        world.advance("sales-manager", &one.name).await.good();
        let after = read(world, &file.name).await;
        assert_eq!((after.fields["website"].value.clone(), after.revision), (text("https://example.com").value, file.revision + 1));
        check::proven(world).await;
    }

    // proves: P-24, P-33
    async fn a_record_opens_the_next_and_ends_what_it_needs_no_more(world) {
        let file = world.active(1).await.name;
        let waiting = punished(world, &file).await;
        assert!(records(world, &file, "hearing").await.is_empty());
        world.approve("gm", &waiting.approval).await.good();
        world.settle().await;
        let opened = records(world, &file, "hearing").await;
        assert_eq!((opened.len(), opened[0].of.as_str()), (1, waiting.name.as_str()));
        assert_eq!(opened[0].creator, world.who("sales-manager").await);
        world.advance("sales-manager", &waiting.name).await.good();
        assert_eq!(records(world, &file, "hearing").await[0].state(), RecordState::Void);
        check::proven(world).await;
    }
}

// What names a person.
fn reference(name: &FieldValue) -> FieldValue {
    let Some(Value::Text(name)) = name.value.clone() else { return FieldValue::default() };
    FieldValue { value: Some(Value::Reference(name)), provenance: None }
}
