//! Every disclosed reading has its durable entry; none through a grant succeeds beyond the bound after its revocation.

use std::collections::HashMap;

use dossier_proto::journal::v1::event::Kind;

use crate::ground::Service;
use crate::history::{Attempt, Call, Facts, Violation};

const RULE: &str = "reads";

pub(in crate::history) fn check(history: &[Attempt], facts: &Facts, bound: u64) -> Vec<Violation> {
    let disclosures = disclosures(facts);
    let mut found = recorded(history, &disclosures);
    found.extend(revoked(history, &disclosures, bound));
    found
}

/// The right that each disclosed reading rested on, by trace and file; empty: standing access.
type Disclosures = HashMap<(String, String), String>;

fn disclosures(facts: &Facts) -> Option<Disclosures> {
    let journal = facts.journals.get(&Service::Profile)?;
    let disclosed = journal.entries.iter().filter_map(|entry| {
        let event = entry.body.event.as_ref()?.kind.as_ref()?;
        let Kind::FileDisclosed(event) = event else { return None };
        Some(((entry.body.trace_id.clone(), event.file.clone()), event.grant.clone()))
    });
    Some(disclosed.collect())
}

/// The readings that were answered.
fn readings(history: &[Attempt]) -> impl Iterator<Item = (&Attempt, &String)> {
    history.iter().filter(|one| one.reply().is_some()).filter_map(|one| match &one.call {
        Call::Read { file } => Some((one, file)),
        _ => None,
    })
}

fn key(attempt: &Attempt, file: &str) -> (String, String) {
    (attempt.trace.simple().to_string(), file.to_owned())
}

fn recorded(history: &[Attempt], disclosures: &Option<Disclosures>) -> Vec<Violation> {
    let Some(disclosures) = disclosures else { return Vec::new() };
    let silent = readings(history).filter(|(one, file)| !disclosures.contains_key(&key(one, file)));
    let words = |(one, file): (&Attempt, &String)| {
        Violation::new(RULE, format!("{} read {file} at {} us and no entry says so", one.who, one.begin))
    };
    silent.map(words).collect()
}

/// Each right by itself: its holder may have others, of which a call without an answer told nobody.
fn revoked(history: &[Attempt], disclosures: &Option<Disclosures>, bound: u64) -> Vec<Violation> {
    let mut ended: HashMap<&str, u64> = HashMap::new();
    for attempt in history.iter().filter(|one| one.reply().is_some()) {
        if let Call::Revoke { grant, .. } = &attempt.call {
            let first = ended.entry(grant).or_insert(attempt.end);
            *first = attempt.end.min(*first);
        }
    }
    let mut found = Vec::new();
    for (attempt, file) in readings(history) {
        let right = disclosures.as_ref().and_then(|known| known.get(&key(attempt, file)));
        let end = right.and_then(|grant| ended.get(grant.as_str())).copied();
        if let Some(end) = end.filter(|end| end.saturating_add(bound) < attempt.begin) {
            let late = (attempt.begin - end) / 1000;
            let words = format!("{} read {file} {late} ms after the revocation was acknowledged", attempt.who);
            found.push(Violation::new(RULE, words));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use dossier_proto::journal::v1::{Event, FileDisclosed};

    use super::*;
    use crate::history::Outcome;
    use crate::history::rules::made::{attempt, entry, facts_with, journal_of, timed};

    fn read(begin: u64) -> Attempt {
        timed(attempt(Call::Read { file: "files/1".into() }), begin, begin + 2)
    }

    fn revoke(begin: u64, grant: &str) -> Attempt {
        let call = Call::Revoke { grant: grant.into(), file: "files/1".into(), holder: "sales-1" };
        timed(Attempt { who: "gm", ..attempt(call) }, begin, begin + 2)
    }

    fn said(one: &Attempt, grant: &str) -> Facts {
        let mut said = entry(one, "file.disclosed");
        let event = FileDisclosed { file: "files/1".into(), grant: grant.into(), ..FileDisclosed::default() };
        said.event = Some(Event { kind: Some(Kind::FileDisclosed(event)) });
        facts_with(Service::Profile, journal_of(&[said]))
    }

    #[test]
    fn a_reading_needs_an_entry_with_its_own_trace() {
        let one = read(0);
        let facts = said(&one, "");
        assert_eq!(check(&[one], &facts, 100), []);
        assert_eq!(check(&[read(5)], &facts, 100).len(), 1);
        let unknown = Attempt { outcome: Outcome::Unknown(String::new()), ..read(5) };
        assert_eq!(check(&[unknown], &facts, 100), []);
    }

    #[test]
    fn a_reading_within_the_bound_is_good_and_a_later_one_is_found() {
        for (begin, count) in [(10, 0), (120, 0), (123, 1)] {
            let one = read(begin);
            let facts = said(&one, "grants/1");
            assert_eq!(check(&[revoke(20, "grants/1"), one], &facts, 100).len(), count, "{begin}");
        }
    }

    #[test]
    fn another_right_opens_the_file_and_an_unknown_revocation_promises_nothing() {
        let one = read(500);
        let facts = said(&one, "grants/2");
        assert_eq!(check(&[revoke(20, "grants/1"), one.clone()], &facts, 100), []);
        let unknown = Attempt { outcome: Outcome::Unknown(String::new()), ..revoke(20, "grants/2") };
        assert_eq!(check(&[unknown, one], &facts, 100), []);
    }
}
