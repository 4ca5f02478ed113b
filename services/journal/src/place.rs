//! A place in a journal, bound to what was counted up to there.
//!
//! A number alone says how many entries were applied, not which. So a cursor keeps the right edge of the Merkle tree over
//! the entries that its consumer applied, computed by the consumer itself. The owner answers with the tree of its own
//! journal at the same place; where the two differ, or the owner is not as far, one of them is not what it was: a store was
//! put back from a backup, or failed over to a replica that was behind.

use std::time::Duration;

use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::fault;

use crate::merkle::{Frontier, Hash};
use crate::store;

/// How far a journal was applied, and what was counted up to there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The number of the last entry; 0 before the first.
    pub seq: i64,
    /// The right edge of the tree over the entries; unknown for what a version applied that did not count.
    pub frontier: Option<Frontier>,
    /// The era of the journal; empty: the first.
    pub era: String,
}

/// What the owner says about its journal, asked about one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The highest number given.
    pub last_seq: i64,
    /// The root over all entries up to there.
    pub root: Hash,
    /// How long the oldest entry without a number has waited; zero when none waits.
    pub waited: Duration,
    /// The era of the journal; empty: the first.
    pub era: String,
    /// The right edge of its tree at the place that was asked about; absent when the journal is not as far.
    pub at_place: Option<Frontier>,
}

// === impl Place ===

impl Place {
    /// The root over the entries, where they were counted.
    pub fn root(&self) -> Option<Hash> {
        self.frontier.as_ref().map(Frontier::root)
    }

    /// Whether a journal contains what was applied up to here; `there` is its tree at this place, absent when it is not as
    /// far. What was not counted is taken on the owner's word.
    pub fn is_in(&self, there: Option<&Frontier>) -> bool {
        fault::weakened("contains") || there.is_some_and(|there| self.root().is_none_or(|root| root == there.root()))
    }

    /// The place behind `count` more entries with these leaf hashes.
    pub(crate) fn after(&self, leaves: impl Iterator<Item = Hash>, to: i64) -> Self {
        let frontier = self.frontier.clone().map(|mut frontier| {
            leaves.for_each(|leaf| drop(frontier.append(leaf)));
            frontier
        });
        Self { seq: to, frontier, era: self.era.clone() }
    }
}

impl Default for Place {
    /// Before the first entry.
    fn default() -> Self {
        Self { seq: 0, frontier: Some(Frontier::default()), era: String::new() }
    }
}

/// The end of the journal that this store keeps for `org`: its size, its tree, its era.
///
/// # Errors
/// `STORE_INCONSISTENT` when the head cannot be true, whatever the store says otherwise.
pub async fn end(tx: &mut Tx, org: &str) -> Result<Place> {
    let frontier = store::head::get(tx, org).await?.map(|head| head.frontier).unwrap_or_default();
    Ok(Place {
        seq: store::stored(frontier.size()),
        frontier: Some(frontier),
        era: store::era::current(tx, org).await?,
    })
}

/// The tree of the journal that this store keeps for `org` over its first `seq` entries; `None` when it is not as far.
///
/// # Errors
/// `STORE_INCONSISTENT` when a node of the tree is missing, whatever the store says otherwise.
pub async fn at(tx: &mut Tx, org: &str, seq: i64) -> Result<Option<Frontier>> {
    let end = store::head::get(tx, org).await?.map(|head| head.frontier).unwrap_or_default();
    match store::stored(end.size()) {
        size if size == seq => Ok(Some(end)),
        size if size < seq => Ok(None),
        _ => store::node::frontier(tx, org, store::counted(seq)).await.map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merkle::leaf_hash;

    fn counted(entries: &[&[u8]]) -> Place {
        let leaves = entries.iter().map(|entry| leaf_hash(entry));
        Place::default().after(leaves, entries.len() as i64)
    }

    #[test]
    fn a_place_is_in_a_journal_that_says_the_same_up_to_there_and_in_no_other() {
        let (here, other) = (counted(&[b"a", b"b", b"c"]), counted(&[b"a", b"b", b"x"]));
        assert!(here.is_in(here.frontier.as_ref()));
        assert!(!here.is_in(other.frontier.as_ref()) && !here.is_in(None));
        let uncounted = Place { frontier: None, ..here };
        assert!(uncounted.is_in(other.frontier.as_ref()) && !uncounted.is_in(None));
        assert_eq!(uncounted.after([leaf_hash(b"d")].into_iter(), 4).frontier, None);
        assert!(Place::default().is_in(Some(&Frontier::default())));
    }
}
