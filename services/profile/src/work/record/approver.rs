//! Who may sign the open step of an approval reads the record that it is about: nobody signs unseen.
//!
//! Who that is, access alone knows: posts, letters, groups, earlier voices. It is asked in the caller's name, while no connection is
//! held. Of a file at a closed level nothing is shown: it is decided about by number and register line alone.

use dossier_authority::approvals::{self, Approvals, State};
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::name;
use uuid::Uuid;

use super::approval::digest;
use super::{Opened, reach};
use crate::domain::record::Record;
use crate::store::customer_file::{self, Loaded};
use crate::store::record;
use crate::work::customer_file::session::Session;

/// The record `ids` as it was put before its approvers, with the approval's name, where that waits for the caller; nothing where it
/// does not, or access does not answer: then they are told what everybody is told.
///
/// # Errors
/// `AUTHORITY_STALE`, `KEY_DESTROYED`, `STORE_UNAVAILABLE`.
pub async fn open<'a>(
    session: &Session<'a>,
    approvals: &Approvals,
    ids: (Uuid, Uuid),
) -> Result<Option<(Opened<'a>, String)>> {
    let Some((_, record, approval)) = waiting(session, &mut session.base.db.read().await?, ids).await? else {
        return Ok(None);
    };
    match approvals.waiting_for(session.call, &record.name()).await {
        Ok(Some(one)) if one == approval => {}
        Ok(_) => return Ok(None),
        Err(fault) => {
            tracing::debug!(?fault, "whether an approval waits for the caller is not known");
            return Ok(None);
        }
    }
    // It may have been decided, taken back or raised while access was asked.
    let tx = &mut session.base.db.read().await?;
    let Some((loaded, record, again)) = waiting(session, tx, ids).await? else { return Ok(None) };
    if again != approval {
        return Ok(None);
    }
    session.require_fresh(&loaded.file.level)?;
    Ok(Some((reach(session, tx, (loaded, record)).await?, name::name("approvals", approval))))
}

// The record, and the approval that is open about exactly what it says.
async fn waiting(session: &Session<'_>, tx: &mut Tx, ids: (Uuid, Uuid)) -> Result<Option<(Loaded, Record, Uuid)>> {
    let (org, (file, id)) = (&session.call.org, ids);
    let Some(record) = record::lookup(tx, org, file, id).await?.filter(|one| !one.pending.is_empty()) else {
        return Ok(None);
    };
    let asked = approvals::lookup(&session.base.vault, tx, org, id).await?;
    let open = asked.filter(|one| one.state == State::Pending && one.digest == digest(&record));
    let Some(approval) = open.and_then(|one| one.approval) else { return Ok(None) };
    let Some(loaded) = customer_file::regardless(tx, session.viewer(), file).await? else { return Ok(None) };
    let shown = !session.pack().is_closed(&loaded.file.level) && loaded.file.require_open().is_ok();
    Ok(shown.then_some((loaded, record, approval)))
}
