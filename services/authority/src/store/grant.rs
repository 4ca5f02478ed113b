//! Grants: what an approval gave, as the predicate reads it.

use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::sql;
use dossier_kernel::stamp::{self, ORG};
use sqlx::types::Json;
use uuid::Uuid;

use crate::scope::Scope;

/// One grant; times in microseconds, `valid_until` exclusive.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Grant {
    /// The grant.
    pub id: Uuid,
    /// The file.
    pub file: Uuid,
    /// Who may.
    pub holder: Uuid,
    /// For what, a label of the pack.
    pub purpose: String,
    /// How much of the file.
    #[sqlx(rename = "fields")]
    pub scope: Json<Scope>,
    /// For what kind of use: the number of the contract's `AccessKind`.
    #[sqlx(rename = "medium")]
    pub kind: i64,
    /// From when.
    pub valid_from: i64,
    /// Until when.
    pub valid_until: i64,
    /// How often; 0 for any number.
    pub max_uses: i64,
    /// How often it was used here.
    pub uses: i64,
    /// When it was revoked, if it was.
    pub revoked_at: Option<i64>,
    /// When its holder gave it back, if that was.
    pub completed_at: Option<i64>,
}

/// Writes a grant; a later call for the same id changes its end, never its use count.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn put(tx: &mut Tx, org: &str, one: &Grant) -> Result<()> {
    let text = "INSERT INTO grant_copy (org, id, file, holder, purpose, fields, medium, valid_from, valid_until,
                                        max_uses, revoked_at, completed_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
                ON CONFLICT (org, id) DO UPDATE SET valid_until = $9,
                    revoked_at = COALESCE(grant_copy.revoked_at, $11),
                    completed_at = COALESCE(grant_copy.completed_at, $12)";
    let (from, until, uses) = (one.valid_from, one.valid_until, one.max_uses);
    let (id, file, holder, purpose) = (one.id, one.file, one.holder, &one.purpose);
    let (scope, kind, revoked, completed) = (&one.scope, one.kind, one.revoked_at, one.completed_at);
    sql!(tx, execute, text, org, id, file, holder, purpose, scope, kind, from, until, uses, revoked, completed)?;
    stamp::touch(tx, org, file).await
}

/// The grants on `file` that `holder` can use at `now`, those with the most fields first.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn current(tx: &mut Tx, org: &str, file: Uuid, holder: Uuid, now: i64) -> Result<Vec<Grant>> {
    let text = "SELECT id, file, holder, purpose, fields, medium, valid_from, valid_until, max_uses, uses, revoked_at,
                       completed_at
                FROM grant_copy
                WHERE org = $1 AND file = $2 AND holder = $3 AND valid_from <= $4 AND valid_until > $4
                  AND revoked_at IS NULL AND completed_at IS NULL AND (max_uses = 0 OR uses < max_uses)
                ORDER BY valid_until DESC, id";
    sql!(tx, fetch_all as Grant, text, org, file, holder, now)
}

/// Whether a grant still holds but for its uses: what was spent on it goes on until it is revoked, completed or over.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn stands(tx: &mut Tx, org: &str, id: Uuid, now: i64) -> Result<bool> {
    let text = "SELECT id FROM grant_copy
                WHERE org = $1 AND id = $2 AND valid_until > $3 AND revoked_at IS NULL AND completed_at IS NULL";
    Ok(sql!(tx, fetch_optional as (Uuid,), text, org, id, now)?.is_some())
}

/// Uses a grant once; false when it is used up, which the caller treats as no grant at all.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn spend(tx: &mut Tx, org: &str, id: Uuid) -> Result<bool> {
    let text = "UPDATE grant_copy SET uses = uses + 1
                WHERE org = $1 AND id = $2 AND (max_uses = 0 OR uses < max_uses) RETURNING file";
    match sql!(tx, fetch_optional as (Uuid,), text, org, id)? {
        Some((file,)) => stamp::touch(tx, org, file).await.map(|()| true),
        None => Ok(false),
    }
}

/// Raises how often a grant was used to `uses`, at most to what it allows, for a copy that is made anew. A reading that
/// happened has happened: the count never falls.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn carry(tx: &mut Tx, org: &str, id: Uuid, uses: i64) -> Result<()> {
    let text = "UPDATE grant_copy SET uses = CASE WHEN max_uses > 0 AND max_uses < $3 THEN max_uses ELSE $3 END
                WHERE org = $1 AND id = $2 AND uses < $3";
    sql!(tx, execute, text, org, id, uses)?;
    stamp::touch(tx, org, ORG).await
}
