//! Files that may be about the same customer: found on request, and told with a new one.

use dossier_proto::profile::v1::{
    CloseCustomerFileRequest, CreateCustomerFileRequest, CustomerFile, DuplicateCandidate, DuplicateTrait,
    FindDuplicatesRequest,
};
use dossier_tests::scene::{company, text};

use crate::prelude::*;

const USCC: &str = "91350100M000100Y43";

/// A company of that name, with fields of its own where none are given.
fn like(n: u32, fields: &[(&str, &str)]) -> CustomerFile {
    let mut file = company(n);
    file.fields.extend(fields.iter().map(|(key, value)| ((*key).to_owned(), text(value))));
    file
}

async fn made(world: &World, n: u32, fields: &[(&str, &str)]) -> CustomerFile {
    world.create(&mut world.profile("sales-1"), like(n, fields)).await.good()
}

// Secret files are read in the archive room.
async fn of(world: &World, subject: &str, name: &str) -> Vec<DuplicateCandidate> {
    let (name, purpose) = (name.to_owned(), "customer_service".into());
    let reading_place = "archive_room".into();
    let request = FindDuplicatesRequest { name, purpose, reading_place, ..FindDuplicatesRequest::default() };
    world.profile(subject).files.find_duplicates(request).await.good().candidates
}

async fn of_given(world: &World, subject: &str, file: CustomerFile) -> Vec<DuplicateCandidate> {
    let (customer_file, purpose) = (Some(file), "customer_service".into());
    let request = FindDuplicatesRequest { customer_file, purpose, ..FindDuplicatesRequest::default() };
    world.profile(subject).files.find_duplicates(request).await.good().candidates
}

fn scores(found: &[DuplicateCandidate]) -> Vec<(&str, i32)> {
    found.iter().map(|one| (one.file.as_str(), one.score_basis_points)).collect()
}

fn names(found: &[DuplicateCandidate]) -> Vec<&str> {
    found.iter().map(|one| one.file.as_str()).collect()
}

async fn disclosed(world: &World, file: &str) -> i64 {
    let mut tx = world.db(Which::Profile).read().await.unwrap();
    let text = "SELECT COUNT(*) FROM journal_entry WHERE org = $1 AND topic = $2 AND action = 'file.disclosed'";
    sql!(&mut tx, fetch_one as (i64,), text, DEMO, file).unwrap().0
}

