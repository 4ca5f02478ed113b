//! What statements run on.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use sqlx::Transaction;
use sqlx::pool::PoolConnection;
use sqlx_postgres::{PgConnection, Postgres};
use sqlx_sqlite::SqlitePool;

use super::postgres::Server;
use crate::error::Result;

/// A connection of the production store, nearly always inside a transaction; dropping it undoes that.
#[derive(Debug)]
pub struct Held {
    on: On,
    server: Arc<Server>,
}

#[derive(Debug)]
enum On {
    Transaction(Transaction<'static, Postgres>),
    /// For one statement by itself.
    Connection(PoolConnection<Postgres>),
}

/// Where a statement without a transaction runs.
#[doc(hidden)]
#[derive(Debug)]
pub enum Glance<'a> {
    /// On the embedded store.
    Sqlite(&'a SqlitePool),
    /// On the production store.
    Postgres(Box<Held>),
}

// === impl Held ===

impl Held {
    pub(super) fn begun(transaction: Transaction<'static, Postgres>, server: Arc<Server>) -> Self {
        Self { on: On::Transaction(transaction), server }
    }

    pub(super) fn alone(connection: PoolConnection<Postgres>, server: Arc<Server>) -> Self {
        Self { on: On::Connection(connection), server }
    }

    /// Whether a statement may be kept with the connection.
    #[doc(hidden)]
    pub fn keeps_plans(&self) -> bool {
        self.server.keeps_plans()
    }

    /// What a statement gave, its fault understood.
    ///
    /// # Errors
    /// What the fault means.
    #[doc(hidden)]
    pub fn judged<T>(&self, done: Result<T, sqlx::Error>) -> Result<T> {
        done.map_err(|fault| self.server.judge(fault))
    }

    pub(super) async fn commit(self) -> Result<(), sqlx::Error> {
        match self.on {
            On::Transaction(transaction) => transaction.commit().await,
            On::Connection(_) => Ok(()),
        }
    }

    pub(super) async fn rollback(self) -> Result<(), sqlx::Error> {
        match self.on {
            On::Transaction(transaction) => transaction.rollback().await,
            On::Connection(_) => Ok(()),
        }
    }
}

impl Deref for Held {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        match &self.on {
            On::Transaction(transaction) => transaction,
            On::Connection(connection) => connection,
        }
    }
}

impl DerefMut for Held {
    fn deref_mut(&mut self) -> &mut PgConnection {
        match &mut self.on {
            On::Transaction(transaction) => transaction,
            On::Connection(connection) => connection,
        }
    }
}
