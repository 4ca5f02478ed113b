//! Stages that are entered with an approval: asked by whoever advances, decided in access, followed by the record.

use dossier_kernel::sql;
use dossier_proto::access::v1::{Approval, ReturnApprovalRequest, WithdrawApprovalRequest};
use dossier_proto::profile::v1::{FileRecord, RecordState};
use dossier_proto::types::unmet_condition::What;
use dossier_tests::on_both_stores_under;
use dossier_tests::rules::Rules;
use dossier_tests::scene::RESULT;

use crate::prelude::*;

// A penalty that says all it must, signed by who proposes it.
async fn signed(world: &World, n: u32) -> FileRecord {
    let file = world.active(n).await.name;
    world.penalty("sales-manager", &file, "罚款五十元").await
}

// One that waits for its approval.
async fn asked(world: &World, n: u32) -> FileRecord {
    let one = signed(world, n).await;
    let asked = world.advance("sales-manager", &one.name).await.good();
    assert_eq!((asked.stage.as_str(), asked.pending_stage.as_str()), ("proposed", "imposed"));
    world.settle().await;
    now(world, &one).await
}

async fn now(world: &World, one: &FileRecord) -> FileRecord {
    world.settle().await;
    world.read_record("sales-manager", &one.name).await.good()
}

fn stood(one: &FileRecord) -> (&str, &str, RecordState) {
    (&one.stage, &one.pending_stage, one.state())
}

