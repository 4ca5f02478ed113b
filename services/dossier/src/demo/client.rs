//! Clients for each person of the story, over real connections, with tokens of the development issuer.

use std::collections::BTreeMap;
use std::time::Duration;

use dossier_kernel::auth::ServiceTokens;
use dossier_proto::access::v1::access_service_client::AccessServiceClient;
use dossier_proto::access::v1::approval_service_client::ApprovalServiceClient;
use dossier_proto::access::v1::directory_service_client::DirectoryServiceClient;
use dossier_proto::access::v1::loan_service_client::LoanServiceClient;
use dossier_proto::credit::v1::exposure_service_client::ExposureServiceClient;
use dossier_proto::credit::v1::limit_service_client::LimitServiceClient;
use dossier_proto::credit::v1::rating_service_client::RatingServiceClient;
use dossier_proto::journal::v1::journal_service_client::JournalServiceClient;
use dossier_proto::profile::v1::customer_file_service_client::CustomerFileServiceClient;
use dossier_proto::profile::v1::document_service_client::DocumentServiceClient;
use dossier_proto::profile::v1::record_service_client::RecordServiceClient;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Channel;

use super::ORG;
use crate::Failure;
use crate::client::connection::{self, Bearer, Connection};
use crate::serve::{Ground, Which, development_token};

/// The people of the story and the ways to the services.
pub struct People {
    channels: BTreeMap<Which, Channel>,
    tokens: BTreeMap<&'static str, Bearer>,
    service: ServiceTokens,
}

/// Everybody who acts in the story, by the subject of their tokens.
pub const CAST: [&str; 10] = [
    "gm",
    "deputy",
    "office-director",
    "sales-manager",
    "sales-1",
    "sales-2",
    "archivist",
    "analyst",
    "finance-director",
    "service-1",
];

/// A new `request_id`: each change has one of its own.
pub fn fresh_id() -> String {
    dossier_kernel::id::System::shared().uuid().to_string()
}

// === impl People ===

impl People {
    /// Everybody of the story, with tokens for two hours.
    ///
    /// # Errors
    /// When a uri cannot be used or the development issuer is switched off.
    pub fn connect(ground: &Ground, uris: &BTreeMap<Which, String>) -> Result<Self, Failure> {
        let mut channels = BTreeMap::new();
        for which in Which::ALL {
            let uri = uris.get(&which).ok_or_else(|| Failure::config(format!("no address for {which}")))?;
            channels.insert(which, connection::channel(uri, &ground.config.peers)?);
        }
        let mut tokens = BTreeMap::new();
        for subject in CAST {
            let token = development_token(ground, ORG, subject, Duration::from_secs(7200))?;
            tokens.insert(subject, Bearer::new(&token)?);
        }
        // A key speaks for its services alone: whole journals are read in the name of one that reads them anyway.
        let service = ground.auth.tokens(Which::Access.name());
        Ok(Self { channels, tokens, service })
    }

    /// A connection to `which` in the name of `subject`.
    ///
    /// # Errors
    /// When nobody is called that.
    pub fn line(&self, which: Which, subject: &'static str) -> Result<Connection, Failure> {
        let bearer = self.tokens.get(subject).ok_or_else(|| Failure::config(format!("nobody is called {subject}")))?;
        Ok(InterceptedService::new(self.channel(which)?, bearer.clone()))
    }

    fn channel(&self, which: Which) -> Result<Channel, Failure> {
        self.channels.get(&which).cloned().ok_or_else(|| Failure::config(format!("no address for {which}")))
    }

    /// The customer files, as `subject`.
    ///
    /// # Errors
    /// When nobody is called that.
    pub fn files(&self, subject: &'static str) -> Result<CustomerFileServiceClient<Connection>, Failure> {
        Ok(CustomerFileServiceClient::new(self.line(Which::Profile, subject)?))
    }

    /// The records of customer files, as `subject`.
    ///
    /// # Errors
    /// When nobody is called that.
    pub fn records(&self, subject: &'static str) -> Result<RecordServiceClient<Connection>, Failure> {
        Ok(RecordServiceClient::new(self.line(Which::Profile, subject)?))
    }

    /// The documents of customer files, as `subject`.
    ///
    /// # Errors
    /// When nobody is called that.
    pub fn documents(&self, subject: &'static str) -> Result<DocumentServiceClient<Connection>, Failure> {
        Ok(DocumentServiceClient::new(self.line(Which::Profile, subject)?))
    }

