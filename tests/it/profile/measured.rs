//! What a page of a list or of a search costs among very many files; run by hand:
//! `DOSSIER_TEST_FILES=1000000 tests/run --ignored a_page_costs`, which prints a line for each question.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use dossier_kernel::db::Tx;
use dossier_kernel::filter::Range;
use dossier_kernel::sql_rows;
use dossier_profile::domain::customer_file::State;
use dossier_profile::store::customer_file::{self, Filter, Stretch, Viewer};

use crate::prelude::*;

/// What one call looks at, as the rpcs do it: stretch after stretch, four times as long each.
const STRETCHES: [i64; 4] = [200, 800, 3_200, 5_800];
const PAGE: i64 = 51;
const PLACES: [&str; 10] = ["北京", "上海", "广州", "深圳", "天津", "重庆", "成都", "杭州", "南京", "武汉"];
const TRADES: [&str; 10] = ["科技", "贸易", "信息", "网络", "建筑", "物流", "医药", "食品", "服装", "电子"];
const ENDS: [&str; 3] = ["有限公司", "股份有限公司", "有限责任公司"];
const WORDS: [char; 32] = [
    '华', '盛', '达', '昌', '隆', '兴', '泰', '祥', '瑞', '丰', '源', '鑫', '鼎', '恒', '宏', '伟', '创', '新', '远',
    '大', '通', '汇', '联', '合', '众', '信', '诚', '德', '仁', '和', '美', '佳',
];

// A number that looks drawn.
fn drawn(n: u64, of: u64, most: usize) -> usize {
    let mixed = (n.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ of.wrapping_mul(0xbf58_476d_1ce4_e5b9)).rotate_left(31);
    usize::try_from(mixed.wrapping_mul(0x94d0_49bb_1331_11eb) >> 33).unwrap() % most
}

fn name(n: u64) -> String {
    let words: String = (3..5 + u64::from(drawn(n, 2, 2) == 1)).map(|at| WORDS[drawn(n, at, WORDS.len())]).collect();
    format!("{}{words}{}{}", PLACES[drawn(n, 0, 10)], TRADES[drawn(n, 1, 10)], ENDS[drawn(n, 8, 3)])
}

fn id(n: u64) -> Uuid {
    uuid::Builder::from_unix_timestamp_millis(
        1_704_067_200_000 + n * 60,
        &n.to_be_bytes().repeat(2)[..10].try_into().unwrap(),
    )
    .into_uuid()
}

// Spread as keyed tokens are.
fn token(text: &str) -> Vec<u8> {
    let mixed = |all: u64, byte: u8| (all ^ u64::from(byte)).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(27);
    text.bytes().fold(0x5eed, mixed).to_be_bytes().to_vec()
}

fn pairs(name: &str) -> Vec<Vec<u8>> {
    let letters: Vec<char> = name.chars().collect();
    letters.windows(2).map(|pair| token(&pair.iter().collect::<String>())).collect()
}

