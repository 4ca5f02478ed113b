//! Each journal is whole, and says what was acknowledged and nothing that nobody asked for.

use std::collections::{BTreeMap, HashMap, HashSet};

use uuid::Uuid;

use crate::ground::Service;
use crate::history::facts::{Entry, Journal};
use crate::history::{Attempt, Call, Facts, Violation, tree};

const RULE: &str = "journal";

/// Actions of services at work on their own, which no call has to have asked for.
const OWN_WORK: [&str; 17] = [
    "access.refused",
    // The outcome of a signature; the calls are counted against the grants elsewhere.
    "access_request.granted",
    "grant.given",
    // Asked for by credit, under a request id of its own.
    "approval.created",
    "duty.opened",
    "duty.closed",
    "limit.approved",
    "limit.submitted",
    "limit.superseded",
    "limit.expired",
    "organisation.loaded",
    // What `dossier recover` does.
    "journal.recovered",
    "number.voided",
    "person.created",
    "person.appointed",
    "loan.return_demanded",
    "reservation.expired",
];

pub(in crate::history) fn check(history: &[Attempt], facts: &Facts) -> Vec<Violation> {
    let mut found = Vec::new();
    for (service, journal) in &facts.journals {
        found.extend(whole(*service, journal));
        found.extend(asked(history, *service, journal));
    }
    found.extend(said(history, facts));
    found
}

/// Numbers without gap, hashes and root as the standard has them, everything numbered and published.
fn whole(service: Service, journal: &Journal) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut say = |words: String| found.push(Violation::new(RULE, format!("{}: {words}", service.name())));
    for (entry, wanted) in journal.entries.iter().zip(1..) {
        if entry.seq != wanted {
            say(format!("number {} stands where {wanted} must", entry.seq));
            break;
        }
    }
    let leaves: Vec<_> = journal.entries.iter().map(|entry| tree::leaf(&entry.bytes)).collect();
    if let Some((entry, _)) = journal.entries.iter().zip(&leaves).find(|(entry, leaf)| entry.leaf != leaf[..]) {
        say(format!("the hash of entry {} is not that of its bytes", entry.seq));
    }
    if journal.waiting > 0 {
        say(format!("{} entries still wait for a number", journal.waiting));
    }
    match &journal.head {
        None if journal.entries.is_empty() => {}
        None => say("there is no head".to_owned()),
        Some((size, root, published)) => {
            if usize::try_from(*size) != Ok(leaves.len()) {
                say(format!("the head says {size} entries, there are {}", leaves.len()));
            }
            if *root != tree::root(&leaves) {
                say("the root is not that of the entries".to_owned());
            }
            if published != size {
                say(format!("{} entries are not published", size - published));
            }
        }
    }
    found
}

/// No entry of an effect that no call asked for, none twice, none of a call that was refused.
fn asked(history: &[Attempt], service: Service, journal: &Journal) -> Vec<Violation> {
    let mut by_request: HashMap<Uuid, Vec<&Attempt>> = HashMap::new();
    let mut by_trace: HashMap<Uuid, &Attempt> = HashMap::new();
    for attempt in history.iter().filter(|one| one.service == service) {
        by_trace.insert(attempt.trace, attempt);
        if let Some(request) = attempt.request {
            by_request.entry(request).or_default().push(attempt);
        }
    }
    let mut found = Vec::new();
    let mut seen: BTreeMap<(Uuid, &str, &str), i64> = BTreeMap::new();
    for Entry { seq, body, .. } in &journal.entries {
        let mut say = |words: &str| {
            let words = format!("{}: entry {seq}, {} of {}, {words}", service.name(), body.action, body.subject);
            found.push(Violation::new(RULE, words));
        };
        let Ok(request) = body.request_id.parse::<Uuid>() else {
            let trace = body.trace_id.parse::<Uuid>().ok();
            let reading = trace.and_then(|trace| by_trace.get(&trace));
            let disclosed = body.action == "file.disclosed"
                && reading.is_some_and(|one| matches!(one.call, Call::Read { .. }) || one.action().is_some());
            if !disclosed && !OWN_WORK.contains(&body.action.as_str()) {
                say("belongs to no call");
            }
            continue;
        };
        match by_request.get(&request) {
            None if OWN_WORK.contains(&body.action.as_str()) => {}
            None => say("belongs to a call that was never made"),
            Some(attempts) if !attempts.iter().any(|one| one.may_have_happened()) => {
                say("belongs to a call that was refused");
            }
            Some(_) => {}
        }
        if let Some(first) = seen.insert((request, &body.action, &body.subject), *seq) {
            say(&format!("is the second of one call, after {first}"));
        }
    }
    found
}

