//! One customer at a glance: all that its reader may see, each part at its own level, and one disclosure for it.

use dossier_proto::profile::v1::{
    CloseCustomerFileRequest, CustomerFile, CustomerOverview, GetCustomerOverviewRequest, OverviewPart, OverviewTie,
};
use dossier_tests::on_both_stores_under;
use dossier_tests::raw::Raw;
use dossier_tests::rules::Rules;
use dossier_tests::scene::{company, complaint, talk};
use prost::Message;
use tonic::{Response, Status};

use super::kinds::{as_if, asked, contract, guarantor, made, missing};
use crate::prelude::*;

fn asking(name: &str) -> GetCustomerOverviewRequest {
    let purpose = "customer_service".to_owned();
    GetCustomerOverviewRequest { name: name.to_owned(), purpose, reading_place: String::new() }
}

async fn look(world: &World, subject: &str, name: &str) -> Result<Response<CustomerOverview>, Status> {
    world.profile(subject).files.get_customer_overview(asking(name)).await
}

fn left_out(seen: &CustomerOverview, part: OverviewPart) -> bool {
    seen.left_out.contains(&part.into())
}

on_both_stores! {
    // proves: P-31, P-47, P-57
    async fn all_that_hangs_on_a_customer_is_told_in_one_call(world) {
        let file = world.active(1).await;
        let first = world.note("sales-1", &file.name, talk(world.now(), "加购一台")).await.good();
        world.pass(SignedDuration::from_secs(1));
        let talked = world.note("sales-1", &file.name, talk(world.now(), "加购两台")).await.good();
        world.pass(SignedDuration::from_secs(1));
        let open = world.note("sales-1", &file.name, complaint("到货破损")).await.good();
        world.pass(SignedDuration::from_secs(1));
        let gone = world.note("sales-1", &file.name, complaint("误登")).await.good();
        world.void_record("sales-manager", &gone.name).await.good();
        let other = world.active(2).await.name;
        world.note("sales-1", &other, complaint("别人的投诉")).await.good();
        let seen = look(world, "sales-2", &file.name).await.good();
        let told = seen.customer_file.as_ref().unwrap();
        assert_eq!(told, &world.read("sales-2", &file.name).await.good(), "the file as it is read by itself");
        assert_eq!((seen.level_label.as_str(), seen.unit_label.is_empty()), ("无密级", false));
        let forms: Vec<_> = seen.templates.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(forms, ["templates/customer_core", "templates/communication", "templates/complaint_record"]);
        let contact = seen.last_contact.as_ref().unwrap();
        let record = contact.record.as_ref().unwrap();
        assert_eq!((record.name.as_str(), contact.kind_label.as_str()), (talked.name.as_str(), "交流记录"));
        assert_eq!((contact.stage_label.as_str(), &record.fields["needs"].value), ("已记录", &text("加购两台").value));
        let under_way: Vec<_> = seen.open_records.iter().map(|one| &one.record.as_ref().unwrap().name).collect();
        assert_eq!(under_way, [&open.name], "what is void is none, and a talk waits for nothing");
        let newest: Vec<_> = seen.newest_records.iter().map(|one| &one.record.as_ref().unwrap().name).collect();
        assert_eq!(newest, [&talked.name], "of each kind the newest: not {}", first.name);
        let counts: Vec<_> =
            seen.kinds.iter().map(|one| (one.kind.as_str(), one.open_count, one.other_count, one.void_count)).collect();
        assert_eq!(counts, [("communication", 0, 2, 0), ("complaint", 1, 0, 1)]);
        assert!(!told.completeness.as_ref().unwrap().missing.is_empty());
    }

    // proves: A-42, I3, I9
    async fn an_overview_is_one_disclosure_that_names_each_record_it_shows(world) {
        let file = world.active(1).await.name;
        let talked = world.note("sales-1", &file, talk(world.now(), "机密的需求")).await.good();
        let open = world.note("sales-1", &file, complaint("到货破损")).await.good();
        let before = world.disclosures(&file).await.len();
        look(world, "sales-2", &file).await.good();
        let all = world.disclosures(&file).await;
        assert_eq!(all.len(), before + 1, "{all:?}");
        let one = all.iter().find(|one| !one.records.is_empty()).unwrap();
        let said = (one.reader.clone(), one.purpose.as_str(), one.resource.as_str(), one.revision);
        assert_eq!(said, (world.who("sales-2").await, "customer_service", "", 4));
        assert!(one.fields.contains(&"name".to_owned()));
        let records: Vec<_> = one.records.iter().map(|one| (one.record.as_str(), one.revision)).collect();
        assert_eq!(records, [(talked.name.as_str(), 1), (open.name.as_str(), 1)]);
        assert_eq!(one.records[0].fields, ["channel", "contact_person", "held_at", "needs"]);
        assert!(!format!("{all:?}").contains("需求"), "and no value");
    }

    // proves: A-02
    async fn fields_above_the_readers_grade_are_masked_in_the_file_and_in_its_records(world) {
        let own = CustomerFile { unit: "customer-service".into(), ..company(1) };
        let file = world.create(&mut world.profile("service-manager"), own).await.good().name;
        world.note("service-manager", &file, talk(world.now(), "x")).await.good();
        let seen = look(world, "service-1", &file).await.good();
        let told = seen.customer_file.unwrap();
        assert!(told.masked_fields.contains(&"phone".to_owned()) && !told.fields.contains_key("phone"));
        assert!(told.unit_ref.is_empty());
        let record = seen.last_contact.unwrap().record.unwrap();
        assert_eq!(record.masked_fields, ["contact_person", "needs"]);
        let one = world.disclosures(&file).await.pop().unwrap();
        assert_eq!(one.records[0].fields, ["channel", "held_at"]);
        assert!(!one.fields.contains(&"phone".to_owned()));
    }

    // proves: I10, A-42
    async fn whoever_does_not_see_the_file_is_answered_as_if_it_were_not_there(world) {
        let file = world.active(1).await.name;
        world.note("sales-1", &file, complaint("到货破损")).await.good();
        world.classify("archivist", &file, "confidential").await.good();
        world.settle().await;
        let absent = missing();
        let before = world.disclosures(&file).await.len();
        let ask = async |name: &str| asked(world, "sales-2", "GetCustomerOverview", asking(name).encode_to_vec()).await;
        let (hidden, nothing) = (ask(&file).await, ask(&absent).await);
        assert!(matches!(nothing, Raw::Refusal(..)));
        assert!(as_if(&file, hidden.clone()) == nothing, "{hidden:?}\n{nothing:?}");
        look(world, "sales-2", &file).await.refused(Reason::ResourceNotFound);
        look(world, "sales-2", &absent).await.refused(Reason::ResourceNotFound);
        assert_eq!(world.disclosures(&file).await.len(), before);
    }

    // proves
    async fn a_right_to_some_fields_opens_those_and_nothing_that_hangs_on_the_file(world) {
        let file = world.active(1).await.name;
        world.note("sales-1", &file, talk(world.now(), "x")).await.good();
        world.classify("archivist", &file, "confidential").await.good();
        world.settle().await;
        world.rights(&file).await;
        let whole = look(world, "sales-2", &file).await.good();
        assert!(whole.last_contact.is_some() && !left_out(&whole, OverviewPart::Records), "a right to the file opens them");
        let some = look(world, "analyst", &file).await.good();
        let told = some.customer_file.as_ref().unwrap();
        assert_eq!(told.fields.keys().map(String::as_str).filter(|key| *key != "customer_type").collect::<Vec<_>>(), ["name"]);
        let nothing = (some.last_contact.is_none(), some.kinds.len(), some.newest_records.len(), some.duties.len());
        assert_eq!(nothing, (true, 0, 0, 0));
        assert!(left_out(&some, OverviewPart::Records) && left_out(&some, OverviewPart::Duties));
        let other = GetCustomerOverviewRequest { purpose: "audit".into(), ..asking(&file) };
        let refused = world.profile("sales-2").files.get_customer_overview(other).await.refused(Reason::FieldViolation);
        assert!(refused.names("purpose"), "{refused:?}");
    }

    // proves: A-24
    async fn at_a_level_that_binds_a_place_all_of_it_is_read_there_alone(world) {
        let file = world.at_level(1, "secret").await.name;
        let refused = look(world, "archivist", &file).await.refused(Reason::FieldViolation);
        assert!(refused.names("reading_place"), "{refused:?}");
        let there = GetCustomerOverviewRequest { reading_place: "archive_room".into(), ..asking(&file) };
        world.profile("archivist").files.get_customer_overview(there).await.good();
    }

    // proves: P-39
    async fn what_is_due_is_told_with_who_owes_it_to_whoever_may_know(world) {
        let file = world.at_level(1, "secret").await.name;
        let there = GetCustomerOverviewRequest { reading_place: "archive_room".into(), ..asking(&file) };
        let seen = world.profile("archivist").files.get_customer_overview(there).await.good();
        let due: Vec<_> = seen.duties.iter().map(|one| (one.label.as_str(), one.post_label.is_empty(), one.overdue)).collect();
        assert!(due.contains(&("机密以上原件入档案室", false, false)), "{due:?}");
        assert!(!seen.more_duties && !left_out(&seen, OverviewPart::Duties));
        assert!(seen.duties.iter().all(|one| one.duty.as_ref().unwrap().subject.starts_with(&file)));
    }

    // proves: P-47
    async fn a_closed_file_is_read_as_before(world) {
        let file = world.active(1).await.name;
        world.note("sales-1", &file, complaint("到货破损")).await.good();
        let (name, request_id) = (file.clone(), world.request_id());
        let close = CloseCustomerFileRequest { name, request_id, reason: "终止合作".into(), ..Default::default() };
        world.profile("archivist").files.close_customer_file(close).await.good();
        let seen = look(world, "sales-2", &file).await.good();
        assert!(seen.customer_file.unwrap().close_time.is_some());
        assert_eq!((seen.open_records.len(), seen.duties.len()), (1, 0));
    }

    // proves: P-47
    async fn however_many_records_there_are_the_newest_are_told_and_all_are_counted(world) {
        let file = world.active(1).await.name;
        for n in 0..23 {
            world.note("sales-1", &file, complaint(&format!("{n}"))).await.good();
            world.note("sales-1", &file, talk(world.now(), &format!("{n}"))).await.good();
            world.pass(SignedDuration::from_secs(1));
        }
        let seen = look(world, "sales-2", &file).await.good();
        let content: Vec<_> =
            seen.open_records.iter().map(|one| one.record.as_ref().unwrap().fields["content"].value.clone()).collect();
        let expected: Vec<_> = (3..23).rev().map(|n| text(&format!("{n}")).value).collect();
        assert_eq!(content, expected, "the newest first");
        assert_eq!(seen.last_contact.unwrap().record.unwrap().fields["needs"].value, text("22").value);
        let counts: Vec<_> = seen.kinds.iter().map(|one| (one.open_count, one.other_count)).collect();
        assert_eq!(counts, [(0, 23), (23, 0)]);
        assert_eq!(seen.newest_records.len(), 1);
    }
}

