//! Places: where paper is kept (P-09, P-10, P-103, C-31).

use std::collections::BTreeMap;

use dossier_kernel::error::{Error, Result, one_of};
use dossier_kernel::faults::Faults;
use dossier_kernel::{etag, name};
use dossier_proto::profile::v1 as wire;
use dossier_regime::{Pack, PlaceKind};
use jiff::Timestamp;
use uuid::Uuid;

use super::text::{Lines, flaw, tidy};

/// What stands in the names of places.
pub const PLACES: &str = "places";
/// Longest title, in characters.
const LONGEST_TITLE: usize = 60;

/// A place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its id.
    pub id: Uuid,
    /// Its kind in the pack.
    pub kind: String,
    /// What is written on it.
    pub title: String,
    /// The place that it stands in.
    pub parent: Option<Uuid>,
    /// The label of each axis that its kind keeps things together by.
    pub labels: BTreeMap<String, String>,
    /// Most items in it; `None`: any number.
    pub capacity: Option<i64>,
    /// Whether it takes nothing more.
    pub closed: bool,
    /// Who made it.
    pub creator: Uuid,
    /// When.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// How often its row changed, from 1.
    pub version: i64,
}

/// A new place, as far as it can be judged without others.
#[derive(Clone, Debug)]
pub struct Given<'p> {
    /// Its kind.
    pub kind: &'p PlaceKind,
    /// What is written on it.
    pub title: String,
    /// The place that it stands in.
    pub parent: Option<Uuid>,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
}

// === impl Given ===

impl<'p> Given<'p> {
    /// What a call says of a new place.
    ///
    /// # Errors
    /// Violations of `place`.
    pub fn read(pack: &'p Pack, given: &wire::Place) -> Result<Self> {
        let mut faults = Faults::default();
        let kind = pack.place(&given.kind);
        if kind.is_none() {
            faults.add("place.kind", one_of(pack.places.iter().map(|kind| kind.id.as_str())));
        }
        let title = title(&given.title, &mut faults);
        let parent = match given.parent.as_str() {
            "" => None,
            text => faults.absorb(name::id("place.parent", PLACES, text)),
        };
        if let Some(kind) = kind {
            match (kind.within.is_empty(), given.parent.is_empty()) {
                (true, false) => faults.add("place.parent", "must be empty: places of this kind stand by themselves"),
                (false, true) => faults.add("place.parent", "is required: places of this kind stand in others"),
                _ => {}
            }
            labels(pack, kind, &given.labels, &mut faults);
        }
        let kind = faults.finish_with(kind)?;
        Ok(Self { kind, title, parent, labels: given.labels.clone() })
    }

    /// That it stands in `above`.
    ///
    /// # Errors
    /// A violation of `place.parent`, `WRONG_STATE` when that is closed.
    pub fn require_in(&self, above: &Place) -> Result<()> {
        if !self.kind.within.contains(&above.kind) {
            let kinds = one_of(self.kind.within.iter().map(String::as_str));
            return Err(Error::violation(
                "place.parent",
                format!("must be of a kind in which such places stand: {kinds}"),
            ));
        }
        match above.closed {
            true => Err(Error::wrong_state(above.name(), "closed", &["open"])),
            false => Ok(()),
        }
    }

    /// The place.
    pub fn place(self, id: Uuid, creator: Uuid, now: Timestamp) -> Place {
        Place {
            id,
            kind: self.kind.id.clone(),
            title: self.title,
            parent: self.parent,
            labels: self.labels,
            capacity: self.kind.holds.map(i64::from),
            closed: false,
            creator,
            created_at: now,
            updated_at: now,
            version: 1,
        }
    }
}

// === impl Place ===

impl Place {
    /// `places/{uuid}`.
    pub fn name(&self) -> String {
        name_of(self.id)
    }

    /// Refuses a change that was based on another version.
    ///
    /// # Errors
    /// `ETAG_STALE`.
    pub fn require_etag(&self, given: &str) -> Result<()> {
        etag::require(given, &etag::of(self.version), &self.name())
    }
}

/// `places/{uuid}`.
pub fn name_of(id: Uuid) -> String {
    name::name(PLACES, id)
}

/// The title that a call gives.
pub fn title(given: &str, faults: &mut Faults) -> String {
    let title = tidy(given);
    match flaw(&title, Lines::One, LONGEST_TITLE) {
        _ if title.is_empty() => faults.add("place.title", "is required"),
        Some(why) => faults.add("place.title", why),
        None => {}
    }
    title
}

// One label of each axis that the kind keeps things together by, and none besides.
fn labels(pack: &Pack, kind: &PlaceKind, given: &BTreeMap<String, String>, faults: &mut Faults) {
    for axis in &kind.by {
        let known = pack.classification.axes.iter().find(|one| one.field == *axis);
        match given.get(axis) {
            None => faults.add(format!("place.labels.{axis}"), "is required: places of this kind keep it together"),
            Some(label) if !known.is_some_and(|axis| axis.allows(label)) => {
                let labels = known.into_iter().flat_map(|axis| &axis.values);
                faults.add(format!("place.labels.{axis}"), one_of(labels.map(|one| one.value.as_str())));
            }
            Some(_) => {}
        }
    }
    if let Some(axis) = given.keys().find(|axis| !kind.by.contains(axis)) {
        faults
            .add(format!("place.labels.{}", super::text::echo(axis)), "is none that places of this kind keep together");
    }
}
