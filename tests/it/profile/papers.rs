//! Records that leave: several at once, and as pages for printing.

use dossier_proto::profile::v1::{
    BatchGetRecordsRequest, CustomerFile, FileRecord, RenderRecordRequest, RenderTemplateRequest,
};
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

fn print(name: &str, language: &str) -> RenderRecordRequest {
    let (name, language) = (name.to_owned(), language.to_owned());
    RenderRecordRequest { name, language, purpose: "customer_service".into(), ..Default::default() }
}

async fn printed(world: &World, subject: &str, name: &str, language: &str) -> String {
    world.profile(subject).records.render_record(print(name, language)).await.good().html
}

on_both_stores! {
    // proves: P-30, A-40
    async fn a_record_is_printed_with_what_it_says_and_who_signed_it(world) {
        let one = world.answered(1).await;
        world.sign_record("sales-manager", &one).await.good();
        let page = printed(world, "sales-manager", &one.name, "").await;
        let signer = world.who("sales-manager").await;
        for words in ["客户投诉记录", "到货破损", "换货", "KH-2026-00001", "handler", "部门经理", &signer, "签字人", "受理"] {
            assert!(page.contains(words), "{words}: {page}");
        }
        assert!(page.starts_with("<!DOCTYPE html>") && !page.contains("<script"), "{page}");
        let english = printed(world, "sales-manager", &one.name, "en").await;
        assert!(english.contains("Signer") && english.contains("到货破损"), "{english}");
        assert!(!english.contains("签字人") && !english.contains("投诉内容"), "{english}");
        let told = world.disclosures(one.name.split("/records").next().unwrap()).await;
        let read = told.last().unwrap();
        assert_eq!((told.len(), read.resource.as_str(), read.reader.as_str()), (2, one.name.as_str(), signer.as_str()));
        let mut calls = world.profile("sales-manager").records;
        let fault = calls.render_record(print(&one.name, "fr")).await.refused(Reason::FieldViolation);
        assert!(fault.names("language"), "{fault:?}");
        let unpurposed = RenderRecordRequest { purpose: String::new(), ..print(&one.name, "") };
        assert!(calls.render_record(unpurposed).await.refused(Reason::FieldViolation).names("purpose"));
        assert_eq!(world.disclosures(one.name.split("/records").next().unwrap()).await.len(), 2, "what is refused is not read");
    }

    // proves: A-02, I10
    async fn a_page_masks_what_its_reader_is_not_shown_and_is_made_for_nobody_else(world) {
        let own = CustomerFile { unit: "customer-service".into(), ..company(1) };
        let file = world.create(&mut world.profile("service-manager"), own).await.good().name;
        let made = world.note("service-manager", &file, talk(world.now(), "加购两台")).await.good().name;
        let page = printed(world, "service-1", &made, "").await;
        assert!(page.contains("＊＊＊") && !page.contains("加购两台") && !page.contains("王经理"), "{page}");
        let hidden = world.active(2).await.name;
        let hidden = world.note("sales-1", &hidden, talk(world.now(), "x")).await.good().name;
        world.classify("archivist", hidden.split("/records").next().unwrap(), "secret").await.good();
        world.settle().await;
        world.profile("sales-2").records.render_record(print(&hidden, "")).await.refused(Reason::ResourceNotFound);
    }

    // proves: P-30
    async fn an_empty_form_is_printed_with_lines_and_a_place_for_each_signature(world) {
        let ask = |kind: &str, language: &str| RenderTemplateRequest {
            name: "templates/complaint_record".into(),
            kind: kind.into(),
            language: language.into(),
        };
        let mut forms = world.profile("sales-1").templates;
        let page = forms.render_template(ask("complaint", "")).await.good().html;
        for words in ["客户投诉记录", "<dd class=\"open\"></dd>", "<td>handler</td>", "<td>deputy</td>", "签字人"] {
            assert!(page.contains(words), "{words}: {page}");
        }
        let form = forms.render_template(ask("", "en")).await.good().html;
        assert!(!form.contains("handler") && !form.contains("投诉内容") && form.contains("Content"), "{form}");
        let fault = forms.render_template(ask("communication", "")).await.refused(Reason::FieldViolation);
        assert!(fault.names("kind"), "of another form: {fault:?}");
        let missing = RenderTemplateRequest { name: "templates/none".into(), ..ask("", "") };
        forms.render_template(missing).await.refused(Reason::ResourceNotFound);
    }
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
