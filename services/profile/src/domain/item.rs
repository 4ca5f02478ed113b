//! Items: what is physical, and in one place and one hand (P-10, P-106, A-36, C-29 to C-31).
//!
//! An item has the id of what it is: of the file whose paper it is, of the document or of the volume. It is there from the day on which the archive
//! first accepted it; before, whoever keeps the file has it.

use std::collections::{BTreeMap, BTreeSet};

use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::{name, states};
use dossier_regime::{CountFinding, PlaceKind};
use jiff::Timestamp;
use uuid::Uuid;

use super::customer_file::CustomerFile;
use super::place::Place;

/// What stands in a name behind that of the file.
pub const PART: &str = "items";
/// How many different people deposit and release a valuable (A-36, C-30).
pub const HANDS: usize = 3;

states! {
    /// What is physical.
    pub enum Kind {
        /// The paper of a file.
        Paper = "paper",
        /// A document on paper.
        Document = "document",
        /// A document that is kept like cash.
        Valuable = "valuable",
        /// A volume that was closed.
        Volume = "volume",
    }
}

states! {
    /// Where the custody of an item stands.
    pub enum State {
        /// In the archive.
        Kept = "kept",
        /// Given out of it.
        Released = "released",
    }
}

states! {
    /// What stands against a move.
    pub enum Ground {
        /// A valuable moves by three different hands.
        Hands = "hands",
        /// There is nothing physical.
        NotOnPaper = "not_on_paper",
        /// No more goes into the place.
        PlaceFull = "place_full",
        /// The place takes nothing more.
        PlaceClosed = "place_closed",
        /// No such thing is laid there.
        PlaceTakesNone = "place_takes_none",
        /// The place keeps files with another label.
        OtherLabel = "other_label",
        /// It lies in a volume, which moves as a whole.
        Bound = "bound",
        /// The volume is not closed yet.
        NotClosed = "not_closed",
    }
}

/// Something physical.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The id of the file, the document or the volume that it is.
    pub id: Uuid,
    /// The file.
    pub file: Uuid,
    /// What it is.
    pub kind: Kind,
    /// Where its custody stands.
    pub state: State,
    /// Where it lies.
    pub place: Option<Uuid>,
    /// Who took it.
    pub holder: Option<Uuid>,
    /// The record that moved it last.
    pub record: Uuid,
    /// The file of that.
    pub of_file: Uuid,
    /// When it was first accepted.
    pub created_at: Timestamp,
    /// When it last moved.
    pub updated_at: Timestamp,
    /// How often it moved, from 1.
    pub version: i64,
}

/// By what something moves, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct By {
    /// The file of the record, and the record.
    pub record: (Uuid, Uuid),
    /// How many different people signed for it.
    pub hands: usize,
    /// When.
    pub now: Timestamp,
}

// === impl Item ===

impl Item {
    /// One that the archive accepts for the first time.
    pub fn accepted((id, file): (Uuid, Uuid), kind: Kind, place: Option<Uuid>, by: By) -> Self {
        let (of_file, record) = by.record;
        let (state, holder, now) = (State::Kept, None, by.now);
        Self { id, file, kind, state, place, holder, record, of_file, created_at: now, updated_at: now, version: 1 }
    }

    /// One that comes back into the archive.
    ///
    /// # Errors
    /// `WRONG_STATE` when it is there.
    pub fn accept(self, place: Option<Uuid>, by: By) -> Result<Self> {
        self.require(State::Released)?;
        Ok(Self { state: State::Kept, place, holder: None, ..self }.moved(by))
    }

    /// One that is laid elsewhere.
    ///
    /// # Errors
    /// `WRONG_STATE` when it is not in the archive.
    pub fn placed(self, place: Uuid, by: By) -> Result<Self> {
        self.require(State::Kept)?;
        Ok(Self { place: Some(place), ..self }.moved(by))
    }

