//! Who lost a lease writes nothing: the epoch in the head of a journal never falls, its size never shrinks.

use crate::history::{Facts, Violation};

const RULE: &str = "leases";

pub(in crate::history) fn check(facts: &Facts) -> Vec<Violation> {
    let mut found = Vec::new();
    for (service, moves) in &facts.moves {
        for (was_epoch, now_epoch, was_size, now_size) in &moves.head {
            if now_epoch < was_epoch {
                let words =
                    format!("{}: the holder of epoch {now_epoch} wrote after that of {was_epoch}", service.name());
                found.push(Violation::new(RULE, words));
            }
            if now_size < was_size {
                let words = format!("{}: the journal shrank from {was_size} to {now_size}", service.name());
                found.push(Violation::new(RULE, words));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ground::Service;
    use crate::history::facts::Moves;

    fn facts(head: Vec<(i64, i64, i64, i64)>) -> Facts {
        Facts { moves: [(Service::Profile, Moves { head, ..Moves::default() })].into(), ..Facts::default() }
    }

    #[test]
    fn a_later_holder_may_write_and_an_earlier_one_may_not() {
        assert_eq!(check(&facts(vec![(1, 1, 0, 5), (1, 2, 5, 5), (2, 2, 5, 9)])), []);
        assert_eq!(check(&facts(vec![(1, 2, 0, 5), (2, 1, 5, 5)])).len(), 1);
        assert_eq!(check(&facts(vec![(1, 1, 5, 4)])).len(), 1);
    }
}
