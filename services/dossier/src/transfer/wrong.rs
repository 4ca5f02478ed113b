//! What a line of an archive says, read by the mapping, and what is wrong with it.

use std::collections::BTreeMap;
use std::sync::Arc;

use dossier_kernel::time::to_proto;
use dossier_proto::types::FieldValue;
use jiff::tz::TimeZone;

use super::mapping::Said;
use super::results::Unsent;
use crate::import::lines::{Cell, Record};
use crate::import::plan::Plan;

/// What is wrong with a line.
pub(super) struct Wrong {
    /// The line.
    pub line: u64,
    /// The key of its file, as far as it is known.
    pub key: String,
    /// All of it.
    pub all: Vec<Unsent>,
}

// === impl Wrong ===

impl Wrong {
    /// One more thing that is.
    pub fn add(&mut self, field: &str, why: &str) {
        let why = format!("line {}: {why}", self.line);
        let (key, reason) = (self.key.clone(), "FIELD_VIOLATION".to_owned());
        self.all.push(Unsent { key, reason, field: field.to_owned(), why });
    }

    /// A text; empty where nothing is said.
    pub fn text(&mut self, field: &str, said: Option<&Said>, record: &Record) -> String {
        match said.map(|said| said.of(record)) {
            Some(Ok(Some(text))) => text,
            Some(Err(why)) => {
                self.add(field, &why);
                String::new()
            }
            Some(Ok(None)) | None => String::new(),
        }
    }

    /// A time; none where nothing is said.
    pub fn time(
        &mut self,
        field: &str,
        said: Option<&Said>,
        record: &Record,
        zone: &TimeZone,
    ) -> Option<prost_types::Timestamp> {
        match said?.time(record, zone) {
            Ok(time) => time.map(to_proto),
            Err(why) => {
                self.add(field, &why);
                None
            }
        }
    }

    /// The number of a value that is said by its word; 0 where nothing is said.
    pub fn word<E: dossier_proto::Worded>(&mut self, field: &str, said: Option<&Said>, record: &Record) -> i32
    where
        i32: From<E>,
    {
        let word = self.text(field, said, record);
        if word.is_empty() {
            return 0;
        }
        match E::of_word(&word.to_uppercase()) {
            Some(one) => i32::from(one),
            None => {
                self.add(field, "is no such state");
                0
            }
        }
    }
}

/// Values by the plan of a template: the record that the mapping makes of a line has the template's own columns.
pub(super) fn filled(
    plan: &Plan,
    said: &BTreeMap<String, Said>,
    record: &Record,
    wrong: &mut Wrong,
) -> BTreeMap<String, FieldValue> {
    let mut cells = Vec::new();
    for (field, said) in said {
        let text = wrong.text(&format!("fields.{field}"), Some(said), record);
        if !text.is_empty() {
            cells.push((Arc::from(field.as_str()), Cell::Text(text)));
        }
    }
    let (fields, refused) = plan.fields(&Record { line: record.line, cells });
    refused.iter().for_each(|one| wrong.add(&one.field, &one.why));
    fields
}
