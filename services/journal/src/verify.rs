//! The offline verifier: a whole journal, one receipt, or two checkpoints, and the name of the entry that is at fault.
//!
//! | what | with |
//! |---|---|
//! | an exported journal | [`export`] |
//! | a service's database | [`store`] |
//! | one entry with its proof and checkpoint | [`Receipt::verify`] |
//! | that one checkpoint continues another | [`extension`] |
//! | that the rows of a store are what the journal says | [`replay`](mod@replay) |
//!
//! Everything is recomputed from the entries' bodies. The key should come from elsewhere than the journal: whoever can
//! write both can sign anything. Cutting off the end back to an earlier checkpoint is found by giving a checkpoint that
//! was kept elsewhere ([`Trust::known`]).

mod audit;
mod exported;
mod receipt;
pub mod replay;
pub mod state;
mod stored;
#[cfg(test)]
mod tests;
mod value;

use std::fmt;

pub use exported::export;
pub use receipt::{Receipt, beside, extension, proof_beside};
pub use stored::store;
pub use value::{Promise, Value};

use crate::checkpoint::{Checkpoint, NoteFault, VerifierKey};
use crate::merkle::{Hash, NodeId, ProofError};

/// The most faults a report lists.
pub const FAULT_LIMIT: usize = 100;

/// What the verifier believes before it looks.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    /// The key of the journal; without it the journal's own word is taken.
    pub key: Option<VerifierKey>,
    /// Its other keys: those that signed it before the key was changed, or after. Each checkpoint is signed by one of all.
    pub also: Vec<VerifierKey>,
    /// Checkpoints kept elsewhere: the journal must agree with each.
    pub known: Vec<Checkpoint>,
}

/// What the verifier found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The name of the journal; empty when even that cannot be read.
    pub origin: String,
    /// How many entries were read.
    pub entries: u64,
    /// How many checkpoints were read.
    pub checkpoints: u64,
    /// The root over the entries read.
    pub root: Hash,
    /// What is wrong, in the order of the journal, at most [`FAULT_LIMIT`]; empty when the journal verifies.
    pub faults: Vec<Fault>,
}

/// One thing that is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {cause}")]
pub struct Fault {
    /// Where.
    pub place: Place,
    /// What.
    pub cause: Cause,
}

/// Where a fault lies, as closely as it can be told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The line of the export, from 1.
    pub line: Option<u64>,
    /// The number of the entry.
    pub seq: Option<i64>,
    /// The id of the entry.
    pub id: Option<String>,
}

/// What can be wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Cause {
    /// A line is not one that the export writes, to the byte.
    #[error("the line is not in the form of an exported journal")]
    Malformed,
    /// The export does not end with its count.
    #[error("the export is cut off, or its last line does not count what is above")]
    End,
    /// The journal's key is not the trusted one.
    #[error("the journal names another key than the trusted one")]
    ForeignKey,
    /// A row or a value cannot be read at all.
    #[error("the stored row cannot be read")]
    Unreadable,
    /// A number is missing or out of place.
    #[error("the entry with number {expected} is missing or out of place")]
    Gap {
        /// The number that should be here.
        expected: i64,
    },
    /// The body is no entry.
    #[error("the body is not an encoded entry")]
    Body,
    /// A value kept beside the body says something else than the body.
    #[error("`{0}` differs from what the body says")]
    Column(&'static str),
    /// The body belongs to another journal.
    #[error("the body belongs to another journal")]
    ForeignEntry,
    /// The stored leaf hash is not the hash of the body.
    #[error("the stored leaf hash is not that of the body")]
    LeafHash,
    /// A stored node is not the hash of what is below it.
    #[error("the stored tree node over entries {first} to {last} is not the hash of what is below it")]
    Node {
        /// The first entry below the node.
        first: u64,
        /// The last entry below the node.
        last: u64,
    },
    /// There are more or fewer nodes than the tree has.
    #[error("{found} tree nodes are stored where the tree has {expected}")]
    NodeCount {
        /// Nodes of the tree.
        expected: u64,
        /// Nodes stored.
        found: u64,
    },
    /// No checkpoint at all is signed by the key.
    #[error("none of the {checkpoints} checkpoints is signed by the given key: it is the key of another journal")]
    NoKey {
        /// How many there are.
        checkpoints: u64,
    },
    /// A checkpoint cannot be read or is not signed by the key.
    #[error("the checkpoint of {size} entries: {fault}")]
    Note {
        /// The size under which the checkpoint is kept.
        size: i64,
        /// What is wrong with it.
        fault: NoteFault,
    },
    /// A checkpoint does not stand where it belongs.
    #[error("the checkpoint of {size} entries does not stand behind that many")]
    CheckpointPlace {
        /// The size under which the checkpoint is kept.
        size: i64,
    },
    /// A checkpoint states another root.
    #[error("the checkpoint states another root than entries {first} to {last} give")]
    Root {
        /// The first entry that no good checkpoint covers.
        first: u64,
        /// The last entry that the checkpoint covers.
        last: u64,
    },
    /// A checkpoint kept elsewhere states another root, or more entries than there are.
    #[error("the journal contradicts the trusted checkpoint of {size} entries")]
    Known {
        /// Its size.
        size: u64,
    },
    /// Entries follow the last checkpoint.
    #[error("no checkpoint covers the entries from here on")]
    Uncovered,
    /// The head says something else than the entries.
    #[error("the head's `{0}` differs from what the entries give")]
    Head(&'static str),
    /// A figure that somebody wrote beside the signed note or the entry says something else than they do.
    #[error("`{0}` differs from what the signed note or the entry says")]
    Beside(&'static str),
    /// A proof proves nothing.
    #[error("{0}")]
    Proof(#[from] ProofError),
}

// === impl Trust ===

impl Trust {
    /// Up to which entry of the journal `origin` a checkpoint kept elsewhere vouches; `None` without one.
    pub fn reach(&self, origin: &str) -> Option<u64> {
        self.known.iter().filter(|known| known.origin.as_str() == origin).map(|known| known.size).max()
    }
}

// === impl Report ===

impl Report {
    /// Whether nothing is wrong.
    pub fn verified(&self) -> bool {
        self.faults.is_empty()
    }
}

// === impl Place ===

impl Place {
    /// The entry with this number and id.
    pub fn entry(seq: i64, id: impl Into<String>) -> Self {
        Self { seq: Some(seq), id: Some(id.into()).filter(|id| !id.is_empty()), line: None }
    }

    /// The entry with this number.
    pub fn seq(seq: i64) -> Self {
        Self { seq: Some(seq), ..Self::default() }
    }

    fn at_line(mut self, line: u64) -> Self {
        self.line = Some(line);
        self
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        parts.extend(self.line.map(|line| format!("line {line}")));
        parts.extend(self.seq.map(|seq| format!("entry {seq}")));
        parts.extend(self.id.as_ref().map(|id| format!("id {id}")));
        if parts.is_empty() { f.write_str("the journal") } else { f.write_str(&parts.join(", ")) }
    }
}

// === impl Cause ===

impl Cause {
    fn node(id: NodeId) -> Self {
        Self::Node { first: (id.index << id.level) + 1, last: (id.index + 1) << id.level }
    }
}
