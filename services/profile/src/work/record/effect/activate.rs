//! `file.activate`: the record makes its file effective, in place of a review (P-38).

use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;

use super::super::Change;
use crate::domain::customer_file::Act;
use crate::work::activation::{activate, require_complete};
use crate::work::customer_file::session::Session;

/// Makes the file effective: complete as the pack asks of a file that is handed in, the only one of its unit, with a number.
///
/// # Errors
/// `WRONG_STATE` when it is effective already, `FILE_INCOMPLETE`, `FILE_UNIT_TAKEN`, `EXAMINATION_PENDING`, `NUMBERS_EXHAUSTED`.
pub(super) async fn happen(session: &Session<'_>, tx: &mut Tx, change: &Change<'_>) -> Result<()> {
    let loaded = &change.opened.loaded;
    require_complete(session, tx, loaded).await?;
    activate(session, tx, loaded, (Act::Establish, change.reason.clone(), change.request_id)).await.map(drop)
}
