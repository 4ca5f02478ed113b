//! CancelAccessRequest.

use dossier_authority::{Base, Principal};
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::etag;
use dossier_kernel::{mutate, name, words};
use dossier_proto::access::v1 as pb;

use super::read::sees;
use super::settle::action;
use super::{changed, message, no_request};
use crate::domain::access_request::{AccessRequest, Outcome};
use crate::rpc::approval::{self, Asked};
use crate::rpc::grant::Cause;
use crate::rpc::record::Word;
use crate::store::access_request;

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
        asked.require_open()?;
        let actor = principal.name();
        if let Some(approval) = asked.approval {
            let taken = Asked { actor: &actor, request_id: &request.request_id, reason: &request.reason };
            approval::take_back(base, tx, call, approval, taken).await?;
        }
        asked.follow(Outcome::Withdrawn, asked.id, call.micros());
        access_request::update(tx, &call.org, &mut asked, call.micros()).await?;
        let cause = Cause::of(call, &actor, &request.request_id);
        let words = [Word::reason(&request.reason)];
        cause.record(base, tx, action(&asked), &request.name, &words, changed(&asked)).await?;
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
