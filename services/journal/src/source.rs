//! Where a consumer finds what the bus does not have: the owner itself.

use std::time::Duration;

use async_trait::async_trait;
use dossier_kernel::bus::Item;
use dossier_kernel::db::Db;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::link::Link;
use dossier_kernel::name;
use dossier_proto::journal::v1::journal_service_client::JournalServiceClient;
use dossier_proto::journal::v1::{CompareCopyRequest, ListEntriesRequest, ListEntriesResponse};
use tonic::Status;

use crate::merkle::{Frontier, Hash, empty_root, leaf_hash};
use crate::place::{self, Mark, Place};
use crate::store;

/// The owner of a journal, asked for its entries.
#[async_trait]
pub trait Source: Send + Sync {
    /// Up to `limit` entries of `org` above `seq`, in order.
    ///
    /// # Errors
    /// `DEPENDENCY_UNAVAILABLE` when the owner does not answer, `JOURNAL_CORRUPT` when the answer cannot be true.
    async fn after(&self, org: &str, seq: i64, limit: usize) -> Result<Vec<Item>>;

    /// How far the journal of `org` goes now, and what it was at `place`. An owner that is not as far, or was another there,
    /// learns by this question that it went back to an earlier state.
    ///
    /// # Errors
    /// `DEPENDENCY_UNAVAILABLE` when the owner does not answer, `JOURNAL_CORRUPT` when the answer cannot be true.
    async fn compare(&self, org: &str, place: &Place) -> Result<Mark>;
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
        let (parent, filter) = (self.parent(), format!("seq > {after_seq}"));
        let request = ListEntriesRequest { parent, page_size, filter, ..ListEntriesRequest::default() };
        let answer = JournalServiceClient::new(self.link.as_service(org)).list_entries(request).await;
        Ok(answer.map_err(|status| self.unavailable(&status))?.into_inner())
    }

    fn parent(&self) -> String {
        name::of_service(self.service)
    }

    fn unavailable(&self, status: &Status) -> Error {
        Error::new(Reason::DependencyUnavailable).with("service", self.service).because(format!("{:?}", status.code()))
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

    async fn compare(&self, org: &str, place: &Place) -> Result<Mark> {
        let root_hash = place.root().map(Vec::from).unwrap_or_default();
        let request = CompareCopyRequest { parent: self.parent(), seq: place.seq, root_hash, era: place.era.clone() };
        let answer = JournalServiceClient::new(self.link.as_service(org)).compare_copy(request).await;
        let answer = answer.map_err(|status| self.unavailable(&status))?.into_inner();
        let untrue = || Error::new(Reason::JournalCorrupt).with("seq", place.seq.to_string());
        let at_place = match answer.last_seq >= place.seq {
            true => Some(frontier(place.seq, &answer.peak_hashes).ok_or_else(untrue)?),
            false => None,
        };
        Ok(Mark {
            last_seq: answer.last_seq,
            root: answer.root_hash.try_into().map_err(|_| untrue())?,
            waited: Duration::try_from(answer.waiting_age.unwrap_or_default()).unwrap_or(Duration::MAX),
            era: answer.era,
            at_place,
        })
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

    async fn compare(&self, org: &str, place: &Place) -> Result<Mark> {
        let mut tx = self.0.read().await?;
        let end = place::end(&mut tx, org).await?;
        let at_place = place::at(&mut tx, org, place.seq).await?;
        // A store has no clock: what waits counts as old.
        let waited = if store::entry::waiting(&mut tx, org).await? { Duration::MAX } else { Duration::ZERO };
        let root = end.root().unwrap_or_else(empty_root);
        Ok(Mark { last_seq: end.seq, root, waited, era: end.era, at_place })
    }
}

// A tree of `seq` leaves, of the hashes that an owner gave for it.
fn frontier(seq: i64, peaks: &[Vec<u8>]) -> Option<Frontier> {
    let peaks: Option<Vec<Hash>> = peaks.iter().map(|hash| hash[..].try_into().ok()).collect();
    Frontier::resume(u64::try_from(seq).ok()?, peaks?)
}
