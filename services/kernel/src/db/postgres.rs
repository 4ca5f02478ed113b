//! The production store: how it is reached, directly or through a pooler, and what happens when it refuses.
//!
//! A pooler in transaction mode gives each transaction to another connection of the server: it takes no options of a
//! connection and keeps no prepared statements. Then the limits are set in each transaction, no statement is kept, and a
//! statement never runs outside a transaction.

use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};

use secrecy::{ExposeSecret, SecretString};
use sqlx::pool::PoolConnection;
use sqlx::{AssertSqlSafe, Connection, Row, SqlSafeStr, Transaction};
use sqlx_postgres::{PgConnectOptions, PgConnection, PgPoolOptions};
use sqlx_postgres::{PgPool, Postgres};

use super::held::{Glance, Held};
use super::leaving::Leaving;
use super::open::Settings;
use super::pulse::Pulse;
use crate::error::{Error, Reason, Result};

const READ_ONLY: &str = "transaction_read_only";

/// The pool of one service and what it needs to open connections.
#[derive(Debug)]
pub struct Server {
    pool: PgPool,
    settings: Settings,
    read: Arc<str>,
    write: Arc<str>,
    pulse: Pulse,
    // The url in use and how often it was changed.
    url: Mutex<(SecretString, u64)>,
    leaving: Arc<Leaving>,
}

/// What a store's server has room for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Room {
    /// Where the server is: host and port.
    pub address: String,
    /// Connections that it gives to ordinary users.
    pub most: u32,
    /// Connections that others hold now.
    pub taken: u32,
    /// Connections that this pool may hold.
    pub pool: u32,
}

// === impl Server ===

impl Server {
    pub(super) async fn open(settings: &Settings) -> Result<Arc<Self>> {
        let leaving: Arc<Leaving> = Arc::default();
        let options = options(settings, &settings.url)?;
        let pool = pool(settings, &leaving).connect_with(options).await.map_err(Error::from)?;
        let limits = if settings.pooled { limits(settings) } else { String::new() };
        let server = Self {
            pool,
            settings: settings.clone(),
            // One moment for all statements: an answer must not mix two.
            read: format!("BEGIN ISOLATION LEVEL REPEATABLE READ{limits}").into(),
            write: format!("BEGIN{limits}").into(),
            pulse: Pulse::new(settings.service),
            url: Mutex::new((settings.url.clone(), 0)),
            leaving,
        };
        server.require_limits().await?;
        Ok(Arc::new(server))
    }

    /// Whether statements may be kept with a connection.
    pub(super) fn keeps_plans(&self) -> bool {
        !self.settings.pooled
    }

    pub(super) fn pool(&self) -> &PgPool {
        &self.pool
    }

    pub(super) fn pulse(&self) -> &Pulse {
        &self.pulse
    }

    pub(super) async fn read(self: &Arc<Self>) -> Result<Held> {
        self.begin(Arc::clone(&self.read)).await
    }

    pub(super) async fn write(self: &Arc<Self>) -> Result<Held> {
        self.begin(Arc::clone(&self.write)).await
    }

