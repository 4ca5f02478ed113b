//! `JournalService`: the trail to read, and receipts that a stranger can verify.

mod compare;
mod convert;
mod list;
mod promise;
mod proof;
mod tail;
mod watch;

use std::collections::HashSet;
use std::sync::Arc;

use async_trait::async_trait;
use dossier_kernel::bus::Bus;
use dossier_kernel::call::Call;
use dossier_kernel::db::{Db, Tx};
use dossier_kernel::error::Result;
use dossier_kernel::session::Way;
use dossier_kernel::slots::Slots;
use dossier_kernel::streamed::Streamed;
use dossier_kernel::{enter, name};
use dossier_proto::journal::v1::journal_service_server::JournalService;
use dossier_proto::journal::v1::{
    Checkpoint, CompareCopyRequest, CompareCopyResponse, EntryBody, GetCheckpointRequest, GetConsistencyProofRequest,
    GetConsistencyProofResponse, GetInclusionProofRequest, GetInclusionProofResponse, GetJournalRequest, Journal,
    ListEntriesRequest, ListEntriesResponse, OpenPromisesRequest, OpenPromisesResponse, OpenedPromise,
    WatchEntriesRequest, WatchEntriesResponse,
};
use ed25519_dalek::VerifyingKey;
use prost::Message as _;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};

pub use proof::receipt;

use crate::doubt::Doubts;
use crate::entry::{also_named, earlier_name};
use crate::store::entry::{Filter, Row};

/// Who may read the journal, and what of it. The services give it in: authority lies a floor above.
#[async_trait]
pub trait Gate: Way {
    /// Who the caller is, if they may read the journal at all: a service, or a person with the action `journal.read`.
    ///
    /// # Errors
    /// `PERMISSION_DENIED` or `PERSON_UNKNOWN` otherwise.
    async fn admit(&self, tx: &mut Tx, call: &Call) -> Result<Reader>;

    /// `persons/{uuid}` of the caller, who may know what they did themselves, whether or not they may read the journal.
    ///
    /// # Errors
    /// `PERSON_UNKNOWN`, `AUTHORITY_STALE`.
    async fn author(&self, tx: &mut Tx, call: &Call) -> Result<String>;

    /// What shows what an entry promised, made before the transaction's first statement.
    fn showing<'g>(&'g self, call: &'g Call) -> Box<dyn Showing + 'g>;

    /// Whether this installation keeps the org.
    fn knows(&self, org: &str) -> bool;

    /// Those of `files` (`files/{uuid}`, `fileNumbers/{id}`) that this person may know of. A number that no file has is
    /// as one of a file that they may not know of.
    ///
    /// # Errors
    /// Whatever the store says.
    async fn visible(&self, tx: &mut Tx, call: &Call, files: &[String]) -> Result<HashSet<String>>;

    /// The name `fileNumbers/{id}` of `file` (`files/{uuid}`), under which it may be acted upon as well.
    ///
    /// # Errors
    /// Whatever the store says.
    async fn number(&self, tx: &mut Tx, call: &Call, file: &str) -> Result<Option<String>>;
}

/// Shows what an entry promised; see [`Gate::showing`].
#[async_trait]
pub trait Showing: Send + Sync {
    /// Opens what `entry` promised and ends `tx`. Durable in the journal before it leaves. `own`: the caller did what it tells.
    ///
    /// # Errors
    /// A violation of `purpose` or `reading_place`, `AUTHORITY_STALE`, `STORE_INCONSISTENT`, `JOURNAL_FAULT`.
    async fn open(
        &self,
        tx: Tx,
        entry: &EntryBody,
        own: bool,
        request: &OpenPromisesRequest,
    ) -> Result<Vec<OpenedPromise>>;
}

/// Which entry is asked for.
pub(crate) use dossier_proto::journal::v1::get_inclusion_proof_request::Entry as Wanted;

/// Who reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reader {
    /// One of Dossier's own services: sees everything.
    Service,
    /// `persons/{uuid}`: sees what is about no file, about files visible to them, and their own acts.
    Person(String),
    /// `persons/{uuid}`: sees that as it is, and of every other entry who did what, when and on which name.
    Auditor(String),
}

/// A row as its reader may have it.
pub(crate) struct Seen {
    row: Row,
    /// Whether with its content.
    whole: bool,
}

/// What the rpc of one service's journals stands on.
#[derive(Clone)]
pub struct Parts {
    /// Whose journals these are.
    pub service: &'static str,
    /// Where they lie.
    pub db: Db,
    /// What says that a journal has grown.
    pub bus: Arc<dyn Bus>,
    /// Who may read.
    pub gate: Arc<dyn Gate>,
    /// What this service has reason not to believe.
    pub doubts: Doubts,
    /// The public keys of the journals, the newest first.
    pub keys: Vec<VerifyingKey>,
    /// Ends the watches.
    pub stop: CancellationToken,
}

impl std::fmt::Debug for Parts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parts").field("service", &self.service).finish_non_exhaustive()
    }
}

/// The rpc of one service's journals; cheap to clone.
#[derive(Clone)]
pub struct JournalRpc {
    parts: Parts,
    tails: tail::Tails,
    watches: Slots,
}

impl std::ops::Deref for JournalRpc {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.parts
    }
}

