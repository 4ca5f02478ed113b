//! `LimitService`.

use dossier_authority::Base;
use dossier_authority::approvals::Approvals;
use dossier_kernel::enter;
use dossier_kernel::filter::said;
use dossier_proto::credit::v1::limit_service_server::LimitService;
use dossier_proto::credit::v1::{
    GetLimitRequest, Limit, ListLimitsRequest, ListLimitsResponse, ProposeLimitRequest, SubmitLimitRequest,
    UpdateLimitRequest,
};
use tonic::{Request, Response, Status};

use super::limit;

/// The rpcs of `LimitService`.
#[derive(Clone, Debug)]
pub(crate) struct LimitRpc {
    pub base: Base,
    /// The way to access, which gives approvals.
    pub approvals: Approvals,
}

#[tonic::async_trait]
impl LimitService for LimitRpc {
    async fn propose_limit(&self, it: Request<ProposeLimitRequest>) -> Result<Response<Limit>, Status> {
        enter!(self.base, it, "limit.propose", |call, it| limit::propose(self, call, it))
    }

    async fn update_limit(&self, it: Request<UpdateLimitRequest>) -> Result<Response<Limit>, Status> {
        enter!(self.base, it, "limit.propose", |call, it| limit::update(self, call, it))
    }

    async fn submit_limit(&self, it: Request<SubmitLimitRequest>) -> Result<Response<Limit>, Status> {
        enter!(self.base, it, "limit.propose", |call, it| limit::submit(self, call, it))
    }

    async fn get_limit(&self, it: Request<GetLimitRequest>) -> Result<Response<Limit>, Status> {
        enter!(self.base, it, "limit.read", |call, it| limit::get(self, call, it))
    }

    async fn list_limits(&self, it: Request<ListLimitsRequest>) -> Result<Response<ListLimitsResponse>, Status> {
        enter!(self.base, it, about | it | said(&it.filter, "customer"), "limit.read", |call, it| limit::list(
            self, call, it
        ))
    }
}
