//! Asking for a right to a file.

use super::*;

async fn all_of(world: &World, subject: &str) -> Vec<pb::AccessRequest> {
    let request = pb::ListAccessRequestsRequest::default();
    world.access(subject).requests.list_access_requests(request).await.good().access_requests
}

fn cancelling(world: &World, name: &str) -> pb::CancelAccessRequestRequest {
    let (name, request_id) = (name.to_owned(), world.request_id());
    pb::CancelAccessRequestRequest { name, request_id, ..pb::CancelAccessRequestRequest::default() }
}

on_both_stores! {
    // proves: A-04
    async fn a_request_without_a_business_reason_is_refused_and_the_refusal_recorded(world) {
        let file = world.at_level(1, "confidential").await;
        let asked = world.asking(&file.name, AccessKind::View);
        let mut calls = world.access("sales-2").requests;
        for (reason, purpose) in [
            ("", "customer_service"),
            ("看看", "customer_service"),
            ("      ", "customer_service"),
            ("朋友想了解这家客户的情况", "private_favour"),
            ("处理客户的售后服务申请", ""),
        ] {
            let request = pb::RequestAccessRequest {
                justification: reason.into(),
                purpose: purpose.into(),
                request_id: String::new(),
                ..asked.clone()
            };
            calls.request_access(request).await.refused(Reason::RequestNotWorkRelated);
        }
        assert!(all_of(world, "sales-2").await.is_empty());
        let told = refusals(world, "sales-2").await;
        assert_eq!(told.len(), 5);
        for one in told {
            assert_eq!((one.resource.as_str(), one.action.as_str()), (file.name.as_str(), "access.request"));
            assert_eq!(one.reason, "ERROR_REASON_REQUEST_NOT_WORK_RELATED");
        }
    }

    // proves: A-01
    async fn nothing_is_allowed_by_default_and_every_refused_attempt_is_recorded(world) {
        let file = world.at_level(1, "secret").await;
        // No post with the action.
        world.ask("auditor", &file.name, AccessKind::View).await.refused(Reason::PermissionDenied);
        // Not cleared.
        world.ask("sales-2", &file.name, AccessKind::View).await.refused(Reason::ResourceNotFound);
        // Not theirs to hand out, to demand or to switch off.
        let order = world.handing_out(&file.name, "gm", "").await;
        world.access("sales-2").loans.check_out_items(order).await.refused(Reason::PermissionDenied);
        let person = pb::Person { subject: "new".into(), display_name: "新".into(), ..pb::Person::default() };
        let person = pb::CreatePersonRequest { person: Some(person), ..pb::CreatePersonRequest::default() };
        world.access("sales-2").directory.create_person(person).await.refused(Reason::PermissionDenied);
        let told: Vec<_> = refusals(world, "sales-2").await.into_iter().map(|one| (one.action, one.reason)).collect();
        let expected = [
            ("access.request", "ERROR_REASON_RESOURCE_NOT_FOUND"),
            ("loan.check_out", "ERROR_REASON_PERMISSION_DENIED"),
            ("directory.manage", "ERROR_REASON_PERMISSION_DENIED"),
        ];
        assert_eq!(told, expected.map(|(action, reason)| (action.to_owned(), reason.to_owned())));
        assert_eq!(refusals(world, "auditor").await.len(), 1);
        // Somebody whom the directory does not know.
        let mut stranger = world.access("nobody").requests;
        stranger.request_access(world.asking(&file.name, AccessKind::View)).await.refused(Reason::PersonUnknown);
    }

    // proves
    async fn trying_a_request_answers_plan_approvers_and_longest_term_and_changes_nothing(world) {
        let file = world.at_level(1, "confidential").await;
        let before = entries(world).await;
        let request = pb::RequestAccessRequest { validate_only: true, ..world.asking(&file.name, AccessKind::Original) };
        let tried = world.access("sales-2").requests.request_access(request.clone()).await.good();
        let longest = tried.longest_term.unwrap();
        assert_eq!((longest.count, longest.unit()), (4, types::TermUnit::Hours));
        assert_eq!(instant(tried.longest_until.as_ref()), world.now() + SignedDuration::from_hours(4));
        assert!(tried.reachable && !tried.direct_borrowing);
        let eligible =
            tried.steps[0].slots[0].candidates.iter().filter(|one| one.eligible).map(|one| one.person.clone());
        let mut approvers = [world.who("gm").await, world.who("deputy").await];
        let mut eligible: Vec<_> = eligible.collect();
        approvers.sort();
        eligible.sort();
        assert_eq!(eligible, approvers);
        let shown = tried.access_request.unwrap();
        assert_eq!(
            (shown.name.as_str(), shown.approval.as_str(), shown.matter.as_str()),
            ("", "", "loan.confidential")
        );
        assert!(all_of(world, "sales-2").await.is_empty());
        assert!(
            world
                .access("gm")
                .approvals
                .list_approvals(pb::ListApprovalsRequest::default())
                .await
                .good()
                .approvals
                .is_empty()
        );
        assert_eq!(entries(world).await, before);
        // The id of what was only tried is still free.
        let done = pb::RequestAccessRequest { validate_only: false, ..request };
        world.access("sales-2").requests.request_access(done).await.good();
    }

    // proves: A-42
    async fn the_requester_takes_a_request_back(world) {
        let file = world.at_level(1, "confidential").await;
        let request = world.ask("sales-2", &file.name, AccessKind::View).await.good().access_request.unwrap();
        let double = world.ask("sales-2", &file.name, AccessKind::View).await.refused(Reason::AlreadyExists);
        assert_eq!(double.metadata["resource"], request.name);
        let mut others = world.access("sales-1").requests;
        others.cancel_access_request(cancelling(world, &request.name)).await.refused(Reason::ResourceNotFound);
        let mut manager = world.access("sales-manager").requests;
        manager.cancel_access_request(cancelling(world, &request.name)).await.refused(Reason::PermissionDenied);
        let mut calls = world.access("sales-2").requests;
        let stale = pb::CancelAccessRequestRequest { etag: "v0".into(), ..cancelling(world, &request.name) };
        calls.cancel_access_request(stale).await.refused(Reason::EtagStale);
        world.pass(SignedDuration::from_hours(1));
        let gone = calls.cancel_access_request(cancelling(world, &request.name)).await.good();
        assert_eq!((request.update_time, instant(gone.update_time.as_ref())), (request.create_time, world.now()));
        assert_eq!(gone.state(), pb::AccessRequestState::Cancelled);
        let approval = world.approval("gm", &request.approval).await.good();
        assert_eq!(approval.state(), pb::ApprovalState::Withdrawn);
        world.approve("gm", &request.approval).await.refused(Reason::WrongState);
        calls.cancel_access_request(cancelling(world, &request.name)).await.refused(Reason::WrongState);
        // It stays on record, and asking again is another request.
        let again = world.ask("sales-2", &file.name, AccessKind::View).await.good().access_request.unwrap();
        assert_eq!(
            all_of(world, "sales-2").await.iter().map(|one| &one.name).collect::<Vec<_>>(),
            [&again.name, &request.name]
        );
        check::holds(world).await;
    }

    // proves: I8
    async fn a_request_that_is_sent_again_is_one_request(world) {
        let file = world.at_level(1, "confidential").await;
        let request = world.asking(&file.name, AccessKind::View);
        let mut calls = world.access("sales-2").requests;
        let first = calls.request_access(request.clone()).await.good();
        assert_eq!(calls.request_access(request.clone()).await.good(), first);
        let other = pb::RequestAccessRequest { purpose: "audit".into(), ..request };
        calls.request_access(other).await.refused(Reason::RequestIdReused);
        assert_eq!(all_of(world, "sales-2").await.len(), 1);
    }

    // proves: A-42
    async fn a_request_is_seen_by_its_requester_its_approvers_and_who_checks_access(world) {
        let file = world.at_level(1, "confidential").await;
        let request = world.ask("sales-2", &file.name, AccessKind::View).await.good().access_request.unwrap();
        for close in ["sales-2", "gm", "deputy", "archivist", "office-director"] {
            assert_eq!(request_of(world, close, &request.name).await, request, "{close}");
        }
        for other in ["sales-1", "analyst", "service-1"] {
            let get = pb::GetAccessRequestRequest { name: request.name.clone() };
            world.access(other).requests.get_access_request(get).await.refused(Reason::ResourceNotFound);
            assert!(all_of(world, other).await.is_empty(), "{other}");
        }
        // The auditor checks access, but only as far as their clearance reaches.
        assert!(all_of(world, "auditor").await.is_empty());
    }

    // proves: A-04
    async fn only_a_file_in_force_is_asked_for(world) {
        let draft = world.draft(1).await;
        world.settle().await;
        world.ask("sales-2", &draft.name, AccessKind::View).await.refused(Reason::WrongState);
        world.ask("sales-2", NO_FILE, AccessKind::View).await.refused(Reason::ResourceNotFound);
    }
}
