//! Opening a store: what each engine needs to keep its promises.

use std::fs::File;
use std::io::ErrorKind;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use sqlx::Connection;
use sqlx_sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use super::postgres::Server;
use super::pulse::Pulse;
use super::{Db, Pools};
use crate::config::SecretFile;
use crate::error::{Error, Reason, Result};

/// How a store is reached.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `sqlite:<path>` or `postgres://...`; may hold a password, so it is never printed.
    pub url: SecretString,
    /// The file that gave the url, when one did: it is read again when the server does not let us in (PostgreSQL).
    pub url_file: Option<SecretFile>,
    /// Whose store it is, in metrics and logs; empty where nobody looks.
    pub service: &'static str,
    /// Whether a pooler in transaction mode stands between (PostgreSQL).
    pub pooled: bool,
    /// Most connections held at once.
    pub max_connections: u32,
    /// Longest wait for a free connection.
    pub acquire_timeout: Duration,
    /// Longest wait for another process's write lock (SQLite).
    pub busy_timeout: Duration,
    /// Longest run of one statement (PostgreSQL).
    pub statement_timeout: Duration,
    /// Longest wait for a lock; then the transaction is repeated (PostgreSQL). Zero waits as long as the statement may run.
    pub lock_timeout: Duration,
    /// How often a transaction is repeated on a conflict.
    pub attempts: u32,
}

// === impl Settings ===

impl Settings {
    /// Settings for `url` with the defaults of `deploy/dossier.toml`.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: SecretString::from(url.into()),
            url_file: None,
            service: "",
            pooled: false,
            max_connections: 16,
            acquire_timeout: Duration::from_secs(5),
            busy_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(10),
            lock_timeout: Duration::from_secs(5),
            attempts: 10,
        }
    }
}

pub(super) async fn open(settings: &Settings) -> Result<Db> {
    let url = settings.url.expose_secret();
    let pools = if url.starts_with("sqlite:") {
        sqlite(settings, url).await?
    } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
        Pools::Postgres(Server::open(settings).await?)
    } else {
        return Err(Error::new(Reason::ConfigFault).with("fault", "the database url names neither sqlite nor postgres"));
    };
    Ok(Db { pools, attempts: settings.attempts })
}

async fn sqlite(settings: &Settings, url: &str) -> Result<Pools> {
    let options = SqliteConnectOptions::from_str(url)?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // An acknowledged entry must survive a power cut; NORMAL may lose the last transactions.
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        // A destroyed key must not stay in a free page.
        .pragma("secure_delete", "ON")
        // Nothing of a statement lies in a folder that is not the data directory; there may be none to write to.
        .pragma("temp_store", "MEMORY")
        .busy_timeout(settings.busy_timeout);
    if !url.contains(":memory:") {
        private(options.get_filename())?;
    }
    let pool = |connections| {
        SqlitePoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(settings.acquire_timeout)
            .idle_timeout(None)
            .max_lifetime(None)
            // The ping before each acquire costs a round trip per call.
            .test_before_acquire(false)
            // A full disk makes the engine undo a transaction by itself; the driver's own undoing then fails, and it takes
            // the connection for one inside a transaction for ever. Such a connection is closed and another opened.
            .before_acquire(|connection, _| {
                let usable = !connection.is_in_transaction();
                Box::pin(async move { Ok(usable) })
            })
    };
    let writer = pool(1).connect_with(options.clone()).await?;
    let readers = pool(settings.max_connections.clamp(1, 8)).connect_with(options).await?;
    Ok(Pools::Sqlite { readers, writer, pulse: Arc::new(Pulse::new(settings.service)) })
}

// The store is its owner's alone. The engine gives the files beside it the same mode, once they are made.
#[cfg(unix)]
pub(super) fn private(path: &Path) -> Result<()> {
    use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
    const OWNER_ONLY: u32 = 0o600;
    let refused = |what: &str, fault: &std::io::Error| {
        Error::new(Reason::ConfigFault)
            .with("fault", format!("the store `{}` {what}: {}", path.display(), fault.kind()))
    };
    match File::options().write(true).create_new(true).mode(OWNER_ONLY).open(path) {
        Ok(_) => return Ok(()),
        Err(fault) if fault.kind() == ErrorKind::AlreadyExists => {}
        Err(fault) => return Err(refused("cannot be made", &fault)),
    }
    for end in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(end);
        let file = Path::new(&name);
        let Ok(about) = file.metadata() else { continue };
        let mode = about.permissions().mode() & 0o7777;
        if mode & 0o077 != 0 {
            let closed = std::fs::set_permissions(file, std::fs::Permissions::from_mode(OWNER_ONLY));
            closed.map_err(|fault| refused("is open to others and cannot be closed", &fault))?;
            tracing::warn!(store = %file.display(), "was open to others (mode {mode:04o}) and is its owner's alone now");
        }
    }
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[tokio::test]
    async fn a_store_and_the_files_beside_it_are_their_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let mode = |end: &str| {
            let path = folder.path().join(format!("a.db{end}"));
            std::fs::metadata(path).unwrap().permissions().mode() & 0o777
        };
        let settings = Settings::new(format!("sqlite:{}", path.display()));
        for _ in 0..2 {
            let db = open(&settings).await.unwrap();
            let mut tx = db.write().await.unwrap();
            crate::sql!(&mut tx, execute, "CREATE TABLE IF NOT EXISTS one (org TEXT)").unwrap();
            tx.commit().await.unwrap();
            assert_eq!(["", "-wal", "-shm"].map(mode), [0o600; 3]);
            // As a version before left them.
            for end in ["", "-wal", "-shm"] {
                let file = folder.path().join(format!("a.db{end}"));
                std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o644)).unwrap();
            }
            open(&settings).await.unwrap().close().await;
            assert_eq!(mode(""), 0o600);
            db.close().await;
        }
    }
}
