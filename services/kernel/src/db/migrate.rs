//! Migrations: embedded in the crates that own the tables, run by one command, and demanded by a server.

use sqlx::migrate::{MigrateError, Migration, Migrator};
use sqlx::{AssertSqlSafe, Executor, SqlSafeStr};
use sqlx_postgres::PgPool;
use sqlx_postgres::PgPoolOptions;

use super::{Db, Glance, Pools};
use crate::error::{Error, Reason, Result};

/// What stands in a migration for SQLite alone, where the other engine reads a comment: `/* sqlite: WITHOUT ROWID */`.
const FOR_SQLITE: &str = "/* sqlite: ";

/// Brings the store up to the migrations of `owners`; safe to run twice and from two processes.
///
/// # Errors
/// `STORE_UNAVAILABLE`; `STORE_NOT_MIGRATED` when a migration that ran differs from the one compiled in or is newer than
/// this program; `CONFIG_FAULT` through a pooler, which has no lock that outlives a transaction.
pub async fn migrate(db: &Db, owners: &[&Migrator]) -> Result<()> {
    let all = combined(owners);
    let done = match &db.pools {
        Pools::Sqlite { writer, .. } => for_sqlite(&all).run(writer).await,
        Pools::Postgres(server) if server.keeps_plans() => without_limit(&all, server.pool()).await,
        Pools::Postgres(_) => {
            return Err(Error::new(Reason::ConfigFault).with(
                "fault",
                "migrations need the server itself: run `dossier migrate` with its address and without database.pooler",
            ));
        }
    };
    done.map_err(understood)
}

/// Refuses to go on when a migration of `owners` has not run on this store, or one has that this program does not know.
///
/// # Errors
/// `STORE_NOT_MIGRATED` with the migration and the remedy; `STORE_UNAVAILABLE`.
pub async fn require_migrated(db: &Db, owners: &[&Migrator]) -> Result<()> {
    let ran = applied(db).await?;
    let all = combined(owners);
    let missing: Vec<_> = all.iter().filter(|wanted| !ran.contains(&wanted.version)).collect();
    if let Some(first) = missing.first() {
        return Err(Error::new(Reason::StoreNotMigrated)
            .with("missing", missing.len().to_string())
            .with("fault", format!("migration {} ({}) has not run here", first.version, first.description))
            .with("remedy", "run `dossier migrate`"));
    }
    match ran.iter().find(|version| !all.version_exists(**version)) {
        Some(unknown) => Err(newer(*unknown)),
        None => Ok(()),
    }
}

// A store that has never been migrated has no list; that is no fault but an empty answer.
async fn applied(db: &Db) -> Result<Vec<i64>> {
    const LIST: &str = "SELECT version FROM _sqlx_migrations ORDER BY version";
    let listed = match db.glance().await? {
        Glance::Sqlite(pool) => sqlx::query_as::<_, (i64,)>(LIST).fetch_all(pool).await,
        Glance::Postgres(mut held) => {
            let query = sqlx::query_as::<_, (i64,)>(LIST).persistent(held.keeps_plans());
            query.fetch_all(&mut **held).await
        }
    };
    match listed {
        Ok(rows) => Ok(rows.into_iter().map(|(version,)| version).collect()),
        Err(fault) if has_no_table(&fault) => Ok(Vec::new()),
        Err(fault) => Err(fault.into()),
    }
}

fn has_no_table(fault: &sqlx::Error) -> bool {
    let Some(inner) = fault.as_database_error() else { return false };
    inner.code().is_some_and(|code| code == "42P01") || inner.message().starts_with("no such table")
}

fn combined(owners: &[&Migrator]) -> Migrator {
    Migrator::with_migrations(owners.iter().flat_map(|owner| owner.iter().cloned()).collect())
}

// An index of a large table takes longer than a statement of a call may.
async fn without_limit(all: &Migrator, pool: &PgPool) -> Result<(), MigrateError> {
    let unlimited = PgPoolOptions::new().max_connections(1).after_connect(|connection, _| {
        Box::pin(async move { connection.execute("SET statement_timeout = 0").await.map(drop) })
    });
    let own = unlimited.connect_with(pool.connect_options().as_ref().clone()).await?;
    let done = all.run(&own).await;
    own.close().await;
    done
}

// Its checksum stays that of the text as it is written.
fn for_sqlite(all: &Migrator) -> Migrator {
    let spoken = |one: &Migration| {
        let sql = AssertSqlSafe(uncommented(one.sql.as_str())).into_sql_str();
        Migration { sql, ..one.clone() }
    };
    Migrator::with_migrations(all.iter().map(spoken).collect())
}

fn uncommented(text: &str) -> String {
    let mut parts = text.split(FOR_SQLITE);
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (inside, rest) = part.split_once(" */").unwrap_or((part, ""));
        whole.extend([inside, rest]);
    }
    whole
}

fn newer(version: i64) -> Error {
    Error::new(Reason::StoreNotMigrated)
        .with("fault", format!("migration {version} ran here but is unknown to this build"))
        .with("remedy", "run the newer `dossier` that migrated this store")
}

// An engine that refuses says why; everything else is about the migrations themselves.
fn understood(fault: MigrateError) -> Error {
    let lack = |what: String| Error::new(Reason::StoreNotMigrated).with("fault", what);
    match fault {
        MigrateError::Execute(inner) => told(inner, "the migrations cannot be run".to_owned()),
        MigrateError::ExecuteMigration(inner, version) => told(inner, format!("migration {version} cannot run")),
        MigrateError::VersionMismatch(version) => lack(format!("migration {version} was changed after it ran"))
            .with("remedy", "run the `dossier` that migrated this store"),
        MigrateError::VersionMissing(version) => newer(version),
        MigrateError::Dirty(version) => lack(format!("migration {version} stopped half-way")),
        _ => lack("the store cannot be migrated".to_owned()),
    }
}

fn told(inner: sqlx::Error, what: String) -> Error {
    let fault = Error::from(inner);
    match fault.reason() {
        Reason::StoreUnavailable | Reason::ConflictRetry => fault,
        _ => Error::new(Reason::StoreNotMigrated).with("fault", what),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_for_sqlite_alone_is_a_comment_to_the_other_engine() {
        let text =
            "CREATE TABLE a (b BIGINT PRIMARY KEY) /* sqlite: WITHOUT ROWID */; /* a */ CREATE TABLE c (d BIGINT);";
        let spoken = "CREATE TABLE a (b BIGINT PRIMARY KEY) WITHOUT ROWID; /* a */ CREATE TABLE c (d BIGINT);";
        assert_eq!(uncommented(text), spoken);
        assert_eq!(uncommented(spoken), spoken);
    }
}
