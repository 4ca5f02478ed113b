//! Waiting until every journal is numbered and every consumer has applied it.

use std::collections::BTreeMap;
use std::time::Duration;

use dossier::serve::Which;
use dossier_kernel::ready::Missing;
use dossier_kernel::sql;
use tokio::time::{Instant, sleep};

use super::World;

/// Who follows whom: service, name of its consumer, source.
pub const CONSUMERS: [(Which, &str, Which); 4] = [
    (Which::Profile, "profile", Which::Access),
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

impl World {
    /// Returns when all entries written so far, and all that they gave rise to, are numbered and applied everywhere.
    ///
    /// # Panics
    /// After half a minute, with how far everything is.
    pub async fn settle(&self) {
        let begun = Instant::now();
        loop {
            let before = self.standing().await;
            let mut behind = self.behind(&before).await;
            // Where the way to access is cut on purpose, nobody is known until it is mended.
            if begun.elapsed() < ROAD {
                behind.extend(self.strangers());
            }
            // Applying one journal may write to another: only two equal looks around the cursors mean rest.
            if behind.is_empty() && before.waiting == 0 && before == self.standing().await {
                return;
            }
            assert!(begun.elapsed() < LONGEST, "the journals do not come to rest: {before:?}, behind: {behind:?}");
            sleep(Duration::from_millis(5)).await;
        }
    }

    // The services to which the people have not come as a whole.
    fn strangers(&self) -> impl Iterator<Item = String> {
        let lacks = |(service, missing): (&'static str, Missing)| missing.contains_key("directory").then_some(service);
        let lacking = self.ground().board.missing().into_iter().filter_map(lacks);
        lacking.map(|service| format!("{service} does not know the people"))
    }

    async fn standing(&self) -> Standing {
        let mut standing = Standing::default();
        for which in Which::ALL {
            let mut tx = self.db(which).read().await.unwrap();
            let text = "SELECT org, COUNT(*) - COUNT(seq), COALESCE(MAX(seq), 0) FROM journal_entry GROUP BY org";
            for (org, waiting, head) in sql!(&mut tx, fetch_all as (String, i64, i64), text).unwrap() {
                standing.waiting += waiting;
                standing.heads.insert((which.name(), org), head);
            }
        }
        // Files that wait for new tokens; none but after an update.
        let mut tx = self.db(Which::Profile).read().await.unwrap();
        let (waiting,) = sql!(&mut tx, fetch_one as (i64,), "SELECT COUNT(*) FROM customer_file_reindex").unwrap();
        standing.waiting += waiting;
        // Records whose approval is decided, or on its way.
        let text = "SELECT COUNT(*) FROM record r JOIN submission s ON s.org = r.org AND s.id = r.id
                    WHERE r.pending <> '' AND s.state <> 'pending'";
        let (waiting,) = sql!(&mut tx, fetch_one as (i64,), text).unwrap();
        standing.waiting += waiting;
        standing
    }

    async fn behind(&self, standing: &Standing) -> Vec<String> {
        let mut behind = Vec::new();
        for (which, consumer, source) in CONSUMERS {
            let mut tx = self.db(which).read().await.unwrap();
            for ((_, org), head) in standing.heads.iter().filter(|((service, _), _)| *service == source.name()) {
                let seq = dossier_journal::cursor(&mut tx, org, consumer, source.name()).await.unwrap();
                if seq < *head {
                    behind.push(format!("{which}/{consumer} at {seq} of {head} of {source} in {org}"));
                }
            }
        }
        behind
    }
}
