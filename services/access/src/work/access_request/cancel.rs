//! A requester takes a request back.

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;

use super::event::{action, changed};
use crate::domain::access_request::{AccessRequest, Outcome};
use crate::store::access_request;
use crate::work::approval;
use crate::work::cause::Cause;
use crate::work::record::{Asked, Word};

/// Takes an open request back, and its approval with it.
///
/// # Errors
/// `WRONG_STATE`, `CONFLICT_RETRY`, `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub(crate) async fn cancel(
    base: &Base,
    tx: &mut Tx,
    call: &Call,
    request: &mut AccessRequest,
    asked: Asked<'_>,
) -> Result<()> {
    request.require_open()?;
    if let Some(approval) = request.approval {
        approval::take_back(base, tx, call, approval, asked).await?;
    }
    request.follow(Outcome::Withdrawn, request.id, call.micros());
    access_request::update(tx, &call.org, request, call.micros()).await?;
    let cause = Cause::of(call, asked.actor, asked.request_id);
    let words = [Word::reason(asked.reason)];
    cause.record(base, tx, action(request), &request.name(), &words, changed(request)).await.map(drop)
}
