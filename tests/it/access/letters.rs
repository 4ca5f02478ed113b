//! Letters of authorisation: the delegate's power is exactly what the letter states.

use super::*;

/// What makes a letter another one.
type Change = Box<dyn FnOnce(&mut pb::Delegation) + Send>;

/// The general manager's letter to the office director, as `change` leaves it.
async fn letter(world: &World, change: impl FnOnce(&mut pb::Delegation)) -> pb::Delegation {
    let mut letter = pb::Delegation {
        delegate: world.who("office-director").await,
        matters: vec!["loan.confidential".into()],
        max_level: "confidential".into(),
        valid_until: Some(stamp(world.now() + SignedDuration::from_hours(72))),
        letter_reference: "委托书 2026-001".into(),
        ..pb::Delegation::default()
    };
    change(&mut letter);
    letter
}

async fn revoke(world: &World, subject: &str, name: &str) -> Result<tonic::Response<pb::Delegation>, tonic::Status> {
    let request = pb::RevokeDelegationRequest {
        name: name.to_owned(),
        request_id: world.request_id(),
        reason: "总经理已返回".into(),
        ..pb::RevokeDelegationRequest::default()
    };
    world.access(subject).directory.revoke_delegation(request).await
}

async fn bound(world: &World, approval: &pb::Approval) -> (String, String) {
    let refused = world.approve("office-director", &approval.name).await.refused(Reason::ApprovalOutsideDelegation);
    (refused.metadata["bound"].clone(), refused.metadata["delegation"].clone())
}

