//! What a journal says of the rows of a store, and how that differs from the rows.
//!
//! A service folds its entries into [`Told`]: for each row the fields that the entries speak of, and which entry did. The
//! rows themselves are then laid beside it. What an entry of an earlier version did not carry yet is left open and named
//! in the report, so that nobody takes it for proved.

use std::collections::{BTreeMap, HashMap, HashSet};

use dossier_kernel::time::{from_proto, micros};
use dossier_proto::journal::v1::EntryBody;
use prost_types::{Duration, Timestamp};

use super::FAULT_LIMIT;
use super::value::Value;

/// How far a resource has come, beside its fields; no row has it.
const PROGRESS: &str = "#progress";
/// The file of a row that has no field for it.
pub const OF_FILE: &str = "#file";

/// A row as the store holds it.
#[derive(Clone, Debug)]
pub struct Row {
    /// What it is called in a report; unique in its table.
    pub key: String,
    /// Behind which place the next page begins.
    pub place: Place,
    /// Its fields.
    pub fields: Vec<(&'static str, Value)>,
}

/// The place of a row in the order of its table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// By the id.
    Id(uuid::Uuid),
    /// By a text.
    Text(String),
}

/// What the entries say, row by row.
#[derive(Debug, Default)]
pub struct Told {
    seq: i64,
    entries: u64,
    tables: HashMap<&'static str, HashMap<String, Expected>>,
    since: BTreeMap<(&'static str, &'static str), i64>,
    // Of each table the files whose rows are gone.
    erased: HashMap<&'static str, HashSet<uuid::Uuid>>,
}

/// One row in the making.
#[derive(Debug)]
pub struct Line<'a> {
    table: &'static str,
    seq: i64,
    since: &'a mut BTreeMap<(&'static str, &'static str), i64>,
    expected: &'a mut Expected,
}

#[derive(Debug, Default)]
struct Expected {
    // The entry that spoke last of the row.
    seq: i64,
    cells: Vec<(&'static str, Value, i64)>,
}

/// One difference between store and journal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{table} {key}: {cause}")]
pub struct Difference {
    /// The table.
    pub table: &'static str,
    /// The row; empty for the table as a whole.
    pub key: String,
    /// What differs.
    pub cause: Cause,
}

/// What can differ. Values that are personal are not shown. An entry without number yet is entry 0.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Cause {
    /// The store holds rows and the journal is empty.
    #[error("{rows} rows, and the journal has no entry")]
    NoJournal {
        /// How many rows.
        rows: u64,
    },
    /// A row that no entry made.
    #[error("no entry says that it exists")]
    Unsaid,
    /// A row that an entry made is gone.
    #[error("it is missing; entry {seq} says that it exists")]
    Missing {
        /// The entry that spoke of it last.
        seq: i64,
    },
    /// A row of a file that was destroyed is still there (I7).
    #[error("it is there, and its file was destroyed")]
    Unerased,
    /// A field has another value.
    #[error("`{field}` is {found}, entry {seq} says {said}")]
    Field {
        /// The field.
        field: String,
        /// What the row says.
        found: Value,
        /// What the entry says.
        said: Value,
        /// The entry.
        seq: i64,
    },
    /// What the entry promises lies under a key that is gone or that the keyring does not open.
    #[error("it does not open what entry {seq} promises")]
    Unopened {
        /// The entry.
        seq: i64,
    },
    /// What is kept outside of the store.
    #[error("its content is not where it was put, or not what came in")]
    Content,
    /// A place counts otherwise than what lies in it.
    #[error("it counts another number of items than lie in it")]
    Miscounted,
    /// Something is kept outside of the store and no row knows it.
    #[error("it lies in the store of contents and no row knows it; `dossier recover --drop-contents` has it dropped")]
    Stray,
    /// A value does not open the promise of its entry, or cannot be opened to see.
    #[error("`{field}` is not what entry {seq} promises")]
    Promise {
        /// The field.
        field: String,
        /// The entry.
        seq: i64,
    },
}

/// A field that only newer entries speak of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Since {
    /// The table.
    pub table: &'static str,
    /// The field.
    pub field: &'static str,
    /// The first entry that speaks of it; `None`: none does.
    pub seq: Option<i64>,
    /// How many rows are older.
    pub rows: u64,
}

