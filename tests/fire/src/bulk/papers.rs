//! The rows of generated records. Their columns are those by which the service itself keeps a record.

use dossier_kernel::db::Written;
use dossier_profile::domain::record::Record;
use dossier_profile::store::record::Revision;

use super::rows::{Cell, Rows};
use super::uuid;
use crate::scene::ORG;

/// The rows of some records and of their versions.
#[derive(Debug)]
pub(super) struct Papers {
    record: Rows,
    version: Rows,
}

const VERSION: &[&str] = &["org", "record", "revision", "at", "author", "changed", "content", "reason", "salts"];

// === impl Papers ===

impl Papers {
    /// No rows yet.
    pub(super) fn new() -> Self {
        let columns = [vec!["org"], Record::ONCE.concat(), Record::THEN.concat()].concat();
        Self { record: Rows::of(Record::TABLE, &columns), version: Rows::of("record_revision", VERSION) }
    }

    /// All of it, as it is written.
    pub(super) fn rows(self) -> [Rows; 2] {
        [self.record, self.version]
    }

    /// A record with its only version.
    pub(super) fn push(&mut self, record: &Record, version: &Revision) {
        let mut values = Vec::with_capacity(self.record.columns.len());
        record.once(&mut values);
        record.then(&mut values);
        self.record.rows.push([Cell::text(ORG)].into_iter().chain(values.into_iter().map(Cell::from)).collect());
        let bytes = |value: &Option<Vec<u8>>| value.clone().map_or(Cell::Null, Cell::Bytes);
        self.version.rows.push(vec![
            Cell::text(ORG),
            uuid(version.record),
            Cell::Int(version.revision),
            Cell::Int(version.at),
            uuid(version.author),
            Cell::Text(serde_json::to_string(&*version.changed).unwrap_or_default()),
            Cell::Bytes(version.content.clone()),
            bytes(&version.reason),
            bytes(&version.salts),
        ]);
    }
}
