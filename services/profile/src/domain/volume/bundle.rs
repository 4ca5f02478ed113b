//! What belongs together, and what of it lies apart (P-93, P-94).

use std::collections::{BTreeMap, BTreeSet};

use dossier_regime::VolumeRule;
use uuid::Uuid;

use super::paper::{Lies, Paper, Papers, leader};
use super::why::{Ground, Why};

/// Documents that lie in one volume or in none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bundle {
    /// All of them, also those that are not bound or lie in an open volume already.
    pub all: BTreeSet<Uuid>,
    /// Those that were cut off because too many would have joined what lies apart, each with what it hangs on.
    pub parted: BTreeMap<Uuid, Uuid>,
}

/// Every bundle of the documents of a file. One in a closed volume binds nothing any more.
pub fn bundles(rule: &VolumeRule, papers: &Papers<'_>) -> Vec<Bundle> {
    let living = papers.values().filter(|one| !matches!(one.lies, Lies::Closed(_))).map(|one| one.id).collect();
    let mut found = Vec::new();
    for all in components(rule, papers, &living) {
        match too_many(rule, papers, &all) {
            false => found.push(Bundle { all, parted: BTreeMap::new() }),
            true => found.extend(part(rule, papers, &all)),
        }
    }
    found
}

/// Of `all` those that have volumes of their own, and those that would be their guests.
pub fn sides(papers: &Papers<'_>, all: &BTreeSet<Uuid>) -> (BTreeSet<Uuid>, BTreeSet<Uuid>) {
    let bound = |id: &&Uuid| papers.get(id).is_some_and(|one| one.lies != Lies::Never);
    all.iter().filter(bound).partition(|id| papers.get(id).is_some_and(|one| one.apart))
}

/// How many others may lie with what has volumes of its own.
pub fn guests(rule: &VolumeRule) -> usize {
    rule.apart.as_ref().map_or(0, |apart| usize::try_from(apart.guests).unwrap_or(usize::MAX))
}

/// Whether in a volume of these too many would lie with what has volumes of its own (P-94).
pub fn too_many(rule: &VolumeRule, papers: &Papers<'_>, all: &BTreeSet<Uuid>) -> bool {
    let (apart, others) = sides(papers, all);
    !apart.is_empty() && others.len() > guests(rule)
}

// What lies apart on one side, the others on the other; each side hangs together within itself alone.
fn part(rule: &VolumeRule, papers: &Papers<'_>, all: &BTreeSet<Uuid>) -> Vec<Bundle> {
    let (apart, _) = sides(papers, all);
    let others = all.difference(&apart).copied().collect();
    let first = apart.first().copied();
    let mut found: Vec<_> =
        components(rule, papers, &apart).into_iter().map(|all| Bundle { all, ..Bundle::default() }).collect();
    for all in components(rule, papers, &others) {
        let near =
            |id: &Uuid| edges(rule, papers, *id).find(|(_, other)| apart.contains(other)).map(|(_, other)| other);
        let parted = all.iter().filter_map(|id| Some((*id, near(id).or(first)?))).collect();
        found.push(Bundle { all, parted });
    }
    found
}

// The others that one is kept together with, and which of both leads.
fn edges<'p>(rule: &'p VolumeRule, papers: &'p Papers<'_>, id: Uuid) -> impl Iterator<Item = (Uuid, Uuid)> + 'p {
    let kept = |relation| rule.together.contains(&relation);
    let own = papers.get(&id).into_iter().flat_map(|one| &one.links).copied();
    let to = own.filter(move |(relation, other)| kept(*relation) && *other != id);
    let to = to.map(move |(relation, other)| (leader(relation, id, other), other));
    let from = papers.values().filter(move |one| one.id != id).flat_map(move |one| {
        let links = one.links.iter().filter(move |(relation, target)| kept(*relation) && *target == id);
        links.map(move |(relation, _)| (leader(*relation, one.id, id), one.id))
    });
    to.chain(from)
}

fn components(rule: &VolumeRule, papers: &Papers<'_>, among: &BTreeSet<Uuid>) -> Vec<BTreeSet<Uuid>> {
    let near = neighbours(rule, papers, among);
    let (mut left, mut found) = (among.clone(), Vec::new());
    while let Some(first) = left.pop_first() {
        let (mut all, mut next) = (BTreeSet::from([first]), vec![first]);
        while let Some(id) = next.pop() {
            for other in near.get(&id).into_iter().flatten() {
                if left.remove(other) {
                    all.insert(*other);
                    next.push(*other);
                }
            }
        }
        found.push(all);
    }
    found
}

fn neighbours(rule: &VolumeRule, papers: &Papers<'_>, among: &BTreeSet<Uuid>) -> BTreeMap<Uuid, BTreeSet<Uuid>> {
    let mut near: BTreeMap<Uuid, BTreeSet<Uuid>> = BTreeMap::new();
    for one in among.iter().filter_map(|id| papers.get(id)) {
        let kept =
            one.links.iter().filter(|(relation, other)| rule.together.contains(relation) && among.contains(other));
        for (_, other) in kept {
            near.entry(one.id).or_default().insert(*other);
            near.entry(*other).or_default().insert(one.id);
        }
    }
    near
}

// === impl Bundle ===

impl Bundle {
    /// Those of it that are there to be laid into a volume.
    pub fn free<'p>(&'p self, papers: &'p Papers<'_>) -> impl Iterator<Item = &'p Paper> + 'p {
        self.all.iter().filter_map(|id| papers.get(id)).filter(|one| one.is_free()).copied()
    }

    /// The open volumes that some of it lie in.
    pub fn open(&self, papers: &Papers<'_>) -> BTreeSet<Uuid> {
        let lies = |id: &Uuid| match papers.get(id)?.lies {
            Lies::Open(volume) => Some(volume),
            _ => None,
        };
        self.all.iter().filter_map(lies).collect()
    }

    /// The one that leads it: of those that nothing else leads the latest; of a ring the latest of all.
    pub fn leading(&self, rule: &VolumeRule, papers: &Papers<'_>) -> Option<Uuid> {
        let led =
            |id: &Uuid| edges(rule, papers, *id).any(|(leader, other)| leader == other && self.all.contains(&other));
        let year = |id: &Uuid| papers.get(id).map(|one| (one.year(rule, papers).0, *id));
        let leaders: BTreeSet<_> = self.all.iter().filter(|id| !led(id)).copied().collect();
        let among = if leaders.is_empty() { &self.all } else { &leaders };
        among.iter().filter_map(year).max().map(|(_, id)| id)
    }

    /// What the bundle says of where one of it lies, beside its year and class.
    pub fn why(&self, one: &Paper, papers: &Papers<'_>) -> Option<Why> {
        if let Some(other) = self.parted.get(&one.id) {
            return Some(Why::with(Ground::Parted, *other));
        }
        let (apart, _) = sides(papers, &self.all);
        match (one.apart, apart.first()) {
            (true, _) => Some(Why::of(Ground::Apart)),
            (false, Some(host)) => Some(Why::with(Ground::Guest, *host)),
            (false, None) => None,
        }
    }
}
