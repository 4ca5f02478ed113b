//! Idempotency rows, retry, leases.

use std::sync::Arc;
use std::time::Duration;

use dossier_kernel::call::{Bearer, Call};
use dossier_kernel::db::{Db, Settings, require_rows};
use dossier_kernel::error::Result;
use dossier_kernel::lease::{Acquired, Lease, acquire};
use dossier_kernel::mutate;
use dossier_kernel::mutation::{Begun, Mutations};
use dossier_proto::duty::v1::{CompleteDutyRequest, Duty};
use dossier_vault::Replies;

use super::BENCH;
use crate::prelude::*;

pub(super) fn call(world: &World) -> Call {
    Call {
        org: BENCH.into(),
        subject: "somebody".into(),
        service: false,
        method: "dossier.duty.v1.DutyService/CompleteDuty",
        now: world.now(),
        expires: jiff::Timestamp::MAX,
        bearer: Bearer::default(),
        deadline: None,
        trace_id: None,
        replayed: Default::default(),
    }
}

pub(super) fn mutations(world: &World, db: &Db) -> Mutations {
    let ground = world.ground();
    let sealer = Replies::new(ground.provider.clone(), ground.providers.ids.clone()).unwrap();
    Mutations::new(db.clone(), Arc::new(sealer), ground.providers.clone())
}

pub(super) fn request(world: &World, name: &str) -> CompleteDutyRequest {
    let (name, request_id) = (name.to_owned(), world.request_id());
    CompleteDutyRequest { name, request_id, ..CompleteDutyRequest::default() }
}

// An effect that can be counted: one lease row for each time it happens.
pub(super) async fn effect(mutations: &Mutations, call: &Call, request: &CompleteDutyRequest) -> Result<Duty> {
    let request = request.clone();
    mutate!(*mutations, call, request, tx => {
        let text = "INSERT INTO lease (org, name, holder, epoch, expires_at) VALUES ($1, 'counter', '', 1, 0)
                    ON CONFLICT (org, name) DO UPDATE SET epoch = lease.epoch + 1";
        sql!(tx, execute, text, BENCH)?;
        Ok(Duty { name: request.name.clone(), ..Duty::default() })
    }, kept => Ok(kept))
}

pub(super) async fn counted(db: &Db) -> i64 {
    let mut tx = db.read().await.unwrap();
    let text = "SELECT epoch FROM lease WHERE org = $1 AND name = 'counter'";
    sql!(&mut tx, fetch_optional as (i64,), text, BENCH).unwrap().map_or(0, |(count,)| count)
}

