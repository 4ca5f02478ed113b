//! `PolicyService`: each rpc is one function of [`super::policy`].

use dossier_authority::Base;
use dossier_kernel::enter;
use dossier_proto::access::v1::policy_service_server::PolicyService;
use dossier_proto::access::v1::{GetRegimeRequest, Regime, SimulateApprovalRequest, SimulateApprovalResponse};
use tonic::{Request, Response, Status};

use super::policy;

/// The rules' rpcs.
#[derive(Clone, Debug)]
pub(crate) struct PolicyRpc(pub(crate) Base);

#[tonic::async_trait]
impl PolicyService for PolicyRpc {
    async fn get_regime(&self, request: Request<GetRegimeRequest>) -> Result<Response<Regime>, Status> {
        enter!(self.0, request, "policy.read", |call, it| policy::regime(&self.0, call, it))
    }

    async fn simulate_approval(
        &self,
        request: Request<SimulateApprovalRequest>,
    ) -> Result<Response<SimulateApprovalResponse>, Status> {
        enter!(self.0, request, about | _it | "regimes/-", "policy.read", |call, it| policy::simulate(
            &self.0, call, it
        ))
    }
}
