//! What ends a right, and what ends with it. Grants and loans do not know each other's ends: here both are known.

mod forfeit;
mod risen;

pub(crate) use forfeit::revoke_forfeited;
pub(crate) use risen::risen;

use dossier_authority::Base;
use dossier_journal::publish::revocations;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use uuid::Uuid;

use super::cause::Cause;
use super::record::Word;
use super::{grant, loan};
use crate::domain::grant::Grant;

/// Takes a grant back, and recalls the loan that runs on it; `revoker` is `None` when a rule does.
///
/// # Errors
/// `WRONG_STATE` unless it is active, `CONFLICT_RETRY`, `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub(crate) async fn revoke(
    cause: &Cause<'_>,
    tx: &mut Tx,
    revoker: Option<Uuid>,
    words: &[Word<'_>],
    right: &mut Grant,
) -> Result<()> {
    right.revoke(revoker, cause.now)?;
    grant::publish(cause, tx, "grant.revoked", words, right).await?;
    loan::recall_of_grant(cause, tx, right.id).await
}

/// Tells the readers of a revocation before the journal brings it; without a bus they learn it from the journal alone.
pub(crate) async fn wake(base: &Base, org: &str, grant: &str) {
    if let Err(fault) = base.bus.publish(&revocations(org), grant.as_bytes()).await {
        tracing::warn!(org, %fault, "a revocation could not be announced; the journal will bring it");
    }
}
