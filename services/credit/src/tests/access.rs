//! A stand-in for access: it records what it is asked and answers as it is told.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use dossier_kernel::error::{Error, Reason};
use dossier_kernel::server::Door;
use dossier_proto::access::v1::approval_service_server::{ApprovalService, ApprovalServiceServer};
use dossier_proto::access::v1::*;
use futures::stream::Empty;
use tonic::{Request, Response, Status};
use uuid::Uuid;

/// The stand-in; cheap to clone.
#[derive(Clone, Debug, Default)]
pub(super) struct Access(Arc<Mutex<State>>);

#[derive(Debug, Default)]
pub(super) struct State {
    /// Every question, `step request_id`, in order.
    pub asked: Vec<String>,
    /// The bearer of the last question.
    pub bearer: String,
    /// What the last approval was asked for.
    pub last: Approval,
    /// Refuses everything with this.
    pub refuse: Option<Reason>,
    /// Does what it is asked, and loses the answer.
    pub mute: bool,
    /// Does nothing and answers nothing.
    pub away: bool,
    /// What became of approvals, where it is not what follows from the questions.
    pub decided: HashMap<String, ApprovalState>,
    /// Answers by request id.
    replies: HashMap<String, Approval>,
    withdrawn: Vec<String>,
    /// What each approval was asked for.
    digests: HashMap<String, Vec<u8>>,
}

// === impl Access ===

impl Access {
    pub(super) fn door(&self) -> Door {
        Door::new(ApprovalServiceServer::new(self.clone()))
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    fn answer<T>(
        &self,
        step: &str,
        request_id: &str,
        request: &Request<T>,
        made: impl FnOnce() -> Approval,
    ) -> Result<Response<Approval>, Status> {
        let mut state = self.state();
        if state.away {
            return Err(Status::unavailable("the line is dead"));
        }
        state.asked.push(format!("{step} {request_id}"));
        state.bearer = request.metadata().get("authorization").unwrap().to_str().unwrap().to_owned();
        if let Some(reason) = state.refuse {
            return Err(Error::new(reason).with("matter", "credit.limit").into());
        }
        let reply = state.replies.entry(request_id.to_owned()).or_insert_with(made).clone();
        if !reply.content_digest.is_empty() {
            state.digests.insert(reply.name.clone(), reply.content_digest.clone());
        }
        state.last = reply.clone();
        if state.mute { Err(Status::unavailable("the line is dead")) } else { Ok(Response::new(reply)) }
    }
}

#[tonic::async_trait]
impl ApprovalService for Access {
    type WatchApprovalStream = Empty<Result<WatchApprovalResponse, Status>>;

    async fn create_approval(&self, it: Request<CreateApprovalRequest>) -> Result<Response<Approval>, Status> {
        let asked = it.get_ref().clone();
        let id = Uuid::from_u128(0xa000 + self.state().replies.len() as u128);
        let made = || Approval { name: format!("approvals/{id}"), ..asked.approval.unwrap() };
        self.answer(if asked.validate_only { "try" } else { "create" }, &asked.request_id, &it, made)
    }

    async fn resubmit_approval(&self, it: Request<ResubmitApprovalRequest>) -> Result<Response<Approval>, Status> {
        let asked = it.get_ref().clone();
        let decided = self.state().decided.contains_key(&asked.name);
        if self.state().withdrawn.contains(&asked.name)
            || (decided && !self.state().replies.contains_key(&asked.request_id))
        {
            return Err(Error::new(Reason::WrongState).into());
        }
        self.answer("resubmit", &asked.request_id, &it, || Approval { name: asked.name, ..Default::default() })
    }

    async fn withdraw_approval(&self, it: Request<WithdrawApprovalRequest>) -> Result<Response<Approval>, Status> {
        let asked = it.get_ref().clone();
        self.state().withdrawn.push(asked.name.clone());
        self.answer("withdraw", &asked.request_id, &it, || Approval { name: asked.name, ..Default::default() })
    }

    async fn get_approval(&self, it: Request<GetApprovalRequest>) -> Result<Response<Approval>, Status> {
        let name = it.into_inner().name;
        let withdrawn = self.state().withdrawn.contains(&name);
        let follows = if withdrawn { ApprovalState::Withdrawn } else { ApprovalState::Returned };
        let state = self.state().decided.get(&name).copied().unwrap_or(follows);
        let content_digest = self.state().digests.get(&name).cloned().unwrap_or_default();
        Ok(Response::new(Approval { name, state: state.into(), content_digest, ..Default::default() }))
    }

    async fn list_approvals(
        &self,
        it: Request<ListApprovalsRequest>,
    ) -> Result<Response<ListApprovalsResponse>, Status> {
        let state = self.state();
        let wanted = |one: &&Approval| it.get_ref().filter == format!("subject = \"{}\"", one.subject);
        let now = |one: &Approval| {
            let withdrawn = state.withdrawn.contains(&one.name).then_some(ApprovalState::Withdrawn);
            let decided = withdrawn.or(state.decided.get(&one.name).copied()).unwrap_or(ApprovalState::Pending);
            Approval { state: decided.into(), ..one.clone() }
        };
        let approvals = state.replies.values().filter(wanted).map(now).collect();
        Ok(Response::new(ListApprovalsResponse { approvals, ..Default::default() }))
    }

    async fn list_pending_approvals(
        &self,
        _: Request<ListPendingApprovalsRequest>,
    ) -> Result<Response<ListPendingApprovalsResponse>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn approve_step(&self, _: Request<ApproveStepRequest>) -> Result<Response<Approval>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn reject_approval(&self, _: Request<RejectApprovalRequest>) -> Result<Response<Approval>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn return_approval(&self, _: Request<ReturnApprovalRequest>) -> Result<Response<Approval>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn explain_approval(
        &self,
        _: Request<ExplainApprovalRequest>,
    ) -> Result<Response<ExplainApprovalResponse>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn watch_approval(
        &self,
        _: Request<WatchApprovalRequest>,
    ) -> Result<Response<Self::WatchApprovalStream>, Status> {
        Err(Status::unimplemented(""))
    }
}
