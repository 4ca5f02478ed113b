//! Numbers of records: out of the register that files draw theirs from, once, and kept (P-05, P-07, I11).

use dossier_kernel::sql;
use dossier_proto::profile::v1::{
    FileNumber, FileNumberState, FileRecord, ListFileNumbersRequest, ListRecordsRequest, ListRegisterRowsRequest,
    RecordState, VoidFileNumberRequest,
};
use dossier_proto::types::unmet_condition::What;
use dossier_tests::check::replayed;
use dossier_tests::on_both_stores_under;
use dossier_tests::rules::Rules;
use dossier_tests::scene::{RESULT, choice, complaint, talk};

use crate::prelude::*;

const COMPLAINTS: &str = "record:complaint/2026";

async fn register(world: &World, subject: &str, series: &str) -> Vec<FileNumber> {
    let request = ListFileNumbersRequest { filter: format!("series = \"{series}\""), ..Default::default() };
    world.profile(subject).numbers.list_file_numbers(request).await.good().file_numbers
}

fn of_kind(world: &World, kind: &str) -> FileRecord {
    FileRecord { kind: kind.into(), ..talk(world.now(), "加购两台") }
}

async fn missing(world: &World, name: &str) -> Vec<What> {
    let stages = world.explain("sales-1", name).await.good().stages;
    stages.into_iter().flat_map(|one| one.unmet).filter_map(|one| one.what).collect()
}

// What nothing keeps from the store but its checker and the verifier.
async fn force(world: &World, text: &'static str) {
    let mut tx = world.db(Which::Profile).write().await.unwrap();
    assert!(sql!(&mut tx, execute, text).unwrap() > 0, "nothing was changed by {text}");
    tx.commit().await.unwrap();
}

