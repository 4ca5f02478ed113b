//! What holds of every composition, whatever the documents are and in whatever order they come.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::super::bundle::{bundles, guests, sides};
use super::*;

const MOST: u128 = 14;

fn relations() -> impl Strategy<Value = Relation> {
    prop::sample::select(Relation::ALL)
}

// Mostly to be laid down, now and then elsewhere.
fn lies() -> impl Strategy<Value = Lies> {
    prop_oneof![8 => Just(Lies::Free), 1 => Just(Lies::Never), 1 => Just(Lies::Closed(Uuid::from_u128(700)))]
}

prop_compose! {
    fn one(n: u128)(
        kind in prop::sample::select(vec!["letter", "request", "plan", "summary", "receipt"]), year in 2023..2027_i16,
        apart in prop::bool::weighted(0.2), value in prop::sample::select(vec!["short", "long", "permanent"]),
        links in prop::collection::vec((relations(), 1..=MOST), 0..3), lies in lies(), sheets in 0..4_i64, pages in 0..6_i64,
        position in 0..3_u32, spans in 0..3_i16,
    ) -> Paper {
        let period = (Some(date(year - spans, 1, 1)), Some(date(year + spans, 12, 31)));
        let links = links.into_iter().map(|(relation, other)| (relation, id(other))).collect();
        Paper { period, apart, class: class(value), links, lies, sheets, pages, position, ..dated(n, kind, year) }
    }
}

fn files() -> impl Strategy<Value = Vec<Paper>> {
    (1..=MOST).prop_flat_map(|count| (1..=count).map(one).collect::<Vec<_>>())
}

fn rules() -> impl Strategy<Value = VolumeRule> {
    let words = prop::sample::subsequence(
        vec!["replies_to", "annex_of", "draft_of", "copy_of", "position", "-date", "received"],
        1..=7,
    );
    let together = prop::sample::subsequence(Relation::ALL.to_vec(), 0..=4);
    let per = prop::sample::subsequence(vec![VolumeDivision::Year, VolumeDivision::Retention], 0..=2);
    (words.prop_shuffle(), together, per, 0..4_u32, any::<bool>()).prop_map(
        |(words, together, mut per, most, divided)| {
            per.push(VolumeDivision::File);
            let apart = divided.then(|| Apart { level: "top_secret".into(), kinds: Vec::new(), guests: most });
            VolumeRule { per, together, apart, order: order(&words), ..yearly() }
        },
    )
}

// Without a rule that says so, nothing lies apart.
fn judged(rule: &VolumeRule, papers: Vec<Paper>) -> Vec<Paper> {
    let lies = |one: Paper| Paper { apart: one.apart && rule.apart.is_some(), ..one };
    papers.into_iter().map(lies).collect()
}

