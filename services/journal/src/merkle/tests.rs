//! The vectors of the certificate-transparency code base, and properties against the recursive definition.

use std::collections::HashMap;

use proptest::prelude::*;

use super::*;

/// The eight leaves of the certificate-transparency test tree.
const LEAVES: [&str; 8] =
    ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

/// The root after each of them.
const ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

const A: &str = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7";
const B: &str = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e";
const C: &str = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4";
const D: &str = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b";
const E: &str = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0";
const F: &str = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a";

/// Audit paths: leaf index, size, path.
const PATHS: [(u64, u64, &[&str]); 5] =
    [(0, 1, &[]), (0, 8, &[A, B, C]), (5, 8, &[D, E, ROOTS[3]]), (2, 3, &[ROOTS[1]]), (1, 5, &[ROOTS[0], B, D])];

/// Consistency proofs: old size, new size, proof.
const PROOFS: [(u64, u64, &[&str]); 4] = [(1, 1, &[]), (1, 8, &[A, B, C]), (6, 8, &[F, E, ROOTS[3]]), (2, 5, &[B, D])];

fn unhex(text: &str) -> Hash {
    hex::decode(text).unwrap().try_into().unwrap()
}

fn grow(leaves: &[Vec<u8>]) -> (Frontier, HashMap<NodeId, Hash>) {
    let mut frontier = Frontier::default();
    let mut nodes = HashMap::new();
    for leaf in leaves {
        nodes.extend(frontier.append(leaf_hash(leaf)));
    }
    (frontier, nodes)
}

fn vectors() -> Vec<Vec<u8>> {
    LEAVES.iter().map(|leaf| hex::decode(leaf).unwrap()).collect()
}

