//! Callers: typed clients in the name of one person, with a token of the development issuer.

use std::time::Duration;

use dossier::serve::{Ground, Which, development_token};
use dossier_kernel::auth::ServiceTokens;
use dossier_proto::access::v1::access_service_client::AccessServiceClient;
use dossier_proto::access::v1::approval_service_client::ApprovalServiceClient;
use dossier_proto::access::v1::directory_service_client::DirectoryServiceClient;
use dossier_proto::access::v1::loan_service_client::LoanServiceClient;
use dossier_proto::access::v1::policy_service_client::PolicyServiceClient;
use dossier_proto::credit::v1::exposure_service_client::ExposureServiceClient;
use dossier_proto::credit::v1::limit_service_client::LimitServiceClient;
use dossier_proto::credit::v1::rating_service_client::RatingServiceClient;
use dossier_proto::duty::v1::duty_service_client::DutyServiceClient;
use dossier_proto::journal::v1::journal_service_client::JournalServiceClient;
use dossier_proto::profile::v1::custody_service_client::CustodyServiceClient;
use dossier_proto::profile::v1::customer_file_service_client::CustomerFileServiceClient;
use dossier_proto::profile::v1::disposition_service_client::DispositionServiceClient;
use dossier_proto::profile::v1::document_service_client::DocumentServiceClient;
use dossier_proto::profile::v1::number_service_client::NumberServiceClient;
use dossier_proto::profile::v1::record_service_client::RecordServiceClient;
use dossier_proto::profile::v1::register_service_client::RegisterServiceClient;
use dossier_proto::profile::v1::template_service_client::TemplateServiceClient;
use dossier_proto::profile::v1::transfer_service_client::TransferServiceClient;
use dossier_proto::profile::v1::volume_service_client::VolumeServiceClient;
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Channel;
use tonic::{Request, Status};

use super::Replica;
use super::filled::Filled;

/// The way of a caller to a service.
pub type Road = InterceptedService<Filled, Bearer>;

/// The organisation of most tests, under R36.
pub const DEMO: &str = "demo";

/// What a caller shows.
#[derive(Clone)]
pub enum Bearer {
    /// A token of the development issuer, fresh for each call, so that a moved clock does not end it.
    Person {
        /// Who issues it.
        ground: Box<Ground>,
        /// The organisation.
        org: String,
        /// The subject.
        subject: String,
    },
    /// A token between services.
    Service {
        /// Who issues it.
        tokens: ServiceTokens,
        /// The organisation.
        org: String,
    },
    /// This header, whatever it is.
    Header(String),
    /// Nothing.
    Nobody,
}

/// A caller of profile.
#[derive(Clone)]
pub struct ProfileCalls {
    /// Customer files.
    pub files: CustomerFileServiceClient<Road>,
    /// Items and places.
    pub custody: CustodyServiceClient<Road>,
    /// Volumes.
    pub volumes: VolumeServiceClient<Road>,
    /// Numbers.
    pub numbers: NumberServiceClient<Road>,
    /// Records.
    pub records: RecordServiceClient<Road>,
    /// Documents.
    pub documents: DocumentServiceClient<Road>,
    /// Retention and holds.
    pub disposition: DispositionServiceClient<Road>,
    /// Registers and statistics.
    pub registers: RegisterServiceClient<Road>,
    /// Templates, identifiers.
    pub templates: TemplateServiceClient<Road>,
    /// Whole files out and in.
    pub transfers: TransferServiceClient<Road>,
    /// The journal.
    pub journal: JournalServiceClient<Road>,
    /// Duties.
    pub duties: DutyServiceClient<Road>,
}

/// A caller of access.
#[derive(Clone)]
pub struct AccessCalls {
    /// People and letters.
    pub directory: DirectoryServiceClient<Road>,
    /// Approvals.
    pub approvals: ApprovalServiceClient<Road>,
    /// Requests and grants.
    pub requests: AccessServiceClient<Road>,
    /// Loans.
    pub loans: LoanServiceClient<Road>,
    /// The rules.
    pub policy: PolicyServiceClient<Road>,
    /// The journal.
    pub journal: JournalServiceClient<Road>,
    /// Duties.
    pub duties: DutyServiceClient<Road>,
}

