//! Rights that were given, and how they end.

use super::*;

fn revoking(world: &World, name: &str) -> pb::RevokeGrantRequest {
    pb::RevokeGrantRequest {
        name: name.to_owned(),
        request_id: world.request_id(),
        reason: "工作已调整".into(),
        ..pb::RevokeGrantRequest::default()
    }
}

fn completing(world: &World, name: &str) -> pb::CompleteGrantRequest {
    let (name, request_id) = (name.to_owned(), world.request_id());
    pb::CompleteGrantRequest { name, request_id, ..pb::CompleteGrantRequest::default() }
}

on_both_stores! {
    // proves: A-42
    async fn a_revoked_grant_ends_reading_and_recalls_the_loan(world) {
        let file = world.at_level(1, "confidential").await;
        let grant = world.granted("sales-2", &file.name, AccessKind::Original, &["gm"]).await;
        let loan = world.check_out(&file.name, "sales-2", &grant.name).await.good();
        world.settle().await;
        world.read("sales-2", &file.name).await.good();
        let mut holder = world.access("sales-2").requests;
        holder.revoke_grant(revoking(world, &grant.name)).await.refused(Reason::PermissionDenied);
        let mut stranger = world.access("analyst").requests;
        stranger.revoke_grant(revoking(world, &grant.name)).await.refused(Reason::ResourceNotFound);
        let mut calls = world.access("office-director").requests;
        let silent = pb::RevokeGrantRequest { reason: String::new(), ..revoking(world, &grant.name) };
        assert!(calls.revoke_grant(silent).await.refused(Reason::FieldViolation).names("reason"));
        assert_eq!(instant(grant.update_time.as_ref()), world.now(), "nothing changed since it was given");
        world.pass(SignedDuration::from_hours(1));
        let revoked = calls.revoke_grant(revoking(world, &grant.name)).await.good();
        assert_eq!(instant(revoked.update_time.as_ref()), world.now());
        assert_eq!(
            (revoked.state(), revoked.revoker.clone()),
            (pb::GrantState::Revoked, world.who("office-director").await)
        );
        world.settle().await;
        world.read("sales-2", &file.name).await.refused(Reason::ResourceNotFound);
        assert_eq!(may(world, "sales-2", &file.name, AccessKind::View).await.reason(), pb::AccessReason::GrantEnded);
        let recalled = loan_of(world, "sales-2", &loan.name).await;
        assert_eq!((recalled.state(), recalled.recalled_by.as_str()), (pb::LoanState::Recalled, ""));
        assert_eq!(instant(recalled.due_time.as_ref()), world.now());
        calls.revoke_grant(revoking(world, &grant.name)).await.refused(Reason::WrongState);
        check::holds(world).await;
    }

    // proves: A-01
    async fn whoever_may_not_ask_about_others_is_told_that_before_anything_of_the_question(world) {
        let other = world.who("sales-2").await;
        for person in [other.as_str(), "persons/7", "nobody"] {
            let check = pb::CheckAccessRequest { person: person.to_owned(), ..Default::default() };
            world.access("sales-1").requests.check_access(check).await.refused(Reason::PermissionDenied);
        }
    }

    // proves: A-42
    async fn who_signed_for_it_may_take_it_back(world) {
        let file = world.active(1).await;
        let grant = world.granted("sales-2", &file.name, AccessKind::Original, &["sales-manager", "office-director"]).await;
        // The department manager has no action `grant.revoke`; they signed.
        let mut calls = world.access("sales-manager").requests;
        let revoked = calls.revoke_grant(revoking(world, &grant.name)).await.good();
        assert_eq!(revoked.state(), pb::GrantState::Revoked);
        let refused = world.check_out(&file.name, "sales-2", &grant.name).await.refused(Reason::GrantNotCurrent);
        assert_eq!(refused.metadata["state"], "REVOKED");
    }

    // proves: A-42
    async fn the_holder_ends_a_grant_when_its_purpose_is_fulfilled(world) {
        let file = world.at_level(1, "confidential").await;
        let seen = world.granted("sales-2", &file.name, AccessKind::View, &["gm"]).await;
        world.read("sales-2", &file.name).await.good();
        let mut others = world.access("gm").requests;
        others.complete_grant(completing(world, &seen.name)).await.refused(Reason::PermissionDenied);
        let mut calls = world.access("sales-2").requests;
        let done = calls.complete_grant(completing(world, &seen.name)).await.good();
        assert_eq!(done.state(), pb::GrantState::Completed);
        world.settle().await;
        world.read("sales-2", &file.name).await.refused(Reason::ResourceNotFound);
        calls.complete_grant(completing(world, &seen.name)).await.refused(Reason::WrongState);
        // Not while the original is out.
        let lent = world.granted("sales-2", &file.name, AccessKind::Original, &["gm"]).await;
        let loan = world.check_out(&file.name, "sales-2", &lent.name).await.good();
        calls.complete_grant(completing(world, &lent.name)).await.refused(Reason::WrongState);
        world.take_back(&loan, dossier_tests::scene::sound(&loan)).await.good();
        assert_eq!(grant_of(world, "sales-2", &lent.name).await.state(), pb::GrantState::Completed);
    }

    // proves: A-25
    async fn a_grant_ends_with_its_time(world) {
        let file = world.at_level(1, "confidential").await;
        let asked = pb::RequestAccessRequest { duration: Some(hours(1)), ..world.asking(&file.name, AccessKind::View) };
        let request = world.access("sales-2").requests.request_access(asked).await.good().access_request.unwrap();
        world.pass(SignedDuration::from_mins(30));
        world.approve("gm", &request.approval).await.good();
        world.settle().await;
        // It counts from the approval.
        world.pass(SignedDuration::from_mins(59));
        world.read("sales-2", &file.name).await.good();
        world.pass(SignedDuration::from_mins(1));
        world.read("sales-2", &file.name).await.refused(Reason::ResourceNotFound);
        let grant = request_of(world, "sales-2", &request.name).await.grant;
        let grant = grant_of(world, "sales-2", &grant).await;
        assert_eq!((grant.state(), grant.end_time), (pb::GrantState::Expired, None));
        world.access("gm").requests.revoke_grant(revoking(world, &grant.name)).await.refused(Reason::WrongState);
    }

    // proves: A-22
    async fn a_higher_level_ends_what_was_granted_and_asked_under_the_lower(world) {
        let file = world.active(1).await;
        let seen = world.granted("service-manager", &file.name, AccessKind::View, &[]).await;
        world.read("service-manager", &file.name).await.good();
        let asked = world.ask("sales-2", &file.name, AccessKind::Original).await.good().access_request.unwrap();
        world.classify("archivist", &file.name, "confidential").await.good();
        world.settle().await;
        assert_eq!(grant_of(world, "service-manager", &seen.name).await.state(), pb::GrantState::Revoked);
        world.read("service-manager", &file.name).await.refused(Reason::ResourceNotFound);
        assert_eq!(request_of(world, "sales-2", &asked.name).await.state(), pb::AccessRequestState::Refused);
        world.approve("sales-manager", &asked.approval).await.refused(Reason::WrongState);
        // Under the new level it may be asked again, of others.
        let again = world.ask("sales-2", &file.name, AccessKind::Original).await.good().access_request.unwrap();
        assert_eq!((again.level.as_str(), again.matter.as_str()), ("confidential", "loan.confidential"));
        check::holds(world).await;
    }

    // proves: A-01
    async fn a_grant_ends_with_the_clearance_of_its_holder(world) {
        hire(world, "temp", "sales_staff", "sales").await;
        let file = world.at_level(1, "confidential").await;
        let grant = world.granted("temp", &file.name, AccessKind::View, &["gm"]).await;
        world.read("temp", &file.name).await.good();
        world.dismiss("temp", "sales_staff", "sales").await.good();
        world.settle().await;
        let refused = world.read("temp", &file.name).await.bad();
        assert!([Reason::ResourceNotFound, Reason::PermissionDenied].contains(&refused.reason), "{refused:?}");
        heard(world, "grant.revoked", &grant.name).await;
        assert_eq!(grant_of(world, "archivist", &grant.name).await.state(), pb::GrantState::Revoked);
    }

    // proves: A-42
    async fn everybody_lists_his_own_grants_and_who_checks_access_lists_all(world) {
        let file = world.at_level(1, "confidential").await;
        let one = world.granted("sales-2", &file.name, AccessKind::View, &["gm"]).await;
        let two = world.granted("analyst", &file.name, AccessKind::View, &["gm"]).await;
        for (subject, expected) in
            [("sales-2", vec![&one]), ("analyst", vec![&two]), ("gm", vec![&two, &one]), ("sales-1", vec![])]
        {
            let list = pb::ListGrantsRequest { filter: format!("file = \"{}\"", file.name), ..Default::default() };
            let found = world.access(subject).requests.list_grants(list).await.good().grants;
            let names: Vec<_> = found.iter().map(|grant| &grant.name).collect();
            assert_eq!(names, expected.iter().map(|grant| &grant.name).collect::<Vec<_>>(), "{subject}");
        }
    }
}
