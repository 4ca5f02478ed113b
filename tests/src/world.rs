//! Three services in one process, on stores of their own, with a clock to move.

mod callers;
mod filled;
mod kept;
mod restored;
mod settle;
mod stores;

use std::collections::BTreeMap;
use std::io::Write;
use std::ops::Deref;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use dossier::serve::{Ground, Running, Which, start};
use dossier_kernel::call::Providers;
use dossier_kernel::clock::{Clock, Manual};
use dossier_kernel::config::{Config, Sources};
use dossier_kernel::db::{Db, Settings};
use dossier_kernel::id::Seeded;
use dossier_kernel::server::Stop;
use futures::FutureExt;
use jiff::{SignedDuration, Timestamp};
use tonic::transport::Channel;
use uuid::Uuid;

pub use callers::{AccessCalls, Bearer, CreditCalls, DEMO, ProfileCalls, Road};
pub use filled::changes;
pub use settle::CONSUMERS;
pub use stores::{Store, postgres_url, redis_url};

use crate::rules::Rules;
use stores::Home;

/// Monday 2 March 2026, 09:30 in Shanghai: a working morning.
pub const MORNING: &str = "2026-03-02T01:30:00Z";

/// The three services and everything around them.
pub struct World {
    /// Every replica and every token follow it.
    pub clock: Arc<Manual>,
    first: Replica,
    home: Home,
    dbs: BTreeMap<Which, Db>,
    seeds: AtomicU64,
    requests: AtomicU64,
}

/// One process: the three services, serving.
pub struct Replica {
    ground: Ground,
    running: Option<Running>,
    stop: Stop,
    roads: BTreeMap<Which, Channel>,
}

/// Runs `behaviour` in a world on `store`, and takes the world down whatever happens.
pub async fn run<F>(store: Store, name: &str, behaviour: F)
where
    F: for<'w> FnOnce(&'w World) -> Pin<Box<dyn Future<Output = ()> + Send + 'w>>,
{
    if !store.available() {
        skipped(name);
        return;
    }
    held(World::start(store).await, behaviour).await;
}

/// As [`run`], in a world under `rules`.
pub async fn run_under<F>(store: Store, name: &str, rules: &Rules, behaviour: F)
where
    F: for<'w> FnOnce(&'w World) -> Pin<Box<dyn Future<Output = ()> + Send + 'w>>,
{
    let options = rules.options().map(|(key, value)| (key.to_owned(), value));
    run_with(store, name, &options, behaviour).await;
}

/// As [`run`], in a world whose configuration differs by `options`.
pub async fn run_with<F>(store: Store, name: &str, options: &[(String, String)], behaviour: F)
where
    F: for<'w> FnOnce(&'w World) -> Pin<Box<dyn Future<Output = ()> + Send + 'w>>,
{
    if !store.available() {
        skipped(name);
        return;
    }
    let options: Vec<_> = options.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    held(World::with(store, 1, &options).await, behaviour).await;
}

async fn held<F>(world: World, behaviour: F)
where
    F: for<'w> FnOnce(&'w World) -> Pin<Box<dyn Future<Output = ()> + Send + 'w>>,
{
    let outcome = AssertUnwindSafe(behaviour(&world)).catch_unwind().await;
    world.end().await;
    if let Err(panic) = outcome {
        resume_unwind(panic);
    }
}

// === impl World ===

impl World {
    /// A world on `store` with the shipped organisations `demo` and `meridian`, everybody known everywhere.
    pub async fn start(store: Store) -> Self {
        Self::with(store, 1, &[]).await
    }

    /// A world whose ids come from `seed` and whose configuration differs from the default by `options`.
    pub async fn with(store: Store, seed: u64, options: &[(&str, &str)]) -> Self {
        Self::on(Home::make(store, options).await, seed).await
    }

    /// A world that begins at another moment than [`MORNING`].
    pub async fn beginning(store: Store, start: Timestamp, options: &[(&str, &str)]) -> Self {
        Self::at(Home::make(store, options).await, 1, start).await
    }

    async fn on(home: Home, seed: u64) -> Self {
        Self::at(home, seed, MORNING.parse().expect("an instant")).await
    }

    async fn at(home: Home, seed: u64, start: Timestamp) -> Self {
        logs();
        let clock = Manual::at(start);
        let first = Replica::start(&home, &clock, seed).await;
        let mut dbs = BTreeMap::new();
        for which in Which::ALL {
            let url = home.url(which);
            let settings = Settings { max_connections: 4, ..Settings::new(url) };
            dbs.insert(which, Db::open(&settings).await.expect("the store opens"));
        }
        let (seeds, requests) = (AtomicU64::new(seed * 1000), AtomicU64::new(seed << 32));
        let world = Self { clock, first, home, dbs, seeds, requests };
        world.settle().await;
        world
    }