    /// One that is given out.
    ///
    /// # Errors
    /// `WRONG_STATE` when it is not in the archive.
    pub fn released(self, holder: Uuid, by: By) -> Result<Self> {
        self.require(State::Kept)?;
        Ok(Self { state: State::Released, place: None, holder: Some(holder), ..self }.moved(by))
    }

    /// `files/{uuid}/items/{uuid}`.
    pub fn name(&self) -> String {
        name_of(self.file, self.id)
    }

    /// The document that it is; `None`: it is the paper of its file, or a volume.
    pub fn document(&self) -> Option<Uuid> {
        matches!(self.kind, Kind::Document | Kind::Valuable).then_some(self.id)
    }

    /// The volume that it is; `None`: it is none.
    pub fn volume(&self) -> Option<Uuid> {
        (self.kind == Kind::Volume).then_some(self.id)
    }

    /// Whether it is the paper of its file as a whole, of which whoever sees anything of the file may know.
    pub fn is_paper(&self) -> bool {
        self.kind == Kind::Paper
    }

    /// A part by its name in packs; `way` leads to its place. `None`: it has none, or there is no such part.
    pub fn part(&self, part: &str, way: &[String]) -> Option<String> {
        match part {
            "state" => Some(self.state.as_str().to_owned()),
            "place" => Some(way.join(" / ")).filter(|way| !way.is_empty()),
            "holder" => self.holder.map(|person| name::name("persons", person)),
            "create_time" => Some(self.created_at.to_string()),
            "update_time" => Some(self.updated_at.to_string()),
            _ => None,
        }
    }

    fn require(&self, state: State) -> Result<()> {
        match self.state == state {
            true => Ok(()),
            false => Err(Error::wrong_state(self.name(), self.state.as_str(), &[state.as_str()])),
        }
    }

    fn moved(self, by: By) -> Self {
        let (of_file, record) = by.record;
        Self { record, of_file, updated_at: self.updated_at.max(by.now), ..self }
    }
}

/// `files/{uuid}/items/{uuid}`.
pub fn name_of(file: Uuid, id: Uuid) -> String {
    name::below("files", file, PART, id)
}

/// The ids in the name of an item: its file's and its own.
///
/// # Errors
/// A violation of `field`.
pub fn ids(field: &str, text: &str) -> Result<(Uuid, Uuid)> {
    name::ids_below(field, "files", PART, text)
}

/// What was found otherwise than it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The item, by name.
    pub item: String,
    /// How it differs.
    pub finding: CountFinding,
}

/// How `found`, each by its name and as the archive knows it, differs from `held`, which should lie in the places `here`: first what is
/// missing, then what was found too much.
pub fn differences<'i>(
    here: &BTreeSet<Uuid>,
    held: &[Item],
    found: impl Iterator<Item = (String, Option<&'i Item>)>,
) -> Vec<Difference> {
    let found: BTreeMap<_, _> = found.collect();
    let missing = held.iter().map(Item::name).filter(|name| !found.contains_key(name));
    let mut told: Vec<_> = missing.map(|item| Difference { item, finding: CountFinding::Missing }).collect();
    for (name, known) in found {
        let finding = match known.filter(|one| one.state == State::Kept) {
            Some(one) if one.place.is_some_and(|place| here.contains(&place)) => continue,
            Some(_) => CountFinding::Misplaced,
            None => CountFinding::Unexpected,
        };
        told.push(Difference { item: name, finding });
    }
    told
}

/// That enough people signed for what moves in or out.
///
/// # Errors
/// `CUSTODY_REFUSED`.
pub fn require_hands(item: &str, kind: Kind, by: By) -> Result<()> {
    match kind == Kind::Valuable && by.hands < HANDS {
        true => Err(refused(item, Ground::Hands)),
        false => Ok(()),
    }
}

