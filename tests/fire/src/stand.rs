//! The test stand: one store, the services and the floors on it, people, files, and a meter on every process.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use sqlx::{AssertSqlSafe, Executor};
use tonic::transport::{Channel, Endpoint};

use crate::ground::{Fault, Fleet, Halt, Plan, Postgres, Process, Redis, Result, Scratch, Signal, free_port};
use crate::measure::{Group, Meter, Spent};
use crate::scene::{CAST, Scene};
use crate::subjects::{Call, Cast, Size};
use crate::{bulk, rules, subjects};

/// Rows of each size that the floor reads from.
const FLOOR_ROWS: u64 = 10_000;

/// What a stand is made of.
#[derive(Clone, Debug)]
pub struct Plans {
    /// The program `dossier`.
    pub dossier: PathBuf,
    /// This program, which also serves the floors.
    pub load: PathBuf,
    /// PostgreSQL and Redis with a process for each service, or SQLite with one process for all.
    pub postgres: bool,
    /// Connections to each service, shared by the callers.
    pub connections: usize,
    /// Files that are generated at first.
    pub files: u64,
}

/// A stand that runs; everything ends with it.
pub struct Stand {
    /// What it is made of.
    pub plans: Plans,
    /// The services.
    pub fleet: Fleet,
    /// What calls are made with.
    pub cast: Arc<Cast>,
    /// The score card that rates customers.
    pub model: String,
    /// Seconds that the services took to get ready on their data, at the last start.
    pub started: f64,
    floor: Process,
    lines: Vec<Channel>,
    sizes: BTreeMap<Call, Size>,
    first: AtomicU64,
    postgres: Option<Postgres>,
    redis: Option<(Redis, u32)>,
    _scratch: Scratch,
}

// === impl Stand ===

impl Stand {
    /// Sets everything up; tells its progress to `say`.
    ///
    /// # Errors
    /// Whatever keeps a part from standing.
    pub async fn set_up(plans: Plans, say: impl Fn(String)) -> Result<Self> {
        let scratch = Scratch::new("load")?;
        let (mut postgres, mut redis) = (None, None);
        let data = scratch.path().join("data");
        let mut plan = Plan::embedded(&plans.dossier, &data);
        if plans.postgres {
            let server = tuned(Postgres::start(&scratch).await?).await?;
            let bus = Redis::start(&scratch).await?;
            plan = Plan::on_postgres(&plans.dossier, &data, &server, "load").await?.with_redis(&bus);
            let pid = redis_pid(&bus).await?;
            (postgres, redis) = (Some(server), Some((bus, pid)));
        }
        plan = rules::lived_under(plan, &scratch.path().join("rules"))?;
        plan = plan.with("DOSSIER__TELEMETRY__LOG_FILTER", "warn");
        let mut fleet = Fleet::start(&scratch, plan).await?;
        let scene = Scene::enter(&fleet, plans.connections, &CAST).await?;
        scene.known().await?;
        let model = scene.model().await?;
        let hot = scene.customer(&model, "hot", HOT_LIMIT).await?;
        let files = plans.files;
        let started = generate(&mut fleet, 0, files, &say).await?;
        let mut cast = Cast::new(scene, hot, files);
        cast.bring_contents().await?;
        let cast = Arc::new(cast);
        let mut sizes = BTreeMap::new();
        for call in Call::ALL {
            sizes.insert(call, call.size(&cast, 0).await?);
        }
        let url = floor_url(postgres.as_ref(), scratch.path()).await?;
        let (floor, lines) = serve_floor(&plans, scratch.path(), &url, &sizes).await?;
        let first = AtomicU64::new(1);
        Ok(Self { plans, fleet, cast, model, started, floor, lines, sizes, first, postgres, redis, _scratch: scratch })
    }

    /// Grows the stores to `files`.
    ///
    /// # Errors
    /// When the services do not stop, the rows do not go in, or the services do not start.
    pub async fn grow(&mut self, files: u64, say: impl Fn(String)) -> Result<()> {
        self.started = generate(&mut self.fleet, self.cast.files, files, &say).await?;
        let old = &*self.cast;
        // The services listen where they did, so the connections find them again.
        self.cast = Arc::new(Cast { files, ..old.clone() });
        for call in Call::ALL {
            call.size(&self.cast, self.first()).await?;
        }
        Ok(())
    }

    /// A call as something to measure.
    pub fn subject(&self, call: Call) -> crate::measure::Subject {
        call.subject(&self.cast)
    }

