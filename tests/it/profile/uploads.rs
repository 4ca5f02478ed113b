//! Contents of documents: how they come in, lie in their store and leave (P-58, P-61, P-64).

use std::path::{Path, PathBuf};

use dossier_kernel::objects::Objects;
use dossier_proto::profile::v1::{DocumentCarrier, GetDocumentUploadRequest};
use dossier_tests::on_both_stores_under;
use dossier_tests::scene::{PDF, paper, pdf};
use sha2::{Digest as _, Sha256};

use super::documents::{licence, rules};
use crate::prelude::*;

/// Bytes of one piece in the store of contents.
const PIECE: usize = 4 << 20;

// How many files lie below a folder, what is half written among them.
fn walked(folder: &Path) -> usize {
    let Ok(found) = std::fs::read_dir(folder) else { return 0 };
    let count = |path: PathBuf| if path.is_dir() { walked(&path) } else { 1 };
    found.map(|one| count(one.unwrap().path())).sum()
}

on_both_stores_under! {
    rules();

    // proves: A-42, I3, I9
    async fn content_leaves_as_it_came_and_only_after_the_journal_knows(world) {
        let file = world.active(1).await.name;
        let content = pdf(2 * PIECE + 4_321);
        let made = world.scanned("sales-1", &file, &content).await;
        let kept = made.content.as_ref().unwrap();
        assert_eq!((kept.size_bytes, kept.media_type.as_str(), kept.sha256.len()), (i64::try_from(content.len()).unwrap(), PDF, 0));
        assert_eq!(world.read_document("sales-2", &made.name).await.good().content.unwrap().sha256, Sha256::digest(&content)[..]);
        assert!(world.download("sales-2", &made.name, 0).await.unwrap() == content, "byte for byte");
        let from = PIECE - 10;
        assert!(world.download("sales-2", &made.name, i64::try_from(from).unwrap()).await.unwrap() == content[from..]);
        let told = world.disclosures(&file).await;
        let downloads: Vec<_> = told.iter().filter(|one| one.fields == ["content"] && one.resource == made.name).collect();
        assert_eq!((downloads.len(), downloads[0].reader.clone()), (2, world.who("sales-2").await));
        let past = i64::try_from(content.len() + 1).unwrap();
        assert!(world.download("sales-2", &made.name, past).await.is_err());
        check::proven(world).await;
    }

    async fn nothing_of_a_content_lies_in_clear_on_the_disk(world) {
        let file = world.active(1).await.name;
        let mut content = pdf(9_000);
        content.extend(b"a sentence that only the document holds");
        world.scanned("sales-1", &file, &content).await;
        let folder = world.folder().join("documents");
        let objects = Objects::in_folder(&folder).unwrap();
        let paths = objects.below(DEMO).await.unwrap();
        assert_eq!(paths.len(), 1, "one piece");
        let kept = objects.get(&paths[0]).await.unwrap().unwrap();
        assert!(kept.len() > content.len() && !kept.windows(20).any(|part| b"a sentence that only".starts_with(part)));
    }

    async fn an_upload_that_was_cut_goes_on_where_it_was_kept(world) {
        let file = world.active(1).await.name;
        let one = world.file_document("sales-1", &file, paper("other", DocumentCarrier::Scan, "扫描件")).await.good();
        let (content, upload) = (pdf(2 * PIECE + 100), world.an_upload(&one.name));
        let about = (upload.as_str(), content.len(), PDF);
        // One piece and a bit: the bit is not kept.
        let cut = world.send("sales-1", about, (0, &content[..PIECE + 5_000], 1 << 20)).await.unwrap();
        assert_eq!((cut.received_bytes, cut.sha256.len()), (i64::try_from(PIECE).unwrap(), 0));
        let request = GetDocumentUploadRequest { name: upload.clone() };
        let told = world.profile("sales-1").documents.get_document_upload(request.clone()).await.good();
        assert_eq!(told.received_bytes, cut.received_bytes);
        world.attach("sales-1", &upload).await.refused(Reason::WrongState);
        // Nobody else goes on with it, or learns of it.
        world.profile("sales-manager").documents.get_document_upload(request).await.refused(Reason::ResourceNotFound);
        let foreign = world.send("sales-manager", about, (PIECE, &content[PIECE..], 1 << 20)).await.unwrap_err();
        assert_eq!(foreign.code(), tonic::Code::NotFound);
        // Another whole is no continuation, and neither is a gap.
        assert!(world.send("sales-1", (&upload, content.len() + 1, PDF), (PIECE, &[], 1)).await.is_err());
        let gap = world.send("sales-1", about, (PIECE + 1, &content[PIECE + 1..], 1 << 20)).await.unwrap_err();
        assert_eq!(gap.code(), tonic::Code::InvalidArgument);
        // What is there may come again.
        let whole = world.send("sales-1", about, (PIECE - 7, &content[PIECE - 7..], 1 << 20)).await.unwrap();
        assert_eq!((whole.received_bytes, whole.sha256.clone()), (whole.size_bytes, Sha256::digest(&content).to_vec()));
        world.attach("sales-1", &upload).await.good();
        assert!(world.download("sales-1", &one.name, 0).await.unwrap() == content);
        let objects = Objects::in_folder(&world.folder().join("documents")).unwrap();
        assert_eq!(objects.below(DEMO).await.unwrap().len(), 3, "what overtaken streams wrote is gone");
        // Its content is there once and for all.
        let again = world.an_upload(&one.name);
        let refused = world.send("sales-1", (&again, content.len(), PDF), (0, &content, 1 << 20)).await.unwrap_err();
        assert_eq!(refused.code(), tonic::Code::FailedPrecondition);
    }

    async fn content_that_is_not_what_was_said_is_dropped_and_told(world) {
        let file = world.active(1).await.name;
        let one = world.file_document("sales-1", &file, paper("other", DocumentCarrier::Scan, "扫描件")).await.good();
        let upload = world.an_upload(&one.name);
        let picture = b"\x89PNG\r\n\x1a\n".repeat(40);
        let refused = world.send("sales-1", (&upload, picture.len(), PDF), (0, &picture, 64)).await.map(tonic::Response::new).refused(Reason::ContentMismatch);
        assert_eq!(refused.metadata["media_type"], PDF);
        let objects = Objects::in_folder(&world.folder().join("documents")).unwrap();
        assert!(objects.below(DEMO).await.unwrap().is_empty(), "nothing of it is kept");
        world.attach("sales-1", &upload).await.refused(Reason::ResourceNotFound);
        // More than was said, a type that nobody takes, a size beyond all, and a paper that has no content of its own.
        let content = pdf(500);
        assert!(world.send("sales-1", (&upload, 400, PDF), (0, &content, 500)).await.map(tonic::Response::new).refused(Reason::FieldViolation).names("data"));
        for (size, media_type) in [(500, "application/x-msdownload"), (0, PDF), ((1 << 31) + 1, PDF)] {
            let upload = world.an_upload(&one.name);
            world.send("sales-1", (&upload, size, media_type), (0, &content, 500)).await.map(tonic::Response::new).refused(Reason::FieldViolation);
        }
        let original = world.file_document("sales-1", &file, paper("other", DocumentCarrier::Original, "原件")).await.good();
        let upload = world.an_upload(&original.name);
        world.send("sales-1", (&upload, 500, PDF), (0, &content, 500)).await.map(tonic::Response::new).refused(Reason::FieldViolation);
        let licence = world.file_document("sales-1", &file, licence(DocumentCarrier::Scan, "2027-01-01")).await.good();
        let upload = world.an_upload(&licence.name);
        let refused = world.send("sales-1", (&upload, 500, "text/plain"), (0, &content, 500)).await.map(tonic::Response::new);
        assert!(refused.refused(Reason::FieldViolation).names("media_type"), "the kind takes pdf and pictures");
    }

    async fn a_person_has_only_so_many_uploads_under_way(world) {
        let file = world.active(1).await.name;
        let one = world.file_document("sales-1", &file, paper("other", DocumentCarrier::Scan, "扫描件")).await.good();
        for _ in 0..16 {
            let upload = world.an_upload(&one.name);
            world.send("sales-1", (&upload, 5_000, PDF), (0, &[], 1)).await.unwrap();
        }
        let upload = world.an_upload(&one.name);
        let more = world.send("sales-1", (&upload, 5_000, PDF), (0, &pdf(5_000), 5_000)).await.map(tonic::Response::new);
        more.refused(Reason::RateLimited);
        // Whoever has less goes on.
        let upload = world.an_upload(&one.name);
        let sent = world.send("sales-manager", (&upload, 5_000, PDF), (0, &pdf(5_000), 5_000)).await.unwrap();
        assert!(!sent.sha256.is_empty());
    }

    async fn an_upload_that_nobody_goes_on_with_is_dropped_after_a_day(world) {
        let file = world.active(1).await.name;
        let one = world.file_document("sales-1", &file, paper("other", DocumentCarrier::Scan, "扫描件")).await.good();
        let (content, upload) = (pdf(PIECE + 100), world.an_upload(&one.name));
        world.send("sales-1", (&upload, content.len(), PDF), (0, &content[..PIECE], 1 << 20)).await.unwrap();
        let objects = Objects::in_folder(&world.folder().join("documents")).unwrap();
        assert_eq!(objects.below(DEMO).await.unwrap().len(), 1);
        world.pass(SignedDuration::from_hours(25));
        world.running().catch_up(DEMO).await.unwrap();
        assert!(objects.below(DEMO).await.unwrap().is_empty());
        world.attach("sales-1", &upload).await.refused(Reason::ResourceNotFound);
    }

    async fn what_an_upload_left_over_is_removed_after_a_day_and_its_content_stays(world) {
        let file = world.active(1).await.name;
        let content = pdf(PIECE + 100);
        let made = world.scanned("sales-1", &file, &content).await;
        let documents = world.folder().join("documents");
        let objects = Objects::in_folder(&documents).unwrap();
        let paths = objects.below(DEMO).await.unwrap();
        // What a stream that was overtaken wrote after everything was over, and what a process had half written when it died.
        let (first, _) = paths[0].rsplit_once('/').unwrap();
        objects.put(&format!("{first}/00000000-9"), vec![1]).await.unwrap();
        std::fs::write(documents.join(format!("{first}/00000001-9#1")), b"half").unwrap();
        // And of another one that ended without anything to show.
        let one = world.file_document("sales-1", &file, paper("other", DocumentCarrier::Scan, "扫描件")).await.good();
        let upload = world.an_upload(&one.name);
        world.send("sales-1", (&upload, 200, PDF), (0, &b"\x89PNG\r\n\x1a\n".repeat(25), 64)).await.unwrap_err();
        let ended = upload.replace("/documents/", "/").replace("/uploads/", "/").replacen("files", DEMO, 1);
        objects.put(&format!("{ended}/00000000-1"), vec![1]).await.unwrap();
        let count = || walked(&documents);
        world.running().catch_up(DEMO).await.unwrap();
        assert_eq!(count(), paths.len() + 3, "somebody may still be at it");
        world.pass(SignedDuration::from_hours(25));
        world.running().catch_up(DEMO).await.unwrap();
        assert_eq!((count(), objects.below(DEMO).await.unwrap().len()), (paths.len(), paths.len()));
        assert!(world.download("sales-1", &made.name, 0).await.unwrap() == content);
        assert!(!documents.join(&ended).exists());
    }

    async fn a_folder_that_takes_nothing_refuses_and_what_was_kept_before_goes_on(world) {
        let file = world.active(1).await.name;
        let one = world.file_document("sales-1", &file, paper("other", DocumentCarrier::Scan, "扫描件")).await.good();
        let (content, upload) = (pdf(2 * PIECE + 100), world.an_upload(&one.name));
        let about = (upload.as_str(), content.len(), PDF);
        let all = world.folder().join("documents").join(DEMO);
        let (aside, kept) = (all.with_extension("aside"), i64::try_from(PIECE).unwrap());
        // A file stands where the folder should: as root too nothing can be written there.
        let taken_away = || {
            let _ = std::fs::rename(&all, &aside);
            std::fs::write(&all, b"in the way").unwrap();
        };
        let given_back = || {
            std::fs::remove_file(&all).unwrap();
            let _ = std::fs::rename(&aside, &all);
        };
        taken_away();
        let refused = world.send("sales-1", about, (0, &content, 1 << 20)).await.map(tonic::Response::new);
        refused.refused(Reason::ContentUnavailable);
        let request = GetDocumentUploadRequest { name: upload.clone() };
        let mut calls = world.profile("sales-1").documents;
        assert_eq!(calls.get_document_upload(request.clone()).await.good().received_bytes, 0);
        given_back();
        world.send("sales-1", about, (0, &content[..PIECE], 1 << 20)).await.unwrap();
        taken_away();
        let refused = world.send("sales-1", about, (PIECE, &content[PIECE..], 1 << 20)).await.map(tonic::Response::new);
        refused.refused(Reason::ContentUnavailable);
        assert_eq!(calls.get_document_upload(request).await.good().received_bytes, kept, "no piece that is not there");
        world.attach("sales-1", &upload).await.refused(Reason::WrongState);
        given_back();
        assert_eq!(walked(&all), 1, "nothing half kept");
        world.send("sales-1", about, (PIECE, &content[PIECE..], 1 << 20)).await.unwrap();
        world.attach("sales-1", &upload).await.good();
        taken_away();
        world.download("sales-1", &one.name, 0).await.map(tonic::Response::new).refused(Reason::ContentUnavailable);
        given_back();
        assert!(world.download("sales-1", &one.name, 0).await.unwrap() == content);
        check::proven(world).await;
    }

    async fn a_lost_or_changed_piece_is_found_and_nothing_else_leaves_for_it(world) {
        let file = world.active(1).await.name;
        let made = world.scanned("sales-1", &file, &pdf(6_000)).await;
        let folder = world.folder().join("documents");
        let objects = Objects::in_folder(&folder).unwrap();
        let path = objects.below(DEMO).await.unwrap().remove(0);
        let mut kept = objects.get(&path).await.unwrap().unwrap();
        kept[300] ^= 1;
        objects.remove(&path).await.unwrap();
        objects.put(&path, kept).await.unwrap();
        world.download("sales-1", &made.name, 0).await.map(tonic::Response::new).refused(Reason::ContentLost);
        objects.remove(&path).await.unwrap();
        world.download("sales-1", &made.name, 0).await.map(tonic::Response::new).refused(Reason::ContentLost);
    }
}
