//! `AccessService`: each rpc is one function of [`super::access_request`] or [`super::grant`].

use dossier_authority::Base;
use dossier_kernel::shared::Shared;
use dossier_proto::access::v1::access_service_server::AccessService;
use dossier_proto::access::v1::{
    AccessRequest, BatchCheckAccessRequest, BatchCheckAccessResponse, CancelAccessRequestRequest, CheckAccessRequest,
    CheckAccessResponse, CompleteGrantRequest, GetAccessRequestRequest, GetGrantRequest, Grant,
    ListAccessRequestsRequest, ListAccessRequestsResponse, ListGrantsRequest, ListGrantsResponse, RequestAccessRequest,
    RequestAccessResponse, RevokeGrantRequest,
};
use tonic::{Request, Response, Status};

use super::enter::{answer, change};
use super::{access_request, grant};

/// Requests, grants and the one question.
#[derive(Clone, Debug)]
pub(crate) struct AccessRpc {
    base: Base,
    checks: Shared<grant::Checks>,
}

// === impl AccessRpc ===

impl AccessRpc {
    /// The service over `base`. Needs a running tokio runtime.
    pub(crate) fn new(base: Base) -> Self {
        Self { checks: Shared::start(grant::Checks(base.clone())), base }
    }
}

#[tonic::async_trait]
impl AccessService for AccessRpc {
    async fn request_access(
        &self,
        request: Request<RequestAccessRequest>,
    ) -> Result<Response<RequestAccessResponse>, Status> {
        change!(self.base, request, "AccessService/RequestAccess", "access.request", |it| it.file, access_request::ask)
    }

    async fn get_access_request(
        &self,
        request: Request<GetAccessRequestRequest>,
    ) -> Result<Response<AccessRequest>, Status> {
        answer!(
            self.base,
            request,
            "AccessService/GetAccessRequest",
            "access_request.get",
            |it| it.name,
            access_request::get
        )
    }

    async fn list_access_requests(
        &self,
        request: Request<ListAccessRequestsRequest>,
    ) -> Result<Response<ListAccessRequestsResponse>, Status> {
        answer!(
            self.base,
            request,
            "AccessService/ListAccessRequests",
            "access_request.list",
            |it| "accessRequests",
            access_request::list
        )
    }

    async fn cancel_access_request(
        &self,
        request: Request<CancelAccessRequestRequest>,
    ) -> Result<Response<AccessRequest>, Status> {
        change!(
            self.base,
            request,
            "AccessService/CancelAccessRequest",
            "access_request.cancel",
            |it| it.name,
            access_request::cancel
        )
    }

    async fn check_access(
        &self,
        request: Request<CheckAccessRequest>,
    ) -> Result<Response<CheckAccessResponse>, Status> {
        let checks = &self.checks;
        answer!(self.base, request, "AccessService/CheckAccess", "access.check", |it| it.file, grant::check, checks)
    }

    async fn batch_check_access(
        &self,
        request: Request<BatchCheckAccessRequest>,
    ) -> Result<Response<BatchCheckAccessResponse>, Status> {
        answer!(self.base, request, "AccessService/BatchCheckAccess", "access.check", |it| "files", grant::batch)
    }

    async fn get_grant(&self, request: Request<GetGrantRequest>) -> Result<Response<Grant>, Status> {
        answer!(self.base, request, "AccessService/GetGrant", "grant.get", |it| it.name, grant::get)
    }

    async fn list_grants(&self, request: Request<ListGrantsRequest>) -> Result<Response<ListGrantsResponse>, Status> {
        answer!(self.base, request, "AccessService/ListGrants", "grant.list", |it| "grants", grant::list)
    }

    async fn revoke_grant(&self, request: Request<RevokeGrantRequest>) -> Result<Response<Grant>, Status> {
        change!(self.base, request, "AccessService/RevokeGrant", "grant.revoke", |it| it.name, grant::revoke)
    }

    async fn complete_grant(&self, request: Request<CompleteGrantRequest>) -> Result<Response<Grant>, Status> {
        change!(self.base, request, "AccessService/CompleteGrant", "grant.complete", |it| it.name, grant::complete)
    }
}
