//! Who calls: a telephone number, as an exchange gives it, finds the file.

use dossier_proto::profile::v1::{CustomerFile, CustomerFileView, SearchCustomerFilesRequest};
use dossier_tests::scene::{company, text};

use crate::prelude::*;

async fn calling(world: &World, subject: &str, number: &str, view: CustomerFileView) -> Vec<CustomerFile> {
    let request = SearchCustomerFilesRequest {
        telephone: number.into(),
        purpose: "customer_service".into(),
        // Where secret files are read.
        reading_place: "archive_room".into(),
        page_size: 5,
        view: view.into(),
        ..SearchCustomerFilesRequest::default()
    };
    world.profile(subject).files.search_customer_files(request).await.good().customer_files
}

async fn found(world: &World, subject: &str, number: &str) -> Vec<String> {
    calling(world, subject, number, CustomerFileView::Basic).await.into_iter().map(|file| file.name).collect()
}

async fn with_phone(world: &World, n: u32, number: &str) -> CustomerFile {
    let mut file = company(n);
    file.fields.insert("phone".into(), text(number));
    world.create(&mut world.profile("sales-1"), file).await.good()
}

on_both_stores! {
    // proves: P-105
    async fn a_number_finds_its_file_however_the_exchange_gives_it(world) {
        let line = with_phone(world, 1, "021-5555 0001").await;
        let mobile = with_phone(world, 2, "+86 138-0013-8000").await;
        for number in ["02155550001", "+862155550001", "0086 21 5555 0001", "021-55550001-8012", "021 55550001转12"] {
            assert_eq!(found(world, "sales-2", number).await, [line.name.as_str()], "{number}");
        }
        for number in ["13800138000", "+8613800138000", "0086-13800138000", "013800138000", "１３８ ００１３ ８０００"] {
            assert_eq!(found(world, "sales-2", number).await, [mobile.name.as_str()], "{number}");
        }
        for number in ["55550001", "13800138001", "138001380000", "95588"] {
            assert_eq!(found(world, "sales-2", number).await, [""; 0], "{number}");
        }
    }

    // proves: P-105, A-42
    async fn who_calls_is_told_by_name_as_far_as_the_reader_may_and_each_is_journaled(world) {
        let file = with_phone(world, 1, "021-55550001").await;
        let full = calling(world, "sales-2", "+86 21 55550001", CustomerFileView::Full).await;
        assert_eq!(full[0].fields["name"].value, file.fields["name"].value);
        let mut tx = world.db(Which::Profile).read().await.unwrap();
        let text = "SELECT COUNT(*) FROM journal_entry WHERE org = $1 AND topic = $2 AND action = 'file.disclosed'";
        assert_eq!(sql!(&mut tx, fetch_one as (i64,), text, DEMO, &file.name).unwrap().0, 1);
        drop(tx);
        // The number is confidential: who may not read it is not told whose it is.
        assert_eq!(found(world, "gm", "02155550001").await, [file.name.as_str()]);
        assert_eq!(found(world, "service-1", "02155550001").await, [""; 0]);
    }

    // proves: I10
    async fn a_number_of_an_invisible_file_is_nobodys(world) {
        let hidden = world.at_level(2, "secret").await;
        world.settle().await;
        assert_eq!(found(world, "sales-1", "021-55550002").await, [""; 0]);
        assert_eq!(found(world, "sales-1", "021-55550003").await, [""; 0]);
        assert_eq!(found(world, "archivist", "021-55550002").await, [hidden.name.as_str()]);
    }

    async fn a_number_and_a_name_must_both_fit(world) {
        let file = with_phone(world, 1, "021-55550001").await;
        with_phone(world, 2, "021-55550001").await;
        let both = |name: &str| SearchCustomerFilesRequest {
            telephone: "02155550001".into(),
            name_contains: name.into(),
            purpose: "customer_service".into(),
            ..SearchCustomerFilesRequest::default()
        };
        let mut calls = world.profile("sales-2").files;
        let page = calls.search_customer_files(both("客户001")).await.good().customer_files;
        assert_eq!(page.iter().map(|one| &one.name).collect::<Vec<_>>(), [&file.name]);
        assert!(calls.search_customer_files(both("kehui")).await.good().customer_files.is_empty());
        assert_eq!(calls.search_customer_files(both("kehu")).await.good().customer_files.len(), 2);
    }
}
