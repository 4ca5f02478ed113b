//! Contents of documents in a bucket of an S3 server: what crosses the store; all else is shown on a folder (`uploads`).

use std::future::Future;
use std::pin::Pin;

use dossier::verify::contents;
use dossier_proto::profile::v1::{DocumentCarrier, GetDocumentUploadRequest};
use dossier_tests::Bucket;
use dossier_tests::bucket::Mode;
use dossier_tests::scene::{PDF, paper, pdf};
use dossier_tests::world::run_with;

use super::documents::rules;
use crate::prelude::*;

/// Bytes of one piece in the store of contents.
const PIECE: usize = 4 << 20;

// Runs one behaviour in a world that keeps contents in a bucket of its own.
async fn in_a_bucket<F>(store: Store, name: &str, behaviour: F)
where
    F: for<'w> FnOnce(&'w World, Bucket) -> Pin<Box<dyn Future<Output = ()> + Send + 'w>>,
{
    let (rules, bucket) = (rules(), Bucket::start().await);
    let mut options = bucket.options();
    options.extend(rules.options().map(|(key, value)| (key.to_owned(), value)));
    run_with(store, name, &options, |world| behaviour(world, bucket)).await;
}

macro_rules! on_both_stores_in_a_bucket {
    ($($(#[$meta:meta])* async fn $name:ident($world:ident, $bucket:ident) $body:block)+) => {$(
        mod $name {
            use super::*;

            async fn behaviour($world: &World, $bucket: Bucket) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            $(#[$meta])*
            async fn sqlite() {
                in_a_bucket(Store::Sqlite, module_path!(), |world, bucket| Box::pin(behaviour(world, bucket))).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            $(#[$meta])*
            async fn postgres() {
                in_a_bucket(Store::Postgres, module_path!(), |world, bucket| Box::pin(behaviour(world, bucket))).await;
            }
        }
    )+};
}

// What `dossier verify --content` finds wrong.
async fn verified(world: &World) -> Vec<String> {
    world.settle().await;
    let mut verified = check::verified(world, Vec::new()).await;
    contents(&world.ground().config, &mut verified).await.unwrap();
    verified.iter().flat_map(check::faults).collect()
}

on_both_stores_in_a_bucket! {
    async fn content_goes_on_where_it_was_cut_leaves_as_it_came_and_is_missed_when_it_is_lost(world, bucket) {
        let file = world.active(1).await.name;
        let one = world.file_document("sales-1", &file, paper("other", DocumentCarrier::Scan, "扫描件")).await.good();
        let (content, upload) = (pdf(2 * PIECE + 100), world.an_upload(&one.name));
        let about = (upload.as_str(), content.len(), PDF);
        let cut = world.send("sales-1", about, (0, &content[..PIECE + 5_000], 1 << 20)).await.unwrap();
        assert_eq!(cut.received_bytes, i64::try_from(PIECE).unwrap());
        world.send("sales-1", about, (PIECE, &content[PIECE..], 1 << 20)).await.unwrap();
        world.attach("sales-1", &upload).await.good();
        assert!(world.download("sales-2", &one.name, 0).await.unwrap() == content, "byte for byte");
        let from = PIECE - 10;
        assert!(world.download("sales-2", &one.name, i64::try_from(from).unwrap()).await.unwrap() == content[from..]);
        assert!(!world.folder().join("documents").exists(), "nothing of it lies on this machine");
        assert_eq!(verified(world).await, Vec::<String>::new());
        let objects = bucket.objects();
        let paths = objects.below(DEMO).await.unwrap();
        assert_eq!(paths.len(), 3);
        let kept = objects.get(&paths[1]).await.unwrap().unwrap();
        assert!(!kept.windows(16).any(|part| part == &content[PIECE..PIECE + 16]), "sealed");
        // While its server is gone nothing is known to be lost.
        bucket.set(Mode::CutsOff);
        let mut found = check::verified(world, Vec::new()).await;
        assert!(contents(&world.ground().config, &mut found).await.is_err());
        bucket.set(Mode::Answers);
        objects.remove(&paths[1]).await.unwrap();
        world.download("sales-1", &one.name, 0).await.map(tonic::Response::new).refused(Reason::ContentLost);
        let told = verified(world).await;
        assert_eq!(told.len(), 1, "{told:?}");
    }

    async fn what_nobody_goes_on_with_is_dropped_after_a_day_and_content_stays(world, bucket) {
        let file = world.active(1).await.name;
        let content = pdf(PIECE + 100);
        let made = world.scanned("sales-1", &file, &content).await;
        let objects = bucket.objects();
        let paths = objects.below(DEMO).await.unwrap();
        // What a stream that was overtaken wrote after everything was over.
        let (first, _) = paths[0].rsplit_once('/').unwrap();
        objects.put(&format!("{first}/00000000-9"), vec![1]).await.unwrap();
        let one = world.file_document("sales-1", &file, paper("other", DocumentCarrier::Scan, "扫描件")).await.good();
        let upload = world.an_upload(&one.name);
        world.send("sales-1", (&upload, content.len(), PDF), (0, &content[..PIECE], 1 << 20)).await.unwrap();
        assert_eq!(objects.below(DEMO).await.unwrap().len(), paths.len() + 2);
        world.pass(SignedDuration::from_hours(25));
        world.running().catch_up(DEMO).await.unwrap();
        let mut left = objects.below(DEMO).await.unwrap();
        left.sort();
        assert_eq!(left, { let mut paths = paths; paths.sort(); paths });
        assert!(world.download("sales-1", &made.name, 0).await.unwrap() == content);
    }

    async fn a_server_that_is_gone_or_hangs_refuses_and_what_was_kept_before_goes_on(world, bucket) {
        let file = world.active(1).await.name;
        let one = world.file_document("sales-1", &file, paper("other", DocumentCarrier::Scan, "扫描件")).await.good();
        let (content, upload) = (pdf(2 * PIECE + 100), world.an_upload(&one.name));
        let about = (upload.as_str(), content.len(), PDF);
        let request = GetDocumentUploadRequest { name: upload.clone() };
        let mut calls = world.profile("sales-1").documents;
        for (at, mode) in [Mode::CutsOff, Mode::SaysNothing].into_iter().enumerate() {
            let from = at * PIECE;
            bucket.set(mode);
            let refused = world.send("sales-1", about, (from, &content[from..], 1 << 20)).await.map(tonic::Response::new);
            refused.refused(Reason::ContentUnavailable);
            let kept = calls.get_document_upload(request.clone()).await.good().received_bytes;
            assert_eq!(kept, i64::try_from(from).unwrap(), "no piece that is not there");
            bucket.set(Mode::Answers);
            assert_eq!(bucket.objects().below(DEMO).await.unwrap().len(), at, "nothing half kept");
            world.send("sales-1", about, (from, &content[from..from + PIECE], 1 << 20)).await.unwrap();
        }
        world.send("sales-1", about, (2 * PIECE, &content[2 * PIECE..], 1 << 20)).await.unwrap();
        world.attach("sales-1", &upload).await.good();
        bucket.set(Mode::CutsOff);
        world.download("sales-1", &one.name, 0).await.map(tonic::Response::new).refused(Reason::ContentUnavailable);
        // Whoever starts meanwhile serves what needs no contents, and contents once they are there.
        let other = world.replica().await;
        let read = GetDocumentUploadRequest { name: world.an_upload(&one.name) };
        other.profile("sales-1").documents.get_document_upload(read).await.refused(Reason::ResourceNotFound);
        bucket.set(Mode::Answers);
        other.stop().await;
        assert!(world.download("sales-1", &one.name, 0).await.unwrap() == content);
        check::proven(world).await;
    }
}
