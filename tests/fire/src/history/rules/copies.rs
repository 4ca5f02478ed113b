//! What consumers know equals what the owner says, and each entry was applied once.

use std::collections::BTreeMap;

use dossier_proto::journal::v1::event::Kind;
use uuid::Uuid;

use crate::ground::Service;
use crate::history::Violation;
use crate::history::facts::{Facts, Journal};

use super::id;

const RULE: &str = "copies";

pub(in crate::history) fn check(facts: &Facts) -> Vec<Violation> {
    let mut found = equal(facts);
    found.extend(at_the_head(facts));
    found.extend(once(facts));
    found
}

fn equal(facts: &Facts) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut say = |service: Service, words: String| {
        found.push(Violation::new(RULE, format!("{}: {words}", service.name())));
    };
    for (service, copies) in &facts.file_copies {
        if *copies != facts.files {
            let differ = facts.files.iter().find(|(id, file)| copies.get(id) != Some(file));
            let words = differ.map(|(id, file)| format!("{:?} for {file:?}", copies.get(id)));
            say(*service, format!("files differ: {}", words.unwrap_or_else(|| "it has more".into())));
        }
    }
    let (grants, people) = (facts.grants.get(&Service::Access), facts.people.get(&Service::Access));
    for (service, copies) in facts.grants.iter().filter(|(service, _)| **service != Service::Access) {
        if Some(copies) != grants {
            let differ = grants.into_iter().flatten().find(|(id, grant)| copies.get(id) != Some(grant));
            let words = differ.map(|(id, grant)| format!("{:?} for {grant:?}", copies.get(id)));
            say(*service, format!("grants differ: {}", words.unwrap_or_else(|| "it has more".into())));
        }
    }
    for (service, copies) in facts.people.iter().filter(|(service, _)| **service != Service::Access) {
        if Some(copies) != people {
            say(*service, "people or posts differ".to_owned());
        }
    }
    found
}

fn at_the_head(facts: &Facts) -> Vec<Violation> {
    let mut found = Vec::new();
    for (service, name, source, seq) in &facts.cursors {
        let size = size_of(facts, source);
        if *seq != size {
            let words = format!("{}: {name} is at {seq} of {size} in the journal of {source}", service.name());
            found.push(Violation::new(RULE, words));
        }
    }
    found
}

/// Cursors move forwards without gap, and each copy was written once for each entry about it.
fn once(facts: &Facts) -> Vec<Violation> {
    let mut found = Vec::new();
    for (service, moves) in &facts.moves {
        let mut say = |words: String| found.push(Violation::new(RULE, format!("{}: {words}", service.name())));
        let mut at: BTreeMap<(&str, &str), i64> = BTreeMap::new();
        for (consumer, source, was, now) in &moves.cursor {
            let before = at.insert((consumer, source), *now).unwrap_or(0);
            if *was != before || now <= was {
                say(format!("the cursor of {consumer} in {source} moved from {was} to {now}, being at {before}"));
            }
        }
        if *service != Service::Profile
            && let Some(words) = differs(&moves.files, &files(facts.journals.get(&Service::Profile)))
        {
            say(format!("file copies: {words}"));
        }
        if *service != Service::Access
            && let Some(words) = differs(&moves.grants, &grants(facts.journals.get(&Service::Access)))
        {
            say(format!("grant copies: {words}"));
        }
    }
    found
}

fn differs(written: &BTreeMap<Uuid, i64>, wanted: &BTreeMap<Uuid, i64>) -> Option<String> {
    let of = |map: &BTreeMap<Uuid, i64>, id: &Uuid| map.get(id).copied().unwrap_or(0);
    let mut ids = written.keys().chain(wanted.keys());
    let id = ids.find(|id| of(written, id) != of(wanted, id))?;
    Some(format!("{id} was written {} times for {} entries", of(written, id), of(wanted, id)))
}

/// How many entries there are about each file.
fn files(journal: Option<&Journal>) -> BTreeMap<Uuid, i64> {
    count(journal, |kind| match kind {
        Kind::FileChanged(one) => id(&one.file),
        _ => None,
    })
}

fn grants(journal: Option<&Journal>) -> BTreeMap<Uuid, i64> {
    count(journal, |kind| match kind {
        Kind::GrantChanged(one) => id(&one.grant),
        _ => None,
    })
}

fn count(journal: Option<&Journal>, about: impl Fn(&Kind) -> Option<Uuid>) -> BTreeMap<Uuid, i64> {
    let mut counts = BTreeMap::new();
    for entry in journal.into_iter().flat_map(|journal| &journal.entries) {
        let kind = entry.body.event.as_ref().and_then(|event| event.kind.as_ref());
        if let Some(id) = kind.and_then(&about) {
            *counts.entry(id).or_default() += 1;
        }
    }
    counts
}

fn size_of(facts: &Facts, source: &str) -> i64 {
    let journal = facts.journals.iter().find(|(service, _)| service.name() == source);
    journal.and_then(|(_, journal)| journal.head.as_ref()).map_or(0, |(size, ..)| *size)
}

#[cfg(test)]
mod tests {
    use dossier_proto::journal::v1::{Event, FileChanged};

    use super::*;
    use crate::history::Call;
    use crate::history::facts::{File, Moves};
    use crate::history::rules::made::{attempt, entry, facts_with, journal_of, uuid};

    fn file(revision: i64) -> BTreeMap<Uuid, File> {
        let (level, unit, number) = ("none".into(), "sales".into(), String::new());
        [(uuid(1), File { id: uuid(1), state: "draft".into(), revision, level, unit, number })].into()
    }

    fn world() -> Facts {
        let mut body = entry(&attempt(Call::File("file.created")), "file.created");
        let event = FileChanged { file: format!("files/{}", uuid(1)), ..FileChanged::default() };
        body.event = Some(Event { kind: Some(Kind::FileChanged(event)) });
        let mut facts = facts_with(Service::Profile, journal_of(&[body]));
        facts.files = file(1);
        facts.file_copies = [(Service::Access, file(1)), (Service::Credit, file(1))].into();
        facts.cursors = vec![(Service::Access, "access".into(), "profile".into(), 1)];
        let cursor = vec![("access".to_owned(), "profile".to_owned(), 0, 1)];
        let files = [(uuid(1), 1)].into();
        facts.moves.insert(Service::Access, Moves { cursor, files, ..Moves::default() });
        facts
    }

    #[test]
    fn equal_copies_written_once_are_good() {
        assert_eq!(check(&world()), []);
    }

    #[test]
    fn copies_that_differ_and_cursors_behind_are_found() {
        let facts = Facts { files: file(2), ..world() };
        assert_eq!(check(&facts).len(), 2);
        let behind = Facts { cursors: vec![(Service::Access, "access".into(), "profile".into(), 0)], ..world() };
        assert_eq!(check(&behind).len(), 1);
    }

    #[test]
    fn an_entry_applied_twice_and_a_cursor_that_goes_back_are_found() {
        let mut twice = world();
        twice.moves.entry(Service::Access).or_default().files.insert(uuid(1), 2);
        assert_eq!(check(&twice).len(), 1);
        let mut back = world();
        let moves = back.moves.entry(Service::Access).or_default();
        moves.cursor.push(("access".into(), "profile".into(), 0, 1));
        assert_eq!(check(&back).len(), 1);
    }
}
