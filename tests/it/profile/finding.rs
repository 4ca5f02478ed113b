//! Lists, searches, batches: only what is visible, exact over blind indexes, names by part.

use dossier_proto::profile::v1::{
    BatchGetCustomerFilesRequest, CustomerFileView, FieldCondition, ListCustomerFilesRequest,
    SearchCustomerFilesRequest,
};

use crate::prelude::*;

async fn found(world: &World, subject: &str, field: &str, value: &str) -> Vec<String> {
    let request = SearchCustomerFilesRequest {
        conditions: vec![FieldCondition { field: field.into(), value: value.into() }],
        purpose: "customer_service".into(),
        ..SearchCustomerFilesRequest::default()
    };
    let page = world.profile(subject).files.search_customer_files(request).await.good();
    page.customer_files.into_iter().map(|file| file.name).collect()
}

pub(super) async fn named(world: &World, subject: &str, part: &str) -> Vec<String> {
    let request = SearchCustomerFilesRequest {
        name_contains: part.into(),
        purpose: "customer_service".into(),
        ..SearchCustomerFilesRequest::default()
    };
    let page = world.profile(subject).files.search_customer_files(request).await.good();
    page.customer_files.into_iter().map(|file| file.name).collect()
}

async fn listed(world: &World, subject: &str, filter: &str) -> Vec<String> {
    let request = ListCustomerFilesRequest { filter: filter.into(), ..ListCustomerFilesRequest::default() };
    let page = world.profile(subject).files.list_customer_files(request).await.good();
    page.customer_files.into_iter().map(|file| file.name).collect()
}