/// That something of `file` is laid into `place`, which the pack describes as `kind`; whether there is room the store says.
///
/// # Errors
/// `CUSTODY_REFUSED`.
pub fn require_fit(item: &str, what: Kind, file: &CustomerFile, place: &Place, kind: Option<&PlaceKind>) -> Result<()> {
    let takes = kind.is_some_and(|kind| kind.takes.iter().any(|one| one.as_str() == what.as_str()));
    let other = place.labels.iter().any(|(axis, label)| file.classification.get(axis) != Some(label));
    let ground = match (place.closed, takes, other) {
        (true, ..) => Ground::PlaceClosed,
        (false, false, _) => Ground::PlaceTakesNone,
        (false, true, true) => Ground::OtherLabel,
        (false, true, false) => return Ok(()),
    };
    Err(refused(item, ground).with("place", place.name()))
}

/// That something stands against moving an item.
pub fn refused(item: &str, ground: Ground) -> Error {
    Error::new(Reason::CustodyRefused).with("item", item).with("ground", ground.as_str())
}

#[cfg(test)]
mod tests {
    use dossier_regime::ItemKind;

    use super::*;

    const FILE: Uuid = Uuid::from_u128(1);
    const SHELF: Uuid = Uuid::from_u128(2);
    const OTHER: Uuid = Uuid::from_u128(3);

    fn by(hands: usize) -> By {
        By { record: (FILE, Uuid::from_u128(9)), hands, now: Timestamp::UNIX_EPOCH }
    }

    fn kept(id: u128, place: Uuid) -> Item {
        Item::accepted((Uuid::from_u128(id), FILE), Kind::Document, Some(place), by(1))
    }

    // proves: P-106, A-36
    #[test]
    fn what_is_kept_moves_and_leaves_and_what_left_comes_back() {
        let one = kept(10, SHELF);
        assert!(one.clone().accept(None, by(1)).is_err(), "it is there");
        let moved = one.placed(OTHER, by(1)).unwrap();
        let gone = moved.released(FILE, by(1)).unwrap();
        assert_eq!((gone.state, gone.place, gone.holder), (State::Released, None, Some(FILE)));
        assert!(gone.clone().placed(SHELF, by(1)).is_err() && gone.clone().released(FILE, by(1)).is_err());
        let back = gone.accept(Some(SHELF), by(1)).unwrap();
        assert_eq!((back.state, back.place, back.holder), (State::Kept, Some(SHELF), None));
    }

    // proves: A-36, C-30
    #[test]
    fn a_valuable_moves_by_three_hands_and_the_rest_by_any() {
        for hands in 0..5 {
            assert_eq!(require_hands("items/1", Kind::Valuable, by(hands)).is_ok(), hands >= HANDS);
            assert!(require_hands("items/1", Kind::Paper, by(hands)).is_ok());
        }
    }

    // proves: X-22
    #[test]
    fn a_count_tells_what_is_missing_misplaced_and_unexpected() {
        let (right, lost, other, gone) = (kept(10, SHELF), kept(11, SHELF), kept(12, OTHER), kept(13, SHELF));
        let gone = gone.released(FILE, by(1)).unwrap();
        let found = [(right.name(), Some(&right)), (other.name(), Some(&other)), (gone.name(), Some(&gone))];
        let told = differences(&[SHELF].into(), &[right.clone(), lost.clone()], found.into_iter());
        let told: Vec<_> = told.iter().map(|one| (one.item.clone(), one.finding)).collect();
        let expected = [
            (lost.name(), CountFinding::Missing),
            (other.name(), CountFinding::Misplaced),
            (gone.name(), CountFinding::Unexpected),
        ];
        assert_eq!(told, expected);
        assert_eq!(
            differences(&[SHELF].into(), std::slice::from_ref(&right), [(right.name(), Some(&right))].into_iter()),
            []
        );
    }

    #[test]
    fn what_packs_call_physical_has_a_kind_here() {
        let words: Vec<_> = ItemKind::ALL.iter().map(|kind| kind.as_str()).collect();
        assert_eq!(words, Kind::WORDS);
    }
}
