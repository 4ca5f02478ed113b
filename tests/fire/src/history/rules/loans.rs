//! At no time two open loans of one original.
//!
//! A loan is surely open from the moment its hand-out was acknowledged until somebody first tried to take it back. Two such
//! spans of one file never overlap, and the ledger holds at most one open loan of a file.

use std::collections::BTreeMap;

use crate::history::{Attempt, Call, Facts, Violation};

const RULE: &str = "loans";

pub(in crate::history) fn check(history: &[Attempt], facts: &Facts) -> Vec<Violation> {
    let mut found = overlaps(history);
    let mut open = BTreeMap::new();
    for loan in facts.loans.iter().filter(|loan| ["out", "recalled"].contains(&loan.state.as_str())) {
        if let Some(other) = open.insert(loan.file, loan.id) {
            found.push(Violation::new(RULE, format!("the ledger has {other} and {} open on {}", loan.id, loan.file)));
        }
    }
    found
}

fn overlaps(history: &[Attempt]) -> Vec<Violation> {
    let mut begun_back: BTreeMap<&str, u64> = BTreeMap::new();
    for attempt in history.iter().filter(|one| one.may_have_happened()) {
        if let Call::Return { loan, .. } = &attempt.call {
            let begin = begun_back.entry(loan).or_insert(attempt.begin);
            *begin = attempt.begin.min(*begin);
        }
    }
    // By file: from, until, loan. A hand-out that was asked for again is the same loan from its first answer on.
    let mut spans: BTreeMap<&str, BTreeMap<&str, (u64, u64)>> = BTreeMap::new();
    for attempt in history {
        if let (Call::CheckOut { file }, Some(reply)) = (&attempt.call, attempt.reply()) {
            let until = begun_back.get(reply.name.as_str()).copied().unwrap_or(u64::MAX);
            let span = spans.entry(file).or_default().entry(&reply.name).or_insert((attempt.end, until));
            span.0 = span.0.min(attempt.end);
        }
    }
    let mut found = Vec::new();
    for (file, loans) in spans {
        let mut spans: Vec<_> = loans.into_iter().map(|(loan, (from, until))| (from, until, loan)).collect();
        spans.retain(|(from, until, _)| from < until);
        spans.sort_unstable();
        for pair in spans.windows(2) {
            let ((_, until, first), (from, _, second)) = (pair[0], pair[1]);
            if from < until {
                found.push(Violation::new(RULE, format!("{first} and {second} were open on {file} at {from} us")));
            }
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

    fn out(loan: &str, begin: u64, end: u64) -> Attempt {
        let reply = Reply { name: loan.into(), ..Reply::default() };
        timed(acknowledged(Call::CheckOut { file: "files/1".into() }, reply), begin, end)
    }

    fn back(loan: &str, begin: u64, end: u64) -> Attempt {
        let call = Call::Return { loan: loan.into(), file: "files/1".into() };
        timed(acknowledged(call, Reply { name: loan.into(), ..Reply::default() }), begin, end)
    }

    #[test]
    fn one_after_the_other_is_good_even_where_calls_overlap() {
        // The return may have taken effect before its answer came.
        let history = [out("a", 0, 10), back("a", 20, 40), out("b", 25, 30), back("b", 50, 60)];
        assert_eq!(check(&history, &Facts::default()), []);
    }

    #[test]
    fn two_at_once_are_found() {
        let history = [out("a", 0, 10), out("b", 5, 15), back("a", 20, 40), back("b", 50, 60)];
        assert_eq!(check(&history, &Facts::default()).len(), 1);
        let never_back = [out("a", 0, 10), out("b", 100, 110)];
        assert_eq!(check(&never_back, &Facts::default()).len(), 1);
    }

    #[test]
    fn an_answer_given_again_is_the_same_loan_and_a_refused_return_changes_nothing() {
        let history = [out("a", 0, 10), out("a", 12, 15), refused(back("a", 16, 18)), out("b", 20, 25)];
        assert_eq!(check(&history, &Facts::default()).len(), 1);
        let history = [out("a", 0, 10), out("a", 12, 15), back("a", 16, 18), out("b", 20, 25)];
        assert_eq!(check(&history, &Facts::default()), []);
    }

    #[test]
    fn two_open_lines_of_the_ledger_are_found() {
        let line = |n, state: &str| Loan { id: uuid(n), file: uuid(9), state: state.into() };
        let facts = |second| Facts { loans: vec![line(1, "out"), line(2, second)], ..Facts::default() };
        assert_eq!(check(&[], &facts("returned")), []);
        assert_eq!(check(&[], &facts("recalled")).len(), 1);
    }
}
