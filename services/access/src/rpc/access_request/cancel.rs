//! CancelAccessRequest.

use dossier_authority::{Base, Principal};
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::etag;
use dossier_kernel::{mutate, name, words};
use dossier_proto::access::v1 as pb;

use super::read::sees;
use super::{message, no_request};
use crate::domain::access_request::AccessRequest;
use crate::store::access_request;
use crate::work;
use crate::work::record::Asked;

/// Takes an open request back, and its approval with it.
///
/// # Errors
/// `FIELD_VIOLATION`, `RESOURCE_NOT_FOUND`, `PERMISSION_DENIED`, `ETAG_STALE`, `WRONG_STATE`.
pub(crate) async fn cancel(
    base: &Base,
    call: &Call,
    request: pb::CancelAccessRequestRequest,
) -> Result<pb::AccessRequest> {
    mutate!(base.mutations, call, request, tx => {
        let principal = base.principal(tx, call).await?;
        words::require(&request.reason, false)?;
        let id = name::id("name", "accessRequests", &request.name)?;
        let found = access_request::lookup(tx, &call.org, id).await?;
        let mut asked = found.ok_or_else(|| no_request(&request.name))?;
        require_requester(base, tx, call, &principal, &asked).await?;
        etag::require(&request.etag, &etag::of(asked.version), &request.name)?;
        let actor = principal.name();
        let taken = Asked { base, call, actor: &actor, request_id: &request.request_id, reason: &request.reason };
        work::access_request::cancel(taken, tx, &mut asked).await?;
        Ok(message(&asked))
    }, kept => {
        let principal = base.principal(tx, call).await?;
        let id = name::id("name", "accessRequests", &request.name)?;
        let asked = access_request::lookup(tx, &call.org, id).await?.ok_or_else(|| no_request(&request.name))?;
        require_requester(base, tx, call, &principal, &asked).await.map(|()| kept)
    })
}

async fn require_requester(
    base: &Base,
    tx: &mut Tx,
    call: &Call,
    principal: &Principal,
    asked: &AccessRequest,
) -> Result<()> {
    if asked.requester == principal.person {
        return Ok(());
    }
    let seen = sees(base, tx, call, principal, asked).await?;
    Err(if seen { Error::new(Reason::PermissionDenied) } else { no_request(&asked.name()) })
}
