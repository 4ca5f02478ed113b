//! What a stranger runs: checks of inclusion and consistency proofs against roots, by the loops of RFC 9162.

use super::{Hash, empty_root, node_hash};

/// Why a proof proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The leaf lies outside the tree, or the older tree is larger than the newer.
    #[error("the sizes do not fit together")]
    Range,
    /// The proof has too few or too many hashes for these sizes.
    #[error("the proof has the wrong number of hashes")]
    Length,
    /// The proof leads to another root.
    #[error("the proof leads to another root")]
    Root,
}

/// Checks that `leaf` is the leaf `index` (from 0) of the tree of `size` leaves under `root` (RFC 9162 section 2.1.3.2).
///
/// # Errors
/// [`ProofError`], when it is not shown.
pub fn verify_inclusion(leaf: &Hash, index: u64, size: u64, proof: &[Hash], root: &Hash) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::Range);
    }
    let (mut node, mut last, mut hash) = (index, size - 1, *leaf);
    for sibling in proof {
        if last == 0 {
            return Err(ProofError::Length);
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            (node, last) = skip_left_edge(node, last);
        } else {
            hash = node_hash(&hash, sibling);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    if last != 0 {
        return Err(ProofError::Length);
    }
    if hash == *root { Ok(()) } else { Err(ProofError::Root) }
}

/// Checks that the tree of `old` leaves under `old_root` is a prefix of the tree of `new` leaves under `new_root`
/// (RFC 9162 section 2.1.4.2). The empty tree is a prefix of every tree, with an empty proof.
///
/// # Errors
/// [`ProofError`], when it is not shown.
pub fn verify_consistency(
    old: u64,
    old_root: &Hash,
    new: u64,
    new_root: &Hash,
    proof: &[Hash],
) -> Result<(), ProofError> {
    if old > new {
        return Err(ProofError::Range);
    }
    if old == new || old == 0 {
        let held = if old == new { old_root == new_root } else { *old_root == empty_root() };
        return match (proof.is_empty(), held) {
            (false, _) => Err(ProofError::Length),
            (true, false) => Err(ProofError::Root),
            (true, true) => Ok(()),
        };
    }
    let (first, rest) = match (old.is_power_of_two(), proof) {
        (true, rest) => (old_root, rest),
        (false, [first, rest @ ..]) => (first, rest),
        (false, []) => return Err(ProofError::Length),
    };
    let (seen_old, seen_new) = climb(old, new, first, rest)?;
    if seen_old == *old_root && seen_new == *new_root { Ok(()) } else { Err(ProofError::Root) }
}

/// Both roots as the proof shows them.
fn climb(old: u64, new: u64, first: &Hash, rest: &[Hash]) -> Result<(Hash, Hash), ProofError> {
    let shared = (old - 1).trailing_ones();
    let (mut node, mut last) = ((old - 1) >> shared, (new - 1) >> shared);
    let (mut left, mut right) = (*first, *first);
    for sibling in rest {
        if last == 0 {
            return Err(ProofError::Length);
        }
        if node & 1 == 1 || node == last {
            left = node_hash(sibling, &left);
            right = node_hash(sibling, &right);
            (node, last) = skip_left_edge(node, last);
        } else {
            right = node_hash(&right, sibling);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    if last == 0 { Ok((left, right)) } else { Err(ProofError::Length) }
}

/// A node without right sibling rises until it is a right child: those levels have no hash in the proof.
fn skip_left_edge(node: u64, last: u64) -> (u64, u64) {
    if node & 1 == 1 || node == 0 {
        return (node, last);
    }
    let up = node.trailing_zeros();
    (node >> up, last >> up)
}
