//! Records that leave: several at once.

use dossier_proto::profile::v1::{BatchGetRecordsRequest, CustomerFile, FileRecord};
use dossier_tests::scene::{company, complaint, talk};

use crate::prelude::*;

fn batch(parent: &str, names: &[&str]) -> BatchGetRecordsRequest {
    let names = names.iter().map(|name| (*name).to_owned()).collect();
    BatchGetRecordsRequest {
        parent: parent.to_owned(),
        names,
        purpose: "customer_service".into(),
        ..Default::default()
    }
}

async fn read(world: &World, subject: &str, parent: &str, names: &[&str]) -> Vec<FileRecord> {
    world.profile(subject).records.batch_get_records(batch(parent, names)).await.good().records
}

on_both_stores! {
    // proves: P-47
    async fn a_batch_of_records_gives_all_in_order_or_none(world) {
        let (first, second) = (world.active(1).await.name, world.active(2).await.name);
        let one = world.note("sales-1", &first, talk(world.now(), "加购两台")).await.good();
        let two = world.note("sales-1", &second, complaint("到货破损")).await.good();
        let three = world.note("sales-1", &first, talk(world.now(), "加购三台")).await.good();
        let names = [three.name.as_str(), two.name.as_str(), one.name.as_str()];
        let found = read(world, "sales-2", "files/-", &names).await;
        assert_eq!(found.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), names);
        let alone = world.read_record("sales-2", &three.name).await.good();
        assert_eq!(found[0], alone, "each as it is given alone");
        let found = read(world, "sales-2", &first, &[&one.name, &three.name]).await;
        assert_eq!(found[1].fields["needs"].value, text("加购三台").value);
        let mut calls = world.profile("sales-2").records;
        let fault = calls.batch_get_records(batch(&first, &names)).await.refused(Reason::FieldViolation);
        assert!(fault.names("names.1"), "it lies in another file: {fault:?}");
        let twice = batch("files/-", &[&one.name, &one.name]);
        assert!(calls.batch_get_records(twice).await.refused(Reason::FieldViolation).names("names.1"));
        assert!(calls.batch_get_records(batch("files/-", &[])).await.refused(Reason::FieldViolation).names("names"));
        let (purpose, unpurposed) = (String::new(), batch("files/-", &[&one.name]));
        let fault = calls.batch_get_records(BatchGetRecordsRequest { purpose, ..unpurposed }).await;
        assert!(fault.refused(Reason::FieldViolation).names("purpose"));
    }

    // proves: A-42, I3
    async fn of_each_file_the_journal_has_one_disclosure_that_names_the_records(world) {
        let (first, second) = (world.active(1).await.name, world.active(2).await.name);
        let mut names = Vec::new();
        for file in [&first, &second, &first] {
            names.push(world.note("sales-1", file, talk(world.now(), "加购")).await.good().name);
        }
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        read(world, "sales-2", "files/-", &names).await;
        let told = async |file: &str| {
            let all = world.disclosures(file).await;
            let told: Vec<Vec<String>> =
                all.iter().map(|one| one.records.iter().map(|one| one.record.clone()).collect()).collect();
            (told, all.iter().all(|one| one.fields.is_empty() && one.records[0].fields.len() == 4))
        };
        assert_eq!(told(&first).await, (vec![vec![names[0].to_owned(), names[2].to_owned()]], true));
        assert_eq!(told(&second).await, (vec![vec![names[1].to_owned()]], true));
        check::holds(world).await;
    }

    // proves: I10, A-24
    async fn in_a_batch_an_invisible_record_is_a_missing_one(world) {
        let (first, second) = (world.active(1).await.name, world.active(2).await.name);
        let seen = world.note("sales-1", &first, talk(world.now(), "x")).await.good().name;
        let hidden = world.note("sales-1", &second, talk(world.now(), "y")).await.good().name;
        world.classify("archivist", &second, "confidential").await.good();
        world.settle().await;
        let missing = format!("{second}/records/{}", Uuid::from_u128(7));
        let elsewhere = format!("{first}/records/{}", hidden.rsplit('/').next().unwrap());
        let mut calls = world.profile("sales-2").records;
        for name in [&hidden, &missing, &elsewhere] {
            let refused = calls.batch_get_records(batch("files/-", &[&seen, name])).await;
            assert_eq!(refused.refused(Reason::ResourceNotFound).missing, *name);
        }
        assert!(world.disclosures(&first).await.is_empty(), "all or none");
        world.rights(&second).await;
        assert_eq!(read(world, "sales-2", "files/-", &[&seen, &hidden]).await.len(), 2, "by a right to the whole file");
        let part = world.profile("analyst").records.batch_get_records(batch("files/-", &[&hidden])).await;
        assert!(part.refused(Reason::FieldViolation).names("purpose"), "one to some fields opens none");
    }

    // proves: A-24
    async fn a_batch_takes_a_file_that_is_read_in_one_place_there_alone(world) {
        let file = world.active(1).await.name;
        let made = world.note("sales-1", &file, talk(world.now(), "x")).await.good().name;
        world.classify("archivist", &file, "secret").await.good();
        world.settle().await;
        let mut calls = world.profile("archivist").records;
        let request = batch(&file, &[&made]);
        let fault = calls.batch_get_records(request.clone()).await.refused(Reason::FieldViolation);
        assert!(fault.names("names.0"), "{fault:?}");
        let there = BatchGetRecordsRequest { reading_place: "archive_room".into(), ..request };
        assert_eq!(calls.batch_get_records(there).await.good().records.len(), 1);
    }

    // proves: A-02
    async fn a_batch_masks_what_its_reader_is_not_shown(world) {
        let own = CustomerFile { unit: "customer-service".into(), ..company(1) };
        let file = world.create(&mut world.profile("service-manager"), own).await.good().name;
        let made = world.note("service-manager", &file, talk(world.now(), "x")).await.good().name;
        let found = read(world, "service-1", &file, &[&made]).await;
        assert_eq!(found[0].masked_fields, ["contact_person", "needs"]);
    }
}
