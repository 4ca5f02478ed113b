//! A merge is taken back: the file stands where it stood, and what was not changed since goes back to what it was.

use dossier_proto::duty::v1::{Duty, DutyState, ListDutiesRequest};
use dossier_proto::profile::v1::{
    CloseCustomerFileRequest, CustomerFile, CustomerFileState, ReviewDecision, UnmergeCustomerFilesRequest,
    UpdateCustomerFileRequest,
};
use dossier_proto::types::field_value::Value;
use dossier_tests::scene::company;
use prost_types::FieldMask;

use crate::prelude::*;

fn said(file: &CustomerFile, key: &str) -> Option<String> {
    match file.fields.get(key)?.value.as_ref()? {
        Value::Text(text) => Some(text.clone()),
        other => Some(format!("{other:?}")),
    }
}

async fn write(world: &World, name: &str, key: &str, value: &str) -> CustomerFile {
    let fields = [(key.to_owned(), text(value))].into();
    let request = UpdateCustomerFileRequest {
        customer_file: Some(CustomerFile { name: name.to_owned(), fields, ..CustomerFile::default() }),
        update_mask: Some(FieldMask { paths: vec![format!("fields.{key}")] }),
        request_id: world.request_id(),
        ..UpdateCustomerFileRequest::default()
    };
    world.profile("sales-1").files.update_customer_file(request).await.good()
}

async fn close(world: &World, name: &str) {
    let (name, request_id, reason) = (name.to_owned(), world.request_id(), "结束".to_owned());
    let request = CloseCustomerFileRequest { name, request_id, reason, ..CloseCustomerFileRequest::default() };
    world.profile("archivist").files.close_customer_file(request).await.good();
}

async fn read(world: &World, name: &str) -> CustomerFile {
    world.read("sales-1", name).await.good()
}

async fn duties(world: &World, file: &str) -> Vec<Duty> {
    world.settle().await;
    let (parent, filter) = (home(Which::Profile), format!("subject = \"{file}\""));
    let request = ListDutiesRequest { parent, filter, ..ListDutiesRequest::default() };
    world.profile("archivist").duties.list_duties(request).await.good().duties
}

