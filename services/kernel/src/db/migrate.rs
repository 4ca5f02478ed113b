//! Migrations: embedded in the crates that own the tables, run by one command, and demanded by a server.

use sqlx::migrate::{Migrate, Migrator};

use super::{Db, Pools};
use crate::error::{Error, Reason, Result};

/// Brings the store up to the migrations of `owners`; safe to run twice and from two processes.
///
/// # Errors
/// `STORE_UNAVAILABLE`, or `STORE_NOT_MIGRATED` when a migration that ran differs from the one compiled in.
pub async fn migrate(db: &Db, owners: &[&Migrator]) -> Result<()> {
    let all = combined(owners);
    let done = match &db.pools {
        Pools::Sqlite { writer, .. } => all.run(writer).await,
        Pools::Postgres(pool) => all.run(pool).await,
    };
    done.map_err(|fault| Error::new(Reason::StoreNotMigrated).with("fault", kind(&fault)))
}

/// Refuses to go on when a migration of `owners` has not run on this store.
///
/// # Errors
/// `STORE_NOT_MIGRATED` with the number of missing migrations; the remedy is `dossier migrate`.
pub async fn require_migrated(db: &Db, owners: &[&Migrator]) -> Result<()> {
    let ran = match &db.pools {
        Pools::Sqlite { readers, .. } => applied(&mut *readers.acquire().await?).await,
        Pools::Postgres(pool) => applied(&mut *pool.acquire().await?).await,
    };
    let missing = combined(owners).iter().filter(|wanted| !ran.contains(&wanted.version)).count();
    if missing == 0 {
        return Ok(());
    }
    Err(Error::new(Reason::StoreNotMigrated)
        .with("missing", missing.to_string())
        .with("remedy", "run `dossier migrate`"))
}

// A store that has never been migrated has no list; that is no fault but an empty answer.
async fn applied(connection: &mut impl Migrate) -> Vec<i64> {
    const LIST: &str = "_sqlx_migrations";
    let rows = connection.list_applied_migrations(LIST).await.unwrap_or_default();
    rows.into_iter().map(|row| row.version).collect()
}

fn combined(owners: &[&Migrator]) -> Migrator {
    Migrator::with_migrations(owners.iter().flat_map(|owner| owner.iter().cloned()).collect())
}

fn kind(fault: &sqlx::migrate::MigrateError) -> String {
    use sqlx::migrate::MigrateError::{Dirty, ExecuteMigration, VersionMismatch, VersionMissing};
    match fault {
        VersionMismatch(version) => format!("migration {version} was changed after it ran"),
        VersionMissing(version) => format!("migration {version} ran here but is unknown to this build"),
        Dirty(version) => format!("migration {version} stopped half-way"),
        ExecuteMigration(_, version) => format!("migration {version} cannot run"),
        _ => "the store cannot be migrated".to_owned(),
    }
}
