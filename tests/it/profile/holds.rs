//! Holds and disputes: nothing of a file is removed while one stands, and both outlive the closing of the file.

use dossier_proto::profile::v1::{
    CloseCustomerFileRequest, CustomerFileState, Disposition, DispositionGround as Ground,
    DispositionVerdict as Verdict, EvaluateDispositionRequest, FileRecord, GetHoldRequest, Hold, HoldState,
    ListHoldsRequest, RecordState,
};
use dossier_tests::on_both_stores_under;
use dossier_tests::rules::Rules;
use dossier_tests::scene::{RESULT, complaint, talk};

use super::kinds::{contract, made};
use crate::prelude::*;

/// A record of a kind that holds or releases.
pub(super) fn paper(world: &World, kind: &str) -> FileRecord {
    FileRecord { kind: kind.into(), ..talk(world.now(), "法院来函") }
}

/// A record of such a kind that has done what it does.
pub(super) async fn done(world: &World, file: &str, kind: &str) -> FileRecord {
    let one = world.note("sales-manager", file, paper(world, kind)).await.good();
    world.advance("sales-manager", &one.name).await.good()
}

pub(super) async fn close(world: &World, file: &str) {
    let (name, request_id, reason) = (file.to_owned(), world.request_id(), "合作终止".to_owned());
    let request = CloseCustomerFileRequest { name, request_id, reason, ..CloseCustomerFileRequest::default() };
    world.profile("archivist").files.close_customer_file(request).await.good();
}

pub(super) async fn evaluated(world: &World, file: &str) -> Disposition {
    let request = EvaluateDispositionRequest { name: file.to_owned() };
    world.profile("archivist").disposition.evaluate_disposition(request).await.good()
}

#[track_caller]
fn ruled(one: &Disposition, verdict: Verdict, grounds: &[Ground]) {
    assert_eq!((one.verdict(), one.grounds().collect::<Vec<_>>().as_slice()), (verdict, grounds), "{one:?}");
}

async fn holds(world: &World, parent: &str, filter: &str) -> Vec<Hold> {
    let (parent, filter) = (parent.to_owned(), filter.to_owned());
    let request = ListHoldsRequest { parent, filter, ..ListHoldsRequest::default() };
    world.profile("archivist").disposition.list_holds(request).await.good().holds
}

