//! Whole files leave one house and come into another, or out of an archive of before (P-47, P-48).

mod essence;

use dossier_kernel::objects::Objects;
use dossier_proto::duty::v1::ListDutiesRequest;
use dossier_proto::profile::v1::transfer_part::Part;
use dossier_proto::profile::v1::{
    CustomerFile, CustomerFileState, Document, DocumentCarrier, DocumentContent, DocumentRelation,
    DocumentRelationKind, GetImportMarkRequest, ImportBatch, ImportCustomerFilesResponse, ImportOutcome,
    ListFileNumbersRequest, ListRecordsRequest, RecordState,
};
use dossier_tests::on_both_stores_under;
use dossier_tests::rules::Rules;
use dossier_tests::scene::{PDF, ended, parcel, pdf, talk};
use dossier_tests::world::Bearer;
use sha2::{Digest as _, Sha256};

use super::documents::licence;
use crate::prelude::*;
use essence::essence;

/// The other house: the same company once more, with nothing in it.
const BRANCH: &str = "branch";

pub(super) fn rules() -> Rules {
    let rules = Rules::of("PAPERS");
    let text = std::fs::read_to_string(rules.folder().join("organisations/demo.yaml")).unwrap();
    rules.and("organisations/branch.yaml", &text.replace("org: demo", "org: branch"))
}

pub(super) fn keeper(world: &World, org: &str) -> Bearer {
    world.person(org, "archivist")
}

pub(super) fn outcomes(told: &[ImportCustomerFilesResponse]) -> Vec<ImportOutcome> {
    told.iter().map(ImportCustomerFilesResponse::outcome).collect()
}

fn refusal(told: &ImportCustomerFilesResponse) -> (Reason, Vec<String>) {
    let refusal = told.refusal.clone().unwrap_or_default();
    (refusal.reason(), refusal.faults.into_iter().map(|fault| fault.field).collect())
}

// Nobody of the one house is known in the other.
fn homeless(parts: Vec<Part>) -> Vec<Part> {
    let settled = |part| match part {
        Part::File(file) => Part::File(CustomerFile { custodian: String::new(), ..file }),
        other => other,
    };
    parts.into_iter().map(settled).collect()
}

// A file with a bit of everything: changed, with records that stand and that are signed, with documents and their contents.
async fn lived(world: &World) -> String {
    let complaint = world.answered(1).await;
    let file = complaint.name.split("/records/").next().unwrap().to_owned();
    world.note("sales-1", &file, talk(world.now(), "需要报价")).await.good();
    world.scanned("sales-1", &file, &pdf(3 << 20)).await;
    let old = world.file_document("sales-1", &file, licence(DocumentCarrier::Copy, "2026-06-30")).await.good();
    let relation = DocumentRelation { kind: DocumentRelationKind::Supersedes.into(), document: old.name };
    let new = Document { relations: vec![relation], ..licence(DocumentCarrier::Copy, "2031-06-30") };
    world.file_document("sales-1", &file, new).await.good();
    file
}

pub(super) async fn fresh(world: &World, key: &str, n: u32) -> (ImportBatch, Vec<Part>) {
    world.settle().await;
    (world.a_batch("spring-2026"), parcel(n, key))
}

