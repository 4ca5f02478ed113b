//! Entries, sequencer, publishing, consumers, disclosures, export and the verifier, on both stores.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use dossier_journal::checkpoint::Origin;
use dossier_journal::consumer::Pace;
use dossier_journal::disclosure::Settings;
use dossier_journal::publish::publish;
use dossier_journal::sequencer::{Halt, sequence, sequence_in};
use dossier_journal::verify::{self, Trust};
use dossier_journal::{Apply, Consumer, Disclosures, Log, Recorder, StoreSource, Wake, append_all, cursor};
use dossier_kernel::db::{Db, Tx};
use dossier_kernel::error::Result;
use dossier_kernel::time::micros;
use dossier_proto::journal::v1::event::Kind;
use dossier_proto::journal::v1::{EntryBody, FileDisclosed};
use ed25519_dalek::SigningKey;
use tokio_util::task::TaskTracker;

use super::BENCH;
use crate::prelude::*;

fn log() -> Log {
    Log::new(Origin::new(BENCH, "profile").unwrap(), SigningKey::from_bytes(&[7; 32]))
}

fn entry(world: &World, n: u128) -> EntryBody {
    let file = format!("files/{}", Uuid::from_u128(n));
    let event = FileDisclosed { file: file.clone(), reader: "persons/1".into(), ..FileDisclosed::default() };
    let recorder = Recorder::new("profile", world.ground().providers.clone());
    recorder.work(BENCH, "file.disclosed", &file).event(Kind::FileDisclosed(event)).body()
}

async fn appended(world: &World, count: u128) {
    let entries: Vec<_> = (1..=count).map(|n| entry(world, n)).collect();
    let done: Result<()> = transact!(*world.db(Which::Profile), tx => append_all(tx, &entries).await);
    done.unwrap();
}

async fn numbered(world: &World, epoch: i64, limit: i64) -> std::result::Result<u64, Halt> {
    let db = world.db(Which::Profile);
    let batch = sequence(db, &log(), epoch, micros(world.now()), limit).await?;
    Ok(batch.map_or(0, |batch| batch.entries))
}

/// Counts each entry in a table that a test makes.
struct Count;

#[async_trait]
impl Apply for Count {
    async fn apply(&self, tx: &mut Tx, seq: i64, entry: &EntryBody) -> Result<()> {
        sql!(tx, execute, "INSERT INTO applied (org, seq, id) VALUES ($1, $2, $3)", &entry.org, seq, &entry.id)?;
        Ok(())
    }
}

async fn consumer(world: &World, bus: Arc<dyn dossier_kernel::bus::Bus>) -> Consumer {
    let db = world.db(Which::Profile).clone();
    let made: Result<u64> = transact!(db, tx => {
        sql!(tx, execute, "CREATE TABLE IF NOT EXISTS applied (org TEXT, seq BIGINT, id TEXT)")
    });
    made.unwrap();
    let (owner, apply) = (Arc::new(StoreSource(db.clone())), Arc::new(Count));
    let doubts = dossier_journal::Doubts::default();
    let pace = Pace { batch: 4, pause: Duration::from_millis(1), ..Pace::default() };
    let freshness = dossier_journal::Freshness::default();
    Consumer {
        name: "bench",
        source: "profile",
        orgs: vec![BENCH.into()],
        db,
        bus,
        owner,
        apply,
        freshness,
        doubts,
        pace,
    }
}

async fn applied(db: &Db) -> Vec<i64> {
    let mut tx = db.read().await.unwrap();
    let rows = sql!(&mut tx, fetch_all as (i64,), "SELECT seq FROM applied ORDER BY seq").unwrap();
    rows.into_iter().map(|(seq,)| seq).collect()
}

