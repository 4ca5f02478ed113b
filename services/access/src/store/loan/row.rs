//! One row of `loan`.

use dossier_kernel::db::{AsJson, Keeps, Moments, Read, Stored, Value, View};
use dossier_kernel::table;

use crate::domain::loan::{Acceptance, Loan};

table! {
    select!("loan" as f) of Loan;
    once {
        id, file, borrower, grant = grant_id, level, justification = reason, purpose,
        acceptance as Accepted { duties, signature_reference }, handed_out_by, out_at,
    }
    then while "returned_at IS NULL" {
        due_at, state, renewals, recalled_at, recalled_by, condition, received_by, returned_at, case_reference,
        updated_at as Changed,
    }
    aside { items }
}
pub(super) use select;

/// The duties that the borrower accepted, and where they signed.
struct Accepted;

/// When it last changed, which an earlier version did not keep.
struct Changed;

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

// === impl Changed ===

impl Moments for Changed {
    const BEGUN: &'static str = "out_at";
    const SINCE: &'static [&'static str] = &["recalled_at", "returned_at"];
}
