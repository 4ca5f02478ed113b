//! Stores of a world's own: made from a migrated template, thrown away with the world.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use dossier::serve::Which;
use dossier_kernel::db::{self, Db, Settings};
use sha2::{Digest, Sha256};
use sqlx::{Connection, Executor};
use sqlx_postgres::PgConnection;
use tempfile::TempDir;
use tokio::sync::OnceCell;

/// Which engine a world stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Store {
    /// SQLite files and the bus of the process.
    Sqlite,
    /// PostgreSQL databases, and Redis if there is one.
    Postgres,
}

/// Where a world lives.
pub(super) struct Home {
    store: Store,
    folder: TempDir,
    name: String,
    options: Vec<(String, String)>,
}

static WORLDS: AtomicU64 = AtomicU64::new(0);

/// The server that tests may make databases on.
pub fn postgres_url() -> Option<String> {
    std::env::var("DOSSIER_TEST_POSTGRES").ok().filter(|url| !url.is_empty())
}

/// The Redis that tests may use.
pub fn redis_url() -> Option<String> {
    std::env::var("DOSSIER_TEST_REDIS").ok().filter(|url| !url.is_empty())
}

// === impl Store ===

impl Store {
    /// Whether this machine has it.
    pub fn available(self) -> bool {
        self == Self::Sqlite || postgres_url().is_some()
    }
}

// === impl Home ===

impl Home {
    pub(super) async fn make(store: Store, options: &[(&str, &str)]) -> Self {
        let home = Self::bare(store, options);
        for which in Which::ALL {
            match store {
                Store::Sqlite => drop(std::fs::copy(sqlite_template(which).await, home.file(which)).expect("a copy")),
                Store::Postgres => home.database(which).await,
            }
        }
        home
    }

    /// A home without stores.
    pub(super) fn bare(store: Store, options: &[(&str, &str)]) -> Self {
        let count = WORLDS.fetch_add(1, Ordering::Relaxed);
        let name = format!("dossier_test_{}_{count}", std::process::id());
        let options = options.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        Self { store, folder: folder(), name, options }
    }

    /// Makes the empty database of a service.
    pub(super) async fn empty_database(&self, which: Which) {
        let text = format!("CREATE DATABASE {}_{which}", self.name);
        server().await.execute(sqlx::AssertSqlSafe(text)).await.expect("a database");
    }

    pub(super) fn store(&self) -> Store {
        self.store
    }

    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(super) fn url(&self, which: Which) -> String {
        match self.store {
            Store::Sqlite => format!("sqlite:{}", self.file(which).display()),
            Store::Postgres => postgres_of(&format!("{}_{which}", self.name)),
        }
    }

    /// Whoever starts from now on has these options as well.
    pub(super) fn add(&mut self, options: Vec<(String, String)>) {
        self.options.extend(options);
    }

    /// The configuration as flags.
    pub(super) fn flags(&self) -> Vec<(String, String)> {
        let mut flags = vec![("data_dir".to_owned(), self.folder().display().to_string())];
        for which in Which::ALL {
            flags.push((format!("{which}.listen"), "127.0.0.1:0".to_owned()));
            flags.push((format!("{which}.database"), self.url(which)));
        }
        // What a test waits for should not wait for open connections.
        flags.push(("server.drain_deadline".to_owned(), "2s".to_owned()));
        if let (Store::Postgres, Some(url)) = (self.store, redis_url()) {
            flags.push(("bus.redis_url".to_owned(), url));
            flags.push(("bus.prefix".to_owned(), self.name.clone()));
        }
        flags.extend(self.options.iter().cloned());
        flags
    }

    pub(super) async fn remove(self) {
        if self.store == Store::Postgres {
            let mut server = server().await;
            for which in Which::ALL {
                for kept in ["", "_backup"] {
                    let text = format!("DROP DATABASE IF EXISTS {}_{which}{kept} WITH (FORCE)", self.name);
                    server.execute(sqlx::AssertSqlSafe(text)).await.expect("a database goes");
                }
            }
        }
    }

    /// Copies a store that nobody uses to a place beside it.
    pub(super) async fn back_up(&self, which: Which) {
        match self.store {
            Store::Sqlite => drop(std::fs::copy(self.file(which), self.backup(which)).expect("a copy")),
            Store::Postgres => {
                self.copy(&format!("{}_{which}", self.name), &format!("{}_{which}_backup", self.name)).await
            }
        }
    }

