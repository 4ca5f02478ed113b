//! `hold.place`: nothing of the file is removed, until a record releases it (C-06).

use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;

use super::super::Change;
use crate::work::customer_file::session::Session;
use crate::work::hold;

/// Holds the file, be it closed or not.
///
/// # Errors
/// `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub(super) async fn happen(session: &Session<'_>, tx: &mut Tx, change: &Change<'_>) -> Result<()> {
    hold::place(session, tx, &change.opened.record, change.request_id).await
}
