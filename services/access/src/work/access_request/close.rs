//! A file that rises above the level a request was asked at closes it.

use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::time::from_micros;

use super::event::{action, changed};
use crate::domain::access_request::AccessRequest;
use crate::store::access_request;
use crate::work::approval;
use crate::work::cause::Cause;
use crate::work::record::Asked;

/// Refuses those of a file's open `requests` that were asked at a level below `level`, and takes their approvals back.
///
/// # Errors
/// `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub(crate) async fn close_above(
    cause: &Cause<'_>,
    tx: &mut Tx,
    requests: Vec<AccessRequest>,
    level: &str,
) -> Result<()> {
    let pack = cause.base.pack(cause.org)?;
    let closed = pack.level(level).is_none_or(|level| level.closed);
    for mut request in requests {
        if !closed && pack.rank(level) <= pack.rank(&request.level) {
            continue;
        }
        if let Some(approval) = request.approval {
            let (actor, call) = (format!("services/{}", cause.base.service), work(cause));
            let asked = Asked { base: cause.base, call: &call, actor: &actor, request_id: "", reason: "" };
            approval::take_back(asked, tx, approval).await?;
        }
        request.close(cause.now);
        access_request::update(tx, cause.org, &mut request, cause.now).await?;
        cause.record(tx, action(&request), &request.name(), &[], changed(&request)).await?;
    }
    Ok(())
}

// No call started this; the service itself is at work.
fn work(cause: &Cause<'_>) -> Call {
    Call::of_service(cause.org, cause.base.service, "dossier.access.v1.AccessService/work", from_micros(cause.now))
}
