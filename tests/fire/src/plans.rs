//! How the stores find what the services read: no statement that answers somebody scans a table that grows with an
//! organisation.
//!
//! [`sqlite`] asks SQLite for its plan of every statement that stands in the sources: SQLite keeps no figures about its tables,
//! so its plan is the same for whatever is bound and whatever the tables hold. [`postgres`] lets PostgreSQL write down every
//! plan that it follows while each reading of profile is asked for ([`readings`]), with what it read at each step: PostgreSQL
//! plans by its figures and by what is bound, so its plan is true on the volume that it was made on.
//!
//! What must not be is told by [`growing`]: all tables but those that are named there as steady.

pub mod growing;
pub mod postgres;
pub mod readings;
pub mod sqlite;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ground::{Result, Store};
use crate::stand::Stand;
use crate::statements::Statement;
use growing::Growing;

/// How one store finds what the services read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plans {
    /// How the plans were taken, for whoever reads the report.
    pub how: String,
    /// How many statements were looked at.
    pub statements: u64,
    /// Those that scan: where, which table, which text.
    pub faults: Vec<String>,
    /// Why statements were set aside, and how many.
    pub excepted: BTreeMap<String, u64>,
}

// === impl Plans ===

impl Plans {
    /// Judges a statement by a plan of SQLite for it.
    pub fn judge(&mut self, one: &Statement, plan: &[String], growing: &Growing) {
        let found = sqlite::scanned(&one.text, plan, growing);
        match growing::excepted(one).filter(|_| !found.is_empty()) {
            Some(why) => *self.excepted.entry(why.to_owned()).or_default() += 1,
            None => self.faults.extend(found.iter().map(|step| format!("{}: {step}: {}", one.file, shown(&one.text)))),
        }
    }
}

/// Takes the plans of what profile reads on `stand`, as it is filled now.
///
/// # Errors
/// When a reading is refused, or a store does not say how it answers.
pub async fn take(stand: &Stand) -> Result<Plans> {
    match &stand.fleet.plan.store {
        Store::Sqlite(folder) => sqlite::take(&folder.join("profile.db")).await,
        Store::Postgres(urls) => postgres::take(stand, urls).await,
    }
}

/// A text of a statement in one line, as faults name it.
pub fn shown(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
