//! ResubmitApproval and WithdrawApproval: what the requester may do, or the service that asked for it.

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::etag;
use dossier_kernel::{mutate, words};
use dossier_proto::access::v1 as pb;

use super::create::amount;
use super::message::message;
use crate::domain::approval::{Approval, Correction};
use crate::rpc::enter::{given, given_id};
use crate::work::approval::{self, ApprovalView, Closeness, wake};
use crate::work::caller::Caller;
use crate::work::cause::Cause;
use crate::work::record::Asked;
use crate::work::settle::settle;

/// Puts a returned matter before its approvers again, from the first step, in the next round.
///
/// # Errors
/// `FIELD_VIOLATION`, `RESOURCE_NOT_FOUND`, `PERMISSION_DENIED`, `ETAG_STALE`, `WRONG_STATE`, `APPROVAL_UNREACHABLE`.
pub(crate) async fn resubmit(base: &Base, call: &Call, request: pb::ResubmitApprovalRequest) -> Result<pb::Approval> {
    let reply = mutate!(base.mutations, call, request, tx => {
        let caller = Caller::of(base, tx, call).await?;
        let correction = correction(&request, &caller)?;
        let mut view = ApprovalView::of(base, tx, call, &caller, &request.name, Closeness::Sees).await?;
        require_asker(&view.approval, &caller, &request.requester, "approval.resubmit")?;
        etag::require(&request.etag, &etag::of(view.approval.version), &request.name)?;
        if view.approval.act.is_some() && !request.summary.is_empty() {
            return Err(Error::violation("summary", "must be empty: it follows from the act"));
        }
        let actor = caller.actor();
        let asked = Asked { base, call, actor: &actor, request_id: &request.request_id, reason: &request.reason };
        let about = approval::resubmit(asked, tx, &mut view, correction).await?;
        settle(&Cause::of(base, call, &actor, ""), tx, about, &view.approval).await?;
        Ok(message(&view.approval))
    }, kept => {
        let caller = Caller::of(base, tx, call).await?;
        let view = ApprovalView::of(base, tx, call, &caller, &request.name, Closeness::Sees).await?;
        require_asker(&view.approval, &caller, &request.requester, "approval.resubmit").map(|()| kept)
    })?;
    wake(base, call, &request.name).await;
    Ok(reply)
}

/// Takes a matter back.
///
/// # Errors
/// `FIELD_VIOLATION`, `RESOURCE_NOT_FOUND`, `PERMISSION_DENIED`, `ETAG_STALE`, `WRONG_STATE`.
pub(crate) async fn withdraw(base: &Base, call: &Call, request: pb::WithdrawApprovalRequest) -> Result<pb::Approval> {
    let reply = mutate!(base.mutations, call, request, tx => {
        let caller = Caller::of(base, tx, call).await?;
        words::require(&request.reason, true)?;
        let mut view = ApprovalView::of(base, tx, call, &caller, &request.name, Closeness::Sees).await?;
        require_asker(&view.approval, &caller, &request.requester, "approval.withdraw")?;
        etag::require(&request.etag, &etag::of(view.approval.version), &request.name)?;
        let actor = caller.actor();
        let asked = Asked { base, call, actor: &actor, request_id: &request.request_id, reason: &request.reason };
        let about = approval::withdraw(asked, tx, &mut view.approval).await?;
        settle(&Cause::of(base, call, &actor, ""), tx, about, &view.approval).await?;
        Ok(message(&view.approval))
    }, kept => {
        let caller = Caller::of(base, tx, call).await?;
        let view = ApprovalView::of(base, tx, call, &caller, &request.name, Closeness::Sees).await?;
        require_asker(&view.approval, &caller, &request.requester, "approval.withdraw").map(|()| kept)
    })?;
    wake(base, call, &request.name).await;
    Ok(reply)
}

fn correction(request: &pb::ResubmitApprovalRequest, caller: &Caller) -> Result<Correction> {
    words::require(&request.reason, true)?;
    let digest = Some(request.content_digest.clone()).filter(|digest| !digest.is_empty());
    let sum = request.amount.as_ref().map(|sum| amount("amount", sum)).transpose()?;
    if matches!(caller, Caller::Person(_)) && (digest.is_some() || sum.is_some()) {
        return Err(Error::violation("content_digest", "a person's own request keeps its content and its sum"));
    }
    if digest.as_ref().is_some_and(|digest| digest.len() != 32) {
        return Err(Error::violation("content_digest", "must have 32 bytes"));
    }
    if request.summary.chars().count() > 500 {
        return Err(Error::violation("summary", "must have at most 500 characters"));
    }
    Ok(Correction { digest, summary: given(&request.summary).map(str::to_owned), amount: sum })
}

// The requester itself, or the service that asked for it and names it.
fn require_asker(approval: &Approval, caller: &Caller, requester: &str, action: &str) -> Result<()> {
    let named = given_id("requester", "persons", requester)?;
    let may = match caller {
        Caller::Person(principal) => {
            if named.is_some_and(|named| named != principal.person) {
                return Err(Error::violation("requester", "must be empty from a person"));
            }
            approval.requester == principal.person
        }
        Caller::Service(service) => {
            let named = named.ok_or_else(|| Error::violation("requester", "must be given by a service"))?;
            approval.asker == *service && approval.requester == named
        }
    };
    if may { Ok(()) } else { Err(Error::new(Reason::PermissionDenied).with("action", action)) }
}
