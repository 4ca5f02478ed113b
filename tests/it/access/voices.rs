//! A delegate and the delegator are one voice, along any chain, and no voice decides about itself (I6).

use super::*;

async fn lend(world: &World, delegator: &str, delegate: &str) -> pb::Delegation {
    let letter = pb::Delegation {
        delegate: world.who(delegate).await,
        matters: vec!["loan.confidential".into()],
        max_level: "confidential".into(),
        valid_until: Some(stamp(world.now() + SignedDuration::from_hours(72))),
        letter_reference: "委托书 2026-002".into(),
        ..pb::Delegation::default()
    };
    world.delegate(delegator, letter).await.good()
}

async fn revoke(world: &World, subject: &str, letter: &pb::Delegation) {
    let request = pb::RevokeDelegationRequest {
        name: letter.name.clone(),
        request_id: world.request_id(),
        reason: "不再需要".into(),
        ..pb::RevokeDelegationRequest::default()
    };
    world.access(subject).directory.revoke_delegation(request).await.good();
}

on_both_stores! {
    // proves: A-38, I6
    async fn a_delegate_does_not_decide_what_the_delegator_asks(world) {
        let file = world.at_level(1, "confidential").await;
        lend(world, "gm", "office-director").await;
        let request = world.ask("gm", &file.name, AccessKind::Original).await.good().access_request.unwrap();
        for voice in ["gm", "office-director"] {
            world.approve(voice, &request.approval).await.refused(Reason::ApprovalOwnRequest);
            world.reject(voice, &request.approval).await.refused(Reason::ApprovalOwnRequest);
        }
        world.approve("deputy", &request.approval).await.good();
        check::holds(world).await;
    }

    // proves: A-38, I6
    async fn a_delegator_does_not_decide_what_the_delegate_asks(world) {
        let file = world.at_level(1, "confidential").await;
        let letter = lend(world, "gm", "office-director").await;
        let request = world.ask("office-director", &file.name, AccessKind::View).await.good().access_request.unwrap();
        world.approve("gm", &request.approval).await.refused(Reason::ApprovalOwnRequest);
        // Taking the letter back in between does not make two voices of one.
        world.pass(SignedDuration::from_mins(1));
        revoke(world, "gm", &letter).await;
        world.approve("gm", &request.approval).await.refused(Reason::ApprovalOwnRequest);
        world.approve("deputy", &request.approval).await.good();
        check::holds(world).await;
    }

    // proves: A-38, I6
    async fn a_chain_of_letters_gives_no_second_voice(world) {
        let file = world.at_level(1, "confidential").await;
        lend(world, "gm", "deputy").await;
        lend(world, "deputy", "office-director").await;
        for requester in ["gm", "deputy", "office-director"] {
            let refused = world.ask(requester, &file.name, AccessKind::Original).await.refused(Reason::ApprovalUnreachable);
            assert_eq!(refused.metadata["step"], "0", "{requester}");
        }
        // For everybody else the three are there, as one.
        let request = world.ask("sales-2", &file.name, AccessKind::Original).await.good().access_request.unwrap();
        let done = world.approve("office-director", &request.approval).await.good();
        assert_eq!(done.decisions[0].acting_for, world.who("deputy").await);
        check::holds(world).await;
    }

    // proves: A-38, I6
    async fn a_chain_made_after_the_question_joins_the_voices_too(world) {
        let file = world.at_level(1, "confidential").await;
        let request = world.ask("gm", &file.name, AccessKind::Original).await.good().access_request.unwrap();
        lend(world, "gm", "office-director").await;
        lend(world, "deputy", "office-director").await;
        for voice in ["office-director", "deputy", "gm"] {
            world.approve(voice, &request.approval).await.refused(Reason::ApprovalOwnRequest);
        }
        let explained = pb::ExplainApprovalRequest { name: request.approval.clone() };
        let explained = world.access("gm").approvals.explain_approval(explained).await.good();
        assert!(!explained.reachable);
        let obstacles: Vec<_> = explained.steps[0].slots[0].candidates.iter().map(|one| one.obstacle()).collect();
        assert!(obstacles.contains(&types::SlotObstacle::Requester), "{obstacles:?}");
        assert!(obstacles.contains(&types::SlotObstacle::SameVoiceAsRequester), "{obstacles:?}");
    }

    // proves: A-39, I6
    async fn one_human_fills_one_slot_whatever_posts_he_holds(world) {
        appoint(world, "deputy", "finance_director", "finance").await;
        let asked = put(world, "analyst", "credit.limit", "").await;
        world.approve("deputy", &asked.name).await.good();
        world.approve("deputy", &asked.name).await.refused(Reason::ApprovalVoiceUsed);
        let explain = pb::ExplainApprovalRequest { name: asked.name.clone() };
        let explained = world.access("analyst").approvals.explain_approval(explain).await.good();
        let deputy = world.who("deputy").await;
        let candidates = &explained.steps[1].slots[0].candidates;
        let obstacle = candidates.iter().find(|one| one.person == deputy).unwrap().obstacle();
        assert_eq!(obstacle, types::SlotObstacle::AlreadySigned);
        let done = world.approve("gm", &asked.name).await.good();
        assert_eq!(done.state(), pb::ApprovalState::Approved);
        check::holds(world).await;
    }

    // proves: A-39, I6
    async fn who_took_part_before_stays_separate(world) {
        let mut asked = question(world, "credit.limit", "");
        asked.approval.as_mut().unwrap().excluded_persons = vec![world.who("gm").await];
        let asked = world.access("analyst").approvals.create_approval(asked).await.good();
        world.approve("finance-director", &asked.name).await.good();
        world.approve("gm", &asked.name).await.refused(Reason::ApprovalNotApprover);
        world.approve("deputy", &asked.name).await.good();
    }

    // proves
    async fn who_was_dismissed_or_switched_off_signs_nothing_and_what_he_signed_stays(world) {
        let [old, new] =
            [put(world, "analyst", "credit.limit", "").await, put(world, "analyst", "credit.limit", "").await];
        world.approve("finance-director", &old.name).await.good();
        world.dismiss("finance-director", "finance_director", "finance").await.good();
        world.approve("finance-director", &new.name).await.refused(Reason::ResourceNotFound);
        let off = pb::UpdatePersonRequest {
            person: Some(pb::Person { name: world.who("deputy").await, active: false, ..pb::Person::default() }),
            update_mask: Some(prost_types::FieldMask { paths: vec!["active".into()] }),
            request_id: world.request_id(),
            ..pb::UpdatePersonRequest::default()
        };
        world.access("office-director").directory.update_person(off).await.good();
        world.approve("deputy", &old.name).await.refused(Reason::PersonUnknown);
        let explain = |name: &str| pb::ExplainApprovalRequest { name: name.to_owned() };
        let told = world.access("gm").approvals.explain_approval(explain(&old.name)).await.good();
        let deputy = told.steps[1].slots[0].candidates.iter().find(|one| !one.eligible).unwrap();
        assert_eq!(deputy.obstacle(), types::SlotObstacle::Inactive);
        // Nobody is left for the first step of the other.
        assert!(!world.access("gm").approvals.explain_approval(explain(&new.name)).await.good().reachable);
        let done = world.approve("gm", &old.name).await.good();
        assert_eq!(done.state(), pb::ApprovalState::Approved);
    }
}
