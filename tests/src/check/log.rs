//! I3, the log: numbers without gap, leaf hashes, the Merkle root by RFC 6962 word for word, signed checkpoints.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dossier::serve::Which;
use dossier_kernel::sql;
use dossier_vault::sign::Signer;
use ed25519_dalek::{Signature, Verifier, VerifyingKey};
use sha2::{Digest, Sha256};

use super::{Stored, journal, orgs};
use crate::world::World;

/// Violations of I3 in the journals as logs.
pub async fn log(world: &World) -> Vec<String> {
    let mut wrong = Vec::new();
    for which in Which::ALL {
        let signer = Signer::journal(world.ground().provider.as_ref(), which.name()).unwrap();
        let key = signer.signing_key().verifying_key();
        for org in orgs(world, which).await {
            let place = format!("{which} of {org}");
            let entries = journal(world, which, &org).await;
            wrong.extend(places(&entries, which, &org).into_iter().map(|fault| format!("{place}: {fault}")));
            wrong.extend(tree(world, which, &org, &entries).await.into_iter().map(|fault| format!("{place}: {fault}")));
            let notes = notes(world, which, &org, &entries, &key).await;
            wrong.extend(notes.into_iter().map(|fault| format!("{place}: {fault}")));
        }
    }
    wrong
}

fn places(entries: &[Stored], which: Which, org: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    for (entry, expected) in entries.iter().zip(1..) {
        if entry.seq != expected {
            wrong.push(format!("entry {expected} is missing"));
            return wrong;
        }
        if entry.body.org != org || entry.body.service != which.name() {
            wrong.push(format!("entry {expected} belongs to another journal"));
        }
        if leaf(&entry.bytes)[..] != entry.leaf_hash[..] {
            wrong.push(format!("entry {expected} does not hash to its leaf"));
        }
    }
    wrong
}

async fn tree(world: &World, which: Which, org: &str, entries: &[Stored]) -> Vec<String> {
    let mut tx = world.db(which).read().await.unwrap();
    let text = "SELECT size, root FROM journal_head WHERE org = $1";
    let Some((size, root)) = sql!(&mut tx, fetch_optional as (i64, Vec<u8>), text, org).unwrap() else {
        return if entries.is_empty() { Vec::new() } else { vec!["entries without a head".to_owned()] };
    };
    let leaves: Vec<_> = entries.iter().map(|entry| leaf(&entry.bytes)).collect();
    let mut wrong = Vec::new();
    if usize::try_from(size) != Ok(leaves.len()) {
        wrong.push(format!("the head counts {size} entries, there are {}", leaves.len()));
    }
    if tree_hash(&leaves)[..] != root[..] {
        wrong.push("the head's root is not that of the entries".to_owned());
    }
    wrong
}

async fn notes(world: &World, which: Which, org: &str, entries: &[Stored], key: &VerifyingKey) -> Vec<String> {
    let mut tx = world.db(which).read().await.unwrap();
    let text = "SELECT size, note FROM journal_checkpoint WHERE org = $1 ORDER BY size";
    let notes = sql!(&mut tx, fetch_all as (i64, String), text, org).unwrap();
    let mut wrong = Vec::new();
    if notes.last().map_or(0, |(size, _)| *size) != entries.len() as i64 {
        wrong.push("no checkpoint covers the last entries".to_owned());
    }
    // A few of many: each needs the whole tree below it.
    let step = (notes.len() / 8).max(1);
    for (size, note) in notes.iter().rev().step_by(step) {
        let count = usize::try_from(*size).unwrap_or(usize::MAX).min(entries.len());
        let leaves: Vec<_> = entries[..count].iter().map(|entry| leaf(&entry.bytes)).collect();
        if let Err(fault) = note_holds(note, *size, &tree_hash(&leaves), key) {
            wrong.push(format!("the checkpoint of {size} entries {fault}"));
        }
    }
    wrong
}

// A C2SP signed note: text, an empty line, signature lines.
fn note_holds(note: &str, size: i64, root: &[u8; 32], key: &VerifyingKey) -> Result<(), &'static str> {
    let (text, signatures) = note.split_once("\n\n").ok_or("is no note")?;
    let mut lines = text.lines().skip(1);
    if lines.next() != Some(size.to_string().as_str()) {
        return Err("states another size");
    }
    if lines.next() != Some(STANDARD.encode(root).as_str()) {
        return Err("states another root");
    }
    let line = signatures.lines().next().and_then(|line| line.rsplit(' ').next()).ok_or("is not signed")?;
    let bytes = STANDARD.decode(line).map_err(|_| "has a broken signature")?;
    // Four bytes of key hash, then the signature over the text with its line end.
    let signature =
        bytes.get(4..).and_then(|bytes| Signature::from_slice(bytes).ok()).ok_or("has a short signature")?;
    key.verify(format!("{text}\n").as_bytes(), &signature).map_err(|_| "is signed by another key")
}

fn leaf(bytes: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update([0]);
    hash.update(bytes);
    hash.finalize().into()
}

// MTH of RFC 6962, section 2.1, as it is written there.
fn tree_hash(leaves: &[[u8; 32]]) -> [u8; 32] {
    match leaves {
        [] => Sha256::digest([]).into(),
        [one] => *one,
        many => {
            let k = many.len().next_power_of_two() / 2;
            let mut hash = Sha256::new();
            hash.update([1]);
            hash.update(tree_hash(&many[..k]));
            hash.update(tree_hash(&many[k..]));
            hash.finalize().into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_is_that_of_the_standard() {
        // The eight leaves that certificate transparency logs are tested with.
        let leaves: [&[u8]; 8] =
            [b"", b"\x00", b"\x10", b"\x20\x21", b"\x30\x31", b"@ABC", b"PQRSTUVW", b"`abcdefghijklmno"];
        let hashes: Vec<_> = leaves.iter().map(|bytes| leaf(bytes)).collect();
        assert_eq!(hex::encode(tree_hash(&hashes)), "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
    }
}
