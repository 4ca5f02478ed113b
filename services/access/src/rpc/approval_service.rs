//! `ApprovalService`: each rpc is one function of [`super::approval`].

use dossier_authority::{Base, refused};
use dossier_kernel::auth::Caller;
use dossier_kernel::call::Call;
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
use super::enter::{answer, change};

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
        change!(
            self.base,
            request,
            "ApprovalService/CreateApproval",
            "approval.create",
            |it| "approvals",
            approval::create
        )
    }

    async fn get_approval(&self, request: Request<GetApprovalRequest>) -> Result<Response<Approval>, Status> {
        answer!(self.base, request, "ApprovalService/GetApproval", "approval.get", |it| it.name, approval::get)
    }

    async fn list_approvals(
        &self,
        request: Request<ListApprovalsRequest>,
    ) -> Result<Response<ListApprovalsResponse>, Status> {
        answer!(self.base, request, "ApprovalService/ListApprovals", "approval.list", |it| "approvals", approval::list)
    }

    async fn list_pending_approvals(
        &self,
        request: Request<ListPendingApprovalsRequest>,
    ) -> Result<Response<ListPendingApprovalsResponse>, Status> {
        answer!(
            self.base,
            request,
            "ApprovalService/ListPendingApprovals",
            "approval.list",
            |it| "approvals",
            approval::pending
        )
    }

    async fn approve_step(&self, request: Request<ApproveStepRequest>) -> Result<Response<Approval>, Status> {
        change!(self.base, request, "ApprovalService/ApproveStep", "approval.sign", |it| it.name, approval::approve)
    }

    async fn reject_approval(&self, request: Request<RejectApprovalRequest>) -> Result<Response<Approval>, Status> {
        change!(self.base, request, "ApprovalService/RejectApproval", "approval.sign", |it| it.name, approval::reject)
    }

    async fn return_approval(&self, request: Request<ReturnApprovalRequest>) -> Result<Response<Approval>, Status> {
        change!(
            self.base,
            request,
            "ApprovalService/ReturnApproval",
            "approval.sign",
            |it| it.name,
            approval::send_back
        )
    }

    async fn resubmit_approval(&self, request: Request<ResubmitApprovalRequest>) -> Result<Response<Approval>, Status> {
        change!(
            self.base,
            request,
            "ApprovalService/ResubmitApproval",
            "approval.resubmit",
            |it| it.name,
            approval::resubmit
        )
    }

    async fn withdraw_approval(&self, request: Request<WithdrawApprovalRequest>) -> Result<Response<Approval>, Status> {
        change!(
            self.base,
            request,
            "ApprovalService/WithdrawApproval",
            "approval.withdraw",
            |it| it.name,
            approval::withdraw
        )
    }

    async fn explain_approval(
        &self,
        request: Request<ExplainApprovalRequest>,
    ) -> Result<Response<ExplainApprovalResponse>, Status> {
        answer!(self.base, request, "ApprovalService/ExplainApproval", "approval.get", |it| it.name, approval::explain)
    }

    async fn watch_approval(
        &self,
        request: Request<WatchApprovalRequest>,
    ) -> Result<Response<Self::WatchApprovalStream>, Status> {
        let base = &self.base;
        let call = Call::enter(&base.providers, &request, "dossier.access.v1.ApprovalService/WatchApproval")?;
        let expires = request.extensions().get::<Caller>().map_or(call.now, |caller| caller.expires);
        let request = request.into_inner();
        let resource = request.name.clone();
        match approval::watch(base, &call, request, expires, self.stop.clone()).await {
            Ok(changes) => Ok(Response::new(changes)),
            Err(fault) => Err(refused(base, &call, &resource, "approval.get", fault).await.into()),
        }
    }
}
