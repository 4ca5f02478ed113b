//! What searches ask of the blind index.

use std::collections::BTreeSet;

use dossier_kernel::error::Result;
use dossier_vault::Vault;
use dossier_vault::normal::Kind;

use super::NAMES;
use crate::domain::condition::Search;
use crate::domain::duplicate::{Trait, Traits};

/// Parts of a name that the store compares; the rest is left to the check after opening.
pub const MOST_GRAMS: usize = 4;
/// Most tokens of which a duplicate has one.
pub const MOST_SHARED: usize = 16;
/// Names of a file that others may be named like.
const NAMED: usize = 2;
/// Letters that a name like another has in common with it where it is not said like it.
const BEGINNING: usize = 4;

type Token = Vec<u8>;

/// The tokens that a hit of `search` has, for each way of being one: exact values first, then at most [`MOST_GRAMS`] parts of the name,
/// as it is written in the first way and as it is said in the others.
///
/// # Errors
/// `KEY_UNAVAILABLE`.
pub fn query(vault: &Vault, org: &str, search: &Search) -> Result<Vec<Vec<Vec<u8>>>> {
    let mut exact = Vec::new();
    for one in &search.exact {
        let token = vault.index().exact(org, &one.key, one.kind, &one.value)?;
        exact.extend(token.map(|token| token.to_vec()));
    }
    if let Some(asked) = &search.telephone {
        // One way for each field; what else is asked is left to the check after opening.
        let tokens = asked.keys.iter().map(|key| vault.index().exact(org, key, Kind::Phone, &asked.number));
        let tokens: Vec<_> = tokens.collect::<Result<_, _>>()?;
        return Ok(tokens.into_iter().flatten().map(|token| way(&exact, [token.to_vec()])).collect());
    }
    let mut ways = vec![Vec::new()];
    if !search.name_part.is_empty() {
        ways = vec![vault.index().query(org, NAMES, &search.name_part)?];
        ways.extend(vault.index().heard(org, NAMES, &search.name_part)?);
    }
    Ok(ways.into_iter().map(|grams| way(&exact, grams.iter().take(MOST_GRAMS).map(|gram| gram.to_vec()))).collect())
}

fn way(exact: &[Vec<u8>], others: impl IntoIterator<Item = Vec<u8>>) -> Vec<Vec<u8>> {
    let mut tokens: Vec<_> = exact.iter().cloned().chain(others).collect();
    // The same condition twice asks no more.
    let mut seen = BTreeSet::new();
    tokens.retain(|token| seen.insert(token.clone()));
    tokens
}

/// Tokens of which a file has one that may be about the same customer, at most [`MOST_SHARED`]: identifiers first, then telephone numbers,
/// then names. `telephones` are the fields of the org that hold a number.
///
/// # Errors
/// `KEY_UNAVAILABLE`.
pub fn shared(vault: &Vault, org: &str, telephones: &BTreeSet<String>, traits: &Traits) -> Result<Vec<Token>> {
    let (index, mut shared) = (vault.index(), Vec::new());
    let mut share = |key: &str, kind: Kind, value: &str| -> Result<()> {
        shared.extend(index.exact(org, key, kind, value)?.map(|token| token.to_vec()));
        Ok(())
    };
    for one in traits.of(Trait::Identifier) {
        share(&one.key, Kind::Identifier, &one.value)?;
    }
    for one in traits.of(Trait::Telephone) {
        telephones.iter().try_for_each(|key| share(key, Kind::Phone, &one.value))?;
    }
    for one in traits.of(Trait::Name) {
        share(&one.key, Kind::Text, &one.given)?;
    }
    shared.truncate(MOST_SHARED);
    Ok(shared)
}

/// Ways to files with names like these: one that is alike has all tokens of a way.
///
/// # Errors
/// `KEY_UNAVAILABLE`.
pub fn alike(vault: &Vault, org: &str, traits: &Traits) -> Result<Vec<Vec<Token>>> {
    let (index, mut ways) = (vault.index(), Vec::new());
    for one in traits.of(Trait::Name).take(NAMED) {
        let beginning: String = one.value.chars().take(BEGINNING).collect();
        let begun = index.query(org, NAMES, &beginning)?;
        for way in index.namesakes(org, NAMES, &one.given)?.into_iter().chain([begun]) {
            let tokens: Vec<_> = way.into_iter().take(MOST_GRAMS).map(|gram| gram.to_vec()).collect();
            ways.extend((!tokens.is_empty()).then_some(tokens));
        }
    }
    Ok(ways)
}
