//! I8: the same `request_id` has its effect once.

use std::collections::BTreeMap;

use dossier::serve::Which;
use dossier_kernel::sql;
use dossier_proto::journal::v1::event::Kind;

use super::{journal, kind, orgs};
use crate::world::World;

/// Actions of which one call may have many effects, each on another subject.
const LISTED: [&str; 2] = ["disposal.", "item."];

/// Violations of I8: one call, one entry of each action.
pub async fn requests(world: &World) -> Vec<String> {
    let mut wrong = Vec::new();
    for which in Which::ALL {
        for org in orgs(world, which).await {
            let mut seen = BTreeMap::<(String, String, String, String), Vec<i64>>::new();
            for entry in journal(world, which, &org).await {
                let body = entry.body;
                // A refusal is no effect: the same call is refused each time.
                if body.request_id.is_empty() || matches!(kind(&body), Some(Kind::AccessRefused(_))) {
                    continue;
                }
                // A list does the same to each of its rows.
                let listed = LISTED.iter().any(|kind| body.action.starts_with(kind));
                let each = if listed { body.subject } else { String::new() };
                seen.entry((body.actor, body.request_id, body.action, each)).or_default().push(entry.seq);
            }
            let twice = seen.into_iter().filter(|(_, seqs)| seqs.len() > 1);
            wrong.extend(twice.map(|((_, request, action, _), seqs)| {
                format!("{which} of {org}: request {request} had the effect {action} in entries {seqs:?}")
            }));
        }
        let mut tx = world.db(which).read().await.unwrap();
        let text = "SELECT COUNT(*) FROM idempotency WHERE reply IS NULL";
        let (open,) = sql!(&mut tx, fetch_one as (i64,), text).unwrap();
        if open > 0 {
            wrong.push(format!("{which}: {open} committed calls kept no reply"));
        }
    }
    wrong
}
