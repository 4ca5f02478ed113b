//! One row of `loan`.

use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::time::latest;
use sqlx::types::Json;
use uuid::Uuid;

use crate::domain::loan::{Acceptance, Condition, Inspection, Loan, State};

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    id: Uuid,
    file: Uuid,
    borrower: Uuid,
    grant_id: Option<Uuid>,
    level: String,
    material: String,
    copies: i64,
    pages: i64,
    reason: String,
    purpose: String,
    duties: Json<Vec<String>>,
    signature_reference: String,
    handed_out_by: Uuid,
    out_at: i64,
    due_at: i64,
    state: String,
    renewals: i64,
    recalled_at: Option<i64>,
    recalled_by: Option<Uuid>,
    condition: Option<String>,
    returned_copies: Option<i64>,
    returned_pages: Option<i64>,
    inspected: Option<Json<Vec<String>>>,
    differences: Option<Json<Vec<String>>>,
    restored_location: Option<String>,
    received_by: Option<Uuid>,
    returned_at: Option<i64>,
    case_reference: Option<String>,
    version: i64,
    updated_at: Option<i64>,
}

macro_rules! select {
    ($rest:expr) => {
        concat!(
            "SELECT f.id, f.file, f.borrower, f.grant_id, f.level, f.material, f.copies, f.pages, f.reason, f.purpose, f.duties,
                    f.signature_reference, f.handed_out_by, f.out_at, f.due_at, f.state, f.renewals, f.recalled_at,
                    f.recalled_by, f.condition, f.returned_copies, f.returned_pages, f.inspected, f.differences,
                    f.restored_location, f.received_by, f.returned_at, f.case_reference, f.version, f.updated_at
             FROM loan f WHERE f.org = $1",
            $rest
        )
    };
}
pub(super) use select;

// === impl Row ===

impl Row {
    fn inspection(&mut self) -> Result<Option<Inspection>> {
        let Some(condition) = self.condition.take() else { return Ok(None) };
        let missing = || Error::new(Reason::StoreInconsistent).with("table", "loan").with("column", "inspected");
        Ok(Some(Inspection {
            condition: Condition::parse(&condition)?,
            copies: self.returned_copies.ok_or_else(missing)?,
            // What was not counted before was kept as 0 on both sides.
            pages: self.returned_pages.filter(|pages| *pages > 0 || self.pages > 0),
            inspected: self.inspected.take().ok_or_else(missing)?.0,
            differences: self.differences.take().ok_or_else(missing)?.0,
            restored_location: self.restored_location.take().ok_or_else(missing)?,
        }))
    }
}

impl TryFrom<Row> for Loan {
    type Error = Error;

    fn try_from(mut row: Row) -> Result<Self> {
        let inspection = row.inspection()?;
        Ok(Self {
            id: row.id,
            file: row.file,
            borrower: row.borrower,
            grant: row.grant_id,
            level: row.level,
            material: row.material,
            copies: row.copies,
            // 0 is how the table says that nobody counted.
            pages: Some(row.pages).filter(|pages| *pages > 0),
            justification: row.reason,
            purpose: row.purpose,
            acceptance: Acceptance { duties: row.duties.0, signature_reference: row.signature_reference },
            handed_out_by: row.handed_out_by,
            out_at: row.out_at,
            due_at: row.due_at,
            state: State::parse(&row.state)?,
            renewals: row.renewals,
            recalled_at: row.recalled_at,
            recalled_by: row.recalled_by,
            inspection,
            received_by: row.received_by,
            returned_at: row.returned_at,
            case_reference: row.case_reference,
            version: row.version,
            updated_at: latest(row.out_at, [row.updated_at, row.recalled_at, row.returned_at]),
        })
    }
}
