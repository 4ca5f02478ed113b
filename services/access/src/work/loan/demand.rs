//! The immediate return demand when a loan has run out.

use dossier_authority::Base;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::time::micros;
use dossier_kernel::transact;

use super::duty;
use super::event::changed;
use crate::domain::loan::Loan;
use crate::store;
use crate::work::cause::Cause;

/// Most loans of one transaction.
const BATCH: i64 = 50;

/// Demands the return of every loan of `org` that is out past its due time, once each: an entry in the journal, and the
/// duties that the pack lets begin with an expiry. Gives how many; call it again while it gives any. Bears being called by
/// several replicas at once.
///
/// # Errors
/// `PACK_FAULT`, `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub(crate) async fn demand_returns(base: &Base, org: &str) -> Result<usize> {
    // A look first: nothing to do is the rule, and a write would queue behind the others.
    let now = micros(base.store_time().await?);
    if store::loan::expired(&mut base.db.read().await?, org, now, 1).await?.is_empty() {
        return Ok(0);
    }
    let demanded = transact!(base.db, tx => {
        let cause = Cause::rule(base, org, now);
        let loans = store::loan::expired(tx, org, cause.now, BATCH).await?;
        let mut demanded = 0;
        for loan in &loans {
            demanded += usize::from(demand(&cause, tx, loan).await?);
        }
        Ok(demanded)
    })?;
    if demanded > 0 {
        base.wake.ring();
    }
    Ok(demanded)
}

async fn demand(cause: &Cause<'_>, tx: &mut Tx, loan: &Loan) -> Result<bool> {
    // Somebody may have been faster, or the original may have come back.
    if !store::loan::demand(tx, cause.org, loan.id, cause.now).await? {
        return Ok(false);
    }
    cause.record(tx, "loan.return_demanded", &loan.name(), &[], changed(loan, None)).await?;
    duty::expired(cause, tx, loan).await?;
    Ok(true)
}
