//! Places at work: what is said of them in the journal, and the way to each (P-09, P-10).

use std::collections::{BTreeMap, BTreeSet};

use dossier_authority::Effect;
use dossier_authority::promise::Word;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Missing, Result};
use dossier_kernel::name;
use dossier_proto::journal::v1::PlaceChanged;
use dossier_proto::journal::v1::event::Kind;
use uuid::Uuid;

use super::customer_file::session::Session;
use crate::domain::place::{PLACES, Place, name_of};
use crate::store::place;

/// Most places on the way to one; packs have a few kinds.
const DEEPEST: usize = 16;

/// The titles on the way to a place, the outermost first, its own last.
pub type Way = Vec<String>;

/// The place that `text` names.
///
/// # Errors
/// A violation of `field`, `RESOURCE_NOT_FOUND`.
pub async fn named(session: &Session<'_>, tx: &mut Tx, field: &str, text: &str) -> Result<Place> {
    let id = name::id(field, PLACES, text)?;
    let found = place::lookup(tx, &session.call.org, id).await?;
    found.ok_or_else(|| Error::missing(Missing::Place, text))
}

/// Journals a place as it is now, and why it is so.
///
/// # Errors
/// `JOURNAL_FAULT`.
pub async fn journal(
    session: &Session<'_>,
    tx: &mut Tx,
    one: &Place,
    (action, reason, request_id): (&str, &str, &str),
) -> Result<()> {
    let event = PlaceChanged {
        place: one.name(),
        kind: one.kind.clone(),
        title: one.title.clone(),
        parent: one.parent.map(name_of).unwrap_or_default(),
        labels: one.labels.clone(),
        capacity: one.capacity.unwrap_or_default(),
        closed: one.closed,
        revision: one.version,
    };
    let subject = one.name();
    let words = [Word::reason(reason)];
    let effect = Effect { request_id, words: &words, ..Effect::new(action, &subject, Kind::PlaceChanged(event)) };
    session.base.record(tx, session.call, &session.principal.name(), effect).await.map(drop)
}

/// The way to each of these places.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn ways(tx: &mut Tx, org: &str, wanted: &BTreeSet<Uuid>) -> Result<BTreeMap<Uuid, Way>> {
    let (mut known, mut next) = (BTreeMap::<Uuid, Place>::new(), wanted.clone());
    for _ in 0..DEEPEST {
        let found = place::each(tx, org, &next).await?;
        next = found.values().filter_map(|one| one.parent).filter(|above| !known.contains_key(above)).collect();
        known.extend(found);
        if next.is_empty() {
            break;
        }
    }
    Ok(wanted.iter().map(|id| (*id, way(&known, *id))).collect())
}

fn way(known: &BTreeMap<Uuid, Place>, id: Uuid) -> Way {
    let above = |one: &&Place| one.parent.and_then(|parent| known.get(&parent));
    let mut way: Way =
        std::iter::successors(known.get(&id), above).take(DEEPEST).map(|one| one.title.clone()).collect();
    way.reverse();
    way
}
