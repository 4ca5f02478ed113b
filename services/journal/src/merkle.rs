//! The RFC 6962 Merkle tree: leaf and node hashes, the right edge that grows, and plans for roots and proofs.
//!
//! A node is the root of a *complete* subtree, named by [`NodeId`]. Complete subtrees never change, so they are stored
//! once; every root and every proof of every size is folded from them. What must be read for it is a [`Plan`]: the
//! caller asks [`Plan::needs`], fetches those nodes from wherever they lie, and calls [`Plan::resolve`].

mod proof;
#[cfg(test)]
mod tests;

use sha2::{Digest, Sha256};

pub use proof::{ProofError, verify_consistency, verify_inclusion};

/// A SHA-256 hash of the tree, 32 bytes.
pub type Hash = [u8; 32];

/// The hash of one leaf: SHA-256 over `0x00` and the leaf's bytes (RFC 6962 section 2.1).
pub fn leaf_hash(bytes: &[u8]) -> Hash {
    Sha256::new().chain_update([0x00]).chain_update(bytes).finalize().into()
}

/// The hash of an inner node: SHA-256 over `0x01` and both children (RFC 6962 section 2.1).
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([0x01]).chain_update(left).chain_update(right).finalize().into()
}

/// The root of the tree without leaves: SHA-256 of nothing.
pub fn empty_root() -> Hash {
    Sha256::digest([]).into()
}

/// The name of a complete subtree: it covers the leaves `index << level` up to, not including, `(index + 1) << level`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId {
    /// Height above the leaves; a leaf has level 0.
    pub level: u32,
    /// Position among the nodes of this level, from the left, from 0.
    pub index: u64,
}

/// The right edge of a growing tree: its size and the roots of the complete subtrees it consists of, largest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

/// What a root or a proof consists of: one leaf range `start..end` per hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    ranges: Vec<(u64, u64)>,
}

// === impl Frontier ===

impl Frontier {
    /// The complete subtrees whose hashes make up a tree of `size` leaves, largest first.
    pub fn needs(size: u64) -> Vec<NodeId> {
        cover(0, size)
    }

    /// A frontier of `size` leaves from its peaks, the hashes of [`Frontier::needs`]; `None` if their number is wrong.
    pub fn resume(size: u64, peaks: Vec<Hash>) -> Option<Self> {
        (peaks.len() == size.count_ones() as usize).then_some(Self { size, peaks })
    }

    /// How many leaves the tree has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The roots of its complete subtrees, largest first, as [`Frontier::resume`] takes them.
    pub fn peaks(&self) -> &[Hash] {
        &self.peaks
    }

    /// Appends one leaf; answers the subtrees that it completed, the leaf itself first.
    pub fn append(&mut self, leaf: Hash) -> Vec<(NodeId, Hash)> {
        let mut id = NodeId { level: 0, index: self.size };
        let mut hash = leaf;
        let mut completed = vec![(id, hash)];
        while id.index & 1 == 1 {
            let Some(left) = self.peaks.pop() else { break };
            hash = node_hash(&left, &hash);
            id = NodeId { level: id.level + 1, index: id.index >> 1 };
            completed.push((id, hash));
        }
        self.peaks.push(hash);
        self.size += 1;
        completed
    }

    /// The root of the tree as it stands.
    pub fn root(&self) -> Hash {
        fold(&self.peaks)
    }
}

// === impl Plan ===

impl Plan {
    /// The plan of the root of the first `size` leaves.
    pub fn root(size: u64) -> Self {
        Self { ranges: vec![(0, size)] }
    }

    /// The plan of the audit path of leaf `index` in the tree of `size` leaves (RFC 6962 section 2.1.1).
    ///
    /// `None` unless `index < size`.
    pub fn inclusion(index: u64, size: u64) -> Option<Self> {
        if index >= size {
            return None;
        }
        let (mut start, mut end, mut ranges) = (0, size, Vec::new());
        while end - start > 1 {
            let middle = start + split(end - start);
            if index < middle {
                ranges.push((middle, end));
                end = middle;
            } else {
                ranges.push((start, middle));
                start = middle;
            }
        }
        ranges.reverse();
        Some(Self { ranges })
    }

    /// The plan of the proof that the tree of `old` leaves is a prefix of the tree of `new` (RFC 6962 section 2.1.2).
    ///
    /// `None` unless `1 <= old <= new`. For equal sizes the proof is empty.
    pub fn consistency(old: u64, new: u64) -> Option<Self> {
        if old == 0 || old > new {
            return None;
        }
        let (mut start, mut end, mut ranges) = (0, new, Vec::new());
        while end != old {
            let middle = start + split(end - start);
            if old <= middle {
                ranges.push((middle, end));
                end = middle;
            } else {
                ranges.push((start, middle));
                start = middle;
            }
        }
        // A verifier who holds the old root knows this range already when it is the whole old tree.
        if start != 0 {
            ranges.push((start, end));
        }
        ranges.reverse();
        Some(Self { ranges })
    }

    /// Every stored node that [`Plan::resolve`] will ask for.
    pub fn needs(&self) -> Vec<NodeId> {
        self.ranges.iter().flat_map(|&(start, end)| cover(start, end)).collect()
    }

    /// The hashes of the plan, in proof order; `None` if a node is missing.
    pub fn resolve(&self, node: impl Fn(NodeId) -> Option<Hash>) -> Option<Vec<Hash>> {
        let range = |&(start, end): &(u64, u64)| {
            let parts: Option<Vec<Hash>> = cover(start, end).into_iter().map(&node).collect();
            parts.map(|parts| fold(&parts))
        };
        self.ranges.iter().map(range).collect()
    }
}

/// The largest power of two smaller than `n`, for `n > 1`.
fn split(n: u64) -> u64 {
    1 << (63 - (n - 1).leading_zeros())
}

/// The complete subtrees of `start..end`, from the left. Every range of a plan starts on a boundary of its largest.
fn cover(mut start: u64, end: u64) -> Vec<NodeId> {
    let mut nodes = Vec::new();
    while start < end {
        let level = 63 - (end - start).leading_zeros();
        nodes.push(NodeId { level, index: start >> level });
        start += 1 << level;
    }
    nodes
}

/// The root over complete subtrees of falling size.
fn fold(parts: &[Hash]) -> Hash {
    let mut parts = parts.iter().rev();
    let Some(last) = parts.next() else { return empty_root() };
    parts.fold(*last, |right, left| node_hash(left, &right))
}
