//! `hold.place`: nothing of the file is removed, until a record releases it. `hold.release`: what holds it holds it no more (C-06).
//!
//! A record releases what it placed itself, or what the record placed that it belongs to: the order and its lifting are one paper, or
//! one hangs on the other, and no field could name another hold by mistake. A decision that ends all of a kind says which kind.

use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_regime::StageEffect;

use super::super::Change;
use crate::domain::hold::Placed;
use crate::work::customer_file::session::Session;
use crate::work::hold;

/// Holds the file, be it closed or not.
///
/// # Errors
/// `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub(super) async fn place(session: &Session<'_>, tx: &mut Tx, change: &Change<'_>) -> Result<()> {
    hold::place(session, tx, &change.opened.record, change.request_id).await
}

/// Releases the holds.
///
/// # Errors
/// `CONFLICT_RETRY`, `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub(super) async fn release(
    session: &Session<'_>,
    tx: &mut Tx,
    change: &Change<'_>,
    effect: &StageEffect,
) -> Result<()> {
    let record = &change.opened.record;
    let placed = match &effect.kind {
        Some(kind) => Placed::ByKind(kind),
        None => Placed::Near(record.id, record.of),
    };
    hold::release(session, tx, (record, placed), change.request_id).await
}
