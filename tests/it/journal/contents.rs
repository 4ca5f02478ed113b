//! The store of contents beside a store that was put back: what nobody knows is told, and dropped by command.

use dossier::recover::Args;
use dossier::serve::Ground;
use dossier_kernel::config::Config;
use dossier_kernel::objects::Objects;
use dossier_profile::audit;
use dossier_proto::profile::v1::DocumentCarrier;
use dossier_tests::Bucket;
use dossier_tests::bucket::Mode;
use dossier_tests::scene::{PDF, paper, pdf};
use dossier_tests::world::skipped;
use jiff::SignedDuration;

use super::restored::{asked, mended, order};
use crate::prelude::*;

async fn told(world: &World) -> Vec<String> {
    let db = world.open(Which::Profile).await;
    let objects = world.ground().contents().unwrap();
    let found = audit::contents(&world.ground().vault, &objects, &db, DEMO).await.unwrap();
    db.close().await;
    found.differences.iter().map(ToString::to_string).collect()
}

async fn mend(world: &World, drop_contents: bool) -> Vec<String> {
    mended(world.ground(), Args { drop_contents, ..order() }).await
}

async fn lying(objects: &Objects) -> usize {
    objects.below(DEMO).await.unwrap().len()
}

async fn what_came_in_since_is_dropped(store: Store) {
    if !store.available() {
        return skipped(module_path!());
    }
    let mut world = World::start(store).await;
    let file = world.active(1).await.name;
    let kept = world.scanned("sales-1", &file, &pdf(5_000)).await;
    world.settle().await;
    world.pause().await;
    world.back_up(Which::Profile).await;
    world.resume().await;
    // One that is there, and one that was on its way.
    world.scanned("sales-1", &file, &pdf(6_000)).await;
    let one = world.file_document("sales-1", &file, paper("other", DocumentCarrier::Scan, "扫描件")).await.good();
    let upload = world.an_upload(&one.name);
    let five = 5 << 20;
    world.send("sales-1", (&upload, five, PDF), (0, &pdf(five)[..4 << 20], 1 << 20)).await.unwrap();
    world.settle().await;
    world.pause().await;
    assert_eq!(told(&world).await, [""; 0], "what is under way is known");
    world.put_back(Which::Profile).await;
    let found = told(&world).await;
    assert!(found.len() == 2 && found.iter().all(|line| line.contains("no row knows it")), "{found:?}");
    let said = mend(&world, false).await;
    assert!(said.iter().any(|line| line.contains("2 contents that no document names stay")), "{said:?}");
    assert_eq!(told(&world).await.len(), 2, "nobody asked for more");
    assert_eq!(mend(&world, true).await.len(), 2, "the journals agree by now");
    assert_eq!(mend(&world, true).await.len(), 1, "the second time there is nothing to do");
    assert_eq!(told(&world).await, [""; 0], "they are known as left over");
    world.resume().await;
    let objects = world.ground().contents().unwrap();
    assert_eq!(lying(&objects).await, 3);
    world.pass(SignedDuration::from_hours(25));
    world.running().catch_up(DEMO).await.unwrap();
    assert_eq!(lying(&objects).await, 1);
    assert!(world.download("sales-1", &kept.name, 0).await.unwrap() == pdf(5_000));
    check::holds(&world).await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_came_in_since_a_backup_is_told_and_dropped_sqlite() {
    Box::pin(what_came_in_since_is_dropped(Store::Sqlite)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_came_in_since_a_backup_is_told_and_dropped_postgres() {
    Box::pin(what_came_in_since_is_dropped(Store::Postgres)).await;
}

// Another store of contents than the one that the services wrote to: a bucket whose server is gone.
async fn beside_a_bucket_that_is_gone(store: Store) {
    if !store.available() {
        return skipped(module_path!());
    }
    let mut world = World::start(store).await;
    world.active(1).await;
    world.settle().await;
    world.pause().await;
    world.back_up(Which::Profile).await;
    world.resume().await;
    let lost = world.active(2).await;
    world.settle().await;
    world.pause().await;
    world.put_back(Which::Profile).await;
    let bucket = Bucket::start().await;
    bucket.set(Mode::CutsOff);
    let mut config = Config::clone(&world.ground().config);
    config.documents.s3 = bucket.settings();
    let ground = Ground::lay_offline(config, &Which::ALL, world.ground().providers.clone()).await.unwrap();
    let refused = asked(&ground, &Args { drop_contents: true, ..order() }).await.unwrap_err();
    assert!(refused.to_string().contains("CONTENT_UNAVAILABLE"), "{refused}");
    // The journals were mended all the same, and the command may be given again.
    let said = asked(&ground, &order()).await.unwrap();
    assert!(said.iter().any(|line| line.contains("contents were not looked through")), "{said:?}");
    assert!(said.iter().any(|line| line.contains("there is nothing to recover")), "{said:?}");
    world.resume().await;
    world.read("sales-1", &lost.name).await.refused(Reason::ResourceNotFound);
    check::holds(&world).await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bucket_that_is_gone_keeps_nobody_from_recovering_sqlite() {
    Box::pin(beside_a_bucket_that_is_gone(Store::Sqlite)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bucket_that_is_gone_keeps_nobody_from_recovering_postgres() {
    Box::pin(beside_a_bucket_that_is_gone(Store::Postgres)).await;
}
