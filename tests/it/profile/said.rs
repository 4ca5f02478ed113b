//! Names are found as people write and say them.

use dossier_proto::profile::v1::{CustomerFile, SearchCustomerFilesRequest, UpdateCustomerFileRequest};
use dossier_tests::scene::{company, text};

use super::finding::named;
use crate::prelude::*;

pub(super) async fn called(world: &World, n: u32, name: &str) -> CustomerFile {
    let mut file = company(n);
    file.fields.insert("name".into(), text(name));
    world.create(&mut world.profile("sales-1"), file).await.good()
}

async fn found_by(world: &World, file: &CustomerFile, parts: &[&str]) {
    for part in parts {
        assert_eq!(named(world, "sales-2", part).await, [file.name.as_str()], "{part}");
    }
}

async fn found_by_none(world: &World, parts: &[&str]) {
    for part in parts {
        assert_eq!(named(world, "sales-2", part).await, [""; 0], "{part}");
    }
}

on_both_stores! {
    // proves: P-105
    async fn a_name_is_found_by_its_pinyin_and_by_its_initials(world) {
        let zhang = called(world, 1, "张伟").await;
        let company = called(world, 2, "上海大海贸易有限公司").await;
        found_by(world, &zhang, &["张伟", "zhangwei", "Zhang Wei", "zhāng wěi", "zw"]).await;
        found_by(world, &company, &["大海贸易", "dahaimaoyi", "dahai maoyi", "youxiangongsi", "shdh", "shdhmyyxgs"]).await;
        found_by_none(world, &["weizhang", "zhangwe", "wz", "shd", "maohai", "haimaoda"]).await;
        // Every token of the pairs is there, the stretch is not: the check after opening decides.
        let other = called(world, 3, "丽娜丽丽").await;
        found_by(world, &other, &["linalili", "lina"]).await;
        found_by_none(world, &["linalina", "lilina"]).await;
    }

    // proves: P-105
    async fn a_surname_with_two_readings_is_found_by_either(world) {
        let surnames = [("曾小明", "zengxiaoming", "cengxiaoming"), ("单国强", "shanguoqiang", "danguoqiang"),
            ("尉迟恭", "yuchigong", "weichigong"), ("翟华", "zhaihua", "dihua"), ("仇英", "qiuying", "chouying")];
        for (n, (name, one, other)) in (1..).zip(surnames) {
            let file = called(world, n, name).await;
            found_by(world, &file, &[name, one, other]).await;
        }
        let lu = called(world, 9, "吕律").await;
        found_by(world, &lu, &["lvlv", "lülü", "lu:lu:", "lyu lyu"]).await;
    }

    // proves: P-105
    async fn either_form_of_a_character_finds_the_other(world) {
        let old = called(world, 1, "張國榮").await;
        found_by(world, &old, &["张国荣", "張国榮", "国荣", "zhangguorong", "zgr"]).await;
        let new = called(world, 2, "陈龙").await;
        found_by(world, &new, &["陳龍", "陈龍", "chenlong"]).await;
        let latin = called(world, 3, "Zoë Müller 贸易行").await;
        found_by(world, &latin, &["zoe muller", "ZOË", "MÜLLER贸", "Mu\u{308}ller", "maoyihang"]).await;
        found_by_none(world, &["陈尤", "zoo"]).await;
    }

    // What a store of an earlier version has are tokens of the letters alone.
    async fn names_of_an_earlier_version_are_found_by_their_sound_once_they_are_indexed_anew(world) {
        let file = called(world, 1, "张伟").await;
        let mut tx = world.db(Which::Profile).write().await.unwrap();
        // Its pair of letters, the sound of that, and its initials; an earlier version had the first alone.
        let gone = "DELETE FROM customer_file_search WHERE LENGTH(token) = 8";
        assert_eq!(sql!(&mut tx, execute, gone).unwrap(), 3);
        sql!(&mut tx, execute, "DELETE FROM customer_file_index").unwrap();
        sql!(&mut tx, execute, "INSERT INTO customer_file_reindex (org, file) SELECT org, id FROM customer_file").unwrap();
        tx.commit().await.unwrap();
        found_by_none(world, &["zhangwei", "zw"]).await;
        let later = world.replica().await;
        world.settle().await;
        found_by(world, &file, &["张伟", "zhangwei", "zw"]).await;
        later.stop().await;
    }

    async fn a_name_that_changed_is_said_as_it_is_now(world) {
        let file = called(world, 1, "张伟").await;
        let mut calls = world.profile("sales-1").files;
        let request = UpdateCustomerFileRequest {
            customer_file: Some(CustomerFile {
                name: file.name.clone(),
                fields: [("name".to_owned(), text("李娜"))].into(),
                ..CustomerFile::default()
            }),
            update_mask: Some(prost_types::FieldMask { paths: vec!["fields.name".into()] }),
            request_id: Uuid::from_u128(77).to_string(),
            ..UpdateCustomerFileRequest::default()
        };
        calls.update_customer_file(request).await.good();
        found_by(world, &file, &["lina", "ln"]).await;
        found_by_none(world, &["zhangwei", "zw"]).await;
    }

    // proves: I10
    async fn a_name_that_is_masked_is_not_found_by_its_sound(world) {
        let file = called(world, 1, "张伟").await;
        assert_eq!(named(world, "gm", "zhangwei").await, [file.name.as_str()]);
        assert_eq!(named(world, "service-1", "zhangwei").await, [""; 0]);
        assert_eq!(named(world, "service-1", "zw").await, [""; 0]);
    }

    // Several ways of reading one query are walked together: no page has a file twice, and none is left out.
    async fn what_several_readings_find_comes_page_by_page_newest_first(world) {
        let names = ["西安一", "先锋安", "西安二", "XIAN厂", "西安三", "徐艾", "西安四", "喜安五"];
        let mut expected = Vec::new();
        for (n, name) in (1..).zip(names) {
            let file = called(world, n, name).await;
            if name.contains('安') && !name.contains("先锋") || name.starts_with('X') {
                expected.insert(0, file.name);
            }
        }
        let mut calls = world.profile("sales-2").files;
        let (mut seen, mut page_token) = (Vec::new(), String::new());
        loop {
            let request = SearchCustomerFilesRequest {
                name_contains: "xian".into(),
                purpose: "customer_service".into(),
                page_size: 2,
                page_token,
                ..SearchCustomerFilesRequest::default()
            };
            let page = calls.search_customer_files(request).await.good();
            assert!(page.customer_files.len() <= 2);
            seen.extend(page.customer_files.into_iter().map(|file| file.name));
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
        assert_eq!(seen, expected);
    }
}