    /// A floor with the payload of `call`.
    pub fn floor(&self, kind: crate::floor::Kind, call: Call) -> crate::measure::Subject {
        let shelf = Call::ALL.iter().zip(0..).find(|(one, _)| **one == call).map_or(0, |(_, shelf)| shelf);
        subjects::floor(kind, &self.lines, self.size(call), shelf, FLOOR_ROWS)
    }

    /// Bytes of a call and its answer.
    pub fn size(&self, call: Call) -> Size {
        self.sizes.get(&call).copied().unwrap_or(Size { ask: 0, answer: 0 })
    }

    /// The first number of a run of calls; no two runs share any.
    pub fn first(&self) -> u64 {
        self.first.fetch_add(1, Ordering::Relaxed) * 1_000_000_000_000
    }

    /// A meter on every process.
    pub fn meter(&self) -> Meter {
        let services = self.fleet.replicas.iter().map(crate::ground::Replica::pid).collect();
        let postgres = self.postgres.as_ref().and_then(Postgres::process).map(Process::pid);
        let group = |name, roots| Group { name, roots, below: name != "client" };
        Meter::new(vec![
            group("client", vec![std::process::id()]),
            group("services", services),
            group("floor", vec![self.floor.pid()]),
            group("PostgreSQL", postgres.into_iter().collect()),
            group("Redis", self.redis.iter().map(|(_, pid)| *pid).collect()),
        ])
    }

    /// Waits until what calls left behind is done: sequencing, publishing, applying. Gives the seconds it took; at most
    /// a minute.
    pub async fn settle(&self) -> f64 {
        let (meter, begun) = (self.meter(), Instant::now());
        let busy =
            |spent: &Spent| ["services", "PostgreSQL", "floor"].iter().filter_map(|name| spent.0.get(name)).sum();
        let mut quiet_since = begun;
        let mut before = meter.read();
        while begun.elapsed() < Duration::from_secs(60) {
            tokio::time::sleep(Duration::from_millis(100)).await;
            let now = meter.read();
            let spent: f64 = busy(&now.since(&before));
            // Idle services poll; that is a hundredth of a core.
            if spent > 0.025 {
                quiet_since = Instant::now();
            } else if quiet_since.elapsed() >= Duration::from_millis(200) {
                break;
            }
            before = now;
        }
        (quiet_since - begun).as_secs_f64()
    }

    /// The private PostgreSQL, if the stand is on it.
    pub fn postgres(&self) -> Option<&Postgres> {
        self.postgres.as_ref()
    }

    /// The versions of the servers beside the services.
    ///
    /// # Errors
    /// When one does not answer.
    pub async fn versions(&self) -> Result<Vec<String>> {
        let mut versions = Vec::new();
        if let Some(postgres) = &self.postgres {
            let mut connection = postgres.connect("postgres").await?;
            let (text,): (String,) = sqlx::query_as("SHOW server_version").fetch_one(&mut connection).await?;
            versions.push(format!("PostgreSQL {}", text.split_whitespace().next().unwrap_or_default()));
        }
        if let Some((redis, _)) = &self.redis {
            versions.push(format!("Redis {}", redis_info(redis, "server", "redis_version").await?));
        }
        if self.postgres.is_none() {
            versions.push(format!("SQLite {}", sqlite_version().await?));
        }
        Ok(versions)
    }

    /// The services stopped in good order and started again; gives the seconds until all said that they serve.
    ///
    /// # Errors
    /// When one does not stop or start.
    pub async fn restart(&mut self) -> Result<f64> {
        halt(&mut self.fleet).await?;
        self.started = timed_start(&mut self.fleet).await?;
        Ok(self.started)
    }
}

/// The limit of the customer that all reserve against, in minor units: no run uses it up at one a call.
pub const HOT_LIMIT: i64 = 1_000_000_000_000;

async fn generate(fleet: &mut Fleet, from: u64, until: u64, say: &impl Fn(String)) -> Result<f64> {
    if until > from {
        halt(fleet).await?;
        bulk::write(&fleet.plan, from, until, say).await?;
    }
    if fleet.replicas.iter_mut().all(crate::ground::Replica::runs) { Ok(0.0) } else { timed_start(fleet).await }
}

