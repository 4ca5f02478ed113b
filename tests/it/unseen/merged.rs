//! Merges beside what the caller does not see: an invisible file is answered as one that does not exist, and a file that was merged into
//! one that became invisible as one that was closed.

use dossier_proto::profile::v1 as wire;
use dossier_proto::profile::v1::{CloseCustomerFileRequest, CustomerFile};
use dossier_tests::raw::Raw;
use prost::Message;

use crate::prelude::*;

async fn ask(world: &World, method: &str, message: impl Message) -> Raw {
    let method = format!("dossier.profile.v1.CustomerFileService/{method}");
    world.raw(Which::Profile, world.person(DEMO, "archivist"), &method, message.encode_to_vec()).await
}

// The answer as it would be for `to`; names are equally long.
fn as_if(answer: Raw, from: &str, to: &str) -> Raw {
    let swap = |mut bytes: Vec<u8>| {
        while let Some(at) = bytes.windows(from.len()).position(|part| part == from.as_bytes()) {
            bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
        }
        bytes
    };
    match answer {
        Raw::Message(bytes) => Raw::Message(swap(bytes)),
        Raw::Refusal(code, sentence, details) => Raw::Refusal(code, sentence, swap(details)),
    }
}

/// Everything that can be asked of merging these two.
async fn told(world: &World, visible: &CustomerFile, other: &str) -> Vec<Raw> {
    let (name, merged, purpose) = (visible.name.clone(), other.to_owned(), "archive_work".to_owned());
    let preview = wire::PreviewMergeRequest { name, merged, purpose, ..Default::default() };
    let merge = wire::MergeCustomerFilesRequest {
        name: visible.name.clone(),
        merged: other.to_owned(),
        etag: visible.etag.clone(),
        merged_etag: "r1".into(),
        take: vec!["nothing".into()],
        reason: "x".into(),
        validate_only: true,
        ..Default::default()
    };
    let turned = wire::MergeCustomerFilesRequest {
        name: other.to_owned(),
        merged: visible.name.clone(),
        etag: "r1".into(),
        merged_etag: "r99".into(),
        ..merge.clone()
    };
    let turned_preview =
        wire::PreviewMergeRequest { name: other.to_owned(), merged: visible.name.clone(), ..preview.clone() };
    let apart = wire::UnmergeCustomerFilesRequest {
        name: other.to_owned(),
        reason: "x".into(),
        validate_only: true,
        ..Default::default()
    };
    vec![
        ask(world, "PreviewMerge", preview).await,
        ask(world, "PreviewMerge", turned_preview).await,
        ask(world, "MergeCustomerFiles", merge).await,
        ask(world, "MergeCustomerFiles", turned).await,
        ask(world, "UnmergeCustomerFiles", apart).await,
    ]
}

on_both_stores! {
    // proves: I10, A-23, P-28
    async fn merging_with_an_invisible_file_is_merging_with_none(world) {
        let visible = world.active(1).await;
        let hidden = world.at_level(2, "top_secret").await.name;
        let missing = format!("files/{}", Uuid::from_u128(0x7777));
        let nothing: Vec<_> = told(world, &visible, &missing).await.into_iter().map(|one| as_if(one, &missing, &hidden)).collect();
        assert_eq!(told(world, &visible, &hidden).await, nothing);
        // The negative control: of a file that they see they are told something else.
        let seen = world.active(3).await.name;
        let answers = told(world, &visible, &seen).await;
        assert!(answers.into_iter().zip(nothing).all(|(answer, nothing)| as_if(answer, &seen, &hidden) != nothing));
    }

    // proves: I10, P-02
    async fn what_was_merged_into_a_file_that_became_invisible_is_told_as_closed(world) {
        let (kept, merged, ended) = (world.active(1).await, world.active(2).await, world.active(3).await);
        world.merge(&kept, &merged, &[]).await.good();
        let close = CloseCustomerFileRequest { name: ended.name.clone(), reason: "x".into(), ..Default::default() };
        world.profile("archivist").files.close_customer_file(close).await.good();
        world.classify("gm", &kept.name, "top_secret").await.good();
        world.settle().await;
        assert_eq!(world.read("archivist", &merged.name).await.good().merged_into, "");
        let refused = [&merged, &ended].map(|one| world.unmerge(&one.name));
        let [one, two] = refused;
        let (one, two) = (one.await.refused(Reason::WrongState), two.await.refused(Reason::WrongState));
        let told = |one: &Refused| (one.metadata["state"].clone(), one.metadata["allowed"].clone());
        assert_eq!((told(&one), one.message), (told(&two), two.message));
        check::holds(world).await;
    }
}
