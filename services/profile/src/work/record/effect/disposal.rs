//! `disposal.announce`, `disposal.keep`, `disposal.destroy`: the files that a list names end, or stay after all.

use std::collections::BTreeSet;

use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::name;
use dossier_regime::{Action, StageEffect};
use uuid::Uuid;

use super::super::Change;
use super::cells::{Cell, cells};
use crate::domain::item::ids;
use crate::store::customer_file::{self, Loaded};
use crate::work::customer_file::session::Session;
use crate::work::disposal;

const NOTHING: &str = "must name a file";

/// Does it to every file that the field or the rows name; to all of them, or the stage is not entered.
///
/// # Errors
/// `FIELD_VIOLATION` of the cell that names nothing, the same file twice or the file of the list itself; `RESOURCE_NOT_FOUND`,
/// `PERMISSION_DENIED`, `WRONG_STATE`; `DISPOSAL_REFUSED` with every ground and, in `field`, the cell.
pub(super) async fn happen(
    session: &Session<'_>,
    tx: &mut Tx,
    change: &Change<'_>,
    effect: &StageEffect,
) -> Result<()> {
    let (record, request_id) = (&change.opened.record, change.request_id);
    let mut done = BTreeSet::new();
    for Cell { field, text, .. } in cells(&change.opened, effect, NOTHING)?.unwrap_or_default() {
        let id = file_of(&field, &text)?;
        if id == change.opened.loaded.file.id {
            return Err(Error::violation(field, "names the file that the list lies in"));
        }
        if !done.insert(id) {
            return Err(Error::violation(field, "names one file twice"));
        }
        let loaded = reach(session, tx, id).await?;
        let ended = disposal::act(session, tx, effect.does, (record, &loaded), request_id).await;
        ended.map_err(
            |fault| if fault.reason() == Reason::DisposalRefused { fault.with("field", field) } else { fault },
        )?;
    }
    Ok(())
}

// A file, by its own name or by that of its paper.
fn file_of(field: &str, text: &str) -> Result<Uuid> {
    match ids(field, text) {
        Ok((file, item)) if file == item => Ok(file),
        Ok(_) => Err(Error::violation(field, "must name a file, or the paper of one")),
        Err(_) => name::id(field, "files", text),
    }
}

// A file that the caller works on by standing access, and that nobody changes until the transaction ends.
async fn reach(session: &Session<'_>, tx: &mut Tx, id: Uuid) -> Result<Loaded> {
    let loaded = session.load_to_change(tx, id, Action::FileRead).await?;
    customer_file::lock(tx, &session.call.org, &loaded.file).await?;
    Ok(loaded)
}