on_both_stores! {
    // proves: P-02, P-48, P-49
    async fn what_came_by_a_merge_goes_back_unless_it_was_changed_since(world) {
        let kept = world.like(1, &[("fax", "021-55559001")]).await;
        let merged = world.like(2, &[("email", "sea@example.com"), ("fax", "021-55559002"), ("website", "https://sea.example.com")]).await;
        let now = world.merge(&kept, &merged, &["fax", "phone"]).await.good();
        write(world, &kept.name, "website", "https://new.example.com").await;
        write(world, &kept.name, "name", "改名有限公司").await;
        let stale = UnmergeCustomerFilesRequest {
            name: merged.name.clone(), kept_etag: now.etag.clone(), reason: "x".into(), request_id: world.request_id(),
            ..UnmergeCustomerFilesRequest::default()
        };
        let mut calls = world.profile("archivist").files;
        let refused = calls.unmerge_customer_files(stale.clone()).await.refused(Reason::EtagStale);
        assert_eq!(refused.metadata["resource"], kept.name);
        let request = UnmergeCustomerFilesRequest { kept_etag: String::new(), request_id: world.request_id(), ..stale };
        let back = calls.unmerge_customer_files(request.clone()).await.good();
        assert_eq!((back.name.as_str(), back.state(), back.merged_into.as_str()), (merged.name.as_str(), CustomerFileState::Active, ""));
        assert!(back.fields.is_empty());
        // Once, however often it is asked for.
        assert_eq!(calls.unmerge_customer_files(request).await.good(), back);
        let (one, two) = (read(world, &kept.name).await, read(world, &merged.name).await);
        assert_eq!(one.merged, Vec::<String>::new());
        assert_eq!(said(&one, "phone").as_deref(), Some("021-55550001"), "as before");
        assert_eq!(said(&one, "fax").as_deref(), Some("021-55559001"));
        assert_eq!(said(&one, "email"), None, "it had none before");
        assert_eq!(said(&one, "website").as_deref(), Some("https://new.example.com"), "changed since");
        assert_eq!(said(&one, "name").as_deref(), Some("改名有限公司"));
        assert!(!one.fields["phone"].provenance.as_ref().unwrap().taken_over);
        assert_eq!(two.fields, read(world, &merged.name).await.fields);
        assert_eq!((two.close_time, two.number.as_str(), two.revision), (None, merged.number.as_str(), merged.revision + 2));
        // It is a file like any other.
        write(world, &merged.name, "postcode", "200000").await;
        let (one, two) = (read(world, &kept.name).await, read(world, &merged.name).await);
        world.merge(&two, &one, &[]).await.good();
        world.unmerge(&one.name).await.good();
        check::holds(world).await;
    }

    // proves: P-02, P-48
    async fn a_value_does_not_go_back_to_what_a_file_brought_that_stands_by_itself_again(world) {
        let [a, b, c] = [1, 2, 3].map(|n| world.active(n));
        let (a, b, c) = (a.await, b.await, c.await);
        let now = world.merge(&a, &b, &["phone", "address"]).await.good();
        world.merge(&now, &c, &["phone"]).await.good();
        // The telephone number is the third's by now; the address is the second's still.
        world.unmerge(&b.name).await.good();
        let one = read(world, &a.name).await;
        assert_eq!(said(&one, "phone").as_deref(), Some("021-55550003"));
        assert_eq!(said(&one, "address"), said(&read(world, &a.name).await, "address"));
        assert_eq!(said(&one, "address").as_deref(), Some("上海市黄浦区中山东路1号"));
        world.unmerge(&c.name).await.good();
        assert_eq!(said(&read(world, &a.name).await, "phone").as_deref(), Some("021-55550001"));
        // Merged again and in the other order: what the second brought stands as long as it is merged.
        let (a, b, c) = (read(world, &a.name).await, read(world, &b.name).await, read(world, &c.name).await);
        let now = world.merge(&a, &b, &["phone"]).await.good();
        world.merge(&now, &c, &["phone"]).await.good();
        world.unmerge(&c.name).await.good();
        assert_eq!(said(&read(world, &a.name).await, "phone").as_deref(), Some("021-55550002"));
        check::holds(world).await;
    }

    // proves: P-02
    async fn a_unit_that_has_another_file_meanwhile_is_not_taken_from_it(world) {
        let (kept, merged) = (world.active(1).await, world.active(2).await);
        world.merge(&kept, &merged, &[]).await.good();
        let newer = world.draft(2).await;
        let refused = world.unmerge(&merged.name).await.refused(Reason::FileUnitTaken);
        assert_eq!(refused.metadata["file"], newer.name);
        close(world, &newer.name).await;
        world.unmerge(&merged.name).await.good();
        let refused = world.create(&mut world.profile("sales-1"), company(2)).await.refused(Reason::FileUnitTaken);
        assert_eq!(refused.metadata["file"], merged.name);
        // Both at once: one has the unit.
        let (kept, merged) = (read(world, &kept.name).await, read(world, &merged.name).await);
        world.merge(&kept, &merged, &[]).await.good();
        let mut calls = world.profile("sales-1");
        let (back, made) = tokio::join!(world.unmerge(&merged.name), world.create(&mut calls, company(2)));
        assert!(back.is_ok() != made.is_ok(), "{back:?} {made:?}");
        for refused in [back.err(), made.err()].into_iter().flatten() {
            assert_eq!(Refused::of(&refused).reason, Reason::FileUnitTaken);
        }
        check::holds(world).await;
    }

    // proves: P-02, I10
    async fn a_contested_draft_is_merged_into_the_file_that_holds_its_unit_and_back(world) {
        let holder = world.at_level(1, "secret").await;
        // Who opens a file for a unit whose file they do not see gets a draft; at its level it can be merged.
        let contested = world.create(&mut world.profile("sales-1"), company(1)).await.good();
        world.classify("archivist", &contested.name, "secret").await.good();
        world.settle().await;
        let now = async |name: &str| world.read_in("archivist", name, "archive_room").await.good();
        let (one, two) = (now(&holder.name).await, now(&contested.name).await);
        let refused = world.merge(&two, &one, &[]).await.refused(Reason::MergeBlocked);
        assert!(["STATE", "UNIT_HELD"].contains(&refused.metadata["obstacle"].as_str()), "{refused:?}");
        world.merge(&one, &two, &[]).await.good();
        let back = world.unmerge(&contested.name).await.good();
        assert_eq!(back.state(), CustomerFileState::Draft);
        // As before it waits for a custodian.
        let submitted = world.submit(&back.name).await;
        assert!(submitted.is_err(), "its author sees it no more");
        world.settle().await;
        check::holds(world).await;
    }

    // proves: P-40, P-39
    async fn what_was_due_about_the_merged_file_is_due_again(world) {
        let (kept, merged) = (world.active(1).await, world.draft(2).await);
        let submitted = world.submit(&merged.name).await.good();
        let owed = |all: &[Duty]| all.iter().filter(|one| one.state() == DutyState::Open).map(|one| (one.kind.clone(), one.due_time)).collect::<Vec<_>>();
        let before = owed(&duties(world, &merged.name).await);
        assert_eq!(before.len(), 1);
        world.merge(&kept, &submitted, &[]).await.good();
        assert_eq!(owed(&duties(world, &merged.name).await), []);
        world.pass(SignedDuration::from_secs(60));
        let back = world.unmerge(&merged.name).await.good();
        assert_eq!(back.state(), CustomerFileState::Submitted);
        assert_eq!(owed(&duties(world, &merged.name).await), before, "due when it was");
        world.review("sales-manager", &back, ReviewDecision::Accept).await.good();
        assert_eq!(owed(&duties(world, &merged.name).await), []);
        check::holds(world).await;
    }

    // proves: P-02
    async fn only_what_was_merged_and_into_what_still_changes_is_taken_apart(world) {
        let (kept, merged) = (world.active(1).await, world.active(2).await);
        let refused = world.unmerge(&merged.name).await.refused(Reason::WrongState);
        assert_eq!((refused.metadata["state"].as_str(), refused.metadata["allowed"].as_str()), ("ACTIVE", "MERGED"));
        let draft = world.draft(3).await;
        close(world, &draft.name).await;
        let refused = world.unmerge(&draft.name).await.refused(Reason::WrongState);
        assert_eq!((refused.metadata["state"].as_str(), refused.metadata["allowed"].as_str()), ("CLOSED", "MERGED"));
        world.merge(&kept, &merged, &[]).await.good();
        close(world, &kept.name).await;
        let refused = world.unmerge(&merged.name).await.refused(Reason::WrongState);
        assert_eq!(refused.metadata["resource"], kept.name);
        let mut calls = world.profile("archivist").files;
        let nothing = UnmergeCustomerFilesRequest { name: merged.name.clone(), ..UnmergeCustomerFilesRequest::default() };
        assert!(calls.unmerge_customer_files(nothing).await.refused(Reason::FieldViolation).names("reason"));
        check::holds(world).await;
    }
}