// === impl JournalRpc ===

impl JournalRpc {
    /// The rpc that stands on `parts`.
    pub fn new(parts: Parts) -> Self {
        Self { parts, tails: tail::Tails::default(), watches: Slots::new(watch::MOST) }
    }

    // Every question but the one for the journal itself is put to the service that is asked.
    fn require_parent(&self, parent: &str) -> Result<()> {
        name::require_service("parent", self.service, "", parent)
    }

    /// `filter` with both names of what it asks for: a duty had another one in entries of earlier versions, and the trail of a
    /// file holds what was tried under its number too, if `reader` may know of it.
    async fn whole_trail(&self, tx: &mut Tx, call: &Call, reader: &Reader, filter: &Filter) -> Result<Filter> {
        let mut filter = filter.clone();
        filter.also = filter.subject.as_deref().and_then(earlier_name).map(str::to_owned);
        let Some(file) = filter.subject.clone().filter(|subject| subject.starts_with("files/")) else {
            return Ok(filter);
        };
        let known = match reader {
            Reader::Service => true,
            Reader::Person(_) | Reader::Auditor(_) => {
                self.gate.visible(tx, call, std::slice::from_ref(&file)).await?.contains(&file)
            }
        };
        if known {
            filter.also = self.gate.number(tx, call, &file).await?;
        }
        Ok(filter)
    }

    /// Those of `rows` that `reader` may see, as they may have them.
    async fn seen(&self, tx: &mut Tx, call: &Call, reader: &Reader, rows: Vec<Row>) -> Result<Vec<Seen>> {
        let (Reader::Person(person) | Reader::Auditor(person)) = reader else {
            return Ok(rows.into_iter().map(|row| Seen { row, whole: true }).collect());
        };
        let others: Vec<Vec<String>> = rows.iter().map(others).collect();
        let about = rows.iter().filter(|row| about_file(row)).map(|row| row.topic.clone());
        let files: HashSet<String> = about.chain(others.iter().flatten().cloned()).collect();
        let visible = match files.is_empty() {
            true => HashSet::new(),
            false => self.gate.visible(tx, call, &files.into_iter().collect::<Vec<_>>()).await?,
        };
        let own = |row: &Row| row.actor == *person;
        let tells = |row: &Row| !about_file(row) || own(row) || visible.contains(&row.topic);
        let seen = rows.into_iter().zip(others).filter_map(|(row, others)| {
            // That something happened to a file they may know; of what else it names they learn nothing.
            let known = tells(&row) || matches!(reader, Reader::Auditor(_));
            let whole = tells(&row) && (own(&row) || others.iter().all(|file| visible.contains(file)));
            known.then_some(Seen { row, whole })
        });
        Ok(seen.collect())
    }
}

/// The other files that an entry names; one that cannot be read names none.
fn others(row: &Row) -> Vec<String> {
    let body = Some(row).filter(|row| about_file(row)).and_then(|row| EntryBody::decode(&row.body[..]).ok());
    body.iter().flat_map(also_named).map(str::to_owned).collect()
}

/// Whether an entry is about a file, or a number, which stands for one.
fn about_file(row: &Row) -> bool {
    row.topic.starts_with("files/") || row.topic.starts_with("fileNumbers/")
}

impl std::fmt::Debug for JournalRpc {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JournalRpc").field("service", &self.service).finish_non_exhaustive()
    }
}

type Answer<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl JournalService for JournalRpc {
    type WatchEntriesStream = Streamed<WatchEntriesResponse>;

    async fn list_entries(&self, it: Request<ListEntriesRequest>) -> Answer<ListEntriesResponse> {
        enter!(*self.gate, it, "journal.read", |call, it| self.list(call, &it))
    }

    async fn watch_entries(&self, it: Request<WatchEntriesRequest>) -> Answer<Self::WatchEntriesStream> {
        enter!(*self.gate, it, "journal.read", |call, it| self.watch(call.clone(), it))
    }

    async fn get_checkpoint(&self, it: Request<GetCheckpointRequest>) -> Answer<Checkpoint> {
        enter!(*self.gate, it, "journal.read", |call, it| self.checkpoint(call, &it))
    }

    async fn get_inclusion_proof(&self, it: Request<GetInclusionProofRequest>) -> Answer<GetInclusionProofResponse> {
        enter!(*self.gate, it, "journal.read", |call, it| self.inclusion(call, it))
    }

    async fn get_consistency_proof(
        &self,
        it: Request<GetConsistencyProofRequest>,
    ) -> Answer<GetConsistencyProofResponse> {
        enter!(*self.gate, it, "journal.read", |call, it| self.consistency(call, &it))
    }

    async fn open_promises(&self, it: Request<OpenPromisesRequest>) -> Answer<OpenPromisesResponse> {
        enter!(*self.gate, it, "journal.read", |call, it| self.open(call, it))
    }

    async fn get_journal(&self, it: Request<GetJournalRequest>) -> Answer<Journal> {
        enter!(*self.gate, it, "journal.read", |call, it| self.journal(call, &it))
    }

    async fn compare_copy(&self, it: Request<CompareCopyRequest>) -> Answer<CompareCopyResponse> {
        enter!(*self.gate, it, "journal.compare", |call, it| self.compare(call, it))
    }
}
