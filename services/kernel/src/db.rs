//! One store, two engines: the same statements run on SQLite (embedded) and PostgreSQL (production).
//!
//! Only this module names a dialect. A transaction is a [`Tx`]; [`sql!`](crate::sql) binds and runs one statement on
//! whichever engine it belongs to, [`transact!`](crate::transact) runs a whole transaction and repeats it when the
//! engine asks for that.
//!
//! # To run a statement
//! ```ignore
//! let row = sql!(tx, fetch_optional as (i64,), "SELECT size FROM journal_head WHERE org = $1", org)?;
//! let rows = sql!(tx, execute, "UPDATE lease SET holder = $2 WHERE org = $1", org, holder)?;
//! ```
//! `tx` is a `&mut Tx`; the expression awaits by itself. A single look needs no transaction: [`glance!`](crate::glance). A list
//! whose conditions may be asked or not gets its text from [`sql_given!`](crate::sql_given).

mod given;
mod held;
mod leaving;
mod migrate;
mod open;
mod postgres;
mod pulse;
mod retry;
mod rows;
mod statement;
mod statements;
mod stored;
mod table;
#[cfg(test)]
mod tests;
mod value;
mod words;

#[doc(hidden)]
pub use given::{Asked, Given};
#[doc(hidden)]
pub use held::Glance;
pub use held::Held;
pub use migrate::{migrate, require_migrated};
pub use open::Settings;
pub use postgres::Room;
pub use retry::Retry;
#[doc(hidden)]
pub use rows::Rows;
#[doc(hidden)]
pub use sqlx::FromRow;
#[doc(hidden)]
pub use sqlx_postgres::PgRow;
#[doc(hidden)]
pub use sqlx_sqlite::SqliteRow;
#[doc(hidden)]
pub use statement::{Found, Most, Row, Statement, fetch_all, fetch_one, fetch_optional};
#[doc(hidden)]
pub use stored::read_word;
pub use stored::{Read, Stored, View, broken};
pub use table::{AsJson, Keeps, Key, MaybeJson, Moments, Plain, Written, insert, update};
#[doc(hidden)]
pub use table::{insert_text, update_text};
#[doc(hidden)]
pub use value::{Kind, Value};
pub use words::remedy;

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use postgres::Server;
use pulse::Pulse;
use sqlx::Transaction;
use sqlx_sqlite::{Sqlite, SqlitePool};

use crate::clock::Clock;
use crate::error::{Error, Reason, Result};
use crate::time::{from_micros, micros};

/// How long a server may take to say whether it takes writes.
const LONGEST_LOOK: std::time::Duration = std::time::Duration::from_secs(3);

/// An open store; cheap to clone.
#[derive(Clone, Debug)]
pub struct Db {
    pools: Pools,
    attempts: u32,
}

#[derive(Clone, Debug)]
enum Pools {
    /// SQLite has one writer at a time, so the writers queue here and never meet in the file.
    Sqlite {
        readers: SqlitePool,
        writer: SqlitePool,
        pulse: Arc<Pulse>,
    },
    Postgres(Arc<Server>),
}

/// One transaction; dropping it rolls back.
#[derive(Debug)]
pub enum Tx {
    /// On the embedded store.
    Sqlite(Transaction<'static, Sqlite>),
    /// On the production store.
    Postgres(Held),
}

const NOW: &str = "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)";

// === impl Db ===

impl Db {
    /// Opens the store that `settings` names; creates an SQLite file that is missing.
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE` when it cannot be reached, `CONFIG_FAULT` when the url names no known engine.
    pub async fn open(settings: &Settings) -> Result<Self> {
        open::open(settings).await
    }

    /// Begins a transaction that only reads.
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE` when no connection comes within the acquire timeout.
    pub async fn read(&self) -> Result<Tx> {
        Ok(match &self.pools {
            Pools::Sqlite { readers, .. } => Tx::Sqlite(readers.begin().await?),
            Pools::Postgres(server) => Tx::Postgres(server.read().await?),
        })
    }

    /// Begins a transaction that writes. On SQLite it takes the write lock at once, since a read that turns into a
    /// write fails under concurrency.
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE` when no connection comes within the acquire timeout.
    pub async fn write(&self) -> Result<Tx> {
        Ok(match &self.pools {
            Pools::Sqlite { writer, .. } => Tx::Sqlite(writer.begin_with("BEGIN IMMEDIATE").await?),
            Pools::Postgres(server) => Tx::Postgres(server.write().await?),
        })
    }

    /// Writes the embedded store, as it is committed now, into a new file of its owner alone. Whoever must not have anything committed
    /// beside it holds a [`write`](Self::write) meanwhile.
    ///
    /// # Errors
    /// `CONFIG_FAULT` for a store on a server; `STORE_UNAVAILABLE`, also when the file is there or the disk is full.
    pub async fn copy_into(&self, path: &std::path::Path) -> Result<()> {
        let Pools::Sqlite { .. } = &self.pools else {
            return Err(Error::new(Reason::ConfigFault).with("fault", "only an embedded store is copied into a file"));
        };
        open::private(path)?;
        let file = path.display().to_string();
        crate::glance!(self, fetch_optional as (i64,), "VACUUM INTO $1", file).map(drop)
    }

    /// The time that everybody who shares this store agrees on: its own, where it is a server and `clock` is the machine's.
    /// The embedded store is on this machine, and a clock that was given in is there to be obeyed.
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE`.
    pub async fn now(&self, clock: &dyn Clock) -> Result<Timestamp> {
        match &self.pools {
            Pools::Postgres(_) if clock.is_machine() => {
                Ok(from_micros(crate::glance!(self, fetch_one as (i64,), NOW)?.0))
            }
            _ => Ok(clock.now()),
        }
    }

