//! `file.amend`: fields of the file take the values of fields of the record (P-08, P-49).

use std::collections::{BTreeMap, BTreeSet};

use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::faults::Faults;
use dossier_regime::{Sensitivity, StageEffect};

use super::super::Change;
use super::value;
use crate::domain::changed::{Rules, of_update};
use crate::domain::customer_file::Act;
use crate::domain::field_visibility::FieldVisibility;
use crate::domain::header::Path;
use crate::domain::typed::told;
use crate::work::customer_file::save::{self, save};
use crate::work::customer_file::session::Session;

/// Writes them, with the sources that the record gives; a field that the record leaves empty stays as it is.
///
/// # Errors
/// `FIELD_VIOLATION` and the like where the file's form asks for more than the record's, `WRONG_STATE`.
pub(super) async fn happen(
    session: &Session<'_>,
    tx: &mut Tx,
    change: &Change<'_>,
    effect: &StageEffect,
) -> Result<()> {
    let loaded = &change.opened.loaded;
    let mut given = BTreeMap::new();
    // As a caller gives them: the form of the file takes values by their types.
    let form = super::super::template(session, &change.opened.record.template)?;
    for (key, from) in &effect.set {
        let Some(kept) = value(&change.opened, from)? else { continue };
        let value = match form.field(from) {
            Some(field) => told(field, kept),
            None => kept,
        };
        given.insert(key.clone(), value);
    }
    if given.is_empty() {
        return Ok(());
    }
    let after = loaded.file.after(Act::Update, session.call.now)?;
    let template = session.template(&after.template)?;
    let rules = Rules { origin: session.origin(), template, customer: after.customer_type, own: true };
    let mask: BTreeSet<_> = given.keys().cloned().map(Path::Field).collect();
    // Who signs the record was shown what it says; lint keeps it from where more people would read it.
    let visibility = FieldVisibility::standing(Sensitivity::Secret);
    let mut faults = Faults::default();
    let writing = of_update(rules, &mask, &given, &loaded.content.keys(), &visibility, &mut faults)?.checked(faults)?;
    let amending = save::Change::of(Act::Update, loaded, after, change.reason.clone(), change.request_id);
    save(session, tx, &session.seal(loaded)?, template, save::Change { writing, ..amending }).await.map(drop)
}
