//! 秘密: lent for at most 4 hours from the hand-out, on a yes of the general manager or the deputy.

use super::*;

on_both_stores! {
    // proves
    async fn four_hours_count_from_the_hand_out(world) {
        let file = world.at_level(1, "confidential").await;
        let grant = world.granted("sales-2", &file.name, AccessKind::Original, &["gm"]).await;
        assert_eq!(grant.loan_duration.unwrap().seconds, 4 * 3600);
        world.pass(SignedDuration::from_mins(90));
        let out_at = world.now();
        let loan = world.check_out(&file.name, "sales-2", &grant.name).await.good();
        assert_eq!(instant(loan.check_out_time.as_ref()), out_at);
        assert_eq!(instant(loan.due_time.as_ref()), out_at + SignedDuration::from_hours(4));
        world.settle().await;
        // The file is read on the loan as long as the loan lasts.
        world.pass(SignedDuration::from_mins(4 * 60 - 1));
        world.read("sales-2", &file.name).await.good();
        assert!(!loan_of(world, "sales-2", &loan.name).await.overdue);
        world.pass(SignedDuration::from_mins(2));
        world.read("sales-2", &file.name).await.refused(Reason::ResourceNotFound);
        assert!(loan_of(world, "sales-2", &loan.name).await.overdue);
    }

    // proves: A-25
    async fn longer_than_four_hours_is_refused(world) {
        let file = world.at_level(1, "confidential").await;
        let longer = prost_types::Duration { seconds: 4 * 3600 + 1, nanos: 0 };
        let mut calls = world.access("sales-2").requests;
        for kind in [AccessKind::Original, AccessKind::View] {
            let request = pb::RequestAccessRequest { duration: Some(longer), ..world.asking(&file.name, kind) };
            let refused = calls.request_access(request).await.refused(Reason::LoanTooLong);
            assert_eq!(refused.metadata["longest_seconds"], "14400");
        }
        let request =
            pb::RequestAccessRequest { duration: Some(hours(2)), ..world.asking(&file.name, AccessKind::Original) };
        let request = calls.request_access(request).await.good().access_request.unwrap();
        world.approve("gm", &request.approval).await.good();
        let grant = request_of(world, "sales-2", &request.name).await.grant;
        // Neither beyond the level nor beyond what was asked for and approved.
        for term in [longer, hours(3)] {
            let order =
                pb::CheckOutItemsRequest { duration: Some(term), ..world.handing_out(&file.name, "sales-2", &grant).await };
            world.access("archivist").loans.check_out_items(order).await.refused(Reason::LoanTooLong);
        }
        let loan = world.check_out(&file.name, "sales-2", &grant).await.good();
        assert_eq!(instant(loan.due_time.as_ref()), world.now() + SignedDuration::from_hours(2));
        let renew = pb::RenewLoanRequest {
            name: loan.name,
            duration: Some(hours(4)),
            request_id: world.request_id(),
            reason: "还需要查阅".into(),
            ..pb::RenewLoanRequest::default()
        };
        world.access("archivist").loans.renew_loan(renew).await.refused(Reason::RenewalRefused);
        // Who asked for longer and who would have handed it out is on record.
        for (subject, action) in [("sales-2", "access.request"), ("archivist", "loan.check_out")] {
            let told = refusals(world, subject).await;
            let long = |one: &AccessRefused| one.reason == "ERROR_REASON_LOAN_TOO_LONG" && one.action == action;
            let told = told.iter().filter(|one| one.resource == file.name && long(one)).count();
            assert_eq!(told, 2, "{subject}");
        }
    }

    // proves: A-25
    async fn the_general_manager_or_the_deputy_says_yes_and_nobody_else(world) {
        let file = world.at_level(1, "confidential").await;
        for (requester, approver) in [("sales-2", "gm"), ("analyst", "deputy")] {
            let asked = world.ask(requester, &file.name, AccessKind::Original).await.good();
            assert!(asked.reachable && !asked.direct_borrowing);
            let request = asked.access_request.unwrap();
            assert_eq!((request.matter.as_str(), request.level.as_str()), ("loan.confidential", "confidential"));
            for other in ["office-director", "sales-manager", "archivist", "finance-director"] {
                let refused = world.approve(other, &request.approval).await.bad();
                let known = [Reason::ApprovalNotApprover, Reason::ResourceNotFound];
                assert!(known.contains(&refused.reason), "{other}: {refused:?}");
            }
            let done = world.approve(approver, &request.approval).await.good();
            assert_eq!(done.state(), pb::ApprovalState::Approved);
            let request = request_of(world, requester, &request.name).await;
            assert_eq!(request.state(), pb::AccessRequestState::Granted);
            assert!(!request.grant.is_empty() && request.decide_time.is_some());
        }
    }

    // proves
    async fn executives_have_no_shortcut_to_a_confidential_file(world) {
        let file = world.at_level(1, "confidential").await;
        for borrower in ["gm", "deputy", "office-director", "finance-director"] {
            let refused = world.check_out(&file.name, borrower, "").await.refused(Reason::ApprovalMissing);
            assert_eq!(refused.metadata["matter"], "loan.confidential");
            assert_ne!(may(world, borrower, &file.name, AccessKind::Original).await.reason(), pb::AccessReason::Executive);
        }
        let asked = world.ask("gm", &file.name, AccessKind::Original).await.good();
        assert!(!asked.direct_borrowing);
        let request = asked.access_request.unwrap();
        world.approve("gm", &request.approval).await.refused(Reason::ApprovalOwnRequest);
        world.approve("deputy", &request.approval).await.good();
        let grant = request_of(world, "gm", &request.name).await.grant;
        let loan = world.check_out(&file.name, "gm", &grant).await.good();
        assert_eq!(instant(loan.due_time.as_ref()), world.now() + SignedDuration::from_hours(4));
        check::holds(world).await;
    }
}
