//! `LimitService`.

use dossier_authority::Base;
use dossier_kernel::filter::said;
use dossier_kernel::link::Link;
use dossier_proto::credit::v1::limit_service_server::LimitService;
use dossier_proto::credit::v1::{
    GetLimitRequest, Limit, ListLimitsRequest, ListLimitsResponse, ProposeLimitRequest, SubmitLimitRequest,
    UpdateLimitRequest,
};
use tonic::{Request, Response, Status};

use super::enter::answer;
use super::limit;

/// The rpcs of `LimitService`.
#[derive(Clone, Debug)]
pub(crate) struct LimitRpc {
    pub base: Base,
    /// The way to access, which gives approvals.
    pub access: Link,
}

#[tonic::async_trait]
impl LimitService for LimitRpc {
    async fn propose_limit(&self, it: Request<ProposeLimitRequest>) -> Result<Response<Limit>, Status> {
        answer!(self, it, "LimitService/ProposeLimit", "limit.propose", |it| it.customer, limit::propose)
    }

    async fn update_limit(&self, it: Request<UpdateLimitRequest>) -> Result<Response<Limit>, Status> {
        answer!(
            self,
            it,
            "LimitService/UpdateLimit",
            "limit.propose",
            |it| it.limit.as_ref().map_or("limits", |limit| &limit.name),
            limit::update
        )
    }

    async fn submit_limit(&self, it: Request<SubmitLimitRequest>) -> Result<Response<Limit>, Status> {
        answer!(self, it, "LimitService/SubmitLimit", "limit.propose", |it| it.name, limit::submit)
    }

    async fn get_limit(&self, it: Request<GetLimitRequest>) -> Result<Response<Limit>, Status> {
        answer!(self, it, "LimitService/GetLimit", "limit.read", |it| it.name, limit::get)
    }

    async fn list_limits(&self, it: Request<ListLimitsRequest>) -> Result<Response<ListLimitsResponse>, Status> {
        answer!(self, it, "LimitService/ListLimits", "limit.read", |it| said(&it.filter, "customer"), limit::list)
    }
}