fn laid(found: &[Proposed]) -> Vec<Uuid> {
    found.iter().flat_map(|one| one.laid.iter().map(|laid| laid.document)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    // proves: P-92
    #[test]
    fn every_paper_lies_in_exactly_one_volume_and_has_a_reason(rule in rules(), papers in files()) {
        let papers = judged(&rule, papers);
        let found = proposed(&rule, &papers);
        let mut all = laid(&found);
        all.sort_unstable();
        let free: Vec<_> = papers.iter().filter(|one| one.is_free()).map(|one| one.id).collect();
        prop_assert_eq!(all, free);
        prop_assert!(found.iter().flat_map(|one| &one.laid).all(|laid| !laid.why.is_empty()));
        prop_assert!(found.iter().all(|one| !one.laid.is_empty()));
    }

    // proves: P-93
    #[test]
    fn what_belongs_together_is_together_unless_more_would_join_what_lies_apart_than_may(rule in rules(), papers in files()) {
        let papers = judged(&rule, papers);
        let found = proposed(&rule, &papers);
        let at = |id: &Uuid| found.iter().position(|one| one.laid.iter().any(|laid| laid.document == *id));
        let whole = VolumeRule { apart: Some(Apart { guests: u32::MAX, ..Apart::default() }), ..rule.clone() };
        let all = by_id(&papers);
        for bundle in bundles(&whole, &all) {
            let (apart, others) = sides(&all, &bundle.all);
            let split = !apart.is_empty() && others.len() > guests(&rule);
            let free: Vec<_> = bundle.free(&all).map(|one| one.id).collect();
            let places: BTreeSet<_> = free.iter().map(at).collect();
            prop_assert!(split || places.len() <= 1, "{places:?}");
        }
    }

    // proves: P-94
    #[test]
    fn what_must_lie_apart_does_but_for_the_guests_that_may_join(rule in rules(), papers in files()) {
        let papers = judged(&rule, papers);
        let all = by_id(&papers);
        for one in proposed(&rule, &papers) {
            let here: BTreeSet<_> = one.laid.iter().map(|laid| laid.document).collect();
            let (apart, others) = sides(&all, &here);
            prop_assert!(apart.is_empty() || others.len() <= guests(&rule));
            prop_assert_eq!(one.key.apart, !apart.is_empty());
        }
    }

    // proves: P-92, P-95
    #[test]
    fn the_order_in_which_documents_come_says_nothing(rule in rules(), papers in files().prop_shuffle()) {
        let papers = judged(&rule, papers);
        let mut sorted = papers.clone();
        sorted.sort_by_key(|one| one.id);
        prop_assert_eq!(proposed(&rule, &papers), proposed(&rule, &sorted));
        prop_assert_eq!(arranged(&rule, &papers), arranged(&rule, &sorted));
    }

    // proves: P-95
    #[test]
    fn what_stands_before_another_by_the_rule_does_so_unless_they_go_round_in_a_ring(rule in rules(), papers in files()) {
        let before = before(&rule, &papers);
        prop_assume!(!has_ring(&before));
        let order = arranged(&rule, &papers);
        prop_assert_eq!(order.iter().collect::<BTreeSet<_>>().len(), papers.len());
        let at = |id: Uuid| order.iter().position(|one| *one == id.as_u128());
        for (first, second) in before {
            prop_assert!(at(first) < at(second));
        }
    }

    // proves: P-96
    #[test]
    fn numbers_follow_each_other_without_a_gap(rule in rules(), papers in files()) {
        let numbers = paginate(&rule, papers.iter());
        let mut last = 0;
        for (one, numbers) in papers.iter().zip(numbers) {
            let counted = if one.kind == "receipt" { 0 } else { one.pages };
            let expected = if counted == 0 { (0, 0) } else { (last + 1, last + counted) };
            prop_assert_eq!((numbers.first, numbers.last), expected);
            last = last.max(numbers.last);
        }
    }
}

// The pairs of which one must stand before the other, as sentences: a reply before what it answers, everything else behind what it names.
fn before(rule: &VolumeRule, papers: &[Paper]) -> BTreeSet<(Uuid, Uuid)> {
    let known: BTreeSet<_> = papers.iter().map(|one| one.id).collect();
    let mut pairs = BTreeSet::new();
    for one in papers {
        for (relation, other) in one.links.iter().filter(|(_, other)| known.contains(other) && *other != one.id) {
            if rule.order.iter().any(|order| order.to_string() == relation.as_str()) {
                let first = matches!(relation, Relation::RepliesTo | Relation::Forwards | Relation::Supersedes);
                pairs.insert(if first { (one.id, *other) } else { (*other, one.id) });
            }
        }
    }
    pairs
}

fn has_ring(pairs: &BTreeSet<(Uuid, Uuid)>) -> bool {
    let mut left: BTreeMap<Uuid, BTreeSet<Uuid>> = BTreeMap::new();
    for (first, second) in pairs {
        left.entry(*second).or_default().insert(*first);
        left.entry(*first).or_default();
    }
    while let Some(free) = left.iter().find(|(_, before)| before.is_empty()).map(|(id, _)| *id) {
        left.remove(&free);
        left.values_mut().for_each(|before| {
            before.remove(&free);
        });
    }
    !left.is_empty()
}
