//! Exactly once, whoever tries and whatever is lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use dossier_kernel::auth::{Auth, Orgs};
use dossier_kernel::bus::{MemoryBus, Settings};
use dossier_kernel::call::Providers;
use dossier_kernel::config::Config;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::link::Link;
use dossier_kernel::server::Server;
use dossier_kernel::{sql, transact};
use dossier_proto::journal::v1::EntryBody;
use dossier_proto::journal::v1::journal_service_server::JournalServiceServer;
use tokio_util::sync::CancellationToken;

use super::Fixture;
use super::rpc::Doorman;
use crate::consumer::Pace;
use crate::publish::{publish, stream};
use crate::rpc::Parts;
use crate::{Apply, Consumer, JournalRpc, LinkSource, Step, StoreSource};

/// Counts each entry in a table; fails as often as told.
struct Count {
    failures: AtomicUsize,
    poison: i64,
}

#[async_trait]
impl Apply for Count {
    async fn apply(&self, tx: &mut Tx, seq: i64, entry: &EntryBody) -> Result<()> {
        let text = "INSERT INTO applied (org, seq, id) VALUES ($1, $2, $3)";
        sql!(tx, execute, text, &entry.org, seq, &entry.id)?;
        if seq == self.poison {
            return Err(Error::new(Reason::Internal));
        }
        let failed = self.failures.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        if failed.is_ok() { Err(Error::new(Reason::StoreUnavailable)) } else { Ok(()) }
    }
}

async fn consumer(fixture: &Fixture, failures: usize, poison: i64) -> Consumer {
    let mut tx = fixture.db.write().await.unwrap();
    let text = "CREATE TABLE IF NOT EXISTS applied (org TEXT, seq BIGINT, id TEXT)";
    sql!(&mut tx, execute, text).unwrap();
    tx.commit().await.unwrap();
    Consumer {
        name: "test",
        source: "profile",
        orgs: vec!["demo".into()],
        db: fixture.db.clone(),
        bus: fixture.bus.clone(),
        owner: Arc::new(StoreSource(fixture.db.clone())),
        apply: Arc::new(Count { failures: failures.into(), poison }),
        freshness: crate::Freshness::default(),
        doubts: crate::Doubts::default(),
        pace: Pace { batch: 4, pause: Duration::from_millis(1), ..Pace::default() },
    }
}

async fn applied(fixture: &Fixture) -> Vec<i64> {
    let mut tx = fixture.db.read().await.unwrap();
    let rows = sql!(&mut tx, fetch_all as (i64,), "SELECT seq FROM applied ORDER BY rowid").unwrap();
    rows.into_iter().map(|(seq,)| seq).collect()
}

