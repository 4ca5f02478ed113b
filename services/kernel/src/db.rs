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
//! `tx` is a `&mut Tx`; the expression awaits by itself. A single look needs no transaction: [`glance!`](crate::glance).

mod migrate;
mod open;
mod retry;
mod rows;

pub use migrate::{migrate, require_migrated};
pub use open::Settings;
pub use retry::Retry;
#[doc(hidden)]
pub use rows::{Table, Value};

use jiff::{SignedDuration, Timestamp};
use sqlx::{PgPool, Postgres, SqlSafeStr, Sqlite, SqlitePool, Transaction};

use crate::clock::Clock;
use crate::error::{Error, Reason, Result};
use crate::time::{from_micros, micros};

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
    },
    Postgres(PgPool),
}

/// Where a statement without a transaction runs.
#[doc(hidden)]
#[derive(Debug)]
pub enum Readers<'a> {
    /// On the embedded store.
    Sqlite(&'a SqlitePool),
    /// On the production store.
    Postgres(&'a PgPool),
}

/// One transaction; dropping it rolls back.
#[derive(Debug)]
pub enum Tx {
    /// On the embedded store.
    Sqlite(Transaction<'static, Sqlite>),
    /// On the production store.
    Postgres(Transaction<'static, Postgres>),
}

/// Begins on PostgreSQL, even when whoever waits for it gives up.
///
/// The driver undoes a transaction that is dropped, but not while the answer to its BEGIN is under way: the connection would
/// go back inside a transaction, and whoever gets it next would read the moment of a call that is long over.
async fn begun(pool: &PgPool, statement: &'static str) -> Result<Transaction<'static, Postgres>> {
    let connection = pool.acquire().await?;
    let begun = tokio::spawn(Transaction::begin(connection, Some(statement.into_sql_str())));
    Ok(begun.await.map_err(|_| Error::new(Reason::StoreUnavailable))??)
}

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
            // One moment for all statements: an answer must not mix two.
            Pools::Postgres(pool) => Tx::Postgres(begun(pool, "BEGIN ISOLATION LEVEL REPEATABLE READ").await?),
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
            Pools::Postgres(pool) => Tx::Postgres(begun(pool, "BEGIN").await?),
        })
    }

    /// The time that everybody who shares this store agrees on: its own, where it is a server and `clock` is the machine's.
    /// The embedded store is on this machine, and a clock that was given in is there to be obeyed.
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE`.
    pub async fn now(&self, clock: &dyn Clock) -> Result<Timestamp> {
        match &self.pools {
            Pools::Postgres(pool) if clock.is_machine() => {
                let text = "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)";
                let (now,): (i64,) = sqlx::query_as(text).fetch_one(pool).await?;
                Ok(from_micros(now))
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
    #[doc(hidden)]
    pub fn readers(&self) -> Readers<'_> {
        match &self.pools {
            Pools::Sqlite { readers, .. } => Readers::Sqlite(readers),
            Pools::Postgres(pool) => Readers::Postgres(pool),
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
            Pools::Sqlite { readers, writer } => {
                readers.close().await;
                // Another process may read on: then the log stays, and nothing is lost.
                if let Err(fault) = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(writer).await {
                    tracing::debug!(%fault, "the log of a store stays beside it");
                }
                writer.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }
}

// === impl Tx ===

impl Tx {
    /// Makes the transaction durable.
    ///
    /// # Errors
    /// `CONFLICT_RETRY` when the engine refuses it, `OUTCOME_UNKNOWN` (seen only inside) when the connection was lost
    /// while it was being committed: the caller must ask the idempotency row, never repeat blindly.
    pub async fn commit(self) -> Result<()> {
        let done = match self {
            Self::Sqlite(tx) => tx.commit().await,
            Self::Postgres(tx) => tx.commit().await,
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
            Self::Postgres(tx) => tx.rollback().await?,
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

/// Binds and runs one statement on the transaction's engine, and awaits it.
///
/// `sql!(tx, execute, "...", args...)` gives the number of rows touched; `sql!(tx, fetch_one|fetch_optional|fetch_all
/// as Row, "...", args...)` gives rows of a `sqlx::FromRow` type. The result's error is [`Error`].
#[macro_export]
macro_rules! sql {
    ($tx:expr, execute, $text:expr $(, $arg:expr)* $(,)?) => {
        match &mut *$tx {
            $crate::db::Tx::Sqlite(inner) => $crate::__private::sqlx::query($text)
                $(.bind($arg))*
                .execute(&mut **inner)
                .await
                .map(|done| done.rows_affected()),
            $crate::db::Tx::Postgres(inner) => $crate::__private::sqlx::query($text)
                $(.bind($arg))*
                .execute(&mut **inner)
                .await
                .map(|done| done.rows_affected()),
        }
        .map_err($crate::error::Error::from)
    };
    ($tx:expr, $fetch:ident as $row:ty, $text:expr $(, $arg:expr)* $(,)?) => {
        match &mut *$tx {
            $crate::db::Tx::Sqlite(inner) => $crate::__private::sqlx::query_as::<_, $row>($text)
                $(.bind($arg))*
                .$fetch(&mut **inner)
                .await,
            $crate::db::Tx::Postgres(inner) => $crate::__private::sqlx::query_as::<_, $row>($text)
                $(.bind($arg))*
                .$fetch(&mut **inner)
                .await,
        }
        .map_err($crate::error::Error::from)
    };
}

/// Runs one reading statement by itself: one round trip where a transaction takes three. It sees everything that was
/// committed before it began.
///
/// `glance!(db, fetch_one|fetch_optional|fetch_all as Row, "...", args...)`, with `db: &Db`; it awaits by itself.
#[macro_export]
macro_rules! glance {
    ($db:expr, $fetch:ident as $row:ty, $text:expr $(, $arg:expr)* $(,)?) => {
        match $db.readers() {
            $crate::db::Readers::Sqlite(pool) => $crate::__private::sqlx::query_as::<_, $row>($text)
                $(.bind($arg))*
                .$fetch(pool)
                .await,
            $crate::db::Readers::Postgres(pool) => $crate::__private::sqlx::query_as::<_, $row>($text)
                $(.bind($arg))*
                .$fetch(pool)
                .await,
        }
        .map_err($crate::error::Error::from)
    };
}

/// Runs a whole writing transaction and repeats it when the engine asks for that: `transact!(db, tx => { ...; Ok(v) })`.
///
/// The block is async code with `tx: &mut Tx`; `?` leaves the attempt. It must be repeatable: everything it changes
/// outside the transaction must bear being done again. Gives `Result<V>`.
#[macro_export]
macro_rules! transact {
    ($db:expr, $tx:ident => $body:expr) => {{
        let db = &$db;
        let mut retry = db.retry();
        loop {
            let attempt: $crate::error::Result<_> = async {
                let mut owned = db.write().await?;
                let value = {
                    let $tx = &mut owned;
                    let outcome: $crate::error::Result<_> = async { $body }.await;
                    outcome?
                };
                owned.commit().await?;
                Ok(value)
            }
            .await;
            match attempt {
                Err(fault) if retry.again(&fault).await => {}
                done => break done,
            }
        }
    }};
}