on_both_stores_under! {
    Rules::of("HOLDS");

    // proves: C-06, X-09
    async fn a_held_file_is_read_and_closed_and_frozen_until_the_hold_is_released(world) {
        let file = world.active(1).await.name;
        ruled(&evaluated(world, &file).await, Verdict::Keep, &[Ground::NotClosed, Ground::NotTold]);
        let notice = done(world, &file, "notice").await;
        let one = holds(world, &file, "state = OPEN").await.remove(0);
        assert_eq!((one.state(), one.record.as_str(), one.display_name.as_str()), (HoldState::Open, notice.name.as_str(), "保全通知"));
        assert_eq!((one.placer.clone(), one.release_time), (world.who("sales-manager").await, None));
        ruled(&evaluated(world, &file).await, Verdict::Frozen, &[Ground::NotClosed, Ground::Hold, Ground::NotTold]);
        assert_eq!(world.read("sales-1", &file).await.good().name, file);
        close(world, &file).await;
        let held = evaluated(world, &file).await;
        ruled(&held, Verdict::Frozen, &[Ground::Retention, Ground::Hold, Ground::NotTold]);
        assert_eq!((held.keep_until_date.as_str(), held.retention_class.as_str()), ("2027-03-02", "brief"));
        // What was placed in the open file is released in the closed one, by who may decide that.
        world.advance("sales-manager", &notice.name).await.good();
        world.settle().await;
        let waiting = world.read_record("sales-manager", &notice.name).await.good();
        assert_eq!(holds(world, &file, "state = OPEN").await.len(), 1, "nobody said yes yet");
        world.approve("gm", &waiting.approval).await.good();
        world.settle().await;
        let released = world.profile("archivist").disposition.get_hold(GetHoldRequest { name: one.name.clone() }).await.good();
        assert_eq!((released.state(), released.releasing_record.as_str()), (HoldState::Released, notice.name.as_str()));
        assert_ne!(released.etag, one.etag);
        ruled(&evaluated(world, &file).await, Verdict::KeepUntil, &[Ground::Retention, Ground::NotTold]);
        assert_eq!(world.read_record("sales-manager", &notice.name).await.good().state(), RecordState::Final);
        check::proven(world).await;
    }

    // proves: C-06
    async fn a_record_releases_what_it_belongs_to_placed_and_a_decision_all_of_a_kind(world) {
        let file = world.active(1).await.name;
        let (one, two, notice) = (done(world, &file, "order").await, done(world, &file, "order").await, done(world, &file, "notice").await);
        let lifting = FileRecord { of: one.name.clone(), ..paper(world, "lifting") };
        let lifting = world.note("sales-manager", &file, lifting).await.good();
        world.advance("sales-manager", &lifting.name).await.good();
        let open = holds(world, &file, "state = OPEN").await;
        assert_eq!(open.iter().map(|one| one.record.as_str()).collect::<Vec<_>>(), [notice.name.as_str(), two.name.as_str()]);
        assert_eq!(holds(world, &file, "state = RELEASED AND kind = \"order\"").await[0].releasing_record, lifting.name);
        done(world, &file, "amnesty").await;
        let open = holds(world, &file, "state = OPEN").await;
        assert_eq!(open.iter().map(|one| one.record.as_str()).collect::<Vec<_>>(), [notice.name.as_str()]);
        // Another one finds nothing left, and is a paper all the same.
        assert_eq!(done(world, &file, "amnesty").await.state(), RecordState::Final);
        assert_eq!(holds(world, &file, "").await.len(), 3);
        // What has placed a hold is not undone.
        world.void_record("sales-manager", &two.name).await.refused(Reason::WrongState);
        check::proven(world).await;
    }

    // proves: C-06
    async fn a_claim_comes_after_the_closing_and_freezes_the_file_until_it_is_settled(world) {
        let file = world.active(1).await.name;
        close(world, &file).await;
        world.note("sales-manager", &file, complaint("到货破损")).await.refused(Reason::WrongState);
        let claim = FileRecord { kind: "claim".into(), ..complaint("到货破损") };
        let claim = world.note("sales-manager", &file, claim).await.good();
        ruled(&evaluated(world, &file).await, Verdict::Frozen, &[Ground::Retention, Ground::Dispute, Ground::NotTold]);
        let raised = world.advance("sales-manager", &claim.name).await.good();
        world.rewrite("sales-manager", &raised, RESULT, Some(text("已赔付"))).await.good();
        assert_eq!(world.advance("sales-manager", &claim.name).await.good().state(), RecordState::Final);
        ruled(&evaluated(world, &file).await, Verdict::KeepUntil, &[Ground::Retention, Ground::NotTold]);
        // A hold comes when it comes, too.
        done(world, &file, "notice").await;
        ruled(&evaluated(world, &file).await, Verdict::Frozen, &[Ground::Retention, Ground::Hold, Ground::NotTold]);
        check::proven(world).await;
    }

    // proves: C-06
    async fn a_file_is_kept_while_what_belongs_to_it_is_not_closed(world) {
        let customer = world.active(1).await.name;
        let contract = made(world, contract(&customer, "HT-1")).await.name;
        close(world, &customer).await;
        let grounds = [Ground::Retention, Ground::PartsOpen, Ground::NotTold];
        ruled(&evaluated(world, &customer).await, Verdict::KeepUntil, &grounds);
        close(world, &contract).await;
        ruled(&evaluated(world, &customer).await, Verdict::KeepUntil, &[Ground::Retention, Ground::NotTold]);
        assert_eq!(world.read("archivist", &customer).await.good().state(), CustomerFileState::Closed);
    }

    // proves: I10, A-01
    async fn what_is_not_seen_is_neither_evaluated_nor_held(world) {
        let file = world.active(1).await.name;
        done(world, &file, "notice").await;
        let hold = holds(world, "files/-", "").await.remove(0).name;
        let nothing = format!("files/{}", Uuid::from_u128(0x7777));
        let mut service = world.profile("service-1").disposition;
        for name in [&file, &nothing] {
            service.evaluate_disposition(EvaluateDispositionRequest { name: name.clone() }).await.refused(Reason::ResourceNotFound);
            let request = ListHoldsRequest { parent: name.clone(), ..ListHoldsRequest::default() };
            service.list_holds(request).await.refused(Reason::ResourceNotFound);
        }
        let fault = service.get_hold(GetHoldRequest { name: hold.clone() }).await.refused(Reason::ResourceNotFound);
        assert_eq!(fault.missing, hold);
        let all = ListHoldsRequest { parent: "files/-".into(), ..ListHoldsRequest::default() };
        assert!(service.list_holds(all.clone()).await.good().holds.is_empty());
        world.profile("sales-1").disposition.list_holds(all).await.refused(Reason::PermissionDenied);
    }

    async fn holds_are_listed_page_by_page_newest_first(world) {
        let (one, two) = (world.active(1).await.name, world.active(2).await.name);
        let mut placed = Vec::new();
        for file in [&one, &two, &one] {
            placed.insert(0, done(world, file, "order").await.name);
        }
        let (mut seen, mut page_token) = (Vec::new(), String::new());
        loop {
            let request = ListHoldsRequest { parent: "files/-".into(), page_size: 1, page_token, ..ListHoldsRequest::default() };
            let page = world.profile("archivist").disposition.list_holds(request).await.good();
            seen.extend(page.holds.into_iter().map(|hold| hold.record));
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
        assert_eq!(seen, placed);
        assert_eq!(holds(world, &two, "").await.len(), 1);
    }

    // proves: I9, I3
    async fn a_hold_or_a_term_that_was_changed_by_hand_is_found_by_the_verifier(world) {
        let file = world.active(1).await.name;
        done(world, &file, "notice").await;
        close(world, &file).await;
        check::proven(world).await;
        transact!(world.db(Which::Profile), tx => {
            sql!(tx, execute, "UPDATE hold SET released_at = placed_at, releaser = placer, releasing = record WHERE org = $1", DEMO)?;
            sql!(tx, execute, "UPDATE customer_file SET keep_until = '2026-01-01' WHERE org = $1", DEMO)
        }).unwrap();
        let found = check::replayed(world).await;
        let named = |table: &str, field: &str| found.iter().any(|one| one.contains(table) && one.contains(field));
        assert!(named("hold", "released_at") && named("customer_file", "keep_until"), "{found:?}");
    }
}
