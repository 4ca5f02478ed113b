//! `record.void`: the unfinished records of a kind that concern this one end without effect (P-33).

use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_regime::StageEffect;

use super::super::{Change, reach, save, template};
use crate::domain::record::{PART, Record};
use crate::store::record;
use crate::work::customer_file::session::Session;

/// Ends them: what this belongs to, what belongs to it, or what belongs to the same; of a kind that has nothing to do with it, all of
/// the file.
///
/// # Errors
/// `WRONG_STATE` for one that waits for an approval, or whose effect has happened.
pub(super) async fn happen(
    session: &Session<'_>,
    tx: &mut Tx,
    change: &Change<'_>,
    effect: &StageEffect,
) -> Result<()> {
    let (org, own, pack) = (&session.call.org, &change.opened.record, session.pack());
    let fault = || Error::new(Reason::PackFault).with("place", PART);
    let kind = effect.kind.as_deref().and_then(|kind| pack.record(kind)).ok_or_else(fault)?;
    let near = pack.record(&own.kind).is_some_and(|mine| mine.is_related(kind)).then_some((own.id, own.of));
    let found = record::of_kind(tx, org, own.file, &kind.id, near).await?;
    for one in found.into_iter().filter(Record::is_open) {
        let mut opened = reach(session, tx, (change.opened.loaded.clone(), one)).await?;
        opened.record.require_idle()?;
        opened.record.void()?;
        let form = template(session, &opened.record.template)?;
        let mut ended = change.next(opened, "record.voided");
        save(session, tx, form, &mut ended).await?;
    }
    Ok(())
}
