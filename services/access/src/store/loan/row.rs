//! One row of `loan`.

use dossier_kernel::db::{AsJson, Keeps, Moments, Read, Stored, Value, View};
use dossier_kernel::table;
use sqlx::types::Json;

use crate::domain::loan::{Acceptance, Inspection, Loan};

table! {
    select!("loan" as f) of Loan;
    once {
        id, file, borrower, grant = grant_id, level, material, copies, pages as Counted, justification = reason, purpose,
        acceptance as Accepted { duties, signature_reference }, handed_out_by, out_at,
    }
    then while "returned_at IS NULL" {
        due_at, state, renewals, recalled_at, recalled_by,
        inspection as Inspected {
            condition, returned_copies, returned_pages, inspected, differences, restored_location,
        },
        received_by, returned_at, case_reference, updated_at as Changed,
    }
}
pub(super) use select;

/// Pages: 0 is how the table says that nobody counted.
struct Counted;

/// The duties that the borrower accepted, and where they signed.
struct Accepted;

/// What was found when it came back: nothing, or all of it.
struct Inspected;

/// When it last changed, which an earlier version did not keep.
struct Changed;

// === impl Counted ===

impl Keeps<Option<i64>> for Counted {
    fn write(value: &Option<i64>, into: &mut Vec<Value>) {
        into.push(value.unwrap_or_default().into());
    }

    fn read(row: View<'_>, columns: &[&'static str]) -> Read<Option<i64>> {
        row.get(columns[0]).map(|pages| Some(pages).filter(|pages| *pages > 0))
    }
}

// === impl Accepted ===

impl Keeps<Acceptance> for Accepted {
    fn write(value: &Acceptance, into: &mut Vec<Value>) {
        AsJson::write(&value.duties, into);
        into.push(value.signature_reference.value());
    }

    fn read(row: View<'_>, columns: &[&'static str]) -> Read<Acceptance> {
        Ok(Acceptance { duties: AsJson::read(row, columns)?, signature_reference: row.get(columns[1])? })
    }
}

// === impl Inspected ===

impl Keeps<Option<Inspection>> for Inspected {
    fn write(value: &Option<Inspection>, into: &mut Vec<Value>) {
        let found = value.as_ref();
        into.push(found.map(|found| found.condition).value());
        into.push(found.map(|found| found.copies).value());
        into.push(found.and_then(|found| found.pages).value());
        into.push(found.map(|found| Json(&found.inspected)).into());
        into.push(found.map(|found| Json(&found.differences)).into());
        into.push(found.map(|found| found.restored_location.clone()).value());
    }

    fn read(row: View<'_>, columns: &[&'static str]) -> Read<Option<Inspection>> {
        let Some(condition) = row.get(columns[0])? else { return Ok(None) };
        let given: i64 = row.get("pages")?;
        Ok(Some(Inspection {
            condition,
            copies: row.get(columns[1])?,
            // What was not counted before was kept as 0 on both sides.
            pages: row.get::<Option<i64>>(columns[2])?.filter(|pages| *pages > 0 || given > 0),
            inspected: AsJson::read(row, &columns[3..])?,
            differences: AsJson::read(row, &columns[4..])?,
            restored_location: row.get(columns[5])?,
        }))
    }
}

// === impl Changed ===

impl Moments for Changed {
    const BEGUN: &'static str = "out_at";
    const SINCE: &'static [&'static str] = &["recalled_at", "returned_at"];
}
