//! Whatever breaks, a caller is told something that was designed: an answer, a refusal, or a failure that may be retried.

use crate::history::{Attempt, Outcome, Violation};

const RULE: &str = "answers";

/// Codes of failures that a caller may retry; what the transport says of a broken connection is one too.
const RETRIABLE: [&str; 5] = ["Unavailable", "Aborted", "DeadlineExceeded", "Cancelled", "transport"];

pub(in crate::history) fn check(history: &[Attempt]) -> Vec<Violation> {
    let mut found = Vec::new();
    for attempt in history {
        if let Outcome::Unknown(why) = &attempt.outcome
            && !why.is_empty()
            && !RETRIABLE.iter().any(|code| why.starts_with(code))
        {
            let words = format!("{:?} was answered with {why}, trace {}", attempt.call, attempt.trace.simple());
            found.push(Violation::new(RULE, words));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Call;
    use crate::history::rules::made::attempt;

    #[test]
    fn retriable_failures_are_good_and_faults_of_the_program_are_found() {
        let told = |why: &str| Attempt { outcome: Outcome::Unknown(why.into()), ..attempt(Call::Look) };
        assert_eq!(check(&[told("Unavailable STORE_UNAVAILABLE"), told("transport Unknown h2")]), []);
        assert_eq!(check(&[told("Internal INTERNAL"), told("DataLoss STORE_INCONSISTENT")]).len(), 2);
    }
}