// proves: I3
#[test]
fn roots_are_those_of_certificate_transparency() {
    let leaves = vectors();
    assert_eq!(hex::encode(empty_root()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    for (size, root) in (1..).zip(ROOTS) {
        assert_eq!(hex::encode(grow(&leaves[..size]).0.root()), root);
    }
}

#[test]
fn paths_are_those_of_certificate_transparency() {
    let (_, nodes) = grow(&vectors());
    for (index, size, path) in PATHS {
        let found = Plan::inclusion(index, size).unwrap().resolve(|id| nodes.get(&id).copied()).unwrap();
        assert_eq!(found.iter().map(hex::encode).collect::<Vec<_>>(), path, "{index} in {size}");
    }
}

#[test]
fn consistency_proofs_are_those_of_certificate_transparency() {
    let (_, nodes) = grow(&vectors());
    for (old, new, proof) in PROOFS {
        let found = Plan::consistency(old, new).unwrap().resolve(|id| nodes.get(&id).copied()).unwrap();
        assert_eq!(found.iter().map(hex::encode).collect::<Vec<_>>(), proof, "{old} to {new}");
        let (old_root, new_root) = (unhex(ROOTS[old as usize - 1]), unhex(ROOTS[new as usize - 1]));
        assert_eq!(verify_consistency(old, &old_root, new, &new_root, &found), Ok(()));
    }
}

// The definitions of RFC 6962, word for word.

fn mth(leaves: &[Vec<u8>]) -> Hash {
    match leaves {
        [] => empty_root(),
        [leaf] => leaf_hash(leaf),
        _ => {
            let k = leaves.len().next_power_of_two() / 2;
            node_hash(&mth(&leaves[..k]), &mth(&leaves[k..]))
        }
    }
}

fn path(m: usize, leaves: &[Vec<u8>]) -> Vec<Hash> {
    if leaves.len() == 1 {
        return Vec::new();
    }
    let k = leaves.len().next_power_of_two() / 2;
    let (mut found, sibling) = match m < k {
        true => (path(m, &leaves[..k]), mth(&leaves[k..])),
        false => (path(m - k, &leaves[k..]), mth(&leaves[..k])),
    };
    found.push(sibling);
    found
}

fn subproof(m: usize, leaves: &[Vec<u8>], whole: bool) -> Vec<Hash> {
    if m == leaves.len() {
        return if whole { Vec::new() } else { vec![mth(leaves)] };
    }
    let k = leaves.len().next_power_of_two() / 2;
    let (mut found, sibling) = match m <= k {
        true => (subproof(m, &leaves[..k], whole), mth(&leaves[k..])),
        false => (subproof(m - k, &leaves[k..], false), mth(&leaves[..k])),
    };
    found.push(sibling);
    found
}

fn leaves() -> impl Strategy<Value = Vec<Vec<u8>>> {
    prop::collection::vec(prop::collection::vec(any::<u8>(), 0..4), 1..70)
}

proptest! {
    #[test]
    fn the_incremental_tree_is_the_recursive_one(leaves in leaves()) {
        let (frontier, nodes) = grow(&leaves);
        prop_assert_eq!(frontier.root(), mth(&leaves));
        for size in 0..=leaves.len() {
            let root = Plan::root(size as u64).resolve(|id| nodes.get(&id).copied()).unwrap();
            prop_assert_eq!(root[0], mth(&leaves[..size]));
            let peaks = Frontier::needs(size as u64).iter().map(|id| nodes[id]).collect();
            prop_assert_eq!(Frontier::resume(size as u64, peaks).unwrap().root(), root[0]);
        }
    }

    // proves: I3
    #[test]
    fn every_inclusion_proof_holds_and_no_changed_one(leaves in leaves(), pick in any::<prop::sample::Index>(), bit in 0..256usize) {
        let (frontier, nodes) = grow(&leaves);
        let (index, size) = (pick.index(leaves.len()), leaves.len() as u64);
        let proof = Plan::inclusion(index as u64, size).unwrap().resolve(|id| nodes.get(&id).copied()).unwrap();
        prop_assert_eq!(&proof, &path(index, &leaves));
        let (leaf, root) = (leaf_hash(&leaves[index]), frontier.root());
        prop_assert_eq!(verify_inclusion(&leaf, index as u64, size, &proof, &root), Ok(()));
        let mut other = leaf;
        other[bit / 8] ^= 1 << (bit % 8);
        prop_assert_eq!(verify_inclusion(&other, index as u64, size, &proof, &root), Err(ProofError::Root));
        for at in 0..proof.len() {
            let mut changed = proof.clone();
            changed[at][bit / 8] ^= 1 << (bit % 8);
            prop_assert_eq!(verify_inclusion(&leaf, index as u64, size, &changed, &root), Err(ProofError::Root));
            changed.remove(at);
            prop_assert!(verify_inclusion(&leaf, index as u64, size, &changed, &root).is_err());
        }
    }

    // proves: I3
    #[test]
    fn every_consistency_proof_holds_and_no_changed_one(leaves in leaves(), pick in any::<prop::sample::Index>(), bit in 0..256usize) {
        let (frontier, nodes) = grow(&leaves);
        let (old, new) = (pick.index(leaves.len()) + 1, leaves.len());
        let proof = Plan::consistency(old as u64, new as u64).unwrap().resolve(|id| nodes.get(&id).copied()).unwrap();
        prop_assert_eq!(&proof, &subproof(old, &leaves, true));
        let (old_root, new_root) = (mth(&leaves[..old]), frontier.root());
        prop_assert_eq!(verify_consistency(old as u64, &old_root, new as u64, &new_root, &proof), Ok(()));
        let mut other = old_root;
        other[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(verify_consistency(old as u64, &other, new as u64, &new_root, &proof).is_err());
        for at in 0..proof.len() {
            let mut changed = proof.clone();
            changed[at][bit / 8] ^= 1 << (bit % 8);
            prop_assert!(verify_consistency(old as u64, &old_root, new as u64, &new_root, &changed).is_err());
            changed.push([0; 32]);
            prop_assert!(verify_consistency(old as u64, &old_root, new as u64, &new_root, &changed).is_err());
        }
    }

    #[test]
    fn hostile_sizes_are_refused_not_followed(index in any::<u64>(), old in any::<u64>(), new in any::<u64>(), proof in prop::collection::vec(any::<[u8; 32]>(), 0..80)) {
        prop_assert!(verify_inclusion(&[1; 32], index, new, &proof, &[2; 32]).is_err());
        prop_assert!(verify_consistency(old, &[1; 32], new, &[2; 32], &proof).is_err());
    }
}