/// What came of laying the rows beside the entries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// How many rows were compared.
    pub rows: u64,
    /// What differs, at most [`FAULT_LIMIT`].
    pub differences: Vec<Difference>,
    /// How many more there are.
    pub more: u64,
    /// What is not proved yet.
    pub since: Vec<Since>,
    /// How many rows could not be opened because their file was erased.
    pub erased: u64,
    open: BTreeMap<(&'static str, &'static str), u64>,
}

// === impl Row ===

impl Row {
    /// The row with this id.
    pub fn of(id: uuid::Uuid) -> Self {
        Self { key: id.to_string(), place: Place::Id(id), fields: Vec::new() }
    }

    /// The row with this text as its key.
    pub fn named(key: impl Into<String>) -> Self {
        let key = key.into();
        Self { place: Place::Text(key.clone()), key, fields: Vec::new() }
    }

    /// Calls it something else than its place.
    #[must_use]
    pub fn called(mut self, key: impl Into<String>) -> Self {
        self.key = key.into();
        self
    }

    /// Adds a field.
    #[must_use]
    pub fn with(mut self, field: &'static str, value: impl Into<Value>) -> Self {
        self.fields.push((field, value.into()));
        self
    }
}

// === impl Place ===

impl Place {
    /// The id, if it is one.
    pub fn id(&self) -> Option<uuid::Uuid> {
        if let Self::Id(id) = self { Some(*id) } else { None }
    }

    /// The text, if it is one.
    pub fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }
}

// === impl Told ===

impl Told {
    /// Everything said from here on is said by the entry `seq`; 0: it has no number yet.
    pub fn at(&mut self, seq: i64) {
        self.seq = seq;
    }

    /// The entry that speaks.
    pub fn seq(&self) -> i64 {
        self.seq
    }

    pub(super) fn count(&mut self) {
        self.entries += 1;
    }

    /// Whether nothing was said at all.
    pub fn is_silent(&self) -> bool {
        self.entries == 0
    }

