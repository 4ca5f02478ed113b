//! All SQL of this service: one file per table, rows private to it.

pub mod audit;
pub mod exposure;
pub mod limit;
pub mod note;
pub mod rating;
pub mod reservation;
pub mod score_model;

use dossier_kernel::db::{Keeps, Read, Stored, Value, View};
use dossier_kernel::error::{Error, Reason};

use crate::domain::money::Money;

/// A row that cannot be true.
pub(crate) fn inconsistent(table: &'static str, column: &'static str) -> Error {
    Error::new(Reason::StoreInconsistent).with("table", table).with("column", column)
}

/// A sum in two columns: minor units, and the currency.
pub(crate) struct Sum;

// === impl Sum ===

impl Keeps<Money> for Sum {
    fn write(value: &Money, into: &mut Vec<Value>) {
        into.extend([value.minor.value(), value.currency.value()]);
    }

    fn read(row: View<'_>, columns: &[&'static str]) -> Read<Money> {
        Ok(Money { minor: row.get(columns[0])?, currency: row.get(columns[1])? })
    }
}
