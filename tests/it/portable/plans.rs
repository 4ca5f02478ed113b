//! No statement of a service scans a table that grows with an organisation. SQLite plans without looking at what its tables
//! hold, so the plan on an empty store is that on a million files; PostgreSQL is asked on such a volume by `tests/load`.

use std::collections::BTreeSet;

use dossier_fire::plans::growing::{Growing, WHOLE, is_run};
use dossier_fire::plans::sqlite::embedded;
use dossier_fire::plans::{Plans, shown};
use dossier_fire::statements::source::sources;
use dossier_fire::statements::{Statement, find};
use sqlx::AssertSqlSafe;

use super::prepared::{SERVER, homes};
use crate::prelude::*;

on_sqlite! {
    async fn no_statement_scans_a_table_that_grows_with_an_organisation(world) {
        let (growing, found) = (Growing::read().unwrap(), find(&sources().unwrap()));
        let mut plans = Plans::default();
        let run = |one: &&Statement| {
            is_run(one) && !one.file.starts_with("services/kernel/src/db") && !one.text.contains(SERVER)
        };
        for one in found.statements.iter().filter(run) {
            let text = format!("EXPLAIN QUERY PLAN {}", embedded(&one.text));
            let mut explained = 0;
            for which in homes(&one.file) {
                let mut tx = world.db(which).write().await.unwrap();
                let plan = sql!(&mut tx, fetch_all as (i64, i64, i64, String), AssertSqlSafe(text.clone()));
                let Ok(steps) = plan else { continue };
                plans.judge(one, &steps.into_iter().map(|(.., step)| step).collect::<Vec<_>>(), &growing);
                explained += 1;
            }
            assert!(explained > 0, "{}: SQLite does not explain {}", one.file, shown(&one.text));
        }
        assert!(plans.faults.is_empty(), "{} scan:\n{}", plans.faults.len(), plans.faults.join("\n"));
        let met: BTreeSet<_> = plans.excepted.keys().map(String::as_str).collect();
        let listed: BTreeSet<_> = WHOLE.iter().map(|(.., why)| *why).collect();
        assert_eq!(met, listed, "what is set aside is still there");
    }
}
