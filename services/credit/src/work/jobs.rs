//! What runs beside the rpcs: following the other services, letting go what has run out.

use std::time::Duration;

use dossier_authority::{Base, disposal};
use dossier_kernel::error::Result;
use dossier_kernel::transact;
use tokio_util::sync::CancellationToken;

use super::disposal::Owing;
use super::{group_commit, limit, submission};

/// How often the store is tidied. Nothing waits for it: what has run out counts as gone at once.
const PACE: Duration = Duration::from_secs(5);

/// Tidies the store until `stop`. Every replica does; the guards in the store keep them out of each other's way.
pub(crate) async fn run(base: Base, stop: CancellationToken) {
    while stop.run_until_cancelled(tokio::time::sleep(PACE)).await.is_some() {
        for org in base.orgs() {
            if let Err(fault) = tidy(&base, &org).await {
                tracing::warn!(org, ?fault, "expired credit cannot be cleared away");
            }
        }
    }
}

/// Lets go of reservations and limits of `org` whose time is over, and gives how many of both; then brings what earlier versions noted
/// of submissions to where this one looks.
///
/// # Errors
/// `CONFLICT_RETRY`, `JOURNAL_FAULT`, `STORE_UNAVAILABLE`, `KEY_UNAVAILABLE`.
pub async fn tidy(base: &Base, org: &str) -> Result<usize> {
    let now = base.store_time().await?;
    let reservations = group_commit::clear::all(base, org, now).await?;
    let limits = transact!(base.db, tx => limit::expire(base, tx, org, now).await)?;
    if reservations + limits > 0 {
        base.wake.ring();
    }
    submission::adopt_all(base, org, now).await?;
    // What keeps a file may have ended, just now among them.
    disposal::again(base, org, &Owing).await?;
    Ok(reservations + limits)
}
