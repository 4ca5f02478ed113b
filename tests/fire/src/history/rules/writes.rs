//! Nothing acknowledged is lost: what was answered is there, with at least that state.

use crate::history::{Attempt, Call, Facts, Violation};

use super::id;

const RULE: &str = "writes";

pub(in crate::history) fn check(history: &[Attempt], facts: &Facts) -> Vec<Violation> {
    let mut found = Vec::new();
    for attempt in history {
        let Some(reply) = attempt.reply() else { continue };
        let known = id(&reply.name);
        let lost = match &attempt.call {
            Call::File(_) => known
                .and_then(|id| facts.files.get(&id))
                .is_none_or(|file| file.revision < reply.revision || rank(&file.state) < rank(&reply.state)),
            Call::CheckOut { .. } => !facts.loans.iter().any(|loan| Some(loan.id) == known),
            Call::Return { .. } => !facts.loans.iter().any(|loan| Some(loan.id) == known && loan.state == "returned"),
            Call::Revoke { grant, .. } => {
                let owner = facts.grants.get(&crate::ground::Service::Access);
                !id(grant).and_then(|id| owner?.get(&id)).is_some_and(|grant| grant.revoked)
            }
            Call::Reserve { .. } | Call::Commit { .. } | Call::Release { .. } => {
                let there = known.and_then(|id| facts.reservations.get(&id));
                there.is_none_or(|one| one.committed_minor < reply.committed || (reply.held == 0 && one.held_minor > 0))
            }
            Call::Read { .. } | Call::Ask { .. } | Call::Other(_) | Call::Look => false,
        };
        if lost {
            let words = format!("{:?} was acknowledged with {} {} and is lost", attempt.call, reply.name, reply.state);
            found.push(Violation::new(RULE, words));
        }
    }
    let mut last: (&str, i64) = ("", 0);
    for (series, place, _) in &facts.numbers {
        let wanted = if last.0 == series { last.1 + 1 } else { 1 };
        if *place != wanted {
            found.push(Violation::new(RULE, format!("the series {series} has {place} where {wanted} must be")));
        }
        last = (series, *place);
    }
    for (file, row) in &facts.files {
        if facts.revisions.get(file) != Some(&row.revision) {
            let words =
                format!("file {file} stands at revision {} and has {:?}", row.revision, facts.revisions.get(file));
            found.push(Violation::new(RULE, words));
        }
    }
    found
}

/// How far a file is; the names of the contract and those of the store alike.
fn rank(state: &str) -> usize {
    let state = state.trim_start_matches("CUSTOMER_FILE_STATE_").to_lowercase();
    let order = ["draft", "submitted", "reviewed", "active", "closed"];
    order.iter().position(|one| *one == state).map_or(0, |at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::facts::{File, Loan, Reservation};
    use crate::history::rules::made::{acknowledged, refused, uuid};
    use crate::history::{Outcome, Reply};

    fn file(revision: i64, state: &str) -> Facts {
        let row = File {
            id: uuid(1),
            state: state.into(),
            revision,
            level: "none".into(),
            unit: "sales".into(),
            number: String::new(),
        };
        let mut facts = Facts::default();
        facts.files.insert(uuid(1), row);
        facts.revisions.insert(uuid(1), revision);
        facts
    }

    fn updated(revision: i64) -> Attempt {
        let reply = Reply {
            name: format!("files/{}", uuid(1)),
            revision,
            state: "CUSTOMER_FILE_STATE_SUBMITTED".into(),
            ..Reply::default()
        };
        acknowledged(Call::File("file.submitted"), reply)
    }

    #[test]
    fn a_file_may_be_further_than_acknowledged_but_not_behind() {
        assert_eq!(check(&[updated(2)], &file(2, "submitted")), []);
        assert_eq!(check(&[updated(2)], &file(3, "reviewed")), []);
        assert_eq!(check(&[updated(2)], &file(1, "submitted")).len(), 1);
        assert_eq!(check(&[updated(2)], &file(2, "draft")).len(), 1);
        assert_eq!(check(&[updated(2)], &Facts::default()).len(), 1);
    }

    #[test]
    fn what_was_not_acknowledged_need_not_be_there() {
        let unknown = Attempt { outcome: Outcome::Unknown(String::new()), ..updated(2) };
        assert_eq!(check(&[unknown, refused(updated(2))], &Facts::default()), []);
    }

    #[test]
    fn a_gap_in_a_series_of_numbers_is_found() {
        let numbers = |places: &[i64]| Facts {
            numbers: places.iter().map(|place| ("KH-2026".to_owned(), *place, None)).collect(),
            ..Facts::default()
        };
        assert_eq!(check(&[], &numbers(&[1, 2, 3])), []);
        assert_eq!(check(&[], &numbers(&[1, 3])).len(), 1);
        assert_eq!(check(&[], &numbers(&[1, 2, 2])).len(), 1);
    }

    #[test]
    fn a_lost_loan_return_or_reservation_is_found() {
        let name = |kind: &str| Reply { name: format!("{kind}/{}", uuid(1)), ..Reply::default() };
        let out = acknowledged(Call::CheckOut { file: String::new() }, name("loans"));
        let back = acknowledged(Call::Return { loan: String::new(), file: String::new() }, name("loans"));
        let mut facts = Facts::default();
        assert_eq!(check(std::slice::from_ref(&out), &facts).len(), 1);
        facts.loans.push(Loan { id: uuid(1), file: uuid(2), state: "out".into() });
        assert_eq!(check(std::slice::from_ref(&out), &facts), []);
        assert_eq!(check(&[out, back], &facts).len(), 1);
        let call = Call::Commit { reservation: String::new(), customer: String::new(), amount: 5 };
        let drawn = acknowledged(call, Reply { committed: 5, ..name("reservations") });
        let row = Reservation {
            id: uuid(1),
            customer: uuid(2),
            amount_minor: 5,
            committed_minor: 5,
            held_minor: 0,
            state: "committed".into(),
        };
        facts.reservations.insert(uuid(1), row.clone());
        assert_eq!(check(std::slice::from_ref(&drawn), &facts), []);
        facts.reservations.insert(uuid(1), Reservation { committed_minor: 0, held_minor: 5, ..row });
        assert_eq!(check(&[drawn], &facts).len(), 1);
    }
}
