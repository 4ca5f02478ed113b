//! Uploads that nobody goes on with: what was kept of them is dropped after a day, and so is whatever an upload that ended has left.

use std::time::Duration;

use dossier_authority::Base;
use dossier_kernel::error::Result;
use dossier_kernel::objects::Objects;
use dossier_kernel::time::micros;
use dossier_kernel::transact;
use jiff::ToSpan as _;
use tokio_util::sync::CancellationToken;

use super::content::Pieces;
use crate::domain::document::content::Leftover;
use crate::store::document::{self, leftover, upload};

/// How long the job waits between two looks.
const PACE: Duration = Duration::from_secs(600);
/// How many uploads one look drops.
const BATCH: i64 = 100;
/// How many that ended one look goes back to: nearly all of them have left nothing.
const LEFT: i64 = 1_000;

/// Looks again and again until `stop`. Every replica does; an upload is dropped by one of them.
pub(crate) async fn run(base: Base, contents: Objects, stop: CancellationToken) {
    while !stop.is_cancelled() {
        for org in base.orgs() {
            if let Err(fault) = once(&base, &contents, &org).await {
                tracing::warn!(org, ?fault, "abandoned uploads cannot be dropped");
            }
        }
        stop.run_until_cancelled(tokio::time::sleep(PACE)).await;
    }
}

/// Drops the uploads of `org` to which nothing was added for a day, and what was left over of those that ended a day ago; gives how
/// many were dropped.
///
/// # Errors
/// `STORE_UNAVAILABLE`, `CONTENT_UNAVAILABLE`.
pub async fn once(base: &Base, contents: &Objects, org: &str) -> Result<usize> {
    // What a store that was put back calls abandoned may have been attached since.
    if base.doubts.any(org) {
        return Ok(0);
    }
    let now = base.store_time().await?;
    let before = now.checked_sub(24.hours()).map(micros).unwrap_or(i64::MIN);
    let old = leftover::before(&mut base.db.read().await?, org, before, LEFT).await?;
    for one in &old {
        match clear(base, contents, org, one).await {
            Ok(()) => transact!(base.db, tx => leftover::forget(tx, org, one.id).await)?,
            Err(fault) => tracing::warn!(org, ?fault, "what is left over of an upload stays behind"),
        }
    }
    let abandoned = upload::abandoned(&mut base.db.read().await?, org, before, BATCH).await?;
    let mut dropped = 0;
    for one in &abandoned {
        // Ended first, as it was read: whoever goes on with it meanwhile keeps their pieces.
        if transact!(base.db, tx => upload::end(tx, org, one, now).await)? {
            dropped += 1;
            if let Err(fault) = clear(base, contents, org, &one.ended(now)).await {
                tracing::warn!(org, ?fault, "pieces of an abandoned upload stay behind until tomorrow");
            }
        }
    }
    Ok(dropped)
}

// What was attached is in no upload, but in a store that was put back it may be again: its pieces stay.
async fn clear(base: &Base, contents: &Objects, org: &str, left: &Leftover) -> Result<()> {
    let found = document::lookup(&mut base.db.read().await?, org, left.file, left.document).await?;
    let kept = found.and_then(|found| found.content);
    Pieces::clear(contents, org, left, kept.as_ref().map(|kept| &kept.place)).await
}
