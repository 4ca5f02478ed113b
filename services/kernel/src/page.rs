//! Paging: sizes within limits, and opaque tokens that belong to one query.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::call::Call;
use crate::error::{Error, Reason, Result};

/// Rows on a page when the caller does not say.
pub const DEFAULT_SIZE: i64 = 50;
/// Most rows on a page; larger sizes are cut to this.
pub const MAX_SIZE: i64 = 500;

/// A page to fetch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Rows wanted; fetch `size + 1` to learn whether there are more.
    pub size: i64,
    /// The sort key of the last row of the page before; empty on the first page.
    pub after: String,
    query: [u8; 8],
}

// === impl Page ===

impl Page {
    /// The page that a list request asks for. `filters` is everything that shapes the answer besides the page: a token
    /// given with other filters, or by another caller, is refused.
    ///
    /// # Errors
    /// A violation of `page_size` when it is negative, `PAGE_TOKEN_INVALID` when the token is not one of this query.
    pub fn of(call: &Call, size: i32, token: &str, filters: &[&str]) -> Result<Self> {
        if size < 0 {
            return Err(Error::violation("page_size", "must not be negative"));
        }
        let size = if size == 0 { DEFAULT_SIZE } else { i64::from(size).min(MAX_SIZE) };
        let query = digest(call, filters);
        let after = if token.is_empty() { String::new() } else { open(token, query)? };
        Ok(Self { size, after, query })
    }

    /// Cuts the extra row off `rows` and gives the next page's token, empty on the last page.
    pub fn cut<T>(&self, rows: &mut Vec<T>, key: impl Fn(&T) -> String) -> String {
        let size = usize::try_from(self.size).unwrap_or(usize::MAX);
        if rows.len() <= size {
            return String::new();
        }
        rows.truncate(size);
        rows.last().map(|last| self.token(&key(last))).unwrap_or_default()
    }

    /// The token of a page that ends behind the sort key `after`, for a page that is not full.
    pub fn token(&self, after: &str) -> String {
        let mut bytes = self.query.to_vec();
        bytes.extend_from_slice(after.as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The key of the row before this page as a UUID; the nil UUID on the first page, before every other.
    ///
    /// # Errors
    /// `PAGE_TOKEN_INVALID`.
    pub fn after_uuid(&self) -> Result<uuid::Uuid> {
        if self.after.is_empty() {
            return Ok(uuid::Uuid::nil());
        }
        uuid::Uuid::try_parse(&self.after).map_err(|_| Error::new(Reason::PageTokenInvalid))
    }

    /// The key of the row before this page as a UUID, where pages go from the newest to the oldest; behind every other on the first.
    ///
    /// # Errors
    /// `PAGE_TOKEN_INVALID`.
    pub fn before_uuid(&self) -> Result<uuid::Uuid> {
        if self.after.is_empty() { Ok(uuid::Uuid::max()) } else { self.after_uuid() }
    }

    /// The key of the row before this page as a number; `first` on the first page.
    ///
    /// # Errors
    /// `PAGE_TOKEN_INVALID`.
    pub fn after_number(&self, first: i64) -> Result<i64> {
        if self.after.is_empty() {
            return Ok(first);
        }
        self.after.parse().map_err(|_| Error::new(Reason::PageTokenInvalid))
    }
}

fn digest(call: &Call, filters: &[&str]) -> [u8; 8] {
    let mut hash = Sha256::new();
    for part in [call.method, &call.org, &call.subject].into_iter().chain(filters.iter().copied()) {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let mut short = [0; 8];
    short.copy_from_slice(&hash.finalize()[..8]);
    short
}

fn open(token: &str, query: [u8; 8]) -> Result<String> {
    let invalid = || Error::new(Reason::PageTokenInvalid);
    let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| invalid())?;
    let after = bytes.strip_prefix(&query).ok_or_else(invalid)?;
    String::from_utf8(after.to_vec()).map_err(|_| invalid())
}