/// A caller of credit.
#[derive(Clone)]
pub struct CreditCalls {
    /// Models and ratings.
    pub ratings: RatingServiceClient<Road>,
    /// Limits.
    pub limits: LimitServiceClient<Road>,
    /// Exposure and reservations.
    pub exposure: ExposureServiceClient<Road>,
    /// The journal.
    pub journal: JournalServiceClient<Road>,
    /// Duties.
    pub duties: DutyServiceClient<Road>,
}

// === impl Replica ===

impl Replica {
    /// `subject` of org `demo` as a caller of profile.
    pub fn profile(&self, subject: &str) -> ProfileCalls {
        self.profile_as(self.person(DEMO, subject))
    }

    /// `subject` of org `demo` as a caller of access.
    pub fn access(&self, subject: &str) -> AccessCalls {
        self.access_as(self.person(DEMO, subject))
    }

    /// `subject` of org `demo` as a caller of credit.
    pub fn credit(&self, subject: &str) -> CreditCalls {
        self.credit_as(self.person(DEMO, subject))
    }

    /// What `subject` of `org` shows.
    pub fn person(&self, org: &str, subject: &str) -> Bearer {
        Bearer::Person { ground: Box::new(self.ground.clone()), org: org.to_owned(), subject: subject.to_owned() }
    }

    /// What the service `which` shows for its own work in `org`.
    pub fn service(&self, which: Which, org: &str) -> Bearer {
        Bearer::Service { tokens: self.ground.auth.tokens(which.name()), org: org.to_owned() }
    }

    /// Whoever shows `bearer`, as a caller of profile.
    pub fn profile_as(&self, bearer: Bearer) -> ProfileCalls {
        let road = self.road(Which::Profile, bearer);
        ProfileCalls {
            files: CustomerFileServiceClient::new(road.clone()),
            custody: CustodyServiceClient::new(road.clone()),
            volumes: VolumeServiceClient::new(road.clone()),
            numbers: NumberServiceClient::new(road.clone()),
            records: RecordServiceClient::new(road.clone()),
            documents: DocumentServiceClient::new(road.clone()),
            disposition: DispositionServiceClient::new(road.clone()),
            registers: RegisterServiceClient::new(road.clone()),
            templates: TemplateServiceClient::new(road.clone()),
            transfers: TransferServiceClient::new(road.clone()),
            journal: JournalServiceClient::new(road.clone()),
            duties: DutyServiceClient::new(road),
        }
    }

    /// Whoever shows `bearer`, as a caller of access.
    pub fn access_as(&self, bearer: Bearer) -> AccessCalls {
        let road = self.road(Which::Access, bearer);
        AccessCalls {
            directory: DirectoryServiceClient::new(road.clone()),
            approvals: ApprovalServiceClient::new(road.clone()),
            requests: AccessServiceClient::new(road.clone()),
            loans: LoanServiceClient::new(road.clone()),
            policy: PolicyServiceClient::new(road.clone()),
            journal: JournalServiceClient::new(road.clone()),
            duties: DutyServiceClient::new(road),
        }
    }

    /// Whoever shows `bearer`, as a caller of credit.
    pub fn credit_as(&self, bearer: Bearer) -> CreditCalls {
        let road = self.road(Which::Credit, bearer);
        CreditCalls {
            ratings: RatingServiceClient::new(road.clone()),
            limits: LimitServiceClient::new(road.clone()),
            exposure: ExposureServiceClient::new(road.clone()),
            journal: JournalServiceClient::new(road.clone()),
            duties: DutyServiceClient::new(road),
        }
    }

    /// The way to a service.
    pub fn road(&self, which: Which, bearer: Bearer) -> Road {
        InterceptedService::new(Filled(self.roads[&which].clone()), bearer)
    }

    /// The way to a service for bytes that must arrive as they are.
    pub fn bare_road(&self, which: Which, bearer: Bearer) -> InterceptedService<Channel, Bearer> {
        InterceptedService::new(self.roads[&which].clone(), bearer)
    }
}

// === impl Bearer ===

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        let hour = Duration::from_secs(3600);
        let header = match self {
            Self::Person { ground, org, subject } => {
                format!("Bearer {}", development_token(ground, org, subject, hour).expect("a token"))
            }
            Self::Service { tokens, org } => format!("Bearer {}", tokens.token(org).expect("a token")),
            Self::Header(header) => header.clone(),
            Self::Nobody => return Ok(request),
        };
        request.metadata_mut().insert("authorization", header.parse().expect("a header"));
        Ok(request)
    }
}