on_both_stores! {
    // proves: P-28
    async fn a_new_file_is_told_with_what_it_may_be_a_duplicate_of_and_is_made_all_the_same(world) {
        let first = made(world, 1, &[("name", "大海贸易有限公司"), ("uscc", USCC)]).await;
        assert!(first.possible_duplicates.is_empty());
        let twin = made(world, 2, &[("uscc", USCC), ("name", "别的名称")]).await;
        assert_eq!(scores(&twin.possible_duplicates), [(first.name.as_str(), 10_000)]);
        let matched = &twin.possible_duplicates[0].matches[0];
        assert_eq!((matched.field.as_str(), matched.compared_as()), ("uscc", DuplicateTrait::Identifier));
        let other = made(world, 3, &[("name", "大海貿易有限公司"), ("phone", "+86 21 5555 0001")]).await;
        assert_eq!(names(&other.possible_duplicates), [first.name.as_str()]);
        assert!((6_000..10_000).contains(&other.possible_duplicates[0].score_basis_points));
        assert!(made(world, 4, &[("name", "小山贸易有限公司")]).await.possible_duplicates.is_empty());
        // A warning tells of content: it is in the journal.
        assert_eq!(disclosed(world, &first.name).await, 2);
    }

    async fn a_dry_run_warns_as_well_and_a_repeated_call_tells_of_now(world) {
        let first = made(world, 1, &[("uscc", USCC)]).await;
        let mut calls = world.profile("sales-1").files;
        let mut request = CreateCustomerFileRequest {
            customer_file: Some(like(2, &[("uscc", USCC)])),
            request_id: world.request_id(),
            validate_only: true,
            ..CreateCustomerFileRequest::default()
        };
        let tried = calls.create_customer_file(request.clone()).await.good();
        assert_eq!(names(&tried.possible_duplicates), [first.name.as_str()]);
        (request.validate_only, request.request_id) = (false, world.request_id());
        let made = calls.create_customer_file(request.clone()).await.good();
        assert_eq!(names(&made.possible_duplicates), [first.name.as_str()]);
        world.classify("archivist", &first.name, "secret").await.good();
        world.settle().await;
        let again = calls.create_customer_file(request).await.good();
        assert_eq!((again.name, again.possible_duplicates), (made.name, vec![]));
    }

    // proves: P-28
    async fn duplicates_are_found_by_what_is_equal_and_by_what_is_alike(world) {
        let file = made(world, 1, &[("name", "上海大海贸易有限公司"), ("phone", "021-55550001"), ("address", "上海市张江路1号")]).await;
        let equal = made(world, 2, &[("name", "全然不同"), ("uscc", USCC)]).await;
        let longer = made(world, 3, &[("name", "上海大海贸易有限责任公司"), ("phone", "021-55550001"), ("address", "上海市张江路1号")]).await;
        let said = made(world, 4, &[("name", "尚海打海贸易有限公司"), ("phone", "86-21-55550001"), ("address", "上海市张江路1号")]).await;
        made(world, 5, &[("name", "上海小山贸易有限公司"), ("phone", "021-55550777")]).await;
        let found = of(world, "sales-2", &file.name).await;
        assert_eq!(names(&found), [said.name.as_str(), longer.name.as_str()], "{found:?}");
        assert!(found.iter().all(|one| (6_000..=9_900).contains(&one.score_basis_points)));
        let traits: Vec<_> = found[1].matches.iter().map(|one| (one.compared_as(), one.basis_points == 10_000)).collect();
        let expected = [(DuplicateTrait::Name, false), (DuplicateTrait::Telephone, true), (DuplicateTrait::Address, true)];
        assert_eq!(traits, expected);
        // From the other side it is the same.
        let back = of(world, "sales-2", &longer.name).await;
        let score = |found: &[DuplicateCandidate], name: &str| found.iter().find(|one| one.file == name).map(|one| one.score_basis_points);
        assert_eq!(score(&back, &file.name), score(&found, &longer.name));
        // One that is not there yet.
        let given = of_given(world, "sales-2", like(9, &[("uscc", USCC)])).await;
        assert_eq!(scores(&given), [(equal.name.as_str(), 10_000)]);
        let unit = CustomerFile { unit_ref: "ref000002".into(), ..like(9, &[]) };
        assert_eq!(scores(&of_given(world, "sales-2", unit).await), [(equal.name.as_str(), 10_000)]);
        assert_eq!(of_given(world, "sales-2", like(9, &[])).await, []);
    }

    async fn what_is_closed_is_no_candidate_and_a_look_is_a_reading(world) {
        let (file, twin) = (made(world, 1, &[("uscc", USCC)]).await, made(world, 2, &[("uscc", USCC)]).await);
        let before = (disclosed(world, &file.name).await, disclosed(world, &twin.name).await);
        assert_eq!(names(&of(world, "sales-2", &file.name).await), [twin.name.as_str()]);
        let after = (disclosed(world, &file.name).await, disclosed(world, &twin.name).await);
        assert_eq!(after, (before.0 + 1, before.1 + 1));
        let close = CloseCustomerFileRequest {
            name: twin.name,
            reason: "重复".into(),
            request_id: world.request_id(),
            ..CloseCustomerFileRequest::default()
        };
        world.profile("archivist").files.close_customer_file(close).await.good();
        assert_eq!(of(world, "sales-2", &file.name).await, []);
    }

    // proves: I10
    async fn what_may_not_be_seen_or_read_is_no_candidate(world) {
        let hidden = made(world, 1, &[("uscc", USCC), ("name", "大海贸易有限公司")]).await;
        world.classify("archivist", &hidden.name, "secret").await.good();
        world.settle().await;
        let new = made(world, 2, &[("uscc", USCC), ("name", "大海贸易有限公司")]).await;
        assert!(new.possible_duplicates.is_empty());
        assert_eq!(of(world, "sales-1", &new.name).await, []);
        assert_eq!(of_given(world, "sales-1", like(9, &[("uscc", USCC)])).await.len(), 1, "the one that is seen");
        // The negative control: who sees it is told.
        assert_eq!(names(&of(world, "archivist", &new.name).await), [hidden.name.as_str()]);
        // Whose grade does not reach the fields compares nothing, and is told nothing.
        assert_eq!(of_given(world, "service-1", like(9, &[("uscc", USCC)])).await, []);
    }
}
