//! What has a line in a register, a stretch at a time: who reads it has standing access to the file, as the query itself asks.
//!
//! However many files or records there are and however few of them somebody sees, a statement looks at no more of them than its
//! stretch holds.

use dossier_authority::{standing, with_reached};
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::{sql, sql_given};
use dossier_regime::Over;
use uuid::Uuid;

use super::customer_file::{Stretch, Viewer, open_up_to};

/// What a register goes over.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    /// Files or records.
    pub over: Over,
    /// Of this kind.
    pub kind: &'a str,
    /// Of this file alone.
    pub file: Option<Uuid>,
}

/// Something that may have a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Candidate {
    /// The file or record.
    pub id: Uuid,
    /// The file, or that of the record.
    pub file: Uuid,
}

/// What of a stretch the viewer has standing access to, the newest first.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn candidates(tx: &mut Tx, viewer: Viewer<'_>, scope: Scope<'_>, stretch: Stretch) -> Result<Vec<Candidate>> {
    match scope.over {
        Over::Files => files(tx, viewer, scope, stretch).await,
        Over::Records => records(tx, viewer, scope, stretch).await,
    }
}

async fn files(tx: &mut Tx, viewer: Viewer<'_>, scope: Scope<'_>, stretch: Stretch) -> Result<Vec<Candidate>> {
    let text = sql_given!(
        concat!(
            with_reached!(),
            "SELECT f.id, f.id AS file FROM customer_file f WHERE f.org = $1 AND f.id IN (
                SELECT b.id FROM customer_file b WHERE b.org = $1 AND b.unit_kind = $4 AND b.id < $5"
        );
        scope.file => " AND b.id = $7";
        concat!(" ORDER BY b.id DESC LIMIT $6) AND ", standing!(reached), " ORDER BY f.id DESC")
    );
    let Viewer { org, person, now } = viewer;
    let (kind, file, Stretch { before, looks }) = (scope.kind, scope.file, stretch);
    sql!(tx, fetch_all as Candidate, text, org, person, now, kind, before, looks, file)
}

async fn records(tx: &mut Tx, viewer: Viewer<'_>, scope: Scope<'_>, stretch: Stretch) -> Result<Vec<Candidate>> {
    let text = sql_given!(
        concat!(
            with_reached!(),
            "SELECT d.id, d.file FROM record d JOIN customer_file f ON f.org = d.org AND f.id = d.file
             WHERE d.org = $1 AND d.id IN (
                SELECT b.id FROM record b WHERE b.org = $1 AND b.kind = $4 AND b.id < $5"
        );
        scope.file => " AND b.file = $7";
        concat!(" ORDER BY b.id DESC LIMIT $6) AND ", standing!(reached), " ORDER BY d.id DESC")
    );
    let Viewer { org, person, now } = viewer;
    let (kind, file, Stretch { before, looks }) = (scope.kind, scope.file, stretch);
    sql!(tx, fetch_all as Candidate, text, org, person, now, kind, before, looks, file)
}

/// The oldest that a stretch looks at; `None` when nothing lies behind it.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn end(tx: &mut Tx, org: &str, scope: Scope<'_>, stretch: Stretch) -> Result<Option<Uuid>> {
    let (before, skipped, kind, file) = (stretch.before, stretch.looks - 1, scope.kind, scope.file);
    let found = match scope.over {
        Over::Files => {
            let text = sql_given!(
                "SELECT id FROM customer_file WHERE org = $1 AND unit_kind = $2 AND id < $3";
                file => " AND id = $5";
                " ORDER BY id DESC LIMIT 1 OFFSET $4"
            );
            sql!(tx, fetch_optional as (Uuid,), text, org, kind, before, skipped, file)?
        }
        Over::Records => {
            let text = sql_given!(
                "SELECT id FROM record WHERE org = $1 AND kind = $2 AND id < $3";
                file => " AND file = $5";
                " ORDER BY id DESC LIMIT 1 OFFSET $4"
            );
            sql!(tx, fetch_optional as (Uuid,), text, org, kind, before, skipped, file)?
        }
    };
    Ok(found.map(|(id,)| id))
}

/// Up to `limit` records of `kind` behind `before` in files at levels up to `rank`, the newest first, whoever looks: for statistics.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn counted(
    tx: &mut Tx,
    org: &str,
    kind: &str,
    rank: i64,
    before: Uuid,
    limit: i64,
) -> Result<Vec<Candidate>> {
    let text = concat!(
        "SELECT d.id, d.file FROM record d JOIN customer_file f ON f.org = d.org AND f.id = d.file
         WHERE d.org = $1 AND d.kind = $2 AND d.id < $3 AND ",
        open_up_to!("$4"),
        " ORDER BY d.id DESC LIMIT $5"
    );
    sql!(tx, fetch_all as Candidate, text, org, kind, before, rank, limit)
}