async fn timed_start(fleet: &mut Fleet) -> Result<f64> {
    let begun = Instant::now();
    for replica in &mut fleet.replicas {
        replica.start(&[])?;
    }
    for replica in &mut fleet.replicas {
        // Asked more often than the fleet does: what is measured is shorter than its pause.
        let end = Instant::now() + Duration::from_secs(60);
        while !replica.ready().await {
            if !replica.runs() || Instant::now() > end {
                return Err(Fault::new(replica.last_words()).within(format!("{} does not start", replica.name)));
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
    Ok(begun.elapsed().as_secs_f64())
}

async fn halt(fleet: &mut Fleet) -> Result<()> {
    for replica in &mut fleet.replicas {
        replica.signal(Signal::Terminate)?;
        if let Some(process) = replica.process.as_mut()
            && !process.ended(Duration::from_secs(30)).await?
        {
            process.kill().await?;
        }
    }
    Ok(())
}

// Memory and write-ahead log of a small server, so that a run of a minute meets no checkpoint; what PostgreSQL promises
// to keep stays as it is. Statements are counted and explained only while somebody asks for it.
async fn tuned(mut postgres: Postgres) -> Result<Postgres> {
    let mut connection = postgres.connect("postgres").await?;
    let settings = [
        ("shared_buffers", "'1GB'"),
        ("max_wal_size", "'8GB'"),
        ("checkpoint_timeout", "'30min'"),
        // A list: between quotes it would be one name.
        ("shared_preload_libraries", "pg_stat_statements, auto_explain"),
    ];
    for (name, value) in settings {
        connection.execute(AssertSqlSafe(format!("ALTER SYSTEM SET {name} = {value}"))).await?;
    }
    drop(connection);
    postgres.halt(Halt::Fast).await?;
    postgres.go().await?;
    let mut connection = postgres.connect("postgres").await?;
    connection.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements").await?;
    connection.execute("ALTER SYSTEM SET pg_stat_statements.track = 'none'").await?;
    connection.execute("SELECT pg_reload_conf()").await?;
    Ok(postgres)
}

async fn floor_url(postgres: Option<&Postgres>, folder: &Path) -> Result<String> {
    match postgres {
        Some(postgres) => {
            postgres.create("floor").await?;
            Ok(postgres.url("floor"))
        }
        None => Ok(format!("sqlite:{}", folder.join("floor.db").display())),
    }
}

async fn serve_floor(
    plans: &Plans,
    folder: &Path,
    url: &str,
    sizes: &BTreeMap<Call, Size>,
) -> Result<(Process, Vec<Channel>)> {
    let address = format!("127.0.0.1:{}", free_port()?);
    // Rows are read for those calls alone that are held against a read of rows.
    let row = |call: &Call| sizes.get(call).filter(|_| call.reads_rows()).map_or(1, |size| size.answer);
    let sizes = Call::ALL.iter().map(|call| row(call).to_string());
    let (sizes, rows) = (sizes.collect::<Vec<_>>().join(","), FLOOR_ROWS.to_string());
    let files = folder.join("floor-files").display().to_string();
    let arguments =
        ["floor", "--listen", &address, "--store", url, "--folder", &files, "--rows", &rows, "--sizes", &sizes];
    let mut floor = Process::start(&plans.load, &arguments, &BTreeMap::new(), &folder.join("floor.log"))?;
    let endpoint = Endpoint::from_shared(format!("http://{address}"))?.tcp_nodelay(true);
    for _ in 0..600 {
        if endpoint.connect().await.is_ok() {
            let lines = (0..plans.connections.max(1)).map(|_| endpoint.connect_lazy());
            return Ok((floor, lines.collect()));
        }
        if !floor.runs() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Err(Fault::new(std::fs::read_to_string(floor.log()).unwrap_or_default()).within("the floors are not served"))
}

async fn redis_pid(redis: &Redis) -> Result<u32> {
    redis_info(redis, "server", "process_id").await?.parse().map_err(|_| Fault::new("Redis does not tell its id"))
}

async fn redis_info(redis: &Redis, section: &str, key: &str) -> Result<String> {
    let lost = |fault: redis::RedisError| Fault::new(format!("redis: {fault}"));
    let client = redis::Client::open(redis.url()).map_err(lost)?;
    let mut connection = client.get_multiplexed_async_connection().await.map_err(lost)?;
    let told: String = redis::cmd("INFO").arg(section).query_async(&mut connection).await.map_err(lost)?;
    let line = told.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'));
    Ok(line.unwrap_or_default().trim().to_owned())
}

async fn sqlite_version() -> Result<String> {
    use sqlx::Connection;
    let mut memory = sqlx_sqlite::SqliteConnection::connect("sqlite::memory:").await?;
    let (version,): (String,) = sqlx::query_as("SELECT sqlite_version()").fetch_one(&mut memory).await?;
    Ok(version)
}
