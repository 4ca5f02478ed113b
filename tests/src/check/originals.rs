//! I1: an original has at most one open loan, in the ledger and at every moment of the journal.

use std::collections::{BTreeMap, BTreeSet};

use dossier::serve::Which;
use dossier_kernel::sql;
use dossier_proto::journal::v1::event::Kind;
use uuid::Uuid;

use super::{id, journal, kind, orgs};
use crate::world::World;

/// Violations of I1.
pub async fn originals(world: &World) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut ledger = BTreeMap::<(String, Uuid), BTreeSet<Uuid>>::new();
    let mut tx = world.db(Which::Access).read().await.unwrap();
    let text = "SELECT org, file, id FROM loan WHERE returned_at IS NULL";
    for (org, file, loan) in sql!(&mut tx, fetch_all as (String, Uuid, Uuid), text).unwrap() {
        ledger.entry((org, file)).or_default().insert(loan);
    }
    drop(tx);
    for ((org, file), loans) in &ledger {
        if loans.len() > 1 {
            wrong.push(format!("files/{file} of {org} is out {} times", loans.len()));
        }
    }
    let mut out = BTreeMap::<(String, Uuid), BTreeSet<Uuid>>::new();
    for org in orgs(world, Which::Access).await {
        for entry in journal(world, Which::Access, &org).await {
            let Some(Kind::LoanChanged(loan)) = kind(&entry.body) else { continue };
            let (Some(file), Some(name)) = (id(&loan.file), id(&loan.loan)) else {
                wrong.push(format!("entry {} of {org} names no loan or no file", entry.seq));
                continue;
            };
            let open = out.entry((org.clone(), file)).or_default();
            if loan.return_time.is_none() {
                open.insert(name);
            } else {
                open.remove(&name);
            }
            if open.len() > 1 {
                wrong.push(format!("from entry {} on files/{file} of {org} is out {} times", entry.seq, open.len()));
            }
        }
    }
    out.retain(|_, open| !open.is_empty());
    if out != ledger {
        wrong.push(format!("the ledger says {ledger:?}, the journal {out:?}"));
    }
    wrong
}
