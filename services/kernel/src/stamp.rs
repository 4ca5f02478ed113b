//! Whether anything has changed since an answer was computed.
//!
//! Everything that answers rest on has a number in the store, its stamp, and whoever changes the thing raises the number
//! in the same transaction. An answer that was computed together with the stamps of its moment still holds while the
//! stamps are the same. Reading a stamp is one look at a key, and [`Stamps`] lets many callers share one look: so an
//! answer from memory is never older than the call that it answers, whichever replica wrote.
//!
//! # To let an answer rest on a new thing
//! 1. Call [`touch`] in every store function that writes it; what concerns no single file touches [`ORG`].
//! 2. Compute the answer in one reading transaction that also [`read`]s the stamp.

mod shared;

use uuid::Uuid;

pub use shared::Stamps;

use crate::db::Tx;
use crate::error::Result;
use crate::sql;

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
    fn of(subject: Uuid, rows: &[(Uuid, i64)]) -> Self {
        let value = |wanted| rows.iter().find(|(id, _)| *id == wanted).map_or(0, |(_, value)| *value);
        Self { org: value(ORG), subject: value(subject) }
    }

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

/// The stamp of `subject` and its org at the moment of `tx`.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn read(tx: &mut Tx, org: &str, subject: Uuid) -> Result<Stamp> {
    let text = "SELECT subject, value FROM stamp WHERE org = $1 AND subject IN ($2, $3)";
    Ok(Stamp::of(subject, &sql!(tx, fetch_all as (Uuid, i64), text, org, ORG, subject)?))
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
    fn what_never_changed_has_the_stamp_of_nothing() {
        let file = Uuid::from_u128(7);
        assert_eq!(Stamp::of(file, &[]), Stamp::default());
        assert_eq!(Stamp::of(file, &[(file, 3), (Uuid::from_u128(8), 4)]), Stamp { org: 0, subject: 3 });
        assert_eq!(Stamp::of(file, &[(ORG, 2), (file, 3)]), Stamp { org: 2, subject: 3 });
    }
}
