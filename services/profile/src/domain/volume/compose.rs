//! What volumes the papers of a file make, by the rule of their kind, and why each lies where it lies (P-92 to P-94, P-100).

use std::collections::{BTreeMap, BTreeSet};

use dossier_regime::{VolumeDivision, VolumeRule};
use uuid::Uuid;

use super::bundle::{Bundle, bundles, guests, sides};
use super::order::arrange;
use super::paper::{Class, Papers};
use super::why::{Ground, Why};

/// What tells volumes of a file apart.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// Its year; `None`: volumes are not formed by it.
    pub year: Option<i16>,
    /// Its retention class; `None`: volumes are not formed by it.
    pub class: Option<Class>,
    /// Whether it is for what lies apart.
    pub apart: bool,
}

/// A volume that takes more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// Its id.
    pub id: Uuid,
    /// What it is for.
    pub key: Key,
}

/// A volume that is proposed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposed {
    /// The volume that takes them; `None`: a new one.
    pub into: Option<Uuid>,
    /// What it is for.
    pub key: Key,
    /// What comes into it, in order, and why.
    pub laid: Vec<Laid>,
}

/// A document that is laid into a volume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Laid {
    /// It.
    pub document: Uuid,
    /// Why.
    pub why: Vec<Why>,
}

// What lies together, and where it comes to.
struct Parcel {
    key: Key,
    into: Option<Uuid>,
    leading: Uuid,
    guests: usize,
    laid: Vec<Laid>,
}

/// What volumes the documents make that lie in none; `open` are those that take more, the first first.
pub fn compose(rule: &VolumeRule, papers: &Papers<'_>, open: &[Open]) -> Vec<Proposed> {
    let mut parcels: Vec<_> = bundles(rule, papers).iter().flat_map(|one| parcels(rule, papers, one, open)).collect();
    parcels.sort_by(|one, other| (&one.key, one.leading).cmp(&(&other.key, other.leading)));
    let mut shelf = Shelf { rule, found: Vec::new(), taken: taken(papers, open) };
    for parcel in parcels {
        shelf.lay(parcel, open);
    }
    let mut found: Vec<_> = shelf.found.into_iter().map(|(_, one)| one).collect();
    for one in &mut found {
        let order = arrange(rule, papers, &one.laid.iter().map(|laid| laid.document).collect());
        one.laid.sort_by_key(|laid| order.iter().position(|id| *id == laid.document));
    }
    found
}

// How many guests each open volume has.
fn taken(papers: &Papers<'_>, open: &[Open]) -> BTreeMap<Uuid, usize> {
    let lying = |volume: Uuid| papers.values().filter(move |one| one.lies == super::paper::Lies::Open(volume));
    open.iter().map(|one| (one.id, lying(one.id).filter(|paper| !paper.apart).count())).collect()
}

// What of a bundle is to be laid down: with what of it lies in an open volume, if that takes it, else where it belongs by itself.
fn parcels(rule: &VolumeRule, papers: &Papers<'_>, bundle: &Bundle, open: &[Open]) -> Option<Parcel> {
    let free: BTreeSet<_> = bundle.free(papers).map(|one| one.id).collect();
    let leading = bundle.leading(rule, papers).filter(|_| !free.is_empty())?;
    let (apart, _) = sides(papers, &bundle.all);
    let lies = bundle.open(papers);
    let joined = open.iter().find(|one| lies.contains(&one.id) && one.key.apart != apart.is_empty());
    let key = joined.map_or_else(|| key(rule, papers, bundle, leading), |one| one.key.clone());
    let laid =
        bundle.free(papers).map(|one| Laid { document: one.id, why: why(rule, papers, bundle, (one.id, leading)) });
    let guests = bundle.free(papers).filter(|one| key.apart && !one.apart).count();
    Some(Parcel { key, into: joined.map(|one| one.id), leading, guests, laid: laid.collect() })
}

fn key(rule: &VolumeRule, papers: &Papers<'_>, bundle: &Bundle, leading: Uuid) -> Key {
    let year = rule.is_per(VolumeDivision::Year).then(|| papers.get(&leading).map(|one| one.year(rule, papers).0));
    let class = rule.is_per(VolumeDivision::Retention).then(|| longest(papers, bundle).map(|(class, _)| class));
    Key { year: year.flatten(), class: class.flatten(), apart: !sides(papers, &bundle.all).0.is_empty() }
}

// The class of what is bound that is kept longest, and what has it.
fn longest(papers: &Papers<'_>, bundle: &Bundle) -> Option<(Class, Uuid)> {
    let (apart, others) = sides(papers, &bundle.all);
    let bound = apart.iter().chain(&others).filter_map(|id| papers.get(id));
    bound.map(|one| (one.class.clone(), one.id)).max()
}

fn why(rule: &VolumeRule, papers: &Papers<'_>, bundle: &Bundle, (id, leading): (Uuid, Uuid)) -> Vec<Why> {
    let Some(one) = papers.get(&id) else { return Vec::new() };
    let mut why: Vec<_> = bundle.why(one, papers).into_iter().collect();
    if rule.is_per(VolumeDivision::Year) {
        let (own, ground) = one.year(rule, papers);
        let year = papers.get(&leading).map(|leader| leader.year(rule, papers).0);
        why.push(if year == Some(own) { ground } else { Why::with(Ground::Together, leading) });
    }
    if let Some((class, other)) = longest(papers, bundle).filter(|_| rule.is_per(VolumeDivision::Retention)) {
        let own = class == one.class;
        why.push(if own { Why::of(Ground::Class) } else { Why::with(Ground::LongerClass, other) });
    }
    if why.is_empty() {
        why.push(Why::of(Ground::WholeFile));
    }
    why
}

// Volumes as they fill, each with how many guests it has.
struct Shelf<'r> {
    rule: &'r VolumeRule,
    found: Vec<(usize, Proposed)>,
    taken: BTreeMap<Uuid, usize>,
}

// === impl Shelf ===

impl Shelf<'_> {
    fn lay(&mut self, mut parcel: Parcel, open: &[Open]) {
        let most = guests(self.rule);
        let fits = |guests: usize, more: usize| more == 0 || guests + more <= most;
        let near = parcel.into.filter(|id| fits(self.taken.get(id).copied().unwrap_or_default(), parcel.guests));
        // Guests whose host has no room have none elsewhere: they lie as if nothing of theirs lay apart.
        if parcel.into.is_some() && near.is_none() && parcel.guests == parcel.laid.len() {
            parcel.key.apart = false;
            parcel.guests = 0;
        }
        let fits = |guests: usize| fits(guests, parcel.guests);
        let known = |one: &&Open| one.key == parcel.key && fits(self.taken.get(&one.id).copied().unwrap_or_default());
        let into = near.or_else(|| open.iter().find(known).map(|one| one.id));
        if let Some(id) = into {
            *self.taken.entry(id).or_default() += parcel.guests;
        }
        let same = |(guests, one): &&mut (usize, Proposed)| {
            one.into == into && one.key == parcel.key && (into.is_some() || fits(*guests))
        };
        match self.found.iter_mut().find(|one| same(one)) {
            Some((guests, one)) => {
                *guests += parcel.guests;
                one.laid.extend(parcel.laid);
            }
            None => self.found.push((parcel.guests, Proposed { into, key: parcel.key, laid: parcel.laid })),
        }
    }
}
