//! `volume.close`: what is bound stays bound (P-67, P-98).

use std::collections::BTreeSet;

use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Result};
use dossier_regime::StageEffect;
use uuid::Uuid;

use super::super::Change;
use super::custody::rows;
use super::{named, value};
use crate::domain::form::{path, plain};
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
    let wanted = match effect.moved() {
        None => None,
        Some(("", key)) => {
            let text = named(opened, key)?.ok_or_else(|| Error::violation(path(key), NOTHING))?;
            Some(BTreeSet::from([own(change, &path(key), &text)?]))
        }
        Some(at) => Some(cells(change, at)?),
    };
    let field =
        effect.moved().map_or_else(|| path("volume"), |(group, key)| path(if group.is_empty() { key } else { group }));
    let about = (&opened.loaded, &opened.record);
    close(session, tx, about, (wanted.as_ref(), &field), change.request_id).await
}

fn cells(change: &Change<'_>, (group, column): (&str, &str)) -> Result<BTreeSet<Uuid>> {
    let mut wanted = BTreeSet::new();
    for row in rows(value(&change.opened, group)?) {
        let at = format!("{}.{}.{column}", path(group), row.id);
        let text = row.cells.get(column).map(plain).filter(|text| !text.is_empty());
        let text = text.ok_or_else(|| Error::violation(&at, NOTHING))?;
        if !wanted.insert(own(change, &at, &text)?) {
            return Err(Error::violation(at, "names one volume twice"));
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
