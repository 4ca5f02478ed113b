//! Two processes on one store: what is signed at once on both counts once (I6, I8).

use super::*;

/// One yes of `subject` through each of the two processes at the same time.
async fn at_once(world: &World, other: &Replica, subjects: [&str; 2], asked: &pb::Approval) -> Vec<Option<Reason>> {
    let (mut here, mut there) = (world.access(subjects[0]).approvals, other.access(subjects[1]).approvals);
    let (one, two) = (yes(world, asked), yes(world, asked));
    let (one, two) = tokio::join!(here.approve_step(one), there.approve_step(two));
    [one, two].into_iter().map(|answer| answer.err().map(|status| Refused::of(&status).reason)).collect()
}

on_both_stores! {
    // proves: A-39, I6
    async fn one_human_on_two_replicas_fills_one_slot(world) {
        let other = world.replica().await;
        appoint(world, "deputy", "finance_director", "finance").await;
        for _ in 0..4 {
            let asked = put(world, "analyst", "credit.limit", "").await;
            let mut answers = at_once(world, &other, ["deputy", "deputy"], &asked).await;
            answers.sort_by_key(Option::is_some);
            assert_eq!(answers, [None, Some(Reason::ApprovalVoiceUsed)]);
            let after = world.approval("gm", &asked.name).await.good();
            assert_eq!((after.decisions.len(), after.passed_steps), (1, 1));
        }
        other.stop().await;
        check::holds(world).await;
    }

    // proves: A-38, I6
    async fn delegator_and_delegate_on_two_replicas_are_one_voice(world) {
        let other = world.replica().await;
        world.letter("office-director").await.good();
        for _ in 0..4 {
            let asked = put(world, "sales-manager", "loan.confidential", "confidential").await;
            let mut answers = at_once(world, &other, ["gm", "office-director"], &asked).await;
            answers.sort_by_key(Option::is_some);
            assert_eq!(answers, [None, Some(Reason::WrongState)]);
            assert_eq!(world.approval("gm", &asked.name).await.good().decisions.len(), 1);
        }
        other.stop().await;
        check::holds(world).await;
    }

    // proves: A-39
    async fn a_yes_and_a_no_at_once_give_one_outcome(world) {
        let other = world.replica().await;
        let file = world.at_level(1, "confidential").await;
        let request = world.ask("sales-2", &file.name, AccessKind::View).await.good().access_request.unwrap();
        let approval = world.approval("gm", &request.approval).await.good();
        let no = pb::RejectApprovalRequest {
            name: approval.name.clone(),
            content_digest: approval.content_digest.clone(),
            request_id: world.request_id(),
            reason: "不符合工作需要".into(),
            ..pb::RejectApprovalRequest::default()
        };
        let (mut here, mut there) = (world.access("gm").approvals, other.access("deputy").approvals);
        let (one, two) = tokio::join!(here.approve_step(yes(world, &approval)), there.reject_approval(no));
        assert_eq!(usize::from(one.is_ok()) + usize::from(two.is_ok()), 1);
        let (request, approval) =
            (request_of(world, "sales-2", &request.name).await, world.approval("gm", &approval.name).await.good());
        let (expected, outcome) = match one.is_ok() {
            true => (pb::AccessRequestState::Granted, pb::ApprovalState::Approved),
            false => (pb::AccessRequestState::Refused, pb::ApprovalState::Rejected),
        };
        assert_eq!((request.state(), approval.state()), (expected, outcome));
        other.stop().await;
        check::holds(world).await;
    }

    // proves: A-42
    async fn a_watcher_on_one_replica_hears_what_is_signed_on_the_other(world) {
        let other = world.replica().await;
        let asked = put(world, "analyst", "credit.limit", "").await;
        let watch = pb::WatchApprovalRequest { name: asked.name.clone() };
        let mut stream = other.access("analyst").approvals.watch_approval(watch).await.good();
        stream.message().await.unwrap().expect("the present state");
        world.reject("finance-director", &asked.name).await.good();
        let next = tokio::time::timeout(Duration::from_secs(20), stream.message()).await.expect("it is told in time");
        assert_eq!(next.unwrap().unwrap().approval.unwrap().state(), pb::ApprovalState::Rejected);
        drop(stream);
        other.stop().await;
    }

    // proves: A-42
    async fn taking_back_and_saying_yes_at_once_give_one_outcome(world) {
        let other = world.replica().await;
        let file = world.at_level(1, "confidential").await;
        for _ in 0..4 {
            let request = world.ask("sales-2", &file.name, AccessKind::View).await.good().access_request.unwrap();
            let approval = world.approval("gm", &request.approval).await.good();
            let cancel = pb::CancelAccessRequestRequest {
                name: request.name.clone(),
                request_id: world.request_id(),
                ..pb::CancelAccessRequestRequest::default()
            };
            let (mut here, mut there) = (world.access("sales-2").requests, other.access("gm").approvals);
            let (gone, signed) = tokio::join!(here.cancel_access_request(cancel), there.approve_step(yes(world, &approval)));
            let after = request_of(world, "sales-2", &request.name).await;
            let expected = match (gone, signed) {
                (Ok(_), signed) => {
                    signed.refused(Reason::WrongState);
                    pb::AccessRequestState::Cancelled
                }
                (gone, signed) => {
                    gone.refused(Reason::WrongState);
                    signed.good();
                    pb::AccessRequestState::Granted
                }
            };
            assert_eq!(
                (after.state(), after.grant.is_empty()),
                (expected, expected == pb::AccessRequestState::Cancelled)
            );
        }
        other.stop().await;
        check::holds(world).await;
    }
}
