//! Walking over many files of which few are found: a stretch at a time, and never further than a call may take.
//!
//! A call that has looked at enough ends with a page that is not full, and a token that goes on behind it (AIP-158). Where it
//! stopped there may be a file that the caller must not know of (I10), so that token is sealed.

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::page::Page;
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
/// What begins the place in a token that is sealed.
const SEALED: char = '~';

/// How far a call has come.
#[derive(Debug)]
pub struct Walk<'a> {
    base: &'a Base,
    call: &'a Call,
    /// The file that the next stretch begins behind.
    pub before: Uuid,
    looks: i64,
    left: i64,
}

// === impl Walk ===

impl<'a> Walk<'a> {
    /// A walk that begins behind the page before.
    ///
    /// # Errors
    /// `PAGE_TOKEN_INVALID`.
    pub fn begin(base: &'a Base, call: &'a Call, page: &Page) -> Result<Self> {
        let before = match page.after.strip_prefix(SEALED) {
            Some(sealed) => opened(base, call, sealed).ok_or_else(|| Error::new(Reason::PageTokenInvalid))?,
            None if page.after.is_empty() => Uuid::max(),
            None => page.after_uuid()?,
        };
        Ok(Self { base, call, before, looks: FEWEST.max(page.size * GROWTH), left: MOST })
    }

    /// The stretch to look at.
    pub fn stretch(&self) -> Stretch {
        Stretch { before: self.before, looks: self.looks }
    }

    /// Files were opened in vain; whether the call may look further.
    pub fn opened(&mut self, count: usize) -> bool {
        self.left -= i64::try_from(count).unwrap_or(MOST).saturating_mul(OPENED);
        self.left > 0
    }

    /// Goes on behind the stretch, which ended with `end`; whether the call may look further.
    pub fn goes_on(&mut self, end: Uuid) -> bool {
        self.before = end;
        self.left -= self.looks;
        self.looks = (self.looks * GROWTH).min(self.left.max(FEWEST));
        self.left > 0
    }

    /// The token of a page that ends here.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn token(&self, page: &Page) -> Result<String> {
        // Each is sealed as the reply of an id of its own, and so with a key of its own.
        let id = self.base.providers.ids.uuid();
        let sealed = self.base.mutations.sealer().seal(&self.call.org, id, self.before.as_bytes())?;
        Ok(page.token(&format!("{SEALED}{}{}", hex::encode(id), hex::encode(sealed))))
    }
}

fn opened(base: &Base, call: &Call, sealed: &str) -> Option<Uuid> {
    let bytes = hex::decode(sealed).ok()?;
    let (id, sealed) = bytes.split_at_checked(16)?;
    let before = base.mutations.sealer().open(&call.org, Uuid::from_slice(id).ok()?, sealed).ok()?;
    Uuid::from_slice(&before).ok()
}
