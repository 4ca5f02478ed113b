//! `AccessService`: each rpc is one function of [`super::access_request`] or [`super::grant`].

use dossier_authority::Base;
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
pub(crate) struct AccessRpc(pub(crate) Base);

#[tonic::async_trait]
impl AccessService for AccessRpc {
    async fn request_access(
        &self,
        request: Request<RequestAccessRequest>,
    ) -> Result<Response<RequestAccessResponse>, Status> {
        change!(self.0, request, "AccessService/RequestAccess", "access.request", |it| it.file, access_request::ask)
    }

    async fn get_access_request(
        &self,
        request: Request<GetAccessRequestRequest>,
    ) -> Result<Response<AccessRequest>, Status> {
        answer!(
            self.0,
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
            self.0,
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
            self.0,
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
        answer!(self.0, request, "AccessService/CheckAccess", "access.check", |it| it.file, grant::check)
    }

    async fn batch_check_access(
        &self,
        request: Request<BatchCheckAccessRequest>,
    ) -> Result<Response<BatchCheckAccessResponse>, Status> {
        answer!(self.0, request, "AccessService/BatchCheckAccess", "access.check", |it| "files", grant::batch)
    }

    async fn get_grant(&self, request: Request<GetGrantRequest>) -> Result<Response<Grant>, Status> {
        answer!(self.0, request, "AccessService/GetGrant", "grant.get", |it| it.name, grant::get)
    }

    async fn list_grants(&self, request: Request<ListGrantsRequest>) -> Result<Response<ListGrantsResponse>, Status> {
        answer!(self.0, request, "AccessService/ListGrants", "grant.list", |it| "grants", grant::list)
    }

    async fn revoke_grant(&self, request: Request<RevokeGrantRequest>) -> Result<Response<Grant>, Status> {
        change!(self.0, request, "AccessService/RevokeGrant", "grant.revoke", |it| it.name, grant::revoke)
    }

    async fn complete_grant(&self, request: Request<CompleteGrantRequest>) -> Result<Response<Grant>, Status> {
        change!(self.0, request, "AccessService/CompleteGrant", "grant.complete", |it| it.name, grant::complete)
    }
}
