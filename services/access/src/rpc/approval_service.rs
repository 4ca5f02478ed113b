//! `ApprovalService`: each rpc is one function of [`super::approval`].

use dossier_authority::Base;
use dossier_kernel::enter;
use dossier_proto::access::v1::approval_service_server::ApprovalService;
use dossier_proto::access::v1::{
    Approval, ApproveStepRequest, CreateApprovalRequest, ExplainApprovalRequest, ExplainApprovalResponse,
    GetApprovalRequest, ListApprovalsRequest, ListApprovalsResponse, ListPendingApprovalsRequest,
    ListPendingApprovalsResponse, RejectApprovalRequest, ResubmitApprovalRequest, ReturnApprovalRequest,
    WatchApprovalRequest, WithdrawApprovalRequest,
};
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};

use super::approval;

/// The approval engine's rpcs.
#[derive(Clone, Debug)]
pub(crate) struct ApprovalRpc {
    /// What the service is started with.
    pub(crate) base: Base,
    /// Ends the watches.
    pub(crate) stop: CancellationToken,
}

#[tonic::async_trait]
impl ApprovalService for ApprovalRpc {
    type WatchApprovalStream = approval::Changes;

    async fn create_approval(&self, request: Request<CreateApprovalRequest>) -> Result<Response<Approval>, Status> {
        enter!(self.base, request, "approval.create", |call, it| approval::create(&self.base, call, it))
    }

    async fn get_approval(&self, request: Request<GetApprovalRequest>) -> Result<Response<Approval>, Status> {
        enter!(self.base, request, "approval.get", |call, it| approval::get(&self.base, call, it))
    }

    async fn list_approvals(
        &self,
        request: Request<ListApprovalsRequest>,
    ) -> Result<Response<ListApprovalsResponse>, Status> {
        enter!(self.base, request, "approval.list", |call, it| approval::list(&self.base, call, it))
    }

    async fn list_pending_approvals(
        &self,
        request: Request<ListPendingApprovalsRequest>,
    ) -> Result<Response<ListPendingApprovalsResponse>, Status> {
        enter!(self.base, request, "approval.list", |call, it| approval::pending(&self.base, call, it))
    }

    async fn approve_step(&self, request: Request<ApproveStepRequest>) -> Result<Response<Approval>, Status> {
        enter!(self.base, request, "approval.sign", |call, it| approval::approve(&self.base, call, it))
    }

    async fn reject_approval(&self, request: Request<RejectApprovalRequest>) -> Result<Response<Approval>, Status> {
        enter!(self.base, request, "approval.sign", |call, it| approval::reject(&self.base, call, it))
    }

    async fn return_approval(&self, request: Request<ReturnApprovalRequest>) -> Result<Response<Approval>, Status> {
        enter!(self.base, request, "approval.sign", |call, it| approval::send_back(&self.base, call, it))
    }

    async fn resubmit_approval(&self, request: Request<ResubmitApprovalRequest>) -> Result<Response<Approval>, Status> {
        enter!(self.base, request, "approval.resubmit", |call, it| approval::resubmit(&self.base, call, it))
    }

    async fn withdraw_approval(&self, request: Request<WithdrawApprovalRequest>) -> Result<Response<Approval>, Status> {
        enter!(self.base, request, "approval.withdraw", |call, it| approval::withdraw(&self.base, call, it))
    }

    async fn explain_approval(
        &self,
        request: Request<ExplainApprovalRequest>,
    ) -> Result<Response<ExplainApprovalResponse>, Status> {
        enter!(self.base, request, "approval.get", |call, it| approval::explain(&self.base, call, it))
    }

    async fn watch_approval(
        &self,
        request: Request<WatchApprovalRequest>,
    ) -> Result<Response<Self::WatchApprovalStream>, Status> {
        let stop = self.stop.clone();
        enter!(self.base, request, "approval.get", |call, it| approval::watch(&self.base, call, it, stop))
    }
}
