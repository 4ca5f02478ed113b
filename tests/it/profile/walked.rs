//! Searches and lists walk over many files for few: what they find, and where they stop.

use base64::Engine;
use dossier_kernel::sql_rows;
use dossier_proto::profile::v1::{ListCustomerFilesRequest, SearchCustomerFilesRequest};

use super::finding::named;
use crate::prelude::*;

on_both_stores! {
    // proves: P-03, I10
    async fn a_part_of_a_name_finds_what_a_plain_comparison_finds(world) {
        // Few letters, so that parts meet in many names and at many places of one.
        let mut files = Vec::new();
        for n in 1..=16_u32 {
            let letters: String = (0..4 + n % 5).map(|at| ['有', '限', '公', '司'][((n * 7 + at * at * 3 + at) % 4) as usize]).collect();
            let mut file = dossier_tests::scene::company(n);
            file.fields.get_mut("name").unwrap().value = Some(dossier_proto::types::field_value::Value::Text(letters.clone()));
            let name = world.create(&mut world.profile("sales-1"), file).await.good().name;
            files.insert(0, (name, letters));
        }
        for part in ["有限", "限公", "公司", "司有", "有有", "有限公", "限公司", "公司有限", "有限公司", "司司司", "有公司限", "限有有"] {
            let plain: Vec<_> = files.iter().filter(|(_, letters)| letters.contains(part)).map(|(name, _)| name.as_str()).collect();
            assert_eq!(named(world, "sales-2", part).await, plain, "{part}");
            assert_eq!(named(world, "service-1", part).await, [""; 0], "{part}");
            let (mut paged, mut page_token) = (Vec::new(), String::new());
            loop {
                let request = SearchCustomerFilesRequest {
                    name_contains: part.into(),
                    purpose: "customer_service".into(),
                    page_size: 2,
                    page_token,
                    ..SearchCustomerFilesRequest::default()
                };
                let page = world.profile("sales-2").files.search_customer_files(request).await.good();
                paged.extend(page.customer_files.into_iter().map(|file| file.name));
                page_token = page.next_page_token;
                if page_token.is_empty() {
                    break;
                }
            }
            assert_eq!(paged, plain, "{part}");
        }
    }

    // proves: I10
    async fn a_full_page_has_the_same_token_each_time_and_its_place_cannot_be_moved(world) {
        let files = [world.draft(1).await, world.draft(2).await, world.draft(3).await];
        let ask = async |page_token: String| {
            let request = ListCustomerFilesRequest { page_size: 1, page_token, ..Default::default() };
            world.profile("sales-2").files.list_customer_files(request).await
        };
        let token = ask(String::new()).await.good().next_page_token;
        assert_eq!(token, ask(String::new()).await.good().next_page_token);
        assert_eq!(ask(token.clone()).await.good().customer_files[0].name, files[1].name);
        let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(&token).unwrap();
        let text = String::from_utf8(bytes[8..].to_vec()).unwrap();
        let id = |file: &dossier_proto::profile::v1::CustomerFile| file.name.strip_prefix("files/").unwrap().to_owned();
        let moved = text.replace(&id(&files[2]), &id(&files[1]));
        assert_ne!(moved, text);
        let moved = [&bytes[..8], moved.as_bytes()].concat();
        ask(base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(moved)).await.refused(Reason::PageTokenInvalid);
    }

    // proves: P-03, I10
    async fn a_call_among_very_many_hidden_files_ends_and_its_token_goes_on(world) {
        let file = world.draft(1).await;
        let hidden = hide(world, 11_000).await;
        let (mut seen, mut pages, mut page_token) = (Vec::new(), 0, String::new());
        loop {
            let request = ListCustomerFilesRequest { page_token, ..Default::default() };
            let page = world.profile("sales-2").files.list_customer_files(request).await.good();
            (pages, page_token) = (pages + 1, page.next_page_token);
            seen.extend(page.customer_files.into_iter().map(|file| file.name));
            if page_token.is_empty() {
                break;
            }
            // Where the walk stopped there is a file that the caller must not know of.
            let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(&page_token).unwrap();
            let told = String::from_utf8_lossy(&bytes).into_owned();
            assert!(hidden.iter().all(|id| !told.contains(&id.to_string()) && !told.contains(&id.simple().to_string())));
            // One letter of what is sealed is another, and a place of one's own choosing.
            let (query, sealed) = bytes.split_at(8);
            let mut other = sealed.to_vec();
            let last = other.last_mut().unwrap();
            *last = if *last == b'0' { b'1' } else { b'0' };
            let own = [hidden[0].to_string(), hidden[0].simple().to_string(), format!("{}.{}", hidden[0], "0".repeat(64))];
            for place in own.into_iter().map(String::into_bytes).chain([other]) {
                let bytes = [query, &place].concat();
                let page_token = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes);
                let request = ListCustomerFilesRequest { page_token, ..Default::default() };
                world.profile("sales-2").files.list_customer_files(request).await.refused(Reason::PageTokenInvalid);
            }
        }
        assert_eq!((seen, pages), (vec![file.name.clone()], 2));
        let (mut seen, mut pages, mut page_token) = (Vec::new(), 0, String::new());
        loop {
            let request = SearchCustomerFilesRequest {
                name_contains: "客户001".into(),
                purpose: "customer_service".into(),
                page_token,
                ..SearchCustomerFilesRequest::default()
            };
            let page = world.profile("sales-2").files.search_customer_files(request).await.good();
            (pages, page_token) = (pages + 1, page.next_page_token);
            seen.extend(page.customer_files.into_iter().map(|file| file.name));
            if page_token.is_empty() {
                break;
            }
        }
        assert_eq!((seen, pages), (vec![file.name], 2));
    }
}

// Newer files than the only one, with all its tokens, at a level that is closed.
async fn hide(world: &World, count: u64) -> Vec<Uuid> {
    let mut tx = world.db(Which::Profile).write().await.unwrap();
    let level = "SELECT level FROM level_rule WHERE org = $1 AND closed LIMIT 1";
    let (level,) = sql!(&mut tx, fetch_one as (String,), level, DEMO).unwrap();
    let made = |n: u64| uuid::Builder::from_unix_timestamp_millis(4_000_000_000_000 + n, &[7; 10]).into_uuid();
    let ids: Vec<Uuid> = (0..count).map(made).collect();
    for chunk in ids.chunks(5_000) {
        let tail = ") INSERT INTO customer_file (org, id, customer_type, unit_kind, unit_ref, unit_ref_token, template,
                template_version, level, unit, custodian, state, classification, revision, created_at, updated_at, creator,
                filled_weight, applicable_weight, complete)
            SELECT f.org, m.id, f.customer_type, f.unit_kind, f.unit_ref, m.token, f.template, f.template_version, m.level,
                f.unit, f.custodian, f.state, f.classification, f.revision, f.created_at, f.updated_at, f.creator,
                f.filled_weight, f.applicable_weight, f.complete
            FROM made m CROSS JOIN (SELECT * FROM customer_file ORDER BY id LIMIT 1) f";
        let head = "WITH made (id, token, level) AS (";
        sql_rows!(&mut tx, head, chunk, id => [*id, id.as_bytes().to_vec(), &level], tail).unwrap();
        let tail = ") INSERT INTO customer_file_search (org, token, file)
            SELECT t.org, t.token, m.id FROM made m CROSS JOIN customer_file_search t
            WHERE t.file = (SELECT id FROM customer_file ORDER BY id LIMIT 1)";
        sql_rows!(&mut tx, "WITH made (id) AS (", chunk, id => [*id], tail).unwrap();
    }
    tx.commit().await.unwrap();
    ids
}
