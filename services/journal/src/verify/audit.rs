//! The walk that every verification of a whole journal makes: entries in order, checkpoints behind them.

use dossier_proto::journal::v1::EntryBody;
use prost::Message;

use super::{Cause, FAULT_LIMIT, Fault, Place, Report, Trust};
use crate::checkpoint::{Checkpoint, NoteFault, VerifierKey};
use crate::merkle::{Frontier, Hash, NodeId, leaf_hash};

/// The state of a walk.
pub(super) struct Audit {
    key: VerifierKey,
    /// Other keys that sign it as well.
    also: Vec<VerifierKey>,
    /// Size and root of each checkpoint kept elsewhere, the smallest last.
    known: Vec<(u64, Hash)>,
    frontier: Frontier,
    /// The number the next entry must have; unknown behind a place that could not be read.
    next: Option<i64>,
    /// The size that the last good checkpoint covers.
    covered: u64,
    checkpoints: u64,
    /// How many of them no key signed.
    unsigned: u64,
    /// Something below is wrong already: a wrong root behind it says nothing new.
    disputed: bool,
    faults: Vec<Fault>,
}

// === impl Audit ===

impl Audit {
    /// Of `trust` all but its first key counts.
    pub(super) fn new(key: VerifierKey, trust: &Trust) -> Self {
        let known = trust.known.iter().filter(|known| known.origin == *key.origin());
        let mut known: Vec<_> = known.map(|known| (known.size, known.root)).collect();
        known.sort_unstable_by(|one, other| other.cmp(one));
        known.dedup();
        let (also, frontier, next, faults) = (trust.also.clone(), Frontier::default(), Some(1), Vec::new());
        Self { key, also, known, frontier, next, covered: 0, checkpoints: 0, unsigned: 0, disputed: false, faults }
    }

    /// How many entries there were so far.
    pub(super) fn size(&self) -> u64 {
        self.frontier.size()
    }

    pub(super) fn frontier(&self) -> &Frontier {
        &self.frontier
    }

    /// The number that the entry here must have, as far as it can be told.
    pub(super) fn expected(&self) -> i64 {
        self.next.unwrap_or_else(|| i64::try_from(self.size()).unwrap_or(i64::MAX).saturating_add(1))
    }

    pub(super) fn counted(&self) -> (u64, u64) {
        (self.size(), self.checkpoints)
    }

    pub(super) fn fault(&mut self, place: Place, cause: Cause) {
        if self.faults.len() < FAULT_LIMIT {
            self.faults.push(Fault { place, cause });
        }
    }

    /// An entry that cannot be read: what follows is checked by itself.
    pub(super) fn unreadable(&mut self, place: Place, cause: Cause) {
        self.fault(place, cause);
        (self.next, self.disputed) = (None, true);
    }

    /// One entry as stored; gives the subtrees it completes.
    pub(super) fn entry(&mut self, place: &Place, seq: i64, id: &str, body: &[u8], leaf: &[u8]) -> Vec<(NodeId, Hash)> {
        if let Some(expected) = self.next.filter(|expected| *expected != seq) {
            // The place decides which entry it should be, whatever number it bears.
            self.fault(Place { seq: Some(expected), ..place.clone() }, Cause::Gap { expected });
            self.disputed = true;
        }
        self.next = Some(seq.saturating_add(1));
        let computed = leaf_hash(body);
        self.body(place, id, body);
        if computed[..] != *leaf {
            self.fault(place.clone(), Cause::LeafHash);
        }
        // The tree is built of what was stored: a changed body then disturbs no root, and the entry alone is named.
        let stored = leaf.try_into().unwrap_or(computed);
        let completed = self.frontier.append(stored);
        self.compare_known(place);
        completed
    }

    /// The body against the id beside it and the name of the journal.
    pub(super) fn body(&mut self, place: &Place, id: &str, body: &[u8]) {
        let Ok(body) = EntryBody::decode(body) else { return self.fault(place.clone(), Cause::Body) };
        if body.id != id {
            self.fault(place.clone(), Cause::Column("id"));
        }
        if body.org != self.key.origin().org() || body.service != self.key.origin().service() {
            self.fault(place.clone(), Cause::ForeignEntry);
        }
    }

    fn compare_known(&mut self, place: &Place) {
        let size = self.size();
        while let Some((known, root)) = self.known.pop_if(|(known, _)| *known <= size) {
            if known == size && root != self.frontier.root() && !self.disputed {
                self.fault(place.clone(), Cause::Known { size });
            }
        }
    }

    /// One checkpoint as stored, kept under `size`.
    pub(super) fn checkpoint(&mut self, place: &Place, size: i64, note: &str) {
        self.checkpoints += 1;
        if self.next.is_some_and(|next| next != size.saturating_add(1)) {
            self.fault(place.clone(), Cause::CheckpointPlace { size });
        }
        let checkpoint = match self.signed(note) {
            Ok(checkpoint) => checkpoint,
            Err(fault) => {
                self.unsigned += u64::from(matches!(fault, NoteFault::UnknownKey | NoteFault::Signature));
                return self.fault(place.clone(), Cause::Note { size, fault });
            }
        };
        if i64::try_from(checkpoint.size) != Ok(size) {
            return self.fault(place.clone(), Cause::CheckpointPlace { size });
        }
        if checkpoint.size != self.size() || self.disputed {
            return;
        }
        if checkpoint.root == self.frontier.root() {
            self.covered = checkpoint.size;
        } else {
            self.disputed = true;
            self.fault(place.clone(), Cause::Root { first: self.covered + 1, last: checkpoint.size });
        }
    }

    // By any of the keys; what the first says is wrong is said where none fits.
    fn signed(&self, note: &str) -> Result<Checkpoint, NoteFault> {
        let first = Checkpoint::verify(note, &self.key);
        if first.is_ok() {
            return first;
        }
        self.also.iter().find_map(|key| Checkpoint::verify(note, key).ok()).map_or(first, Ok)
    }

    /// A key that signed nothing here is one cause, not one for each checkpoint.
    fn one_cause(&mut self) {
        let named = self.faults.iter().any(|fault| fault.cause == Cause::ForeignKey);
        if !named && (self.unsigned < 2 || self.unsigned < self.checkpoints) {
            return;
        }
        // What follows from it says nothing new: neither a note nor a name fits, and no checkpoint covers anything.
        self.disputed = true;
        self.faults.retain(|fault| !matches!(fault.cause, Cause::Note { .. } | Cause::ForeignEntry));
        if !named {
            self.faults
                .insert(0, Fault { place: Place::default(), cause: Cause::NoKey { checkpoints: self.unsigned } });
        }
    }

    pub(super) fn finish(mut self) -> Report {
        let size = self.size();
        self.one_cause();
        if self.covered < size && !self.disputed {
            let first = i64::try_from(self.covered).unwrap_or(i64::MAX).saturating_add(1);
            self.fault(Place::seq(first), Cause::Uncovered);
        }
        // The longest of them says most; the shorter ones follow from it.
        if let Some((known, _)) = self.known.first().copied() {
            self.fault(Place::default(), Cause::Known { size: known });
        }
        let (origin, root) = (self.key.origin().to_string(), self.frontier.root());
        Report { origin, entries: size, checkpoints: self.checkpoints, root, faults: self.faults }
    }
}