on_both_stores_under! {
    Rules::of("NUMBERS");

    // proves: P-05, I11
    async fn a_record_draws_its_number_once_and_keeps_it(world) {
        let file = world.active(1).await.name;
        let made = world.note("sales-1", &file, complaint("到货破损")).await.good();
        assert_eq!(made.number, "", "it has not entered the stage that draws it");
        let open = world.advance("sales-1", &made.name).await.good();
        assert_eq!(open.number, "TS-2026-0001");
        world.send_record_back("sales-manager", &made.name, "").await.good();
        let again = world.advance("sales-1", &made.name).await.good();
        assert_eq!((again.number.as_str(), again.stage.as_str()), ("TS-2026-0001", "open"), "sent back and entered again");
        let written = world.rewrite("sales-manager", &again, RESULT, Some(text("换货"))).await.good();
        world.sign_record("sales-manager", &written).await.good();
        world.advance("sales-manager", &made.name).await.good();
        let amended = world.amend("sales-manager", &again, "content", text("到货破损两件")).await.good();
        assert_eq!((amended.number.as_str(), amended.stage.as_str()), ("TS-2026-0001", ""), "corrected");
        assert_eq!(world.advance("sales-manager", &made.name).await.good().number, "TS-2026-0001");
        let void = world.void_record("sales-manager", &made.name).await.good();
        assert_eq!((void.number.as_str(), void.state()), ("TS-2026-0001", RecordState::Void));
        let next = world.note("sales-1", &file, complaint("少一件")).await.good();
        assert_eq!(world.advance("sales-1", &next.name).await.good().number, "TS-2026-0002");
        let listed = register(world, "archivist", COMPLAINTS).await;
        let told: Vec<_> = listed.iter().map(|one| (one.number.as_str(), one.state(), one.holder.as_str())).collect();
        let issued = FileNumberState::Issued;
        assert_eq!(told, [("TS-2026-0001", issued, made.name.as_str()), ("TS-2026-0002", issued, next.name.as_str())]);
        check::holds(world).await;
        check::proven(world).await;
    }

    // proves: P-05, I11
    async fn many_records_at_once_leave_no_gap(world) {
        let mut made = Vec::new();
        for n in 1..=4 {
            let file = world.active(n).await.name;
            made.push(world.note("sales-1", &file, complaint("到货破损")).await.good().name);
            made.push(world.note("sales-2", &file, complaint("少一件")).await.good().name);
        }
        // Two of one file keep each other waiting: who was too late asks again.
        let advance = async |name: &String| loop {
            match world.advance("sales-manager", name).await {
                Ok(one) => return one.into_inner().number,
                Err(refusal) => assert!(format!("{refusal:?}").contains("CONFLICT_RETRY"), "{refusal:?}"),
            }
        };
        let mut numbers = futures::future::join_all(made.iter().map(advance)).await;
        numbers.sort();
        assert_eq!(numbers, (1..=8).map(|n| format!("TS-2026-{n:04}")).collect::<Vec<_>>());
        check::holds(world).await;
    }

    // proves: P-07, I11
    async fn a_number_after_that_of_the_file_counts_in_each_file_and_runs_out_with_nothing_done(world) {
        let (first, second) = (world.active(1).await, world.active(2).await);
        let note = async |file: &str| world.note("sales-1", file, of_kind(world, "slip")).await;
        for n in 1..=9 {
            assert_eq!(note(&first.name).await.good().number, format!("KH-2026-00001/{n}"));
        }
        assert_eq!(note(&second.name).await.good().number, "KH-2026-00002/1");
        let fault = note(&first.name).await.refused(Reason::NumbersExhausted);
        assert_eq!(fault.metadata["series"], "record:slip/KH-2026-00001");
        let request = ListRecordsRequest { parent: first.name.clone(), ..Default::default() };
        let listed = world.profile("sales-1").records.list_records(request.clone()).await.good().records;
        assert_eq!(listed.len(), 9, "no half of a record is there");
        let request = ListRecordsRequest { filter: "number = \"KH-2026-00001/7\"".into(), ..request };
        let found = world.profile("sales-1").records.list_records(request).await.good().records;
        assert_eq!(found.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), [listed[2].name.as_str()]);
        check::holds(world).await;
        check::proven(world).await;
    }

    // proves: P-35
    async fn a_part_of_the_number_without_a_value_is_told_like_anything_that_is_missing(world) {
        let draft = world.draft(1).await.name;
        let waiting = world.note("sales-1", &draft, of_kind(world, "slip")).await.good();
        assert_eq!((waiting.stage.as_str(), waiting.number.as_str()), ("", ""), "its file has no number yet");
        assert_eq!(missing(world, &waiting.name).await, [What::Number("file".into())]);
        let fault = world.advance("sales-1", &waiting.name).await.refused(Reason::StageUnmet);
        assert_eq!((fault.metadata["stage"].as_str(), fault.metadata["resource"].as_str()), ("noted", waiting.name.as_str()));
        let file = world.active(2).await.name;
        let mut letter = of_kind(world, "letter");
        letter.fields.insert("channel".into(), choice("meeting"));
        let letter = world.note("sales-1", &file, letter).await.good();
        assert_eq!(missing(world, &letter.name).await, [What::Number("channel".into())]);
        let letter = world.rewrite("sales-1", &letter, "channel", Some(choice("mail"))).await.good();
        assert_eq!(world.advance("sales-1", &letter.name).await.good().number, "sales.YJ01");
        let other = world.note("sales-1", &file, of_kind(world, "letter")).await.good();
        assert_eq!(world.advance("sales-1", &other.name).await.good().number, "sales.DH01");
        check::holds(world).await;
    }

    // proves: I11, P-05
    async fn the_next_number_of_a_series_of_records_is_voided_like_that_of_files(world) {
        let file = world.active(1).await.name;
        let one = world.note("sales-1", &file, complaint("到货破损")).await.good();
        world.advance("sales-1", &one.name).await.good();
        let void = |number: &str| VoidFileNumberRequest {
            number: number.to_owned(),
            series: COMPLAINTS.into(),
            reason: "误印".into(),
            request_id: world.request_id(),
            ..Default::default()
        };
        let mut archivist = world.profile("archivist").numbers;
        archivist.void_file_number(void("TS-2026-0001")).await.refused(Reason::NumberIssued);
        archivist.void_file_number(void("TS-2026-0003")).await.refused(Reason::FieldViolation);
        archivist.void_file_number(void("TS-2026-0002")).await.good();
        let next = world.note("sales-1", &file, complaint("少一件")).await.good();
        assert_eq!(world.advance("sales-1", &next.name).await.good().number, "TS-2026-0003");
        check::holds(world).await;
        check::proven(world).await;
    }

    // proves: I10
    async fn who_does_not_stand_for_the_file_is_not_told_which_record_has_a_number(world) {
        let file = world.active(1).await.name;
        let one = world.note("sales-1", &file, complaint("到货破损")).await.good();
        world.advance("sales-1", &one.name).await.good();
        let holder = async |subject: &str| register(world, subject, COMPLAINTS).await.remove(0).holder;
        assert_eq!((holder("archivist").await, holder("auditor").await), (one.name.clone(), String::new()));
        let request = ListRegisterRowsRequest { parent: "registers/complaints".into(), ..Default::default() };
        let rows = world.profile("archivist").registers.list_register_rows(request).await.good().rows;
        let cells: Vec<_> = rows[0].cells.iter().map(|cell| cell.text.as_str()).collect();
        assert_eq!(cells, ["TS-2026-0001", "KH-2026-00001"]);
    }

    // proves: I3, I11
    async fn a_number_that_was_forged_in_a_row_is_found(world) {
        let file = world.active(1).await.name;
        let one = world.note("sales-1", &file, complaint("到货破损")).await.good();
        world.advance("sales-1", &one.name).await.good();
        check::proven(world).await;
        assert_eq!(check::numbers(world).await, Vec::<String>::new());
        force(world, "UPDATE record SET number = 'TS-2026-0009'").await;
        let found = replayed(world).await;
        let red = |words: [&str; 2]| found.iter().any(|fault| words.iter().all(|word| fault.contains(word)));
        assert!(red(["record ", "`number` is `TS-2026-0009`"]), "{found:#?}");
        let gaps = check::numbers(world).await;
        assert!(gaps.iter().any(|fault| fault.contains("carries TS-2026-0009")), "{gaps:#?}");
        force(world, "UPDATE file_number SET record = file WHERE record IS NOT NULL").await;
        let found = replayed(world).await;
        assert!(found.iter().any(|fault| fault.contains("file_number ") && fault.contains("`record`")), "{found:#?}");
    }
}
