//! What the version before wrote: it migrates, verifies, and answers as before.
//!
//! `tests/data/before/` holds a data directory and a dump of PostgreSQL's databases as version 0.1.0 left them, with what
//! it answered to the same questions and the bytes of its journals. An answer may have gained fields since; none may be
//! lost or different.
//!
//! To keep the world of a version, before its successor is begun: `DOSSIER_KEEP=DIR cargo test keep_this_version -- --ignored`.

mod answers;
mod scene;

use std::collections::BTreeMap;
use std::path::PathBuf;

use dossier_proto::access::v1::{GetLoanRequest, ItemInspection, LoanState};
use dossier_proto::credit::v1::LimitState;
use dossier_tests::scene::{paper_of, sound};
use dossier_tests::world::skipped;

use crate::prelude::*;
use answers::Kept;

fn folder() -> PathBuf {
    dossier_tests::marks::root().join("tests/data/before")
}

fn kind(store: Store) -> &'static str {
    if store == Store::Sqlite { "sqlite" } else { "postgres" }
}

async fn opened(store: Store) -> World {
    World::kept(store, &folder().join(kind(store)), 900).await
}

// The bytes of every entry by service and org.
async fn journals(world: &World) -> BTreeMap<String, Vec<Vec<u8>>> {
    let mut journals = BTreeMap::new();
    for which in Which::ALL {
        for org in check::orgs(world, which).await {
            let entries = check::journal(world, which, &org).await;
            journals.insert(format!("{which}/{org}"), entries.into_iter().map(|entry| entry.bytes).collect());
        }
    }
    journals
}

async fn what_the_version_before_wrote_answers_as_before(store: Store) {
    if !store.available() {
        return skipped("before");
    }
    let world = opened(store).await;
    let kept = Kept::read(&folder());
    let now = journals(&world).await;
    for (journal, entries) in &kept.journals {
        let begins =
            now.get(journal).is_some_and(|now| now.len() >= entries.len() && now[..entries.len()] == **entries);
        assert!(begins, "{journal} does not begin with its {} kept entries", entries.len());
    }
    check::holds(&world).await;
    let differences = kept.asked_again(&world).await;
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    sealed_by_now(&world).await;
    followed_by_now(&world).await;
    lent_by_now(&world).await;
    check::holds(&world).await;
    world.end().await;
}

// What that version kept of promises in clear is brought under seal by a job, and verifies there.
async fn sealed_by_now(world: &World) {
    for (which, text) in
        [(Which::Access, "SELECT COUNT(*) FROM note"), (Which::Credit, "SELECT COUNT(*) FROM entry_note")]
    {
        let sealed = async {
            while sql!(&mut world.db(which).read().await.unwrap(), fetch_one as (i64,), text).unwrap().0 > 0 {
                world.settle().await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(60), sealed).await.expect("nothing lies in clear");
        let mut tx = world.db(which).read().await.unwrap();
        let (promised,) = sql!(&mut tx, fetch_one as (i64,), "SELECT COUNT(*) FROM promise").unwrap();
        assert!(promised > 0, "{which} kept no promise of before");
    }
}

// A limit that was before its approvers then, of which no submission is kept, is ended by what they say now.
async fn followed_by_now(world: &World) {
    let text = "SELECT id, approval FROM credit_limit WHERE org = $1 AND state = 'pending_approval'";
    let (limit, approval) =
        sql!(&mut world.db(Which::Credit).read().await.unwrap(), fetch_one as (Uuid, Uuid), text, DEMO).unwrap();
    world.reject("finance-director", &format!("approvals/{approval}")).await.good();
    world.settle().await;
    assert_eq!(world.get_limit(&format!("limits/{limit}")).await.state(), LimitState::Rejected);
}

// What was out then is out now: the paper of its file, in one hand. It comes back as the thing of a slip that it is.
async fn lent_by_now(world: &World) {
    let text = "SELECT f.id, f.file, i.item FROM loan f JOIN loan_item i ON i.org = f.org AND i.loan = f.id
                WHERE f.org = $1 AND f.returned_at IS NULL AND i.returned_at IS NULL";
    let mut tx = world.db(Which::Access).read().await.unwrap();
    let out = sql!(&mut tx, fetch_all as (Uuid, Uuid, Uuid), text, DEMO).unwrap();
    drop(tx);
    assert!(!out.is_empty() && out.iter().all(|(_, file, item)| file == item), "{out:?}");
    for (id, file, _) in out {
        let get = GetLoanRequest { name: format!("loans/{id}") };
        let loan = world.access("archivist").loans.get_loan(get).await.good();
        assert_eq!(loan.items.iter().map(|item| item.item.clone()).collect::<Vec<_>>(), [format!("files/{file}")]);
        let found = ItemInspection { item: paper_of(&loan.file), ..sound(&loan) };
        assert_eq!(world.take_back(&loan, found).await.good().state(), LoanState::Returned);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_version_before_wrote_answers_as_before_on_sqlite() {
    what_the_version_before_wrote_answers_as_before(Store::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_version_before_wrote_answers_as_before_on_postgres() {
    what_the_version_before_wrote_answers_as_before(Store::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "writes the fixtures of this version into DOSSIER_KEEP"]
async fn keep_this_version() {
    let Ok(target) = std::env::var("DOSSIER_KEEP").map(PathBuf::from) else { return };
    std::fs::create_dir_all(&target).unwrap();
    for store in [Store::Sqlite, Store::Postgres] {
        let world = World::start(store).await;
        let questions = scene::lived(&world).await;
        // Before the questions: what they disclose is journaled too.
        let journals = journals(&world).await;
        // Clock, ids and people are given: both stores answer alike, to the byte.
        Kept::ask(&world, journals, questions).await.write(&target);
        world.settle().await;
        world.keep(&target.join(kind(store))).await;
    }
}
