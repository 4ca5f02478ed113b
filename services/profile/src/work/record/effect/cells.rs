//! What an effect acts on: what its field, or each row of its group, names.

use dossier_kernel::error::{Error, Result};
use dossier_proto::types::field_value::Value;
use dossier_proto::types::{FieldValue, Row};
use dossier_regime::StageEffect;

use super::super::Opened;
use super::{named, value};
use crate::domain::fact::hold;
use crate::domain::form::{path, plain};

/// One thing that is named.
pub(super) struct Cell {
    /// Where it stands in the form.
    pub(super) field: String,
    /// What stands there; never empty.
    pub(super) text: String,
    row: Option<(String, Row)>,
}

/// What `effect` acts on; `None`: it names nothing itself. Of rows those of which `when` holds. `nothing` is what a field or a cell that
/// is empty must do.
///
/// # Errors
/// `FIELD_VIOLATION` of the field or cell that is empty; `SEAL_BROKEN`.
pub(super) fn cells(opened: &Opened<'_>, effect: &StageEffect, nothing: &'static str) -> Result<Option<Vec<Cell>>> {
    let (group, column) = match effect.moved() {
        None => return Ok(None),
        Some(("", key)) => {
            let text = named(opened, key)?.ok_or_else(|| Error::violation(path(key), nothing))?;
            return Ok(Some(vec![Cell { field: path(key), text, row: None }]));
        }
        Some(at) => at,
    };
    let cell = |row: Row| {
        let (field, text) = said(group, column, &row);
        let text = text.ok_or_else(|| Error::violation(&field, nothing))?;
        Ok(Cell { field, text, row: Some((group.to_owned(), row)) })
    };
    let rows = rows(value(opened, group)?).into_iter().filter(|row| is_meant(effect, row));
    rows.map(cell).collect::<Result<_>>().map(Some)
}

/// The rows of a group.
pub(super) fn rows(value: Option<FieldValue>) -> Vec<Row> {
    match value.and_then(|value| value.value) {
        Some(Value::Rows(list)) => list.rows,
        _ => Vec::new(),
    }
}

fn is_meant(effect: &StageEffect, row: &Row) -> bool {
    let asked = effect.when.iter().filter(|(fact, _)| effect.of_row(fact).is_some());
    hold(asked, |fact| row.cells.get(effect.of_row(fact).unwrap_or(fact)).map(plain))
}

fn said(group: &str, column: &str, row: &Row) -> (String, Option<String>) {
    let text = row.cells.get(column).map(plain).filter(|text| !text.is_empty());
    (format!("{}.{}.{column}", path(group), row.id), text)
}

// === impl Cell ===

impl Cell {
    /// What the same row says in another column, and where; `None`: it is empty, or this stands in no row.
    pub(super) fn beside(&self, column: &str) -> Option<(String, String)> {
        let (group, row) = self.row.as_ref()?;
        let (field, text) = said(group, column, row);
        text.map(|text| (field, text))
    }
}
