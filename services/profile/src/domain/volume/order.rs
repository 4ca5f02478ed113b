//! The order in a volume, and its numbers (P-95, P-96).

use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BTreeSet};

use dossier_regime::{OrderKey, PageCount, VolumeOrder, VolumeRule};
use uuid::Uuid;

use super::paper::{Paper, Papers, leader};

// Which documents must stand before one, each with how fine the relation is that says so.
type Before = BTreeMap<Uuid, BTreeMap<Uuid, usize>>;

/// These documents in the order of the rule, in whatever order they are given. What stands behind another follows it as soon as nothing
/// finer does; a ring is cut where it is entered first.
pub fn arrange(rule: &VolumeRule, papers: &Papers<'_>, wanted: &BTreeSet<Uuid>) -> Vec<Uuid> {
    let before = before(rule, papers, wanted);
    let mut left: Vec<&Paper> = wanted.iter().filter_map(|id| papers.get(id)).copied().collect();
    left.sort_by(|one, other| compare(rule, one, other));
    let mut placed: BTreeMap<Uuid, usize> = BTreeMap::new();
    while !left.is_empty() {
        let next = next(&left, &before, &placed);
        let one = left.remove(next);
        placed.insert(one.id, placed.len());
    }
    let mut order: Vec<_> = placed.into_iter().map(|(id, at)| (at, id)).collect();
    order.sort_unstable();
    order.into_iter().map(|(_, id)| id).collect()
}

// Of those that nothing keeps back the one that hangs on what was placed last, by the finest relation; else the first as they are sorted.
fn next(left: &[&Paper], before: &Before, placed: &BTreeMap<Uuid, usize>) -> usize {
    let waits = |one: &Paper| before.get(&one.id).is_some_and(|all| all.keys().any(|id| !placed.contains_key(id)));
    let pull = |one: &Paper| {
        let hangs = before.get(&one.id).into_iter().flatten();
        hangs.filter_map(|(id, fine)| Some((placed.get(id)? + 1, *fine))).max().unwrap_or_default()
    };
    let ready = left.iter().enumerate().filter(|(_, one)| !waits(one));
    ready.min_by_key(|(at, one)| (Reverse(pull(one)), *at)).map_or(0, |(at, _)| at)
}

fn before(rule: &VolumeRule, papers: &Papers<'_>, wanted: &BTreeSet<Uuid>) -> Before {
    let mut before = Before::new();
    for one in wanted.iter().filter_map(|id| papers.get(id)) {
        for (relation, other) in one.links.iter().filter(|(_, other)| wanted.contains(other) && *other != one.id) {
            let by = OrderKey::Relation(*relation);
            let Some((fine, order)) = rule.order.iter().enumerate().find(|(_, order)| order.by == by) else { continue };
            let leads = (leader(*relation, one.id, *other) == one.id) != order.turned;
            let (first, second) = if leads { (one.id, *other) } else { (*other, one.id) };
            let known = before.entry(second).or_default().entry(first).or_default();
            *known = fine.max(*known);
        }
    }
    before
}

fn compare(rule: &VolumeRule, one: &Paper, other: &Paper) -> Ordering {
    let by = |order: &VolumeOrder| {
        let found = match order.by {
            OrderKey::Position => one.position.cmp(&other.position),
            OrderKey::Date => one.day().cmp(&other.day()),
            OrderKey::Received => one.received.cmp(&other.received),
            OrderKey::Relation(_) => Ordering::Equal,
        };
        if order.turned { found.reverse() } else { found }
    };
    rule.order.iter().map(by).find(|found| found.is_ne()).unwrap_or_else(|| one.id.cmp(&other.id))
}

/// The numbers of a document in its volume.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Numbers {
    /// The first; 0: it bears none.
    pub first: i64,
    /// The last.
    pub last: i64,
}

/// The numbers of documents in this order. One of an `unpaged` kind bears none, nor does one of which nothing was counted.
pub fn paginate<'p>(rule: &VolumeRule, ordered: impl Iterator<Item = &'p Paper>) -> Vec<Numbers> {
    let mut taken = 0;
    let mut number = |one: &Paper| match count(rule, one) {
        0 => Numbers::default(),
        count => {
            let first = taken + 1;
            taken += count;
            Numbers { first, last: taken }
        }
    };
    ordered.map(&mut number).collect()
}

/// Whether its pages or sheets must be counted before it is numbered, and are not.
pub fn is_uncounted(rule: &VolumeRule, one: &Paper) -> bool {
    !rule.unpaged.contains(&one.kind) && count(rule, one) == 0
}

fn count(rule: &VolumeRule, one: &Paper) -> i64 {
    match (rule.unpaged.contains(&one.kind), rule.count) {
        (true, _) => 0,
        (false, PageCount::Sheets) => one.sheets,
        (false, PageCount::TextPages) => one.pages,
    }
}

// === impl Paper ===

impl Paper {
    // The day that it is ordered by.
    fn day(&self) -> jiff::civil::Date {
        self.date.unwrap_or(self.received_on)
    }
}
