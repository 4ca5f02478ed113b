//! What speaks of a file is shown to its own people and to who is cleared for the level that the file has now: lists of
//! approvals, grants, requests and loans keep one rule, and the single reads the same one.

use dossier_proto::access::v1::{
    GetAccessRequestRequest, GetApprovalRequest, GetGrantRequest, ListAccessRequestsRequest, ListApprovalsRequest,
    ListGrantsRequest,
};
use dossier_proto::types::AccessKind;
use dossier_tests::scene::to_classify;

use crate::prelude::*;

async fn named(world: &World, reader: &str, file: &str) -> Vec<String> {
    let mut calls = world.access(reader);
    let mut seen = Vec::new();
    let approvals = calls.approvals.list_approvals(ListApprovalsRequest::default()).await.good().approvals;
    seen.extend(approvals.into_iter().filter(|one| one.file == file).map(|one| one.name));
    let grants = calls.requests.list_grants(ListGrantsRequest::default()).await.good().grants;
    seen.extend(grants.into_iter().filter(|one| one.file == file).map(|one| one.name));
    let requests =
        calls.requests.list_access_requests(ListAccessRequestsRequest::default()).await.good().access_requests;
    seen.extend(requests.into_iter().filter(|one| one.file == file).map(|one| one.name));
    seen.sort();
    seen
}

async fn get(world: &World, reader: &str, name: &str) -> Result<(), Reason> {
    let mut calls = world.access(reader);
    let name_ = name.to_owned();
    let answer = match name.split_once('/').unwrap().0 {
        "approvals" => calls.approvals.get_approval(GetApprovalRequest { name: name_ }).await.map(drop),
        "grants" => calls.requests.get_grant(GetGrantRequest { name: name_ }).await.map(drop),
        _ => calls.requests.get_access_request(GetAccessRequestRequest { name: name_ }).await.map(drop),
    };
    answer.map_err(|status| Refused::of(&status).reason)
}

on_both_stores! {
    // proves: A-23, I10
    async fn a_file_that_rose_above_a_reader_is_named_to_him_by_no_list(world) {
        let file = world.at_level(1, "confidential").await.name;
        let asked = world.ask("sales-2", &file, AccessKind::View).await.good().access_request.unwrap();
        world.approve("gm", &asked.approval).await.good();
        world.settle().await;
        // Both read all of it and have no part in it.
        let readers = ["archivist", "office-director"];
        let mut before = Vec::new();
        for reader in readers {
            before.push(named(world, reader, &file).await);
        }
        assert!(before[0].len() >= 2 && before[1].len() >= 3, "{before:?}");
        let raise = world.approved_act("archivist", to_classify(&file, "top_secret"), "deputy").await;
        world.classify_on("archivist", &file, "top_secret", &raise).await.good();
        world.settle().await;
        for (reader, before) in readers.into_iter().zip(&before) {
            // Who asked for the rise knows of that alone.
            let own: Vec<_> = [raise.clone()].into_iter().filter(|_| reader == "archivist").collect();
            assert_eq!(named(world, reader, &file).await, own, "{reader}");
            for name in before {
                let reason = get(world, reader, name).await.unwrap_err();
                let absent = format!("{}/{}", name.split_once('/').unwrap().0, Uuid::from_u128(9));
                assert_eq!(reason, get(world, reader, &absent).await.unwrap_err(), "{reader} {name}");
            }
        }
        // Who asked, and who signed, have known it.
        assert!(named(world, "sales-2", &file).await.len() >= 2);
        assert!(named(world, "gm", &file).await.iter().any(|name| name.starts_with("approvals/")));
    }
}
