//! `volume.close`: what is bound stays bound (P-67, P-98).

use std::collections::BTreeSet;

use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Result};
use dossier_regime::StageEffect;
use uuid::Uuid;

use super::super::Change;
use super::cells::{Cell, cells};
use crate::domain::form::path;
use crate::domain::volume::ids;
use crate::work::customer_file::session::Session;
use crate::work::volume::close::close;

const NOTHING: &str = "must name the volume that is closed";

/// Closes the volumes that the record names, or all of its file. All of them are closed, or the stage is not entered.
///
/// # Errors
/// `FIELD_VIOLATION` of the field that names none, one of another file, or one twice; `RESOURCE_NOT_FOUND`, `WRONG_STATE`,
/// `VOLUME_REFUSED`.
pub(super) async fn happen(
    session: &Session<'_>,
    tx: &mut Tx,
    change: &Change<'_>,
    effect: &StageEffect,
) -> Result<()> {
    let opened = &change.opened;
    let wanted = cells(opened, effect, NOTHING)?.map(|cells| volumes(change, cells)).transpose()?;
    let field =
        effect.moved().map_or_else(|| path("volume"), |(group, key)| path(if group.is_empty() { key } else { group }));
    let about = (&opened.loaded, &opened.record);
    close(session, tx, about, (wanted.as_ref(), &field), change.request_id).await
}

fn volumes(change: &Change<'_>, cells: Vec<Cell>) -> Result<BTreeSet<Uuid>> {
    let mut wanted = BTreeSet::new();
    for Cell { field, text, .. } in cells {
        if !wanted.insert(own(change, &field, &text)?) {
            return Err(Error::violation(field, "names one volume twice"));
        }
    }
    Ok(wanted)
}

fn own(change: &Change<'_>, field: &str, text: &str) -> Result<Uuid> {
    let (file, id) = ids(field, text)?;
    match file == change.opened.loaded.file.id {
        true => Ok(id),
        false => Err(Error::violation(field, "must name a volume of the same file")),
    }
}