on_both_stores! {
    // proves
    async fn a_delegate_decides_in_the_name_of_the_delegator(world) {
        let before = put(world, "sales-manager", "loan.confidential", "confidential").await;
        world.approve("office-director", &before.name).await.refused(Reason::ApprovalNotApprover);
        let letter = world.letter("office-director").await.good();
        assert_eq!(letter.state(), pb::DelegationState::Active);
        let done = world.approve("office-director", &before.name).await.good();
        assert_eq!(done.state(), pb::ApprovalState::Approved);
        let signed = &done.decisions[0];
        assert_eq!(signed.signer, world.who("office-director").await);
        assert_eq!(signed.acting_for, world.who("gm").await);
        assert_eq!((signed.delegation.as_str(), signed.post.as_str()), (letter.name.as_str(), "general_manager"));
        assert_eq!(signed.content_digest, before.content_digest);
    }

    // proves: A-38
    async fn outside_level_and_matter_is_refused_with_the_bound(world) {
        let low = letter(world, |letter| letter.max_level = "none".into()).await;
        let low = world.delegate("gm", low).await.good();
        let asked = put(world, "sales-manager", "loan.confidential", "confidential").await;
        assert_eq!(bound(world, &asked).await, ("level".into(), low.name.clone()));
        // The same letter does what it states.
        let allowed = put(world, "sales-manager", "loan.confidential", "none").await;
        world.approve("office-director", &allowed.name).await.good();
        let other = put(world, "sales-manager", "consult.secret", "none").await;
        assert_eq!(bound(world, &other).await, ("matter".into(), low.name));
        check::holds(world).await;
    }

    // proves: A-38
    async fn outside_the_period_is_refused_with_the_bound(world) {
        let begins = world.now() + SignedDuration::from_hours(24);
        let coming = letter(world, |letter| letter.valid_from = Some(stamp(begins))).await;
        let coming = world.delegate("gm", coming).await.good();
        assert_eq!(coming.state(), pb::DelegationState::Scheduled);
        let asked = put(world, "sales-manager", "loan.confidential", "confidential").await;
        assert_eq!(bound(world, &asked).await, ("period".into(), coming.name.clone()));
        world.pass(SignedDuration::from_hours(24));
        world.approve("office-director", &asked.name).await.good();
        let late = put(world, "sales-manager", "loan.confidential", "confidential").await;
        // Its last instant is exclusive.
        world.pass(SignedDuration::from_hours(48));
        assert_eq!(bound(world, &late).await, ("period".into(), coming.name.clone()));
        let get = pb::GetDelegationRequest { name: coming.name };
        let ended = world.access("gm").directory.get_delegation(get).await.good();
        assert_eq!(ended.state(), pb::DelegationState::Expired);
    }

    // proves: A-38
    async fn a_revoked_letter_gives_nothing_and_what_was_signed_stays(world) {
        let letter = world.letter("office-director").await.good();
        let [first, second] = [
            put(world, "sales-manager", "loan.confidential", "confidential").await,
            put(world, "sales-manager", "loan.confidential", "confidential").await,
        ];
        world.approve("office-director", &first.name).await.good();
        revoke(world, "sales-1", &letter.name).await.refused(Reason::PermissionDenied);
        world.pass(SignedDuration::from_mins(1));
        let revoked = revoke(world, "gm", &letter.name).await.good();
        assert_eq!((revoked.state(), revoked.revoker), (pb::DelegationState::Revoked, world.who("gm").await));
        assert_eq!(bound(world, &second).await, ("period".into(), letter.name.clone()));
        revoke(world, "gm", &letter.name).await.refused(Reason::WrongState);
        let first = world.approval("gm", &first.name).await.good();
        assert_eq!(first.state(), pb::ApprovalState::Approved);
        assert_eq!(first.decisions[0].delegation, letter.name);
    }

    // proves: A-38
    async fn nobody_lends_what_he_does_not_hold_or_to_a_post_that_may_not_have_it(world) {
        let manager = world.who("sales-manager").await;
        let cases: [(&str, &str, Change); 6] = [
            ("gm", "matter", Box::new(|one| one.matters = vec!["consult.secret".into()])),
            ("gm", "matter", Box::new(|one| one.matters = vec!["loan.confidential".into(), "credit.limit".into()])),
            ("gm", "matter", Box::new(move |one| one.delegate = manager)),
            ("gm", "post", Box::new(|one| one.post = "deputy_general_manager".into())),
            ("gm", "level", Box::new(|one| one.max_level = "top_secret".into())),
            ("office-director", "matter", Box::new(|_| {})),
        ];
        let deputy = world.who("deputy").await;
        for (delegator, expected, change) in cases {
            let mut one = letter(world, change).await;
            if delegator == "office-director" {
                one.delegate.clone_from(&deputy);
            }
            let refused = world.delegate(delegator, one).await.refused(Reason::DelegationExceedsPower);
            assert_eq!(refused.metadata["bound"], expected, "{delegator}");
        }
        let one = letter(world, |_| {}).await;
        world.delegate("sales-manager", one).await.refused(Reason::PermissionDenied);
        let all = pb::ListDelegationsRequest::default();
        assert!(world.access("gm").directory.list_delegations(all).await.good().delegations.is_empty());
    }

    // proves: A-38
    async fn a_letter_names_its_matters_its_end_and_its_paper(world) {
        let gm = world.who("gm").await;
        let now = world.now();
        let cases: [(&str, Change); 7] = [
            ("delegation.matters", Box::new(|one| one.matters = vec!["*".into()])),
            ("delegation.matters", Box::new(|one| one.matters.clear())),
            ("delegation.max_level", Box::new(|one| one.max_level.clear())),
            ("delegation.valid_until", Box::new(|one| one.valid_until = None)),
            ("delegation.valid_until", Box::new(move |one| one.valid_until = Some(stamp(now)))),
            ("delegation.letter_reference", Box::new(|one| one.letter_reference.clear())),
            ("delegation.delegate", Box::new(move |one| one.delegate = gm)),
        ];
        for (field, change) in cases {
            let one = letter(world, change).await;
            let refused = world.delegate("gm", one).await.refused(Reason::FieldViolation);
            assert!(refused.names(field), "{field}: {refused:?}");
        }
    }

    // proves: A-38
    async fn a_lent_power_is_not_lent_on(world) {
        world.letter("office-director").await.good();
        let deputy = world.who("deputy").await;
        let on = letter(world, |letter| letter.delegate = deputy).await;
        let refused = world.delegate("office-director", on).await.refused(Reason::DelegationExceedsPower);
        assert_eq!(refused.metadata["bound"], "matter");
        // Nor does whoever keeps the letters write one to themselves.
        let gm = world.who("gm").await;
        let to_himself = letter(world, |letter| letter.delegator = gm).await;
        world.delegate("office-director", to_himself).await.refused(Reason::PermissionDenied);
    }

    // proves: A-38
    async fn both_parties_find_their_letters(world) {
        let one = world.letter("office-director").await.good();
        for subject in ["gm", "office-director"] {
            let list = pb::ListDelegationsRequest::default();
            let found = world.access(subject).directory.list_delegations(list).await.good().delegations;
            assert_eq!(found, std::slice::from_ref(&one), "{subject}");
        }
        world.pass(SignedDuration::from_hours(73));
        let mut calls = world.access("gm").directory;
        for (filter, count) in [("state = ACTIVE", 0), ("state = SCHEDULED", 0), ("state = EXPIRED", 1), ("", 1)] {
            let list = pb::ListDelegationsRequest { filter: filter.into(), ..Default::default() };
            assert_eq!(calls.list_delegations(list).await.good().delegations.len(), count, "{filter}");
        }
    }
}
