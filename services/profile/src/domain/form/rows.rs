//! The rows of a group: one value with many cells, each checked as a field of its own.

use std::collections::{BTreeMap, BTreeSet};

use dossier_kernel::error::one_of;
use dossier_kernel::faults::Faults;
use dossier_kernel::path::{is_row, is_segment};
use dossier_proto::types::field_value::Value;
use dossier_proto::types::{FieldValue, Row, RowList};
use dossier_regime::completeness::{Filled, Rows};
use dossier_regime::{Column, Field, Required};

use super::{EMPTYING, blank, shaped};
use crate::domain::origin::{Origin, origin};
use crate::domain::text::echo;
use crate::domain::typed::carrier;

/// Longest id of a row, in characters: that of a UUID.
const LONGEST_ID: usize = 36;
/// Most rows whose faults are told.
const MOST_FAULTY: usize = 100;
/// Most empty cells of one group that are told by name.
const MOST_NAMED: usize = 100;

/// The rows as they are stored; a fault names its cell by `fields.KEY.ROW.COLUMN`.
pub(super) fn accept(
    field: &Field,
    path: &str,
    given: &RowList,
    rules: &Origin<'_>,
    faults: &mut Faults,
) -> Option<Value> {
    let most = field.most_rows();
    if given.rows.len() > usize::try_from(most).unwrap_or(usize::MAX) {
        faults.add(path, format!("holds more than {most} rows"));
        return None;
    }
    if given.rows.is_empty() {
        return blank(path, faults);
    }
    let columns: BTreeMap<&str, Field> = field.columns.iter().map(|one| (one.id.as_str(), one.field())).collect();
    let (mut seen, mut rows, mut faulty) = (BTreeSet::new(), Vec::with_capacity(given.rows.len()), 0);
    for (at, row) in given.rows.iter().enumerate() {
        let taken = if !is_id(&row.id) {
            faults.add(format!("{path}.{at}.id"), "must be a whole number, a UUID or a word such as `first_visit`");
            None
        } else if !seen.insert(row.id.as_str()) {
            faults.add(format!("{path}.{}", row.id), "is the id of two rows");
            None
        } else {
            accept_row(&columns, &format!("{path}.{}", row.id), row, rules, faults)
        };
        faulty += usize::from(taken.is_none());
        rows.extend(taken);
        // Nobody reads more, and a list of everything could be larger than the request.
        if faulty == MOST_FAULTY {
            break;
        }
    }
    Some(Value::Rows(RowList { rows }))
}

// The row, if nothing in it is wrong.
fn accept_row(
    columns: &BTreeMap<&str, Field>,
    path: &str,
    row: &Row,
    rules: &Origin<'_>,
    faults: &mut Faults,
) -> Option<Row> {
    if row.cells.is_empty() {
        faults.add(path, "must have at least one cell; a row that is empty is left out");
        return None;
    }
    if row.cells.len() > columns.len() {
        faults.add(path, format!("has more cells than the {} columns that there are", columns.len()));
        return None;
    }
    let mut cells = BTreeMap::new();
    for (key, given) in &row.cells {
        let Some(column) = columns.get(key.as_str()) else {
            faults.add(format!("{path}.{}", echo(key)), format!("the column {}", one_of(columns.keys().copied())));
            continue;
        };
        let value = cell(column, &format!("{path}.{key}"), given, rules, faults);
        cells.extend(value.map(|value| (key.clone(), value)));
    }
    (cells.len() == row.cells.len()).then(|| Row { id: row.id.clone(), cells })
}

// A cell that says nothing of its source has that of the group.
fn cell(column: &Field, path: &str, given: &FieldValue, rules: &Origin<'_>, faults: &mut Faults) -> Option<FieldValue> {
    let Some(value) = &given.value else {
        faults.add(path, format!("must be given as `{}`; {EMPTYING}", carrier(column.kind)));
        return None;
    };
    let value = shaped(column, path, value, faults)?;
    let provenance = given.provenance.as_ref().map(|own| origin(path, Some(own), rules, faults));
    Some(FieldValue { value: Some(value), provenance })
}

fn is_id(id: &str) -> bool {
    id.len() <= LONGEST_ID && (is_row(id) || is_segment(id))
}

/// What the rows of a filled group lack: the empty cells of columns that each row must have, of which the first are
/// named.
pub fn lacking(group: &Field, value: &FieldValue) -> Filled {
    let Some(Value::Rows(list)) = &value.value else { return Filled::Yes };
    let demanded: Vec<&Column> = group.columns.iter().filter(|column| column.required == Required::Yes).collect();
    let mut found = Rows::default();
    for row in &list.rows {
        let empty: Vec<_> = demanded.iter().filter(|column| !row.cells.contains_key(&column.id)).collect();
        let room = MOST_NAMED.saturating_sub(found.lacking.len());
        found.lacking.extend(empty.iter().take(room).map(|column| (row.id.clone(), column.id.clone())));
        found.all += 1;
        found.whole += u64::from(empty.is_empty());
    }
    if found.whole == found.all { Filled::Yes } else { Filled::Partly(found) }
}

/// One line for each row in their order: its id, then the cells by their keys, between tabs. What would break a line or
/// a cell stands behind a backslash, so that no two groups have one text.
pub(super) fn plain(list: &RowList) -> String {
    let line = |row: &Row| {
        let cells = row.cells.iter().map(|(key, value)| format!("\t{key}={}", escaped(&super::plain(value))));
        row.id.clone() + &cells.collect::<String>()
    };
    list.rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\n', "\\n").replace('\t', "\\t")
}
