//! `custody.accept`, `custody.place`, `custody.release`: what is physical moves with the record that is signed for it (P-106, A-36, C-30).

use std::collections::BTreeSet;

use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::name;
use dossier_proto::types::field_value::Value;
use dossier_proto::types::{FieldValue, Row};
use dossier_regime::{EffectKind, StageEffect};
use uuid::Uuid;

use super::super::Change;
use super::{named, value};
use crate::domain::form::{path, plain};
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
    let named = match effect.moved() {
        None => return Ok(vec![Line { thing: paper(session, tx, &own.file).await?, at: alone }]),
        Some(("", key)) => {
            let text = named(&change.opened, key)?.ok_or_else(|| Error::violation(path(key), NOTHING))?;
            vec![((path(key), text), alone)]
        }
        Some((group, column)) => cells(change, effect, (group, column), alone.as_ref())?,
    };
    let mut lines = Vec::with_capacity(named.len());
    for ((field, text), at) in named {
        lines.push(Line { thing: thing(session, tx, own, (&field, &text)).await?, at });
    }
    Ok(lines)
}

// A text that a form has in a place.
type Said = (String, String);

// What each row names, and where it goes to; `alone` is the place of all of them.
fn cells(
    change: &Change<'_>,
    effect: &StageEffect,
    (group, column): (&str, &str),
    alone: Option<&Said>,
) -> Result<Vec<(Said, Option<Said>)>> {
    let row = |row: Row| {
        let said = |column: &str| {
            let text = row.cells.get(column).map(plain).filter(|text| !text.is_empty());
            text.map(|text| (format!("{}.{}.{column}", path(group), row.id), text))
        };
        let empty = || Error::violation(format!("{}.{}.{column}", path(group), row.id), NOTHING);
        let at = match effect.place() {
            Some((group, column)) if !group.is_empty() => said(column),
            _ => alone.cloned(),
        };
        Ok((said(column).ok_or_else(empty)?, at))
    };
    rows(value(&change.opened, group)?).into_iter().map(row).collect()
}

/// The rows of a group.
pub(super) fn rows(value: Option<FieldValue>) -> Vec<Row> {
    match value.and_then(|value| value.value) {
        Some(Value::Rows(list)) => list.rows,
        _ => Vec::new(),
    }
}
