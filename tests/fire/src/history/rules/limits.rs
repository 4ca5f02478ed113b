//! At no time more drawn and held than the limit; and the sums of the store are those of its parts.
//!
//! The lower bound of the history: what was acknowledged as reserved and not yet asked to be let go, and what was
//! acknowledged as drawn. Calls of unknown outcome count for nothing.

use std::collections::{BTreeMap, BTreeSet};

use crate::history::{Attempt, Call, Facts, Violation};

use super::id;

const RULE: &str = "limits";

pub(in crate::history) fn check(history: &[Attempt], facts: &Facts, limit: i64) -> Vec<Violation> {
    let mut found = store(facts);
    let mut by_customer: BTreeMap<&str, Vec<&Attempt>> = BTreeMap::new();
    for attempt in history {
        match &attempt.call {
            Call::Reserve { customer, .. } | Call::Commit { customer, .. } | Call::Release { customer, .. } => {
                by_customer.entry(customer).or_default().push(attempt);
            }
            _ => {}
        }
    }
    for (customer, attempts) in by_customer {
        let known = id(customer).and_then(|id| facts.exposures.iter().find(|one| one.customer == id));
        let limit = known.map_or(limit, |one| one.limit_minor);
        if let Some((at, used)) = peak(&attempts).filter(|(_, used)| *used > limit) {
            found.push(Violation::new(RULE, format!("{used} of {limit} were used of {customer} at {at} us")));
        }
    }
    found
}

/// When the most was surely used, and how much.
fn peak(attempts: &[&Attempt]) -> Option<(u64, i64)> {
    // Reservations by name: from when, how much.
    let mut held: BTreeMap<&str, (u64, i64)> = BTreeMap::new();
    let mut let_go: BTreeMap<&str, u64> = BTreeMap::new();
    let mut drawn: BTreeMap<&str, (u64, i64)> = BTreeMap::new();
    for attempt in attempts {
        match (&attempt.call, attempt.reply()) {
            (Call::Reserve { amount, .. }, Some(reply)) => {
                let from = held.entry(&reply.name).or_insert((attempt.end, *amount));
                from.0 = from.0.min(attempt.end);
            }
            (Call::Commit { reservation, .. }, Some(reply)) => {
                let from = drawn.entry(reservation).or_insert((attempt.end, reply.committed));
                from.0 = from.0.min(attempt.end);
            }
            _ => {}
        }
        if let Call::Commit { reservation, .. } | Call::Release { reservation, .. } = &attempt.call
            && attempt.may_have_happened()
        {
            let until = let_go.entry(reservation).or_insert(attempt.begin);
            *until = attempt.begin.min(*until);
        }
    }
    let mut steps = Vec::new();
    for (name, (from, amount)) in &held {
        let until = let_go.get(name).copied().unwrap_or(u64::MAX);
        if *from < until {
            // What ends at an instant ends before something else begins at it.
            steps.extend([(*from, 1, *amount), (until, 0, -*amount)]);
        }
    }
    steps.extend(drawn.values().map(|(from, amount)| (*from, 1, *amount)));
    steps.sort_unstable();
    let mut used = 0;
    let level = steps.into_iter().map(|(at, _, change)| {
        used += change;
        (at, used)
    });
    level.max_by_key(|(_, used)| *used)
}

