//! `record.open`: one record makes the next (P-24, P-33, P-86).

use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_regime::{RecordKind, StageEffect, Template};

use super::super::{Change, begin, enter_first, require_living, save, template};
use crate::domain::changed::Writing;
use crate::domain::record::{PART, facts};
use crate::work::customer_file::session::Session;
use crate::work::record::CREATED;

/// Makes a record in the file, by who enters the stage; under this record where its kind says so.
///
/// # Errors
/// `STAGE_UNMET` while the file has the one of its kind that it may have.
pub(super) async fn happen(
    session: &Session<'_>,
    tx: &mut Tx,
    change: &Change<'_>,
    effect: &StageEffect,
) -> Result<()> {
    let wanted = effect.kind.as_deref().unwrap_or_default();
    let kind = session.pack().record(wanted).ok_or_else(|| Error::new(Reason::PackFault).with("place", PART))?;
    make(session, tx, change, (kind, template(session, &kind.template)?), Writing::default()).await
}

/// As [`happen`], of this kind, with what is written into it.
///
/// # Errors
/// As [`happen`].
pub(super) async fn make(
    session: &Session<'_>,
    tx: &mut Tx,
    change: &Change<'_>,
    (kind, form): (&RecordKind, &Template),
    writing: Writing,
) -> Result<()> {
    let above = &change.opened.record;
    require_living(session, &change.opened.loaded.file, &kind.id)?;
    let mut opened = begin(session, change.opened.loaded.clone(), kind, form)?;
    opened.record.of = kind.of.as_ref().map(|_| above.id);
    enter_first(session, tx, &mut opened, (kind, form)).await?;
    let mut made = Change { writing, ..change.next(opened, CREATED) };
    match save(session, tx, form, &mut made).await? {
        true => Ok(()),
        false => Err(facts::in_the_way(above, &kind.id)),
    }
}
