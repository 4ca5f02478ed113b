//! One look at the store for all who ask at the same time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use super::{ORG, Stamp};
use crate::db::Db;
use crate::error::Result;
use crate::glance;

/// Most questions that wait; beyond it one is answered like a fault, and its caller computes by himself.
const QUEUE: usize = 4096;

/// Subjects of one statement. One text for every number of them, so that it is prepared once.
const BATCH: usize = 32;

/// Longest wait for one look: a connection that hangs must not hold up everybody who asks after it.
const LONGEST: Duration = Duration::from_secs(1);

/// Reads stamps for many callers at once; cheap to clone. Its lane ends when the last clone is dropped.
#[derive(Clone, Debug)]
pub struct Stamps(mpsc::Sender<Asked>);

#[derive(Debug)]
struct Asked {
    org: Arc<str>,
    subject: Uuid,
    answer: oneshot::Sender<Option<Stamp>>,
}

struct Lane {
    db: Db,
    queue: mpsc::Receiver<Asked>,
}

// === impl Stamps ===

impl Stamps {
    /// Starts reading the stamps of `db`. Needs a running tokio runtime.
    pub fn start(db: &Db) -> Self {
        let (sender, queue) = mpsc::channel(QUEUE);
        // One lane: while one look is under way the next callers gather, and the more they are the less each one costs.
        tokio::spawn(Lane { db: db.clone(), queue }.run());
        Self(sender)
    }

    /// The stamp of `subject` and its org at a moment after this call began; `None` when the store does not answer.
    pub async fn read(&self, org: &Arc<str>, subject: Uuid) -> Option<Stamp> {
        let (answer, answered) = oneshot::channel();
        self.0.try_send(Asked { org: Arc::clone(org), subject, answer }).ok()?;
        answered.await.ok().flatten()
    }
}

// === impl Lane ===

impl Lane {
    async fn run(mut self) {
        loop {
            let mut asked = Vec::with_capacity(2 * BATCH);
            if self.queue.recv_many(&mut asked, QUEUE).await == 0 {
                return;
            }
            // Calls that are about to ask come along; when there are none this costs nothing.
            tokio::task::yield_now().await;
            // Who asks from here on waits for the next look: this one may have begun already.
            while let Ok(one) = self.queue.try_recv() {
                asked.push(one);
            }
            let mut by_org: BTreeMap<Arc<str>, Vec<Asked>> = BTreeMap::new();
            for one in asked {
                by_org.entry(Arc::clone(&one.org)).or_default().push(one);
            }
            for (org, asked) in by_org {
                self.answer(&org, asked).await;
            }
        }
    }

    async fn answer(&self, org: &str, asked: Vec<Asked>) {
        metrics::histogram!("dossier_stamp_callers_per_look").record(asked.len() as f64);
        let subjects: Vec<Uuid> = asked.iter().map(|one| one.subject).collect::<BTreeSet<_>>().into_iter().collect();
        let rows = tokio::time::timeout(LONGEST, self.look(org, &subjects)).await;
        match &rows {
            Ok(Ok(_)) => {}
            Ok(Err(fault)) => tracing::warn!(org, ?fault, "stamps cannot be read"),
            Err(_) => tracing::warn!(org, "stamps are not read in time"),
        }
        let rows: Option<BTreeMap<Uuid, i64>> = rows.ok().and_then(Result::ok).map(|rows| rows.into_iter().collect());
        for one in asked {
            let value = |rows: &BTreeMap<Uuid, i64>, id| rows.get(id).copied().unwrap_or_default();
            let stamp = rows.as_ref().map(|rows| Stamp { org: value(rows, &ORG), subject: value(rows, &one.subject) });
            // Whoever gave up waiting is none of our business.
            let _ = one.answer.send(stamp);
        }
    }

    // More subjects than one statement takes are looked at in several moments. Numbers only grow: stamps that equal those
    // of an answer mean that nothing of it had changed when the first statement began.
    async fn look(&self, org: &str, subjects: &[Uuid]) -> Result<Vec<(Uuid, i64)>> {
        let text =
            "SELECT subject, value FROM stamp WHERE org = $1 AND subject IN ($2, $3, $4, $5, $6, $7, $8, $9, $10,
                        $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29,
                        $30, $31, $32, $33, $34)";
        let mut found = Vec::with_capacity(subjects.len() + 1);
        for batch in subjects.chunks(BATCH) {
            let p: [Uuid; BATCH] = std::array::from_fn(|at| batch.get(at).copied().unwrap_or(ORG));
            metrics::counter!("dossier_stamp_looks_total").increment(1);
            let rows = glance!(
                &self.db,
                fetch_all as (Uuid, i64),
                text,
                org,
                ORG,
                p[0],
                p[1],
                p[2],
                p[3],
                p[4],
                p[5],
                p[6],
                p[7],
                p[8],
                p[9],
                p[10],
                p[11],
                p[12],
                p[13],
                p[14],
                p[15],
                p[16],
                p[17],
                p[18],
                p[19],
                p[20],
                p[21],
                p[22],
                p[23],
                p[24],
                p[25],
                p[26],
                p[27],
                p[28],
                p[29],
                p[30],
                p[31]
            )?;
            found.extend(rows);
        }
        Ok(found)
    }
}