async fn fill(world: &World, count: u64) {
    let made: Vec<u64> = (1..=count).collect();
    let mut tx = world.db(Which::Profile).write().await.unwrap();
    let levels = "SELECT level FROM level_rule WHERE org = $1 ORDER BY rank";
    let levels: Vec<String> =
        sql!(&mut tx, fetch_all as (String,), levels, DEMO).unwrap().into_iter().map(|(level,)| level).collect();
    let units = ["sales", "finance", "risk", "legal", "archive", "it", "hr", "office", "north", "south"];
    for chunk in made.chunks(2_000) {
        let tail = ") INSERT INTO customer_file (org, id, customer_type, unit_kind, unit_ref, unit_ref_token, template,
                template_version, level, unit, custodian, state, classification, revision, created_at, updated_at, creator,
                filled_weight, applicable_weight, complete, number)
            SELECT f.org, m.id, f.customer_type, f.unit_kind, f.unit_ref, m.token, f.template, f.template_version, m.level,
                m.unit, m.custodian, f.state, f.classification, f.revision, f.created_at, f.updated_at, f.creator,
                f.filled_weight, f.applicable_weight, f.complete, m.number
            FROM made m CROSS JOIN (SELECT * FROM customer_file ORDER BY id DESC LIMIT 1) f";
        let level = |n: u64| if drawn(n, 9, 10) < 8 { &levels[0] } else { &levels[drawn(n, 10, levels.len())] };
        sql_rows!(&mut tx, "WITH made (id, token, level, unit, custodian, number) AS (", chunk, n => [
            id(*n), id(*n).as_bytes().to_vec(), level(*n), units[drawn(*n, 11, 10)],
            Uuid::from_u128(drawn(*n, 12, 200) as u128), format!("M-{n:09}"),
        ], tail)
        .unwrap();
        let tail = ") INSERT INTO file_key (org, file, key_id, root, wrapped, created_at)
            SELECT k.org, m.id, k.key_id, k.root, k.wrapped, k.created_at
            FROM made m CROSS JOIN (SELECT * FROM file_key ORDER BY file DESC LIMIT 1) k";
        sql_rows!(&mut tx, "WITH made (id) AS (", chunk, n => [id(*n)], tail).unwrap();
        let tail =
            ") INSERT INTO customer_file_revision (org, file, revision, at, author, act, changed, header, content)
            SELECT r.org, m.id, r.revision, r.at, r.author, r.act, r.changed, r.header, r.content
            FROM made m CROSS JOIN (SELECT * FROM customer_file_revision ORDER BY file DESC LIMIT 1) r";
        sql_rows!(&mut tx, "WITH made (id) AS (", chunk, n => [id(*n)], tail).unwrap();
        // Of every second file a paper, of every thousandth one that is rare; something is due about every tenth.
        let kind = |n: u64| ["licence", "rare"][usize::from(n.is_multiple_of(1_000))];
        let tail = ") INSERT INTO document (org, id, file, kind, carrier, state, relations, document_date, expire_date, sheets, pages,
                paper, ink, template, template_version, sealed_key, creator, created_at, updated_at, filled_weight,
                applicable_weight, complete)
            SELECT f.org, m.id, m.id, m.kind, 'scan', 'current', '[]', '', '', 0, 0, '', '', 'document', 1, f.unit_ref, f.creator, 1, 1,
                0, 0, TRUE
            FROM made m JOIN customer_file f ON f.id = m.id";
        let papers: Vec<u64> = chunk.iter().copied().filter(|n| n.is_multiple_of(2)).collect();
        sql_rows!(&mut tx, "WITH made (id, kind) AS (", &papers, n => [id(*n), kind(*n)], tail).unwrap();
        let head =
            "INSERT INTO duty (org, id, kind, subject, file, post, unit, due_at, calendar_version, state, opened_at) ";
        let due: Vec<u64> = chunk.iter().copied().filter(|n| n.is_multiple_of(10)).collect();
        sql_rows!(&mut tx, head, &due, n => [
            DEMO, id(*n), "made", format!("files/{}", id(*n)), id(*n), "archivist", "", i64::try_from(*n).unwrap(), "1",
            "DUTY_STATE_OPEN", 1_i64,
        ])
        .unwrap();
        let label = |n: u64| format!("trade-{}", drawn(n, 13, 100));
        let head = "INSERT INTO customer_file_label (org, file, axis, label) ";
        sql_rows!(&mut tx, head, chunk, n => [DEMO, id(*n), "made", label(*n)]).unwrap();
    }
    let mut tokens: Vec<(Vec<u8>, u64)> =
        made.iter().flat_map(|n| pairs(&name(*n)).into_iter().map(|pair| (pair, *n))).collect();
    tokens.sort_unstable();
    tokens.dedup();
    for chunk in tokens.chunks(5_000) {
        let head = "INSERT INTO customer_file_search (org, token, file) ";
        sql_rows!(&mut tx, head, chunk, (token, n) => [DEMO, token.clone(), id(*n)]).unwrap();
    }
    tx.commit().await.unwrap();
    if world.store() == Store::Postgres {
        let mut tx = world.db(Which::Profile).write().await.unwrap();
        sql!(&mut tx, execute, "ANALYZE").unwrap();
        tx.commit().await.unwrap();
    }
}

fn left(rows: usize) -> i64 {
    PAGE - i64::try_from(rows).unwrap()
}

async fn searched(tx: &mut Tx, viewer: Viewer<'_>, part: &str, wanted: &Filter) -> usize {
    let (mut before, mut rows) = (Uuid::max(), 0_usize);
    let ways = [pairs(part)];
    for looks in STRETCHES {
        let Some(part) = customer_file::part(tx, DEMO, &ways, Stretch { before, looks }).await.unwrap() else {
            break;
        };
        rows += customer_file::search(tx, viewer, wanted, &part, left(rows)).await.unwrap().len();
        let Some(end) = part.end.filter(|_| left(rows) > 0) else { break };
        before = end;
    }
    rows
}