    /// The directory, as `subject`.
    ///
    /// # Errors
    /// When nobody is called that.
    pub fn directory(&self, subject: &'static str) -> Result<DirectoryServiceClient<Connection>, Failure> {
        Ok(DirectoryServiceClient::new(self.line(Which::Access, subject)?))
    }

    /// Requests and grants, as `subject`.
    ///
    /// # Errors
    /// When nobody is called that.
    pub fn access(&self, subject: &'static str) -> Result<AccessServiceClient<Connection>, Failure> {
        Ok(AccessServiceClient::new(self.line(Which::Access, subject)?))
    }

    /// Approvals, as `subject`.
    ///
    /// # Errors
    /// When nobody is called that.
    pub fn approvals(&self, subject: &'static str) -> Result<ApprovalServiceClient<Connection>, Failure> {
        Ok(ApprovalServiceClient::new(self.line(Which::Access, subject)?))
    }

    /// Loans, as `subject`.
    ///
    /// # Errors
    /// When nobody is called that.
    pub fn loans(&self, subject: &'static str) -> Result<LoanServiceClient<Connection>, Failure> {
        Ok(LoanServiceClient::new(self.line(Which::Access, subject)?))
    }

    /// Score models and ratings, as `subject`.
    ///
    /// # Errors
    /// When nobody is called that.
    pub fn ratings(&self, subject: &'static str) -> Result<RatingServiceClient<Connection>, Failure> {
        Ok(RatingServiceClient::new(self.line(Which::Credit, subject)?))
    }

    /// Limits, as `subject`.
    ///
    /// # Errors
    /// When nobody is called that.
    pub fn limits(&self, subject: &'static str) -> Result<LimitServiceClient<Connection>, Failure> {
        Ok(LimitServiceClient::new(self.line(Which::Credit, subject)?))
    }

    /// Exposure, as `subject`.
    ///
    /// # Errors
    /// When nobody is called that.
    pub fn exposure(&self, subject: &'static str) -> Result<ExposureServiceClient<Connection>, Failure> {
        Ok(ExposureServiceClient::new(self.line(Which::Credit, subject)?))
    }

    /// The whole journal of a service, with a service's credential.
    ///
    /// # Errors
    /// When the token cannot be made.
    pub fn journal(&self, which: Which) -> Result<JournalServiceClient<Connection>, Failure> {
        let bearer = Bearer::new(&self.service.token(ORG).map_err(Failure::call)?)?;
        Ok(JournalServiceClient::new(InterceptedService::new(self.channel(which)?, bearer)))
    }

    /// The resource name of `subject` in the directory.
    ///
    /// # Errors
    /// When the directory does not know the subject.
    pub async fn person(&self, subject: &str) -> Result<String, Failure> {
        let request = dossier_proto::access::v1::ListPersonsRequest { page_size: 500, ..Default::default() };
        let people = super::stage::given(self.directory("gm")?.list_persons(request).await)?.persons;
        let known = people.into_iter().find(|person| person.subject == subject);
        known.map(|person| person.name).ok_or_else(|| Failure::differs(format!("{subject} is not in the directory")))
    }

    /// Waits until profile and credit know the first people from access's journal.
    ///
    /// # Errors
    /// When they still do not after a minute.
    pub async fn settled(&self) -> Result<(), Failure> {
        let listed = || async {
            let request = dossier_proto::profile::v1::ListCustomerFilesRequest { page_size: 1, ..Default::default() };
            let files = self.files("archivist")?.list_customer_files(request).await;
            let request = dossier_proto::credit::v1::ListScoreModelsRequest { page_size: 1, ..Default::default() };
            let models = self.ratings("analyst")?.list_score_models(request).await;
            Ok(files.is_ok() && models.is_ok())
        };
        until("profile and credit know the first people", listed).await
    }
}

/// Asks again and again until `holds`; effects of one service reach the others through its journal.
///
/// # Errors
/// When it still does not hold after a minute, or the question fails.
pub async fn until<F>(words: &str, mut holds: impl FnMut() -> F) -> Result<(), Failure>
where
    F: Future<Output = Result<bool, Failure>>,
{
    for _ in 0..1200 {
        if holds().await? {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Err(Failure::differs(format!("still not so after a minute: {words}")))
}
