//! `custody.accept`, `custody.place`, `custody.release`: what is physical moves with the record that is signed for it (P-106, A-36, C-30).

use std::collections::BTreeSet;

use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::name;
use dossier_regime::{EffectKind, StageEffect};
use uuid::Uuid;

use super::super::Change;
use super::cells::cells;
use super::named;
use crate::domain::form::path;
use crate::domain::item::By;
use crate::domain::record::PART;
use crate::store::record::signature;
use crate::work::customer_file::session::Session;
use crate::work::item::{Goal, Thing, move_to, paper, thing};
use crate::work::place;

const NOTHING: &str = "must name what moves";

// A thing, and where the form says it goes to.
struct Line {
    thing: Thing,
    at: Option<(String, String)>,
}

/// Moves the paper of the file, or what each row names. All of it moves, or the stage is not entered.
///
/// # Errors
/// `FIELD_VIOLATION` of the cell that names nothing, or the same thing twice; `RESOURCE_NOT_FOUND`, `PERMISSION_DENIED`, `WRONG_STATE`,
/// `CUSTODY_REFUSED`.
pub(super) async fn happen(
    session: &Session<'_>,
    tx: &mut Tx,
    change: &Change<'_>,
    (stage, effect): (&str, &StageEffect),
) -> Result<()> {
    let by = by(session, tx, change, stage).await?;
    let holder = holder(session, tx, change, effect).await?;
    let mut moved = BTreeSet::new();
    for line in lines(session, tx, change, effect).await? {
        if !moved.insert(line.thing.id) {
            let field = effect.each.as_deref().unwrap_or_default();
            return Err(Error::violation(path(field), "names one thing twice"));
        }
        let place = match &line.at {
            Some((field, text)) => Some(place::named(session, tx, field, text).await?),
            None => None,
        };
        let goal = match (effect.does, place, holder) {
            (EffectKind::CustodyRelease, _, Some(holder)) => Goal::Released(holder),
            (EffectKind::CustodyPlace, Some(place), _) => Goal::Placed(place),
            (EffectKind::CustodyPlace, None, _) => {
                let field = effect.at.as_deref().unwrap_or_default();
                return Err(Error::violation(path(field), "must name the place"));
            }
            (EffectKind::CustodyAccept, place, _) => Goal::Accepted(place),
            _ => return Err(Error::new(Reason::PackFault).with("place", PART)),
        };
        move_to(session, tx, line.thing, goal, (by, change.request_id)).await?;
    }
    Ok(())
}

// Who signed for this stage: their hands move what moves.
async fn by(session: &Session<'_>, tx: &mut Tx, change: &Change<'_>, stage: &str) -> Result<By> {
    let record = &change.opened.record;
    let signatures = signature::of_record(tx, &session.call.org, record.id).await?;
    let counting = signatures.iter().filter(|one| one.stage == stage && one.counts(record));
    let hands = counting.map(|one| one.signer).collect::<BTreeSet<_>>().len();
    Ok(By { record: (record.file, record.id), hands, now: session.call.now })
}

async fn holder(session: &Session<'_>, tx: &mut Tx, change: &Change<'_>, effect: &StageEffect) -> Result<Option<Uuid>> {
    let (EffectKind::CustodyRelease, Some(field)) = (effect.does, effect.to.as_deref()) else { return Ok(None) };
    let given = named(&change.opened, field)?;
    let given = given.ok_or_else(|| Error::violation(path(field), "must name who takes it"))?;
    let person = name::id(&path(field), "persons", &given)?;
    session.require_person(tx, person).await?;
    Ok(Some(person))
}

async fn lines(session: &Session<'_>, tx: &mut Tx, change: &Change<'_>, effect: &StageEffect) -> Result<Vec<Line>> {
    let own = &change.opened.loaded;
    let alone = match effect.place() {
        Some(("", field)) => named(&change.opened, field)?.map(|text| (path(field), text)),
        _ => None,
    };
    let Some(cells) = cells(&change.opened, effect, NOTHING)? else {
        return Ok(vec![Line { thing: paper(session, tx, &own.file).await?, at: alone }]);
    };
    let mut lines = Vec::with_capacity(cells.len());
    for cell in cells {
        let at = match effect.place() {
            // The place of each stands in its row.
            Some((group, column)) if !group.is_empty() => cell.beside(column),
            _ => alone.clone(),
        };
        lines.push(Line { thing: thing(session, tx, own, (&cell.field, &cell.text)).await?, at });
    }
    Ok(lines)
}
