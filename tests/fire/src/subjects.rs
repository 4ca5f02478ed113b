//! What is measured: one call of a service each, and the floor that it is held against.

mod contents;
mod files;
mod finding;
mod papers;

use std::fmt;
use std::sync::Arc;

use futures::FutureExt;
use prost::Message;
use tokio::sync::Semaphore;
use tonic::Status;
use tonic::transport::Channel;

use crate::bulk;
use crate::floor::{APART, Ask, Floor, Kind};
use crate::ground::{Fault, Result, Service};
use crate::measure::{Subject, mixed};
use crate::scene::{Scene, given};
use files::{check_access, checked, checking, create, creating, get_file, getting, list, listing, reserve, reserving};

/// One kind of call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum Call {
    /// `AccessService.CheckAccess` about the caller themselves.
    CheckAccess,
    /// `CustomerFileService.GetCustomerFile`, with unsealing and a durable journal entry.
    GetCustomerFile,
    /// `ExposureService.ReserveCredit`, always the same customer.
    Reserve,
    /// `CustomerFileService.CreateCustomerFile`.
    CreateCustomerFile,
    /// `CustomerFileService.ListCustomerFiles`, 50 files a page.
    ListCustomerFiles,
    /// `CustomerFileService.SearchCustomerFiles` for a customer by the sound of their name, with an entry for each hit.
    SearchCustomerFiles,
    /// The same by two characters of the name.
    SearchByCharacters,
    /// `CustomerFileService.FindDuplicates` of one file, with an entry for it and for each candidate.
    FindDuplicates,
    /// `RecordService.GetRecord`, with unsealing and a durable journal entry.
    GetRecord,
    /// `RecordService.ListRecords` of one file.
    ListRecords,
    /// `RegisterService.ListRegisterRows`, the newest 50 complaints of all files, with an entry for each file of the page.
    ListRegisterRows,
    /// A document of 256 KiB comes in: `DocumentService.CreateDocument`, `UploadDocumentContent`, `AttachDocumentContent`.
    UploadDocument,
    /// `DocumentService.DownloadDocumentContent` of as much, with a durable journal entry.
    DownloadDocument,
}

/// A goal: so many times the floor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Goal {
    /// What it is held against.
    pub floor: Kind,
    /// The least ratio; `None` where there is none.
    pub least: Option<f64>,
}

/// What calls are made with.
#[derive(Clone)]
pub struct Cast {
    /// People and connections.
    pub scene: Scene,
    /// The customer that all reserve against.
    pub hot: String,
    /// The name of generated file number `n`.
    pub file: Arc<dyn Fn(u64) -> String + Send + Sync>,
    /// How many files were generated.
    pub files: u64,
    /// Documents whose content is there.
    pub documents: Arc<Vec<String>>,
    /// Of each salesman, how many contents may be on their way.
    pub ways: [Arc<Semaphore>; 2],
}

/// Bytes of one call and its answer, which the floor repeats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// The encoded request.
    pub ask: usize,
    /// The encoded answer.
    pub answer: usize,
}

const SALESMEN: [&str; 2] = ["sales-1", "sales-2"];
const PURPOSE: &str = "customer_service";

// === impl Call ===

