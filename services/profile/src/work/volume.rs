//! Volumes at work: formed of papers, changed, closed by a record, each with its entry (P-92 to P-98).
//!
//! [`gather`](mod@gather) reads what the rules ask of the documents of a file, [`close`](mod@close) binds for good, [`event`] says what the
//! journal says.

pub mod close;
mod event;
pub mod gather;

use std::collections::{BTreeMap, BTreeSet};

use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Missing, Result};
use uuid::Uuid;

use super::customer_file::session::Session;
use crate::domain::document::{Document, name_of as document_name};
use crate::domain::volume::bundle::{bundles, sides, too_many};
use crate::domain::volume::compose::{Key, Open, Proposed, compose};
use crate::domain::volume::order::arrange;
use crate::domain::volume::paper::{Lies, Paper, by_id};
use crate::domain::volume::why::{Ground, Why};
use crate::domain::volume::{Against, Line, State, Volume, name_of, refused};
use crate::store::volume;
use gather::Gathered;

/// Why somebody forms or changes a volume, and by which call.
#[derive(Clone, Copy, Debug)]
pub struct Said<'r> {
    /// Why; empty: nothing was said.
    pub reason: &'r str,
    /// The call's `request_id`.
    pub request_id: &'r str,
}

// Documents with why they lie where they come to.
type Laid = BTreeMap<Uuid, Vec<Why>>;

/// What volumes the papers make that lie in none.
pub fn propose(gathered: &Gathered<'_>) -> Vec<Proposed> {
    compose(gathered.rule, &by_id(&gathered.papers), &gathered.open())
}

/// A new volume of these documents, as the rule forms it or, with a reason, otherwise.
///
/// # Errors
/// `RESOURCE_NOT_FOUND`, `VOLUME_REFUSED`, a violation of `reason`, `CONFLICT_RETRY`, `JOURNAL_FAULT`.
pub async fn form(
    session: &Session<'_>,
    tx: &mut Tx,
    gathered: &Gathered<'_>,
    wanted: &BTreeSet<Uuid>,
    said: Said<'_>,
) -> Result<Volume> {
    for id in wanted {
        gathered.require_free(*id)?;
    }
    let proposed = propose(gathered);
    let (key, laid) = match proposed.iter().find(|one| one.into.is_none() && documents(one) == *wanted) {
        Some(one) => (one.key.clone(), whys(one)),
        None => {
            said.require_reason()?;
            gathered.require_whole(wanted)?;
            gathered.require_apart(wanted)?;
            otherwise(gathered, &proposed, wanted)
        }
    };
    let (id, file) = (session.base.providers.ids.uuid(), gathered.file);
    let by = (session.principal.person, session.call.now);
    let number = gathered.volumes.last().map_or(1, |last| last.number + 1);
    let mut one = Volume::new((id, file), (number, &gathered.rule.id), &key, by);
    gathered.fill(session, &mut one, laid);
    volume::insert(tx, &session.call.org, &one).await?;
    for document in wanted {
        volume::lay(tx, &session.call.org, id, *document).await?;
    }
    event::journal(session, tx, &one, ("volume.created", BTreeSet::new()), said).await?;
    Ok(one)
}

// What is formed otherwise than by the rule is of the latest year and the longest class that the rule gives to any of it.
fn otherwise(gathered: &Gathered<'_>, proposed: &[Proposed], wanted: &BTreeSet<Uuid>) -> (Key, Laid) {
    let (apart, _) = sides(&by_id(&gathered.papers), wanted);
    let keys = proposed.iter().filter(|one| !documents(one).is_disjoint(wanted)).map(|one| one.key.clone());
    let key = Key { apart: !apart.is_empty(), ..keys.max().unwrap_or_default() };
    let own = proposed.iter().filter(|one| one.key == key).flat_map(whys).collect::<Laid>();
    let why = |id: &Uuid| own.get(id).cloned().unwrap_or_else(|| vec![Why::of(Ground::Moved)]);
    (key, wanted.iter().map(|id| (*id, why(id))).collect())
}

