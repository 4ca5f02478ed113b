//! From the draft to the closed file.

use dossier_proto::profile::v1::{
    CloseCustomerFileRequest, CreateCustomerFileRequest, CustomerFile, CustomerFileState, ReviewDecision,
    UpdateCustomerFileRequest,
};
use dossier_proto::types::CustomerType;
use dossier_tests::scene::company;
use prost_types::FieldMask;

use crate::prelude::*;

async fn close(world: &World, name: &str, reason: &str) -> Result<tonic::Response<CustomerFile>, tonic::Status> {
    let (name, request_id, reason) = (name.to_owned(), world.request_id(), reason.to_owned());
    let request = CloseCustomerFileRequest { name, request_id, reason, ..CloseCustomerFileRequest::default() };
    world.profile("archivist").files.close_customer_file(request).await
}

on_both_stores! {
    // proves: P-01
    async fn a_file_goes_from_draft_to_closed_and_nowhere_else(world) {
        let draft = world.draft(1).await;
        assert_eq!((draft.state(), draft.revision, draft.number.as_str()), (CustomerFileState::Draft, 1, ""));
        assert!(draft.name.starts_with("files/"));
        world.activate(&draft.name).await.refused(Reason::WrongState);
        world.review("sales-manager", &draft, ReviewDecision::Accept).await.refused(Reason::WrongState);
        let submitted = world.submit(&draft.name).await.good();
        assert_eq!(submitted.state(), CustomerFileState::Submitted);
        world.submit(&draft.name).await.refused(Reason::WrongState);
        let reviewed = world.review("sales-manager", &submitted, ReviewDecision::Accept).await.good();
        assert_eq!(reviewed.state(), CustomerFileState::Reviewed);
        let active = world.activate(&draft.name).await.good();
        assert_eq!(active.state(), CustomerFileState::Active);
        assert!(active.activate_time.is_some() && !active.number.is_empty() && !active.customer_number.is_empty());
        let closed = close(world, &draft.name, "合作终止").await.good();
        assert_eq!(closed.state(), CustomerFileState::Closed);
        close(world, &draft.name, "再次").await.refused(Reason::WrongState);
        // Nothing is deleted: it is read as before.
        assert_eq!(world.read("sales-1", &draft.name).await.good().fields["name"], draft.fields["name"]);
        check::holds(world).await;
    }

    // proves: P-02
    async fn a_unit_has_at_most_one_open_file(world) {
        let first = world.draft(1).await;
        let mut calls = world.profile("sales-2");
        let refused = world.create(&mut calls, company(1)).await.refused(Reason::FileUnitTaken);
        assert_eq!(refused.metadata.get("file"), Some(&first.name));
        // Written otherwise it is the same unit.
        let spaced = CustomerFile { unit_ref: " ref-000001 ".into(), ..company(1) };
        let outcome = world.create(&mut calls, spaced).await;
        if let Ok(other) = &outcome {
            assert_ne!(other.get_ref().unit_ref, first.unit_ref);
        }
        close(world, &first.name, "重复建档").await.good();
        world.create(&mut calls, company(1)).await.good();
        check::holds(world).await;
    }

    // proves: P-02, I8
    async fn of_many_at_once_one_gets_the_unit(world) {
        let tries = (0..12).map(|_| async { world.create(&mut world.profile("sales-1"), company(1)).await });
        let outcomes = futures::future::join_all(tries).await;
        assert_eq!(outcomes.iter().filter(|one| one.is_ok()).count(), 1);
        for refused in outcomes.into_iter().filter(Result::is_err) {
            refused.refused(Reason::FileUnitTaken);
        }
        check::holds(world).await;
    }

    // proves: P-04
    async fn the_customer_type_is_demanded_and_stays_after_activation(world) {
        let none = CustomerFile { customer_type: 0, ..company(1) };
        let refused = world.create(&mut world.profile("sales-1"), none).await.refused(Reason::FieldViolation);
        assert!(refused.fields.iter().any(|field| field.contains("customer_type")), "{refused:?}");
        let draft = world.draft(1).await;
        let change = |file: &CustomerFile| UpdateCustomerFileRequest {
            customer_file: Some(CustomerFile { customer_type: CustomerType::SoleTrader.into(), ..file.clone() }),
            update_mask: Some(FieldMask { paths: vec!["customer_type".into()] }),
            request_id: world.request_id(),
            ..UpdateCustomerFileRequest::default()
        };
        let changed = world.profile("sales-1").files.update_customer_file(change(&draft)).await.good();
        assert_eq!(changed.customer_type(), CustomerType::SoleTrader);
        let active = world.active(2).await;
        let refused = world.profile("sales-1").files.update_customer_file(change(&active)).await.bad();
        assert!(
            matches!(refused.reason, Reason::WrongState | Reason::UpdateMaskInvalid | Reason::FieldViolation),
            "{refused:?}"
        );
    }

    // proves: P-40
    async fn a_review_is_by_the_named_post_and_never_by_who_wrote_it(world) {
        // The sales manager writes and submits one themselves.
        let mut manager = world.profile("sales-manager");
        let own = world.create(&mut manager, company(1)).await.good();
        let request = dossier_proto::profile::v1::SubmitCustomerFileRequest {
            name: own.name.clone(),
            request_id: world.request_id(),
            ..Default::default()
        };
        let own = manager.files.submit_customer_file(request).await.good();
        world.review("sales-manager", &own, ReviewDecision::Accept).await.refused(Reason::ReviewerInvolved);
        world.review("sales-2", &own, ReviewDecision::Accept).await.refused(Reason::PermissionDenied);
        // Another department's manager does not even see it.
        world.review("service-manager", &own, ReviewDecision::Accept).await.refused(Reason::ResourceNotFound);
        // The office director reviews in their own unit only; a second manager of sales does.
        world.review("office-director", &own, ReviewDecision::Accept).await.refused(Reason::PermissionDenied);
        world.appoint("sales-2", "department_manager", "sales").await;
        world.settle().await;
        world.review("sales-2", &own, ReviewDecision::Accept).await.good();
    }

    // proves: P-40
    async fn a_review_that_sends_back_says_why_and_makes_a_draft(world) {
        let draft = world.draft(1).await;
        let submitted = world.submit(&draft.name).await.good();
        let request = dossier_proto::profile::v1::ReviewCustomerFileRequest {
            name: submitted.name.clone(),
            decision: ReviewDecision::SendBack.into(),
            etag: submitted.etag.clone(),
            request_id: world.request_id(),
            ..Default::default()
        };
        let mut manager = world.profile("sales-manager").files;
        assert!(manager.review_customer_file(request.clone()).await.refused(Reason::FieldViolation).names("reason"));
        let stale = dossier_proto::profile::v1::ReviewCustomerFileRequest {
            etag: draft.etag,
            reason: "缺联系人".into(),
            request_id: world.request_id(),
            ..request.clone()
        };
        manager.review_customer_file(stale).await.refused(Reason::EtagStale);
        let back = world.review("sales-manager", &submitted, ReviewDecision::SendBack).await.good();
        assert_eq!(back.state(), CustomerFileState::Draft);
        let again = world.submit(&back.name).await.good();
        world.review("sales-manager", &again, ReviewDecision::Accept).await.good();
    }

    async fn a_call_that_only_validates_changes_nothing(world) {
        let mut calls = world.profile("sales-1");
        let request = CreateCustomerFileRequest {
            customer_file: Some(company(1)),
            request_id: world.request_id(),
            validate_only: true,
            reason: String::new(),
        };
        calls.files.create_customer_file(request.clone()).await.good();
        // The same request id is still free for the real call.
        let real = CreateCustomerFileRequest { validate_only: false, ..request };
        let made = calls.files.create_customer_file(real).await.good();
        assert_eq!(made.revision, 1);
        check::holds(world).await;
    }

    // proves: P-30
    async fn a_template_shapes_the_file_and_an_unknown_one_is_refused(world) {
        let mut calls = world.profile("sales-1");
        let request =
            dossier_proto::profile::v1::GetTemplateRequest { name: "templates/customer_core".into(), version: 0 };
        let template = calls.templates.get_template(request).await.good();
        assert_eq!(template.name, "templates/customer_core");
        let listed =
            calls.templates.list_templates(dossier_proto::profile::v1::ListTemplatesRequest::default()).await.good();
        assert!(listed.templates.iter().any(|one| one.name == template.name));
        let missing = dossier_proto::profile::v1::GetTemplateRequest { name: "templates/nothing".into(), version: 0 };
        calls.templates.get_template(missing).await.refused(Reason::ResourceNotFound);
        let other = CustomerFile { template: "templates/nothing".into(), ..company(1) };
        world.create(&mut calls, other).await.refused(Reason::ResourceNotFound);
        let mut file = company(1);
        file.fields.insert("no_such_field".into(), text("x"));
        let refused = world.create(&mut calls, file).await.refused(Reason::FieldViolation);
        assert!(refused.fields.iter().any(|field| field.contains("no_such_field")), "{refused:?}");
        let elsewhere = CustomerFile { unit: "nowhere".into(), ..company(1) };
        let refused = world.create(&mut calls, elsewhere).await.bad();
        assert!(matches!(refused.reason, Reason::ResourceNotFound | Reason::FieldViolation), "{refused:?}");
    }
}
