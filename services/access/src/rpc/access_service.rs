//! `AccessService`: each rpc is one function of [`super::access_request`] or [`super::grant`].

use dossier_authority::Base;
use dossier_kernel::enter;
use dossier_kernel::shared::Shared;
use dossier_proto::access::v1::access_service_server::AccessService;
use dossier_proto::access::v1::{
    AccessRequest, BatchCheckAccessRequest, BatchCheckAccessResponse, CancelAccessRequestRequest, CheckAccessRequest,
    CheckAccessResponse, CompleteGrantRequest, GetAccessRequestRequest, GetGrantRequest, Grant,
    ListAccessRequestsRequest, ListAccessRequestsResponse, ListGrantsRequest, ListGrantsResponse, RequestAccessRequest,
    RequestAccessResponse, RevokeGrantRequest,
};
use tonic::{Request, Response, Status};

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
        enter!(self.base, request, "access.request", |call, it| access_request::ask(&self.base, call, it))
    }

    async fn get_access_request(
        &self,
        request: Request<GetAccessRequestRequest>,
    ) -> Result<Response<AccessRequest>, Status> {
        enter!(self.base, request, "access_request.get", |call, it| access_request::get(&self.base, call, it))
    }

    async fn list_access_requests(
        &self,
        request: Request<ListAccessRequestsRequest>,
    ) -> Result<Response<ListAccessRequestsResponse>, Status> {
        enter!(self.base, request, "access_request.list", |call, it| access_request::list(&self.base, call, it))
    }

    async fn cancel_access_request(
        &self,
        request: Request<CancelAccessRequestRequest>,
    ) -> Result<Response<AccessRequest>, Status> {
        enter!(self.base, request, "access_request.cancel", |call, it| access_request::cancel(&self.base, call, it))
    }

    async fn check_access(
        &self,
        request: Request<CheckAccessRequest>,
    ) -> Result<Response<CheckAccessResponse>, Status> {
        let checks = &self.checks;
        enter!(self.base, request, "access.check", |call, it| grant::check(&self.base, call, it, checks))
    }

    async fn batch_check_access(
        &self,
        request: Request<BatchCheckAccessRequest>,
    ) -> Result<Response<BatchCheckAccessResponse>, Status> {
        enter!(self.base, request, "access.check", |call, it| grant::batch(&self.base, call, it))
    }

    async fn get_grant(&self, request: Request<GetGrantRequest>) -> Result<Response<Grant>, Status> {
        enter!(self.base, request, "grant.get", |call, it| grant::get(&self.base, call, it))
    }

    async fn list_grants(&self, request: Request<ListGrantsRequest>) -> Result<Response<ListGrantsResponse>, Status> {
        enter!(self.base, request, "grant.list", |call, it| grant::list(&self.base, call, it))
    }

    async fn revoke_grant(&self, request: Request<RevokeGrantRequest>) -> Result<Response<Grant>, Status> {
        enter!(self.base, request, "grant.revoke", |call, it| grant::revoke(&self.base, call, it))
    }

    async fn complete_grant(&self, request: Request<CompleteGrantRequest>) -> Result<Response<Grant>, Status> {
        enter!(self.base, request, "grant.complete", |call, it| grant::complete(&self.base, call, it))
    }
}
