//! A requester takes a request back.

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
pub(crate) async fn cancel(asked: Asked<'_>, tx: &mut Tx, request: &mut AccessRequest) -> Result<()> {
    request.require_open()?;
    if let Some(approval) = request.approval {
        approval::take_back(asked, tx, approval).await?;
    }
    request.follow(Outcome::Withdrawn, request.id, asked.call.micros());
    access_request::update(tx, &asked.call.org, request, asked.call.micros()).await?;
    let cause = Cause::by(asked);
    let words = [Word::reason(asked.reason)];
    cause.record(tx, action(request), &request.name(), &words, changed(request)).await.map(drop)
}