#[tokio::test]
async fn everything_is_applied_once_and_in_order() {
    let fixture = Fixture::new().await;
    fixture.grow(&[9, 4]).await;
    publish(&fixture.db, fixture.bus.as_ref(), super::log().origin(), 1).await.unwrap();
    let consumer = consumer(&fixture, 0, 0).await;
    assert_eq!(consumer.drain("demo").await.unwrap(), 13);
    assert_eq!(consumer.drain("demo").await.unwrap(), 0);
    assert_eq!(applied(&fixture).await, (1..=13).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_stream_with_a_gap_or_without_anything_is_filled_from_the_owner() {
    let fixture = Fixture::new().await;
    fixture.grow(&[6]).await;
    let consumer = consumer(&fixture, 0, 0).await;
    // The bus knows only the last two.
    for seq in [5, 6] {
        let body = crate::store::entry::after(&mut fixture.db.read().await.unwrap(), "demo", seq - 1, 1).await.unwrap();
        fixture.bus.append(&stream("demo", "profile", ""), seq, &body[0].1).await.unwrap();
    }
    assert_eq!(consumer.drain("demo").await.unwrap(), 6);
    fixture.grow(&[3]).await;
    let lost = Consumer { bus: Arc::new(MemoryBus::new(&Settings::default())), ..consumer };
    assert_eq!(lost.drain("demo").await.unwrap(), 3);
    assert_eq!(applied(&fixture).await, (1..=9).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_crash_inside_the_transaction_applies_nothing_and_the_next_try_everything() {
    let fixture = Fixture::new().await;
    fixture.grow(&[5]).await;
    // The batch fails at its first entry, then the first entry alone fails too.
    let consumer = consumer(&fixture, 2, 0).await;
    assert!(consumer.step("demo", Duration::ZERO).await.is_err());
    assert_eq!(applied(&fixture).await, Vec::<i64>::new());
    assert_eq!(consumer.drain("demo").await.unwrap(), 5);
    assert_eq!(applied(&fixture).await, [1, 2, 3, 4, 5]);
}

#[tokio::test]
async fn an_entry_that_cannot_be_applied_holds_back_only_what_follows() {
    let fixture = Fixture::new().await;
    fixture.grow(&[5]).await;
    let consumer = consumer(&fixture, 0, 3).await;
    assert!(consumer.drain("demo").await.is_err());
    assert_eq!(applied(&fixture).await, [1, 2]);
    assert_eq!(crate::cursor(&mut fixture.db.read().await.unwrap(), "demo", "test", "profile").await.unwrap(), 2);
}

#[tokio::test]
async fn two_consumers_of_one_name_share_the_work() {
    let fixture = Fixture::new().await;
    fixture.grow(&[50]).await;
    let (one, two) = (consumer(&fixture, 0, 0).await, consumer(&fixture, 0, 0).await);
    let (one, two) = tokio::join!(one.drain("demo"), two.drain("demo"));
    assert_eq!(one.unwrap() + two.unwrap(), 50);
    assert_eq!(applied(&fixture).await, (1..=50).collect::<Vec<_>>());
}

#[tokio::test]
async fn entries_of_another_journal_are_refused() {
    let fixture = Fixture::new().await;
    fixture.grow(&[1]).await;
    let consumer = Consumer { source: "access", ..consumer(&fixture, 0, 0).await };
    let fault = consumer.step("demo", Duration::ZERO).await.unwrap_err();
    assert_eq!(fault.reason(), Reason::JournalCorrupt);
    let step = Consumer { orgs: vec![], ..consumer }.step("other", Duration::ZERO).await.unwrap();
    assert_eq!(step, Step::Nothing);
}

#[tokio::test]
async fn the_owner_is_asked_over_a_link_through_all_its_layers() {
    let fixture = Fixture::new().await;
    fixture.grow(&[150]).await;
    let folder = tempfile::tempdir().unwrap();
    let config = Config::embedded(folder.path()).unwrap();
    let auth = Auth::open(&config, Orgs::new(["demo"]), &["profile", "access"], &Providers::system()).unwrap();
    let (db, bus, stop) = (fixture.db.clone(), fixture.bus.clone(), CancellationToken::new());
    let (gate, doubts) = (Arc::new(Doorman(Providers::system())), fixture.doubts.clone());
    let rpc = JournalRpc::new(Parts { service: "profile", db, bus, gate, doubts, keys: Vec::new(), stop });
    let server = Server::builder(&config.server, auth.layer()).add(JournalServiceServer::new(rpc));
    let door = server.build().await.unwrap().door();
    let link = Link::local("profile", door, &config.peers, auth.tokens("access"));
    let owner = Arc::new(LinkSource::new("profile", link));
    let consumer = Consumer { owner, ..consumer(&fixture, 0, 0).await };
    assert_eq!(consumer.drain("demo").await.unwrap(), 150);
    assert_eq!(applied(&fixture).await, (1..=150).collect::<Vec<_>>());
    let fault = consumer.step("other", Duration::ZERO).await.unwrap_err();
    assert_eq!(fault.reason(), Reason::DependencyUnavailable);
}

#[tokio::test]
async fn a_copy_that_its_owner_does_not_contain_is_doubted_until_the_owner_is_back() {
    let (fixture, older) = (Fixture::new().await, Fixture::new().await);
    fixture.grow(&[5]).await;
    older.grow(&[3]).await;
    publish(&fixture.db, fixture.bus.as_ref(), super::log().origin(), 1).await.unwrap();
    let here = consumer(&fixture, 0, 0).await;
    assert_eq!(here.drain("demo").await.unwrap(), 5);
    // One more than it has applied when it is stopped.
    fixture.grow(&[1]).await;
    assert_eq!(here.compare("demo").await.unwrap().last_seq, 6);
    let restored = Consumer { owner: Arc::new(StoreSource(older.db.clone())), ..here.clone() };
    for _ in 0..2 {
        let fault = restored.compare("demo").await.unwrap_err();
        assert_eq!((fault.reason(), fault.metadata("source")), (Reason::AuthorityStale, Some("profile")));
    }
    assert_eq!(restored.step("demo", Duration::ZERO).await.unwrap(), Step::Doubted);
    // Another process of the same service knows it from the store.
    let doubts = crate::Doubts::load(&fixture.db).await.unwrap();
    assert!(doubts.about("demo", "profile") && !doubts.any("other"));
    // As long as before, and other entries: a number alone would not tell.
    older.grow(&[4]).await;
    assert!(restored.compare("demo").await.is_err());
    here.compare("demo").await.unwrap();
    assert_eq!(here.drain("demo").await.unwrap(), 1);
}

#[tokio::test]
async fn a_store_that_was_put_back_is_doubted_by_what_the_bus_carries_before_anybody_compares() {
    let (fixture, older) = (Fixture::new().await, Fixture::new().await);
    fixture.grow(&[5]).await;
    older.grow(&[3]).await;
    publish(&fixture.db, fixture.bus.as_ref(), super::log().origin(), 1).await.unwrap();
    let doubts = crate::Doubts::default();
    for (db, bus) in [(&fixture.db, &fixture.bus), (&older.db, &older.bus)] {
        doubts.ask(db, bus.as_ref(), "demo", "profile").await.unwrap();
        assert!(!doubts.any("demo"), "as far as the bus, and a bus that carries nothing");
    }
    doubts.ask(&older.db, fixture.bus.as_ref(), "demo", "profile").await.unwrap();
    assert!(doubts.about("demo", "profile"));
    let entry = older.entry(9);
    let refused: Result<()> = transact!(older.db, tx => crate::append(tx, &entry).await);
    assert_eq!(refused.unwrap_err().reason(), Reason::StoreRestored);
    // What an earlier era left there is nothing of this one.
    let begun: Result<_> = transact!(older.db, tx => crate::recover::begin(tx, "demo", "profile", "second").await);
    begun.unwrap();
    let again = crate::Doubts::load(&older.db).await.unwrap();
    again.ask(&older.db, fixture.bus.as_ref(), "demo", "profile").await.unwrap();
    assert!(!again.any("demo"));
}
