//! What the floors do in the store: the pools are those of Dossier's defaults, the durability is the same.

use std::str::FromStr;
use std::time::Duration;

use dossier_kernel::call::Providers;
use sqlx::AssertSqlSafe;
use sqlx_postgres::PgPool;
use sqlx_postgres::{PgConnectOptions, PgPoolOptions};
use sqlx_sqlite::SqlitePool;
use sqlx_sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use super::Ask;
use super::client::Kind;

/// The rows that callers write, each its own; key 0 is the one that all meet in.
const OWN: i64 = 1024;

/// A store of the floors; cheap to clone.
#[derive(Clone, Debug)]
pub enum Store {
    /// One writer, several readers, as Dossier opens it.
    Sqlite {
        /// Connections that read.
        readers: SqlitePool,
        /// The one that writes.
        writer: SqlitePool,
    },
    /// One pool.
    Postgres(PgPool),
}

/// Rows to read lie this far apart for one size and the next.
pub const APART: i64 = 1_000_000;

/// Makes the tables of the floors: `rows` to read for each of `sizes`, and rows to write.
///
/// # Errors
/// The store's.
pub async fn prepare(store: &Store, rows: i64, sizes: &[usize]) -> sqlx::Result<()> {
    for text in TABLES {
        store.run(text).await?;
    }
    for (first, size) in (0..).step_by(1_000_000).zip(sizes) {
        let numbers = numbers(first + 1, first + rows);
        let zeros = "0".repeat(2 * size);
        let body = if matches!(store, Store::Sqlite { .. }) { format!("X'{zeros}'") } else { format!("'\\x{zeros}'") };
        store.run(format!("INSERT INTO floor_row (key, body) {numbers} SELECT n, {body} FROM n")).await?;
    }
    store.run(format!("INSERT INTO floor_sum (key, held) {} SELECT n, 0 FROM n", numbers(0, OWN))).await?;
    store.run("ANALYZE").await
}

fn numbers(first: i64, last: i64) -> String {
    format!("WITH RECURSIVE n (n) AS (SELECT CAST({first} AS BIGINT) UNION ALL SELECT n + 1 FROM n WHERE n < {last})")
}

const TABLES: [&str; 6] = [
    "DROP TABLE IF EXISTS floor_row",
    "DROP TABLE IF EXISTS floor_sum",
    "DROP TABLE IF EXISTS floor_item",
    "CREATE TABLE floor_row (key BIGINT PRIMARY KEY, body BYTEA NOT NULL)",
    "CREATE TABLE floor_sum (key BIGINT PRIMARY KEY, held BIGINT NOT NULL)",
    "CREATE TABLE floor_item (id UUID PRIMARY KEY, key BIGINT NOT NULL, amount BIGINT NOT NULL)",
];

const READ: &str = "SELECT body FROM floor_row WHERE key = $1";
const UPDATE: &str = "UPDATE floor_sum SET held = held + 1 WHERE key = $1";
const INSERT: &str = "INSERT INTO floor_item (id, key, amount) VALUES ($1, $2, 1)";

// === impl Store ===

impl Store {
    /// Opens `url` as the services do.
    ///
    /// # Errors
    /// The store's.
    pub async fn open(url: &str) -> sqlx::Result<Self> {
        if !url.starts_with("sqlite:") {
            let options = PgConnectOptions::from_str(url)?;
            let pool = PgPoolOptions::new().max_connections(16).test_before_acquire(false);
            return Ok(Self::Postgres(pool.acquire_timeout(Duration::from_secs(5)).connect_with(options).await?));
        }
        let options = SqliteConnectOptions::from_str(url)?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(5));
        let pool = |size| {
            let pool = SqlitePoolOptions::new().max_connections(size).test_before_acquire(false);
            pool.idle_timeout(None).max_lifetime(None).acquire_timeout(Duration::from_secs(5))
        };
        let writer = pool(1).connect_with(options.clone()).await?;
        Ok(Self::Sqlite { readers: pool(8).connect_with(options).await?, writer })
    }

    async fn run(&self, text: impl Into<String>) -> sqlx::Result<()> {
        let text = AssertSqlSafe(text.into());
        match self {
            Self::Sqlite { writer, .. } => sqlx::query(text).execute(writer).await.map(drop),
            Self::Postgres(pool) => sqlx::query(text).execute(pool).await.map(drop),
        }
    }

    pub(super) async fn answer(&self, kind: Kind, ask: &Ask) -> sqlx::Result<Vec<u8>> {
        let small = || vec![7; ask.want as usize];
        match kind {
            Kind::Echo | Kind::FileWritten | Kind::FileRead => Ok(small()),
            Kind::Read => self.read(ask.key).await,
            Kind::Write => self.write(1 + ask.key.rem_euclid(OWN)).await.map(|()| small()),
            Kind::Hot => self.hot().await.map(|()| small()),
        }
    }

    async fn read(&self, key: i64) -> sqlx::Result<Vec<u8>> {
        let (body,): (Vec<u8>,) = match self {
            Self::Sqlite { readers, .. } => sqlx::query_as(READ).bind(key).fetch_one(readers).await?,
            Self::Postgres(pool) => sqlx::query_as(READ).bind(key).fetch_one(pool).await?,
        };
        Ok(body)
    }

    // A statement by itself is a transaction: less than that one write cannot be.
    async fn write(&self, key: i64) -> sqlx::Result<()> {
        match self {
            Self::Sqlite { writer, .. } => sqlx::query(UPDATE).bind(key).execute(writer).await.map(drop),
            Self::Postgres(pool) => sqlx::query(UPDATE).bind(key).execute(pool).await.map(drop),
        }
    }

    async fn hot(&self) -> sqlx::Result<()> {
        let id = Providers::system().ids.uuid();
        match self {
            Self::Sqlite { writer, .. } => {
                let mut tx = writer.begin_with("BEGIN IMMEDIATE").await?;
                sqlx::query(UPDATE).bind(0_i64).execute(&mut *tx).await?;
                sqlx::query(INSERT).bind(id).bind(0_i64).execute(&mut *tx).await?;
                tx.commit().await
            }
            Self::Postgres(pool) => {
                let mut tx = pool.begin().await?;
                sqlx::query(UPDATE).bind(0_i64).execute(&mut *tx).await?;
                sqlx::query(INSERT).bind(id).bind(0_i64).execute(&mut *tx).await?;
                tx.commit().await
            }
        }
    }
}
