//! Who sees an approval, who it waits for, and what it says of itself.

use super::*;

async fn waiting(world: &World, subject: &str) -> Vec<String> {
    let request = pb::ListPendingApprovalsRequest::default();
    let found = world.access(subject).approvals.list_pending_approvals(request).await.good().approvals;
    found.into_iter().map(|one| one.name).collect()
}

on_both_stores! {
    // proves: A-39
    async fn an_approval_waits_for_those_who_may_sign_it_now(world) {
        let [one, two] =
            [put(world, "analyst", "credit.limit", "").await, put(world, "analyst", "credit.limit", "").await];
        assert_eq!(waiting(world, "finance-director").await, [one.name.clone(), two.name.clone()]);
        for other in ["gm", "deputy", "analyst", "sales-1", "auditor"] {
            assert!(waiting(world, other).await.is_empty(), "{other}");
        }
        world.approve("finance-director", &one.name).await.good();
        assert_eq!(waiting(world, "finance-director").await, [two.name]);
        for next in ["gm", "deputy"] {
            assert_eq!(waiting(world, next).await, std::slice::from_ref(&one.name), "{next}");
        }
        world.approve("deputy", &one.name).await.good();
        assert!(waiting(world, "gm").await.is_empty());
    }

    // proves: A-38
    async fn a_letter_brings_what_it_covers_to_the_delegate(world) {
        let asked = put(world, "sales-manager", "loan.confidential", "confidential").await;
        put(world, "sales-manager", "consult.secret", "confidential").await;
        assert!(waiting(world, "office-director").await.is_empty());
        world.letter("office-director").await.good();
        assert_eq!(waiting(world, "office-director").await, [asked.name]);
        world.pass(SignedDuration::from_hours(73));
        assert!(waiting(world, "office-director").await.is_empty());
    }

    // proves
    async fn it_explains_who_may_sign_and_why_somebody_may_not(world) {
        let low = pb::Delegation {
            delegate: world.who("office-director").await,
            matters: vec!["loan.confidential".into()],
            max_level: "none".into(),
            valid_until: Some(stamp(world.now() + SignedDuration::from_hours(1))),
            letter_reference: "委托书 3".into(),
            ..pb::Delegation::default()
        };
        let letter = world.delegate("gm", low).await.good();
        let asked = put(world, "sales-manager", "loan.confidential", "confidential").await;
        let explain = || pb::ExplainApprovalRequest { name: asked.name.clone() };
        let told = world.access("sales-manager").approvals.explain_approval(explain()).await.good();
        assert!(told.reachable);
        let step = &told.steps[0];
        assert_eq!((step.state(), step.missing), (types::StepState::Open, 1));
        let candidates = &step.slots[0].candidates;
        for (subject, acting_for, obstacle) in [
            ("gm", "", types::SlotObstacle::Unspecified),
            ("deputy", "", types::SlotObstacle::Unspecified),
            ("office-director", "gm", types::SlotObstacle::DelegationLevel),
        ] {
            let person = world.who(subject).await;
            let found = candidates.iter().find(|one| one.person == person).expect(subject);
            assert_eq!((found.obstacle(), found.eligible), (obstacle, obstacle == types::SlotObstacle::Unspecified));
            if !acting_for.is_empty() {
                assert_eq!(found.acting_for, world.who(acting_for).await);
                assert_eq!(found.delegation, letter.name);
            }
        }
        assert_eq!(candidates.len(), 3);
        world.approve("gm", &asked.name).await.good();
        let told = world.access("sales-manager").approvals.explain_approval(explain()).await.good();
        let slot = &told.steps[0].slots[0];
        assert_eq!(told.steps[0].state(), types::StepState::Passed);
        assert_eq!(slot.filled_by.as_ref().unwrap().signer, world.who("gm").await);
        assert!(told.reachable && slot.candidates.iter().all(|one| !one.eligible));
    }

    // proves: A-39
    async fn a_step_that_is_not_open_yet_says_so(world) {
        let asked = put(world, "analyst", "credit.limit", "").await;
        let told = pb::ExplainApprovalRequest { name: asked.name };
        let told = world.access("analyst").approvals.explain_approval(told).await.good();
        let states: Vec<_> = told.steps.iter().map(types::StepExplanation::state).collect();
        assert_eq!(states, [types::StepState::Open, types::StepState::Waiting]);
        let later = &told.steps[1].slots[0].candidates;
        assert!(later.iter().all(|one| one.obstacle() == types::SlotObstacle::StepNotOpen), "{later:?}");
    }

    // proves: A-42
    async fn for_whom_it_does_not_concern_it_does_not_exist(world) {
        let asked = put(world, "analyst", "credit.limit", "").await;
        for stranger in ["sales-1", "service-manager", "archivist"] {
            let name = asked.name.clone();
            let mut calls = world.access(stranger).approvals;
            calls.get_approval(pb::GetApprovalRequest { name: name.clone() }).await.refused(Reason::ResourceNotFound);
            calls.explain_approval(pb::ExplainApprovalRequest { name: name.clone() }).await.refused(Reason::ResourceNotFound);
            calls.approve_step(yes(world, &asked)).await.refused(Reason::ResourceNotFound);
            calls.watch_approval(pb::WatchApprovalRequest { name }).await.refused(Reason::ResourceNotFound);
            let all = calls.list_approvals(pb::ListApprovalsRequest::default()).await.good();
            assert!(all.approvals.is_empty());
        }
        for close in ["analyst", "finance-director", "gm", "auditor"] {
            assert_eq!(world.approval(close, &asked.name).await.good(), asked, "{close}");
        }
        let mine = pb::ListApprovalsRequest { filter: "matter = \"credit.limit\"".into(), ..Default::default() };
        assert_eq!(world.access("analyst").approvals.list_approvals(mine).await.good().approvals, [asked]);
    }

    // proves: A-42
    async fn whoever_watches_is_told_every_state_until_the_last(world) {
        let asked = put(world, "analyst", "credit.limit", "").await;
        let watch = pb::WatchApprovalRequest { name: asked.name.clone() };
        let mut stream = world.access("analyst").approvals.watch_approval(watch).await.good();
        let mut told = Vec::new();
        let steps = ["", "finance-director", "gm"];
        for signer in steps {
            if !signer.is_empty() {
                world.approve(signer, &asked.name).await.good();
            }
            let next =
                tokio::time::timeout(Duration::from_secs(20), stream.message()).await.expect("it is told in time");
            let next = next.unwrap().expect("the stream is open").approval.unwrap();
            told.push((next.state(), next.passed_steps));
        }
        use pb::ApprovalState::{Approved, Pending};
        assert_eq!(told, [(Pending, 0), (Pending, 1), (Approved, 2)]);
        assert!(stream.message().await.unwrap().is_none(), "it ends by itself");
    }
}
