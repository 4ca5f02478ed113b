//! What has a line in a register, a stretch at a time: who reads it has standing access to the file, as the query itself asks.
//!
//! However many files, records or documents there are and however few of them somebody sees, a statement looks at no more of them than its
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
    /// Files, records or documents.
    pub over: Over,
    /// Of this kind; of documents, empty means every kind.
    pub kind: &'a str,
    /// Of this file alone.
    pub file: Option<Uuid>,
}

/// Something that may have a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Candidate {
    /// The file, or what lies in it.
    pub id: Uuid,
    /// The file.
    pub file: Uuid,
}

/// What lies behind `before`, down to `until` and with it, that the viewer has standing access to, the newest first: a stretch, whose
/// [`end`] was found before. A range tells PostgreSQL that it is short, where it would take an unknown LIMIT for a tenth of a table.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn candidates(
    tx: &mut Tx,
    viewer: Viewer<'_>,
    scope: Scope<'_>,
    (before, until): (Uuid, Uuid),
) -> Result<Vec<Candidate>> {
    let Viewer { org, person, now } = viewer;
    let (kind, file) = (scope.kind, scope.file);
    match scope.over {
        Over::Files => {
            let text = sql_given!(
                concat!(
                    with_reached!(),
                    "SELECT f.id, f.id AS file FROM customer_file f
                     WHERE f.org = $1 AND f.unit_kind = $4 AND f.id < $5 AND f.id >= $6 AND ",
                    standing!(reached)
                );
                file => " AND f.id = $7";
                " ORDER BY f.id DESC"
            );
            sql!(tx, fetch_all as Candidate, text, org, person, now, kind, before, until, file)
        }
        Over::Records => {
            let text = sql_given!(
                concat!(
                    with_reached!(),
                    "SELECT d.id, d.file FROM record d JOIN customer_file f ON f.org = d.org AND f.id = d.file
                     WHERE d.org = $1 AND d.kind = $4 AND d.id < $5 AND d.id >= $6 AND ",
                    standing!(reached)
                );
                file => " AND d.file = $7";
                " ORDER BY d.id DESC"
            );
            sql!(tx, fetch_all as Candidate, text, org, person, now, kind, before, until, file)
        }
        Over::Documents => {
            let text = sql_given!(
                concat!(
                    with_reached!(),
                    "SELECT d.id, d.file FROM document d JOIN customer_file f ON f.org = d.org AND f.id = d.file
                     WHERE d.org = $1 AND d.id < $5 AND d.id >= $6 AND ",
                    standing!(reached)
                );
                scope.has_kind() => " AND d.kind = $4",
                file => " AND d.file = $7";
                " ORDER BY d.id DESC"
            );
            sql!(tx, fetch_all as Candidate, text, org, person, now, kind, before, until, file)
        }
    }
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
        Over::Documents => {
            let text = sql_given!(
                "SELECT id FROM document WHERE org = $1 AND id < $3";
                scope.has_kind() => " AND kind = $2",
                file => " AND file = $5";
                " ORDER BY id DESC LIMIT 1 OFFSET $4"
            );
            sql!(tx, fetch_optional as (Uuid,), text, org, kind, before, skipped, file)?
        }
    };
    Ok(found.map(|(id,)| id))
}

/// Up to `limit` records or documents of a scope behind `before` in files at levels up to `rank`, the newest first, whoever looks: for
/// statistics.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn counted(
    tx: &mut Tx,
    org: &str,
    scope: Scope<'_>,
    rank: i64,
    before: Uuid,
    limit: i64,
) -> Result<Vec<Candidate>> {
    let kind = scope.kind;
    if scope.over == Over::Documents {
        let text = sql_given!(
            concat!(
                "SELECT d.id, d.file FROM document d JOIN customer_file f ON f.org = d.org AND f.id = d.file
                 WHERE d.org = $1 AND d.id < $3 AND ",
                open_up_to!("$4")
            );
            scope.has_kind() => " AND d.kind = $2";
            " ORDER BY d.id DESC LIMIT $5"
        );
        return sql!(tx, fetch_all as Candidate, text, org, kind, before, rank, limit);
    }
    let text = concat!(
        "SELECT d.id, d.file FROM record d JOIN customer_file f ON f.org = d.org AND f.id = d.file
         WHERE d.org = $1 AND d.kind = $2 AND d.id < $3 AND ",
        open_up_to!("$4"),
        " ORDER BY d.id DESC LIMIT $5"
    );
    sql!(tx, fetch_all as Candidate, text, org, kind, before, rank, limit)
}

// === impl Scope ===

impl Scope<'_> {
    const fn has_kind(&self) -> bool {
        !self.kind.is_empty()
    }
}
