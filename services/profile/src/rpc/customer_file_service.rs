//! `CustomerFileService`: each method is one file in [`customer_file`](super::customer_file).

use dossier_authority::Base;
use dossier_kernel::enter;
use dossier_kernel::shared::Shared;
use dossier_proto::profile::v1 as wire;
use dossier_proto::profile::v1::customer_file_service_server::CustomerFileService;
use tonic::{Request, Response, Status};

use super::customer_file::{
    activate, batch_get, check_completeness, classify, close, create, find_duplicates, get, get_revision, hand_over,
    list, list_events, list_revisions, merge, overview, preview_merge, review, search, submit, unmerge, update,
};

/// Answers `CustomerFileService`.
#[derive(Clone, Debug)]
pub struct CustomerFileRpc {
    base: Base,
    visible_files: Shared<get::VisibleFiles>,
}

// === impl CustomerFileRpc ===

impl CustomerFileRpc {
    /// The service on `base`. Needs a running tokio runtime.
    pub fn new(base: Base) -> Self {
        Self { visible_files: Shared::start(get::VisibleFiles(base.clone())), base }
    }
}

type Answer<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl CustomerFileService for CustomerFileRpc {
    async fn create_customer_file(
        &self,
        request: Request<wire::CreateCustomerFileRequest>,
    ) -> Answer<wire::CustomerFile> {
        enter!(self.base, request, "file.create", |call, request| create::run(&self.base, call, request))
    }

    async fn get_customer_file(&self, request: Request<wire::GetCustomerFileRequest>) -> Answer<wire::CustomerFile> {
        enter!(self.base, request, "file.read", |call, request| get::run(
            &self.base,
            call,
            request,
            &self.visible_files
        ))
    }

    async fn get_customer_overview(
        &self,
        request: Request<wire::GetCustomerOverviewRequest>,
    ) -> Answer<wire::CustomerOverview> {
        enter!(self.base, request, "file.read", |call, request| overview::run(&self.base, call, request))
    }

    async fn batch_get_customer_files(
        &self,
        request: Request<wire::BatchGetCustomerFilesRequest>,
    ) -> Answer<wire::BatchGetCustomerFilesResponse> {
        enter!(self.base, request, "file.read", |call, request| batch_get::run(&self.base, call, request))
    }

    async fn list_customer_files(
        &self,
        request: Request<wire::ListCustomerFilesRequest>,
    ) -> Answer<wire::ListCustomerFilesResponse> {
        enter!(self.base, request, "file.read", |call, request| list::run(&self.base, call, request))
    }

    async fn search_customer_files(
        &self,
        request: Request<wire::SearchCustomerFilesRequest>,
    ) -> Answer<wire::SearchCustomerFilesResponse> {
        enter!(self.base, request, "file.read", |call, request| search::run(&self.base, call, request))
    }

    async fn find_duplicates(
        &self,
        request: Request<wire::FindDuplicatesRequest>,
    ) -> Answer<wire::FindDuplicatesResponse> {
        enter!(self.base, request, "file.read", |call, request| find_duplicates::run(&self.base, call, request))
    }

    async fn update_customer_file(
        &self,
        request: Request<wire::UpdateCustomerFileRequest>,
    ) -> Answer<wire::CustomerFile> {
        enter!(self.base, request, "file.update", |call, request| update::run(&self.base, call, request))
    }

    async fn submit_customer_file(
        &self,
        request: Request<wire::SubmitCustomerFileRequest>,
    ) -> Answer<wire::CustomerFile> {
        enter!(self.base, request, "file.submit", |call, request| submit::run(&self.base, call, request))
    }

    async fn review_customer_file(
        &self,
        request: Request<wire::ReviewCustomerFileRequest>,
    ) -> Answer<wire::CustomerFile> {
        enter!(self.base, request, "file.review", |call, request| review::run(&self.base, call, request))
    }

    async fn activate_customer_file(
        &self,
        request: Request<wire::ActivateCustomerFileRequest>,
    ) -> Answer<wire::CustomerFile> {
        enter!(self.base, request, "file.activate", |call, request| activate::run(&self.base, call, request))
    }

    async fn classify_customer_file(
        &self,
        request: Request<wire::ClassifyCustomerFileRequest>,
    ) -> Answer<wire::CustomerFile> {
        enter!(self.base, request, "file.classify", |call, request| classify::run(&self.base, call, request))
    }

    async fn close_customer_file(
        &self,
        request: Request<wire::CloseCustomerFileRequest>,
    ) -> Answer<wire::CustomerFile> {
        enter!(self.base, request, "file.close", |call, request| close::run(&self.base, call, request))
    }

    async fn hand_over_customer_file(
        &self,
        request: Request<wire::HandOverCustomerFileRequest>,
    ) -> Answer<wire::CustomerFile> {
        enter!(self.base, request, "file.hand_over", |call, request| hand_over::run(&self.base, call, request))
    }

    async fn preview_merge(&self, request: Request<wire::PreviewMergeRequest>) -> Answer<wire::MergePreview> {
        enter!(self.base, request, "file.merge", |call, request| preview_merge::run(&self.base, call, request))
    }

    async fn merge_customer_files(
        &self,
        request: Request<wire::MergeCustomerFilesRequest>,
    ) -> Answer<wire::CustomerFile> {
        enter!(self.base, request, "file.merge", |call, request| merge::run(&self.base, call, request))
    }

    async fn unmerge_customer_files(
        &self,
        request: Request<wire::UnmergeCustomerFilesRequest>,
    ) -> Answer<wire::CustomerFile> {
        enter!(self.base, request, "file.merge", |call, request| unmerge::run(&self.base, call, request))
    }

    async fn list_customer_file_revisions(
        &self,
        request: Request<wire::ListCustomerFileRevisionsRequest>,
    ) -> Answer<wire::ListCustomerFileRevisionsResponse> {
        enter!(self.base, request, "file.read", |call, request| list_revisions::run(&self.base, call, request))
    }

    async fn get_customer_file_revision(
        &self,
        request: Request<wire::GetCustomerFileRevisionRequest>,
    ) -> Answer<wire::CustomerFileRevision> {
        enter!(self.base, request, "file.read", |call, request| get_revision::run(&self.base, call, request))
    }

    async fn list_file_events(
        &self,
        request: Request<wire::ListFileEventsRequest>,
    ) -> Answer<wire::ListFileEventsResponse> {
        enter!(self.base, request, "file.read", |call, request| list_events::run(&self.base, call, request))
    }

    async fn check_completeness(
        &self,
        request: Request<wire::CheckCompletenessRequest>,
    ) -> Answer<wire::CheckCompletenessResponse> {
        enter!(self.base, request, "file.read", |call, request| check_completeness::run(&self.base, call, request))
    }
}