on_both_stores! {
    // proves: P-03
    async fn exact_values_are_found_whatever_their_spelling(world) {
        let (one, two) = (world.active(1).await, world.active(2).await);
        assert_eq!(found(world, "sales-2", "phone", "021-55550001").await, [one.name.as_str()]);
        assert_eq!(found(world, "sales-2", "phone", "02155550001").await, [one.name.as_str()]);
        assert_eq!(found(world, "sales-2", "phone", "021-5555000").await, [""; 0]);
        assert_eq!(found(world, "sales-2", "unit_ref", "ref-000002").await, [two.name.as_str()]);
        assert_eq!(found(world, "sales-2", "file_no", &two.number).await, [two.name.as_str()]);
        assert_eq!(named(world, "sales-2", "客户00").await, [two.name.as_str(), one.name.as_str()]);
        assert_eq!(named(world, "sales-2", "客户001").await, [one.name.as_str()]);
        assert_eq!(named(world, "sales-2", "有限公司").await.len(), 2);
        assert_eq!(named(world, "sales-2", "不存在").await, [""; 0]);
    }

    // proves: P-03
    async fn a_name_is_found_with_any_dot_width_and_look_alike(world) {
        let mut calls = world.profile("sales-1");
        let mut file = dossier_tests::scene::company(1);
        let name = file.fields.get_mut("name").unwrap();
        name.value = Some(dossier_proto::types::field_value::Value::Text("阿凡提・买买提（DOSSIER）贸易行".into()));
        let file = world.create(&mut calls, file).await.good();
        for part in ["提·买", "提买买", "阿凡提‧买买提", "提．买", "(dossier)", "ＤＯＳＳ", "D\u{41e}SS", "）贸易"] {
            assert_eq!(named(world, "sales-2", part).await, [file.name.as_str()], "{part}");
        }
        assert_eq!(named(world, "sales-2", "D0SS").await, [""; 0]);
    }

    // What a version before left in the store: tokens of values in the form they had then.
    async fn files_of_an_older_form_are_indexed_anew_and_found(world) {
        let file = world.active(1).await;
        let mut tx = world.db(Which::Profile).write().await.unwrap();
        let old = b"old".as_slice();
        // As one that was written by the version before, beside this one: in its own table alone.
        let true_ones = "INSERT INTO customer_file_token (org, token, file, field)
                         SELECT org, token, file, 'name' FROM customer_file_search";
        sql!(&mut tx, execute, true_ones).unwrap();
        sql!(&mut tx, execute, "DELETE FROM customer_file_search").unwrap();
        sql!(&mut tx, execute, "DELETE FROM customer_file_index").unwrap();
        let stale = "INSERT INTO customer_file_token (org, token, file, field) SELECT org, $1, id, 'name' FROM customer_file";
        sql!(&mut tx, execute, stale, b"old".as_slice()).unwrap();
        sql!(&mut tx, execute, "UPDATE customer_file SET unit_ref_token = $1", old).unwrap();
        sql!(&mut tx, execute, "UPDATE customer_number SET token = $1", old).unwrap();
        let list = "INSERT INTO customer_file_reindex (org, file) SELECT org, id FROM customer_file";
        sql!(&mut tx, execute, list).unwrap();
        tx.commit().await.unwrap();
        assert_eq!(named(world, "sales-2", "客户001").await, [""; 0]);
        // Every process that starts does what is left.
        let later = world.replica().await;
        world.settle().await;
        assert_eq!(named(world, "sales-2", "客户001").await, [file.name.as_str()]);
        assert_eq!(found(world, "sales-2", "unit_ref", "ref-000001").await, [file.name.as_str()]);
        assert_eq!(found(world, "sales-2", "file_no", &file.number).await, [file.name.as_str()]);
        let mut calls = world.profile("sales-1");
        world.create(&mut calls, dossier_tests::scene::company(1)).await.refused(Reason::FileUnitTaken);
        let mut tx = world.db(Which::Profile).read().await.unwrap();
        let text = "SELECT COUNT(*) FROM customer_number n JOIN customer_file f ON f.unit_ref_token = n.token";
        assert_eq!(sql!(&mut tx, fetch_one as (i64,), text).unwrap(), (1,));
        let text = "SELECT (SELECT COUNT(*) FROM customer_file_token) + (SELECT COUNT(*) FROM customer_file_reindex)";
        assert_eq!(sql!(&mut tx, fetch_one as (i64,), text).unwrap(), (0,), "nothing is left as it was");
        later.stop().await;
    }

    // proves: I10
    async fn a_masked_field_does_not_make_a_file_a_hit(world) {
        let file = world.active(1).await;
        // Customer service of the unit sees internal fields, not the sealed ones; it belongs to another unit here.
        assert_eq!(found(world, "gm", "phone", "021-55550001").await, [file.name.as_str()]);
        assert_eq!(found(world, "service-1", "phone", "021-55550001").await, [""; 0]);
        assert_eq!(named(world, "service-1", "客户").await, [""; 0]);
    }

    async fn a_search_says_what_it_cannot_search(world) {
        let mut calls = world.profile("sales-1").files;
        let ask = |field: &str, part: &str, purpose: &str| SearchCustomerFilesRequest {
            conditions: vec![FieldCondition { field: field.into(), value: "x".into() }],
            name_contains: part.into(),
            purpose: purpose.into(),
            ..SearchCustomerFilesRequest::default()
        };
        assert!(
            calls.search_customer_files(ask("address", "", "audit")).await.refused(Reason::FieldViolation).fields[0]
                .contains("conditions")
        );
        calls.search_customer_files(ask("phone", "x", "audit")).await.refused(Reason::FieldViolation);
        assert!(
            calls.search_customer_files(ask("phone", "", "")).await.refused(Reason::FieldViolation).names("purpose")
        );
        let none = SearchCustomerFilesRequest { purpose: "audit".into(), ..Default::default() };
        calls.search_customer_files(none).await.refused(Reason::FieldViolation);
    }

    // proves: P-03, I10
    async fn lists_show_the_visible_files_newest_first_and_page_by_page(world) {
        let mut names = Vec::new();
        for n in 1..=5 {
            names.insert(0, world.draft(n).await.name);
        }
        assert_eq!(listed(world, "sales-2", "").await, names);
        assert_eq!(listed(world, "service-1", "").await, [""; 0]);
        assert_eq!(listed(world, "sales-2", "state = DRAFT AND unit = \"sales\"").await, names);
        assert_eq!(listed(world, "sales-2", "state = ACTIVE").await, [""; 0]);
        assert_eq!(listed(world, "sales-2", "customer_type = COMPANY AND level = \"none\"").await, names);
        let mut calls = world.profile("sales-2").files;
        let (mut seen, mut page_token) = (Vec::new(), String::new());
        loop {
            let request = ListCustomerFilesRequest { page_size: 2, page_token, ..Default::default() };
            let page = calls.list_customer_files(request).await.good();
            seen.extend(page.customer_files.into_iter().map(|file| file.name));
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
        assert_eq!(seen, names);
        let request = ListCustomerFilesRequest { page_size: 2, ..Default::default() };
        let page_token = calls.list_customer_files(request).await.good().next_page_token;
        let other = ListCustomerFilesRequest {
            page_token: page_token.clone(),
            filter: "state = DRAFT".into(),
            ..Default::default()
        };
        calls.list_customer_files(other).await.refused(Reason::PageTokenInvalid);
        let stolen = ListCustomerFilesRequest { page_token, page_size: 2, ..Default::default() };
        world.profile("sales-1").files.list_customer_files(stolen).await.refused(Reason::PageTokenInvalid);
        let request = ListCustomerFilesRequest { filter: "state == DRAFT".into(), ..Default::default() };
        calls.list_customer_files(request).await.refused(Reason::FilterInvalid);
    }

    async fn a_full_list_discloses_each_file_and_a_basic_one_shows_no_content(world) {
        let file = world.draft(1).await;
        let mut calls = world.profile("sales-2").files;
        let basic = calls.list_customer_files(ListCustomerFilesRequest::default()).await.good();
        assert!(basic.customer_files[0].fields.is_empty() && basic.customer_files[0].unit_ref.is_empty());
        let full = CustomerFileView::Full.into();
        let request = ListCustomerFilesRequest { view: full, ..Default::default() };
        assert!(calls.list_customer_files(request).await.refused(Reason::FieldViolation).names("purpose"));
        let request = ListCustomerFilesRequest { view: full, purpose: "audit".into(), ..Default::default() };
        let page = calls.list_customer_files(request).await.good();
        assert_eq!(page.customer_files[0].fields["name"].value, file.fields["name"].value);
        let mut tx = world.db(Which::Profile).read().await.unwrap();
        let text = "SELECT COUNT(*) FROM journal_entry WHERE org = $1 AND topic = $2 AND action = 'file.disclosed'";
        assert_eq!(sql!(&mut tx, fetch_one as (i64,), text, DEMO, &file.name).unwrap().0, 1);
    }

    async fn a_batch_gives_all_in_order_or_nothing(world) {
        let (one, two) = (world.draft(1).await, world.draft(2).await);
        let ask = |names: Vec<String>| BatchGetCustomerFilesRequest { names, purpose: "audit".into(), ..Default::default() };
        let mut calls = world.profile("sales-2").files;
        let both = calls.batch_get_customer_files(ask(vec![two.name.clone(), one.name.clone()])).await.good();
        assert_eq!(both.customer_files.iter().map(|file| &file.name).collect::<Vec<_>>(), [&two.name, &one.name]);
        let missing = format!("files/{}", Uuid::from_u128(7));
        let refused = calls
            .batch_get_customer_files(ask(vec![one.name.clone(), missing.clone()]))
            .await
            .refused(Reason::ResourceNotFound);
        assert_eq!(refused.missing, missing);
        calls.batch_get_customer_files(ask(vec![one.name.clone(), one.name])).await.refused(Reason::FieldViolation);
        calls.batch_get_customer_files(ask(vec![])).await.refused(Reason::FieldViolation);
    }
}
