//! Approvals that were given, and which of them were used for an act.

use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::sql;
use uuid::Uuid;

/// An approval that was given.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Given {
    /// The approval.
    pub id: Uuid,
    /// Its matter, an id of the pack.
    pub matter: String,
    /// SHA-256 of what was approved.
    pub digest: Vec<u8>,
    /// Who asked.
    pub requester: Uuid,
    /// When it was given, microseconds.
    pub decided_at: i64,
}

/// What an approval is used for.
#[derive(Clone, Copy, Debug)]
pub struct Use<'a> {
    /// The approval.
    pub approval: Uuid,
    /// Resource name of what is acted on.
    pub subject: &'a str,
    /// Who acts.
    pub person: Uuid,
    /// When, microseconds.
    pub at: i64,
}

/// Writes an approval that was given; it is final, so a later call changes nothing.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn put(tx: &mut Tx, org: &str, one: &Given) -> Result<()> {
    let text = "INSERT INTO approval_copy (org, id, matter, digest, requester, decided_at)
                VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
    sql!(tx, execute, text, org, one.id, &one.matter, &one.digest, one.requester, one.decided_at)?;
    Ok(())
}

/// The approval `id`, if it was given and is known here.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn lookup(tx: &mut Tx, org: &str, id: Uuid) -> Result<Option<Given>> {
    let text = "SELECT id, matter, digest, requester, decided_at FROM approval_copy WHERE org = $1 AND id = $2";
    sql!(tx, fetch_optional as Given, text, org, id)
}

/// Uses an approval; false when it was used before. This statement decides, not a look before it.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn spend(tx: &mut Tx, org: &str, one: Use<'_>) -> Result<bool> {
    let text = "INSERT INTO approval_use (org, approval, subject, person, used_at) VALUES ($1, $2, $3, $4, $5)
                ON CONFLICT DO NOTHING";
    Ok(sql!(tx, execute, text, org, one.approval, one.subject, one.person, one.at)? == 1)
}