on_both_stores_under! {
    Rules::of("STEPS");

    // proves: P-38, A-40, X-35
    async fn what_is_approved_is_entered_by_itself_and_asked_for_by_who_advanced(world) {
        let one = asked(world, 1).await;
        let approval: Approval = world.approval("gm", &one.approval).await.good();
        assert_eq!((approval.subject.as_str(), approval.matter.as_str()), (one.name.as_str(), "penalty"));
        assert_eq!(approval.requester, world.who("sales-manager").await);
        assert_eq!(approval.summary, "处罚单: 已批准");
        world.approve("gm", &one.approval).await.good();
        let entered = now(world, &one).await;
        assert_eq!(stood(&entered), ("imposed", "", RecordState::Open));
        assert_eq!(entered.signatures.len(), 1, "what was signed for it counts");
        check::proven(world).await;
    }

    // proves: P-38, A-40
    async fn until_it_is_decided_nothing_of_the_record_changes(world) {
        let one = asked(world, 1).await;
        let told = world.explain("sales-manager", &one.name).await.good().stages;
        assert_eq!(told[0].unmet.iter().filter_map(|one| one.what.clone()).collect::<Vec<_>>(), [What::Approval("penalty".into())]);
        let fault = world.rewrite("sales-manager", &one, RESULT, Some(text("罚款五百元"))).await.refused(Reason::WrongState);
        assert_eq!(fault.metadata["state"], "PENDING");
        let fault = world.advance("sales-manager", &one.name).await.refused(Reason::WrongState);
        assert_eq!((fault.metadata["state"].as_str(), fault.metadata["stage"].as_str()), ("PENDING", "imposed"));
        world.sign_record("sales-manager", &one).await.refused(Reason::WrongState);
        world.void_record("sales-manager", &one.name).await.refused(Reason::WrongState);
        assert_eq!(stood(&now(world, &one).await), ("proposed", "imposed", RecordState::Open));
    }

    // proves: P-38
    async fn a_no_leads_where_the_kind_says(world) {
        let one = asked(world, 1).await;
        world.reject("gm", &one.approval).await.good();
        assert_eq!(stood(&now(world, &one).await), ("dropped", "", RecordState::Final));
        check::proven(world).await;
    }

    // proves: P-38, A-40
    async fn what_is_handed_back_is_corrected_signed_and_asked_for_anew(world) {
        let one = asked(world, 1).await;
        let before = world.approval("gm", &one.approval).await.good();
        let request = ReturnApprovalRequest {
            name: one.approval.clone(),
            content_digest: before.content_digest.clone(),
            request_id: world.request_id(),
            reason: "请补充依据".into(),
            ..Default::default()
        };
        world.access("gm").approvals.return_approval(request).await.good();
        let back = now(world, &one).await;
        assert_eq!((stood(&back), back.signatures.len()), (("proposed", "", RecordState::Open), 0));
        world.advance("sales-manager", &one.name).await.refused(Reason::StageUnmet);
        let written = world.rewrite("sales-manager", &back, RESULT, Some(text("罚款一百元"))).await.good();
        world.sign_record("sales-manager", &written).await.good();
        world.advance("sales-manager", &one.name).await.good();
        let again = now(world, &one).await;
        assert_ne!(again.approval, one.approval, "what was put before people is not changed under their hands");
        // The digest of before signs nothing of now.
        let fault = world.approve("gm", &one.approval).await;
        assert!(fault.is_err());
        world.approve("gm", &again.approval).await.good();
        assert_eq!(now(world, &one).await.stage, "imposed");
        check::proven(world).await;
    }

    // proves: P-38
    async fn it_is_taken_back_by_return_or_by_who_asked(world) {
        let one = asked(world, 1).await;
        world.send_record_back("sales-manager", &one.name, "").await.good();
        let back = now(world, &one).await;
        assert_eq!(stood(&back), ("proposed", "", RecordState::Open));
        world.sign_record("sales-manager", &back).await.good();
        world.advance("sales-manager", &one.name).await.good();
        let again = now(world, &one).await;
        let request = WithdrawApprovalRequest {
            name: again.approval.clone(),
            request_id: world.request_id(),
            reason: "撤回".into(),
            ..Default::default()
        };
        world.access("sales-manager").approvals.withdraw_approval(request).await.good();
        assert_eq!(stood(&now(world, &one).await), ("proposed", "", RecordState::Open));
        check::proven(world).await;
    }

    // proves
    async fn what_is_asked_at_one_level_is_not_decided_at_a_higher_one(world) {
        let one = asked(world, 1).await;
        let file = one.name.split("/records/").next().unwrap_or_default();
        world.classify("archivist", file, "confidential").await.good();
        world.settle().await;
        let approval = world.approval("gm", &one.approval).await.good();
        assert_eq!(approval.state(), dossier_proto::access::v1::ApprovalState::Withdrawn);
        let read = sql!(&mut world.db(Which::Profile).read().await.unwrap(), fetch_one as (String,), "SELECT pending FROM record").unwrap();
        assert_eq!(read.0, "");
    }

    // proves: A-39
    async fn who_signed_decides_nothing_and_what_nobody_may_decide_is_not_asked(world) {
        let one = signed(world, 1).await;
        world.advance("sales-manager", &one.name).await.good();
        let waiting = now(world, &one).await;
        world.approve("sales-manager", &waiting.approval).await.refused(Reason::ApprovalOwnRequest);
        world.approve("gm", &waiting.approval).await.good();
        assert_eq!(now(world, &one).await.stage, "imposed");
    }

    // proves: I8
    async fn the_same_call_again_asks_nobody_twice(world) {
        let one = signed(world, 1).await;
        let request = dossier_proto::profile::v1::AdvanceRecordRequest {
            name: one.name.clone(),
            request_id: world.request_id(),
            ..Default::default()
        };
        let mut calls = world.profile("sales-manager").records;
        let first = calls.advance_record(request.clone()).await.good();
        let second = calls.advance_record(request).await.good();
        assert_eq!((first.pending_stage.as_str(), second.pending_stage.as_str()), ("imposed", "imposed"));
        world.settle().await;
        let filter = format!("subject = \"{}\"", one.name);
        let list = dossier_proto::access::v1::ListApprovalsRequest { filter, ..Default::default() };
        let known = world.access("gm").approvals.list_approvals(list).await.good().approvals;
        assert_eq!(known.len(), 1);
    }
}
