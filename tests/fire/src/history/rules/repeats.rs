//! The same request id: the same answer, one effect; with another body it is refused.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::ground::Service;
use crate::history::{Attempt, Call, Facts, Outcome, Violation};

const RULE: &str = "repeats";

/// How a reused request id is refused.
const REUSED: &str = "REQUEST_ID_REUSED";

/// Whether a refusal is about the request. A process whose clock is minutes off takes a credential for one of another time, and
/// never looks at what came with it.
fn is_about(why: &str) -> bool {
    why != "TOKEN_EXPIRED"
}

pub(in crate::history) fn check(history: &[Attempt], facts: &Facts) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut by_request: BTreeMap<Uuid, Vec<&Attempt>> = BTreeMap::new();
    for attempt in history {
        if let Some(request) = attempt.request {
            by_request.entry(request).or_default().push(attempt);
        }
    }
    for (request, attempts) in by_request {
        let mut say = |words: String| found.push(Violation::new(RULE, format!("request {request}: {words}")));
        let (others, same): (Vec<_>, Vec<_>) = attempts.into_iter().partition(|one| one.other_body);
        let answers: Vec<_> = same.iter().filter_map(|one| one.reply()).collect();
        if let Some(pair) = answers.windows(2).find(|pair| pair[0].bytes != pair[1].bytes) {
            say(format!("answered with {} and then with {}", pair[0].name, pair[1].name));
        }
        let answered = same.iter().filter(|one| one.reply().is_some()).map(|one| one.end).min();
        for other in others {
            match &other.outcome {
                Outcome::Done(_) => say("another body was answered".to_owned()),
                Outcome::Refused(why)
                    if why != REUSED && is_about(why) && answered.is_some_and(|end| end < other.begin) =>
                {
                    say(format!("another body was refused with {why}"));
                }
                Outcome::Refused(_) | Outcome::Unknown(_) => {}
            }
        }
        // Once answered, the same call is never refused: it is answered again.
        let refused = same.iter().find(|one| {
            matches!(&one.outcome, Outcome::Refused(why) if is_about(why))
                && answered.is_some_and(|end| end < one.begin)
        });
        if let Some(one) = refused {
            say(format!("answered before and now refused: {:?}", one.outcome));
        }
    }
    found.extend(doubled(history, facts));
    found
}

/// More loans of the store than the callers asked for: an effect happened twice.
fn doubled(history: &[Attempt], facts: &Facts) -> Vec<Violation> {
    let asked = |wanted: fn(&Call) -> bool| {
        let requests = history.iter().filter(|one| wanted(&one.call) && one.may_have_happened() && !one.other_body);
        requests.filter_map(|one| one.request).collect::<std::collections::BTreeSet<_>>().len()
    };
    let mut found = Vec::new();
    let loans = asked(|call| matches!(call, Call::CheckOut { .. }));
    let reservations = asked(|call| matches!(call, Call::Reserve { .. }));
    let rights = asked(|call| matches!(call, Call::Ask { .. }));
    let grants = facts.grants.get(&Service::Access).map_or(0, BTreeMap::len);
    for (what, made, asked) in [
        ("loans", facts.loans.len(), loans),
        ("reservations", facts.reservations.len(), reservations),
        ("grants", grants, rights),
    ] {
        if made > asked {
            found.push(Violation::new(RULE, format!("{made} {what} were made of {asked} calls")));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Reply;
    use crate::history::facts::Loan;
    use crate::history::rules::made::{acknowledged, refused, timed, uuid};

    fn answered(bytes: &[u8], begin: u64) -> Attempt {
        let reply = Reply { bytes: bytes.to_vec(), ..Reply::default() };
        timed(acknowledged(Call::Other("rating.given"), reply), begin, begin + 1)
    }

    fn found(history: &[Attempt]) -> usize {
        check(history, &Facts::default()).len()
    }

    #[test]
    fn the_same_answer_twice_is_good_and_another_is_found() {
        assert_eq!(found(&[answered(b"a", 0), answered(b"a", 5)]), 0);
        assert_eq!(found(&[answered(b"a", 0), answered(b"b", 5)]), 1);
        assert_eq!(found(&[answered(b"a", 0), refused(answered(b"", 5))]), 1);
        assert_eq!(found(&[refused(answered(b"", 0)), answered(b"b", 5)]), 0);
    }

    #[test]
    fn another_body_must_be_refused_for_its_reason() {
        let other = |outcome| Attempt { other_body: true, outcome, ..answered(b"", 5) };
        let first = answered(b"a", 0);
        assert_eq!(found(&[first.clone(), other(Outcome::Refused(REUSED.into()))]), 0);
        assert_eq!(found(&[first.clone(), other(Outcome::Unknown("UNAVAILABLE".into()))]), 0);
        assert_eq!(found(&[first.clone(), other(Outcome::Refused("WRONG_STATE".into()))]), 1);
        assert_eq!(found(&[first, other(Outcome::Done(Reply::default()))]), 1);
    }

    #[test]
    fn more_effects_than_calls_are_found() {
        let call = acknowledged(Call::CheckOut { file: "files/1".into() }, Reply::default());
        let line = |n| Loan { id: uuid(n), file: uuid(9), state: "returned".into() };
        let facts = |loans| Facts { loans, ..Facts::default() };
        assert_eq!(check(&[call.clone(), call.clone()], &facts(vec![line(1)])), []);
        assert_eq!(check(&[call.clone(), call], &facts(vec![line(1), line(2)])).len(), 1);
    }
}
