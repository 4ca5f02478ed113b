//! All SQL of this service: one file per table, rows private to it.

pub mod audit;
pub mod exposure;
pub mod limit;
pub mod note;
pub mod rating;
pub mod reservation;
pub mod score_model;

use dossier_kernel::db::{Keeps, Read, Stored, Value, View};
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::time::from_micros;
use jiff::Timestamp;

use crate::domain::money::Money;

/// A row that cannot be true.
pub(crate) fn inconsistent(table: &'static str, column: &'static str) -> Error {
    Error::new(Reason::StoreInconsistent).with("table", table).with("column", column)
}

/// A stored digest.
pub(crate) fn digest(table: &'static str, bytes: &[u8]) -> Result<[u8; 32]> {
    bytes.try_into().map_err(|_| inconsistent(table, "digest"))
}

/// A stored instant that may be absent.
pub(crate) fn instant(micros: Option<i64>) -> Option<Timestamp> {
    micros.map(from_micros)
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
