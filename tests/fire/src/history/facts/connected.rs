//! A connection to one store, of either kind.

use std::str::FromStr;

use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor};
use sqlx_postgres::{PgConnectOptions, PgConnection};
use sqlx_sqlite::{SqliteConnectOptions, SqliteConnection};

use crate::ground::{Fault, Result, Service, Store};

/// A connection of our own to one store.
pub enum Connected {
    /// To PostgreSQL.
    Postgres(PgConnection),
    /// To a file.
    Sqlite(SqliteConnection),
}

/// The rows that a statement gives.
macro_rules! rows {
    ($to:expr, $row:ty, $text:expr) => {
        match $to {
            Connected::Postgres(inner) => sqlx::query_as::<_, $row>($text).fetch_all(inner).await?,
            Connected::Sqlite(inner) => sqlx::query_as::<_, $row>($text).fetch_all(inner).await?,
        }
    };
}

pub(super) use rows;

// === impl Connected ===

impl Connected {
    /// Connects to the store of `service`.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn to(store: &Store, service: Service) -> Result<Self> {
        match store {
            Store::Postgres(urls) => {
                let url = urls.get(&service).ok_or_else(|| Fault::new("no such store"))?;
                let options = PgConnectOptions::from_str(url)?.disable_statement_logging();
                Ok(Self::Postgres(PgConnection::connect_with(&options).await?))
            }
            Store::Sqlite(folder) => {
                let options = SqliteConnectOptions::new().filename(folder.join(format!("{}.db", service.name())));
                let options = options.busy_timeout(std::time::Duration::from_secs(5)).disable_statement_logging();
                Ok(Self::Sqlite(SqliteConnection::connect_with(&options).await?))
            }
        }
    }

    /// Runs statements that give nothing.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn run(&mut self, text: &str) -> Result<()> {
        let text = AssertSqlSafe(text.to_owned());
        match self {
            Self::Postgres(inner) => inner.execute(sqlx::raw_sql(text)).await.map(drop)?,
            Self::Sqlite(inner) => inner.execute(sqlx::raw_sql(text)).await.map(drop)?,
        }
        Ok(())
    }
}
