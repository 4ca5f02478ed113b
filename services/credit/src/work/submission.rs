//! The submissions of limits: rows of authority's table, and what versions before this noted in the row of the limit itself.

use dossier_authority::Base;
use dossier_authority::approvals::{self, Submission};
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::transact;
use jiff::Timestamp;
use uuid::Uuid;

use super::limit::save;
use crate::domain::limit::Limit;
use crate::store::limit;

/// Under what access is asked for the approval of a limit. It never changes.
pub(crate) const SEED: &str = "dossier/limit-submission/v1";

/// What is kept of the submission of the limit `id`, for [`Limit::submission`]. It is read before the limit: what is read later goes,
/// and where both moved in between, the limit tells.
///
/// # Errors
/// `STORE_UNAVAILABLE`, `STORE_INCONSISTENT`, `KEY_UNAVAILABLE`.
pub(crate) async fn kept(base: &Base, tx: &mut Tx, org: &str, id: Uuid) -> Result<Option<Submission>> {
    approvals::lookup(&base.vault, tx, org, id).await
}

/// The limit `id` with its submission; one that was never submitted has one in round 0.
///
/// # Errors
/// As [`kept`].
pub(crate) async fn with_limit(base: &Base, tx: &mut Tx, org: &str, id: Uuid) -> Result<Option<(Limit, Submission)>> {
    let kept = kept(base, tx, org, id).await?;
    let Some(limit) = limit::lookup(tx, org, id).await? else { return Ok(None) };
    let submission = limit.submission(kept);
    Ok(Some((limit, submission)))
}

/// Moves what a version before this noted of a submission of the limit `id` under way to where this one looks, its words under seal.
///
/// # Errors
/// `CONFLICT_RETRY`, `JOURNAL_FAULT`, `STORE_UNAVAILABLE`, and as the vault's.
pub(crate) async fn adopt(base: &Base, tx: &mut Tx, org: &str, id: Uuid, now: Timestamp) -> Result<()> {
    let Some(earlier) = limit::earlier(tx, org, id).await? else { return Ok(()) };
    let Some((mut limit, mut submission)) = with_limit(base, tx, org, id).await? else { return Ok(()) };
    // Otherwise it went on without the note.
    if limit.require_open(limit.proposer).is_ok() && !submission.is_under_way() {
        // The first version took corrections with the submission: here they are corrections.
        if earlier.content.digest(limit.customer) != limit.digest {
            limit.correct(earlier.content, &submission)?;
            save(base, tx, org, &mut limit, now, "limit.updated").await?;
        }
        submission.begin(&limit.subject(), limit.digest, &earlier.words, earlier.begun_at)?;
        approvals::save(&base.vault, tx, org, &mut submission).await?;
    }
    limit::lock(tx, org, &limit).await
}

/// [`adopt`]s what is left of it in `org`.
///
/// # Errors
/// As [`adopt`].
pub(crate) async fn adopt_all(base: &Base, org: &str, now: Timestamp) -> Result<()> {
    // A look first: nothing to do is the rule.
    let found = {
        let mut tx = base.db.read().await?;
        limit::with_earlier(&mut tx, org, 100).await?
    };
    let mut outcome = Ok(());
    for id in found {
        // One that cannot be moved keeps no other from it.
        outcome = transact!(base.db, tx => adopt(base, tx, org, id, now).await).and(outcome);
    }
    outcome
}
