//! What versions before noted of submissions in the limit's own row, and versions before that run beside this one.

use super::limit::{draft, state, submit};
use super::world::*;
use dossier_kernel::error::Reason;
use dossier_kernel::sql;
use dossier_proto::access::v1::ApprovalState;
use dossier_proto::credit::v1 as pb;
use serde_json::{Value, json};
use sqlx::types::Json;
use uuid::Uuid;

const WHY: &str = "please, soon";

/// Puts what was noted of the submission under way of `limit` back to where the version before had it; `minor` is the amount that
/// it says.
async fn as_before(world: &World, limit: &pb::Limit, minor: i64) {
    let until = dossier_kernel::time::from_proto("at", limit.valid_until.as_ref().unwrap()).unwrap();
    let content = json!({
        "amount": {"minor": minor, "currency": "CNY"}, "terms": limit.payment_terms, "valid_from": Value::Null,
        "valid_until": until, "rating": limit.rating.rsplit('/').next().unwrap(), "reason": limit.justification,
    });
    let note = json!({"round": 1, "content": content, "words": WHY, "begun_at": world.base.providers.clock.now()});
    let mut tx = world.base.db.write().await.unwrap();
    sql!(&mut tx, execute, "DELETE FROM submission WHERE org = $1", "demo").unwrap();
    let text = "UPDATE credit_limit SET submission = $3 WHERE org = $1 AND id = $2";
    assert_eq!(sql!(&mut tx, execute, text, "demo", id(&limit.name), Some(Json(note))).unwrap(), 1);
    tx.commit().await.unwrap();
}

fn id(name: &str) -> Uuid {
    name.rsplit('/').next().unwrap().parse().unwrap()
}

async fn broken_off(world: &World) -> (pb::Limit, pb::SubmitLimitRequest) {
    let limit = draft(world).await;
    let request = pb::SubmitLimitRequest { reason: WHY.into(), ..submit(&limit.name) };
    world.access.state().mute = true;
    assert!(world.limits().submit_limit(by("analyst", request.clone())).await.is_err());
    world.access.state().mute = false;
    (limit, request)
}

async fn left(world: &World) -> i64 {
    world.count("SELECT COUNT(*) FROM credit_limit WHERE org = $1 AND submission IS NOT NULL").await
}

// proves: C-14, I8, I9
#[tokio::test]
async fn what_a_version_before_began_to_submit_goes_on_under_the_same_id() {
    let world = World::new().await;
    let (limit, request) = broken_off(&world).await;
    as_before(&world, &limit, 100).await;
    let other = pb::Limit { name: limit.name.clone(), amount: Some(yuan(80)), ..Default::default() };
    let update_mask = Some(prost_types::FieldMask { paths: vec!["amount".into()] });
    let update = pb::UpdateLimitRequest { limit: Some(other), update_mask, ..Default::default() };
    assert_eq!(reason(world.limits().update_limit(by("analyst", update)).await), Some(Reason::WrongState));
    // In other words now: the question has those of the first call.
    let again = pb::SubmitLimitRequest { reason: "once more".into(), ..request };
    let sent = world.limits().submit_limit(by("analyst", again)).await.unwrap().into_inner();
    assert_eq!(sent.state(), pb::LimitState::PendingApproval);
    let asked = world.access.state().asked.clone();
    assert_eq!((asked.len(), &asked[0]), (2, &asked[1]));
    assert_eq!((left(&world).await, world.entries("limit.updated").await), (0, 0));
    world.decided(&sent.approval, &sent.name, &sent.content_digest, ApprovalState::Approved).await;
    assert_eq!(state(&world, &limit.name).await, pb::LimitState::Approved);
}

// proves: I9
#[tokio::test]
async fn what_a_version_before_noted_is_brought_under_seal_by_a_job_and_ended_by_the_journal_of_access() {
    let world = World::new().await;
    let (limit, _) = broken_off(&world).await;
    let asked = world.access.state().last.clone();
    as_before(&world, &limit, 100).await;
    assert_eq!(crate::tidy(&world.base, "demo").await.unwrap(), 0);
    assert_eq!(left(&world).await, 0);
    let sealed = "SELECT COUNT(*) FROM submission WHERE org = $1 AND state = 'asking' AND LENGTH(words) > 45";
    assert_eq!(world.count(sealed).await, 1);
    world.decided(&asked.name, &limit.name, &asked.content_digest, ApprovalState::Pending).await;
    assert_eq!(state(&world, &limit.name).await, pb::LimitState::PendingApproval);
    assert_eq!(world.entries("limit.submitted").await, 1);
}

/// The first version took a correction with the submission.
#[tokio::test]
async fn a_correction_that_a_version_before_took_with_the_submission_is_a_correction() {
    let world = World::new().await;
    let (limit, request) = broken_off(&world).await;
    as_before(&world, &limit, 80).await;
    assert_eq!(crate::tidy(&world.base, "demo").await.unwrap(), 0);
    assert_eq!((left(&world).await, world.entries("limit.updated").await), (0, 1));
    let sent = world.limits().submit_limit(by("analyst", request)).await.unwrap().into_inner();
    assert_eq!((sent.state(), sent.amount.clone()), (pb::LimitState::PendingApproval, Some(yuan(80))));
    assert_ne!(sent.content_digest, limit.content_digest);
}

// proves: A-40, C-14
/// During an upgrade a replica of the version before submits and hears beside this one: it knows the limit's row alone.
#[tokio::test]
async fn what_a_version_before_submitted_is_followed_without_a_row() {
    let world = World::new().await;
    let limit = draft(&world).await;
    let mut limits = world.limits();
    let sent = limits.submit_limit(by("analyst", submit(&limit.name))).await.unwrap().into_inner();
    world.decided(&sent.approval, &sent.name, &sent.content_digest, ApprovalState::Returned).await;
    // It handed the limit in again, heard that it was sent back, and this one never knew.
    for (round, heard) in [(2, "pending_approval"), (3, "returned")] {
        let mut tx = world.base.db.write().await.unwrap();
        let text = "UPDATE credit_limit SET state = $3, round = $4, version = version + 1 WHERE org = $1 AND id = $2";
        sql!(&mut tx, execute, text, "demo", id(&limit.name), heard, round).unwrap();
        tx.commit().await.unwrap();
        if round == 2 {
            world.decided(&sent.approval, &sent.name, &[1; 32], ApprovalState::Approved).await;
            assert_eq!(state(&world, &limit.name).await, pb::LimitState::PendingApproval);
        }
    }
    let again = limits.submit_limit(by("analyst", submit(&limit.name))).await.unwrap().into_inner();
    assert_eq!((again.state(), &again.approval), (pb::LimitState::PendingApproval, &sent.approval));
    let mut tx = world.base.db.write().await.unwrap();
    sql!(&mut tx, execute, "DELETE FROM submission WHERE org = $1", "demo").unwrap();
    tx.commit().await.unwrap();
    world.decided(&again.approval, &again.name, &again.content_digest, ApprovalState::Approved).await;
    assert_eq!(state(&world, &limit.name).await, pb::LimitState::Approved);
    assert_eq!(world.exposure().await, [100, 0, 0, 100]);
}
