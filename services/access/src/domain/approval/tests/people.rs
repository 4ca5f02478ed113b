//! Made-up organisations.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;
use uuid::Uuid;

use crate::domain::approval::{Approval, Ballot, State};
use crate::domain::candidate::{Case, Facts};
use crate::domain::decision::Verdict;
use crate::domain::directory_snapshot::{DelegationTerms, DirectorySnapshot, Held, Member};
use crate::domain::plan::{Plan, Slot, Step};

pub(super) const MATTER: &str = "matter";
pub(super) const NOW: i64 = 1_000;
pub(super) const DIGEST: [u8; 32] = [7; 32];

/// The posts of the made-up pack.
pub(super) const POSTS: [&str; 4] = ["a", "b", "c", "d"];

pub(super) fn person(number: usize) -> Uuid {
    Uuid::from_u128(number as u128 + 1)
}

pub(super) fn number(person: Uuid) -> usize {
    usize::try_from(person.as_u128()).unwrap() - 1
}

/// A slot for holders of `posts` (indices) anywhere.
pub(super) fn slot(posts: &[usize]) -> Slot {
    Slot { posts: posts.iter().map(|&post| POSTS[post].to_owned()).collect(), unit: None }
}

pub(super) fn plan(steps: Vec<Step>) -> Plan {
    Plan { id: "p".into(), label: "p".into(), steps, excluded_posts: Vec::new() }
}

/// People by their posts; person `n` is `person(n)`, all in unit `u`, cleared for everything.
pub(super) fn snapshot(people: &[Vec<usize>]) -> DirectorySnapshot {
    let held = |post: &usize| Held { post: POSTS[*post].to_owned(), unit: "u".to_owned() };
    let member = |posts: &Vec<usize>| Member { active: true, posts: posts.iter().map(held).collect(), clearance: 9 };
    let members: BTreeMap<Uuid, Member> =
        people.iter().enumerate().map(|(at, posts)| (person(at), member(posts))).collect();
    DirectorySnapshot { members, delegations: Vec::new() }
}

/// A letter of everything, for the whole time.
pub(super) fn delegation(number: usize, delegator: usize, delegate: usize) -> DelegationTerms {
    DelegationTerms {
        id: Uuid::from_u128(1_000 + number as u128),
        delegator: person(delegator),
        delegate: person(delegate),
        post: None,
        matters: vec![MATTER.to_owned()],
        max_rank: 9,
        valid_from: 0,
        valid_until: 10_000,
        revoked_at: None,
    }
}

/// An approval that person 0 asks for.
pub(super) fn approval(plan: Plan) -> Approval {
    Approval {
        id: Uuid::from_u128(77),
        matter: MATTER.into(),
        subject: "limits/1".into(),
        file: None,
        act: None,
        unit: "u".into(),
        level: "none".into(),
        rank: 0,
        amount: None,
        digest: DIGEST.to_vec(),
        summary: "s".into(),
        requester: person(0),
        asker: String::new(),
        excluded: Vec::new(),
        plan,
        state: State::Pending,
        round: 1,
        passed_steps: 0,
        decisions: Vec::new(),
        created_at: NOW,
        updated_at: NOW,
        decided_at: None,
        version: 1,
    }
}

/// Every post may act under a letter.
pub(super) fn delegable() -> Vec<String> {
    POSTS.map(str::to_owned).to_vec()
}

pub(super) fn case<'a>(plan: &Plan, snapshot: &'a DirectorySnapshot) -> Case<'a> {
    let facts = Facts {
        plan: plan.clone(),
        matter: MATTER.into(),
        rank: 0,
        requester: person(0),
        excluded: Vec::new(),
        delegable_to: delegable(),
    };
    Case::new(facts, snapshot, NOW, NOW, &[])
}

pub(super) fn ballot(number: usize, signer: usize, verdict: Verdict) -> Ballot {
    Ballot {
        id: Uuid::from_u128(5_000 + number as u128),
        signer: person(signer),
        verdict,
        digest: DIGEST.to_vec(),
        delegation: None,
        comment: String::new(),
        now: NOW + number as i64,
    }
}

/// One or two steps of one to three slots, each for one or two posts.
pub(super) fn plans() -> impl Strategy<Value = Plan> {
    let slots = vec(vec(0..POSTS.len(), 1..=2), 1..=3);
    let step = (slots, 1_usize..=3).prop_map(|(slots, quorum)| Step {
        quorum: quorum.min(slots.len()),
        slots: slots.iter().map(|posts| slot(posts)).collect(),
    });
    vec(step, 1..=2).prop_map(plan)
}

/// Up to seven people with up to two posts each.
pub(super) fn peoples() -> impl Strategy<Value = Vec<Vec<usize>>> {
    vec(vec(0..POSTS.len(), 0..=2), 1..=7)
}

/// Letters among up to seven people, chains and cycles included.
pub(super) fn delegations() -> impl Strategy<Value = Vec<(usize, usize)>> {
    vec((0_usize..7, 0_usize..7), 0..=5)
}

/// The snapshot with letters among the people there are.
pub(super) fn with_letters(people: &[Vec<usize>], pairs: &[(usize, usize)]) -> DirectorySnapshot {
    let mut all = snapshot(people);
    let fits = |(_, (from, to)): &(usize, &(usize, usize))| from != to && *from < people.len() && *to < people.len();
    all.delegations =
        pairs.iter().enumerate().filter(fits).map(|(at, (from, to))| delegation(at, *from, *to)).collect();
    all
}
