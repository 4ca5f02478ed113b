use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;

use super::*;
use crate::bus::{Bus, MemoryBus};
use crate::clock::Manual;
use crate::id::Ids;
use crate::time::from_micros;

const TTL: Duration = Duration::from_secs(10);

/// An org of its own: in the PostgreSQL of the test environment, or else in a new SQLite file.
struct Store {
    db: Db,
    org: String,
    folder: std::path::PathBuf,
    clock: Arc<Manual>,
    bus: Arc<dyn Bus>,
}

impl Store {
    async fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("dossier-lease-{}", crate::id::System.uuid()));
        std::fs::create_dir_all(&folder).unwrap();
        let file = format!("sqlite:{}", folder.join("store.db").display());
        let url = std::env::var("DOSSIER_TEST_POSTGRES").unwrap_or(file);
        let db = Db::open(&crate::db::Settings::new(url)).await.unwrap();
        crate::db::migrate(&db, &[&crate::MIGRATIONS]).await.unwrap();
        let clock = Manual::at(from_micros(1_800_000_000_000_000));
        let org = crate::id::System.uuid().to_string();
        Self { db, org, folder, clock, bus: Arc::new(MemoryBus::new(&crate::bus::Settings::default())) }
    }

    async fn acquire(&self, holder: &str) -> Acquired {
        acquire(&self.db, &self.org, "job", holder, self.clock.as_ref(), TTL).await.unwrap()
    }

    async fn held(&self, holder: &str) -> Lease {
        match self.acquire(holder).await {
            Acquired::Held(lease) => lease,
            Acquired::Taken { .. } => panic!("taken"),
        }
    }

    async fn fenced(&self, lease: &Lease) -> bool {
        let mut tx = self.db.write().await.unwrap();
        lease.fence(&mut tx).await.is_ok()
    }

    fn keeper(&self, holder: &str, ttl: Duration) -> Keeper {
        let (db, clock, bus) = (self.db.clone(), self.clock.clone(), self.bus.clone());
        Keeper { db, clock, bus, org: self.org.clone(), name: "job".into(), holder: holder.into(), ttl }
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn seconds(count: i64) -> jiff::SignedDuration {
    jiff::SignedDuration::from_secs(count)
}

#[tokio::test]
async fn the_epoch_grows_with_each_change_of_hands_only() {
    let store = Store::new().await;
    assert_eq!(store.held("a").await.epoch, 1);
    assert_eq!(store.held("a").await.epoch, 1);
    assert_eq!(store.acquire("b").await, Acquired::Taken { left: TTL });
    store.clock.advance(seconds(10));
    assert_eq!(store.held("b").await.epoch, 2);
    store.clock.advance(seconds(10));
    assert_eq!(store.held("b").await.epoch, 3);
}

#[tokio::test]
async fn who_lost_the_lease_neither_renews_nor_writes() {
    let store = Store::new().await;
    let old = store.held("a").await;
    assert!(store.fenced(&old).await);
    store.clock.advance(seconds(10));
    let new = store.held("b").await;
    assert!(!old.renew(&store.db, store.clock.as_ref(), TTL).await.unwrap());
    assert!(!old.release(&store.db).await.unwrap());
    assert!(!store.fenced(&old).await);
    assert!(store.fenced(&new).await);
}

#[tokio::test]
async fn a_released_lease_is_free_at_once_and_its_epoch_goes_on() {
    let store = Store::new().await;
    let first = store.held("a").await;
    assert!(first.release(&store.db).await.unwrap());
    assert!(!first.renew(&store.db, store.clock.as_ref(), TTL).await.unwrap());
    assert!(!store.fenced(&first).await);
    assert_eq!(store.held("b").await.epoch, 2);
}

#[tokio::test]
async fn a_renewed_lease_outlives_its_first_end() {
    let store = Store::new().await;
    let lease = store.held("a").await;
    store.clock.advance(seconds(9));
    assert!(lease.renew(&store.db, store.clock.as_ref(), TTL).await.unwrap());
    store.clock.advance(seconds(9));
    assert!(matches!(store.acquire("b").await, Acquired::Taken { .. }));
}

#[tokio::test]
async fn leases_of_two_orgs_and_two_jobs_are_apart() {
    let store = Store::new().await;
    store.held("a").await;
    let elsewhere = format!("{}-else", store.org);
    for (org, name) in [(&store.org, "other"), (&elsewhere, "job")] {
        let other = acquire(&store.db, org, name, "b", store.clock.as_ref(), TTL).await.unwrap();
        assert!(matches!(other, Acquired::Held(Lease { epoch: 1, .. })));
    }
}

#[tokio::test]
async fn of_many_who_ask_at_once_one_gets_it() {
    let store = Store::new().await;
    let names: Vec<_> = (0..16).map(|n| n.to_string()).collect();
    let asked = futures::future::join_all(names.iter().map(|name| store.acquire(name))).await;
    assert_eq!(asked.iter().filter(|got| matches!(got, Acquired::Held(_))).count(), 1);
}

#[tokio::test]
async fn the_next_keeper_takes_over_when_the_first_stops() {
    let store = Store::new().await;
    let (tell, mut told) = mpsc::unbounded_channel();
    let begin = |holder: &'static str| {
        // An hour: only the bus can wake the second one within the life of this test.
        let (keeper, stop, tell) =
            (store.keeper(holder, Duration::from_secs(3600)), CancellationToken::new(), tell.clone());
        let token = stop.clone();
        let task = tokio::spawn(async move {
            let job = |lease: Lease, stop: CancellationToken| {
                tell.send((holder, lease.epoch)).unwrap();
                async move { stop.cancelled().await }
            };
            keeper.run(token, job).await;
        });
        (stop, task)
    };
    let (stop_first, first) = begin("a");
    assert_eq!(told.recv().await, Some(("a", 1)));
    let (stop_second, second) = begin("b");
    stop_first.cancel();
    first.await.unwrap();
    assert_eq!(told.recv().await, Some(("b", 2)));
    stop_second.cancel();
    second.await.unwrap();
}

/// Notifies when it is dropped.
struct Dropped(Arc<Notify>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

#[tokio::test]
async fn a_job_whose_lease_is_lost_is_dropped() {
    let store = Store::new().await;
    let keeper = store.keeper("a", Duration::from_millis(60));
    let (begun, dropped, runs) = (Arc::new(Notify::new()), Arc::new(Notify::new()), Arc::new(AtomicU32::new(0)));
    let job = |_: Lease, _: CancellationToken| {
        runs.fetch_add(1, Ordering::SeqCst);
        begun.notify_one();
        let guard = Dropped(dropped.clone());
        async move {
            let _guard = guard;
            futures::future::pending::<()>().await;
        }
    };
    let thief = async {
        begun.notified().await;
        // For the others' clocks the lease has run out; where the keeper was faster and renewed it, once more.
        store.clock.advance(seconds(1));
        while let Acquired::Taken { .. } = store.acquire("thief").await {
            store.clock.advance(seconds(1));
        }
        dropped.notified().await;
    };
    tokio::select! {
        () = keeper.run(CancellationToken::new(), job) => panic!("the keeper ended"),
        () = thief => {}
    }
    assert_eq!(runs.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_job_that_does_not_stop_is_dropped_after_its_time() {
    let store = Store::new().await;
    let keeper = store.keeper("a", Duration::from_millis(30));
    let stop = CancellationToken::new();
    let job = |_: Lease, _: CancellationToken| {
        stop.cancel();
        futures::future::pending::<()>()
    };
    keeper.run(stop.clone(), job).await;
    assert_eq!(store.held("b").await.epoch, 2);
}
