//! Uploads that nobody goes on with: what was kept of them is dropped after a day.

use std::time::Duration;

use dossier_authority::Base;
use dossier_kernel::error::Result;
use dossier_kernel::objects::Objects;
use dossier_kernel::time::micros;
use dossier_kernel::transact;
use jiff::ToSpan as _;
use tokio_util::sync::CancellationToken;

use super::content::Pieces;
use crate::domain::document::content::Upload;
use crate::store::document::{self, upload};

/// How long the job waits between two looks.
const PACE: Duration = Duration::from_secs(600);
/// How many one look takes.
const BATCH: i64 = 100;

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

async fn is_attached(base: &Base, org: &str, one: &Upload) -> Result<bool> {
    let found = document::lookup(&mut base.db.read().await?, org, one.file, one.document).await?;
    Ok(found.and_then(|found| found.content).is_some_and(|kept| kept.place.upload == one.id))
}

/// Drops the uploads of `org` to which nothing was added for a day; gives how many.
///
/// # Errors
/// `STORE_UNAVAILABLE`, `CONTENT_UNAVAILABLE`.
pub async fn once(base: &Base, contents: &Objects, org: &str) -> Result<usize> {
    // What a store that was put back calls abandoned may have been attached since.
    if base.doubts.any(org) {
        return Ok(0);
    }
    let before = base.store_time().await?.checked_sub(24.hours()).map(micros).unwrap_or(i64::MIN);
    let abandoned = upload::abandoned(&mut base.db.read().await?, org, before, BATCH).await?;
    let mut dropped = 0;
    for one in &abandoned {
        // Forgotten first, as it was read: whoever goes on with it meanwhile keeps their pieces. What was attached is in no upload, but
        // in a store that was put back it may be again: then its pieces are another's.
        let gone = transact!(base.db, tx => upload::forget(tx, org, one.id, one.version).await)?;
        if gone && !is_attached(base, org, one).await? {
            if let Err(fault) = Pieces::clear(contents, org, one, None).await {
                tracing::warn!(org, ?fault, "pieces of an abandoned upload stay behind");
            }
            dropped += 1;
        }
    }
    Ok(dropped)
}
