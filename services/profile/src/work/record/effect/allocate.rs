//! `file.allocate`: the file gets the custodian whom the record names (P-22).

use dossier_authority::act::OnFile;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Result};
use dossier_kernel::name;
use dossier_regime::StageEffect;

use super::super::Change;
use super::named;
use crate::domain::custody::Custody;
use crate::domain::customer_file::{Act, CustomerFile};
use crate::domain::form::path;
use crate::work::customer_file::custodian::require_keeper;
use crate::work::customer_file::save::{self, save};
use crate::work::customer_file::session::Session;

/// Hands the file over. Where the level binds that to an approval, that of the stage counts; without one it is refused.
///
/// # Errors
/// `FIELD_VIOLATION` of the field when it names nobody who may keep the file, `APPROVAL_REQUIRED`, `WRONG_STATE`.
pub(super) async fn happen(
    session: &Session<'_>,
    tx: &mut Tx,
    change: &Change<'_>,
    effect: &StageEffect,
) -> Result<()> {
    let (loaded, field) = (&change.opened.loaded, effect.to.as_deref().unwrap_or_default());
    let given =
        named(&change.opened, field)?.ok_or_else(|| Error::violation(path(field), "must name who keeps the file"))?;
    let keeper = name::id(&path(field), "persons", &given)?;
    // Who keeps it already is asked for nothing.
    if loaded.file.custodian == Some(keeper) {
        return Ok(());
    }
    let after = loaded.file.after(Act::HandOver, session.call.now)?;
    let custody = match change.approval.is_empty() {
        true => {
            session.approved(tx, &loaded.file, OnFile::HandOver(keeper), "").await?;
            Custody::Given
        }
        false => Custody::Approved,
    };
    require_keeper(session, tx, &loaded.file, (keeper, &path(field))).await?;
    let after = CustomerFile { custodian: Some(keeper), custody, ..after };
    let template = session.template(&after.template)?;
    let approval = change.approval.clone();
    let over = save::Change::of(Act::HandOver, loaded, after, change.reason.clone(), change.request_id);
    save(session, tx, &session.seal(loaded)?, template, save::Change { approval, ..over }).await.map(drop)
}
