//! What disposal starts from: closed files whose retention has run out, those first that are due longest.

use dossier_proto::profile::v1::{
    CustomerFile, DispositionGround as Ground, DispositionVerdict as Verdict, ListDueFilesRequest,
};
use dossier_proto::types::FieldValue;
use dossier_proto::types::field_value::Value;
use dossier_tests::on_both_stores_under;
use dossier_tests::rules::Rules;
use jiff::SignedDuration;

use super::holds::{close, done, evaluated};
use super::kinds::{contract, made};
use crate::prelude::*;

async fn due(world: &World, subject: &str, filter: &str) -> Vec<CustomerFile> {
    let request = ListDueFilesRequest { filter: filter.to_owned(), ..ListDueFilesRequest::default() };
    world.profile(subject).disposition.list_due_files(request).await.good().customer_files
}

async fn names(world: &World, subject: &str, filter: &str) -> Vec<String> {
    due(world, subject, filter).await.into_iter().map(|file| file.name).collect()
}

// A contract that was signed on a day, and closed.
async fn signed(world: &World, of: &str, unit_ref: &str, day: &str) -> String {
    let file = made(world, contract(of, unit_ref)).await.name;
    let day = FieldValue { value: Some(Value::Date(day.into())), provenance: None };
    let fields = [("signed_on".to_owned(), day)].into();
    let one = dossier_proto::profile::v1::FileRecord { kind: "signing".into(), fields, ..Default::default() };
    let one = world.note("sales-manager", &file, one).await.good();
    world.advance("sales-manager", &one.name).await.good();
    close(world, &file).await;
    file
}

on_both_stores_under! {
    Rules::of("HOLDS");

    // proves
    async fn a_file_is_due_the_day_after_its_term_and_those_first_that_are_due_longest(world) {
        let (one, two) = (world.active(1).await.name, world.active(2).await.name);
        close(world, &two).await;
        world.pass(SignedDuration::from_hours(48));
        close(world, &one).await;
        assert!(names(world, "archivist", "").await.is_empty());
        let last = world.read("archivist", &two).await.good().keep_until_date;
        assert_eq!(last, "2027-03-02");
        world.pass(SignedDuration::from_hours(24 * 363));
        assert!(names(world, "archivist", "").await.is_empty(), "its last day has not passed");
        world.pass(SignedDuration::from_hours(24));
        assert_eq!(names(world, "archivist", "").await, [two.as_str()]);
        world.pass(SignedDuration::from_hours(72));
        assert_eq!(names(world, "archivist", "").await, [two.as_str(), one.as_str()]);
        let ruling = evaluated(world, &two).await;
        assert_eq!((ruling.verdict(), ruling.grounds().collect::<Vec<_>>()), (Verdict::Keep, vec![Ground::NotTold]));
        // That it is due says nothing of what else keeps it.
        done(world, &two, "notice").await;
        assert_eq!(names(world, "archivist", "").await.len(), 2);
        assert_eq!(evaluated(world, &two).await.verdict(), Verdict::Frozen);
        check::proven(world).await;
    }

    // proves
    async fn a_class_counts_from_the_day_that_the_form_says_and_an_open_file_is_never_due(world) {
        let customer = world.active(1).await.name;
        let old = signed(world, &customer, "HT-1", "2019-05-04").await;
        let new = signed(world, &customer, "HT-2", "2026-02-28").await;
        let open = made(world, contract(&customer, "HT-3")).await.name;
        let kept = |file: &str| { let file = file.to_owned(); async move { world.read("archivist", &file).await.good().keep_until_date } };
        assert_eq!((kept(&old).await, kept(&new).await, kept(&open).await), ("2024-05-04".into(), "2031-02-28".into(), String::new()));
        assert_eq!(names(world, "archivist", "").await, [old.as_str()], "it has run out when it is closed");
        // One that was closed before it said a day is kept from its closing on.
        close(world, &open).await;
        assert_eq!(kept(&open).await, "2031-03-02");
        // The customer trades no more for ten years: nothing follows from that.
        world.pass(SignedDuration::from_hours(24 * 3_660));
        assert_eq!(names(world, "archivist", "").await, [old, new, open]);
        assert_eq!(evaluated(world, &customer).await.verdict(), Verdict::Keep);
    }

    // proves: X-11, I10
    async fn the_list_is_narrowed_and_paged_and_shows_what_its_reader_sees(world) {
        let customer = world.active(9).await.name;
        let mut files = Vec::new();
        for n in 1..=5_u32 {
            let day = format!("201{n}-01-01");
            files.push(signed(world, &customer, &format!("HT-{n}"), &day).await);
        }
        let (mut seen, mut page_token) = (Vec::new(), String::new());
        loop {
            let request = ListDueFilesRequest { page_size: 2, page_token, ..ListDueFilesRequest::default() };
            let page = world.profile("archivist").disposition.list_due_files(request).await.good();
            assert!(page.customer_files.len() <= 2);
            seen.extend(page.customer_files.into_iter().map(|file| file.name));
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
        assert_eq!(seen, files);
        assert_eq!(names(world, "archivist", "file_kind = \"contract\" AND unit = \"sales\"").await, files);
        assert!(names(world, "archivist", "file_kind = \"customer\"").await.is_empty());
        assert!(names(world, "archivist", "unit = \"finance\"").await.is_empty());
        assert!(names(world, "service-1", "").await.is_empty(), "none of their unit");
        let request = ListDueFilesRequest::default();
        world.profile("sales-1").disposition.list_due_files(request).await.refused(Reason::PermissionDenied);
    }
}
