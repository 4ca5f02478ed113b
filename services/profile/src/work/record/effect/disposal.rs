//! `disposal.announce`, `disposal.keep`, `disposal.destroy`: the files that a list names end, or stay after all.

use std::collections::BTreeSet;

use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::name;
use dossier_proto::types::Row;
use dossier_regime::{Action, EffectKind, StageEffect};
use uuid::Uuid;

use super::super::Change;
use super::custody::rows;
use super::{named, value};
use crate::domain::fact::meets;
use crate::domain::form::{path, plain};
use crate::domain::item::ids;
use crate::domain::record::PART;
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
    for (field, text) in lines(change, effect)? {
        let id = file_of(&field, &text)?;
        if id == change.opened.loaded.file.id {
            return Err(Error::violation(field, "names the file that the list lies in"));
        }
        if !done.insert(id) {
            return Err(Error::violation(field, "names one file twice"));
        }
        let loaded = reach(session, tx, id).await?;
        let ended = match effect.does {
            EffectKind::DisposalAnnounce => disposal::announce(session, tx, record, &loaded, request_id).await,
            EffectKind::DisposalKeep => disposal::keep(session, tx, record, &loaded, request_id).await,
            EffectKind::DisposalDestroy => disposal::destroy(session, tx, record, &loaded, request_id).await,
            _ => Err(Error::new(Reason::PackFault).with("place", PART)),
        };
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

// What the field or each row names, and where it stands in the form.
fn lines(change: &Change<'_>, effect: &StageEffect) -> Result<Vec<(String, String)>> {
    let (group, column) = effect.moved().unwrap_or_default();
    if group.is_empty() {
        let text = named(&change.opened, column)?.ok_or_else(|| Error::violation(path(column), NOTHING))?;
        return Ok(vec![(path(column), text)]);
    }
    let wanted = |row: &Row| {
        let asked = effect.when.iter().filter_map(|(fact, expected)| Some((effect.of_row(fact)?, expected)));
        let cell = |column: &str| row.cells.get(column).map(plain);
        asked.into_iter().all(|(column, expected)| cell(column).is_some_and(|found| meets(&found, expected, cell)))
    };
    let line = |row: Row| {
        let field = format!("{}.{}.{column}", path(group), row.id);
        let text = row.cells.get(column).map(plain).filter(|text| !text.is_empty());
        text.map(|text| (field.clone(), text)).ok_or_else(|| Error::violation(field, NOTHING))
    };
    rows(value(&change.opened, group)?).into_iter().filter(wanted).map(line).collect()
}