fn store(facts: &Facts) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut sums: BTreeMap<_, (i64, i64)> = BTreeMap::new();
    for one in facts.reservations.values() {
        let sum = sums.entry(one.customer).or_default();
        *sum = (sum.0 + one.committed_minor, sum.1 + one.held_minor);
    }
    let mut known = BTreeSet::new();
    for one in &facts.exposures {
        known.insert(one.customer);
        let (drawn, held) = sums.get(&one.customer).copied().unwrap_or_default();
        if one.drawn_minor + one.held_minor > one.limit_minor {
            let words = format!("{} drawn and {} held of {}", one.drawn_minor, one.held_minor, one.limit_minor);
            found.push(Violation::new(RULE, format!("{words} by {} in the store", one.customer)));
        }
        if (one.drawn_minor, one.held_minor) != (drawn, held) {
            let words = format!("{} and {}, the reservations {drawn} and {held}", one.drawn_minor, one.held_minor);
            found.push(Violation::new(RULE, format!("of {} the store says drawn and held {words}", one.customer)));
        }
    }
    found.extend(
        sums.keys()
            .filter(|customer| !known.contains(*customer))
            .map(|customer| Violation::new(RULE, format!("{customer} has reservations and no exposure"))),
    );
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::facts::{Exposure, Reservation};
    use crate::history::rules::made::{acknowledged, refused, timed, uuid};
    use crate::history::{Outcome, Reply};

    fn reserve(name: &str, amount: i64, begin: u64, end: u64) -> Attempt {
        let call = Call::Reserve { customer: "files/1".into(), amount };
        timed(acknowledged(call, Reply { name: name.into(), ..Reply::default() }), begin, end)
    }

    fn release(name: &str, begin: u64, end: u64) -> Attempt {
        let call = Call::Release { reservation: name.into(), customer: "files/1".into() };
        timed(acknowledged(call, Reply { name: name.into(), ..Reply::default() }), begin, end)
    }

    fn commit(name: &str, amount: i64, begin: u64, end: u64) -> Attempt {
        let call = Call::Commit { reservation: name.into(), customer: "files/1".into(), amount };
        timed(acknowledged(call, Reply { name: name.into(), committed: amount, ..Reply::default() }), begin, end)
    }

    fn found(history: &[Attempt]) -> usize {
        check(history, &Facts::default(), 100).len()
    }

    #[test]
    fn up_to_the_limit_is_good_and_beyond_is_found() {
        assert_eq!(found(&[reserve("a", 60, 0, 10), reserve("b", 40, 5, 15)]), 0);
        assert_eq!(found(&[reserve("a", 60, 0, 10), reserve("b", 41, 5, 15)]), 1);
    }

    #[test]
    fn what_may_have_been_let_go_counts_no_more() {
        let gone = release("a", 12, 20);
        assert_eq!(found(&[reserve("a", 60, 0, 10), gone.clone(), reserve("b", 60, 13, 30)]), 0);
        assert_eq!(found(&[reserve("a", 60, 0, 10), refused(gone.clone()), reserve("b", 60, 13, 30)]), 1);
        let unknown = Attempt { outcome: Outcome::Unknown(String::new()), ..gone };
        assert_eq!(found(&[reserve("a", 60, 0, 10), unknown, reserve("b", 60, 13, 30)]), 0);
        let unknown = Attempt { outcome: Outcome::Unknown(String::new()), ..reserve("a", 90, 0, 10) };
        assert_eq!(found(&[unknown, reserve("b", 60, 13, 30)]), 0);
    }

    #[test]
    fn what_is_drawn_counts_for_ever_and_answers_given_again_count_once() {
        let history = [reserve("a", 60, 0, 10), commit("a", 30, 12, 20), reserve("b", 70, 25, 30)];
        assert_eq!(found(&history), 0);
        let history = [reserve("a", 60, 0, 10), commit("a", 31, 12, 20), reserve("b", 70, 25, 30)];
        assert_eq!(found(&history), 1);
        assert_eq!(found(&[reserve("a", 60, 0, 10), reserve("a", 60, 12, 20)]), 0);
    }

    #[test]
    fn sums_of_the_store_that_do_not_add_up_are_found() {
        let row = Reservation {
            id: uuid(1),
            customer: uuid(2),
            amount_minor: 50,
            committed_minor: 10,
            held_minor: 40,
            state: "held".into(),
        };
        let facts = |drawn_minor, held_minor, limit_minor| Facts {
            exposures: vec![Exposure { customer: uuid(2), limit_minor, drawn_minor, held_minor }],
            reservations: [(uuid(1), row.clone())].into(),
            ..Facts::default()
        };
        assert_eq!(store(&facts(10, 40, 50)), []);
        assert_eq!(store(&facts(10, 39, 50)).len(), 1);
        assert_eq!(store(&facts(10, 40, 49)).len(), 1);
    }
}
