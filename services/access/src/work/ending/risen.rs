//! What a rise of a file's level ends.

use dossier_authority::Base;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::time::micros;
use dossier_regime::Pack;
use uuid::Uuid;

use super::revoke;
use crate::domain::grant::State;
use crate::store;
use crate::work::cause::Cause;
use crate::work::{access_request, loan};

/// The `file` may have risen to a `level` above what was granted, asked or lent: all of that ends in this transaction.
///
/// # Errors
/// `CONFLICT_RETRY`, `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub(crate) async fn risen(base: &Base, tx: &mut Tx, org: &str, file: Uuid, level: &str) -> Result<()> {
    let grants = store::grant::unended_of_file(tx, org, file).await?;
    let requests = store::access_request::open_of_file(tx, org, file).await?;
    if grants.is_empty() && requests.is_empty() && store::loan::open_of_file(tx, org, file).await?.is_empty() {
        return Ok(());
    }
    // No call began this, and the transaction is open: another connection would wait for one that waits for this.
    let cause = Cause::rule(base, org, micros(tx.now(&*base.providers.clock).await?));
    let pack = base.pack(org)?;
    for mut grant in grants {
        if is_above(pack, &grant.level, level) && grant.state(cause.now) == State::Active {
            revoke(&cause, tx, None, &[], &mut grant).await?;
        }
    }
    access_request::close_above(&cause, tx, requests, level).await?;
    for out in store::loan::open_of_file(tx, org, file).await? {
        if is_above(pack, &out.level, level) {
            loan::recall_by_rule(&cause, tx, out).await?;
        }
    }
    Ok(())
}

// A level that the pack no longer knows stands above every other: nothing granted under it holds.
fn is_above(pack: &Pack, from: &str, to: &str) -> bool {
    let rank = |level: &str| pack.rank(level).unwrap_or(i64::MAX);
    let closed = pack.level(to).is_none_or(|level| level.closed);
    closed || rank(to) > rank(from)
}
