//! Who keeps a file: handed over by an act of its own, and looked at again when the level rises.

use dossier_proto::profile::v1::{CustomerFile, UpdateCustomerFileRequest};
use dossier_tests::scene::{company, to_hand_over};
use prost_types::FieldMask;

use crate::prelude::*;

on_both_stores! {
    // proves: A-22
    async fn a_custodian_is_no_field(world) {
        let file = world.active(1).await;
        let update = |subject: &str, path: &str| {
            let custodian = String::new();
            let changed = CustomerFile { name: file.name.clone(), custodian, unit: "finance".into(), ..Default::default() };
            let request = UpdateCustomerFileRequest {
                customer_file: Some(changed),
                update_mask: Some(FieldMask { paths: vec![path.to_owned()] }),
                request_id: world.request_id(),
                ..UpdateCustomerFileRequest::default()
            };
            let mut calls = world.profile(subject).files;
            async move { calls.update_customer_file(request).await }
        };
        let refused = update("archivist", "custodian").await.refused(Reason::UpdateMaskInvalid);
        assert_eq!((refused.metadata["path"].as_str(), refused.metadata["rpc"].as_str()), ("custodian", "HandOverCustomerFile"));
        // Another unit reads it then, so that is no field either.
        let refused = update("sales-1", "unit").await.refused(Reason::PermissionDenied);
        assert_eq!(refused.metadata["action"], "file.hand_over");
        update("sales-manager", "unit").await.good();
    }

    // proves: A-22, P-46
    async fn a_file_is_handed_over_by_who_may_to_who_may_keep_it(world) {
        let file = world.active(1).await;
        world.hand_over("sales-1", &file.name, "sales-2", "").await.refused(Reason::PermissionDenied);
        // Without its unit, without keeping files, without a post that sees it.
        for to in ["service-1", "gm", "auditor", "analyst"] {
            let refused = world.hand_over("sales-manager", &file.name, to, "").await.refused(Reason::FieldViolation);
            assert!(refused.names("custodian"), "{to}: {refused:?}");
        }
        world.hand_over("service-manager", &file.name, "service-1", "").await.refused(Reason::ResourceNotFound);
        let kept = world.hand_over("sales-manager", &file.name, "sales-2", "").await.good();
        assert_eq!(kept.custodian, world.who("sales-2").await);
        world.hand_over("sales-manager", &file.name, "sales-2", "").await.refused(Reason::FieldViolation);
        world.settle().await;
        let entries = check::journal(world, Which::Profile, DEMO).await;
        assert!(entries.iter().any(|entry| entry.body.action == "file.handed_over"));
        check::holds(world).await;
    }

    // proves: A-22
    async fn a_new_file_is_kept_by_its_author_or_handed_over_by_who_may(world) {
        let given = |n: u32, custodian: String| CustomerFile { custodian, ..company(n) };
        let (me, other) = (world.who("sales-1").await, world.who("sales-2").await);
        world.create(&mut world.profile("sales-1"), given(1, me)).await.good();
        world.create(&mut world.profile("sales-1"), given(2, other.clone())).await.refused(Reason::PermissionDenied);
        world.create(&mut world.profile("sales-manager"), given(2, other.clone())).await.good();
        let auditor = world.who("auditor").await;
        let refused = world.create(&mut world.profile("sales-manager"), given(3, auditor)).await.refused(Reason::FieldViolation);
        assert!(refused.names("custodian"));
        let above = CustomerFile { level: "confidential".into(), ..given(4, other) };
        let refused = world.create(&mut world.profile("sales-manager"), above).await.refused(Reason::FieldViolation);
        assert!(refused.names("custodian"));
    }

    // proves
    async fn where_its_custodian_reads_a_file_is_handed_over_by_approval(world) {
        let file = world.at_level(1, "confidential").await;
        world.read("sales-2", &file.name).await.refused(Reason::ResourceNotFound);
        // Not by the keeper of the originals alone, nor by the custodian.
        let refused = world.hand_over("archivist", &file.name, "sales-2", "").await.refused(Reason::ApprovalMissing);
        assert_eq!(refused.metadata["matter"], "act.hand_over");
        world.hand_over("sales-1", &file.name, "sales-2", "").await.refused(Reason::PermissionDenied);
        let to = world.who("sales-2").await;
        let approval = world.approved_act("archivist", to_hand_over(&file.name, &to), "deputy").await;
        world.hand_over("archivist", &file.name, "sales-manager", &approval).await.refused(Reason::ApprovalMissing);
        world.hand_over("archivist", &file.name, "sales-2", &approval).await.good();
        world.read("sales-2", &file.name).await.good();
        world.read("sales-1", &file.name).await.refused(Reason::ResourceNotFound);
        world.hand_over("archivist", &file.name, "sales-1", &approval).await.refused(Reason::ApprovalMissing);
        // Who is not cleared keeps none, whoever says yes.
        let secret = world.at_level(2, "secret").await;
        let approval = world.approved_act("archivist", to_hand_over(&secret.name, &to), "gm").await;
        let refused = world.hand_over("archivist", &secret.name, "sales-2", &approval).await.refused(Reason::FieldViolation);
        assert!(refused.names("custodian"));
        world.read("sales-2", &secret.name).await.refused(Reason::ResourceNotFound);
        world.settle().await;
        check::holds(world).await;
    }

    // proves
    async fn what_was_claimed_before_a_classification_is_not_read_after_it(world) {
        // The manager hands themselves what their people made; at a level without secrets nobody minds.
        let claimed = world.active(1).await;
        world.hand_over("sales-manager", &claimed.name, "sales-manager", "").await.good();
        let made = world.active(2).await;
        for file in [&claimed, &made] {
            world.classify("archivist", &file.name, "confidential").await.good();
        }
        world.settle().await;
        world.read("sales-manager", &claimed.name).await.refused(Reason::ResourceNotFound);
        assert_eq!(world.read("archivist", &claimed.name).await.good().custodian, "");
        // Who made a file keeps it.
        world.read("sales-1", &made.name).await.good();
        // Unless they are not cleared for where it goes.
        world.classify("archivist", &made.name, "secret").await.good();
        assert_eq!(world.read_in("archivist", &made.name, "archive_room").await.good().custodian, "");
        world.settle().await;
        check::holds(world).await;
    }
}