async fn listed(tx: &mut Tx, viewer: Viewer<'_>, wanted: &Filter) -> usize {
    let (mut before, mut rows) = (Uuid::max(), 0_usize);
    for looks in STRETCHES {
        let stretch = Stretch { before, looks };
        rows += customer_file::list(tx, viewer, wanted, stretch, left(rows)).await.unwrap().len();
        if left(rows) == 0 {
            break;
        }
        let Some(end) = customer_file::list_end(tx, DEMO, wanted, stretch).await.unwrap() else { break };
        before = end;
    }
    rows
}

#[expect(clippy::print_stdout, reason = "a measurement is read by hand")]
fn say(text: &str) {
    println!("{text}");
}

// The best and the worst of ten times.
macro_rules! timed {
    ($slowest:expr, $what:expr, $of:expr) => {{
        let (mut best, mut worst, mut rows) = (Duration::MAX, Duration::ZERO, 0);
        for _ in 0..10 {
            let begun = Instant::now();
            rows = $of.await;
            (best, worst) = (best.min(begun.elapsed()), worst.max(begun.elapsed()));
        }
        say(&format!("{}: {rows} rows, {best:.2?} to {worst:.2?}", $what));
        $slowest = $slowest.max(best);
    }};
}

on_both_stores! {
    #[ignore = "takes minutes: a measurement"]
    async fn a_page_costs_the_same_among_very_many_files(world) {
        let count = std::env::var("DOSSIER_TEST_FILES").map_or(100_000, |text| text.parse().unwrap());
        world.draft(1).await;
        let begun = Instant::now();
        fill(world, count).await;
        say(&format!("{:?}: {count} files in {:.0?}", world.store(), begun.elapsed()));
        let mut tx = world.db(Which::Profile).read().await.unwrap();
        let people = "SELECT w.subject, w.person FROM principal w WHERE w.org = $1";
        let people: HashMap<String, Uuid> =
            sql!(&mut tx, fetch_all as (String, Uuid), people, DEMO).unwrap().into_iter().collect();
        let viewers = [("all", people["gm"]), ("one unit", people["sales-1"]), ("none", Uuid::from_u128(7))];
        let one = |set: fn(&mut Filter)| {
            let mut wanted = Filter::default();
            set(&mut wanted);
            wanted
        };
        let lists = [
            ("any", Filter::default()),
            ("a unit", one(|w| w.unit = Some("sales".into()))),
            ("an absent unit", one(|w| w.unit = Some("none".into()))),
            ("a custodian", one(|w| w.custodian = Some(Uuid::from_u128(9)))),
            ("a number", one(|w| w.number = Some("M-000000003".into()))),
            ("a label", one(|w| w.labels = vec![("made".into(), "trade-7".into())])),
            ("a kind of document", one(|w| w.document_kind = Some("licence".into()))),
            ("a rare document", one(|w| w.document_kind = Some("rare".into()))),
            ("an absent document in a unit", one(|w| (w.document_kind, w.unit) = (Some("none".into()), Some("sales".into())))),
            ("what is due", one(|w| w.due = Some(Range { from: i64::MIN, until: i64::MAX - 1 }))),
            ("what is due at a moment", one(|w| w.due = Some(Range { from: 5_000, until: 5_001 }))),
            ("what was made never", one(|w| w.created = Some(Range { from: 0, until: 1 }))),
            ("a unit and an absent state", one(|w| (w.unit, w.state) = (Some("sales".into()), Some(State::Closed)))),
        ];
        let mut slowest = Duration::ZERO;
        for (sight, person) in viewers {
            let viewer = Viewer { org: DEMO, person, now: dossier_kernel::time::micros(world.now()) };
            let papers = one(|w| w.document_kind = Some("licence".into()));
            timed!(slowest, format!("search 有限公司 with a document, who sees {sight}"), searched(&mut tx, viewer, "有限公司", &papers));
            for part in ["有限", "有限公司", "公司", "科技有限", "科技股份", "华盛", "华盛达", "盛科技", "不存在"] {
                timed!(slowest, format!("search {part}, who sees {sight}"), searched(&mut tx, viewer, part, &Filter::default()));
            }
            for (asked, wanted) in &lists {
                timed!(slowest, format!("list {asked}, who sees {sight}"), listed(&mut tx, viewer, wanted));
            }
        }
        say(&format!("{:?}: the slowest page took {slowest:.2?}", world.store()));
    }
}
