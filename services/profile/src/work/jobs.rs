//! What runs beside the rpcs: following access's and credit's journals, records that wait for approvals, the duties of contested drafts, and making
//! old tokens anew.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use dossier_authority::approvals::{AccessRebuild, Followed};
use dossier_authority::{Base, feed};
use dossier_journal::consumer::Pace;
use dossier_journal::recover::Rebuild;
use dossier_journal::{Apply, Consumer, Freshness, Source};
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_proto::journal::v1::event::Kind;
use dossier_proto::journal::v1::{ApprovalChanged, EntryBody};
use tokio_util::task::TaskTracker;

use crate::Profile;
use crate::store::disposal as store;
use crate::work::customer_file::contest;
use crate::work::disposal;
use crate::work::document::sweep;
use crate::work::record::approval;
use crate::work::reindex;

/// The service that says whether a customer owes.
const CREDIT: &str = "credit";

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

/// How the copy of the journal of `source`, access or credit, in `base`'s store is made anew.
pub fn rebuild(base: &Base, source: &str) -> Box<dyn Rebuild> {
    match source {
        CREDIT => Box::new(Answers),
        _ => Box::new(AccessRebuild::new(base, Records(base.clone()))),
    }
}

// === impl AuthorityFeed ===

#[async_trait]
impl Apply for AuthorityFeed {
    async fn apply(&self, tx: &mut Tx, _seq: i64, entry: &EntryBody) -> Result<()> {
        feed::apply(tx, self.0.pack(&entry.org)?, entry).await?;
        match entry.event.as_ref().and_then(|event| event.kind.as_ref()) {
            Some(Kind::ApprovalChanged(moved)) => approval::hear(&self.0, tx, entry, moved).await,
            Some(Kind::DisposalAnswered(said)) => disposal::hear(tx, entry, said).await,
            _ => Ok(()),
        }
    }
}

/// Keeps what credit says to files whose destruction was announced; nothing else of its journal concerns this service yet.
#[derive(Clone, Debug)]
pub struct CreditFeed;

// Those answers made anew.
#[derive(Debug)]
struct Answers;

#[async_trait]
impl Apply for CreditFeed {
    async fn apply(&self, tx: &mut Tx, _seq: i64, entry: &EntryBody) -> Result<()> {
        match entry.event.as_ref().and_then(|event| event.kind.as_ref()) {
            Some(Kind::DisposalAnswered(said)) => disposal::hear(tx, entry, said).await,
            _ => Ok(()),
        }
    }
}

#[async_trait]
impl Rebuild for Answers {
    async fn forget(&self, tx: &mut Tx, org: &str) -> Result<()> {
        store::forget_answers(tx, org, CREDIT).await
    }

    async fn retell(&self, tx: &mut Tx, entry: &EntryBody) -> Result<()> {
        CreditFeed.apply(tx, 0, entry).await
    }

    async fn conclude(&self, _: &mut Tx, _: &str) -> Result<()> {
        Ok(())
    }

    async fn said(&self, tx: &mut Tx, org: &str) -> Result<BTreeMap<String, String>> {
        store::said(tx, org, CREDIT).await
    }
}

// === impl Profile ===

impl Profile {
    /// What follows access's journal; `access` gives what the bus does not have.
    pub fn consumer(&self, access: Arc<dyn Source>) -> Consumer {
        let apply = Arc::new(AuthorityFeed(self.base.clone()));
        self.following("access", access, apply, self.base.freshness.clone())
    }

    /// What follows credit's journal; `credit` gives what the bus does not have.
    pub fn credit_consumer(&self, credit: Arc<dyn Source>) -> Consumer {
        // Nobody is refused on an old answer: no answer, no destruction.
        self.following(CREDIT, credit, Arc::new(CreditFeed), Freshness::default())
    }

    fn following(
        &self,
        source: &'static str,
        owner: Arc<dyn Source>,
        apply: Arc<dyn Apply>,
        freshness: Freshness,
    ) -> Consumer {
        let base = &self.base;
        let (orgs, db, bus, doubts) = (base.orgs(), base.db.clone(), Arc::clone(&base.bus), base.doubts.clone());
        Consumer { name: "profile", source, orgs, db, bus, owner, apply, freshness, doubts, pace: Pace::default() }
    }

    /// Drops now the uploads of `org` that nobody goes on with, and journals what a store that was put back has forgotten of its dead.
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE`, `CONTENT_UNAVAILABLE`, `JOURNAL_FAULT`.
    pub async fn sweep(&self, org: &str) -> Result<()> {
        sweep::once(&self.base, &self.contents, org).await?;
        disposal::note_risen(&self.base, org).await.map(drop)
    }

    /// Takes away what was destroyed and what a store that was put back has again; before a port is bound.
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE`.
    pub async fn reapply(&self) -> Result<()> {
        for org in self.base.orgs() {
            let files = disposal::erase_risen(&self.base, &org).await?;
            if files > 0 {
                tracing::warn!(org, files, "files that were destroyed were there again, and are not any more");
            }
        }
        Ok(())
    }

    /// Starts what runs beside the rpcs on `tasks`; it ends with the service.
    pub fn jobs(&self, access: Arc<dyn Source>, credit: Arc<dyn Source>, tasks: &TaskTracker) {
        tasks.spawn(self.consumer(access).run(self.stop.clone()));
        tasks.spawn(self.credit_consumer(credit).run(self.stop.clone()));
        tasks.spawn(reindex::run(self.base.clone(), self.stop.clone()));
        tasks.spawn(approval::run(self.base.clone(), self.approvals.clone(), self.stop.clone()));
        tasks.spawn(sweep::run(self.base.clone(), self.contents.clone(), self.stop.clone()));
        tasks.spawn(contest::follow(self.base.clone(), self.stop.clone()));
        tasks.spawn(disposal::run(self.base.clone(), self.stop.clone()));
    }
}