/// Lays a document, and what is kept together with it where it lies, into volume `to`, or takes it out of every volume.
///
/// # Errors
/// `RESOURCE_NOT_FOUND`, `WRONG_STATE`, `VOLUME_REFUSED`, a violation of `volume` or `reason`, `CONFLICT_RETRY`, `JOURNAL_FAULT`.
pub async fn move_to(
    session: &Session<'_>,
    tx: &mut Tx,
    gathered: &Gathered<'_>,
    (document, to): (Uuid, Option<Uuid>),
    said: Said<'_>,
) -> Result<Volume> {
    let (from, carried) = (gathered.around(document)?, gathered.carried(document));
    let to = to.map(|id| gathered.volume(id)).transpose()?;
    if from.map(|one| one.id) == to.map(|one| one.id) {
        return Err(Error::violation("volume", "is where the document lies"));
    }
    let laid = laid(gathered, &carried, to, said)?;
    let mut last = None;
    if let Some(from) = from {
        let mut from = from.clone();
        let left = from.contents.iter().filter(|line| !carried.contains(&line.document));
        let left = left.map(|line| (line.document, line.why.clone())).collect();
        for id in &carried {
            volume::lift(tx, &session.call.org, from.id, *id).await?;
        }
        gathered.fill(session, &mut from, left);
        last = Some(save(session, tx, from, carried.clone(), said).await?);
    }
    if let Some(to) = to {
        let mut to = to.clone();
        let before = to.contents.iter().map(|line| (line.document, line.why.clone()));
        let all = before.chain(laid).collect();
        for id in &carried {
            volume::lay(tx, &session.call.org, to.id, *id).await?;
        }
        gathered.fill(session, &mut to, all);
        last = Some(save(session, tx, to, BTreeSet::new(), said).await?);
    }
    last.ok_or_else(|| Error::violation("volume", "is where the document lies"))
}

// Why what is carried lies in `to`: by the rule, or because somebody says so.
fn laid(gathered: &Gathered<'_>, carried: &BTreeSet<Uuid>, to: Option<&Volume>, said: Said<'_>) -> Result<Laid> {
    let Some(to) = to else {
        said.require_reason()?;
        return Ok(Laid::new());
    };
    to.require_open()?;
    let all: BTreeSet<_> = to.contents.iter().map(|line| line.document).chain(carried.iter().copied()).collect();
    gathered.require_apart(&all)?;
    let free: Vec<Paper> = gathered.papers.iter().cloned().map(|one| freed(one, carried)).collect();
    let proposed = compose(gathered.rule, &by_id(&free), &gathered.open());
    let ruled = proposed.iter().find(|one| one.into == Some(to.id)).map(whys).unwrap_or_default();
    if carried.iter().all(|id| ruled.contains_key(id)) {
        return Ok(ruled.into_iter().filter(|(id, _)| carried.contains(id)).collect());
    }
    said.require_reason()?;
    Ok(carried.iter().map(|id| (*id, vec![Why::of(Ground::Moved)])).collect())
}

fn freed(one: Paper, carried: &BTreeSet<Uuid>) -> Paper {
    if carried.contains(&one.id) { Paper { lies: Lies::Free, ..one } } else { one }
}

async fn save(
    session: &Session<'_>,
    tx: &mut Tx,
    mut one: Volume,
    lifted: BTreeSet<Uuid>,
    said: Said<'_>,
) -> Result<Volume> {
    one.updated_at = one.updated_at.max(session.call.now);
    volume::update(tx, &session.call.org, &mut one).await?;
    event::journal(session, tx, &one, ("volume.changed", lifted), said).await?;
    Ok(one)
}

fn documents(one: &Proposed) -> BTreeSet<Uuid> {
    one.laid.iter().map(|laid| laid.document).collect()
}

fn whys(one: &Proposed) -> Laid {
    one.laid.iter().map(|laid| (laid.document, laid.why.clone())).collect()
}

/// What a change of a document does to the volume in which it lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Touch {
    /// What is said of it changes.
    Said,
    /// Another takes its place.
    Superseded,
    /// It ends.
    Void,
}

/// That a document is not bound against this: what lies in a closed volume stays as it is, unless the rule lets another take its place;
/// what lies in any volume does not end.
///
/// # Errors
/// `WRONG_STATE`.
pub async fn require_loose(session: &Session<'_>, tx: &mut Tx, one: &Document, touch: Touch) -> Result<()> {
    let Some(around) = volume::around(tx, &session.call.org, one.file, one.id).await? else { return Ok(()) };
    let lets = session.pack().volume(&around.rule).is_some_and(|rule| rule.superseding);
    let state = match (around.state, touch) {
        (State::Open, Touch::Void) => "in_volume",
        (State::Closed, Touch::Superseded) if lets => return Ok(()),
        (State::Closed, _) => "in_closed_volume",
        (State::Open, _) => return Ok(()),
    };
    Err(Error::wrong_state(one.name(), state, &["in_no_volume"]))
}

