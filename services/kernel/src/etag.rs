//! Etags: whoever changes a resource may say which version of it they saw.

use crate::error::{Error, Reason, Result};

/// The etag of a version. Files and duties spell theirs otherwise: callers hold what earlier versions of this program gave them.
pub fn of(version: i64) -> String {
    format!("v{version}")
}

/// Demands that nobody changed `resource`, whose etag is `current` now, since the caller saw it; an empty etag demands nothing.
///
/// # Errors
/// `ETAG_STALE`.
pub fn require(given: &str, current: &str, resource: &str) -> Result<()> {
    if given.is_empty() || given == current {
        return Ok(());
    }
    Err(Error::new(Reason::EtagStale).with("resource", resource))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_changed_meanwhile_is_refused_and_who_says_nothing_demands_nothing() {
        assert!(require("", &of(2), "grants/1").is_ok() && require("v2", &of(2), "grants/1").is_ok());
        for stale in ["v1", "v22", "2"] {
            assert_eq!(require(stale, &of(2), "grants/1").unwrap_err().reason(), Reason::EtagStale, "{stale}");
        }
    }
}
