//! Records: the papers of a file, each of a kind of the pack (P-47, P-55).

use dossier_kernel::db;
use dossier_profile::domain::record::Record;
use dossier_profile::store::customer_file::{self, Viewer};
use dossier_profile::store::record;
use dossier_proto::journal::v1::event::Kind;
use dossier_proto::journal::v1::{Entry, EntryBody, ListEntriesRequest};
use dossier_proto::profile::v1::{
    CloseCustomerFileRequest, CreateRecordRequest, CustomerFile, FileRecord, GetRecordRequest,
    ListRecordRevisionsRequest, ListRecordsRequest,
};
use dossier_regime::{RecordKind, RecordLimit, Stage, Template};
use dossier_tests::scene::{company, talk};
use prost::Message;

use crate::prelude::*;

async fn list(world: &World, subject: &str, file: &str, filter: &str) -> Vec<FileRecord> {
    let request = ListRecordsRequest { parent: file.to_owned(), filter: filter.to_owned(), ..Default::default() };
    world.profile(subject).records.list_records(request).await.good().records
}

// The bodies of the entries of profile that are about `file`.
async fn trail(world: &World, file: &str) -> Vec<EntryBody> {
    world.settle().await;
    let filter = format!("subject = \"{file}\"");
    let request = ListEntriesRequest { parent: home(Which::Profile), filter, page_size: 500, ..Default::default() };
    let found = world.profile("archivist").journal.list_entries(request).await.good().entries;
    found.iter().map(|entry: &Entry| EntryBody::decode(&entry.body[..]).unwrap()).collect()
}