on_both_stores_under! {
    Rules::of("KINDS");

    // proves: P-03, I10
    async fn files_that_hang_together_are_told_as_far_as_the_reader_sees_them(world) {
        let customer = world.active(1).await.name;
        let guarantee = world.active(2).await.name;
        let linked = CustomerFile { links: vec![guarantor(&guarantee)], ..contract(&customer, "HT-1") };
        let first = made(world, linked).await.name;
        let second = made(world, contract(&customer, "HT-2")).await.name;
        world.settle().await;
        let ties = |seen: &CustomerOverview| -> Vec<(OverviewTie, String, String)> {
            let told = |one: &dossier_proto::profile::v1::OverviewFile| {
                (one.tie(), one.link_label.clone(), one.customer_file.as_ref().unwrap().name.clone())
            };
            seen.linked_files.iter().map(told).collect()
        };
        let of = (OverviewTie::Of, String::new(), customer.clone());
        let link = (OverviewTie::Link, "担保人".to_owned(), guarantee.clone());
        let part = |name: &String| (OverviewTie::Part, String::new(), name.clone());
        let seen = look(world, "sales-2", &first).await.good();
        assert_eq!(ties(&seen), [of.clone(), link]);
        assert!(seen.linked_files.iter().all(|one| one.customer_file.as_ref().unwrap().fields.is_empty()));
        assert_eq!(ties(&look(world, "sales-2", &customer).await.good()), [part(&second), part(&first)]);
        for hidden in [&guarantee, &second] {
            world.classify("archivist", hidden, "secret").await.good();
        }
        world.settle().await;
        let seen = look(world, "sales-2", &first).await.good();
        assert_eq!((ties(&seen), seen.customer_file.unwrap().links.len()), (vec![of], 0));
        let seen = look(world, "sales-2", &customer).await.good();
        assert_eq!((ties(&seen), seen.more_files), (vec![part(&first)], false));
    }

    // proves: I10
    async fn of_many_files_that_belong_to_one_only_those_that_are_seen_are_counted(world) {
        let customer = world.active(1).await.name;
        for n in 0..21 {
            made(world, contract(&customer, &format!("HT-{n}"))).await;
        }
        let hidden = made(world, contract(&customer, "HT-X")).await.name;
        world.classify("archivist", &hidden, "secret").await.good();
        world.settle().await;
        let seen = look(world, "sales-2", &customer).await.good();
        assert_eq!((seen.linked_files.len(), seen.more_files), (20, true));
        let last = seen.linked_files.iter().map(|one| one.customer_file.as_ref().unwrap().name.clone()).min().unwrap();
        world.classify("archivist", &last, "secret").await.good();
        world.settle().await;
        let seen = look(world, "sales-2", &customer).await.good();
        assert_eq!((seen.linked_files.len(), seen.more_files), (20, false), "what is hidden is no more");
    }
}
