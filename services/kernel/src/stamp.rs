//! Whether anything has changed since an answer was computed.
//!
//! Everything that answers rest on has a number in the store, its stamp, and whoever changes the thing raises the number
//! in the same transaction. An answer that was computed together with the stamps of its moment still holds while the
//! stamps are the same. Reading a stamp is one look at a key, and [`Stamps`] lets many callers share that look: so an
//! answer from memory is never older than the call that it answers, whichever replica wrote.
//!
//! # To let an answer rest on a new thing
//! 1. Call [`touch`] in every store function that writes it; what concerns no single file touches [`ORG`].
//! 2. Compute the answer in one reading transaction that also [`read`]s the stamp.

mod shared;

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

pub use shared::Stamps;

use crate::db::Tx;
use crate::error::Result;
use crate::{sql, sql_rows};

/// The subject that stands for the org as a whole: its people and its rules.
pub const ORG: Uuid = Uuid::nil();

/// What an answer about one subject rests on, as it stood in one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    org: i64,
    subject: i64,
}

// === impl Stamp ===

impl Stamp {
    /// Whether this stamp is of a later moment than the store's present one: the store has gone back.
    pub fn is_ahead_of(self, present: Self) -> bool {
        self.org > present.org || self.subject > present.subject
    }
}

/// Says that `subject` has changed, in the transaction that changes it. The row stays locked until the commit.
///
/// # Errors
/// `STORE_UNAVAILABLE`; the change must not be committed then.
pub async fn touch(tx: &mut Tx, org: &str, subject: Uuid) -> Result<()> {
    let text = "INSERT INTO stamp (org, subject, value) VALUES ($1, $2, 1)
                ON CONFLICT (org, subject) DO UPDATE SET value = stamp.value + 1";
    sql!(tx, execute, text, org, subject)?;
    Ok(())
}

/// The stamp of each subject and its org at the moment of `tx`, in the order of `subjects`.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn read(tx: &mut Tx, subjects: &[(&str, Uuid)]) -> Result<Vec<Stamp>> {
    if subjects.is_empty() {
        return Ok(Vec::new());
    }
    let rows = sql_rows!(tx, fetch_all as Row, HEAD, wanted(subjects), (org, subject) => [org, subject], TAIL)?;
    Ok(stamps(subjects, rows))
}

const HEAD: &str = "WITH asked (org, subject) AS (";
const TAIL: &str =
    ") SELECT s.org, s.subject, s.value FROM asked a JOIN stamp s ON s.org = a.org AND s.subject = a.subject";

type Row = (String, Uuid, i64);

// Every subject once, and every org as a whole.
fn wanted<'a>(subjects: &[(&'a str, Uuid)]) -> BTreeSet<(&'a str, Uuid)> {
    subjects.iter().flat_map(|(org, subject)| [(*org, ORG), (*org, *subject)]).collect()
}

fn stamps(subjects: &[(&str, Uuid)], rows: Vec<Row>) -> Vec<Stamp> {
    let values: BTreeMap<(&str, Uuid), i64> =
        rows.iter().map(|(org, subject, value)| ((org.as_str(), *subject), *value)).collect();
    let value = |org, subject| values.get(&(org, subject)).copied().unwrap_or_default();
    subjects.iter().map(|(org, subject)| Stamp { org: value(org, ORG), subject: value(org, *subject) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_of_a_store_that_went_back_is_ahead() {
        let stamp = |org, subject| Stamp { org, subject };
        assert!(stamp(2, 0).is_ahead_of(stamp(1, 5)) && stamp(1, 6).is_ahead_of(stamp(9, 5)));
        assert!(!stamp(1, 5).is_ahead_of(stamp(1, 5)) && !stamp(1, 5).is_ahead_of(stamp(2, 6)));
    }

    #[test]
    fn each_subject_has_its_own_stamp_under_its_own_org() {
        let (one, two) = (Uuid::from_u128(7), Uuid::from_u128(8));
        let rows = vec![("a".to_owned(), ORG, 2), ("a".to_owned(), one, 3), ("b".to_owned(), two, 4)];
        let stamp = |org, subject| Stamp { org, subject };
        let found = stamps(&[("a", one), ("b", one), ("b", two), ("a", two)], rows);
        assert_eq!(found, [stamp(2, 3), stamp(0, 0), stamp(0, 4), stamp(2, 0)], "what never changed has none");
    }

    #[test]
    fn no_subject_is_asked_for_twice() {
        let one = Uuid::from_u128(7);
        assert_eq!(wanted(&[("a", one), ("a", one), ("b", one)]).len(), 4);
    }
}
