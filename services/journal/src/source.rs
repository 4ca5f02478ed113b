//! Where a consumer finds what the bus does not have: the owner itself.

use std::time::Duration;

use async_trait::async_trait;
use dossier_kernel::bus::Item;
use dossier_kernel::db::Db;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::link::Link;
use dossier_proto::journal::v1::journal_service_client::JournalServiceClient;
use dossier_proto::journal::v1::{ListEntriesRequest, ListEntriesResponse};

use crate::merkle::leaf_hash;
use crate::store;

/// The owner of a journal, asked for its entries.
#[async_trait]
pub trait Source: Send + Sync {
    /// Up to `limit` entries of `org` above `seq`, in order.
    ///
    /// # Errors
    /// `DEPENDENCY_UNAVAILABLE` when the owner does not answer, `JOURNAL_CORRUPT` when the answer cannot be true.
    async fn after(&self, org: &str, seq: i64, limit: usize) -> Result<Vec<Item>>;

    /// How far the journal of `org` goes now.
    ///
    /// # Errors
    /// `DEPENDENCY_UNAVAILABLE` when the owner does not answer.
    async fn mark(&self, org: &str) -> Result<Mark>;
}

/// How far a journal goes at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The highest number given.
    pub last_seq: i64,
    /// How long the oldest entry without a number has waited; zero when none waits.
    pub waited: Duration,
}

/// The owner behind a link, in another process or in this one; asked in the name of this service.
#[derive(Clone, Debug)]
pub struct LinkSource {
    service: &'static str,
    link: Link,
}

/// The owner's own store; for a consumer that lives in the service that it follows.
#[derive(Clone, Debug)]
pub struct StoreSource(pub Db);

// === impl LinkSource ===

impl LinkSource {
    /// The journals of `service` behind `link`.
    pub fn new(service: &'static str, link: Link) -> Self {
        Self { service, link }
    }

    async fn list(&self, org: &str, after_seq: i64, page_size: i32) -> Result<ListEntriesResponse> {
        let unavailable = || Error::new(Reason::DependencyUnavailable).with("service", self.service);
        let request = ListEntriesRequest { page_size, after_seq, ..ListEntriesRequest::default() };
        let answer = JournalServiceClient::new(self.link.as_service(org)).list_entries(request).await;
        Ok(answer.map_err(|status| unavailable().because(format!("{:?}", status.code())))?.into_inner())
    }
}

#[async_trait]
impl Source for LinkSource {
    async fn after(&self, org: &str, seq: i64, limit: usize) -> Result<Vec<Item>> {
        let answer = self.list(org, seq, i32::try_from(limit).unwrap_or(i32::MAX)).await?;
        let item = |entry: dossier_proto::journal::v1::Entry| {
            if leaf_hash(&entry.body)[..] != entry.leaf_hash[..] {
                return Err(Error::new(Reason::JournalCorrupt).with("seq", entry.seq.to_string()));
            }
            Ok(Item { seq: entry.seq, body: entry.body })
        };
        answer.entries.into_iter().map(item).collect()
    }

    async fn mark(&self, org: &str) -> Result<Mark> {
        // Behind every entry: how far it goes is asked, not what is in it.
        let answer = self.list(org, i64::MAX, 1).await?;
        let waited = answer.waiting_age.unwrap_or_default();
        let waited = Duration::try_from(waited).unwrap_or(Duration::MAX);
        Ok(Mark { last_seq: answer.last_seq, waited })
    }
}

// === impl StoreSource ===

#[async_trait]
impl Source for StoreSource {
    async fn after(&self, org: &str, seq: i64, limit: usize) -> Result<Vec<Item>> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = store::entry::after(&mut self.0.read().await?, org, seq, limit).await?;
        Ok(rows.into_iter().map(|(seq, body)| Item { seq, body }).collect())
    }

    async fn mark(&self, org: &str) -> Result<Mark> {
        let mut tx = self.0.read().await?;
        let last_seq = store::head::get(&mut tx, org).await?.map_or(0, |head| head.frontier.size());
        // A store has no clock: what waits counts as old.
        let waited = if store::entry::waiting(&mut tx, org).await? { Duration::MAX } else { Duration::ZERO };
        Ok(Mark { last_seq: store::stored(last_seq), waited })
    }
}