    /// Puts that copy in the place of the store.
    pub(super) async fn put_back(&self, which: Which) {
        match self.store {
            Store::Sqlite => {
                // What lies beside the store belongs to it.
                for beside in ["db-wal", "db-shm"] {
                    let _ = std::fs::remove_file(self.file(which).with_extension(beside));
                }
                std::fs::copy(self.backup(which), self.file(which)).expect("a copy");
            }
            Store::Postgres => {
                self.copy(&format!("{}_{which}_backup", self.name), &format!("{}_{which}", self.name)).await
            }
        }
    }

    async fn copy(&self, from: &str, to: &str) {
        let mut server = server().await;
        for text in
            [format!("DROP DATABASE IF EXISTS {to} WITH (FORCE)"), format!("CREATE DATABASE {to} TEMPLATE {from}")]
        {
            server.execute(sqlx::AssertSqlSafe(text)).await.expect("a database");
        }
    }

    fn backup(&self, which: Which) -> PathBuf {
        self.folder.path().join(format!("{which}.backup"))
    }

    fn file(&self, which: Which) -> PathBuf {
        self.folder.path().join(format!("{which}.db"))
    }

    async fn database(&self, which: Which) {
        let template = postgres_template(which).await;
        let text = format!("CREATE DATABASE {}_{which} TEMPLATE {template}", self.name);
        // Two worlds may copy one template at the same time; the server refuses one of them for a moment.
        let mut server = server().await;
        server.execute("SELECT pg_advisory_lock(7401)").await.expect("a lock");
        server.execute(sqlx::AssertSqlSafe(text)).await.expect("a database");
    }
}

// In memory where the machine has such a place: these tests do not cut the power.
fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    made.or_else(|_| tempfile::tempdir()).expect("a folder")
}

async fn sqlite_template(which: Which) -> PathBuf {
    static TEMPLATES: OnceCell<TempDir> = OnceCell::const_new();
    let make = || async {
        let folder = folder();
        for which in Which::ALL {
            let path = folder.path().join(format!("{which}.db"));
            migrated(&format!("sqlite:{}", path.display()), which).await;
        }
        folder
    };
    TEMPLATES.get_or_init(make).await.path().join(format!("{which}.db"))
}

// Named after the migrations in it, so that runs share it and a new migration makes a new one.
async fn postgres_template(which: Which) -> String {
    static MADE: OnceCell<()> = OnceCell::const_new();
    let make = || async {
        let mut server = server().await;
        server.execute("SELECT pg_advisory_lock(7402)").await.expect("a lock");
        for which in Which::ALL {
            let name = template_name(which);
            let text = "SELECT 1 FROM pg_database WHERE datname = $1";
            let known = sqlx::query(text).bind(&name).fetch_optional(&mut server).await.expect("a list");
            if known.is_some() {
                continue;
            }
            let raw = format!("{name}_raw");
            for text in [format!("DROP DATABASE IF EXISTS {raw}"), format!("CREATE DATABASE {raw}")] {
                server.execute(sqlx::AssertSqlSafe(text)).await.expect("a database");
            }
            migrated(&postgres_of(&raw), which).await;
            let text = format!("ALTER DATABASE {raw} RENAME TO {name}");
            server.execute(sqlx::AssertSqlSafe(text)).await.expect("a name");
        }
    };
    MADE.get_or_init(make).await;
    template_name(which)
}

fn template_name(which: Which) -> String {
    let mut digest = Sha256::new();
    for migration in which.migrations().into_iter().flat_map(|migrator| migrator.iter()) {
        digest.update(&migration.checksum);
    }
    format!("dossier_template_{which}_{}", hex::encode(&digest.finalize()[..6]))
}

async fn migrated(url: &str, which: Which) {
    let db = Db::open(&Settings::new(url)).await.expect("a store");
    db::migrate(&db, &which.migrations()).await.expect("the migrations run");
    db.close().await;
}

async fn server() -> PgConnection {
    PgConnection::connect(&postgres_url().expect("a server")).await.expect("the server answers")
}

/// The url of another database on the same server.
fn postgres_of(database: &str) -> String {
    let url = postgres_url().expect("a server");
    let (base, query) = url.split_once('?').map_or((url.as_str(), None), |(base, query)| (base, Some(query)));
    let (server, _) = base.rsplit_once('/').expect("a url with a database");
    query.map_or(format!("{server}/{database}"), |query| format!("{server}/{database}?{query}"))
}
