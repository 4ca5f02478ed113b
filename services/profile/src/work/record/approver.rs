//! Who may sign the open step of an approval reads the record that it is about: nobody signs unseen.
//!
//! Who that is, access alone knows: posts, letters, groups, earlier voices. It is asked in the caller's name, while no connection is
//! held, whether such a record is there or not: the time of a refusal tells nothing (I10). Of a file at a closed level nothing is
//! shown: it is decided about by number and register line alone.

use dossier_authority::approvals::{self, Approvals, State, Submission};
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::name;
use dossier_regime::RecordKind;
use uuid::Uuid;

use super::approval::digest;
use super::{Opened, reach, require_living};
use crate::domain::record::{PART, Record};
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
    (file, id): (Uuid, Uuid),
) -> Result<Option<(Opened<'a>, String)>> {
    if !session.pack().records.iter().any(RecordKind::asks_approval) {
        return Ok(None);
    }
    let waiting = match approvals.waiting_for(session.call, &name::below("files", file, PART, id)).await {
        Ok(waiting) => waiting,
        Err(fault) => {
            tracing::debug!(?fault, "whether an approval waits for the caller is not known");
            None
        }
    };
    let Some((approval, level)) = waiting else { return Ok(None) };
    let tx = &mut session.base.db.read().await?;
    // It may have been decided, taken back or raised while access was asked.
    let Some((loaded, record)) = asked(session, tx, (file, id), approval).await? else { return Ok(None) };
    if session.pack().rank(&loaded.file.level) > session.pack().rank(&level) {
        return Ok(None);
    }
    session.require_fresh(&loaded.file.level)?;
    Ok(Some((reach(session, tx, (loaded, record)).await?, name::name("approvals", approval))))
}

// The record, where `approval` is open about exactly what it says.
async fn asked(
    session: &Session<'_>,
    tx: &mut Tx,
    (file, id): (Uuid, Uuid),
    approval: Uuid,
) -> Result<Option<(Loaded, Record)>> {
    let org = &session.call.org;
    let Some(record) = record::lookup(tx, org, file, id).await? else { return Ok(None) };
    let asked = approvals::lookup(&session.base.vault, tx, org, id).await?;
    let open = |one: &Submission| one.state == State::Pending && one.digest == digest(&record);
    if asked.filter(open).is_none_or(|one| one.approval != Some(approval)) {
        return Ok(None);
    }
    let Some(loaded) = customer_file::regardless(tx, session.viewer(), file).await? else { return Ok(None) };
    let shown =
        !session.pack().is_closed(&loaded.file.level) && require_living(session, &loaded.file, &record.kind).is_ok();
    Ok(shown.then_some((loaded, record)))
}
