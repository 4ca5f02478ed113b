//! What a request does when its approval has moved.

use dossier_authority::store;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result};
use uuid::Uuid;

use super::event::{action, changed};
use crate::domain::access_request::{AccessRequest, Outcome};
use crate::domain::approval::{Approval, State};
use crate::store::access_request;
use crate::work::cause::Cause;
use crate::work::grant;

/// Lets the request `id` follow `approval`, which is about it, as it was saved: a yes makes the grant, in the same
/// transaction. One that only claims to decide the request is left alone.
///
/// # Errors
/// `APPROVAL_SUBJECT_CHANGED` when the approval is about another content than the request's, `JOURNAL_FAULT`,
/// `STORE_UNAVAILABLE`.
pub(crate) async fn settle(cause: &Cause<'_>, tx: &mut Tx, id: Uuid, approval: &Approval) -> Result<()> {
    let Some(mut request) = access_request::lookup(tx, cause.org, id).await? else { return Ok(()) };
    if request.approval != Some(approval.id) {
        return Ok(());
    }
    if approval.digest != request.digest() {
        return Err(Error::new(Reason::ApprovalSubjectChanged).with("approval", approval.name()));
    }
    follow(cause, tx, &mut request, outcome(approval.state)).await
}

async fn follow(cause: &Cause<'_>, tx: &mut Tx, request: &mut AccessRequest, outcome: Outcome) -> Result<()> {
    let moved = match outcome {
        // Between the question and the yes the file may have risen, and the requester may have lost the clearance.
        Outcome::Approved if !still_allowed(cause, tx, request).await? => request.close(cause.now),
        _ => request.follow(outcome, cause.base.providers.ids.uuid(), cause.now),
    };
    if !moved {
        return Ok(());
    }
    if let Some(id) = request.grant {
        grant::give(cause, tx, request, id).await?;
    }
    access_request::update(tx, cause.org, request, cause.now).await?;
    cause.record(tx, action(request), &request.name(), &[], changed(request)).await.map(drop)
}

async fn still_allowed(cause: &Cause<'_>, tx: &mut Tx, request: &AccessRequest) -> Result<bool> {
    let pack = cause.base.pack(cause.org)?;
    let file = store::file::askable(tx, cause.org, request.requester, cause.now, request.file).await?;
    Ok(file.is_some_and(|file| pack.rank(&file.level) <= pack.rank(&request.level)))
}

fn outcome(state: State) -> Outcome {
    match state {
        State::Pending => Outcome::Pending,
        State::Returned => Outcome::Returned,
        State::Approved => Outcome::Approved,
        State::Rejected => Outcome::Rejected,
        State::Withdrawn => Outcome::Withdrawn,
    }
}
