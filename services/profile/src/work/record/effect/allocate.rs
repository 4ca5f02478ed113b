//! `file.allocate`: the file gets the custodian whom the record names (P-22).

use dossier_authority::act::OnFile;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Result};
use dossier_kernel::name;
use dossier_regime::{GuardedAct, StageEffect};

use super::super::Change;
use super::named;
use crate::domain::custody::Custody;
use crate::domain::customer_file::{Act, CustomerFile};
use crate::domain::form::path;
use crate::work::customer_file::custodian::require_keeper;
use crate::work::customer_file::save::{self, save};
use crate::work::customer_file::session::Session;

/// Hands the file over. Where the level binds that to an approval, a yes of the stage in the same matter counts; without it, refused.
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
    // Only the yes of the matter that decides hand-overs stands for it.
    let matter = session.pack().act(GuardedAct::FileHandOver).and_then(|rule| rule.matter.as_ref());
    let custody = match matter.is_some() && change.decided.granted.as_ref() == matter {
        true => Custody::Approved,
        false => {
            session.approved(tx, &loaded.file, OnFile::HandOver(keeper), "").await?;
            Custody::Given
        }
    };
    require_keeper(session, tx, &loaded.file, (keeper, &path(field))).await?;
    let after = CustomerFile { custodian: Some(keeper), custody, ..after };
    let template = session.template(&after.template)?;
    let approval = change.decided.approval.clone();
    let over = save::Change::of(Act::HandOver, loaded, after, change.reason.clone(), change.request_id);
    save(session, tx, &session.seal(loaded)?, template, save::Change { approval, ..over }).await.map(drop)
}
