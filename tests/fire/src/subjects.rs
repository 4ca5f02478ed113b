//! What is measured: one call of a service each, and the floor that it is held against.

use std::fmt;
use std::sync::Arc;

use dossier_proto::access::v1::CheckAccessRequest;
use dossier_proto::access::v1::access_service_client::AccessServiceClient;
use dossier_proto::credit::v1::ReserveCreditRequest;
use dossier_proto::credit::v1::exposure_service_client::ExposureServiceClient;
use dossier_proto::profile::v1::customer_file_service_client::CustomerFileServiceClient;
use dossier_proto::profile::v1::{CreateCustomerFileRequest, GetCustomerFileRequest, ListCustomerFilesRequest};
use dossier_proto::types::{AccessKind, Scope};
use futures::FutureExt;
use prost::Message;
use tonic::Status;
use tonic::transport::Channel;

use crate::floor::{APART, Ask, Floor, Kind};
use crate::ground::{Fault, Result, Service};
use crate::measure::{Subject, mixed};
use crate::scene::{Scene, company, fresh_id, given, money};

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
    pub const ALL: [Self; 5] =
        [Self::CheckAccess, Self::GetCustomerFile, Self::Reserve, Self::CreateCustomerFile, Self::ListCustomerFiles];

    /// Its name in the contract.
    pub fn name(self) -> &'static str {
        match self {
            Self::CheckAccess => "CheckAccess",
            Self::GetCustomerFile => "GetCustomerFile",
            Self::Reserve => "ReserveCredit",
            Self::CreateCustomerFile => "CreateCustomerFile",
            Self::ListCustomerFiles => "ListCustomerFiles",
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
            Self::ListCustomerFiles => vec![goal(Kind::Read, None)],
        }
    }

    /// The service that answers it.
    pub fn service(self) -> Service {
        match self {
            Self::CheckAccess => Service::Access,
            Self::Reserve => Service::Credit,
            Self::GetCustomerFile | Self::CreateCustomerFile | Self::ListCustomerFiles => Service::Profile,
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

// === impl Cast ===

impl Cast {
    fn line(&self, service: Service, caller: u64) -> Channel {
        self.scene.line(service, usize::try_from(caller).unwrap_or(0))
    }

    fn say<T>(&self, caller: u64, message: T) -> tonic::Request<T> {
        self.scene.say(SALESMEN[place(caller / 8, SALESMEN.len())], message)
    }

    fn any_file(&self, n: u64) -> String {
        (self.file)(mixed(n) % self.files.max(1))
    }
}

type Outcome<T> = std::result::Result<T, Status>;
type Answered<T> = Outcome<tonic::Response<T>>;

fn checking(cast: &Cast, n: u64) -> CheckAccessRequest {
    CheckAccessRequest {
        scope: Some(Scope::whole_file()),
        purpose: "customer_service".into(),
        file: cast.any_file(n),
        kind: AccessKind::View.into(),
        ..Default::default()
    }
}

async fn checked(cast: &Arc<Cast>, at: u64, n: u64) -> Answered<dossier_proto::access::v1::CheckAccessResponse> {
    let mut client = AccessServiceClient::new(cast.line(Service::Access, at));
    client.check_access(cast.say(at, checking(cast, n))).await
}

// A "no" would be an answer to another question than the one that is measured.
async fn check_access(cast: Arc<Cast>, at: u64, n: u64) -> Outcome<()> {
    let answer = checked(&cast, at, n).await?.into_inner();
    if answer.allowed { Ok(()) } else { Err(Status::internal("the answer is no")) }
}

fn getting(cast: &Cast, n: u64) -> GetCustomerFileRequest {
    GetCustomerFileRequest { name: cast.any_file(n), purpose: PURPOSE.to_owned(), ..Default::default() }
}

async fn get_file(cast: Arc<Cast>, at: u64, n: u64) -> Answered<dossier_proto::profile::v1::CustomerFile> {
    let mut client = CustomerFileServiceClient::new(cast.line(Service::Profile, at));
    client.get_customer_file(cast.say(at, getting(&cast, n))).await
}

fn reserving(cast: &Cast, n: u64) -> ReserveCreditRequest {
    ReserveCreditRequest {
        customer: cast.hot.clone(),
        amount: Some(money(1)),
        ttl: Some(prost_types::Duration { seconds: 3600, nanos: 0 }),
        reference: format!("order {n}"),
        request_id: fresh_id(),
        ..Default::default()
    }
}

async fn reserve(cast: Arc<Cast>, at: u64, n: u64) -> Answered<dossier_proto::credit::v1::Reservation> {
    let mut client = ExposureServiceClient::new(cast.line(Service::Credit, at));
    client.reserve_credit(cast.say(at, reserving(&cast, n))).await
}

fn creating(n: u64) -> CreateCustomerFileRequest {
    let mark = format!("{n:016x}");
    CreateCustomerFileRequest {
        customer_file: Some(company(&mark)),
        reason: "首次接触".to_owned(),
        request_id: fresh_id(),
        ..Default::default()
    }
}

async fn create(cast: Arc<Cast>, at: u64, n: u64) -> Answered<dossier_proto::profile::v1::CustomerFile> {
    let mut client = CustomerFileServiceClient::new(cast.line(Service::Profile, at));
    client.create_customer_file(cast.say(at, creating(n))).await
}

fn listing() -> ListCustomerFilesRequest {
    ListCustomerFilesRequest { page_size: 50, ..Default::default() }
}

async fn list(cast: Arc<Cast>, at: u64, _: u64) -> Answered<dossier_proto::profile::v1::ListCustomerFilesResponse> {
    let mut client = CustomerFileServiceClient::new(cast.line(Service::Profile, at));
    client.list_customer_files(cast.say(at, listing())).await
}
