//! How an approval goes back, is taken back, or is refused; and what that does to a request.

use super::*;

on_both_stores! {
    // proves
    async fn what_was_sent_back_begins_again_from_the_first_step(world) {
        let asked = put(world, "analyst", "credit.limit", "").await;
        world.approve("finance-director", &asked.name).await.good();
        let returned = send_back(world, "gm", &asked).await.good();
        assert_eq!(returned.state(), pb::ApprovalState::Returned);
        assert_eq!((returned.decisions[1].verdict(), returned.decisions[1].slot), (types::Verdict::Return, None));
        world.approve("deputy", &asked.name).await.refused(Reason::WrongState);
        for other in ["gm", "finance-director"] {
            resubmit(world, other, &asked.name).await.refused(Reason::PermissionDenied);
        }
        let second = resubmit(world, "analyst", &asked.name).await.good();
        assert_eq!((second.state(), second.round, second.passed_steps), (pb::ApprovalState::Pending, 2, 0));
        // What was signed before counts no more, and stays in the record.
        world.approve("gm", &asked.name).await.refused(Reason::ApprovalNotApprover);
        world.approve("finance-director", &asked.name).await.good();
        let done = world.approve("gm", &asked.name).await.good();
        assert_eq!(done.state(), pb::ApprovalState::Approved);
        assert_eq!(done.decisions.iter().map(|one| one.round).collect::<Vec<_>>(), [1, 1, 2, 2]);
        resubmit(world, "analyst", &asked.name).await.refused(Reason::WrongState);
        check::holds(world).await;
    }

    // proves: A-39
    async fn one_no_ends_it_for_good(world) {
        let asked = put(world, "analyst", "credit.limit", "").await;
        world.reject("gm", &asked.name).await.refused(Reason::ApprovalNotApprover);
        let silent = pb::RejectApprovalRequest {
            name: asked.name.clone(),
            content_digest: asked.content_digest.clone(),
            ..pb::RejectApprovalRequest::default()
        };
        let refused = world.access("finance-director").approvals.reject_approval(silent).await.refused(Reason::FieldViolation);
        assert!(refused.names("reason"));
        let done = world.reject("finance-director", &asked.name).await.good();
        assert_eq!(done.state(), pb::ApprovalState::Rejected);
        assert!(done.decide_time.is_some());
        world.approve("gm", &asked.name).await.refused(Reason::WrongState);
        world.reject("finance-director", &asked.name).await.refused(Reason::WrongState);
        withdraw(world, "analyst", &asked.name).await.refused(Reason::WrongState);
        resubmit(world, "analyst", &asked.name).await.refused(Reason::WrongState);
    }

    // proves: A-39
    async fn only_the_requester_takes_it_back(world) {
        let asked = put(world, "analyst", "credit.limit", "").await;
        for other in ["finance-director", "gm", "auditor"] {
            withdraw(world, other, &asked.name).await.refused(Reason::PermissionDenied);
        }
        withdraw(world, "sales-1", &asked.name).await.refused(Reason::ResourceNotFound);
        let gone = withdraw(world, "analyst", &asked.name).await.good();
        assert_eq!(gone.state(), pb::ApprovalState::Withdrawn);
        world.approve("finance-director", &asked.name).await.refused(Reason::WrongState);
        withdraw(world, "analyst", &asked.name).await.refused(Reason::WrongState);
    }

    // proves
    async fn a_request_goes_back_and_forth_with_its_approval(world) {
        let file = world.at_level(1, "confidential").await;
        let request = world.ask("sales-2", &file.name, AccessKind::View).await.good().access_request.unwrap();
        let approval = world.approval("gm", &request.approval).await.good();
        send_back(world, "gm", &approval).await.good();
        let returned = request_of(world, "sales-2", &request.name).await;
        assert_eq!(returned.state(), pb::AccessRequestState::Returned);
        resubmit(world, "sales-2", &approval.name).await.good();
        assert_eq!(request_of(world, "sales-2", &request.name).await.state(), pb::AccessRequestState::Pending);
        world.approve("deputy", &approval.name).await.good();
        let granted = request_of(world, "sales-2", &request.name).await;
        assert_eq!(granted.state(), pb::AccessRequestState::Granted);
        world.settle().await;
        world.read("sales-2", &file.name).await.good();
        check::holds(world).await;
    }

    // proves
    async fn a_no_refuses_the_request_and_gives_no_right(world) {
        let file = world.at_level(1, "confidential").await;
        let request = world.ask("sales-2", &file.name, AccessKind::View).await.good().access_request.unwrap();
        world.reject("deputy", &request.approval).await.good();
        let refused = request_of(world, "sales-2", &request.name).await;
        assert_eq!((refused.state(), refused.grant.as_str()), (pb::AccessRequestState::Refused, ""));
        assert!(refused.decide_time.is_some());
        world.settle().await;
        world.read("sales-2", &file.name).await.refused(Reason::ResourceNotFound);
        // It may be asked again.
        world.ask("sales-2", &file.name, AccessKind::View).await.good();
    }
}
