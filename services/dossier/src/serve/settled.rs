//! Waiting until every journal is numbered and every consumer has applied it: for stories and tests, whose clock stands still
//! meanwhile.

use std::collections::BTreeMap;
use std::time::Duration;

use dossier_kernel::db::Db;
use dossier_kernel::error::Result;
use dossier_kernel::ready::{Board, Missing};
use dossier_kernel::sql;
use tokio::time::{Instant, sleep};

use super::Which;
use crate::Failure;

/// Who follows whom: service, name of its consumer, source.
pub const CONSUMERS: [(Which, &str, Which); 5] = [
    (Which::Profile, "profile", Which::Access),
    (Which::Profile, "profile", Which::Credit),
    (Which::Access, "access", Which::Profile),
    (Which::Credit, "credit", Which::Access),
    (Which::Credit, "credit", Which::Profile),
];

const LONGEST: Duration = Duration::from_secs(30);
const ROAD: Duration = Duration::from_secs(3);

#[derive(Debug, Default, PartialEq, Eq)]
struct Standing {
    waiting: i64,
    heads: BTreeMap<(&'static str, String), i64>,
}

/// Returns when all entries of `orgs` written so far in these stores, and all that they gave rise to, are numbered and applied
/// everywhere, and every service on the board knows the people.
///
/// # Errors
/// After half a minute, with how far everything is; the faults of the stores.
pub async fn settled(stores: &BTreeMap<Which, Db>, board: &Board, orgs: &[&str]) -> Result<(), Failure> {
    let begun = Instant::now();
    loop {
        let before = standing(stores, orgs).await?;
        let mut behind = behind(stores, &before).await?;
        // Where the way to access is cut on purpose, nobody is known until it is mended.
        if begun.elapsed() < ROAD {
            behind.extend(strangers(board));
        }
        // Applying one journal may write to another: only two equal looks around the cursors mean rest.
        if behind.is_empty() && before.waiting == 0 && before == standing(stores, orgs).await? {
            return Ok(());
        }
        if begun.elapsed() > LONGEST {
            let told = format!("the journals do not come to rest: {before:?}, behind: {behind:?}");
            return Err(Failure::differs(told));
        }
        sleep(Duration::from_millis(5)).await;
    }
}

// The services to which the people have not come as a whole.
fn strangers(board: &Board) -> impl Iterator<Item = String> {
    let lacks = |(service, missing): (&'static str, Missing)| missing.contains_key("directory").then_some(service);
    let lacking = board.missing().into_iter().filter_map(lacks);
    lacking.map(|service| format!("{service} does not know the people"))
}

async fn standing(stores: &BTreeMap<Which, Db>, orgs: &[&str]) -> Result<Standing> {
    let mut standing = Standing::default();
    for (which, db) in stores {
        let mut tx = db.read().await?;
        for org in orgs {
            let text = "SELECT COUNT(*) - COUNT(seq), COALESCE(MAX(seq), 0) FROM journal_entry WHERE org = $1";
            let (waiting, head) = sql!(&mut tx, fetch_one as (i64, i64), text, *org)?;
            standing.waiting += waiting;
            standing.heads.insert((which.name(), (*org).to_owned()), head);
        }
    }
    // Files that wait for new tokens; none but after an update.
    if let Some(profile) = stores.get(&Which::Profile) {
        let mut tx = profile.read().await?;
        let (waiting,) = sql!(&mut tx, fetch_one as (i64,), "SELECT COUNT(*) FROM customer_file_reindex")?;
        standing.waiting += waiting;
        // Records whose approval is decided, or on its way.
        let text = "SELECT COUNT(*) FROM record r JOIN submission s ON s.org = r.org AND s.id = r.id
                    WHERE r.org = $1 AND r.pending <> '' AND s.state <> 'pending'";
        for org in orgs {
            let (waiting,) = sql!(&mut tx, fetch_one as (i64,), text, *org)?;
            standing.waiting += waiting;
        }
    }
    Ok(standing)
}

async fn behind(stores: &BTreeMap<Which, Db>, standing: &Standing) -> Result<Vec<String>> {
    let mut behind = Vec::new();
    for (which, consumer, source) in CONSUMERS {
        let Some(db) = stores.get(&which) else { continue };
        let mut tx = db.read().await?;
        for ((_, org), head) in standing.heads.iter().filter(|((service, _), _)| *service == source.name()) {
            let seq = dossier_journal::cursor(&mut tx, org, consumer, source.name()).await?;
            if seq < *head {
                behind.push(format!("{which}/{consumer} at {seq} of {head} of {source} in {org}"));
            }
        }
    }
    Ok(behind)
}
