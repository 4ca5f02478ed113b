//! The canonical form of a card, hashed. The form is part of the contract: it never changes.

use sha2::{Digest, Sha256};

use super::{Bin, Card, Match};

pub(super) fn of(card: &Card) -> [u8; 32] {
    let mut hash = Sha256::new();
    put(&mut hash, "dossier/card/v1");
    put(&mut hash, card.base.text());
    count(&mut hash, card.variables.len());
    for variable in &card.variables {
        put(&mut hash, &variable.name);
        put(&mut hash, variable.missing.as_ref().map_or("", |points| points.text()));
        count(&mut hash, variable.bins.len());
        for one in &variable.bins {
            bin(&mut hash, one);
        }
    }
    hash.finalize().into()
}

fn bin(hash: &mut Sha256, bin: &Bin) {
    put(hash, &bin.label);
    put(hash, bin.points.text());
    match &bin.matches {
        Match::Range { from, until } => {
            put(hash, "range");
            for bound in [from, until] {
                // `5` and `5.0` are the same bound.
                put(hash, &bound.map(|bound| bound.normalize().to_string()).unwrap_or_default());
            }
        }
        Match::Categories(values) => {
            put(hash, "categories");
            count(hash, values.len());
            values.iter().for_each(|value| put(hash, value));
        }
    }
}

// Each text behind its length, so that no boundary can move.
fn put(hash: &mut Sha256, text: &str) {
    count(hash, text.len());
    hash.update(text.as_bytes());
}

fn count(hash: &mut Sha256, number: usize) {
    hash.update((number as u64).to_be_bytes());
}
