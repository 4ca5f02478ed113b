//! `file.close`: the file ends with the record (P-67).

use dossier_authority::act::OnFile;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;

use super::super::Change;
use crate::domain::customer_file::Act;
use crate::work::customer_file::save::{self, save};
use crate::work::customer_file::session::Session;

/// Closes the file. One of a closed level is closed by an approval of its own alone.
///
/// # Errors
/// `WRONG_STATE` when it is closed already, `APPROVAL_REQUIRED` at a closed level.
pub(super) async fn happen(session: &Session<'_>, tx: &mut Tx, change: &Change<'_>) -> Result<()> {
    let loaded = &change.opened.loaded;
    let after = loaded.file.after(Act::Close, session.call.now)?;
    session.approved(tx, &loaded.file, OnFile::Close, "").await?;
    let template = session.template(&after.template)?;
    let closing = save::Change::of(Act::Close, loaded, after, change.reason.clone(), change.request_id);
    save(session, tx, &session.seal(loaded)?, template, closing).await.map(drop)
}
