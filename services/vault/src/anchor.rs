//! Which root keys a store was written under, kept in the store itself: a keyring that was lost, swapped or put back from
//! an older day is noticed before anything is sealed, searched or signed with the wrong keys.
//!
//! A store anchors every key of the keyring that it is started with, each with a proof of the secret. From then on the
//! newest anchored key of each purpose must be in the keyring, with the same secret. What is older may have been retired.
//! Before a key is retired, every service was started once with its successor.

use std::fmt;

use dossier_kernel::db::Tx;
use dossier_kernel::error::Result as StoreResult;
use dossier_kernel::sql;
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::error::{Fault, Result};
use crate::provider::{KeyId, KeyProvider, Purpose};

// The scope of a proof; an org's own is its id, in letters.
const SCOPE: &str = "*anchor";

// No purpose of the keyring: the public keys of the services.
const SERVICES: &str = "services";

/// What the keyring lacks of what a store was written under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lack {
    /// What the key was for.
    pub purpose: Purpose,
    /// The key.
    pub id: KeyId,
    /// Whether the keyring has a key of this id, with another secret.
    pub other_secret: bool,
}

#[derive(sqlx::FromRow)]
struct Row {
    purpose: String,
    key_id: Uuid,
    proof: Vec<u8>,
}

/// Whether anything was ever anchored for `org`.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn is_anchored(tx: &mut Tx, org: &str) -> StoreResult<bool> {
    Ok(!rows(tx, org).await?.is_empty())
}

/// The first key that the store needs for `org` and `provider` lacks; none where it fits, or where nothing was written.
///
/// # Errors
/// The store's, or the provider's own fault.
pub async fn lacking(tx: &mut Tx, org: &str, provider: &dyn KeyProvider) -> Result<Option<Lack>> {
    let rows = rows(tx, org).await?;
    for purpose in Purpose::ALL {
        // They come in the order in which they were anchored.
        let Some(newest) = rows.iter().rfind(|row| row.purpose == purpose.label()) else { continue };
        let known = versions(provider, purpose)?.contains(&newest.key_id);
        if !known || proof(provider, purpose, newest.key_id)? != newest.proof {
            return Ok(Some(Lack { purpose, id: newest.key_id, other_secret: known }));
        }
    }
    Ok(None)
}

/// The first root key under which a data key of `org` is wrapped and which `provider` lacks. Only for stores that hold
/// data keys.
///
/// # Errors
/// The store's, or the provider's own fault.
pub async fn lacking_root(tx: &mut Tx, org: &str, provider: &dyn KeyProvider) -> Result<Option<Lack>> {
    let (purpose, known) = (Purpose::Seal, versions(provider, Purpose::Seal)?);
    // From one root to the next by the index: there are few roots and many keys.
    let text = "SELECT root FROM file_key WHERE org = $1 AND wrapped IS NOT NULL AND root > $2 ORDER BY root LIMIT 1";
    let mut last = Uuid::nil();
    while let Some((root,)) = sql!(tx, fetch_optional as (Uuid,), text, org, last)? {
        if !known.contains(&root) {
            return Ok(Some(Lack { purpose, id: root, other_secret: false }));
        }
        last = root;
    }
    Ok(None)
}

/// Anchors every key of `provider` that is not anchored for `org` yet. In the transaction that found that nothing lacks.
///
/// # Errors
/// The store's, or the provider's own fault.
pub async fn keep(tx: &mut Tx, org: &str, provider: &dyn KeyProvider, now: i64) -> Result<()> {
    let rows = rows(tx, org).await?;
    let text = "INSERT INTO key_anchor (org, purpose, key_id, proof, anchored_at) VALUES ($1, $2, $3, $4, $5)
                ON CONFLICT DO NOTHING";
    for purpose in Purpose::ALL {
        let mut versions = versions(provider, purpose)?;
        versions.reverse();
        for (at, id) in versions.into_iter().enumerate() {
            if rows.iter().any(|row| row.purpose == purpose.label() && row.key_id == id) {
                continue;
            }
            let proof = proof(provider, purpose, id)?;
            // The older of two that come at once stands before the newer.
            let anchored = now.saturating_add(i64::try_from(at).unwrap_or_default());
            sql!(tx, execute, text, org, purpose.label(), id, proof, anchored)?;
        }
    }
    Ok(())
}

/// Whether `fingerprints` share one with those that were anchored for `org`: the public keys with which the services of an
/// installation know each other. Keys are added and taken away one after the other, so a set that shares none with the one
/// before is that of another installation. Where none was anchored yet, any fits.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn knows(tx: &mut Tx, org: &str, fingerprints: &[[u8; 32]]) -> StoreResult<bool> {
    let known: Vec<_> = rows(tx, org).await?.into_iter().filter(|row| row.purpose == SERVICES).collect();
    let shared = |row: &Row| fingerprints.iter().any(|one| one[..] == row.proof[..]);
    Ok(known.is_empty() || known.iter().any(shared))
}

/// Anchors `fingerprints` for `org`.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn keep_services(tx: &mut Tx, org: &str, fingerprints: &[[u8; 32]], now: i64) -> StoreResult<()> {
    let text = "INSERT INTO key_anchor (org, purpose, key_id, proof, anchored_at) VALUES ($1, $2, $3, $4, $5)
                ON CONFLICT DO NOTHING";
    for fingerprint in fingerprints {
        let mut id = [0; 16];
        id.copy_from_slice(&fingerprint[..16]);
        sql!(tx, execute, text, org, SERVICES, Uuid::from_bytes(id), fingerprint.to_vec(), now)?;
    }
    Ok(())
}

async fn rows(tx: &mut Tx, org: &str) -> StoreResult<Vec<Row>> {
    let text = "SELECT purpose, key_id, proof FROM key_anchor WHERE org = $1 ORDER BY purpose, anchored_at, key_id";
    sql!(tx, fetch_all as Row, text, org)
}

fn versions(provider: &dyn KeyProvider, purpose: Purpose) -> Result<Vec<KeyId>> {
    match provider.versions(purpose) {
        Err(Fault::NoKey { .. }) => Ok(Vec::new()),
        found => found,
    }
}

fn proof(provider: &dyn KeyProvider, purpose: Purpose, id: KeyId) -> Result<Vec<u8>> {
    match provider.derive(purpose, id, SCOPE) {
        Ok(secret) => Ok(Sha256::digest(secret.expose_secret()).to_vec()),
        Err(Fault::NotExportable { .. }) => Ok(Vec::new()),
        Err(fault) => Err(fault),
    }
}

// === impl Lack ===

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let how = if self.other_secret { "has another secret for" } else { "lacks" };
        write!(f, "{how} key {} ({})", self.id, self.purpose)
    }
}
