//! Every statement prepared on both stores, those of lists with each condition alone and with all together: what one engine
//! does not understand is not found first by a caller.

use std::collections::BTreeSet;

use dossier_fire::statements::source::sources;
use dossier_fire::statements::{Statement, find};
use sqlx::AssertSqlSafe;

use super::shown;
use crate::prelude::*;

/// Statements about the server itself, which SQLite has no tables for.
pub(super) const SERVER: &str = "pg_";

/// A sum of two arguments: only the driver says of which type they are.
const SUM: &str = "$3 + $4";

// The store of the service that runs it; what is shared is in every store, or says itself in which.
pub(super) fn homes(file: &str) -> Vec<Which> {
    let named = |which: &Which| file.starts_with(&format!("services/{}/", which.name()));
    Which::ALL.into_iter().find(named).map_or(Which::ALL.to_vec(), |one| vec![one])
}

// Rows come as arrays, of which only the real call tells the types, or as values, which SQLite has no statement for.
fn is_plain(one: &Statement) -> bool {
    !one.file.starts_with("services/kernel/src/db") && !one.text.contains("UNNEST(") && !one.text.contains(SERVER)
}

/// The numbers of the arguments that stand in a text.
fn arguments(text: &str) -> BTreeSet<usize> {
    let behind = text.split('$').skip(1);
    let number = |part: &str| part.chars().take_while(char::is_ascii_digit).collect::<String>();
    behind.filter_map(|part| number(part).parse().ok()).collect()
}

// The driver says the type of each argument, of those too whose condition is not asked; PostgreSQL infers it where it is.
fn preparing(place: usize, text: &str) -> String {
    let found = arguments(text);
    let kind = |at| if found.contains(&at) { "unknown" } else { "text" };
    let kinds: Vec<_> = (1..=found.last().copied().unwrap_or_default()).map(kind).collect();
    let kinds = if kinds.is_empty() { String::new() } else { format!(" ({})", kinds.join(", ")) };
    format!("PREPARE statement_{place}{kinds} AS {text}")
}

on_both_stores! {
    async fn every_statement_can_be_prepared_whatever_is_asked(world) {
        let found = find(&sources().unwrap());
        let mut faults = Vec::new();
        for (place, one) in found.statements.iter().enumerate().filter(|(_, one)| is_plain(one)) {
            let text = match world.store() {
                Store::Sqlite => format!("EXPLAIN {}", one.text),
                Store::Postgres if one.text.contains(SUM) => continue,
                Store::Postgres => preparing(place, &one.text),
            };
            let mut refused = Vec::new();
            for which in homes(&one.file) {
                let mut tx = world.db(which).write().await.unwrap();
                refused.push(sql!(&mut tx, execute, AssertSqlSafe(text.clone())).err());
            }
            if refused.iter().all(Option::is_some) {
                faults.push(format!("{}: {refused:?}: {}", one.file, shown(&one.text)));
            }
        }
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    }
}

on_sqlite! {
    // SQLite takes a unique index of which both ends are asked before one that fits better: it must have no choice.
    async fn a_condition_that_is_asked_alone_is_found_by_its_index(world) {
        let found = find(&sources().unwrap());
        for (text, index) in [
            ("AND seq > $2 AND actor = $6 ORDER", "journal_entry_actor_seq"),
            ("AND seq > $2 AND action = $7 ORDER", "journal_entry_action"),
            ("e.topic IN ($9, $10)) ORDER", "journal_entry_topic"),
            ("CASE WHEN action <> $6 THEN body END", "journal_entry_topic"),
            ("AND b.state = $4 ORDER BY b.id DESC LIMIT $33) ORDER", "customer_file_state"),
            ("AND b.level = $6 ORDER BY b.id DESC LIMIT $33) ORDER", "customer_file_level"),
            ("AND b.unit = $7 ORDER BY b.id DESC LIMIT $33) ORDER", "customer_file_unit"),
            ("AND b.custodian = $8 ORDER BY b.id DESC LIMIT $33) ORDER", "customer_file_custodian"),
            ("AND b.label = $15 ORDER BY b.file DESC LIMIT $33) ORDER", "customer_file_label_value"),
            ("AND b.kind = $22 ORDER BY b.file DESC LIMIT $33) ORDER", "document_kind_file"),
            ("AND b.state = 'DUTY_STATE_OPEN' ORDER BY b.file DESC LIMIT $33) ORDER", "duty_file"),
            ("COALESCE(d.due_at, d.due_at) < $24 AND", "duty_file"),
            ("AND d.assignee = $7 ORDER", "duty_assignee"),
            (")) AND f.state = $7 ORDER", "loan_state"),
        ] {
            let one = found.statements.iter().find(|one| shown(&one.text).contains(text)).expect(text);
            let mut tx = world.db(homes(&one.file)[0]).read().await.unwrap();
            let plan = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {}", one.text));
            let plan = sql!(&mut tx, fetch_all as (i64, i64, i64, String), plan).unwrap();
            assert!(plan.iter().any(|(.., step)| step.contains(&format!(" {index} "))), "{text}: {plan:#?}");
        }
    }
}
