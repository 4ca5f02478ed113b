//! A bus that somebody else writes to: Redis in the hands of who would like to read a file.

use dossier_journal::publish::stream;
use dossier_proto::journal::v1::event::Kind;
use dossier_proto::journal::v1::{EntryBody, Event, GrantChanged};
use dossier_proto::types::AccessKind;
use dossier_tests::world::{redis_url, skipped};
use prost::Message;

use super::replicas::redis_of;
use crate::prelude::*;

/// The next entry of access's journal as somebody would like it: a right of sales-2 to `file`.
async fn wish(world: &World, file: &str) -> (i64, Vec<u8>) {
    let granted = GrantChanged {
        grant: format!("grants/{}", Uuid::from_u128(77)),
        file: file.to_owned(),
        holder: world.who("sales-2").await,
        purpose: "customer_service".into(),
        kind: AccessKind::View.into(),
        valid_from: Some(stamp(world.now() - SignedDuration::from_hours(1))),
        valid_until: Some(stamp(world.now() + SignedDuration::from_hours(8))),
        ..GrantChanged::default()
    };
    let body = EntryBody {
        id: Uuid::from_u128(78).to_string(),
        org: DEMO.into(),
        service: "access".into(),
        time: Some(stamp(world.now())),
        actor: world.who("gm").await,
        action: "grant.issued".into(),
        subject: granted.grant.clone(),
        event: Some(Event { kind: Some(Kind::GrantChanged(granted)) }),
        ..EntryBody::default()
    };
    (applied(world).await + 1, body.encode_to_vec())
}

// How far profile has applied access's journal.
async fn applied(world: &World) -> i64 {
    let mut tx = world.db(Which::Profile).read().await.unwrap();
    dossier_journal::cursor(&mut tx, DEMO, "profile", "access").await.unwrap()
}

// As whoever has the password of Redis and no key of ours.
async fn write(world: &World, seq: i64, body: &[u8]) {
    let mut connection = redis_of(world).await.unwrap();
    let key = format!("{}:stream:{{{}}}", world.ground().config.bus.prefix, stream(DEMO, "access", ""));
    let mut command = redis::cmd("XADD");
    command.arg(key).arg(format!("{seq}-0")).arg("b").arg(body);
    let () = command.query_async(&mut connection).await.unwrap();
}

async fn world_and_file() -> (World, String) {
    let world = World::start(Store::Postgres).await;
    let file = world.at_level(1, "confidential").await.name;
    world.read("sales-2", &file).await.refused(Reason::ResourceNotFound);
    world.settle().await;
    (world, file)
}

// proves: I4, I10
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_gives_himself_a_right_by_writing_to_the_bus() {
    if redis_url().is_none() || !Store::Postgres.available() {
        return skipped("nobody_gives_himself_a_right_by_writing_to_the_bus");
    }
    let (world, file) = world_and_file().await;
    let (seq, body) = wish(&world, &file).await;
    write(&world, seq, &body).await;
    // What access really says next has the same number, and the bus does not take it any more.
    let asked = world.ask("sales-2", &file, AccessKind::View).await.good().access_request.unwrap();
    world.settle().await;
    assert!(applied(&world).await >= seq);
    world.read("sales-2", &file).await.refused(Reason::ResourceNotFound);
    check::holds(&world).await;
    // The right that is really given comes all the same.
    world.approve("gm", &asked.approval).await.good();
    world.settle().await;
    world.read("sales-2", &file).await.good();
    check::holds(&world).await;
    world.end().await;
}

// The negative control: with the key of the services the same entry is taken from the bus; access, asked about it, does not
// have it, and then nothing is decided on either any more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_the_key_of_the_services_is_believed() {
    if redis_url().is_none() || !Store::Postgres.available() {
        return skipped("who_has_the_key_of_the_services_is_believed");
    }
    let (world, file) = world_and_file().await;
    let (seq, body) = wish(&world, &file).await;
    world.ground().bus.append(&stream(DEMO, "access", ""), seq, &body).await.unwrap();
    let end = tokio::time::Instant::now() + std::time::Duration::from_secs(30);
    while applied(&world).await < seq {
        assert!(tokio::time::Instant::now() < end, "what the bus brings is not applied");
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    loop {
        let answer = world.read("sales-2", &file).await.map_err(|status| Refused::of(&status).reason);
        if answer.err() == Some(Reason::AuthorityStale) {
            break;
        }
        assert!(tokio::time::Instant::now() < end, "what access does not have is believed for ever");
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    world.end().await;
}