    pub(super) async fn glance(self: &Arc<Self>) -> Result<Glance<'static>> {
        let held = match self.settings.pooled {
            true => self.read().await?,
            false => Held::alone(self.acquire().await?, Arc::clone(self)),
        };
        Ok(Glance::Postgres(Box::new(held)))
    }

    /// The error that `fault` is. A server that takes no writes is left: another one may stand at its address by now.
    pub(super) fn judge(&self, fault: sqlx::Error) -> Error {
        if matches!(fault, sqlx::Error::PoolTimedOut) {
            self.pulse.timed_out();
        }
        let fault = Error::from(fault);
        match fault.engine_code() {
            Some("25006") => self.leaving.refused(),
            Some(code) if !super::words::is_about_server(code) => return fault,
            _ if fault.reason() != Reason::StoreUnavailable => return fault,
            _ => {}
        }
        self.pulse.doubt();
        fault
    }

    // Begins, even when whoever waits for it gives up.
    //
    // The driver undoes a transaction that is dropped, but not while the answer to its BEGIN is under way: the connection
    // would go back inside a transaction, and whoever gets it next would read the moment of a call that is long over.
    async fn begin(self: &Arc<Self>, statement: Arc<str>) -> Result<Held> {
        let connection = self.acquire().await?;
        let begun = tokio::spawn(Transaction::begin(connection, Some(AssertSqlSafe(statement).into_sql_str())));
        let begun = begun.await.map_err(|_| Error::new(Reason::StoreUnavailable))?;
        Ok(Held::begun(begun.map_err(|fault| self.judge(fault))?, Arc::clone(self)))
    }

    async fn acquire(&self) -> Result<PoolConnection<Postgres>> {
        let _waiting = self.pulse.waiting();
        let seen = self.url.lock().unwrap_or_else(PoisonError::into_inner).1;
        let refused = match self.pool.acquire().await {
            Ok(connection) => return Ok(connection),
            Err(fault) => self.judge(fault),
        };
        // A pooler words its own refusals, all under one code.
        let about_login = |code: &str| super::words::is_about_login(code) || (self.settings.pooled && code == "08P01");
        if refused.engine_code().is_some_and(about_login) && self.read_again(seen) {
            return self.pool.acquire().await.map_err(|fault| self.judge(fault));
        }
        Err(refused)
    }

    // Whether there is another url than the one that was seen.
    fn read_again(&self, seen: u64) -> bool {
        let now = self.settings.url_file.as_ref().and_then(|file| file.read().ok());
        let mut url = self.url.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(now) = now.filter(|now| now.expose_secret() != url.0.expose_secret())
            // Half a file is what somebody is writing.
            && let Ok(options) = options(&self.settings, &now)
        {
            self.pool.set_connect_options(options);
            tracing::info!(service = self.settings.service, "the url of the store was changed in its file");
            *url = (now, url.1 + 1);
        }
        url.1 > seen
    }

    // A pooler that was told to pass over options drops the limits without a word.
    async fn require_limits(&self) -> Result<()> {
        if self.settings.pooled {
            return Ok(());
        }
        let set = self.setting("statement_timeout").await?;
        if set == self.settings.statement_timeout.as_millis().to_string() {
            return Ok(());
        }
        Err(Error::new(Reason::ConfigFault).with(
            "fault",
            "database.statement_timeout does not reach the server: where a pooler stands between, set \
             database.pooler = \"transaction\"",
        ))
    }

    // In the simple protocol, which every pooler takes.
    async fn setting(&self, name: &'static str) -> Result<String> {
        self.number(asking(name)).await
    }

    async fn number(&self, text: String) -> Result<String> {
        self.told(&mut *self.acquire().await?, text).await
    }

    async fn told(&self, by: &mut PgConnection, text: String) -> Result<String> {
        let row = sqlx::raw_sql(AssertSqlSafe(text)).fetch_one(by).await;
        row.and_then(|row| row.try_get_unchecked(0)).map_err(|fault| self.judge(fault))
    }

    /// Whether the server takes writes.
    pub(super) async fn takes_writes(&self) -> Result<()> {
        // A pool whose connections all work says nothing against the server, and nobody should wait behind them to look.
        let busy = self.pool.num_idle() == 0 && self.pool.size() >= self.settings.max_connections;
        let read_only = if busy { self.aside().await? } else { self.setting(READ_ONLY).await? };
        if read_only == "on" {
            self.leaving.refused();
            return Err(Error::new(Reason::StoreUnavailable).because("engine code 25006"));
        }
        Ok(())
    }

    // What the server says on a connection of its own.
    async fn aside(&self) -> Result<String> {
        let options = self.pool.connect_options();
        let mut connection = PgConnection::connect_with(&options).await.map_err(|fault| self.judge(fault))?;
        let told = self.told(&mut connection, asking(READ_ONLY)).await;
        let _ = connection.close().await;
        told
    }

    /// What the server has room for; nothing where a pooler stands between.
    pub(super) async fn room(&self) -> Result<Option<Room>> {
        if self.settings.pooled {
            return Ok(None);
        }
        let count = |text: &str| text.parse::<u32>().unwrap_or_default();
        let most = "SELECT sum(CASE name WHEN 'max_connections' THEN setting::int ELSE -setting::int END)::text
                    FROM pg_settings
                    WHERE name IN ('max_connections', 'superuser_reserved_connections', 'reserved_connections')";
        // Every user may see these numbers.
        let held = "SELECT COALESCE(sum(numbackends), 0)::text FROM pg_stat_database";
        let most = count(&self.number(most.to_owned()).await?);
        let taken = count(&self.number(held.to_owned()).await?).saturating_sub(self.pool.size());
        let at = self.pool.connect_options();
        let address = format!("{}:{}", at.get_host(), at.get_port());
        Ok(Some(Room { address, most, taken, pool: self.settings.max_connections }))
    }
}

fn asking(setting: &str) -> String {
    format!("SELECT setting FROM pg_settings WHERE name = '{setting}'")
}

fn pool(settings: &Settings, leaving: &Arc<Leaving>) -> PgPoolOptions {
    let leaving = Arc::clone(leaving);
    PgPoolOptions::new()
        .max_connections(settings.max_connections)
        .acquire_timeout(settings.acquire_timeout)
        .test_before_acquire(false)
        .before_acquire(move |_, about| {
            let usable = leaving.usable(about.age);
            Box::pin(async move { Ok(usable) })
        })
}

fn options(settings: &Settings, url: &SecretString) -> Result<PgConnectOptions> {
    let options = PgConnectOptions::from_str(url.expose_secret())?;
    if settings.pooled {
        return Ok(options.statement_cache_capacity(0).extra_float_digits(None));
    }
    let given = parameters(settings);
    Ok(options.options(given.iter().map(|(name, value)| (*name, value.as_str()))))
}

fn limits(settings: &Settings) -> String {
    parameters(settings).iter().map(|(name, value)| format!("; SET LOCAL {name} = {value}")).collect()
}

fn parameters(settings: &Settings) -> [(&'static str, String); 4] {
    [
        ("statement_timeout", settings.statement_timeout.as_millis().to_string()),
        // Whoever waits longer gives way and begins again.
        ("lock_timeout", settings.lock_timeout.as_millis().to_string()),
        // Every statement has its index. A plan is kept for as long as its connection lives: one that was made while a table
        // was empty would read the whole table when it has a million rows.
        ("enable_seqscan", "off".to_owned()),
        // Compiling a statement takes longer than any of them runs.
        ("jit", "off".to_owned()),
    ]
}
