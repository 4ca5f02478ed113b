//! Every content in the store of contents, read whole and held against the hash that the journal promises; and what lies there beside.

use dossier_journal::verify::state::{Cause, Findings};
use dossier_kernel::db::Db;
use dossier_kernel::error::{Reason, Result};
use dossier_kernel::objects::Objects;
use dossier_vault::Vault;
use uuid::Uuid;

use super::documents::hash;
use super::records::unsealed;
use crate::domain::document::{Document, PART};
use crate::store::document;
use crate::store::record::Sealed;
use crate::work::document::content::Pieces;
use crate::work::document::stray::strays;

/// How many documents one look at the store gives.
const BATCH: i64 = 200;

/// Reads every content of `org`, and looks for what no row knows; the hash itself was compared with the journal's promise by the
/// verifier of the rows.
///
/// # Errors
/// `STORE_UNAVAILABLE`, `CONTENT_UNAVAILABLE`.
pub async fn contents(vault: &Vault, objects: &Objects, db: &Db, org: &str) -> Result<Findings> {
    let (mut findings, mut after) = (Findings::default(), Uuid::nil());
    loop {
        let mut tx = db.read().await?;
        let batch = document::with_content(&mut tx, org, after, BATCH).await?;
        let keys = document::keys(&mut tx, org, &batch.iter().map(|one| one.id).collect()).await?;
        tx.commit().await?;
        let Some(last) = batch.last() else { break };
        after = last.id;
        for one in &batch {
            let key = keys.get(&one.id);
            if key.is_some_and(|key| key.erased_at.is_some()) {
                findings.erased += 1;
                continue;
            }
            findings.rows += 1;
            if !is_there((vault, objects, org), one, key).await? {
                findings.add("document", one.id.to_string(), Cause::Content);
            }
        }
    }
    for one in strays(objects, db, org).await? {
        findings.add("content", format!("{}/{}/{}", one.file, one.document, one.id), Cause::Stray);
    }
    Ok(findings)
}

async fn is_there(
    (vault, objects, org): (&Vault, &Objects, &str),
    one: &Document,
    key: Option<&Sealed>,
) -> Result<bool> {
    let seal = key.and_then(|key| unsealed((vault, org), (one.file, PART, one.id), key));
    let Some((seal, kept)) = seal.as_ref().zip(one.content.as_ref()) else { return Ok(false) };
    let pieces = Pieces { objects, org, file: one.file, document: one.id, seal };
    match pieces.hash(&kept.place, kept.size, |_| Ok(())).await {
        Ok(found) => Ok(hash(one, seal).is_some_and(|said| said == found)),
        // A piece that cannot be read is as good as lost, and the others are looked at all the same.
        Err(fault) if matches!(fault.reason(), Reason::ContentLost | Reason::ContentUnavailable) => Ok(false),
        Err(fault) => Err(fault),
    }
}
