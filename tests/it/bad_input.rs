//! Bad input: a typed refusal that names the field or the line, nothing half-written, nothing personal told or logged.
//!
//! | module | what is bad |
//! |---|---|
//! | [`profile`], [`access`], [`credit`] | one field of a request, over all mutations of a service |
//! | [`wire`] | the bytes: malformed UTF-8, broken messages, too large, too late |
//! | [`tokens`] | the credential |
//! | [`stale`] | etags, request ids, page tokens, filters, masks, identifiers |
//! | [`texts`] | strings that hold what nobody can see, in every field of every request |
//! | [`rules`] | packs, organisation files, configurations |
//! | [`import`] | lines of an import file |
//! | [`logs`] | what the log tells about all this: nothing personal |

mod access;
mod annotated;
mod credit;
mod custody;
mod documents;
mod import;
mod logs;
mod over;
mod profile;
mod put;
mod records;
mod registers;
mod rules;
mod stale;
mod texts;
mod tokens;
mod transfers;
mod volumes;
mod wire;

use std::collections::BTreeMap;

use tonic::Status;

use crate::prelude::*;

/// A personal value that must be nowhere but in the request.
const CANARY: &str = "张雅芝-440106199001012000";

/// How many rows every table of every store holds.
#[derive(Debug, PartialEq, Eq)]
struct Rows(BTreeMap<(&'static str, String), i64>);

// === impl Rows ===

impl Rows {
    async fn of(world: &World) -> Self {
        world.settle().await;
        let mut rows = BTreeMap::new();
        for which in Which::ALL {
            let mut tx = world.db(which).read().await.unwrap();
            let text = match world.store() {
                Store::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
                Store::Postgres => "SELECT CAST(tablename AS TEXT) FROM pg_tables WHERE schemaname = 'public'",
            };
            for (table,) in sql!(&mut tx, fetch_all as (String,), text).unwrap() {
                let text = sqlx::AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}"));
                let (count,) = sql!(&mut tx, fetch_one as (i64,), text).unwrap();
                rows.insert((which.name(), table), count);
            }
        }
        Self(rows)
    }

    /// Demands that nothing was written since.
    async fn unchanged(&self, world: &World) {
        self.unchanged_but(world, "").await;
    }

    /// Demands that nothing was written since but entries: a reply that shows content again is a reading.
    async fn only_read(&self, world: &World) {
        self.unchanged_but(world, "journal_").await;
    }

    async fn unchanged_but(&self, world: &World, tables: &str) {
        let now = Self::of(world).await;
        let differs = |(key, count): (&(&'static str, String), &i64)| {
            let before = self.0.get(key).copied().unwrap_or_default();
            let meant = !tables.is_empty() && key.1.starts_with(tables);
            (before != *count && !meant).then(|| format!("{} {}: {before} → {count}", key.0, key.1))
        };
        let written: Vec<_> = now.0.iter().filter_map(differs).collect();
        assert!(written.is_empty(), "something was written: {written:?}");
    }
}

/// Demands that nothing of `secret` is in what the caller is told.
#[track_caller]
fn tells_nothing_of(secret: &str, status: &Status) {
    let details = String::from_utf8_lossy(status.details());
    let told = format!("{} {details} {:?}", status.message(), status.metadata());
    assert!(!told.contains(secret), "the refusal repeats the value: {told}");
}
