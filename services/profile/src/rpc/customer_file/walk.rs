//! Walking over many files of which few are found: a stretch at a time, and never further than a call may take.
//!
//! A call that has looked at enough ends with a page that is not full, and a token that goes on behind it (AIP-158). Where it
//! stopped there may be a file that the caller must not know of (I10), so that place is sealed. The last file of a full page is
//! known to the caller; its place stands in clear, so that the same question has the same answer, but with a mark that nobody else
//! makes: who could choose where a walk begins could find a hidden file by halving. Entries about one file are walked in the same way:
//! there it is a reading that may lie where the walk stopped.

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::page::Page;
use subtle::ConstantTimeEq;
use uuid::Uuid;

use crate::store::customer_file::Stretch;

/// Fewest files of a stretch.
const FEWEST: i64 = 200;
/// How much longer the first stretch is than a page, which is full before it ends for most, and each further one than that
/// before.
const GROWTH: i64 = 4;
/// Files that one call looks at.
const MOST: i64 = 10_000;
/// What a file costs that is opened and found to be no hit, in files that are only looked at.
const OPENED: i64 = 16;
/// Stands between a place in clear and its mark.
const MARK: char = '.';

/// How far a call has come.
#[derive(Debug)]
pub struct Walk<'a> {
    base: &'a Base,
    call: &'a Call,
    page: &'a Page,
    before: Uuid,
    looks: i64,
    left: i64,
}

// === impl Walk ===

impl<'a> Walk<'a> {
    /// A walk that begins behind the page before.
    ///
    /// # Errors
    /// `PAGE_TOKEN_INVALID`, `KEY_UNAVAILABLE`.
    pub fn begin(base: &'a Base, call: &'a Call, page: &'a Page) -> Result<Self> {
        let before = match page.after.split_once(MARK) {
            Some((place, mark)) => marked(base, call, place, mark)?,
            None if page.after.is_empty() => Uuid::max(),
            None => opened(base, call, &page.after)?,
        };
        Ok(Self { base, call, page, before, looks: FEWEST.max(page.size * GROWTH), left: MOST })
    }

    /// The stretch to look at.
    pub fn stretch(&self) -> Stretch {
        Stretch { before: self.before, looks: self.looks }
    }

    /// What the walk begins behind where it goes another way than from the newest; `None` at its beginning.
    pub fn behind(&self) -> Option<Uuid> {
        Some(self.before).filter(|before| *before != Uuid::max())
    }

    /// How many more the page takes, and one that tells of the next.
    pub fn wanted<T>(&self, found: &[T]) -> i64 {
        self.page.size + 1 - i64::try_from(found.len()).unwrap_or(i64::MAX)
    }

    /// The token of a page that is full, to which `found` is cut; `None` while it is not.
    pub fn full<T>(&self, found: &mut Vec<T>, id: impl Fn(&T) -> Uuid) -> Option<String> {
        let place = |one: &T| {
            let id = id(one);
            format!("{id}{MARK}{}", hex::encode(mark(self.base, self.call, id)))
        };
        (self.wanted(found) <= 0).then(|| self.page.cut(found, place))
    }

    /// Goes on behind the stretch, which ended with `end`, if it did not end the walk; the token of a page that ends here, `None` when the
    /// call may look further.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn goes_on(&mut self, end: Option<Uuid>) -> Result<Option<String>> {
        let Some(end) = end else { return Ok(Some(String::new())) };
        self.before = end;
        self.left -= self.looks;
        self.looks = (self.looks * GROWTH).min(self.left.max(FEWEST));
        self.tired()
    }

    /// So many were opened in vain, the last of all before `behind`; as [`goes_on`](Self::goes_on).
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn opened(&mut self, vain: usize, behind: Uuid) -> Result<Option<String>> {
        self.before = behind;
        self.left -= i64::try_from(vain).unwrap_or(MOST).saturating_mul(OPENED);
        self.tired()
    }

    // The token of a page of a call that has looked at enough.
    fn tired(&self) -> Result<Option<String>> {
        (self.left <= 0).then(|| self.token()).transpose()
    }

    fn token(&self) -> Result<String> {
        // Each is sealed as the reply of an id of its own, and so with a key of its own.
        let id = self.base.providers.ids.uuid();
        let sealed = self.base.mutations.sealer().seal(&self.call.org, id, self.before.as_bytes())?;
        Ok(self.page.token(&format!("{}{}", hex::encode(id), hex::encode(sealed))))
    }
}

fn mark(base: &Base, call: &Call, place: Uuid) -> [u8; 32] {
    let whose = [call.subject.as_bytes(), place.as_bytes()].concat();
    base.mutations.sealer().digest(&call.org, call.method, &whose)
}

fn marked(base: &Base, call: &Call, place: &str, given: &str) -> Result<Uuid> {
    let invalid = || Error::new(Reason::PageTokenInvalid);
    let place = Uuid::try_parse(place).map_err(|_| invalid())?;
    let given = hex::decode(given).map_err(|_| invalid())?;
    if bool::from(mark(base, call, place).ct_eq(&given)) { Ok(place) } else { Err(invalid()) }
}

fn opened(base: &Base, call: &Call, sealed: &str) -> Result<Uuid> {
    let invalid = || Error::new(Reason::PageTokenInvalid);
    let bytes = hex::decode(sealed).map_err(|_| invalid())?;
    let (id, sealed) = bytes.split_at_checked(16).ok_or_else(invalid)?;
    let id = Uuid::from_slice(id).map_err(|_| invalid())?;
    let before = base.mutations.sealer().open(&call.org, id, sealed).map_err(|fault| match fault.reason() {
        // It may be opened later, or by another replica.
        Reason::KeyUnavailable => fault,
        _ => invalid(),
    })?;
    Uuid::from_slice(&before).map_err(|_| invalid())
}
