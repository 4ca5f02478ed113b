//! What a stage does beside being entered: once, in the transaction that enters it, or not at all (P-22, P-24, P-33, P-38, P-106,
//! P-109, C-06).
//!
//! # To add an effect
//! 1. A word of `EffectKind` in the pack's language, with what it needs, and its lint.
//! 2. A file here with one function; [`happen`] calls it.
//! 3. Its guard: what must hold beside the stage. What it refuses refuses the stage, with nothing done.

mod activate;
mod allocate;
mod amend;
mod cells;
mod close;
mod count;
mod custody;
mod disposal;
mod extend;
mod hold;
mod open;
mod void;
mod volume;

use std::collections::{BTreeMap, BTreeSet};

use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_proto::types::FieldValue;
use dossier_regime::{EffectKind, StageEffect};

use super::{Change, Opened};
use crate::domain::fact::{fact_of, hold};
use crate::domain::form::plain;
use crate::store::customer_file;
use crate::work::customer_file::session::{Session, not_found};

/// Notes which stages that the revision `coming` enters have an effect that happens: those do something for good.
///
/// # Errors
/// `SEAL_BROKEN`.
pub(super) fn note(session: &Session<'_>, opened: &mut Opened<'_>, coming: i64) -> Result<()> {
    let Some(kind) = session.pack().record(&opened.record.kind) else { return Ok(()) };
    let mut acting = BTreeSet::new();
    for step in opened.record.steps.iter().filter(|step| step.revision == coming) {
        for effect in kind.stage(&step.stage).iter().flat_map(|stage| &stage.effects) {
            if holds(opened, effect)? {
                acting.insert(step.stage.clone());
            }
        }
    }
    opened.record.note_done(coming, |stage| acting.contains(stage));
    Ok(())
}

/// Does what the stages that `change` entered do.
///
/// # Errors
/// What the guard of an effect demands.
pub(super) async fn happen(session: &Session<'_>, tx: &mut Tx, change: &mut Change<'_>) -> Result<()> {
    let record = &change.opened.record;
    let Some(kind) = session.pack().record(&record.kind) else { return Ok(()) };
    // What was done before the record was corrected is not done again.
    let entered = record.done.iter().filter(|step| step.revision == record.version);
    let stages: Vec<_> = entered.filter_map(|step| kind.stage(&step.stage)).collect();
    for stage in stages {
        for effect in &stage.effects {
            if holds(&change.opened, effect)? {
                Box::pin(one(session, tx, change, (stage.id.as_str(), effect))).await?;
            }
        }
        if stage.is_final && kind.does(EffectKind::DisposalAnnounce) {
            // A list that ends leaves nothing announced for ever.
            crate::work::disposal::give_up(session, tx, &change.opened.record, change.request_id).await?;
        }
    }
    Ok(())
}

async fn one(
    session: &Session<'_>,
    tx: &mut Tx,
    change: &mut Change<'_>,
    (stage, effect): (&str, &StageEffect),
) -> Result<()> {
    match effect.does {
        EffectKind::FileActivate => activate::happen(session, tx, change).await?,
        EffectKind::FileClose => close::happen(session, tx, change).await?,
        EffectKind::FileAllocate => allocate::happen(session, tx, change, effect).await?,
        EffectKind::FileAmend => amend::happen(session, tx, change, effect).await?,
        EffectKind::RecordOpen => return open::happen(session, tx, change, effect).await,
        EffectKind::RecordVoid => return void::happen(session, tx, change, effect).await,
        EffectKind::DutyExtend => return extend::happen(session, tx, change, effect).await,
        EffectKind::CustodyCount => return count::happen(session, tx, change, effect).await,
        EffectKind::CustodyAccept | EffectKind::CustodyPlace | EffectKind::CustodyRelease => {
            return custody::happen(session, tx, change, (stage, effect)).await;
        }
        EffectKind::VolumeClose => return volume::happen(session, tx, change, effect).await,
        EffectKind::HoldPlace => return hold::place(session, tx, change).await,
        EffectKind::HoldRelease => return hold::release(session, tx, change, effect).await,
        EffectKind::DisposalAnnounce | EffectKind::DisposalKeep | EffectKind::DisposalDestroy => {
            return disposal::happen(session, tx, change, effect).await;
        }
    }
    // The next effect meets the file as this one left it.
    let id = change.opened.loaded.file.id;
    let now = customer_file::regardless(tx, session.viewer(), id).await?;
    change.opened.loaded = now.ok_or_else(|| not_found(id))?;
    Ok(())
}

fn holds(opened: &Opened<'_>, effect: &StageEffect) -> Result<bool> {
    // What is asked of rows is asked of each.
    let own = || effect.when.iter().filter(|(fact, _)| effect.of_row(fact).is_none());
    let mut values = BTreeMap::new();
    for (key, _) in own() {
        values.extend(value(opened, key)?.map(|value| (key.clone(), plain(&value))));
    }
    Ok(hold(own(), |fact| values.get(fact).cloned().or_else(|| fact_of(&opened.loaded.file, fact))))
}

/// What the record says in a field.
fn value(opened: &Opened<'_>, key: &str) -> Result<Option<FieldValue>> {
    opened.content.field(&opened.seal, key)
}

/// The name of what a field refers to; `None`: it is empty.
fn named(opened: &Opened<'_>, key: &str) -> Result<Option<String>> {
    Ok(value(opened, key)?.map(|value| plain(&value)).filter(|name| !name.is_empty()))
}
