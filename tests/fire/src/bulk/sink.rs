//! Where bulk rows go: `COPY` on PostgreSQL, statements of many rows in large transactions on SQLite.

use std::path::Path;
use std::str::FromStr;

use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor};
use sqlx_postgres::{PgConnectOptions, PgConnection};
use sqlx_sqlite::Sqlite;
use sqlx_sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use uuid::Uuid;

use super::rows::{Cell, Rows};
use crate::ground::{Fault, Result};
use crate::scene::ORG;

/// Rows of one statement on SQLite.
const CHUNK: usize = 64;

/// One store, open for bulk rows.
#[derive(Debug)]
pub(super) struct Sink {
    store: Open,
    /// The statements that bring the taken indexes back.
    indexes: Vec<String>,
}

#[derive(Debug)]
enum Open {
    Postgres(Box<PgConnection>),
    Sqlite(Box<SqliteConnection>),
}

// === impl Sink ===

impl Sink {
    pub(super) async fn postgres(url: &str) -> Result<Self> {
        let options = PgConnectOptions::from_str(url)?.disable_statement_logging();
        let mut connection = PgConnection::connect_with(&options).await?;
        connection.execute("SET maintenance_work_mem = '512MB'").await?;
        connection.execute("SET synchronous_commit = off").await?;
        Ok(Self { store: Open::Postgres(Box::new(connection)), indexes: Vec::new() })
    }

    pub(super) async fn sqlite(path: &Path) -> Result<Self> {
        let options = SqliteConnectOptions::new().filename(path).disable_statement_logging();
        // What is lost in a crash is generated again.
        let options = options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Off);
        let mut connection = SqliteConnection::connect_with(&options.pragma("cache_size", "-400000")).await?;
        connection.execute("PRAGMA temp_store = MEMORY").await?;
        Ok(Self { store: Open::Sqlite(Box::new(connection)), indexes: Vec::new() })
    }

    /// Takes the secondary indexes of `tables` away.
    pub(super) async fn begin(&mut self, tables: &[&str]) -> Result<()> {
        let list = tables.iter().map(|table| format!("'{table}'")).collect::<Vec<_>>().join(", ");
        let text = match &self.store {
            Open::Postgres(_) => format!(
                "SELECT indexname, indexdef FROM pg_indexes
                 WHERE schemaname = 'public' AND tablename IN ({list}) AND indexname NOT LIKE '%\\_pkey'"
            ),
            Open::Sqlite(_) => format!(
                "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ({list})"
            ),
        };
        let indexes: Vec<(String, String)> = match &mut self.store {
            Open::Postgres(one) => sqlx::query_as(AssertSqlSafe(text)).fetch_all(&mut **one).await?,
            Open::Sqlite(one) => sqlx::query_as(AssertSqlSafe(text)).fetch_all(&mut **one).await?,
        };
        for (name, made) in indexes {
            self.run(format!("DROP INDEX {name}")).await?;
            self.indexes.push(made);
        }
        Ok(())
    }

    /// Brings the indexes back and lets the planner look at the tables.
    pub(super) async fn end(&mut self) -> Result<()> {
        for text in std::mem::take(&mut self.indexes) {
            self.run(text).await?;
        }
        match &self.store {
            Open::Postgres(_) => {
                self.run("VACUUM (ANALYZE)".to_owned()).await?;
                self.run("CHECKPOINT".to_owned()).await
            }
            Open::Sqlite(_) => self.run("PRAGMA wal_checkpoint(TRUNCATE)".to_owned()).await,
        }
    }

    /// The person whose tokens name `subject`.
    pub(super) async fn person(&mut self, subject: &str) -> Result<Uuid> {
        let text = "SELECT person FROM principal WHERE org = $1 AND subject = $2";
        let found: Option<(Uuid,)> = match &mut self.store {
            Open::Postgres(one) => sqlx::query_as(text).bind(ORG).bind(subject).fetch_optional(&mut **one).await?,
            Open::Sqlite(one) => sqlx::query_as(text).bind(ORG).bind(subject).fetch_optional(&mut **one).await?,
        };
        found.map(|(person,)| person).ok_or_else(|| Fault::new(format!("profile knows nobody called {subject}")))
    }

    /// Moves the counter of `series` on to `until`.
    pub(super) async fn count(&mut self, series: &str, from: u64, until: u64) -> Result<()> {
        let set = format!("ON CONFLICT (org, series) DO UPDATE SET taken = {until}");
        let row = format!("INSERT INTO number_series (org, series, taken) VALUES ('{ORG}', '{series}', {until}) {set}");
        if until > from { self.run(row).await } else { Ok(()) }
    }

    pub(super) async fn write(&mut self, rows: &Rows) -> Result<()> {
        let columns = rows.columns.join(", ");
        match &mut self.store {
            Open::Postgres(one) => {
                let text = format!("COPY {} ({columns}) FROM STDIN", rows.table);
                let mut copy = one.copy_in_raw(&text).await?;
                copy.send(rows.copy()).await?;
                copy.finish().await?;
            }
            Open::Sqlite(one) => {
                let mut tx = one.begin().await?;
                for chunk in rows.rows.chunks(CHUNK) {
                    insert(&mut tx, rows, &columns, chunk).await?;
                }
                tx.commit().await?;
            }
        }
        Ok(())
    }

    async fn run(&mut self, text: String) -> Result<()> {
        match &mut self.store {
            Open::Postgres(one) => one.execute(AssertSqlSafe(text)).await.map(|_| ())?,
            Open::Sqlite(one) => one.execute(AssertSqlSafe(text)).await.map(|_| ())?,
        }
        Ok(())
    }
}

async fn insert(tx: &mut sqlx::Transaction<'_, Sqlite>, rows: &Rows, columns: &str, chunk: &[Vec<Cell>]) -> Result<()> {
    // The same text for every full chunk: it is prepared once.
    let row = format!("({})", vec!["?"; rows.columns.len()].join(", "));
    let values = vec![row.as_str(); chunk.len()].join(", ");
    let mut query = sqlx::query(AssertSqlSafe(format!("INSERT INTO {} ({columns}) VALUES {values}", rows.table)));
    for cell in chunk.iter().flatten() {
        query = match cell {
            Cell::Text(value) => query.bind(value.clone()),
            Cell::Bytes(value) => query.bind(value.clone()),
            Cell::Uuid(value) => query.bind(*value),
            Cell::Int(value) => query.bind(*value),
            Cell::Bool(value) => query.bind(*value),
            Cell::Null => query.bind(None::<i64>),
        };
    }
    query.execute(&mut **tx).await?;
    Ok(())
}
