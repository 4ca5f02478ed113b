//! Grants end when their holders lose the clearance. Readers are refused at once by the predicate; this makes it final.

use dossier_authority::Base;
use dossier_kernel::error::Result;
use dossier_kernel::time::micros;
use dossier_kernel::transact;

use super::revoke;
use crate::store;
use crate::work::cause::Cause;

/// Most grants of one transaction.
const BATCH: i64 = 50;

/// Revokes the active grants of `org` whose holders are no longer cleared, are switched off or hold no post. Gives how
/// many; call it again while it gives any. Bears being called by several replicas at once.
///
/// # Errors
/// `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub(crate) async fn revoke_forfeited(base: &Base, org: &str) -> Result<usize> {
    // A look first: nothing to do is the rule, and a write would queue behind the others.
    let now = micros(base.store_time().await?);
    if store::grant::forfeited(&mut base.db.read().await?, org, now, 1).await?.is_empty() {
        return Ok(0);
    }
    let revoked = transact!(base.db, tx => {
        let cause = Cause::rule(base, org, now);
        let grants = store::grant::forfeited(tx, org, cause.now, BATCH).await?;
        let count = grants.len();
        for mut grant in grants {
            revoke(&cause, tx, None, &[], &mut grant).await?;
        }
        Ok(count)
    })?;
    if revoked > 0 {
        base.wake.ring();
    }
    Ok(revoked)
}