/// Each acknowledged effect has its entry.
fn said(history: &[Attempt], facts: &Facts) -> Vec<Violation> {
    let mut found = Vec::new();
    for (service, journal) in &facts.journals {
        let entries = journal.entries.iter().map(|entry| (entry.body.request_id.as_str(), entry.body.action.as_str()));
        let known: HashSet<_> = entries.collect();
        // A service may have finished by itself what a call began: then the entry names the resource and no call.
        let own = journal.entries.iter().filter(|entry| OWN_WORK.contains(&entry.body.action.as_str()));
        let own: HashSet<_> = own.map(|entry| (entry.body.subject.as_str(), entry.body.action.as_str())).collect();
        for attempt in history.iter().filter(|one| one.service == *service && one.reply().is_some()) {
            let (Some(action), Some(request)) = (attempt.action(), attempt.request) else { continue };
            let about = attempt.reply().map_or("", |reply| reply.name.as_str());
            let said = known.contains(&(request.to_string().as_str(), action)) || own.contains(&(about, action));
            if !attempt.other_body && !said {
                let words = format!("{}: {action} was acknowledged to {request} and has no entry", service.name());
                found.push(Violation::new(RULE, words));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Outcome;
    use crate::history::rules::made::{attempt, entry, facts_with, journal_of, refused};

    #[test]
    fn a_whole_journal_that_says_what_was_acknowledged_is_good() {
        let one = attempt(Call::Other("rating.given"));
        let facts = facts_with(Service::Credit, journal_of(&[entry(&one, "rating.given")]));
        let history = [Attempt { service: Service::Credit, ..one }];
        assert_eq!(check(&history, &facts), []);
    }

    #[test]
    fn an_acknowledged_effect_without_entry_is_found() {
        let history = [Attempt { service: Service::Credit, ..attempt(Call::Other("rating.given")) }];
        let facts = facts_with(Service::Credit, journal_of(&[]));
        assert_eq!(check(&history, &facts).len(), 1);
    }

    #[test]
    fn an_unknown_attempt_may_have_an_entry_or_none_and_a_refused_one_none() {
        let one = Attempt { service: Service::Credit, ..attempt(Call::Other("rating.given")) };
        let unknown = Attempt { outcome: Outcome::Unknown("UNAVAILABLE".into()), ..one.clone() };
        let with = facts_with(Service::Credit, journal_of(&[entry(&one, "rating.given")]));
        let without = facts_with(Service::Credit, journal_of(&[]));
        assert_eq!(check(std::slice::from_ref(&unknown), &with), []);
        assert_eq!(check(&[unknown], &without), []);
        assert_eq!(check(&[refused(one)], &with).len(), 1);
    }

    #[test]
    fn gaps_changed_bytes_foreign_and_doubled_entries_are_found() {
        let one = Attempt { service: Service::Credit, ..attempt(Call::Other("rating.given")) };
        let good = journal_of(&[entry(&one, "rating.given"), entry(&one, "duty.opened")]);
        let history = [one.clone()];
        assert_eq!(check(&history, &facts_with(Service::Credit, good.clone())), []);
        let mut gap = good.clone();
        gap.entries.remove(0);
        let mut changed = good.clone();
        changed.entries[1].bytes.push(0);
        let mut unnumbered = good;
        unnumbered.waiting = 1;
        let doubled = journal_of(&[entry(&one, "rating.given"), entry(&one, "rating.given")]);
        let foreign = journal_of(&[entry(&attempt(Call::Look), "rating.given"), entry(&one, "rating.given")]);
        for journal in [gap, changed, unnumbered, doubled, foreign] {
            assert_ne!(check(&history, &facts_with(Service::Credit, journal)), []);
        }
    }
}