on_both_stores! {
    // proves: I8
    async fn the_same_request_id_gives_the_same_reply_and_one_effect(world) {
        let db = world.db(Which::Credit);
        let (mutations, call) = (mutations(world, db), call(world));
        let request = request(world, "duties/1");
        let first = effect(&mutations, &call, &request).await.unwrap();
        let again = effect(&mutations, &call, &request).await.unwrap();
        assert_eq!((first.name.as_str(), &first), ("duties/1", &again));
        assert_eq!(counted(db).await, 1);
        let other = CompleteDutyRequest { name: "duties/2".into(), ..request };
        let fault = effect(&mutations, &call, &other).await.unwrap_err();
        assert_eq!(fault.reason(), Reason::RequestIdReused);
        assert_eq!(counted(db).await, 1);
    }

    // proves: I8
    async fn many_at_once_with_one_request_id_have_one_effect(world) {
        let db = world.db(Which::Credit);
        let (mutations, call) = (mutations(world, db), call(world));
        let request = request(world, "duties/1");
        let calls = (0..16).map(|_| effect(&mutations, &call, &request));
        let replies = futures::future::join_all(calls).await;
        assert!(replies.iter().all(|reply| reply.as_ref().unwrap().name == "duties/1"));
        assert_eq!(counted(db).await, 1);
    }

    async fn a_call_that_only_validates_leaves_nothing(world) {
        let db = world.db(Which::Credit);
        let (mutations, call) = (mutations(world, db), call(world));
        let request = CompleteDutyRequest { validate_only: true, ..request(world, "duties/1") };
        effect(&mutations, &call, &request).await.unwrap();
        assert_eq!(counted(db).await, 0);
        let real = CompleteDutyRequest { validate_only: false, ..request };
        effect(&mutations, &call, &real).await.unwrap();
        assert_eq!(counted(db).await, 1);
    }

    // proves: I8
    async fn a_commit_that_was_lost_is_found_by_the_next_attempt(world) {
        let db = world.db(Which::Credit);
        let (mutations, call) = (mutations(world, db), call(world));
        let request = request(world, "duties/1");
        let key = mutations.key(&call, &request.request_id, false, &request).unwrap();
        // An attempt that never came to its commit, and one whose answer never came.
        let Begun::Fresh(lost) = mutations.begin(&key).await.unwrap() else { panic!("not fresh") };
        drop(lost);
        effect(&mutations, &call, &request).await.unwrap();
        assert!(matches!(mutations.begin(&key).await.unwrap(), Begun::Replay(..)));
        assert_eq!(counted(db).await, 1);
    }

    async fn old_replies_are_forgotten_after_a_day(world) {
        let db = world.db(Which::Credit);
        let (mutations, call) = (mutations(world, db), call(world));
        effect(&mutations, &call, &request(world, "duties/1")).await.unwrap();
        assert_eq!(mutations.prune(BENCH).await.unwrap(), 0);
        world.pass(SignedDuration::from_hours(25));
        assert_eq!(mutations.prune(BENCH).await.unwrap(), 1);
    }

    async fn transactions_that_collide_are_repeated_until_all_are_through(world) {
        let settings = Settings { attempts: 200, ..Settings::new(world.url(Which::Credit)) };
        let db = &Db::open(&settings).await.unwrap();
        let seed = transact!(*db, tx => {
            let text = "INSERT INTO lease (org, name, holder, epoch, expires_at) VALUES ($1, 'counter', '', 1, 0)";
            sql!(tx, execute, text, BENCH)
        });
        seed.unwrap();
        let add = || async {
            transact!(*db, tx => {
                let text = "SELECT epoch FROM lease WHERE org = $1 AND name = 'counter'";
                let (count,) = sql!(tx, fetch_one as (i64,), text, BENCH)?;
                let text = "UPDATE lease SET epoch = $2 + 1 WHERE org = $1 AND name = 'counter' AND epoch = $2";
                require_rows(sql!(tx, execute, text, BENCH, count)?, 1)
            })
        };
        let done = futures::future::join_all((0..12).map(|_| add())).await;
        assert!(done.iter().all(Result::is_ok), "{done:?}");
        assert_eq!(counted(db).await, 13);
        db.close().await;
    }

    async fn a_lease_has_one_holder_and_its_epoch_shuts_out_the_one_before(world) {
        let (db, ttl) = (world.db(Which::Access), Duration::from_secs(10));
        let clock = world.ground().providers.clock.as_ref();
        let take = |holder: &'static str| acquire(db, BENCH, "job", holder, clock, ttl);
        let Acquired::Held(first) = take("one").await.unwrap() else { panic!("the lease was free") };
        assert_eq!(first.epoch, 1);
        assert!(matches!(take("two").await.unwrap(), Acquired::Taken { left } if !left.is_zero()));
        assert!(first.renew(db, clock, ttl).await.unwrap());
        world.pass(SignedDuration::from_secs(11));
        let Acquired::Held(second) = take("two").await.unwrap() else { panic!("the lease had run out") };
        assert_eq!(second.epoch, 2);
        assert!(!first.renew(db, clock, ttl).await.unwrap());
        fenced(db, &first, Some(Reason::ConflictRetry)).await;
        fenced(db, &second, None).await;
        assert!(!first.release(db).await.unwrap());
        assert!(second.release(db).await.unwrap());
        let Acquired::Held(third) = take("one").await.unwrap() else { panic!("the lease was given back") };
        assert_eq!(third.epoch, 3);
    }
}

async fn fenced(db: &Db, lease: &Lease, refusal: Option<Reason>) {
    let mut tx = db.write().await.unwrap();
    assert_eq!(lease.fence(&mut tx).await.err().map(|fault| fault.reason()), refusal);
}
