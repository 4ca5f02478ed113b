//! Submissions: what this service asked access for each thing of its own.

use std::collections::BTreeMap;

use dossier_kernel::db::{Tx, require_rows};
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::sql;
use dossier_kernel::states::State as _;
use dossier_kernel::time::{from_micros, micros};
use dossier_vault::{Aad, Fault, Vault};
use uuid::Uuid;

use crate::approvals::{State, Submission, Words};
use crate::promise;

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    round: i64,
    digest: Vec<u8>,
    state: String,
    approval: Option<Uuid>,
    approval_round: i64,
    holder: Uuid,
    words: Option<Vec<u8>>,
    begun_at: i64,
    version: i64,
}

/// The submission of `id`, with its words opened; those that were sealed under a key that is destroyed are gone.
///
/// # Errors
/// `STORE_UNAVAILABLE`, `STORE_INCONSISTENT`, `KEY_UNAVAILABLE`.
pub async fn lookup(vault: &Vault, tx: &mut Tx, org: &str, id: Uuid) -> Result<Option<Submission>> {
    let text = "SELECT id, round, digest, state, approval, approval_round, holder, words, begun_at, version
                FROM submission WHERE org = $1 AND id = $2";
    let Some(row) = sql!(tx, fetch_optional as Row, text, org, id)? else { return Ok(None) };
    let words = match &row.words {
        Some(sealed) => opened(vault, tx, org, (row.holder, id), sealed).await?,
        None => Words::default(),
    };
    row.submission(words).map(Some)
}

/// Writes `submission` as it is, if nobody changed it meanwhile.
///
/// # Errors
/// `CONFLICT_RETRY`, `STORE_UNAVAILABLE`, and as the vault's where words are sealed.
pub async fn save(vault: &Vault, tx: &mut Tx, org: &str, submission: &mut Submission) -> Result<()> {
    let (holder, words) = sealed(vault, tx, org, submission).await?;
    let text = if submission.version == 0 {
        "INSERT INTO submission (org, id, version, round, digest, state, approval, approval_round, holder, words, begun_at)
         VALUES ($1, $2, 1, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING"
    } else {
        "UPDATE submission SET version = version + 1, round = $4, digest = $5, state = $6, approval = $7,
                approval_round = $8, holder = $9, words = $10, begun_at = $11
         WHERE org = $1 AND id = $2 AND version = $3"
    };
    let one = &*submission;
    let (state, digest, begun) = (one.state.as_str(), one.digest.to_vec(), micros(one.begun_at));
    let rows = sql!(
        tx,
        execute,
        text,
        org,
        one.id,
        one.version,
        one.round,
        digest,
        state,
        one.approval,
        one.approval_round,
        holder,
        words,
        begun,
    )?;
    require_rows(rows, 1)?;
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

// === impl Row ===

impl Row {
    fn submission(self, words: Words) -> Result<Submission> {
        let wrong = |column| Error::new(Reason::StoreInconsistent).with("table", "submission").with("column", column);
        Ok(Submission {
            id: self.id,
            round: self.round,
            digest: self.digest.try_into().map_err(|_| wrong("digest"))?,
            state: State::parse("state", &self.state)?,
            approval: self.approval,
            approval_round: self.approval_round,
            file: self.holder,
            words,
            begun_at: from_micros(self.begun_at),
            version: self.version,
        })
    }
}
