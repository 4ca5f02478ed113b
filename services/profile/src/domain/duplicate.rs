//! Whether two files may be about the same customer (P-28): a stated method, the same whichever of the two is asked about.

use std::collections::BTreeSet;

use dossier_regime::{Field, FieldType, IdentifierKind, Template};
use dossier_vault::normal::{Kind, folded, normal};
use dossier_vault::sound::alike;

use super::condition::{is_searchable, is_telephone};
use super::field_visibility::UNIT_REF;

/// The score of equal identifiers, and of what is equal.
pub const WHOLE: i64 = 10_000;
/// Most that anything else comes to.
pub const UNPROVED: i64 = 9_900;
/// The score from which a file is a candidate.
pub const LEAST: i64 = 6_000;
/// How alike two names are at least that may be said alike.
const SAID: i64 = 8_000;
/// What weighs, by trait.
const WEIGHTS: [(Trait, i64); 3] = [(Trait::Name, 50), (Trait::Telephone, 30), (Trait::Address, 20)];
/// The weight by which the sum is divided at least: one thing alone proves little.
const LEAST_WEIGHT: i64 = 70;
/// Letters of a value that are compared.
const LONGEST: usize = 500;

/// As what a field is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trait {
    /// What identifies a customer.
    Identifier,
    /// A name.
    Name,
    /// A telephone number.
    Telephone,
    /// A postal address.
    Address,
}

/// What a file is compared by: personal values, so it has no `Debug`.
#[derive(Clone, Default)]
pub struct Traits(Vec<One>);

/// One value that is compared.
#[derive(Clone)]
pub struct One {
    compared: Trait,
    /// Its field.
    pub key: String,
    /// The value as it is compared.
    pub value: String,
    /// The value as it was given.
    pub given: String,
}

/// What was found alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// Key of the field in the other file.
    pub field: String,
    /// As what.
    pub compared: Trait,
    /// How alike, in basis points.
    pub alike: i64,
}

/// What comes of a comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Score {
    /// In basis points, at most [`WHOLE`].
    pub basis_points: i64,
    /// What is alike, the heaviest first.
    pub matches: Vec<Match>,
}

/// As what values of a field are compared; `None`: not at all.
pub fn compared_as(field: &Field) -> Option<Trait> {
    match field.kind {
        _ if field.identifier != IdentifierKind::None && is_searchable(field) => Some(Trait::Identifier),
        FieldType::BankAccount if is_searchable(field) => Some(Trait::Identifier),
        FieldType::Address => Some(Trait::Address),
        _ if is_telephone(field) => Some(Trait::Telephone),
        _ if field.indexed == dossier_regime::Index::Name => Some(Trait::Name),
        _ => None,
    }
}

/// Keys of what is compared in files of a template, with the reference of the unit.
pub fn compared(template: &Template) -> impl Iterator<Item = &str> {
    let fields = template.fields.iter().filter(|field| compared_as(field).is_some());
    fields.map(|field| field.id.as_str()).chain([UNIT_REF])
}

/// How alike two files are, as far as both are known.
pub fn compare(one: &Traits, other: &Traits) -> Score {
    let identifiers = identical(one, other);
    let (mut sum, mut weight, mut matches) = (0, 0, Vec::new());
    for (compared, heavy) in WEIGHTS {
        if let Some(best) = best(one, other, compared) {
            (sum, weight) = (sum + heavy * best.alike, weight + heavy);
            matches.extend((best.alike > 0).then_some(best));
        }
    }
    let unproved = sum * UNPROVED / WHOLE / weight.max(LEAST_WEIGHT);
    let basis_points = if identifiers.is_empty() { unproved } else { WHOLE };
    Score { basis_points, matches: identifiers.into_iter().chain(matches).collect() }
}

// An identifier is one of its own field: an account is no identity number.
fn identical(one: &Traits, other: &Traits) -> Vec<Match> {
    let same =
        |theirs: &&One| one.of(Trait::Identifier).any(|ours| ours.key == theirs.key && ours.value == theirs.value);
    let found = other.of(Trait::Identifier).filter(same);
    found.map(|theirs| Match { field: theirs.key.clone(), compared: Trait::Identifier, alike: WHOLE }).collect()
}

// The pair that is most alike; `None` where one of both has nothing of the kind.
fn best(one: &Traits, other: &Traits, compared: Trait) -> Option<Match> {
    let pairs = other.of(compared).flat_map(|theirs| one.of(compared).map(move |ours| (ours, theirs)));
    let scored = pairs.map(|(ours, theirs)| (likeness(compared, &ours.value, &theirs.value), theirs));
    let (alike, theirs) = scored.max_by_key(|(alike, _)| *alike)?;
    Some(Match { field: theirs.key.clone(), compared, alike })
}

fn likeness(compared: Trait, one: &str, other: &str) -> i64 {
    match compared {
        _ if one == other => WHOLE,
        Trait::Identifier | Trait::Telephone => 0,
        Trait::Name if alike(one, other) => shared(one, other).max(SAID),
        Trait::Name | Trait::Address => shared(one, other),
    }
}

// Twice the pairs that both have, by all pairs.
fn shared(one: &str, other: &str) -> i64 {
    let pairs = |text: &str| {
        let letters: Vec<char> = text.chars().take(LONGEST).collect();
        letters.windows(2).map(|two| (two[0], two[1])).collect::<BTreeSet<_>>()
    };
    let (one, other) = (pairs(one), pairs(other));
    let both = one.intersection(&other).count();
    let share = (2 * both).saturating_mul(10_000).checked_div(one.len() + other.len()).unwrap_or_default();
    // The same pairs in another order are not the same.
    i64::try_from(share).unwrap_or_default().min(WHOLE - 1)
}

// === impl Traits ===

impl Traits {
    /// Adds a value of a field; what is not compared is left out.
    pub fn add(&mut self, field: &Field, value: &str) {
        if let Some(compared) = compared_as(field) {
            self.put(compared, &field.id, value);
        }
    }

    /// Adds the reference of the unit.
    pub fn add_unit(&mut self, unit_ref: &str) {
        self.put(Trait::Identifier, UNIT_REF, unit_ref);
    }

    fn put(&mut self, compared: Trait, key: &str, given: &str) {
        let value = match compared {
            Trait::Identifier => normal(Kind::Identifier, given),
            Trait::Telephone => normal(Kind::Phone, given),
            Trait::Name | Trait::Address => folded(given),
        };
        if !value.is_empty() {
            let (key, value, given) = (key.to_owned(), value.to_string(), given.to_owned());
            self.0.push(One { compared, key, value, given });
        }
    }

    /// The values of one kind.
    pub fn of(&self, compared: Trait) -> impl Iterator<Item = &One> {
        self.0.iter().filter(move |one| one.compared == compared)
    }

    /// Keys of what is compared with `other`, sorted: a score tells of each of them.
    pub fn told(&self, other: &Self) -> Vec<String> {
        let told = self.0.iter().filter(|one| other.of(one.compared).next().is_some());
        told.map(|one| one.key.clone()).collect::<BTreeSet<_>>().into_iter().collect()
    }
}

#[cfg(test)]
mod tests;
