//! GetApproval.

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::error::Result;
use dossier_proto::access::v1 as pb;

use super::message::message;
use crate::work::approval::{ApprovalView, Closeness};
use crate::work::caller::Caller;

/// Answers one approval with its signatures.
///
/// # Errors
/// `FIELD_VIOLATION`, `RESOURCE_NOT_FOUND`.
pub(crate) async fn get(base: &Base, call: &Call, request: pb::GetApprovalRequest) -> Result<pb::Approval> {
    let mut tx = base.db.read().await?;
    let caller = Caller::of(base, &mut tx, call).await?;
    let view = ApprovalView::of(base, &mut tx, call, &caller, &request.name, Closeness::Sees).await?;
    Ok(message(&view.approval))
}