on_both_stores_under! {
    rules();

    // proves: P-47, P-48, A-40
    async fn a_file_leaves_and_comes_back_equal(world) {
        let file = lived(world).await;
        let out = world.take_out(keeper(world, DEMO), &[&file]).await.unwrap();
        world.settle().await;
        let batch = world.a_batch("branch-opening");
        let (told, fault) = world.bring_in(keeper(world, BRANCH), &batch, homeless(out.clone()), false).await;
        assert!(fault.is_none(), "{fault:?}");
        assert_eq!(outcomes(&told), [ImportOutcome::Created], "{told:?}");
        let again = world.take_out(keeper(world, BRANCH), &[&told[0].file]).await.unwrap();
        let (before, after) = (essence(&out), essence(&again));
        assert!(before.revisions.len() > 2 && before.records.len() > 3 && before.documents.len() == 8, "{before:?}");
        assert!(before.contents.iter().any(|content| content.len() == 3 << 20));
        for (before, after) in [(&before.file, &after.file), (&before.revisions, &after.revisions), (&before.records, &after.records)] {
            assert_eq!(before, after);
        }
        assert!(before == after, "documents and their contents: {:?} {:?}", before.documents, after.documents);
        // The two documents hang together as they did, and who reads the file in the other house finds it.
        let records = ListRecordsRequest { parent: told[0].file.clone(), ..Default::default() };
        let found = world.profile_as(world.person(BRANCH, "sales-1")).records.list_records(records).await.good().records;
        assert!(found.len() == 2 && found.iter().all(|one| one.imported));
        check::proven(world).await;
    }

    // proves: A-42, I3, I9
    async fn what_left_and_what_was_told_of_it_is_in_the_journal(world) {
        let file = lived(world).await;
        world.take_out(keeper(world, DEMO), &[&file]).await.unwrap();
        world.settle().await;
        let told = world.disclosures(&file).await;
        let own = told.iter().find(|one| one.resource.is_empty() && one.records.len() == 2).expect("the file left");
        assert!(own.fields.contains(&"name".to_owned()) && own.fields.contains(&"unit_ref".to_owned()), "{own:?}");
        assert_eq!(told.iter().filter(|one| one.resource.contains("/documents/")).count(), 3);
        assert!(told.iter().any(|one| one.fields.contains(&"content".to_owned())));
    }

    // proves: P-47
    async fn what_came_is_history_and_nothing_follows_from_it(world) {
        let file = lived(world).await;
        let out = world.take_out(keeper(world, DEMO), &[&file]).await.unwrap();
        world.settle().await;
        let batch = world.a_batch("branch-opening");
        let (told, _) = world.bring_in(keeper(world, BRANCH), &batch, homeless(out), false).await;
        world.settle().await;
        let mut calls = world.profile_as(world.person(BRANCH, "sales-manager"));
        let duties = ListDutiesRequest { parent: home(Which::Profile), ..Default::default() };
        let duties = calls.duties.list_duties(duties).await.good().duties;
        assert!(duties.iter().all(|one| !one.subject.starts_with(&told[0].file)), "no duty opens: {duties:?}");
        let records = ListRecordsRequest { parent: told[0].file.clone(), ..Default::default() };
        let found = calls.records.list_records(records).await.good().records;
        let open = found.iter().find(|one| one.state() == RecordState::Open).or(found.first()).unwrap();
        let request = dossier_proto::profile::v1::VoidRecordRequest {
            name: open.name.clone(),
            reason: "误录".into(),
            request_id: world.request_id(),
            ..Default::default()
        };
        let refused = calls.records.void_record(request).await.refused(Reason::WrongState);
        assert_eq!(refused.metadata["state"], "IMPORTED");
        let request = GetImportMarkRequest { name: open.name.clone(), purpose: "audit".into(), ..Default::default() };
        let mark = calls.transfers.get_import_mark(request).await.good();
        assert_eq!(mark.creator, world.who("sales-1").await, "as the other house calls them");
        assert!(!mark.revisions.is_empty());
        let request = GetImportMarkRequest { name: file.clone(), purpose: "audit".into(), ..Default::default() };
        world.profile("sales-manager").transfers.get_import_mark(request).await.refused(Reason::ResourceNotFound);
    }

    async fn a_key_stands_for_one_file_however_often_it_comes(world) {
        let (batch, parts) = fresh(world, "甲-001", 7).await;
        let (told, _) = world.bring_in(keeper(world, DEMO), &batch, parts.clone(), false).await;
        assert_eq!(outcomes(&told), [ImportOutcome::Created], "{told:?}");
        for label in ["spring-2026", "summer-2026"] {
            let another = ImportBatch { label: label.into(), ..world.a_batch(label) };
            let (again, _) = world.bring_in(keeper(world, DEMO), &another, parts.clone(), false).await;
            assert_eq!(outcomes(&again), [ImportOutcome::AlreadyThere]);
            assert_eq!(again[0].file, told[0].file);
        }
        // Every letter of a key counts: this is another file, of a unit that has one already.
        let (other, _) = world.bring_in(keeper(world, DEMO), &batch, parcel(7, "甲-00l"), false).await;
        assert_eq!(refusal(&other[0]).0, Reason::FileUnitTaken);
        // Two streams with the same key at once: one file.
        let one = world.bring_in(keeper(world, DEMO), &batch, parcel(8, "乙"), false);
        let two = world.bring_in(keeper(world, DEMO), &batch, parcel(8, "乙"), false);
        let (one, two) = futures::join!(one, two);
        let mut both = [outcomes(&one.0), outcomes(&two.0)].concat();
        both.sort_unstable_by_key(|outcome| *outcome as i32);
        assert_eq!(both, [ImportOutcome::Created, ImportOutcome::AlreadyThere], "{one:?} {two:?}");
        check::proven(world).await;
    }

    // proves: P-05, P-06, I11
    async fn a_number_of_before_is_one_that_was_issued_elsewhere_and_is_passed_over_here(world) {
        let (batch, parts) = fresh(world, "k1", 7).await;
        let numbered = |parts: Vec<Part>, number: &str| -> Vec<Part> {
            let number = number.to_owned();
            let one = |part| match part {
                Part::File(file) => Part::File(CustomerFile { number: number.clone(), state: CustomerFileState::Active.into(), ..file }),
                other => other,
            };
            parts.into_iter().map(one).collect()
        };
        let (told, _) = world.bring_in(keeper(world, DEMO), &batch, numbered(parts, "KH-2026-00001"), false).await;
        assert_eq!((outcomes(&told), told[0].number.as_str()), (vec![ImportOutcome::Created], "KH-2026-00001"), "{told:?}");
        let (twice, _) = world.bring_in(keeper(world, DEMO), &batch, numbered(parcel(8, "k2"), "KH-2026-00001"), false).await;
        assert_eq!(refusal(&twice[0]), (Reason::FieldViolation, vec!["file.number".to_owned()]));
        assert_eq!(world.active(1).await.number, "KH-2026-00002", "that of the other house is passed over");
        // One that is effective and had none gets its number here.
        let (own, _) = world.bring_in(keeper(world, DEMO), &batch, numbered(parcel(9, "k3"), ""), false).await;
        assert_eq!(own[0].number, "KH-2026-00003");
        let filter = "series = \"issued_elsewhere\"".to_owned();
        let request = ListFileNumbersRequest { filter, ..Default::default() };
        let listed = world.profile("archivist").numbers.list_file_numbers(request).await.good().file_numbers;
        assert_eq!(listed.iter().map(|one| one.number.as_str()).collect::<Vec<_>>(), ["KH-2026-00001"]);
        check::proven(world).await;
    }

    async fn what_is_at_fault_in_a_file_is_told_and_stops_no_other(world) {
        let (batch, good) = fresh(world, "good", 3).await;
        let spoilt = |n: u32, key: &str, spoil: &dyn Fn(&mut CustomerFile)| -> Vec<Part> {
            let one = |part| match part {
                Part::File(mut file) => {
                    spoil(&mut file);
                    Part::File(file)
                }
                other => other,
            };
            parcel(n, key).into_iter().map(one).collect()
        };
        let mut parts = spoilt(4, "unit", &|file| file.unit = "moon".into());
        parts.extend(spoilt(5, "kind", &|file| file.file_kind = "spaceship".into()));
        parts.extend(spoilt(6, "two", &|file| (file.level, file.state) = ("cosmic".into(), 77)));
        parts.extend(good);
        let mut wrong = parcel(7, "field");
        if let Part::Revision(one) = &mut wrong[1] {
            one.customer_file.as_mut().unwrap().fields.insert("telepathy".into(), text("x"));
        }
        parts.extend(wrong);
        let document = Document { name: "d".into(), kind: "floor_plan".into(), carrier: DocumentCarrier::Scan.into(), ..Document::default() };
        let mut unknown = parcel(8, "document");
        unknown.insert(2, Part::Document(document));
        unknown.insert(3, Part::Version(Default::default()));
        parts.extend(ended(unknown));
        let (told, fault) = world.bring_in(keeper(world, DEMO), &batch, parts, false).await;
        assert!(fault.is_none(), "{fault:?}");
        let found: Vec<_> = told.iter().map(|one| (one.key.as_str(), one.outcome(), refusal(one))).collect();
        let refused = |reason, fields: &[&str]| (reason, fields.iter().map(|field| (*field).to_owned()).collect::<Vec<_>>());
        assert_eq!(found[0], ("unit", ImportOutcome::Refused, refused(Reason::ResourceNotFound, &[])));
        assert_eq!(found[1], ("kind", ImportOutcome::Refused, refused(Reason::FieldViolation, &["file.file_kind"])));
        assert_eq!(found[2], ("two", ImportOutcome::Refused, refused(Reason::FieldViolation, &["file.state", "file.level"])));
        assert_eq!((found[3].0, found[3].1), ("good", ImportOutcome::Created));
        assert_eq!(found[4], ("field", ImportOutcome::Refused, refused(Reason::FieldViolation, &["revisions.0.fields.telepathy"])));
        assert_eq!(found[5], ("document", ImportOutcome::Refused, refused(Reason::FieldViolation, &["documents.0.document.kind"])));
        let left = world.take_out(keeper(world, DEMO), &[]).await.unwrap();
        assert_eq!(left.iter().filter(|part| matches!(part, Part::File(_))).count(), 1, "nothing half-written");
        check::proven(world).await;
    }

    async fn a_content_that_is_not_what_was_said_refuses_its_file_and_leaves_nothing(world) {
        let (batch, _) = fresh(world, "k", 3).await;
        let with = |n: u32, key: &str, said: DocumentContent, data: &[u8]| {
            let document = Document {
                name: "d".into(), kind: "other".into(), carrier: DocumentCarrier::Scan.into(), content: Some(said), ..Document::default()
            };
            let version = dossier_proto::profile::v1::FileRecordRevision {
                fields: [("title".to_owned(), text("扫描件"))].into_iter().collect(), ..Default::default()
            };
            let mut parts = parcel(n, key);
            parts.insert(2, Part::Document(document));
            parts.insert(3, Part::Version(version));
            for (at, chunk) in data.chunks(1 << 20).enumerate() {
                parts.insert(4 + at, Part::Content(chunk.to_vec()));
            }
            ended(parts)
        };
        let content = pdf(9 << 20);
        let size = i64::try_from(content.len()).unwrap();
        let said = |size_bytes: i64, media_type: &str, sha256: &[u8]| DocumentContent {
            size_bytes, media_type: media_type.into(), sha256: sha256.to_vec()
        };
        let right = Sha256::digest(&content).to_vec();
        let mut parts = with(1, "short", said(size + 1, PDF, &right), &content);
        parts.extend(with(2, "long", said(size - 1, PDF, &right), &content));
        parts.extend(with(3, "type", said(size, "image/png", &right), &content));
        parts.extend(with(4, "hash", said(size, PDF, &[7; 32]), &content));
        parts.extend(with(5, "great", said((2 << 30) + 1, PDF, &[]), &content));
        let (told, fault) = world.bring_in(keeper(world, DEMO), &batch, parts, false).await;
        assert!(fault.is_none(), "{fault:?}");
        let found: Vec<_> = told.iter().map(|one| (one.key.clone(), refusal(one))).collect();
        let at = |key: &str, reason, field: &str| (key.to_owned(), (reason, if field.is_empty() { vec![] } else { vec![field.to_owned()] }));
        assert_eq!(found, [
            at("short", Reason::FieldViolation, "documents.0.content.size_bytes"),
            at("long", Reason::FieldViolation, "documents.0.data"),
            at("type", Reason::ContentMismatch, ""),
            at("hash", Reason::ContentMismatch, "documents.0.content.sha256"),
            at("great", Reason::FieldViolation, "documents.0.content.size_bytes"),
        ]);
        let objects = Objects::in_folder(&world.folder().join("documents")).unwrap();
        assert!(objects.below(DEMO).await.unwrap().is_empty(), "its room is free again");
        // What is only tried is checked as well and kept nowhere.
        let (tried, _) = world.bring_in(keeper(world, DEMO), &batch, with(6, "fine", said(size, PDF, &right), &content), true).await;
        assert_eq!((outcomes(&tried), tried[0].file.as_str()), (vec![ImportOutcome::Created], ""), "{tried:?}");
        assert!(objects.below(DEMO).await.unwrap().is_empty());
        let (kept, _) = world.bring_in(keeper(world, DEMO), &batch, with(6, "fine", said(size, PDF, &right), &content), false).await;
        assert_eq!(outcomes(&kept), [ImportOutcome::Created]);
        let documents = world.list_documents("sales-1", &kept[0].file, "").await.unwrap();
        assert!(world.download("sales-1", &documents[0].name, 0).await.unwrap() == content, "byte for byte");
        check::proven(world).await;
    }

    async fn a_stream_that_is_cut_within_a_file_leaves_nothing_of_it(world) {
        let (batch, whole) = fresh(world, "whole", 3).await;
        let mut parts = whole;
        let mut cut = parcel(4, "cut");
        cut.pop();
        parts.extend(cut);
        let (told, fault) = world.bring_in(keeper(world, DEMO), &batch, parts, false).await;
        assert_eq!((outcomes(&told), fault.map(|fault| fault.code())), (vec![ImportOutcome::Created], Some(tonic::Code::InvalidArgument)));
        // Some of it was lost on the way: the number of parts says so.
        let mut lost = parcel(5, "lost");
        lost.remove(1);
        lost.insert(1, Part::Revision(Default::default()));
        lost.insert(1, Part::Revision(Default::default()));
        let (told, fault) = world.bring_in(keeper(world, DEMO), &batch, lost, false).await;
        assert!(told.is_empty() && fault.is_some());
        let (told, fault) = world.bring_in(keeper(world, DEMO), &batch, vec![Part::Content(vec![1])], false).await;
        assert!(told.is_empty() && fault.is_some_and(|fault| fault.code() == tonic::Code::InvalidArgument));
    }

    // proves: A-01, I10
    async fn only_who_holds_the_right_takes_out_or_brings_in(world) {
        let file = world.active(1).await.name;
        let denied = world.take_out(world.person(DEMO, "sales-1"), &[&file]).await.unwrap_err();
        assert_eq!(denied.code(), tonic::Code::PermissionDenied);
        let (told, fault) = world.bring_in(world.person(DEMO, "sales-1"), &world.a_batch("x"), parcel(3, "k"), false).await;
        assert!(told.is_empty() && fault.is_some_and(|fault| fault.code() == tonic::Code::PermissionDenied));
        // What is not there, and what is invisible, are told alike.
        let missing = format!("files/{}", Uuid::from_u128(9));
        let status = world.take_out(keeper(world, DEMO), &[&missing]).await.unwrap_err();
        assert_eq!(status.code(), tonic::Code::NotFound);
        // A file of a closed level does not leave, by name or in the whole.
        let closed = world.at_level(2, "top_secret").await.name;
        world.settle().await;
        assert_eq!(world.take_out(keeper(world, DEMO), &[&closed]).await.unwrap_err().code(), tonic::Code::NotFound);
        let all = world.take_out(keeper(world, DEMO), &[]).await.unwrap();
        let names: Vec<_> = all.iter().filter_map(|part| match part {
            Part::File(one) => Some(one.name.clone()),
            _ => None,
        }).collect();
        assert_eq!(names, [file]);
    }

    // proves: P-02, I10
    async fn a_unit_that_has_a_file_is_told_to_who_may_see_that_and_contested_for_who_may_not(world) {
        world.draft(1).await;
        world.at_level(2, "top_secret").await;
        world.settle().await;
        let batch = world.a_batch("spring");
        let mut parts = parcel(1, "seen");
        parts.extend(parcel(2, "unseen"));
        parts.extend(parcel(3, "free"));
        let (told, _) = world.bring_in(keeper(world, DEMO), &batch, parts, false).await;
        assert_eq!(outcomes(&told), [ImportOutcome::Refused, ImportOutcome::Created, ImportOutcome::Created], "{told:?}");
        assert_eq!(refusal(&told[0]).0, Reason::FileUnitTaken);
        check::proven(world).await;
    }
}
