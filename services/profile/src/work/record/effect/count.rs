//! `custody.count`: what was found in a place is held against what should lie there; each difference opens a case.

use std::collections::{BTreeMap, BTreeSet};

use dossier_authority::store::loan;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::faults::Faults;
use dossier_proto::types::field_value::Value;
use dossier_proto::types::{Choice, FieldValue};
use dossier_regime::{RecordKind, StageEffect, Template};

use super::super::{Change, rules, template};
use super::cells::rows;
use super::{named, open, value};
use crate::domain::changed::of_form;
use crate::domain::form::{path, plain};
use crate::domain::item::{self as rule, Difference, differences};
use crate::domain::record::PART;
use crate::store::{customer_file, item, place};
use crate::work::customer_file::session::Session;
use crate::work::item::{Thing, thing};
use crate::work::place::named as place_named;

/// Most items that are counted at a time.
const MOST_COUNTED: i64 = 5_000;

/// Makes a case of each difference, by who enters the stage. Of what they do not see by standing access nothing is counted (I10), and
/// what is lent is where it should be.
///
/// # Errors
/// `FIELD_VIOLATION` of the place, of a cell that names nothing, or where more lies there than is counted at a time;
/// `RESOURCE_NOT_FOUND`, `PERMISSION_DENIED`.
pub(super) async fn happen(
    session: &Session<'_>,
    tx: &mut Tx,
    change: &Change<'_>,
    effect: &StageEffect,
) -> Result<()> {
    let fault = || Error::new(Reason::PackFault).with("place", PART);
    let kind = effect.kind.as_deref().and_then(|kind| session.pack().record(kind)).ok_or_else(fault)?;
    let form = template(session, &kind.template)?;
    let (here, held) = should_lie(session, tx, change, effect).await?;
    let found = found(session, tx, change, effect).await?;
    let lying = found.iter().map(|one| (rule::name_of(one.file.id, one.id), one.item.as_ref()));
    for one in differences(&here, &held, lying) {
        open_case(session, tx, (change, effect), (kind, form), &one).await?;
    }
    Ok(())
}

// The places that are counted, and what should lie in them as far as the caller may know.
async fn should_lie(
    session: &Session<'_>,
    tx: &mut Tx,
    change: &Change<'_>,
    effect: &StageEffect,
) -> Result<(BTreeSet<uuid::Uuid>, Vec<rule::Item>)> {
    let (org, field) = (&session.call.org, effect.at.as_deref().unwrap_or_default());
    let given = named(&change.opened, field)?;
    let given = given.ok_or_else(|| Error::violation(path(field), "must name the place"))?;
    let root = place_named(session, tx, &path(field), &given).await?;
    let here = place::below(tx, org, root.id).await?;
    if place::taken(tx, org, &here).await?.values().sum::<i64>() > MOST_COUNTED {
        return Err(Error::violation(path(field), format!("holds more than {MOST_COUNTED} items: count its parts")));
    }
    let mut held = item::lying(tx, org, &here).await?;
    let files = held.iter().map(|one| one.file).collect();
    let seen = customer_file::standing(tx, session.viewer(), &files).await?;
    let lent = loan::of_items(tx, org, &held.iter().map(|one| one.id).collect()).await?;
    held.retain(|one| seen.contains_key(&one.file) && !lent.contains_key(&one.id));
    Ok((here, held))
}

async fn found(session: &Session<'_>, tx: &mut Tx, change: &Change<'_>, effect: &StageEffect) -> Result<Vec<Thing>> {
    let (own, (group, column)) = (&change.opened.loaded, effect.moved().unwrap_or_default());
    let mut found = Vec::new();
    for row in rows(value(&change.opened, group)?) {
        let at = format!("{}.{}.{column}", path(group), row.id);
        let text = row.cells.get(column).map(plain).unwrap_or_default();
        found.push(thing(session, tx, own, (&at, &text)).await?);
    }
    Ok(found)
}

async fn open_case(
    session: &Session<'_>,
    tx: &mut Tx,
    (change, effect): (&Change<'_>, &StageEffect),
    (kind, form): (&RecordKind, &Template),
    one: &Difference,
) -> Result<()> {
    let mut fields = BTreeMap::new();
    for (key, part) in &effect.set {
        let value = match part.as_str() {
            "item" => Value::Reference(one.item.clone()),
            _ => Value::Choice(Choice { id: one.finding.to_string(), label: String::new() }),
        };
        fields.insert(key.clone(), FieldValue { value: Some(value), provenance: source(change, effect)? });
    }
    let mut faults = Faults::default();
    let writing = of_form(rules(session, &change.opened.loaded, form), &fields, &mut faults).checked(faults)?;
    open::make(session, tx, change, (kind, form), writing).await
}

// Where the list of what was found has its source from, so has what follows from it.
fn source(change: &Change<'_>, effect: &StageEffect) -> Result<Option<dossier_proto::types::Provenance>> {
    let group = effect.moved().map(|(group, _)| group).unwrap_or_default();
    Ok(value(&change.opened, group)?.and_then(|value| value.provenance))
}
