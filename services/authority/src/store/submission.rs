//! Submissions: what this service asked access for each thing of its own.

use std::collections::BTreeMap;

use dossier_kernel::db::{self, Tx, require_rows};
use dossier_kernel::error::Result;
use dossier_kernel::{sql, table};
use dossier_vault::{Aad, Fault, Vault};
use jiff::Timestamp;
use uuid::Uuid;

use crate::approvals::{State, Submission, Words};
use crate::promise;

/// A submission as it lies in its table: its words under seal.
struct Kept {
    id: Uuid,
    round: i64,
    digest: [u8; 32],
    state: State,
    approval: Option<Uuid>,
    approval_round: i64,
    holder: Uuid,
    words: Option<Vec<u8>>,
    begun_at: Timestamp,
    version: i64,
}

table! {
    select!("submission" as s) of Kept;
    once { id }
    then { round, digest, state, approval, approval_round, holder, words, begun_at }
}

/// The submission of `id`, with its words opened; those that were sealed under a key that is destroyed are gone.
///
/// # Errors
/// `STORE_UNAVAILABLE`, `STORE_INCONSISTENT`, `KEY_UNAVAILABLE`.
pub async fn lookup(vault: &Vault, tx: &mut Tx, org: &str, id: Uuid) -> Result<Option<Submission>> {
    let found = sql!(tx, fetch_optional as Kept, select!(" AND s.id = $2"), org, id)?;
    let Some(kept) = found else { return Ok(None) };
    let words = match &kept.words {
        Some(sealed) => opened(vault, tx, org, (kept.holder, id), sealed).await?,
        None => Words::default(),
    };
    Ok(Some(kept.submission(words)))
}

/// Writes `submission` as it is, if nobody changed it meanwhile.
///
/// # Errors
/// `CONFLICT_RETRY`, `STORE_UNAVAILABLE`, and as the vault's where words are sealed.
pub async fn save(vault: &Vault, tx: &mut Tx, org: &str, submission: &mut Submission) -> Result<()> {
    let mut kept = Kept::of(submission, sealed(vault, tx, org, submission).await?);
    match kept.version {
        0 => require_rows(u64::from(db::insert(tx, org, &kept).await?), 1)?,
        _ => db::update(tx, org, &mut kept).await?,
    }
    submission.version += 1;
    Ok(())
}

/// Where the words of a submission are sealed: nothing else opens there.
fn place(id: Uuid) -> String {
    format!("submission/{id}")
}

// Under the key of the file, or the org's where there is none any more.
async fn sealed(vault: &Vault, tx: &mut Tx, org: &str, one: &Submission) -> Result<(Uuid, Option<Vec<u8>>)> {
    let text = one.words.text();
    if text.is_empty() {
        return Ok((one.file, None));
    }
    let (holder, key) = promise::key(vault, tx, org, one.file, one.begun_at, &mut BTreeMap::new()).await?;
    let field = place(one.id);
    let sealed = vault.seal(&key, Aad { org, file: holder, field: &field }, text.as_bytes())?;
    Ok((holder, Some(sealed)))
}

async fn opened(vault: &Vault, tx: &mut Tx, org: &str, (file, id): (Uuid, Uuid), sealed: &[u8]) -> Result<Words> {
    let key = match vault.load_key(tx, org, file).await {
        Ok(key) => key,
        Err(Fault::KeyDestroyed { .. }) => return Ok(Words::default()),
        Err(fault) => return Err(fault.into()),
    };
    // What follows an approval needs no words: those that do not open stop nobody's journal.
    Ok(match vault.open_text(&key, Aad { org, file, field: &place(id) }, sealed) {
        Ok(text) => Words::new(text.as_str()),
        Err(fault) => {
            tracing::error!(org, submission = %id, ?fault, "the words of a submission do not open");
            Words::default()
        }
    })
}

// === impl Kept ===

impl Kept {
    fn of(one: &Submission, (holder, words): (Uuid, Option<Vec<u8>>)) -> Self {
        let Submission { id, round, digest, state, approval, approval_round, begun_at, version, .. } = *one;
        Self { id, round, digest, state, approval, approval_round, holder, words, begun_at, version }
    }

    fn submission(self, words: Words) -> Submission {
        let Self { id, round, digest, state, approval, approval_round, holder: file, begun_at, version, .. } = self;
        Submission { id, round, digest, state, approval, approval_round, file, words, begun_at, version }
    }
}
