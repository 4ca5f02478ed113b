//! Without level: executives borrow directly from the administrator, everybody else applies.

use super::*;

const EXECUTIVES: [&str; 4] = ["gm", "deputy", "office-director", "finance-director"];

on_both_stores! {
    // proves
    async fn executives_borrow_from_the_administrator_with_an_entry_in_the_ledger(world) {
        let file = world.active(1).await;
        for subject in EXECUTIVES {
            let asked = world.ask(subject, &file.name, AccessKind::Original).await.good();
            assert!(asked.direct_borrowing && asked.access_request.is_none() && asked.steps.is_empty(), "{subject}");
            let answer = may(world, subject, &file.name, AccessKind::Original).await;
            assert_eq!((answer.allowed, answer.reason()), (true, pb::AccessReason::Executive), "{subject}");
            let loan = world.check_out(&file.name, subject, "").await.good();
            assert_eq!(loan.borrower, world.who(subject).await);
            assert_eq!(loan.handed_out_by, world.who("archivist").await);
            assert!(loan.grant.is_empty() && !loan.justification.is_empty() && loan.purpose.is_empty());
            let entry = heard(world, "loan.checked_out", &loan.name).await;
            assert_eq!(entry.actor, loan.handed_out_by);
            world.take_back(&loan, dossier_tests::scene::sound(&loan)).await.good();
        }
        let request = pb::ListLoansRequest { filter: format!("file = \"{}\"", file.name), ..Default::default() };
        let ledger = world.access("archivist").loans.list_loans(request).await.good().loans;
        assert_eq!(ledger.len(), EXECUTIVES.len());
    }

    // proves: A-28
    async fn also_an_executive_goes_through_the_administrator(world) {
        let file = world.active(1).await;
        for subject in EXECUTIVES {
            let order = world.handing_out(&file.name, subject, "").await;
            world.access(subject).loans.check_out_items(order).await.refused(Reason::PermissionDenied);
        }
        let order = pb::CheckOutItemsRequest { justification: String::new(), ..world.handing_out(&file.name, "gm", "").await };
        let refused = world.access("archivist").loans.check_out_items(order).await.refused(Reason::FieldViolation);
        assert!(refused.names("justification"));
        // The administrator themselves is no executive, and hands nothing to themselves.
        world.check_out(&file.name, "archivist", "").await.refused(Reason::BorrowerInvolved);
    }

    // proves: A-26
    async fn everybody_else_applies_to_the_department_manager_and_then_the_office_director(world) {
        let file = world.active(1).await;
        let asked = world.ask("sales-2", &file.name, AccessKind::Original).await.good();
        assert!(!asked.direct_borrowing);
        let posts: Vec<_> = asked.steps.iter().map(|one| one.step.as_ref().unwrap().slots[0].posts.clone()).collect();
        assert_eq!(posts, [["department_manager"], ["office_director"]]);
        let request = asked.access_request.unwrap();
        world.approve("office-director", &request.approval).await.refused(Reason::ApprovalNotApprover);
        let half = world.approve("sales-manager", &request.approval).await.good();
        assert_eq!((half.state(), half.passed_steps), (pb::ApprovalState::Pending, 1));
        assert_eq!(request_of(world, "sales-2", &request.name).await.state(), pb::AccessRequestState::Pending);
        world.approve("office-director", &request.approval).await.good();
        let grant = request_of(world, "sales-2", &request.name).await.grant;
        let loan = world.check_out(&file.name, "sales-2", &grant).await.good();
        assert_eq!((loan.grant.as_str(), loan.level.as_str()), (grant.as_str(), "none"));
        let used = world.check_out(&file.name, "sales-2", &grant).await.bad();
        assert!([Reason::OriginalOut, Reason::GrantNotCurrent].contains(&used.reason), "{used:?}");
    }

    // proves
    async fn without_a_right_of_his_own_nobody_else_is_handed_an_original(world) {
        let file = world.active(1).await;
        for borrower in ["sales-2", "sales-manager", "analyst", "auditor"] {
            world.check_out(&file.name, borrower, "").await.refused(Reason::ApprovalMissing);
        }
        let told = refusals(world, "archivist").await;
        assert_eq!(told.iter().filter(|one| one.reason == "ERROR_REASON_APPROVAL_MISSING").count(), 4, "{told:?}");
        let grant = world.granted("sales-2", &file.name, AccessKind::Original, &["sales-manager", "office-director"]).await;
        world.check_out(&file.name, "sales-1", &grant.name).await.refused(Reason::ResourceNotFound);
        let other = world.active(2).await;
        world.check_out(&other.name, "sales-2", &grant.name).await.refused(Reason::ResourceNotFound);
        let request = pb::ListLoansRequest::default();
        assert!(world.access("archivist").loans.list_loans(request).await.good().loans.is_empty());
    }
}
