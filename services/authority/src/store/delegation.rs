//! Letters of authorisation (委托书): who may act for whom, in what, until when.

use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::sql;
use sqlx::types::Json;
use uuid::Uuid;

/// One letter of authorisation; times in microseconds, `valid_until` exclusive.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Delegation {
    /// The letter.
    pub id: Uuid,
    /// Whose power is given.
    pub delegator: Uuid,
    /// Who receives it.
    pub delegate: Uuid,
    /// The post whose power is given.
    pub post: String,
    /// The matters of the pack that it covers.
    pub matters: Json<Vec<String>>,
    /// The rank of the highest level that it covers.
    pub max_rank: i64,
    /// From when.
    pub valid_from: i64,
    /// Until when.
    pub valid_until: i64,
    /// When it was revoked, if it was.
    pub revoked_at: Option<i64>,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, delegator, delegate, post, matters, max_rank, valid_from, valid_until, revoked_at
             FROM delegation WHERE org = $1",
            $rest
        )
    };
}

// === impl Delegation ===

impl Delegation {
    /// Whether the letter is in force at `now` (microseconds).
    pub fn in_force(&self, now: i64) -> bool {
        self.revoked_at.is_none_or(|at| at > now) && self.valid_from <= now && now < self.valid_until
    }

    /// Whether it covers `matter`.
    pub fn covers(&self, matter: &str) -> bool {
        self.matters.iter().any(|one| one == matter)
    }
}

/// Writes a letter; a later call for the same id can only revoke it or shorten it.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn put(tx: &mut Tx, org: &str, one: &Delegation) -> Result<()> {
    let text = "INSERT INTO delegation
                    (org, id, delegator, delegate, post, matters, max_rank, valid_from, valid_until, revoked_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
                ON CONFLICT (org, id) DO UPDATE SET valid_until = $9,
                        revoked_at = COALESCE(delegation.revoked_at, $10)";
    let (people, period) = ((one.delegator, one.delegate), (one.valid_from, one.valid_until));
    let (matters, rank, revoked) = (&one.matters, one.max_rank, one.revoked_at);
    sql!(tx, execute, text, org, one.id, people.0, people.1, &one.post, matters, rank, period.0, period.1, revoked)?;
    Ok(())
}

/// The letter `id`.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn lookup(tx: &mut Tx, org: &str, id: Uuid) -> Result<Option<Delegation>> {
    sql!(tx, fetch_optional as Delegation, select!(" AND id = $2"), org, id)
}

/// Every letter in force at `now`, for the org; approvals compute voices over them.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn in_force(tx: &mut Tx, org: &str, now: i64) -> Result<Vec<Delegation>> {
    let text =
        select!(" AND valid_from <= $2 AND valid_until > $2 AND (revoked_at IS NULL OR revoked_at > $2) ORDER BY id");
    sql!(tx, fetch_all as Delegation, text, org, now)
}
