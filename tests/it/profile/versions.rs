//! Updates and revisions (P-03, P-46, P-48).

use dossier_proto::profile::v1::{
    CustomerFile, CustomerFileRevision, GetCustomerFileRevisionRequest, ListCustomerFileRevisionsRequest,
    UpdateCustomerFileRequest,
};
use dossier_proto::types::FieldValue;
use prost_types::FieldMask;
use tonic::{Response, Status};

use crate::prelude::*;

async fn update(
    world: &World,
    subject: &str,
    file: &CustomerFile,
    key: &str,
    value: Option<FieldValue>,
) -> Result<Response<CustomerFile>, Status> {
    let fields = value.into_iter().map(|value| (key.to_owned(), value)).collect();
    let request = UpdateCustomerFileRequest {
        customer_file: Some(CustomerFile {
            name: file.name.clone(),
            etag: file.etag.clone(),
            fields,
            ..CustomerFile::default()
        }),
        update_mask: Some(FieldMask { paths: vec![format!("fields.{key}")] }),
        request_id: world.request_id(),
        reason: "客户来电告知".into(),
        ..UpdateCustomerFileRequest::default()
    };
    world.profile(subject).files.update_customer_file(request).await
}

async fn revision(
    world: &World,
    subject: &str,
    name: String,
    at: Option<jiff::Timestamp>,
) -> Result<Response<CustomerFileRevision>, Status> {
    let request = GetCustomerFileRevisionRequest {
        name,
        as_of_time: at.map(stamp),
        purpose: "audit".into(),
        ..Default::default()
    };
    world.profile(subject).files.get_customer_file_revision(request).await
}

on_both_stores! {
    // proves: P-46, P-48
    async fn every_change_makes_a_revision_and_keeps_those_before(world) {
        let file = world.active(1).await;
        let before = world.now();
        let old = world.read("sales-1", &file.name).await.good();
        world.pass(SignedDuration::from_hours(1));
        let changed = update(world, "sales-2", &file, "phone", Some(text("010-66668888"))).await.good();
        assert_eq!(changed.revision, file.revision + 1);
        assert_ne!(changed.etag, file.etag);
        let now = world.read("sales-1", &file.name).await.good();
        assert_eq!(now.fields["phone"].value, text("010-66668888").value);
        assert_eq!(now.fields["name"], old.fields["name"], "what was not named stays");
        let number = format!("{}/revisions/{}", file.name, file.revision);
        let kept = revision(world, "sales-1", number, None).await.good();
        assert_eq!(kept.customer_file.unwrap().fields["phone"], old.fields["phone"]);
        let as_of = revision(world, "sales-1", format!("{}/revisions/-", file.name), Some(before)).await.good();
        assert_eq!(as_of.revision, file.revision);
        let early = before - SignedDuration::from_hours(48);
        revision(world, "sales-1", format!("{}/revisions/-", file.name), Some(early))
            .await
            .refused(Reason::ResourceNotFound);
        revision(world, "sales-1", format!("{}/revisions/99", file.name), None).await.refused(Reason::ResourceNotFound);
        let request =
            ListCustomerFileRevisionsRequest { parent: file.name.clone(), page_size: 2, ..Default::default() };
        let mut calls = world.profile("sales-1").files;
        let page = calls.list_customer_file_revisions(request.clone()).await.good();
        assert_eq!(
            page.revisions.iter().map(|one| one.revision).collect::<Vec<_>>(),
            [changed.revision, file.revision]
        );
        assert_eq!(page.revisions[0].author, world.who("sales-2").await);
        let latest = revision(world, "sales-1", page.revisions[0].name.clone(), None).await.good();
        assert_eq!(latest.reason, "客户来电告知");
        assert!(page.revisions[0].changed_paths.contains(&"fields.phone".to_owned()), "{:?}", page.revisions[0]);
        assert!(page.revisions.iter().all(|one| one.customer_file.as_ref().is_none_or(|file| file.fields.is_empty())));
        let next = ListCustomerFileRevisionsRequest { page_token: page.next_page_token, page_size: 50, ..request };
        calls.list_customer_file_revisions(ListCustomerFileRevisionsRequest { page_size: 2, ..next }).await.good();
        check::holds(world).await;
    }

    // proves: P-46
    async fn of_two_writers_who_read_the_same_the_second_is_told(world) {
        let file = world.active(1).await;
        update(world, "sales-1", &file, "phone", Some(text("010-11112222"))).await.good();
        let refused =
            update(world, "sales-2", &file, "phone", Some(text("010-33334444"))).await.refused(Reason::EtagStale);
        assert_eq!(refused.code, tonic::Code::Aborted);
        let file = CustomerFile { etag: String::new(), ..file };
        let tries = (0..8).map(|n| {
            let file = file.clone();
            async move { update(world, "sales-1", &file, "postcode", Some(text(&format!("20000{n}")))).await }
        });
        let done = futures::future::join_all(tries).await;
        assert!(done.iter().all(Result::is_ok), "{done:?}");
        check::holds(world).await;
    }

    // proves: P-48
    async fn a_clock_that_goes_back_turns_no_revision_round_and_is_no_fault(world) {
        let file = world.active(1).await;
        world.pass(SignedDuration::from_hours(1));
        let ahead = update(world, "sales-1", &file, "website", Some(text("https://example.com"))).await.good();
        world.pass(-SignedDuration::from_mins(5));
        let behind = update(world, "sales-1", &ahead, "website", Some(text("https://example.cn"))).await.good();
        assert_eq!(behind.update_time, ahead.update_time);
        world.settle().await;
        assert_eq!(check::replayed(world).await, Vec::<String>::new());
    }

    // proves: P-03, P-46
    async fn a_field_can_be_emptied_but_not_one_that_must_never_be(world) {
        let file = world.active(1).await;
        let file = update(world, "sales-1", &file, "website", Some(text("https://example.com"))).await.good();
        let file = update(world, "sales-1", &file, "website", None).await.good();
        let read = world.read("sales-1", &file.name).await.good();
        assert!(!read.fields.contains_key("website"));
        let refused = update(world, "sales-1", &file, "name", None).await.bad();
        assert!(matches!(refused.reason, Reason::FieldViolation | Reason::FileIncomplete), "{refused:?}");
        let output_only = update(world, "sales-1", &file, "file_no", Some(text("KH-1"))).await.bad();
        assert!(matches!(output_only.reason, Reason::FieldViolation | Reason::UpdateMaskInvalid), "{output_only:?}");
    }

    async fn the_mask_names_what_exists_and_may_be_written(world) {
        let file = world.active(1).await;
        for path in ["level", "number", "fields.", "state", "nothing"] {
            let request = UpdateCustomerFileRequest {
                customer_file: Some(CustomerFile { name: file.name.clone(), ..CustomerFile::default() }),
                update_mask: Some(FieldMask { paths: vec![path.into()] }),
                request_id: world.request_id(),
                ..UpdateCustomerFileRequest::default()
            };
            let refused =
                world.profile("sales-1").files.update_customer_file(request).await.refused(Reason::UpdateMaskInvalid);
            assert_eq!(refused.metadata["path"], path);
        }
    }
}
