//! What a loan lends: the paper of a file, or anything else that is physical of it, each in one hand at a time (I1, A-31, A-36).

use dossier_authority::store::item::ItemCopy;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::name;
use dossier_regime::{Lend, Pack, Sensitivity};
use uuid::Uuid;

use super::Inspection;

/// Most things of one loan.
pub const MOST_ITEMS: usize = 20;
/// What stands in the name of an item behind that of its file.
const PART: &str = "items";
/// What profile calls a document that is kept like cash.
const VALUABLE: &str = "valuable";
/// What profile calls what is in the archive.
const KEPT: &str = "kept";
/// What is told of something that is never lent.
const NEVER_LENT: &str = "never_lent";

/// One thing of a loan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoanItem {
    /// The id of its row.
    pub id: Uuid,
    /// The loan.
    pub loan: Uuid,
    /// The file.
    pub file: Uuid,
    /// The item; the file's own id is that of its paper.
    pub item: Uuid,
    /// Its place on the slip, from 0.
    pub place: i64,
    /// What was handed out, in words.
    pub material: String,
    /// How many copies or volumes.
    pub copies: i64,
    /// Pages counted; `None`: nobody counted.
    pub pages: Option<i64>,
    /// How it came back.
    pub inspection: Option<Inspection>,
    /// When it came back, microseconds.
    pub returned_at: Option<i64>,
    /// Version of the row, from 1.
    pub version: i64,
}

// === impl LoanItem ===

impl LoanItem {
    /// As a slip names it: the paper as its file, anything else as an item.
    pub fn name(&self) -> String {
        if self.item == self.file { name::name("files", self.file) } else { name_of(self.file, self.item) }
    }

    /// Whether `text` names it, among `count` things of its loan: one that is alone need not be named.
    pub fn is_named(&self, text: &str, count: usize) -> bool {
        (text.is_empty() && count == 1) || text == self.name() || text == name_of(self.file, self.item)
    }

    /// Takes it back as it was found; gives whether anything differs from the hand-out. `at` is the place of the inspection.
    ///
    /// # Errors
    /// `FIELD_VIOLATION` when the pages were counted at the hand-out and are not now.
    pub(super) fn give_back(&mut self, (at, found): (usize, Inspection), now: i64) -> Result<bool> {
        if let (Some(counted), None) = (self.pages, found.pages) {
            let why = format!("must be counted: {counted} went out");
            return Err(Error::violation(format!("inspections.{at}.pages"), why));
        }
        let differs = found.differs(self.copies, self.pages);
        (self.inspection, self.returned_at) = (Some(found), Some(now));
        Ok(differs)
    }
}

/// `files/{uuid}/items/{uuid}`.
pub fn name_of(file: Uuid, item: Uuid) -> String {
    name::below("files", file, PART, item)
}

/// Which item of `file` a slip names by `text`; empty and the file itself stand for its paper.
///
/// # Errors
/// A violation of `field` for anything else, and for an item of another file.
pub fn id_of(field: &str, file: Uuid, text: &str) -> Result<Uuid> {
    if text.is_empty() || text == name::name("files", file) {
        return Ok(file);
    }
    let named = name::ids_below(field, "files", PART, text).ok().filter(|(of, _)| *of == file);
    named.map(|(_, item)| item).ok_or_else(|| Error::violation(field, "must be empty, the file or an item of it"))
}

/// That what the archive says of an item lets it be lent: it is there, is no valuable, and its kind is lent at all.
///
/// # Errors
/// `CUSTODY_REFUSED`, `WRONG_STATE`.
pub fn require_lendable(pack: &Pack, known: &ItemCopy) -> Result<()> {
    let name = name_of(known.file, known.id);
    let kind = pack.document(&known.document_kind);
    if known.kind == VALUABLE || kind.is_some_and(|kind| kind.lend == Lend::Never) {
        return Err(Error::new(Reason::CustodyRefused).with("item", name).with("ground", NEVER_LENT));
    }
    if known.state == KEPT { Ok(()) } else { Err(Error::wrong_state(name, &known.state, &[KEPT])) }
}

/// How sensitive a document is on paper: as its kind says, and where the pack no longer knows that, as sensitive as a kind that says
/// nothing. Who borrows it reads it.
pub fn sensitivity(pack: &Pack, known: &ItemCopy) -> Sensitivity {
    pack.document(&known.document_kind).map_or(Sensitivity::Confidential, |kind| kind.sensitivity)
}

#[cfg(test)]
mod tests {
    use dossier_regime::Regimes;

    use super::*;

    const FILE: Uuid = Uuid::from_u128(1);
    const DEED: Uuid = Uuid::from_u128(2);

    fn lent(item: Uuid) -> LoanItem {
        LoanItem {
            id: Uuid::from_u128(3),
            loan: Uuid::from_u128(4),
            file: FILE,
            item,
            place: 0,
            material: "volume 1".into(),
            copies: 1,
            pages: None,
            inspection: None,
            returned_at: None,
            version: 1,
        }
    }

    // proves: A-31
    #[test]
    fn paper_is_named_as_its_file_and_anything_else_as_an_item_of_it() {
        let (file, deed) = (name::name("files", FILE), name_of(FILE, DEED));
        assert_eq!((lent(FILE).name(), lent(DEED).name()), (file.clone(), deed.clone()));
        for (text, item) in [("", FILE), (file.as_str(), FILE), (&name_of(FILE, FILE), FILE), (&deed, DEED)] {
            assert_eq!(id_of("item", FILE, text).ok(), Some(item), "{text}");
            assert!(lent(item).is_named(text, 1));
        }
        for foreign in ["items/7", "files/7", &name_of(DEED, DEED), &name::name("files", DEED)] {
            assert!(id_of("item", FILE, foreign).is_err() && !lent(FILE).is_named(foreign, 1), "{foreign}");
        }
        assert!(!lent(FILE).is_named("", 2), "one of two is named");
    }

    // proves: A-36
    #[test]
    fn what_is_kept_is_lent_and_neither_a_valuable_nor_what_was_released() {
        let pack = Regimes::shipped().unwrap().tenant("demo").unwrap().pack().clone();
        let copy = |kind: &str, state: &str| ItemCopy {
            id: DEED,
            file: FILE,
            kind: kind.into(),
            state: state.into(),
            document_kind: String::new(),
            revision: 1,
        };
        let asked = |kind: &str, state: &str| require_lendable(&pack, &copy(kind, state)).map_err(|one| one.reason());
        assert_eq!(asked("paper", "kept"), Ok(()));
        assert_eq!(asked("document", "kept"), Ok(()));
        assert_eq!(asked("document", "released"), Err(Reason::WrongState));
        assert_eq!(asked("valuable", "kept"), Err(Reason::CustodyRefused));
        assert_eq!(asked("valuable", "released"), Err(Reason::CustodyRefused));
    }
}
