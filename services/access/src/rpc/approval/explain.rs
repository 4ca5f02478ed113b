//! ExplainApproval.

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::error::Result;
use dossier_proto::access::v1 as pb;

use super::message::message;
use crate::rpc::plan;
use crate::work::approval::event::decision;
use crate::work::approval::{ApprovalView, Closeness};
use crate::work::caller::Caller;

/// Says of each step and slot who filled it, who may, and why somebody may not.
///
/// # Errors
/// `FIELD_VIOLATION`, `RESOURCE_NOT_FOUND`.
pub(crate) async fn explain(
    base: &Base,
    call: &Call,
    request: pb::ExplainApprovalRequest,
) -> Result<pb::ExplainApprovalResponse> {
    let mut tx = base.db.read().await?;
    let caller = Caller::of(base, &mut tx, call).await?;
    let view = ApprovalView::of(base, &mut tx, call, &caller, &request.name, Closeness::Sees).await?;
    let approval = &view.approval;
    let feasibility = approval.feasibility(&view.case());
    let signed = |id| approval.decisions.iter().find(|one| one.id == id).map(decision);
    let steps = plan::steps(&approval.plan, &feasibility, signed);
    Ok(pb::ExplainApprovalResponse { approval: Some(message(approval)), steps, reachable: feasibility.reachable })
}