    /// Speaks of a row, which thereby exists.
    pub fn row(&mut self, table: &'static str, key: impl Into<String>) -> Line<'_> {
        let expected = self.tables.entry(table).or_default().entry(key.into()).or_default();
        expected.seq = self.seq;
        Line { table, seq: self.seq, since: &mut self.since, expected }
    }

    /// Says that `file` was destroyed: its row in each of these tables is gone, and so are the rows that say in `file` or in [`OF_FILE`]
    /// that they are of it.
    pub fn erase(&mut self, file: uuid::Uuid, tables: &[&'static str]) {
        for table in tables {
            self.erased.entry(table).or_default().insert(file);
        }
    }

    /// What was said of a field.
    pub fn value(&self, table: &str, key: &str, field: &str) -> Option<&Value> {
        let row = self.tables.get(table)?.get(key)?;
        row.cells.iter().find(|(name, ..)| *name == field).map(|(_, value, _)| value)
    }

    /// What was said of a number; 0 when nothing was.
    pub fn number(&self, table: &str, key: &str, field: &str) -> i64 {
        self.value(table, key, field).and_then(Value::number).unwrap_or(0)
    }

    /// Whether an entry of more `progress` has spoken of the row before; otherwise this is the furthest so far. Two replicas may
    /// commit in the same moment and be numbered the other way round: what a resource has left behind does not come back.
    pub fn overtaken(&mut self, table: &'static str, key: &str, progress: i64) -> bool {
        if self.value(table, key, PROGRESS).and_then(Value::number).is_some_and(|known| known > progress) {
            return true;
        }
        let _ = self.row(table, key).says(PROGRESS, progress);
        false
    }

    /// Lays a stored row beside what was said of it.
    pub fn compare(&mut self, table: &'static str, row: Row, findings: &mut Findings) {
        findings.rows += 1;
        let Some(expected) = self.tables.get_mut(table).and_then(|rows| rows.remove(&row.key)) else {
            return findings.add(table, row.key, Cause::Unsaid);
        };
        if self.is_erased(table, &row.key, &expected) {
            return findings.add(table, row.key, Cause::Unerased);
        }
        for (field, found) in row.fields {
            let Some((_, said, seq)) = expected.cells.iter().find(|(name, ..)| *name == field) else {
                *findings.open.entry((table, field)).or_default() += 1;
                continue;
            };
            if let Some(cause) = said.differs(field, found, *seq) {
                findings.add(table, row.key.clone(), cause);
            }
        }
    }

    /// Ends the comparison of a table: what was not found is missing.
    pub fn finish(&mut self, table: &'static str, findings: &mut Findings) {
        let mut missing: Vec<_> = self.tables.remove(table).unwrap_or_default().into_iter().collect();
        missing.retain(|(key, expected)| !self.is_erased(table, key, expected));
        missing.sort_by(|one, other| one.0.cmp(&other.0));
        for (key, expected) in missing {
            findings.add(table, key, Cause::Missing { seq: expected.seq });
        }
    }

    fn is_erased(&self, table: &str, key: &str, expected: &Expected) -> bool {
        let Some(files) = self.erased.get(table) else { return false };
        let own = key.parse().is_ok_and(|id: uuid::Uuid| files.contains(&id));
        let mut said = expected.cells.iter().filter(|(field, ..)| ["file", OF_FILE].contains(field));
        own || said.any(|(_, value, _)| matches!(value, Value::Id(file) if files.contains(file)))
    }

    /// Names the fields that some row leaves open.
    pub(super) fn conclude(&self, findings: &mut Findings) {
        let open = std::mem::take(&mut findings.open);
        let since =
            |((table, field), rows)| Since { table, field, seq: self.since.get(&(table, field)).copied(), rows };
        findings.since.extend(open.into_iter().map(since));
    }
}

// === impl Line ===

impl Line<'_> {
    /// The entry says the value of a field.
    pub fn says(self, field: &'static str, value: impl Into<Value>) -> Self {
        let value = value.into();
        match self.expected.cells.iter_mut().find(|(name, ..)| *name == field) {
            Some(cell) => (cell.1, cell.2) = (value, self.seq),
            None => self.expected.cells.push((field, value, self.seq)),
        }
        self
    }

    /// The entry says a value that no later entry changes.
    pub fn once(self, field: &'static str, value: impl Into<Value>) -> Self {
        if self.expected.cells.iter().any(|(name, ..)| *name == field) { self } else { self.says(field, value) }
    }

    /// The entry says a value that entries of earlier versions do not carry: `None` leaves it open.
    pub fn newly(self, field: &'static str, value: Option<impl Into<Value>>) -> Self {
        if let Some(value) = value {
            self.since.entry((self.table, field)).or_insert(self.seq);
            return self.says(field, value);
        }
        self.expected.cells.retain(|(name, ..)| *name != field);
        self
    }
}

// === impl Findings ===

impl Findings {
    /// Whether nothing differs.
    pub fn verified(&self) -> bool {
        self.differences.is_empty()
    }

    /// How many differences there are, told or not.
    pub fn count(&self) -> u64 {
        self.differences.len() as u64 + self.more
    }

    /// Adds a difference.
    pub fn add(&mut self, table: &'static str, key: impl Into<String>, cause: Cause) {
        if self.differences.len() < FAULT_LIMIT {
            self.differences.push(Difference { table, key: key.into(), cause });
        } else {
            self.more += 1;
        }
    }

    /// Adds what was found elsewhere.
    pub fn absorb(&mut self, other: Self) {
        self.rows += other.rows;
        self.more += other.more;
        self.erased += other.erased;
        self.since.extend(other.since);
        for one in other.differences {
            self.add(one.table, one.key, one.cause);
        }
    }
}

/// The instant of an event as a store keeps it.
pub fn instant(time: Option<&Timestamp>) -> Option<i64> {
    time.and_then(|time| from_proto("time", time).ok()).map(micros)
}

/// A length of time as a store keeps it, microseconds.
pub fn length(time: Option<&Duration>) -> Option<i64> {
    time.map(|time| time.seconds.saturating_mul(1_000_000).saturating_add(i64::from(time.nanos) / 1000))
}

/// When the entry's effect was decided.
pub fn time_of(entry: &EntryBody) -> i64 {
    instant(entry.time.as_ref()).unwrap_or_default()
}

/// The word of a store for the name of an enum's value: `LOAN_STATE_OUT` is `out`.
pub fn word(name: &str, prefix: &str) -> String {
    name.strip_prefix(prefix).unwrap_or(name).to_lowercase()
}