impl Call {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::CheckAccess,
        Self::GetCustomerFile,
        Self::Reserve,
        Self::CreateCustomerFile,
        Self::ListCustomerFiles,
        Self::SearchCustomerFiles,
        Self::SearchByCharacters,
        Self::FindDuplicates,
        Self::GetRecord,
        Self::ListRecords,
        Self::ListRegisterRows,
        Self::UploadDocument,
        Self::DownloadDocument,
    ];

    /// Its name: that in the contract, where it is one call and the only one of its kind.
    pub fn name(self) -> &'static str {
        match self {
            Self::CheckAccess => "CheckAccess",
            Self::GetCustomerFile => "GetCustomerFile",
            Self::Reserve => "ReserveCredit",
            Self::CreateCustomerFile => "CreateCustomerFile",
            Self::ListCustomerFiles => "ListCustomerFiles",
            Self::SearchCustomerFiles => "SearchCustomerFiles",
            Self::SearchByCharacters => "SearchCustomerFiles (characters)",
            Self::FindDuplicates => "FindDuplicates",
            Self::GetRecord => "GetRecord",
            Self::ListRecords => "ListRecords",
            Self::ListRegisterRows => "ListRegisterRows",
            Self::UploadDocument => "document in, 256 KiB",
            Self::DownloadDocument => "document out, 256 KiB",
        }
    }

    /// What it is held against. The goal for reads from the store is meant on PostgreSQL.
    pub fn goals(self, postgres: bool) -> Vec<Goal> {
        let goal = |floor, least| Goal { floor, least };
        match self {
            Self::CheckAccess => vec![goal(Kind::Echo, Some(0.8))],
            Self::GetCustomerFile => vec![goal(Kind::Read, postgres.then_some(0.7))],
            Self::Reserve => vec![goal(Kind::Hot, Some(5.0)), goal(Kind::Write, Some(1.0))],
            Self::CreateCustomerFile => vec![goal(Kind::Write, None)],
            Self::ListCustomerFiles | Self::FindDuplicates => vec![goal(Kind::Read, None)],
            Self::SearchCustomerFiles | Self::SearchByCharacters => vec![goal(Kind::Read, None)],
            Self::GetRecord | Self::ListRecords | Self::ListRegisterRows => vec![goal(Kind::Read, None)],
            Self::UploadDocument => vec![goal(Kind::FileWritten, None)],
            Self::DownloadDocument => vec![goal(Kind::FileRead, None)],
        }
    }

    /// Whether a floor of it reads rows that are as long as its answer.
    pub fn reads_rows(self) -> bool {
        self.goals(true).iter().any(|goal| goal.floor == Kind::Read)
    }

    /// The service that answers it.
    pub fn service(self) -> Service {
        match self {
            Self::CheckAccess => Service::Access,
            Self::Reserve => Service::Credit,
            Self::GetCustomerFile | Self::CreateCustomerFile | Self::ListCustomerFiles => Service::Profile,
            Self::SearchCustomerFiles | Self::SearchByCharacters | Self::FindDuplicates => Service::Profile,
            Self::GetRecord | Self::ListRecords | Self::ListRegisterRows => Service::Profile,
            Self::UploadDocument | Self::DownloadDocument => Service::Profile,
        }
    }

    /// The call as something to measure.
    pub fn subject(self, cast: &Arc<Cast>) -> Subject {
        let cast = cast.clone();
        match self {
            Self::CheckAccess => Arc::new(move |at, n| check_access(cast.clone(), at, n).boxed()),
            Self::GetCustomerFile => Arc::new(move |at, n| get_file(cast.clone(), at, n).map(done).boxed()),
            Self::Reserve => Arc::new(move |at, n| reserve(cast.clone(), at, n).map(done).boxed()),
            Self::CreateCustomerFile => Arc::new(move |at, n| create(cast.clone(), at, n).map(done).boxed()),
            Self::ListCustomerFiles => Arc::new(move |at, n| list(cast.clone(), at, n).map(done).boxed()),
            Self::SearchCustomerFiles | Self::SearchByCharacters => {
                let said = finding::Said::of(self);
                Arc::new(move |at, n| finding::search(cast.clone(), said, at, n).map(done).boxed())
            }
            Self::FindDuplicates => Arc::new(move |at, n| finding::duplicates(cast.clone(), at, n).map(done).boxed()),
            Self::GetRecord => Arc::new(move |at, n| papers::get(cast.clone(), at, n).map(done).boxed()),
            Self::ListRecords => Arc::new(move |at, n| papers::list(cast.clone(), at, n).map(done).boxed()),
            Self::ListRegisterRows => Arc::new(move |at, n| papers::page(cast.clone(), at, n).map(done).boxed()),
            Self::UploadDocument => Arc::new(move |at, n| contents::bring(cast.clone(), at, n).map(answered).boxed()),
            Self::DownloadDocument => Arc::new(move |at, n| contents::take(cast.clone(), at, n).map(answered).boxed()),
        }
    }

    /// Makes call number `n` and tells its sizes; it must be answered.
    ///
    /// # Errors
    /// The refusal.
    pub async fn size(self, cast: &Arc<Cast>, n: u64) -> Result<Size> {
        let (ask, answer) = match self {
            Self::CheckAccess => {
                let answer = given(self.name(), checked(cast, 0, n).await)?;
                if !answer.allowed {
                    return Err(Fault::new("CheckAccess says no; the scene is not what it should be"));
                }
                (checking(cast, n).encoded_len(), answer.encoded_len())
            }
            Self::GetCustomerFile => {
                let answer = given(self.name(), get_file(cast.clone(), 0, n).await)?;
                if answer.unit_ref.is_empty() || answer.fields.is_empty() {
                    return Err(Fault::new("GetCustomerFile shows no content; the scene is not what it should be"));
                }
                (getting(cast, n).encoded_len(), answer.encoded_len())
            }
            Self::Reserve => {
                let answer = given(self.name(), reserve(cast.clone(), 0, n).await)?;
                (reserving(cast, n).encoded_len(), answer.encoded_len())
            }
            Self::CreateCustomerFile => {
                let answer = given(self.name(), create(cast.clone(), 0, n).await)?;
                (creating(n).encoded_len(), answer.encoded_len())
            }
            Self::ListCustomerFiles => {
                let answer = given(self.name(), list(cast.clone(), 0, n).await)?;
                (listing().encoded_len(), answer.encoded_len())
            }
            Self::SearchCustomerFiles | Self::SearchByCharacters => finding::size_of_search(cast, self, n).await?,
            Self::FindDuplicates => finding::size_of_duplicates(cast, n).await?,
            Self::GetRecord => papers::size_of_one(cast, n).await?,
            Self::ListRecords => papers::size_of_list(cast, n).await?,
            Self::ListRegisterRows => papers::size_of_page(cast, n).await?,
            Self::UploadDocument => contents::size_of_one_in(cast, n).await?,
            Self::DownloadDocument => contents::size_of_one_out(cast, n).await?,
        };
        Ok(Size { ask, answer })
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A floor as something to measure: requests and answers of `size`; `shelf` says which rows to read, `rows` how many.
pub fn floor(kind: Kind, lines: &[Channel], size: Size, shelf: u64, rows: u64) -> Subject {
    let floors: Vec<_> = lines.iter().cloned().map(Floor::new).collect();
    // The field's key and length take three bytes of an answer, key and wish a dozen of a request.
    let want = u32::try_from(size.answer.saturating_sub(3)).unwrap_or(u32::MAX);
    let body = vec![7_u8; size.ask.saturating_sub(12)];
    Arc::new(move |caller, n| {
        let floor = floors[place(caller, floors.len())].clone();
        let row = mixed(n) % rows.max(1) + 1 + shelf * APART.unsigned_abs();
        let key = if kind == Kind::Read { row } else { caller };
        let ask = Ask { key: i64::try_from(key).unwrap_or(1), want, body: body.clone() };
        async move { floor.call(kind, ask).await.map(drop) }.boxed()
    })
}

fn place(caller: u64, among: usize) -> usize {
    usize::try_from(caller).unwrap_or(0) % among.max(1)
}

fn done<T>(answer: Answered<T>) -> Outcome<()> {
    answer.map(drop)
}

fn answered<T>(answer: Outcome<T>) -> Outcome<()> {
    answer.map(drop)
}

// === impl Cast ===

impl Cast {
    /// People on so many generated files; no contents yet.
    pub fn new(scene: Scene, hot: String, files: u64) -> Self {
        let ways = [(); 2].map(|()| Arc::new(Semaphore::new(contents::AT_ONCE)));
        Self { scene, hot, file: Arc::new(bulk::name), files, documents: Arc::default(), ways }
    }

    fn line(&self, service: Service, caller: u64) -> Channel {
        self.scene.line(service, usize::try_from(caller).unwrap_or(0))
    }

    fn say<T>(&self, caller: u64, message: T) -> tonic::Request<T> {
        self.scene.say(SALESMEN[Self::salesman(caller)], message)
    }

    fn salesman(caller: u64) -> usize {
        place(caller / 8, SALESMEN.len())
    }

    fn any_file(&self, n: u64) -> String {
        (self.file)(mixed(n) % self.files.max(1))
    }
}

type Outcome<T> = std::result::Result<T, Status>;
type Answered<T> = Outcome<tonic::Response<T>>;
