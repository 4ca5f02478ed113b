//! Table `record_signature`: written once, never changed.

use dossier_journal::rows_by_id;
use dossier_journal::verify::state::{Place, Row};
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::sql;
use dossier_kernel::time::{from_micros, micros};
use uuid::Uuid;

use crate::domain::record::signing::Signature;

#[derive(sqlx::FromRow)]
struct Kept {
    id: Uuid,
    record: Uuid,
    revision: i64,
    stage: String,
    slot: String,
    round: i64,
    signer: Uuid,
    post: String,
    at: i64,
    digest: Vec<u8>,
}

/// Keeps a signature.
///
/// # Errors
/// `ALREADY_EXISTS` when the slot was signed for this stage and round, `STORE_UNAVAILABLE`.
pub async fn keep(tx: &mut Tx, org: &str, one: &Signature) -> Result<()> {
    let text = "INSERT INTO record_signature (org, id, record, revision, stage, slot, round, signer, post, at, digest)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    let (stage, slot, post, at, digest) = (&one.stage, &one.slot, &one.post, micros(one.at), &one.digest);
    let (id, record, revision, signer) = (one.id, one.record, one.revision, one.signer);
    sql!(tx, execute, text, org, id, record, revision, stage, slot, one.round, signer, post, at, digest)?;
    Ok(())
}

/// Every signature under a record, the first first.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn of_record(tx: &mut Tx, org: &str, record: Uuid) -> Result<Vec<Signature>> {
    let text = "SELECT id, record, revision, stage, slot, round, signer, post, at, digest FROM record_signature
                WHERE org = $1 AND record = $2 ORDER BY revision";
    let rows = sql!(tx, fetch_all as Kept, text, org, record)?;
    Ok(rows.into_iter().map(Signature::from).collect())
}

/// A page of all signatures, for the verifier.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn rows(tx: &mut Tx, org: &str, after: Option<&Place>) -> Result<Vec<Row>> {
    rows_by_id!(
        tx,
        org,
        after,
        "SELECT id, record, revision, stage, slot, round, signer, post, at, digest FROM record_signature",
        "id",
        Kept,
        one => row(one)
    )
}

fn row(one: Kept) -> Row {
    Row::of(one.id)
        .with("record", one.record)
        .with("revision", one.revision)
        .with("stage", one.stage)
        .with("slot", one.slot)
        .with("round", one.round)
        .with("signer", one.signer)
        .with("post", one.post)
        .with("at", one.at)
        .with("digest", hex::encode(one.digest))
}

// === impl Signature ===

impl From<Kept> for Signature {
    fn from(row: Kept) -> Self {
        Self {
            id: row.id,
            record: row.record,
            revision: row.revision,
            stage: row.stage,
            slot: row.slot,
            round: row.round,
            signer: row.signer,
            post: row.post,
            at: from_micros(row.at),
            digest: row.digest,
        }
    }
}
