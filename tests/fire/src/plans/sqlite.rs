//! The plans of SQLite, for every statement in the sources.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use sqlx::{AssertSqlSafe, ConnectOptions};
use sqlx_sqlite::{SqliteConnectOptions, SqliteConnection};

use super::growing::{BROAD, Growing};
use super::{Plans, growing, shown};
use crate::ground::{Fault, Result};
use crate::statements::source::sources;
use crate::statements::{Statement, find};

/// Crates whose statements run in the stores of other services only.
const ELSEWHERE: [&str; 4] = ["services/access/", "services/credit/", "services/dossier/", "services/kernel/src/db"];

/// Takes the plan of everything that profile runs in the store at `path`.
///
/// # Errors
/// When the sources or the store cannot be read, or the store does not take a statement.
pub async fn take(path: &Path) -> Result<Plans> {
    let mut store = SqliteConnectOptions::new().filename(path).read_only(true).connect().await?;
    let growing = Growing::read()?;
    let how = "Every statement that profile has in its sources, as SQLite explains it; conditions of lists alone and together.";
    let mut plans = Plans { how: how.to_owned(), ..Plans::default() };
    for one in find(&sources()?).statements.iter().filter(|one| is_own(one)) {
        plans.statements += 1;
        plans.judge(one, &plan(&mut store, one).await?, &growing);
    }
    Ok(plans)
}

/// Whether the store of profile runs a statement, and SQLite can explain it.
fn is_own(one: &Statement) -> bool {
    // Tables of PostgreSQL alone.
    growing::is_run(one) && !ELSEWHERE.iter().any(|start| one.file.starts_with(start)) && !one.text.contains("pg_")
}

async fn plan(store: &mut SqliteConnection, one: &Statement) -> Result<Vec<String>> {
    let text = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {}", embedded(&one.text)));
    let told: std::result::Result<Vec<(i64, i64, i64, String)>, _> = sqlx::query_as(text).fetch_all(store).await;
    let told = told.map_err(|fault| Fault::new(format!("{}: {fault}: {}", one.file, shown(&one.text))))?;
    Ok(told.into_iter().map(|(.., step)| step).collect())
}

/// A statement that is read out of the sources as SQLite gets it: rows as values, not as arrays.
pub fn embedded(text: &str) -> String {
    const ARRAYS: &str = "SELECT * FROM UNNEST(";
    let Some((head, rest)) = text.split_once(ARRAYS) else { return text.to_owned() };
    let Some((row, tail)) = rest.split_once(')') else { return text.to_owned() };
    // Two, since one row is no table to SQLite.
    format!("{head}VALUES ({row}), ({row}){tail}")
}

/// The steps of a plan that read a growing table without looking anything up in it but what very many rows share: each with
/// that table.
pub fn scanned(text: &str, plan: &[String], growing: &Growing) -> Vec<String> {
    let names = aliases(text);
    let fault = |step: &String| {
        let words: Vec<_> = step.split([' ', '(', ')']).filter(|word| !word.is_empty()).collect();
        let tables = names.get(*words.get(1)?)?;
        let columns = words.iter().filter_map(|word| word.split_once(['=', '<', '>'])).map(|(column, _)| column);
        let columns: BTreeSet<_> = columns.collect();
        // One name may stand for several tables: what is looked up tells which.
        let holds = |table: &&String| {
            growing.tables.get(*table).is_some_and(|known| columns.iter().all(|column| known.contains(*column)))
        };
        let table = tables.iter().find(holds)?;
        let apart = words.iter().any(|word| growing.partial.contains(*word));
        // Without any column it is the first or last of an index.
        let broad = !columns.is_empty() && columns.iter().all(|column| BROAD.contains(column));
        let whole = words[0] == "SCAN" || broad;
        (!apart && whole || step.contains("AUTOMATIC")).then(|| format!("{table} ({step})"))
    };
    plan.iter().filter_map(fault).collect()
}

// What the names behind FROM, JOIN, UPDATE and INTO stand for. A name may be used twice.
fn aliases(text: &str) -> BTreeMap<String, BTreeSet<String>> {
    let split = text.replace(['(', ')', ','], " ");
    let words: Vec<_> = split.split_whitespace().collect();
    let mut names: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (at, word) in words.iter().enumerate() {
        if !["FROM", "JOIN", "UPDATE", "INTO"].contains(word) {
            continue;
        }
        let Some(table) = words.get(at + 1) else { continue };
        let alias = words.get(at + if words.get(at + 2) == Some(&"AS") { 3 } else { 2 });
        for name in [Some(table), alias].into_iter().flatten() {
            names.entry((*name).to_owned()).or_default().insert((*table).to_owned());
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "SELECT d.id FROM record d JOIN post_rule AS p ON p.org = d.org JOIN reached d WHERE d.kind = $1";

    fn told(plan: &str) -> Vec<String> {
        scanned(TEXT, &[plan.to_owned()], &Growing::read().unwrap())
    }

    #[test]
    fn a_scan_of_what_grows_is_named_with_its_table() {
        assert_eq!(told("SCAN d"), ["record (SCAN d)"]);
        assert_eq!(told("SCAN d USING COVERING INDEX record_kind").len(), 1, "the whole index is read");
        assert_eq!(told("SEARCH d USING AUTOMATIC COVERING INDEX (kind=?)").len(), 1, "made by reading all");
        assert_eq!(told("SEARCH d USING INDEX record_kind (org=?)").len(), 1, "all of an organisation is all");
        assert_eq!(told("SEARCH d USING INDEX record_kind (org=? AND kind=?)").len(), 1, "and so is all of a kind");
    }

    #[test]
    fn what_is_looked_up_and_what_stays_small_is_no_fault() {
        assert!(told("SEARCH d USING INDEX record_kind (org=? AND kind=? AND id<?)").is_empty());
        assert!(told("SEARCH d USING INDEX customer_file_contested (org=?)").is_empty(), "an index of few");
        assert!(told("SEARCH d USING AUTOMATIC COVERING INDEX (reachable=?)").is_empty(), "another table of that name");
        assert!(told("SCAN p").is_empty());
    }

    #[test]
    fn rows_stand_as_values() {
        let text = "WITH asked (org) AS (SELECT * FROM UNNEST($1, $2)) SELECT 1";
        assert_eq!(embedded(text), "WITH asked (org) AS (VALUES ($1, $2), ($1, $2)) SELECT 1");
    }
}
