//! Distinct humans, through any chain of delegation, checked by ways that know nothing of the engine (I6, A-39).

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;

use super::people::*;
use crate::domain::approval::State;
use crate::domain::decision::Verdict;
use crate::domain::directory_snapshot::{DelegationTerms, DirectorySnapshot};
use crate::domain::feasibility::Feasibility;
use crate::domain::plan::{Plan, Slot, Step};

type Voice = BTreeSet<usize>;

/// Everybody connected with `start` by letters, found by walking.
fn component(snapshot: &DirectorySnapshot, people: usize, start: usize) -> Voice {
    let mut seen = BTreeSet::from([start]);
    loop {
        let before = seen.len();
        for one in 0..people {
            let near = |delegation: &DelegationTerms| {
                let ends = [delegation.delegator, delegation.delegate];
                ends.contains(&person(one)) && seen.iter().any(|&other| ends.contains(&person(other)))
            };
            if snapshot.delegations.iter().any(near) {
                seen.insert(one);
            }
        }
        if seen.len() == before {
            return seen;
        }
    }
}

/// Whether somebody of `voice` may fill the slot, in its own right or by a letter of a holder.
fn fills(snapshot: &DirectorySnapshot, voice: &Voice, slot: &Slot) -> bool {
    let posts = |one: usize| &snapshot.members[&person(one)].posts;
    let holds = |one: usize| posts(one).iter().any(|held| slot.posts.contains(&held.post));
    let lent = |one: usize| {
        let mut delegations = snapshot.delegations.iter().filter(|delegation| delegation.delegate == person(one));
        !posts(one).is_empty() && delegations.any(|delegation| holds(number(delegation.delegator)))
    };
    voice.iter().any(|&one| holds(one) || lent(one))
}

/// Whether distinct voices can fill the quorum of every step: tries every way.
fn fillable(plan: &Plan, snapshot: &DirectorySnapshot, voices: &[Voice]) -> bool {
    let places = |(at, step): (usize, &Step)| (0..step.slots.len()).map(move |slot| (at, slot)).collect::<Vec<_>>();
    let slots: Vec<(usize, usize)> = plan.steps.iter().enumerate().flat_map(places).collect();
    try_all(plan, snapshot, voices, &slots, &mut BTreeSet::new(), &mut vec![0; plan.steps.len()])
}

fn try_all(
    plan: &Plan,
    snapshot: &DirectorySnapshot,
    voices: &[Voice],
    slots: &[(usize, usize)],
    used: &mut BTreeSet<usize>,
    filled: &mut Vec<usize>,
) -> bool {
    if plan.steps.iter().zip(filled.iter()).all(|(step, &filled)| filled >= step.quorum) {
        return true;
    }
    let Some((&(step, slot), rest)) = slots.split_first() else { return false };
    for (at, voice) in voices.iter().enumerate() {
        if !used.contains(&at) && fills(snapshot, voice, &plan.steps[step].slots[slot]) {
            used.insert(at);
            filled[step] += 1;
            if try_all(plan, snapshot, voices, rest, used, filled) {
                return true;
            }
            filled[step] -= 1;
            used.remove(&at);
        }
    }
    try_all(plan, snapshot, voices, rest, used, filled)
}

fn voices(snapshot: &DirectorySnapshot, people: usize) -> Vec<Voice> {
    let all: BTreeSet<Voice> = (0..people).map(|one| component(snapshot, people, one)).collect();
    all.into_iter().filter(|voice| !voice.contains(&0)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn reachable_means_that_some_way_to_fill_it_exists(plan in plans(), people in peoples(), pairs in delegations()) {
        let snapshot = with_letters(&people, &pairs);
        let expected = fillable(&plan, &snapshot, &voices(&snapshot, people.len()));
        prop_assert_eq!(Feasibility::before(&case(&plan, &snapshot)).reachable, expected);
    }

    #[test]
    fn whoever_signs_in_whatever_order_the_voices_are_distinct(
        plan in plans(), people in peoples(), pairs in delegations(), order in vec((0_usize..7, 0_usize..8), 0..=24),
    ) {
        let snapshot = with_letters(&people, &pairs);
        let mut one = approval(plan.clone());
        for (at, (signer, delegation)) in order.into_iter().enumerate() {
            let mut ballot = ballot(at, signer, Verdict::Approve);
            ballot.delegation = snapshot.delegations.get(delegation).map(|delegation| delegation.id);
            let case = one.case(&snapshot, &delegable(), NOW + at as i64);
            let before = one.clone();
            let done = one.sign(&case, ballot);
            prop_assert!(done.is_err() || before.may_sign(&case, person(signer)));
            if done.is_err() {
                prop_assert_eq!(&one, &before, "a refused signature changed something");
            }
            for (old, new) in before.decisions.iter().zip(&one.decisions) {
                prop_assert_eq!((old.id, old.signer, old.step, old.mandate), (new.id, new.signer, new.step, new.mandate));
                prop_assert!(old.slot.is_some() && new.slot.is_some(), "a signature lost its seat");
            }
        }
        let mut spoken = component(&snapshot, people.len(), 0);
        let mut places = BTreeSet::new();
        for decision in &one.decisions {
            let voice = component(&snapshot, people.len(), number(decision.signer));
            prop_assert!(spoken.is_disjoint(&voice), "two signatures of one voice, or one of the requester's");
            spoken.extend(&voice);
            let slot = decision.slot.unwrap();
            prop_assert!(places.insert((decision.step, slot)), "two signatures in one slot");
            prop_assert!(plan.steps[decision.step].slots[slot].posts.contains(&decision.post));
            let holder = decision.mandate.map_or(decision.signer, |mandate| mandate.acting_for);
            prop_assert!(snapshot.members[&holder].posts.iter().any(|held| held.post == decision.post));
            if let Some(mandate) = decision.mandate {
                let delegation = snapshot.delegations.iter().find(|delegation| delegation.id == mandate.delegation).unwrap();
                prop_assert_eq!((delegation.delegator, delegation.delegate), (mandate.acting_for, decision.signer));
            }
        }
        for (step, rule) in plan.steps.iter().enumerate() {
            let filled = places.iter().filter(|(at, _)| *at == step).count();
            prop_assert!(filled <= rule.quorum);
            prop_assert_eq!(filled == rule.quorum, step < one.passed_steps);
        }
        prop_assert_eq!(one.state == State::Approved, one.passed_steps == plan.steps.len());
        if one.state == State::Approved {
            prop_assert!(fillable(&plan, &snapshot, &voices(&snapshot, people.len())));
        }
    }

    #[test]
    fn in_one_step_nobody_is_shut_out_needlessly(people in peoples(), order in vec(1_usize..7, 0..=12)) {
        // One step without letters: it passes whenever those who came could fill it in some way.
        let slots = vec![slot(&[0]), slot(&[0, 1]), slot(&[1, 2])];
        let plan = plan(vec![Step { quorum: 3, slots }]);
        let snapshot = snapshot(&people);
        let mut one = approval(plan.clone());
        for (at, &signer) in order.iter().enumerate() {
            let case = one.case(&snapshot, &delegable(), NOW);
            let _ = one.sign(&case, ballot(at, signer, Verdict::Approve));
        }
        let came: BTreeSet<usize> = order.into_iter().filter(|&one| one < people.len()).collect();
        let alone: Vec<Voice> = came.into_iter().map(|one| BTreeSet::from([one])).collect();
        prop_assert_eq!(one.state == State::Approved, fillable(&plan, &snapshot, &alone));
    }
}
