//! What of the records of a file is told at a glance: those under way, the newest of each kind, the last contact (P-47).

use std::collections::BTreeSet;

use dossier_regime::RecordKind;

use super::record::{Record, State};

/// Most records under way that are told.
pub const MOST_OPEN: usize = 20;
/// Most kinds of which the newest record is told.
pub const MOST_NEWEST: usize = 20;

/// How many records of a kind stand in a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    /// The kind.
    pub kind: String,
    /// The state.
    pub state: State,
    /// How many.
    pub count: i64,
}

/// How many records of a kind there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// The kind.
    pub kind: String,
    /// Under way.
    pub open: i64,
    /// Neither under way nor void.
    pub other: i64,
    /// Void.
    pub void: i64,
}

/// The records of a file at a glance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Glance {
    /// Kinds with their numbers, in the order of the pack.
    pub tallies: Vec<Tally>,
    /// Under way, newest first.
    pub open: Vec<Record>,
    /// Of each kind the newest that is not under way, newest first.
    pub newest: Vec<Record>,
    /// The newest contact with the customer.
    pub contact: Option<Record>,
}

// === impl Glance ===

impl Glance {
    /// Chooses among `newest` records, of each kind the newest in each state that is not void, by the `kinds` of the pack.
    pub fn of(kinds: &[RecordKind], counts: &[Count], mut newest: Vec<Record>) -> Self {
        // Ids grow with time.
        newest.sort_by(|one, other| other.id.cmp(&one.id));
        let contact = newest.iter().find(|one| kind(kinds, &one.kind).is_some_and(|kind| kind.contact)).cloned();
        let (mut open, done): (Vec<_>, Vec<_>) =
            newest.into_iter().partition(|one| is_under_way(kinds, &one.kind, one.state));
        open.truncate(MOST_OPEN);
        let mut told = BTreeSet::new();
        let first = done.into_iter().filter(|one| told.insert(one.kind.clone()));
        Self { tallies: tallies(kinds, counts), open, newest: first.take(MOST_NEWEST).collect(), contact }
    }

    /// Every record that is told, once.
    pub fn records(&self) -> impl Iterator<Item = &Record> {
        let rest = self.open.iter().chain(&self.newest);
        let again = |one: &&Record| self.contact.as_ref().is_none_or(|contact| contact.id != one.id);
        self.contact.iter().chain(rest.filter(again))
    }
}

fn kind<'k>(kinds: &'k [RecordKind], id: &str) -> Option<&'k RecordKind> {
    kinds.iter().find(|kind| kind.id == id)
}

// What only is noted stays open for ever, and waits for nothing.
fn is_under_way(kinds: &[RecordKind], id: &str, state: State) -> bool {
    state == State::Open && kind(kinds, id).is_some_and(RecordKind::ends)
}

fn tallies(kinds: &[RecordKind], counts: &[Count]) -> Vec<Tally> {
    let known = kinds.iter().map(|kind| kind.id.as_str());
    // Behind them those that the pack has no more.
    let gone = counts.iter().map(|one| one.kind.as_str()).filter(|id| kind(kinds, id).is_none());
    let gone: BTreeSet<_> = gone.collect();
    let tally = |id: &str| {
        let mut tally = Tally { kind: id.to_owned(), ..Tally::default() };
        for one in counts.iter().filter(|one| one.kind == id) {
            match one.state {
                State::Void => tally.void += one.count,
                state if is_under_way(kinds, id, state) => tally.open += one.count,
                State::Open | State::Final => tally.other += one.count,
            }
        }
        tally
    };
    let all = known.chain(gone).map(tally);
    all.filter(|one| one.open + one.other + one.void > 0).collect()
}

#[cfg(test)]
mod tests {
    use dossier_regime::{Stage, Template};
    use jiff::Timestamp;
    use jiff::civil::Date;
    use uuid::Uuid;

    use super::*;

    fn kinds() -> Vec<RecordKind> {
        let stage = |is_final| Stage { id: "one".into(), is_final, ..Stage::default() };
        let kind = |id: &str, contact, ends| RecordKind {
            id: id.into(),
            contact,
            stages: vec![stage(ends)],
            ..RecordKind::default()
        };
        vec![kind("talk", true, false), kind("complaint", false, true)]
    }

    fn record(n: u128, kind: &str, state: State) -> Record {
        let (of, day) = (RecordKind { id: kind.into(), ..RecordKind::default() }, Date::constant(2026, 3, 2));
        let at = (Timestamp::UNIX_EPOCH, day);
        Record { state, ..Record::new(Uuid::from_u128(n), Uuid::nil(), &of, &Template::default(), Uuid::nil(), at) }
    }

    fn ids(records: &[Record]) -> Vec<u128> {
        records.iter().map(|one| one.id.as_u128()).collect()
    }

    // proves: P-47
    #[test]
    fn what_is_under_way_the_newest_of_each_kind_and_the_last_contact_are_told() {
        let rows = [
            (1, "talk", State::Open),
            (2, "complaint", State::Open),
            (3, "talk", State::Open),
            (4, "complaint", State::Final),
            (5, "complaint", State::Open),
            (6, "gone", State::Open),
        ];
        let rows = rows.map(|(n, kind, state)| record(n, kind, state)).to_vec();
        let glance = Glance::of(&kinds(), &[], rows);
        assert_eq!(ids(&glance.open), [5, 2], "a talk waits for nothing, nor does what the pack has no more");
        assert_eq!(ids(&glance.newest), [6, 4, 3]);
        assert_eq!(glance.contact.as_ref().unwrap().id.as_u128(), 3);
        assert_eq!(glance.records().map(|one| one.id.as_u128()).collect::<Vec<_>>(), [3, 5, 2, 6, 4], "each once");
    }

    #[test]
    fn no_more_are_told_than_may_be() {
        let rows = (0..50).map(|n| record(n, "complaint", State::Open)).collect();
        assert_eq!(Glance::of(&kinds(), &[], rows).open.len(), MOST_OPEN);
        let rows = (0..50).map(|n| record(n, &format!("kind{n}"), State::Final)).collect();
        assert_eq!(Glance::of(&kinds(), &[], rows).newest.len(), MOST_NEWEST);
    }

    #[test]
    fn kinds_are_counted_in_the_order_of_the_pack() {
        let counted = [
            ("complaint", State::Open, 1),
            ("complaint", State::Final, 2),
            ("complaint", State::Void, 3),
            ("talk", State::Open, 4),
            ("gone", State::Open, 5),
        ];
        let counts = counted.map(|(kind, state, count)| Count { kind: kind.into(), state, count });
        let told = Glance::of(&kinds(), &counts, Vec::new()).tallies;
        let told: Vec<_> = told.iter().map(|one| (one.kind.as_str(), one.open, one.other, one.void)).collect();
        assert_eq!(told, [("talk", 0, 4, 0), ("complaint", 1, 2, 3), ("gone", 0, 5, 0)]);
    }
}
