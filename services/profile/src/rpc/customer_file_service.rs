//! `CustomerFileService`: each method is one file in [`customer_file`](super::customer_file).

use dossier_authority::Base;
use dossier_kernel::shared::Shared;
use dossier_proto::profile::v1 as wire;
use dossier_proto::profile::v1::customer_file_service_server::CustomerFileService;
use tonic::{Request, Response, Status};

use super::answer;
use super::customer_file::{
    activate, batch_get, check_completeness, classify, close, create, get, get_revision, hand_over, list,
    list_revisions, review, search, submit, update,
};

/// Answers `CustomerFileService`.
#[derive(Clone, Debug)]
pub struct CustomerFileRpc {
    base: Base,
    sights: Shared<get::Sights>,
}

// === impl CustomerFileRpc ===

impl CustomerFileRpc {
    /// The service on `base`. Needs a running tokio runtime.
    pub fn new(base: Base) -> Self {
        Self { sights: Shared::start(get::Sights(base.clone())), base }
    }
}

macro_rules! method {
    ($name:literal) => {
        concat!("dossier.profile.v1.CustomerFileService/", $name)
    };
}

type Answer<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl CustomerFileService for CustomerFileRpc {
    async fn create_customer_file(
        &self,
        request: Request<wire::CreateCustomerFileRequest>,
    ) -> Answer<wire::CustomerFile> {
        let resource = |_: &wire::CreateCustomerFileRequest| "files/-".to_owned();
        answer!(self.base, request, method!("CreateCustomerFile"), resource, "file.create", create::run)
    }

    async fn get_customer_file(&self, request: Request<wire::GetCustomerFileRequest>) -> Answer<wire::CustomerFile> {
        let resource = |request: &wire::GetCustomerFileRequest| request.name.clone();
        answer!(self.base, request, method!("GetCustomerFile"), resource, "file.read", get::run, &self.sights)
    }

    async fn batch_get_customer_files(
        &self,
        request: Request<wire::BatchGetCustomerFilesRequest>,
    ) -> Answer<wire::BatchGetCustomerFilesResponse> {
        let resource = |_: &wire::BatchGetCustomerFilesRequest| "files/-".to_owned();
        answer!(self.base, request, method!("BatchGetCustomerFiles"), resource, "file.read", batch_get::run)
    }

    async fn list_customer_files(
        &self,
        request: Request<wire::ListCustomerFilesRequest>,
    ) -> Answer<wire::ListCustomerFilesResponse> {
        let resource = |_: &wire::ListCustomerFilesRequest| "files/-".to_owned();
        answer!(self.base, request, method!("ListCustomerFiles"), resource, "file.read", list::run)
    }

    async fn search_customer_files(
        &self,
        request: Request<wire::SearchCustomerFilesRequest>,
    ) -> Answer<wire::SearchCustomerFilesResponse> {
        let resource = |_: &wire::SearchCustomerFilesRequest| "files/-".to_owned();
        answer!(self.base, request, method!("SearchCustomerFiles"), resource, "file.read", search::run)
    }

    async fn update_customer_file(
        &self,
        request: Request<wire::UpdateCustomerFileRequest>,
    ) -> Answer<wire::CustomerFile> {
        let resource = |request: &wire::UpdateCustomerFileRequest| {
            request.customer_file.as_ref().map(|file| file.name.clone()).unwrap_or_default()
        };
        answer!(self.base, request, method!("UpdateCustomerFile"), resource, "file.update", update::run)
    }

    async fn submit_customer_file(
        &self,
        request: Request<wire::SubmitCustomerFileRequest>,
    ) -> Answer<wire::CustomerFile> {
        let resource = |request: &wire::SubmitCustomerFileRequest| request.name.clone();
        answer!(self.base, request, method!("SubmitCustomerFile"), resource, "file.submit", submit::run)
    }

    async fn review_customer_file(
        &self,
        request: Request<wire::ReviewCustomerFileRequest>,
    ) -> Answer<wire::CustomerFile> {
        let resource = |request: &wire::ReviewCustomerFileRequest| request.name.clone();
        answer!(self.base, request, method!("ReviewCustomerFile"), resource, "file.review", review::run)
    }

    async fn activate_customer_file(
        &self,
        request: Request<wire::ActivateCustomerFileRequest>,
    ) -> Answer<wire::CustomerFile> {
        let resource = |request: &wire::ActivateCustomerFileRequest| request.name.clone();
        answer!(self.base, request, method!("ActivateCustomerFile"), resource, "file.activate", activate::run)
    }

    async fn classify_customer_file(
        &self,
        request: Request<wire::ClassifyCustomerFileRequest>,
    ) -> Answer<wire::CustomerFile> {
        let resource = |request: &wire::ClassifyCustomerFileRequest| request.name.clone();
        answer!(self.base, request, method!("ClassifyCustomerFile"), resource, "file.classify", classify::run)
    }

    async fn close_customer_file(
        &self,
        request: Request<wire::CloseCustomerFileRequest>,
    ) -> Answer<wire::CustomerFile> {
        let resource = |request: &wire::CloseCustomerFileRequest| request.name.clone();
        answer!(self.base, request, method!("CloseCustomerFile"), resource, "file.close", close::run)
    }

    async fn hand_over_customer_file(
        &self,
        request: Request<wire::HandOverCustomerFileRequest>,
    ) -> Answer<wire::CustomerFile> {
        let resource = |request: &wire::HandOverCustomerFileRequest| request.name.clone();
        answer!(self.base, request, method!("HandOverCustomerFile"), resource, "file.hand_over", hand_over::run)
    }

    async fn list_customer_file_revisions(
        &self,
        request: Request<wire::ListCustomerFileRevisionsRequest>,
    ) -> Answer<wire::ListCustomerFileRevisionsResponse> {
        let resource = |request: &wire::ListCustomerFileRevisionsRequest| request.parent.clone();
        answer!(self.base, request, method!("ListCustomerFileRevisions"), resource, "file.read", list_revisions::run)
    }

    async fn get_customer_file_revision(
        &self,
        request: Request<wire::GetCustomerFileRevisionRequest>,
    ) -> Answer<wire::CustomerFileRevision> {
        let resource = |request: &wire::GetCustomerFileRevisionRequest| request.name.clone();
        answer!(self.base, request, method!("GetCustomerFileRevision"), resource, "file.read", get_revision::run)
    }

    async fn check_completeness(
        &self,
        request: Request<wire::CheckCompletenessRequest>,
    ) -> Answer<wire::CheckCompletenessResponse> {
        let resource = |request: &wire::CheckCompletenessRequest| request.name.clone();
        answer!(self.base, request, method!("CheckCompleteness"), resource, "file.read", check_completeness::run)
    }
}
