//! Approvals: steps in sequence, the content pinned, the requester excluded (A-39, A-40, I6).

use super::*;

on_both_stores! {
    // proves
    async fn steps_open_in_sequence_and_each_signature_says_who_as_what_and_on_which_content(world) {
        let asked = put(world, "analyst", "credit.limit", "").await;
        assert_eq!((asked.state(), asked.round, asked.passed_steps), (pb::ApprovalState::Pending, 1, 0));
        let refused = world.approve("gm", &asked.name).await.refused(Reason::ApprovalNotApprover);
        assert_eq!(refused.metadata["step"], "0");
        world.approve("finance-director", &asked.name).await.good();
        world.pass(SignedDuration::from_mins(5));
        let done = world.approve("gm", &asked.name).await.good();
        assert_eq!((done.state(), done.passed_steps), (pb::ApprovalState::Approved, 2));
        assert_eq!(instant(done.decide_time.as_ref()), world.now());
        for (step, (subject, post, unit)) in
            [("finance-director", "finance_director", "finance"), ("gm", "general_manager", "general-office")]
                .into_iter()
                .enumerate()
        {
            let signed = &done.decisions[step];
            assert_eq!(signed.signer, world.who(subject).await);
            assert_eq!((signed.post.as_str(), signed.unit.as_str()), (post, unit));
            assert_eq!((signed.verdict(), signed.step, signed.slot), (types::Verdict::Approve, step as i32, Some(0)));
            assert_eq!((&signed.content_digest, signed.round), (&asked.content_digest, 1));
            assert_eq!((signed.comment.as_str(), signed.acting_for.as_str()), ("同意", ""));
        }
        assert_eq!(instant(done.decisions[1].decide_time.as_ref()), world.now());
        world.approve("deputy", &asked.name).await.refused(Reason::WrongState);
        check::holds(world).await;
    }

    // proves: A-39, I6
    async fn the_requester_signs_nothing_whatever_post_he_holds(world) {
        appoint(world, "analyst", "finance_director", "finance").await;
        let asked = put(world, "analyst", "credit.limit", "").await;
        world.approve("analyst", &asked.name).await.refused(Reason::ApprovalOwnRequest);
        world.reject("analyst", &asked.name).await.refused(Reason::ApprovalOwnRequest);
        send_back(world, "analyst", &asked).await.refused(Reason::ApprovalOwnRequest);
        let untouched = world.approval("analyst", &asked.name).await.good();
        assert_eq!(untouched, asked);
        let told = refusals(world, "analyst").await;
        assert_eq!(told.len(), 3);
        assert!(told.iter().all(|one| one.resource == asked.name), "{told:?}");
    }

    // proves: A-40
    async fn only_the_content_that_was_shown_can_be_signed(world) {
        let asked = put(world, "analyst", "credit.limit", "").await;
        let mut calls = world.access("finance-director").approvals;
        let other = pb::ApproveStepRequest { content_digest: vec![8; 32], ..yes(world, &asked) };
        calls.approve_step(other).await.refused(Reason::ApprovalSubjectChanged);
        for broken in [vec![], vec![7; 31], vec![7; 33]] {
            let broken = pb::ApproveStepRequest { content_digest: broken, ..yes(world, &asked) };
            assert!(calls.approve_step(broken).await.refused(Reason::FieldViolation).names("content_digest"));
        }
        let stale = pb::ApproveStepRequest { etag: "v0".into(), ..yes(world, &asked) };
        calls.approve_step(stale).await.refused(Reason::EtagStale);
        let current = pb::ApproveStepRequest { etag: asked.etag.clone(), ..yes(world, &asked) };
        let signed = calls.approve_step(current).await.good();
        assert_ne!(signed.etag, asked.etag);
    }

    // proves: I8
    async fn a_signature_that_is_sent_again_counts_once(world) {
        let asked = put(world, "analyst", "credit.limit", "").await;
        let request = yes(world, &asked);
        let mut calls = world.access("finance-director").approvals;
        let tried = pb::ApproveStepRequest { validate_only: true, ..yes(world, &asked) };
        assert_eq!(calls.approve_step(tried).await.good().passed_steps, 1);
        assert_eq!(world.approval("gm", &asked.name).await.good(), asked);
        let first = calls.approve_step(request.clone()).await.good();
        assert_eq!(calls.approve_step(request.clone()).await.good(), first);
        let other = pb::ApproveStepRequest { reason: "别的理由".into(), ..request };
        calls.approve_step(other).await.refused(Reason::RequestIdReused);
        assert_eq!(world.approval("gm", &asked.name).await.good().decisions.len(), 1);
        check::holds(world).await;
    }

    // proves: A-39, I6
    async fn a_plan_that_distinct_humans_cannot_fill_is_refused_before_anything_is_written(world) {
        // Only the requester holds the post of the first step.
        let alone = question(world, "credit.limit", "");
        let refused = world
            .access("finance-director")
            .approvals
            .create_approval(alone)
            .await
            .refused(Reason::ApprovalUnreachable);
        assert_eq!((refused.metadata["matter"].as_str(), refused.metadata["step"].as_str()), ("credit.limit", "0"));
        // One human holds the posts of both steps.
        let simulated = pb::SimulateApprovalRequest {
            matter: "loan.unclassified".into(),
            unit: "general-office".into(),
            ..pb::SimulateApprovalRequest::default()
        };
        let simulated = world.access("sales-1").policy.simulate_approval(simulated).await.good();
        assert!(!simulated.reachable && !simulated.steps[1].reachable);
        let mut doubled = question(world, "loan.unclassified", "");
        doubled.approval.as_mut().unwrap().unit = "general-office".into();
        let refused =
            world.access("analyst").approvals.create_approval(doubled).await.refused(Reason::ApprovalUnreachable);
        assert_eq!(refused.metadata["step"], "1");
        let list = pb::ListApprovalsRequest::default();
        assert!(world.access("gm").approvals.list_approvals(list).await.good().approvals.is_empty());
    }

    // proves: A-39
    async fn one_subject_has_one_open_question(world) {
        let asked = question(world, "credit.limit", "");
        let subject = asked.approval.as_ref().unwrap().subject.clone();
        let mut calls = world.access("analyst").approvals;
        let first = calls.create_approval(asked).await.good();
        let again = || {
            let mut again = question(world, "credit.limit", "");
            again.approval.as_mut().unwrap().subject.clone_from(&subject);
            again
        };
        calls.create_approval(again()).await.refused(Reason::AlreadyExists);
        withdraw(world, "analyst", &first.name).await.good();
        calls.create_approval(again()).await.good();
    }
}
