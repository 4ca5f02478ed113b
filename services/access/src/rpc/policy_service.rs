//! `PolicyService`: each rpc is one function of [`super::policy`].

use dossier_authority::Base;
use dossier_proto::access::v1::policy_service_server::PolicyService;
use dossier_proto::access::v1::{GetRegimeRequest, Regime, SimulateApprovalRequest, SimulateApprovalResponse};
use tonic::{Request, Response, Status};

use super::enter::answer;
use super::policy;

/// The rules' rpcs.
#[derive(Clone, Debug)]
pub(crate) struct PolicyRpc(pub(crate) Base);

#[tonic::async_trait]
impl PolicyService for PolicyRpc {
    async fn get_regime(&self, request: Request<GetRegimeRequest>) -> Result<Response<Regime>, Status> {
        answer!(self.0, request, "PolicyService/GetRegime", "policy.read", |it| it.name, policy::regime)
    }

    async fn simulate_approval(
        &self,
        request: Request<SimulateApprovalRequest>,
    ) -> Result<Response<SimulateApprovalResponse>, Status> {
        answer!(self.0, request, "PolicyService/SimulateApproval", "policy.read", |it| "regimes/-", policy::simulate)
    }
}
