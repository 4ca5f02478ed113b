//! 机密: read in the archive room after approval, never lent, never copied.

use dossier_proto::profile::v1::{BatchGetCustomerFilesRequest, CustomerFile, GetCustomerFileRequest};

use super::*;

fn in_the_room(world: &World, file: &str) -> pb::RequestAccessRequest {
    pb::RequestAccessRequest { reading_place: "archive_room".into(), ..world.asking(file, AccessKind::View) }
}

async fn may_there(world: &World, subject: &str, file: &str, place: &str) -> pb::CheckAccessResponse {
    let request = pb::CheckAccessRequest {
        scope: Some(Scope::whole_file()),
        purpose: "customer_service".into(),
        file: file.to_owned(),
        kind: AccessKind::View.into(),
        reading_place: place.to_owned(),
        ..pb::CheckAccessRequest::default()
    };
    world.access(subject).requests.check_access(request).await.good()
}

async fn read_there(world: &World, subject: &str, file: &str) -> Result<tonic::Response<CustomerFile>, tonic::Status> {
    let request = GetCustomerFileRequest {
        name: file.to_owned(),
        purpose: "customer_service".into(),
        reading_place: "archive_room".into(),
    };
    world.profile(subject).files.get_customer_file(request).await
}

on_both_stores! {
    // proves: A-24
    async fn a_secret_file_is_read_in_the_archive_room_after_approval(world) {
        let file = world.at_level(1, "secret").await;
        let mut calls = world.access("sales-manager").requests;
        assert_eq!(may(world, "sales-manager", &file.name, AccessKind::View).await.reason(), pb::AccessReason::NeedToKnow);
        for place in ["", "sales_office"] {
            let elsewhere = pb::RequestAccessRequest { reading_place: place.into(), ..in_the_room(world, &file.name) };
            let refused = calls.request_access(elsewhere).await.refused(Reason::FieldViolation);
            assert!(refused.names("reading_place"), "{refused:?}");
        }
        let asked = calls.request_access(in_the_room(world, &file.name)).await.good();
        let request = asked.access_request.unwrap();
        assert_eq!(request.matter, "consult.secret");
        assert_eq!(request.duration.unwrap().seconds, 4 * 3600);
        world.approve("deputy", &request.approval).await.refused(Reason::ApprovalNotApprover);
        world.approve("gm", &request.approval).await.good();
        world.settle().await;
        let grant =
            grant_of(world, "sales-manager", &request_of(world, "sales-manager", &request.name).await.grant).await;
        assert_eq!((grant.kind(), grant.reading_place.as_str()), (AccessKind::View, "archive_room"));
        let there = may_there(world, "sales-manager", &file.name, "archive_room").await;
        assert_eq!((there.allowed, there.reason()), (true, pb::AccessReason::Grant));
        for place in ["", "sales_office"] {
            let elsewhere = may_there(world, "sales-manager", &file.name, place).await;
            assert_eq!((elsewhere.allowed, elsewhere.reason()), (false, pb::AccessReason::ReadingPlace));
        }
        let wrong = world.read("sales-manager", &file.name).await.refused(Reason::FieldViolation);
        assert!(wrong.names("reading_place"), "{wrong:?}");
        // A batch has no place: it names the file that is to be asked for alone.
        let other = world.draft(2).await;
        let batch = BatchGetCustomerFilesRequest {
            names: vec![other.name, file.name.clone()],
            purpose: "customer_service".into(),
            ..BatchGetCustomerFilesRequest::default()
        };
        let bound = world.profile("sales-manager").files.batch_get_customer_files(batch).await;
        assert!(bound.refused(Reason::FieldViolation).names("names.1"));
        read_there(world, "sales-manager", &file.name).await.good();
        world.pass(SignedDuration::from_hours(4));
        let over = may_there(world, "sales-manager", &file.name, "archive_room").await;
        assert_eq!((over.allowed, over.reason()), (false, pb::AccessReason::GrantEnded));
        world.read("sales-manager", &file.name).await.refused(Reason::ResourceNotFound);
    }

    // proves
    async fn a_secret_file_is_never_lent_and_never_copied(world) {
        let file = world.at_level(1, "secret").await;
        for subject in ["gm", "deputy", "office-director", "finance-director", "sales-manager", "archivist"] {
            for kind in [AccessKind::Original, AccessKind::Copy] {
                world.ask(subject, &file.name, kind).await.refused(Reason::AccessKindNotAllowed);
                let answer = may(world, subject, &file.name, kind).await;
                assert_eq!((answer.allowed, answer.reason()), (false, pb::AccessReason::KindNotAllowed), "{subject}");
            }
        }
        for borrower in ["gm", "deputy", "sales-manager"] {
            world.check_out(&file.name, borrower, "").await.refused(Reason::AccessKindNotAllowed);
        }
        let told = refusals(world, "sales-manager").await;
        assert!(
            told.iter().all(|one| one.resource == file.name && one.reason == "ERROR_REASON_ACCESS_KIND_NOT_ALLOWED"),
            "{told:?}"
        );
        assert_eq!(told.len(), 2);
    }

    // proves
    async fn what_was_allowed_below_is_not_lent_once_the_file_is_secret(world) {
        let file = world.at_level(1, "confidential").await;
        let grant = world.granted("sales-manager", &file.name, AccessKind::Original, &["gm"]).await;
        world.classify("archivist", &file.name, "secret").await.good();
        world.settle().await;
        world.check_out(&file.name, "sales-manager", &grant.name).await.refused(Reason::AccessKindNotAllowed);
        assert_eq!(grant_of(world, "sales-manager", &grant.name).await.state(), pb::GrantState::Revoked);
    }

    // proves: A-01, I10
    async fn whoever_is_not_cleared_is_told_that_there_is_no_such_file(world) {
        let file = world.at_level(1, "secret").await;
        for subject in ["sales-1", "sales-2", "analyst", "service-1"] {
            let mut answers = Vec::new();
            for name in [file.name.as_str(), NO_FILE] {
                let request = in_the_room(world, name).encode_to_vec();
                let method = "dossier.access.v1.AccessService/RequestAccess";
                answers.push(answer(world, Which::Access, subject, method, request, name).await);
            }
            assert_eq!(answers[0], answers[1], "{subject}");
            assert!(matches!(answers[0], Raw::Refusal(tonic::Code::NotFound, ..)), "{answers:?}");
        }
    }
}
