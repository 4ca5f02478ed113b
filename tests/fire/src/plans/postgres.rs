//! The plans of PostgreSQL: what it wrote down while everything was read once.

mod log;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;
use sqlx::{AssertSqlSafe, Executor};

use super::growing::Growing;
use super::readings::Readings;
use super::{Plans, shown};
use crate::ground::{Fault, Postgres, Result, Service};
use crate::stand::Stand;
use log::{Entry, entries};

/// Rows of a table from which on reading all of it is a scan: below, it is cheaper than an index.
const FEW: i64 = 10_000;
/// The most rows of a growing table that one step may read. A walk looks at 10,000 files and opens some of them.
const MOST: i64 = 20_000;

/// What is written down of each statement, and how.
const EXPLAINED: [(&str, &str); 4] = [
    ("auto_explain.log_min_duration", "0"),
    ("auto_explain.log_analyze", "on"),
    ("auto_explain.log_timing", "off"),
    ("auto_explain.log_format", "json"),
];
/// Plans are made for what is bound, and for whatever may be bound: a statement that ran some times is run by either.
const MODES: [&str; 2] = ["force_custom_plan", "force_generic_plan"];

/// Reads everything in both ways of planning, and judges each plan that was followed meanwhile.
///
/// # Errors
/// When a reading is refused, or PostgreSQL writes nothing down.
pub async fn take(stand: &Stand, urls: &BTreeMap<Service, String>) -> Result<Plans> {
    let postgres = stand.postgres().ok_or_else(|| Fault::new("the stand has no PostgreSQL"))?;
    let readings = Readings::enter(stand).await?;
    let begun = postgres.logged()?.len();
    for mode in MODES {
        set(postgres, &EXPLAINED.into_iter().chain([("plan_cache_mode", mode)]).collect::<Vec<_>>()).await?;
        readings.all().await?;
    }
    let reset: Vec<_> = EXPLAINED.iter().map(|(name, _)| *name).chain(["plan_cache_mode"]).collect();
    let log = postgres.logged()?.split_off(begun);
    for name in reset {
        postgres.connect("postgres").await?.execute(AssertSqlSafe(format!("ALTER SYSTEM RESET {name}"))).await?;
    }
    set(postgres, &[]).await?;
    judged(&entries(&log), &large(postgres, urls).await?)
}

async fn set(postgres: &Postgres, settings: &[(&str, &str)]) -> Result<()> {
    let mut connection = postgres.connect("postgres").await?;
    for (name, value) in settings {
        connection.execute(AssertSqlSafe(format!("ALTER SYSTEM SET {name} = '{value}'"))).await?;
    }
    connection.execute("SELECT pg_reload_conf()").await?;
    // Each server process reads its settings before its next statement, once it was told.
    tokio::time::sleep(Duration::from_secs(1)).await;
    Ok(())
}

// The growing tables that hold more than a few rows, in any of the stores.
async fn large(postgres: &Postgres, urls: &BTreeMap<Service, String>) -> Result<BTreeSet<String>> {
    let (growing, mut large) = (Growing::read()?.tables, BTreeSet::new());
    for url in urls.values() {
        let mut connection = postgres.connect(url.rsplit('/').next().unwrap_or_default()).await?;
        let text = "SELECT CAST(relname AS TEXT) FROM pg_stat_user_tables WHERE n_live_tup >= $1";
        let rows: Vec<(String,)> = sqlx::query_as(text).bind(FEW).fetch_all(&mut connection).await?;
        large.extend(rows.into_iter().map(|(name,)| name).filter(|name| growing.contains_key(name)));
    }
    Ok(large)
}

fn judged(entries: &[Entry], large: &BTreeSet<String>) -> Result<Plans> {
    let texts: BTreeSet<_> = entries.iter().map(|one| shown(&one.text)).collect();
    if texts.is_empty() {
        return Err(Fault::new("PostgreSQL has written no plan down"));
    }
    let mut faults = BTreeSet::new();
    for one in entries {
        let mut found = Vec::new();
        scanned(&one.plan, large, &mut found);
        faults.extend(found.into_iter().map(|step| format!("{step}: {}", shown(&one.text))));
    }
    let names: Vec<_> = large.iter().map(|name| format!("`{name}`")).collect();
    let how = format!(
        "{} plans of {} statements that PostgreSQL followed while everything that profile tells was read, planned for what is \
         bound and for whatever may be; none may scan {}, or read more than {MOST} rows of one at a step. Statistics \
         are not among them: they count all of their kind by design.",
        entries.len(),
        texts.len(),
        names.join(", ")
    );
    let statements = u64::try_from(texts.len()).unwrap_or(u64::MAX);
    Ok(Plans { how, statements, faults: faults.into_iter().collect(), excepted: BTreeMap::new() })
}

/// The steps of a plan that scan a table of `large`, or read too much of one.
fn scanned(step: &Value, large: &BTreeSet<String>, found: &mut Vec<String>) {
    let text = |key: &str| step[key].as_str().unwrap_or_default();
    let (kind, table) = (text("Node Type"), text("Relation Name"));
    if large.contains(table) {
        let read = rows(step);
        if kind.ends_with("Seq Scan") && step["Actual Loops"].as_i64() != Some(0) {
            found.push(format!("{table} ({kind})"));
        } else if read > MOST {
            found.push(format!("{table} ({kind} of more than {MOST} rows)"));
        }
    }
    for below in step["Plans"].as_array().into_iter().flatten() {
        scanned(below, large, found);
    }
}

/// How many rows a step read, those that it did not keep too.
fn rows(step: &Value) -> i64 {
    let number = |key: &str| step[key].as_i64().unwrap_or(0);
    let kept = number("Actual Rows") + number("Rows Removed by Filter") + number("Rows Removed by Index Recheck");
    kept * number("Actual Loops")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(step: &Value) -> Vec<String> {
        let mut found = Vec::new();
        scanned(step, &BTreeSet::from(["record".to_owned()]), &mut found);
        found
    }

    #[test]
    fn a_scan_below_another_step_is_named() {
        let scan = json!({"Node Type": "Seq Scan", "Relation Name": "record", "Actual Loops": 1});
        let whole = json!({"Node Type": "Limit", "Plans": [scan]});
        assert_eq!(found(&whole), ["record (Seq Scan)"]);
        let never = json!({"Node Type": "Seq Scan", "Relation Name": "record", "Actual Loops": 0});
        assert!(found(&never).is_empty(), "a step that was not taken reads nothing");
        assert!(found(&json!({"Node Type": "Seq Scan", "Relation Name": "level_rule", "Actual Loops": 1})).is_empty());
    }

    #[test]
    fn an_index_that_is_read_whole_is_a_scan_too() {
        let step = |removed: i64| {
            json!({"Node Type": "Index Scan", "Relation Name": "record", "Actual Rows": 10, "Actual Loops": 2,
                   "Rows Removed by Filter": removed})
        };
        assert!(found(&step(100)).is_empty());
        assert_eq!(found(&step(MOST)).len(), 1);
    }
}
