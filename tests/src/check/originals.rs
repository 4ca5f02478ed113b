//! I1: an item has at most one open loan, in the ledger and at every moment of the journal.

use std::collections::{BTreeMap, BTreeSet};

use dossier::serve::Which;
use dossier_kernel::sql;
use dossier_proto::journal::v1::LoanChanged;
use dossier_proto::journal::v1::event::Kind;
use uuid::Uuid;

use super::{id, journal, kind, orgs};
use crate::world::World;

/// Violations of I1.
pub async fn originals(world: &World) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut ledger = BTreeMap::<(String, Uuid), BTreeSet<Uuid>>::new();
    let mut tx = world.db(Which::Access).read().await.unwrap();
    let text = "SELECT org, item, loan FROM loan_item WHERE returned_at IS NULL";
    for (org, item, loan) in sql!(&mut tx, fetch_all as (String, Uuid, Uuid), text).unwrap() {
        ledger.entry((org, item)).or_default().insert(loan);
    }
    // A loan and what it lends are out together.
    let text = "SELECT i.org, i.item, i.loan FROM loan_item i JOIN loan f ON f.org = i.org AND f.id = i.loan
                WHERE (f.returned_at IS NULL) <> (i.returned_at IS NULL)";
    for (org, item, loan) in sql!(&mut tx, fetch_all as (String, Uuid, Uuid), text).unwrap() {
        wrong.push(format!("items/{item} of {org} is out otherwise than loans/{loan}"));
    }
    drop(tx);
    for ((org, item), loans) in &ledger {
        if loans.len() > 1 {
            wrong.push(format!("items/{item} of {org} is out {} times", loans.len()));
        }
    }
    let mut out = BTreeMap::<(String, Uuid), BTreeSet<Uuid>>::new();
    for org in orgs(world, Which::Access).await {
        for entry in journal(world, Which::Access, &org).await {
            let Some(Kind::LoanChanged(loan)) = kind(&entry.body) else { continue };
            let items: Vec<_> = lent(loan).into_iter().filter_map(id).collect();
            let (Some(name), false) = (id(&loan.loan), items.is_empty()) else {
                wrong.push(format!("entry {} of {org} names no loan or no item", entry.seq));
                continue;
            };
            for item in items {
                let open = out.entry((org.clone(), item)).or_default();
                if loan.return_time.is_none() {
                    open.insert(name);
                } else {
                    open.remove(&name);
                }
                if open.len() > 1 {
                    wrong.push(format!(
                        "from entry {} on items/{item} of {org} is out {} times",
                        entry.seq,
                        open.len()
                    ));
                }
            }
        }
    }
    out.retain(|_, open| !open.is_empty());
    if out != ledger {
        wrong.push(format!("the ledger says {ledger:?}, the journal {out:?}"));
    }
    wrong
}

/// What a loan lends, by name; in entries of earlier versions it is the paper of the file, which has the file's id.
pub(super) fn lent(loan: &LoanChanged) -> Vec<&str> {
    match loan.items.is_empty() {
        true => vec![&loan.file],
        false => loan.items.iter().map(|item| item.item.as_str()).collect(),
    }
}