    /// Another process on the same stores.
    pub async fn replica(&self) -> Replica {
        Replica::start(&self.home, &self.clock, self.seeds.fetch_add(1, Ordering::Relaxed) + 1).await
    }

    /// The store of a service, for checkers; nothing a test shows should depend on it.
    pub fn db(&self, which: Which) -> &Db {
        &self.dbs[&which]
    }

    /// Which engine this is.
    pub fn store(&self) -> Store {
        self.home.store()
    }

    /// The data directory.
    pub fn folder(&self) -> &std::path::Path {
        self.home.folder()
    }

    /// Opens a connection of its own to a service's store, for statements that no service may run.
    pub fn url(&self, which: Which) -> String {
        self.home.url(which)
    }

    /// The present instant of this world.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Lets time pass.
    pub fn pass(&self, step: SignedDuration) {
        self.clock.advance(step);
    }

    /// A request id that nobody used.
    pub fn request_id(&self) -> String {
        let count = self.requests.fetch_add(1, Ordering::Relaxed) + 1;
        Uuid::from_u128(0x4000_8000_0000_0000_0000 + u128::from(count)).to_string()
    }

    /// Stops the services and removes the stores.
    pub async fn end(self) {
        self.first.stop().await;
        for db in self.dbs.values() {
            db.close().await;
        }
        self.home.remove().await;
    }

    /// As [`restart`](Self::restart), with more options.
    pub async fn restart_with(&mut self, options: Vec<(String, String)>) {
        self.home.add(options);
        self.restart().await;
    }

    /// Stops the services, keeps the stores, starts the services again.
    pub async fn restart(&mut self) {
        let seed = self.seeds.fetch_add(1, Ordering::Relaxed) + 1;
        self.first.halt().await;
        self.first = Replica::start(&self.home, &self.clock, seed).await;
        self.settle().await;
    }
}

impl Deref for World {
    type Target = Replica;

    fn deref(&self) -> &Replica {
        &self.first
    }
}

// === impl Replica ===

impl Replica {
    async fn start(home: &Home, clock: &Arc<Manual>, seed: u64) -> Self {
        let ids = Seeded::new(seed, clock.clone());
        let providers = Providers { clock: clock.clone(), ids };
        let config = Config::load(&Sources { flags: home.flags(), ..Sources::default() }).expect("a configuration");
        let ground = Ground::lay(config, &Which::ALL, providers).await.expect("the ground is laid");
        let stop = Stop::new();
        let running = start(&ground, &Which::ALL, stop.clone()).await.expect("the services start");
        let road = |which| {
            let address = running.address(which).expect("it listens");
            let endpoint = Channel::from_shared(format!("http://{address}")).expect("a uri").tcp_nodelay(true);
            (which, endpoint.connect_lazy())
        };
        let roads = Which::ALL.into_iter().map(road).collect();
        Self { ground, running: Some(running), stop, roads }
    }

    /// What the services of this process stand on.
    pub fn ground(&self) -> &Ground {
        &self.ground
    }

    /// The services themselves.
    pub fn running(&self) -> &Running {
        self.running.as_ref().expect("it runs")
    }

    /// Where a service listens, for callers that connect by themselves.
    pub fn uri(&self, which: Which) -> String {
        format!("http://{}", self.running().address(which).expect("it listens"))
    }

    /// Stops the services of this process.
    pub async fn stop(mut self) {
        self.halt().await;
    }

    /// Ends the services without a word, as a killed process does: nothing is drained.
    pub async fn kill(mut self) {
        self.stop.force();
        self.halt().await;
    }

    async fn halt(&mut self) {
        // Open connections would hold the drain.
        self.roads.clear();
        if let Some(running) = self.running.take() {
            running.stop().await;
        }
    }
}

/// Says that a test did not run on PostgreSQL; past the capture of the harness, so that it is seen.
pub fn skipped(name: &str) {
    skipped_since(name, "DOSSIER_TEST_POSTGRES is not set, or DOSSIER_TEST_REDIS where it is needed");
}

/// Says why a test did not run, likewise.
pub fn skipped_since(name: &str, why: &str) {
    let _ = std::io::stderr().write_all(format!("skipped: {name}: {why}\n").as_bytes());
}

// DOSSIER_TEST_LOG=debug shows what the services log, in the form of RUST_LOG.
fn logs() {
    if let Ok(filter) = std::env::var("DOSSIER_TEST_LOG") {
        let filter = tracing_subscriber::EnvFilter::new(filter);
        let _ = tracing_subscriber::fmt().with_env_filter(filter).with_test_writer().try_init();
    }
}