on_both_stores! {
    // proves: I3
    async fn numbers_follow_without_gap_and_the_journal_verifies(world) {
        let db = world.db(Which::Profile);
        for count in [1, 5, 9] {
            appended(world, count).await;
            while numbered(world, 1, 4).await.unwrap() > 0 {}
        }
        let report = verify::store(&mut db.read().await.unwrap(), &log().verifier(), &Trust::default()).await.unwrap();
        assert!(report.verified(), "{:?}", report.faults);
        assert_eq!(report.entries, 15);
        let mut file = Vec::new();
        dossier_journal::export::export(&mut db.read().await.unwrap(), &log().verifier(), &mut file).await.unwrap();
        let report = verify::export(&file[..], &Trust::default()).unwrap();
        assert!(report.verified(), "{:?}", report.faults);
    }

    // proves: I3
    async fn a_changed_byte_is_found_and_its_entry_named(world) {
        let db = world.db(Which::Profile);
        appended(world, 6).await;
        numbered(world, 1, 100).await.unwrap();
        let mut tx = db.write().await.unwrap();
        let text = "SELECT body FROM journal_entry WHERE org = $1 AND seq = 4";
        let (mut body,) = sql!(&mut tx, fetch_one as (Vec<u8>,), text, BENCH).unwrap();
        *body.last_mut().unwrap() ^= 1;
        let text = "UPDATE journal_entry SET body = $2 WHERE org = $1 AND seq = 4";
        sql!(&mut tx, execute, text, BENCH, body).unwrap();
        tx.commit().await.unwrap();
        let report = verify::store(&mut db.read().await.unwrap(), &log().verifier(), &Trust::default()).await.unwrap();
        assert!(report.faults.iter().any(|fault| fault.place.seq == Some(4)), "{:?}", report.faults);
    }

    // proves: I3
    async fn a_holder_that_slept_through_the_change_of_hands_writes_nothing(world) {
        let db = world.db(Which::Profile);
        appended(world, 3).await;
        // The new holder, epoch 2, numbers; the old one wakes up in the middle of its round.
        assert_eq!(numbered(world, 2, 2).await.unwrap(), 2);
        let halt = numbered(world, 1, 100).await.unwrap_err();
        assert!(matches!(halt, Halt::Fenced { epoch: 1 }), "{halt}");
        let mut tx = db.write().await.unwrap();
        let halt = sequence_in(&mut tx, &log(), 1, micros(world.now()), 100).await.unwrap_err();
        assert!(matches!(halt, Halt::Fenced { epoch: 1 }), "{halt}");
        drop(tx);
        let bus = world.ground().bus.clone();
        assert!(publish(db, bus.as_ref(), log().origin(), 1).await.is_err());
        assert_eq!(numbered(world, 2, 100).await.unwrap(), 1);
        assert_eq!(publish(db, bus.as_ref(), log().origin(), 2).await.unwrap(), 3);
    }

    // proves: I4
    async fn two_replicas_of_a_consumer_apply_each_entry_once(world) {
        let bus = world.ground().bus.clone();
        appended(world, 40).await;
        numbered(world, 1, 100).await.unwrap();
        publish(world.db(Which::Profile), bus.as_ref(), log().origin(), 1).await.unwrap();
        let (one, two) = (consumer(world, bus.clone()).await, consumer(world, bus).await);
        let (one, two) = tokio::join!(one.drain(BENCH), two.drain(BENCH));
        assert_eq!(one.unwrap() + two.unwrap(), 40);
        assert_eq!(applied(world.db(Which::Profile)).await, (1..=40).collect::<Vec<_>>());
    }

    // proves: I4
    async fn what_the_bus_lost_comes_from_the_owner(world) {
        let db = world.db(Which::Profile);
        appended(world, 5).await;
        numbered(world, 1, 100).await.unwrap();
        // Nothing was published: the stream is as empty as after the loss of all of Redis.
        let consumer = consumer(world, world.ground().bus.clone()).await;
        assert_eq!(consumer.drain(BENCH).await.unwrap(), 5);
        assert_eq!(cursor(&mut db.read().await.unwrap(), BENCH, "bench", "profile").await.unwrap(), 5);
        // Published late, the same entries are old news.
        publish(db, world.ground().bus.as_ref(), log().origin(), 1).await.unwrap();
        assert_eq!(consumer.drain(BENCH).await.unwrap(), 0);
        assert_eq!(applied(db).await, [1, 2, 3, 4, 5]);
    }

    // proves: I3
    async fn readers_at_the_same_time_share_inserts_and_each_has_its_entry(world) {
        let db = world.db(Which::Profile);
        let tasks = TaskTracker::new();
        let disclosures = Disclosures::start(db, &Wake::default(), Settings::default(), &tasks);
        let reads = (1..=64).map(|n| disclosures.record(entry(world, n)));
        assert!(futures::future::join_all(reads).await.iter().all(Result::is_ok));
        let mut tx = db.read().await.unwrap();
        let text = "SELECT COUNT(*) FROM journal_entry WHERE org = $1";
        assert_eq!(sql!(&mut tx, fetch_one as (i64,), text, BENCH).unwrap().0, 64);
    }
}