on_both_stores! {
    // proves: P-47, P-55, P-48
    async fn a_record_is_made_read_changed_and_each_version_stays(world) {
        let file = world.active(1).await.name;
        let made = world.note("sales-1", &file, talk(world.now(), "加购两台")).await.good();
        assert!(made.name.starts_with(&format!("{file}/records/")), "{}", made.name);
        let said = (made.kind.as_str(), made.stage.as_str(), made.level.as_str(), made.revision);
        assert_eq!(said, ("communication", "noted", "none", 1));
        assert_eq!(made.completeness.as_ref().unwrap().missing.len(), 2, "problems and suggestions are on the form");
        let read = world.read_record("sales-2", &made.name).await.good();
        assert_eq!(read.fields["needs"].value, text("加购两台").value);
        assert_eq!(read.etag, made.etag);
        let changed = world.rewrite("sales-2", &made, "needs", Some(text("加购三台"))).await.good();
        assert_eq!((changed.revision, changed.fields.len()), (2, 1), "what the caller wrote, and nothing else");
        world.rewrite("sales-2", &made, "needs", Some(text("x"))).await.refused(Reason::EtagStale);
        let emptied = world.rewrite("sales-1", &changed, "needs", None).await.good();
        let now = world.read_record("sales-1", &made.name).await.good();
        assert!(!now.fields.contains_key("needs") && now.fields.contains_key("channel"));
        assert_eq!((emptied.revision, now.revision), (3, 3));
        let mut tx = world.db(Which::Profile).read().await.unwrap();
        let id = made.name.rsplit('/').next().unwrap().parse().unwrap();
        for number in 1..=3 {
            assert!(record::revision(&mut tx, DEMO, id, number).await.unwrap().is_some(), "version {number}");
        }
    }

    // proves: A-42, I9
    async fn the_journal_knows_every_record_and_reading_and_no_value(world) {
        let file = world.active(1).await.name;
        let made = world.note("sales-1", &file, talk(world.now(), "机密的需求")).await.good();
        world.read_record("sales-2", &made.name).await.good();
        let bodies = trail(world, &file).await;
        let kinds: Vec<_> = bodies.iter().filter_map(|body| body.event.as_ref()?.kind.as_ref()).collect();
        let told = kinds.iter().find_map(|kind| if let Kind::RecordChanged(one) = kind { Some(one) } else { None });
        let told = told.expect("an entry of the record");
        assert_eq!((told.record.as_str(), told.kind.as_str(), told.revision), (made.name.as_str(), "communication", 1));
        assert_eq!(told.changed_fields, ["channel", "contact_person", "held_at", "needs"]);
        let read = kinds.iter().find_map(|kind| if let Kind::FileDisclosed(one) = kind { Some(one) } else { None });
        let read = read.expect("an entry of the reading");
        assert_eq!((read.resource.as_str(), read.reader.clone()), (made.name.as_str(), world.who("sales-2").await));
        assert!(!format!("{bodies:?}").contains("需求"), "no value is in the journal");
        let promised = |body: &&EntryBody| body.commitments.iter().any(|one| one.field == "fields.needs");
        assert!(bodies.iter().any(|body| promised(&body)), "and each value is promised");
    }

    // proves: I10, A-02
    async fn whoever_does_not_see_the_file_learns_of_no_record(world) {
        let file = world.active(1).await.name;
        let made = world.note("sales-1", &file, talk(world.now(), "x")).await.good();
        world.classify("archivist", &file, "secret").await.good();
        world.settle().await;
        world.read_record("sales-2", &made.name).await.refused(Reason::ResourceNotFound);
        world.note("sales-2", &file, talk(world.now(), "y")).await.refused(Reason::ResourceNotFound);
        world.rewrite("sales-2", &made, "needs", Some(text("z"))).await.refused(Reason::ResourceNotFound);
        let request = ListRecordsRequest { parent: file, ..Default::default() };
        world.profile("sales-2").records.list_records(request).await.refused(Reason::ResourceNotFound);
    }

    // proves: A-02
    async fn fields_above_the_readers_grade_are_named_and_not_shown(world) {
        let own = CustomerFile { unit: "customer-service".into(), ..company(1) };
        let file = world.create(&mut world.profile("service-manager"), own).await.good().name;
        let made = world.note("service-manager", &file, talk(world.now(), "x")).await.good();
        let read = world.read_record("service-1", &made.name).await.good();
        assert_eq!(read.masked_fields, ["contact_person", "needs"]);
        assert_eq!(read.fields.keys().collect::<Vec<_>>(), ["channel", "held_at"]);
    }

    // proves: P-47
    async fn only_the_posts_of_the_kind_write_its_records(world) {
        let file = world.active(1).await.name;
        let made = world.note("sales-1", &file, talk(world.now(), "x")).await.good();
        for other in ["archivist", "gm", "analyst"] {
            world.note(other, &file, talk(world.now(), "y")).await.refused(Reason::PermissionDenied);
            world.rewrite(other, &made, "needs", Some(text("z"))).await.refused(Reason::PermissionDenied);
        }
        assert_eq!(list(world, "archivist", &file, "").await.len(), 1);
    }

    // proves: A-24
    async fn a_right_to_the_whole_file_opens_its_records_and_one_to_some_fields_opens_none(world) {
        let file = world.active(1).await.name;
        let made = world.note("sales-1", &file, talk(world.now(), "x")).await.good();
        world.classify("archivist", &file, "confidential").await.good();
        world.settle().await;
        world.rights(&file).await;
        let read = world.read_record("sales-2", &made.name).await.good();
        assert_eq!(read.fields["needs"].value, text("x").value);
        // To read is not to be told how far a paper is.
        assert!(read.next_stages.is_empty());
        world.explain("sales-2", &made.name).await.refused(Reason::PermissionDenied);
        world.read("analyst", &file).await.good();
        let refused = world.read_record("analyst", &made.name).await.refused(Reason::FieldViolation);
        assert!(refused.names("purpose"), "{refused:?}");
        assert_eq!((list(world, "sales-2", &file, "").await.len(), list(world, "analyst", &file, "").await.len()), (1, 0));
        let versions = ListRecordRevisionsRequest { parent: made.name.clone(), ..ListRecordRevisionsRequest::default() };
        world.profile("sales-2").records.list_record_revisions(versions.clone()).await.good();
        let mut calls = world.profile("analyst").records;
        calls.list_record_revisions(versions).await.refused(Reason::ResourceNotFound);
    }

    // proves: A-24
    async fn at_a_level_that_binds_a_place_a_record_is_read_there_alone(world) {
        let file = world.active(1).await.name;
        let made = world.note("sales-1", &file, talk(world.now(), "x")).await.good();
        world.classify("archivist", &file, "secret").await.good();
        world.settle().await;
        let refused = world.read_record("archivist", &made.name).await.refused(Reason::FieldViolation);
        assert!(refused.names("reading_place"), "{refused:?}");
        let (name, purpose, reading_place) = (made.name, "audit".to_owned(), "archive_room".to_owned());
        let request = GetRecordRequest { name, purpose, reading_place };
        world.profile("archivist").records.get_record(request).await.good();
    }

    // proves: P-40
    async fn nothing_is_written_into_a_file_that_moved_since_it_was_read(world) {
        let file = world.active(1).await.name;
        let id = file.strip_prefix("files/").unwrap().parse().unwrap();
        let who = world.who("archivist").await.strip_prefix("persons/").unwrap().parse().unwrap();
        let viewer = Viewer { org: DEMO, person: who, now: world.now().as_microsecond() };
        let mut tx = world.db(Which::Profile).write().await.unwrap();
        let read = customer_file::visible(&mut tx, viewer, id).await.unwrap().unwrap().file;
        customer_file::lock(&mut tx, DEMO, &read).await.unwrap();
        let mut moved = read.clone();
        moved.revision -= 1;
        let fault = customer_file::lock(&mut tx, DEMO, &moved).await.unwrap_err();
        assert_eq!(fault.reason(), Reason::ConflictRetry, "another revision");
        // Whoever closes it raises its revision; what was read of a closed one is still what it is.
        drop(tx);
        let close = CloseCustomerFileRequest {
            name: file.clone(),
            reason: "合同终止".into(),
            request_id: world.request_id(),
            ..CloseCustomerFileRequest::default()
        };
        world.profile("archivist").files.close_customer_file(close).await.good();
        let mut tx = world.db(Which::Profile).write().await.unwrap();
        let fault = customer_file::lock(&mut tx, DEMO, &read).await.unwrap_err();
        assert_eq!(fault.reason(), Reason::ConflictRetry, "closed");
    }

    // proves: P-47
    async fn a_list_is_newest_first_by_kind_and_by_pages(world) {
        let file = world.active(1).await.name;
        let other = world.active(2).await.name;
        let mut names = Vec::new();
        for n in 0..3 {
            names.push(world.note("sales-1", &file, talk(world.now(), &format!("{n}"))).await.good().name);
            world.pass(SignedDuration::from_secs(1));
        }
        world.note("sales-1", &other, talk(world.now(), "elsewhere")).await.good();
        let found = list(world, "sales-1", &file, "").await;
        assert_eq!(found.iter().map(|one| &one.name).collect::<Vec<_>>(), names.iter().rev().collect::<Vec<_>>());
        assert!(found.iter().all(|one| one.fields.is_empty()), "a list tells no content");
        assert_eq!(list(world, "sales-1", &file, "kind = \"communication\" AND stage = \"noted\"").await.len(), 3);
        assert!(list(world, "sales-1", &file, "kind = \"visit\"").await.is_empty());
        let first = ListRecordsRequest { parent: file.clone(), page_size: 2, ..Default::default() };
        let page = world.profile("sales-1").records.list_records(first.clone()).await.good();
        let next = ListRecordsRequest { page_token: page.next_page_token.clone(), ..first };
        let rest = world.profile("sales-1").records.list_records(next.clone()).await.good();
        assert_eq!((page.records.len(), rest.records.len(), rest.next_page_token.as_str()), (2, 1, ""));
        let moved = ListRecordsRequest { parent: other, ..next };
        world.profile("sales-1").records.list_records(moved).await.refused(Reason::PageTokenInvalid);
    }

    // proves: P-47
    async fn a_closed_file_takes_no_record_and_no_change_of_one(world) {
        let file = world.active(1).await.name;
        let made = world.note("sales-1", &file, talk(world.now(), "x")).await.good();
        let (name, request_id) = (file.clone(), world.request_id());
        let close = CloseCustomerFileRequest { name, request_id, reason: "终止合作".into(), ..Default::default() };
        world.profile("archivist").files.close_customer_file(close).await.good();
        world.note("sales-1", &file, talk(world.now(), "y")).await.refused(Reason::WrongState);
        world.rewrite("sales-1", &made, "needs", Some(text("z"))).await.refused(Reason::WrongState);
        world.read_record("sales-1", &made.name).await.good();
    }

    // proves: I8
    async fn the_same_request_makes_one_record(world) {
        let file = world.active(1).await.name;
        let request = CreateRecordRequest {
            parent: file.clone(),
            record: Some(talk(world.now(), "x")),
            request_id: world.request_id(),
            ..CreateRecordRequest::default()
        };
        let mut calls = world.profile("sales-1").records;
        let (first, again) = (calls.create_record(request.clone()).await.good(), calls.create_record(request.clone()).await.good());
        assert_eq!(first, again);
        assert_eq!(list(world, "sales-1", &file, "").await.len(), 1);
        let tried = CreateRecordRequest { validate_only: true, request_id: world.request_id(), ..request };
        calls.create_record(tried).await.good();
        assert_eq!(list(world, "sales-1", &file, "").await.len(), 1, "what is only tried leaves nothing");
    }

    // proves: P-47
    async fn a_file_has_one_record_of_a_kind_of_which_it_may_have_one(world) {
        let (file, who, now) = (Uuid::from_u128(1), Uuid::from_u128(2), world.now());
        let stages = vec![Stage { id: "noted".into(), label: "noted".into(), ..Stage::default() }];
        let kind = |limit| RecordKind { id: "opening".into(), limit, stages: stages.clone(), ..RecordKind::default() };
        let today = (now, jiff::civil::Date::constant(2026, 3, 2));
        let made = |n, limit| Record::new(Uuid::from_u128(n), file, &kind(limit), &Template::default(), who, today);
        let mut tx = world.db(Which::Profile).write().await.unwrap();
        assert!(record::insert(&mut tx, DEMO, &made(3, RecordLimit::Once)).await.unwrap());
        assert!(!record::insert(&mut tx, DEMO, &made(4, RecordLimit::Once)).await.unwrap());
        let elsewhere = Record { file: who, ..made(5, RecordLimit::Once) };
        assert!(record::insert(&mut tx, DEMO, &elsewhere).await.unwrap());
        assert!(record::has_kind(&mut tx, DEMO, file, "opening", true).await.unwrap());
        assert!(!record::has_kind(&mut tx, DEMO, file, "visit", false).await.unwrap());
        for n in 6..8 {
            let other = Record { kind: "visit".into(), ..made(n, RecordLimit::Many) };
            assert!(record::insert(&mut tx, DEMO, &other).await.unwrap());
        }
        let mut late = made(3, RecordLimit::Once);
        late.version = 2;
        let fault = db::update(&mut tx, DEMO, &mut late).await.unwrap_err();
        assert_eq!(fault.reason(), Reason::ConflictRetry, "a version that is not there");
    }

    // proves: I9, P-48
    async fn values_lie_sealed_under_a_key_of_the_record_alone(world) {
        let file = world.active(1).await.name;
        for n in 0..2 {
            world.note("sales-1", &file, talk(world.now(), &format!("王经理的需求{n}"))).await.good();
        }
        let mut tx = world.db(Which::Profile).read().await.unwrap();
        let text = "SELECT content FROM record_revision WHERE org = 'demo'";
        for (content,) in sql!(&mut tx, fetch_all as (Vec<u8>,), text).unwrap() {
            assert!(!String::from_utf8_lossy(&content).contains("需求"), "in clear");
        }
        let text = "SELECT sealed_key FROM record WHERE org = 'demo'";
        let keys = sql!(&mut tx, fetch_all as (Vec<u8>,), text).unwrap();
        assert_ne!(keys[0], keys[1]);
    }
}