    /// By how much this process is ahead of the store's clock, to half the time that the answer took.
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE`.
    pub async fn skew(&self, clock: &dyn Clock) -> Result<SignedDuration> {
        let before = micros(clock.now());
        let told = micros(self.now(clock).await?);
        let after = micros(clock.now());
        Ok(SignedDuration::from_micros(before.midpoint(after).saturating_sub(told)))
    }

    /// What [`glance!`](crate::glance) runs on.
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE` when no connection comes within the acquire timeout.
    #[doc(hidden)]
    pub async fn glance(&self) -> Result<Glance<'_>> {
        match &self.pools {
            Pools::Sqlite { readers, .. } => Ok(Glance::Sqlite(readers)),
            Pools::Postgres(server) => server.glance().await,
        }
    }

    /// Looks whether the store answers and takes writes, and measures how its pool is used; tells a fault once, and its end.
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE`.
    pub async fn look(&self) -> Result<()> {
        // First, since the look itself takes a connection.
        let (size, idle) = match &self.pools {
            Pools::Sqlite { readers, writer, .. } => {
                (readers.size() + writer.size(), readers.num_idle() + writer.num_idle())
            }
            Pools::Postgres(server) => (server.pool().size(), server.pool().num_idle()),
        };
        self.pulse().connections(size, idle);
        let looked = match &self.pools {
            Pools::Sqlite { readers, .. } => {
                sqlx::query("SELECT 1").execute(readers).await.map(drop).map_err(Error::from)
            }
            Pools::Postgres(server) => {
                // The network may say nothing at all for a quarter of an hour.
                let looked = tokio::time::timeout(LONGEST_LOOK, server.takes_writes()).await;
                looked.unwrap_or_else(|_| Err(Error::new(Reason::StoreUnavailable).because("no answer")))
            }
        };
        self.pulse().looked(looked.as_ref().copied());
        looked
    }

    /// Looks again and again: every 5 seconds, sooner after a fault. Never ends.
    pub async fn watch(&self) {
        loop {
            // Told by the look itself.
            let _ = self.look().await;
            self.pulse().next().await;
        }
    }

    /// The fault that stands, as the last look told it: a SQLSTATE, or `none` where the store said nothing.
    pub fn fault(&self) -> Option<String> {
        self.pulse().fault()
    }

    /// What the server of the store has room for; nothing for an embedded store, or where a pooler stands between.
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE`.
    pub async fn room(&self) -> Result<Option<Room>> {
        match &self.pools {
            Pools::Sqlite { .. } => Ok(None),
            Pools::Postgres(server) => server.room().await,
        }
    }

    fn pulse(&self) -> &Pulse {
        match &self.pools {
            Pools::Sqlite { pulse, .. } => pulse,
            Pools::Postgres(server) => server.pulse(),
        }
    }

    /// A budget for repeating one transaction.
    pub fn retry(&self) -> Retry {
        Retry::new(self.attempts)
    }

    /// Whether this is the embedded store.
    pub fn embedded(&self) -> bool {
        matches!(self.pools, Pools::Sqlite { .. })
    }

    /// Closes every connection; waits for those in use. The log of an SQLite store is written into the store and emptied,
    /// so that a copy of the one file is a copy of everything.
    pub async fn close(&self) {
        match &self.pools {
            Pools::Sqlite { readers, writer, .. } => {
                readers.close().await;
                // Another process may read on: then the log stays, and nothing is lost.
                if let Err(fault) = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(writer).await {
                    tracing::debug!(%fault, "the log of a store stays beside it");
                }
                writer.close().await;
            }
            Pools::Postgres(server) => server.pool().close().await,
        }
    }
}

// === impl Tx ===

impl Tx {
    /// As [`Db::now`], asked on the transaction's own connection.
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE`.
    pub async fn now(&mut self, clock: &dyn Clock) -> Result<Timestamp> {
        if !clock.is_machine() || !matches!(self, Self::Postgres(_)) {
            return Ok(clock.now());
        }
        Ok(from_micros(crate::sql!(self, fetch_one as (i64,), NOW)?.0))
    }

    /// Whether it is on the embedded store.
    pub(crate) fn is_embedded(&self) -> bool {
        matches!(self, Self::Sqlite(_))
    }

    /// Makes the transaction durable.
    ///
    /// # Errors
    /// `CONFLICT_RETRY` when the engine refuses it, `OUTCOME_UNKNOWN` (seen only inside) when the connection was lost
    /// while it was being committed: the caller must ask the idempotency row, never repeat blindly.
    pub async fn commit(self) -> Result<()> {
        let done = match self {
            Self::Sqlite(tx) => tx.commit().await,
            Self::Postgres(held) => held.commit().await,
        };
        done.map_err(|fault| match fault {
            sqlx::Error::Database(_) => Error::from(fault),
            _ => Error::commit_unknown(fault),
        })
    }

    /// Undoes the transaction.
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE`; the transaction is undone all the same.
    pub async fn rollback(self) -> Result<()> {
        match self {
            Self::Sqlite(tx) => tx.rollback().await?,
            Self::Postgres(held) => held.rollback().await?,
        }
        Ok(())
    }
}

/// Checks that a statement touched exactly `expected` rows.
///
/// # Errors
/// `CONFLICT_RETRY`: somebody changed the row between the read and the write; the transaction is repeated.
pub fn require_rows(affected: u64, expected: u64) -> Result<()> {
    if affected == expected { Ok(()) } else { Err(Error::new(Reason::ConflictRetry).transient()) }
}
