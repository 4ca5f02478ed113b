//! What runs beside the rpcs: following access's journal, records that wait for approvals, the duties of contested drafts, and making
//! old tokens anew.

use std::sync::Arc;

use async_trait::async_trait;
use dossier_authority::approvals::{AccessRebuild, Followed};
use dossier_authority::{Base, feed};
use dossier_journal::consumer::Pace;
use dossier_journal::recover::Rebuild;
use dossier_journal::{Apply, Consumer, Source};
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_proto::journal::v1::event::Kind;
use dossier_proto::journal::v1::{ApprovalChanged, EntryBody};
use tokio_util::task::TaskTracker;

use crate::Profile;
use crate::work::customer_file::contest;
use crate::work::document::sweep;
use crate::work::record::approval;
use crate::work::reindex;

/// Applies people, posts, delegations and grants to the tables that the predicate reads, and tells records of their approvals.
#[derive(Clone, Debug)]
pub struct AuthorityFeed(pub Base);

// The records that wait for approvals.
#[derive(Debug)]
struct Records(Base);

#[async_trait]
impl Followed for Records {
    fn is_ours(&self, subject: &str) -> bool {
        crate::domain::record::ids("subject", subject).is_ok()
    }

    async fn hear(&self, tx: &mut Tx, entry: &EntryBody, moved: &ApprovalChanged) -> Result<()> {
        approval::hear(&self.0, tx, entry, moved).await
    }
}

/// How the copy of access's journal in `base`'s store is made anew.
pub fn rebuild(base: &Base) -> Box<dyn Rebuild> {
    Box::new(AccessRebuild::new(base, Records(base.clone())))
}

// === impl AuthorityFeed ===

#[async_trait]
impl Apply for AuthorityFeed {
    async fn apply(&self, tx: &mut Tx, _seq: i64, entry: &EntryBody) -> Result<()> {
        feed::apply(tx, self.0.pack(&entry.org)?, entry).await?;
        match entry.event.as_ref().and_then(|event| event.kind.as_ref()) {
            Some(Kind::ApprovalChanged(moved)) => approval::hear(&self.0, tx, entry, moved).await,
            _ => Ok(()),
        }
    }
}

// === impl Profile ===

impl Profile {
    /// What follows access's journal; `access` gives what the bus does not have.
    pub fn consumer(&self, access: Arc<dyn Source>) -> Consumer {
        Consumer {
            name: "profile",
            source: "access",
            orgs: self.base.orgs(),
            db: self.base.db.clone(),
            bus: Arc::clone(&self.base.bus),
            owner: access,
            apply: Arc::new(AuthorityFeed(self.base.clone())),
            freshness: self.base.freshness.clone(),
            doubts: self.base.doubts.clone(),
            pace: Pace::default(),
        }
    }

    /// Drops now the uploads of `org` that nobody goes on with.
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE`, `CONTENT_UNAVAILABLE`.
    pub async fn sweep(&self, org: &str) -> Result<()> {
        sweep::once(&self.base, &self.contents, org).await.map(drop)
    }

    /// Starts what runs beside the rpcs on `tasks`; it ends with the service.
    pub fn jobs(&self, access: Arc<dyn Source>, tasks: &TaskTracker) {
        tasks.spawn(self.consumer(access).run(self.stop.clone()));
        tasks.spawn(reindex::run(self.base.clone(), self.stop.clone()));
        tasks.spawn(approval::run(self.base.clone(), self.approvals.clone(), self.stop.clone()));
        tasks.spawn(sweep::run(self.base.clone(), self.contents.clone(), self.stop.clone()));
        tasks.spawn(contest::follow(self.base.clone(), self.stop.clone()));
    }
}
