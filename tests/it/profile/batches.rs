//! What came in together is found together, and taken back together (P-48, I11).

use dossier_proto::profile::v1::transfer_part::Part;
use dossier_proto::profile::v1::{
    CustomerFile, CustomerFileState, GetImportBatchRequest, ImportBatch, ImportBatchState, ImportOutcome,
    ListImportBatchesRequest, TakeBackImportBatchRequest,
};
use dossier_tests::on_both_stores_under;
use dossier_tests::scene::{parcel, talk};

use super::transfers::{fresh, keeper, outcomes, rules};
use crate::prelude::*;

async fn back(world: &World, org: &str, batch: &ImportBatch) -> Result<tonic::Response<ImportBatch>, tonic::Status> {
    let request = TakeBackImportBatchRequest {
        name: batch.name.clone(),
        reason: "对照表有误".into(),
        request_id: world.request_id(),
        ..TakeBackImportBatchRequest::default()
    };
    world.profile_as(keeper(world, org)).transfers.take_back_import_batch(request).await
}

// A file that was effective where it comes from, with the number that it had there.
fn effective(part: Part) -> Part {
    match part {
        Part::File(file) => {
            Part::File(CustomerFile { number: "旧-1".into(), state: CustomerFileState::Active.into(), ..file })
        }
        other => other,
    }
}

on_both_stores_under! {
    rules();

    // proves: I11
    async fn a_batch_that_nobody_used_is_taken_back_as_a_whole(world) {
        let (batch, parts) = fresh(world, "k1", 7).await;
        let mut parts: Vec<_> = parts.into_iter().map(effective).collect();
        parts.extend(parcel(8, "k2"));
        let (told, _) = world.bring_in(keeper(world, DEMO), &batch, parts.clone(), false).await;
        assert_eq!(outcomes(&told), [ImportOutcome::Created; 2], "{told:?}");
        // Used: something was put into one of them.
        world.note("sales-1", &told[1].file, talk(world.now(), "x")).await.good();
        let refused = back(world, DEMO, &batch).await.refused(Reason::WrongState);
        assert_eq!((refused.metadata["state"].as_str(), refused.metadata["used"].as_str()), ("USED", "1"));
        let next = world.a_batch("again");
        let (told, _) = world.bring_in(keeper(world, DEMO), &next, parcel(9, "k3"), false).await;
        let taken = back(world, DEMO, &next).await.good();
        assert_eq!((taken.state(), taken.files), (ImportBatchState::TakenBack, 1));
        assert_eq!(world.read("sales-1", &told[0].file).await.good().state(), CustomerFileState::Closed);
        back(world, DEMO, &next).await.refused(Reason::WrongState);
        let (_, fault) = world.bring_in(keeper(world, DEMO), &next, parcel(10, "k4"), false).await;
        assert!(fault.is_some(), "nothing comes into it any more");
        // Key and unit are free again.
        let (again, _) = world.bring_in(keeper(world, DEMO), &world.a_batch("third"), parcel(9, "k3"), false).await;
        assert_eq!(outcomes(&again), [ImportOutcome::Created]);
        assert_ne!(again[0].file, told[0].file);
        check::proven(world).await;
    }

    async fn a_batch_that_is_full_is_answered_as_before_and_takes_no_more(world) {
        let (batch, parts) = fresh(world, "k1", 7).await;
        let (first, _) = world.bring_in(keeper(world, DEMO), &batch, parts.clone(), false).await;
        assert_eq!(outcomes(&first), [ImportOutcome::Created]);
        let db = world.db(Which::Profile);
        let full: dossier_kernel::error::Result<u64> =
            transact!(db, tx => sql!(tx, execute, "UPDATE import_batch SET files = 10000"));
        assert_eq!(full.unwrap(), 1);
        let both = parts.into_iter().chain(parcel(8, "k2")).collect();
        let (told, _) = world.bring_in(keeper(world, DEMO), &batch, both, false).await;
        assert_eq!(outcomes(&told), [ImportOutcome::AlreadyThere, ImportOutcome::Refused], "{told:?}");
        assert_eq!((told[0].file.as_str(), told[1].key.as_str()), (first[0].file.as_str(), "k2"), "each by its key");
        assert_eq!(told[1].refusal.as_ref().unwrap().faults[0].field, "begin.batch.name");
    }

    async fn batches_are_found_by_what_people_call_them(world) {
        world.settle().await;
        for (n, label) in [(3, "spring"), (4, "summer"), (5, "spring")] {
            let (told, _) = world.bring_in(keeper(world, DEMO), &world.a_batch(label), parcel(n, &format!("k{n}")), false).await;
            assert_eq!(outcomes(&told), [ImportOutcome::Created], "{told:?}");
        }
        let mut calls = world.profile("archivist").transfers;
        let request = ListImportBatchesRequest { filter: "label = \"spring\" AND state = OPEN".into(), ..Default::default() };
        let found = calls.list_import_batches(request).await.good().import_batches;
        assert_eq!(found.iter().map(|one| (one.label.as_str(), one.files)).collect::<Vec<_>>(), [("spring", 1); 2]);
        let one = calls.get_import_batch(GetImportBatchRequest { name: found[0].name.clone() }).await.good();
        assert_eq!((one.source.as_str(), one.creator.clone()), ("old-house", world.who("archivist").await));
        let missing = GetImportBatchRequest { name: format!("importBatches/{}", Uuid::from_u128(1)) };
        calls.get_import_batch(missing.clone()).await.refused(Reason::ResourceNotFound);
        world.profile("sales-1").transfers.get_import_batch(missing).await.refused(Reason::PermissionDenied);
        // What is tried begins no batch, and another source is another batch.
        let batch = world.a_batch("tried");
        world.bring_in(keeper(world, DEMO), &batch, parcel(9, "k9"), true).await;
        calls.get_import_batch(GetImportBatchRequest { name: batch.name }).await.refused(Reason::ResourceNotFound);
        let other = ImportBatch { source: "elsewhere".into(), ..found[0].clone() };
        let (_, fault) = world.bring_in(keeper(world, DEMO), &other, parcel(9, "k9"), false).await;
        assert!(fault.is_some_and(|fault| fault.code() == tonic::Code::InvalidArgument));
    }

    // proves: I11
    async fn the_number_of_what_was_taken_back_may_come_again(world) {
        let (batch, parts) = fresh(world, "k1", 7).await;
        let parts: Vec<_> = parts.into_iter().map(effective).collect();
        for _ in 0..2 {
            let batch = ImportBatch { name: world.a_batch("x").name, ..batch.clone() };
            let (told, _) = world.bring_in(keeper(world, DEMO), &batch, parts.clone(), false).await;
            assert_eq!((outcomes(&told), told[0].number.as_str()), (vec![ImportOutcome::Created], "旧-1"), "{told:?}");
            back(world, DEMO, &batch).await.good();
            check::proven(world).await;
        }
    }
}