// === impl Said ===

impl Said<'_> {
    fn require_reason(self) -> Result<()> {
        match self.reason.is_empty() {
            true => Err(Error::violation("reason", "is required: the rule lays these documents elsewhere")),
            false => Ok(()),
        }
    }
}

// === impl Gathered ===

impl Gathered<'_> {
    /// The volumes that take more, the first first.
    pub fn open(&self) -> Vec<Open> {
        let open = self.volumes.iter().filter(|one| one.state == State::Open);
        open.map(|one| Open { id: one.id, key: one.key(|class| self.weight(class)) }).collect()
    }

    fn paper(&self, id: Uuid) -> Result<&Paper> {
        let missing = || Error::missing(Missing::Document, document_name(self.file, id));
        self.papers.iter().find(|one| one.id == id).ok_or_else(missing)
    }

    fn volume(&self, id: Uuid) -> Result<&Volume> {
        let missing = || Error::missing(Missing::Volume, name_of(self.file, id));
        self.volumes.iter().find(|one| one.id == id).ok_or_else(missing)
    }

    fn require_free(&self, id: Uuid) -> Result<()> {
        match self.paper(id)?.lies {
            Lies::Free => Ok(()),
            Lies::Open(_) | Lies::Closed(_) => Err(refused(document_name(self.file, id), Against::Elsewhere)),
            Lies::Never => Err(refused(document_name(self.file, id), Against::Unbound)),
        }
    }

    // That what is kept together lies in `wanted` as a whole, as far as it lies in no volume.
    fn require_whole(&self, wanted: &BTreeSet<Uuid>) -> Result<()> {
        let papers = by_id(&self.papers);
        for bundle in bundles(self.rule, &papers) {
            let free: BTreeSet<_> = bundle.free(&papers).map(|one| one.id).collect();
            if free.is_disjoint(wanted) {
                continue;
            }
            if let Some(split) = free.difference(wanted).next() {
                return Err(refused(document_name(self.file, *split), Against::Split));
            }
        }
        Ok(())
    }

    fn require_apart(&self, all: &BTreeSet<Uuid>) -> Result<()> {
        let papers = by_id(&self.papers);
        let first = all.iter().find(|id| papers.get(id).is_some_and(|one| one.apart));
        match first.filter(|_| too_many(self.rule, &papers, all)) {
            Some(id) => Err(refused(document_name(self.file, *id), Against::Guests)),
            None => Ok(()),
        }
    }

    // The open volume in which a document lies.
    fn around(&self, id: Uuid) -> Result<Option<&Volume>> {
        match self.paper(id)?.lies {
            Lies::Free => Ok(None),
            Lies::Never => Err(refused(document_name(self.file, id), Against::Unbound)),
            Lies::Open(volume) | Lies::Closed(volume) => {
                let found = self.volume(volume)?;
                found.require_open()?;
                Ok(Some(found))
            }
        }
    }

    // It, and what is kept together with it and lies where it lies.
    fn carried(&self, id: Uuid) -> BTreeSet<Uuid> {
        let papers = by_id(&self.papers);
        let lies = papers.get(&id).map(|one| one.lies);
        let bundle =
            bundles(self.rule, &papers).into_iter().find(|bundle| bundle.all.contains(&id)).unwrap_or_default();
        let same = |other: &Uuid| papers.get(other).map(|one| one.lies) == lies;
        bundle.all.into_iter().filter(same).chain([id]).collect()
    }

    /// Lays these documents into `one`, in order, with what follows from them: its level, and how much there is.
    pub fn fill(&self, session: &Session<'_>, one: &mut Volume, laid: Laid) {
        let papers = by_id(&self.papers);
        let all = laid.keys().copied().collect();
        let lying: Vec<_> = all_of(&papers, &all);
        one.apart = lying.iter().any(|paper| paper.apart);
        one.level = self.level(session, one.apart);
        one.sheets = lying.iter().map(|paper| paper.sheets).sum();
        one.pages = lying.iter().map(|paper| paper.pages).sum();
        let why = |id: &Uuid| laid.get(id).cloned().unwrap_or_default();
        one.contents = arrange(self.rule, &papers, &all).iter().map(|id| Line::new(*id, why(id))).collect();
    }
}

fn all_of<'p>(papers: &crate::domain::volume::paper::Papers<'p>, all: &BTreeSet<Uuid>) -> Vec<&'p Paper> {
    all.iter().filter_map(|id| papers.get(id)).copied().collect()
}
