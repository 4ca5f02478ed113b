//! RevokeGrant and CompleteGrant: durable at once, and no later read succeeds (I5).

use dossier_authority::{Base, Principal};
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::etag;
use dossier_kernel::{mutate, name, words};
use dossier_proto::access::v1 as pb;
use dossier_regime::Action;
use uuid::Uuid;

use super::message;
use super::read::sees;
use crate::domain::decision::Verdict;
use crate::domain::grant::Grant;
use crate::store;
use crate::work::cause::Cause;
use crate::work::ending::{revoke as take_back, wake};
use crate::work::grant::{self, no_grant};
use crate::work::record::Word;

/// Takes a grant back, and recalls the loan that runs on it.
///
/// # Errors
/// `RESOURCE_NOT_FOUND`, `PERMISSION_DENIED`, `FIELD_VIOLATION`, `ETAG_STALE`, `WRONG_STATE`.
pub(crate) async fn revoke(base: &Base, call: &Call, request: pb::RevokeGrantRequest) -> Result<pb::Grant> {
    let revoked = mutate!(base.mutations, call, request, tx => {
        let principal = base.principal(tx, call).await?;
        let id = check(&request.name, &request.reason, true)?;
        let mut grant = store::grant::lookup(tx, &call.org, id).await?.ok_or_else(|| no_grant(&request.name))?;
        require_revoker(base, tx, call, &principal, &grant).await?;
        etag::require(&request.etag, &etag::of(grant.version), &request.name)?;
        let actor = principal.name();
        let cause = Cause::of(base, call, &actor, &request.request_id);
        let words = [Word::reason(&request.reason)];
        take_back(&cause, tx, Some(principal.person), &words, &mut grant).await?;
        Ok(message(base.tenant(&call.org)?, &grant, call.micros()))
    }, kept => {
        let (principal, grant) = named(base, tx, call, &request.name).await?;
        require_revoker(base, tx, call, &principal, &grant).await.map(|()| kept)
    })?;
    if !request.validate_only {
        wake(base, &call.org, &revoked.name).await;
    }
    Ok(revoked)
}

/// Ends a grant because its purpose is fulfilled.
///
/// # Errors
/// `RESOURCE_NOT_FOUND`, `PERMISSION_DENIED`, `FIELD_VIOLATION`, `ETAG_STALE`, `WRONG_STATE`.
pub(crate) async fn complete(base: &Base, call: &Call, request: pb::CompleteGrantRequest) -> Result<pb::Grant> {
    mutate!(base.mutations, call, request, tx => {
        let principal = base.principal(tx, call).await?;
        let id = check(&request.name, &request.reason, false)?;
        let mut grant = store::grant::lookup(tx, &call.org, id).await?.ok_or_else(|| no_grant(&request.name))?;
        require_holder(base, tx, call, &principal, &grant).await?;
        etag::require(&request.etag, &etag::of(grant.version), &request.name)?;
        let actor = principal.name();
        let cause = Cause::of(base, call, &actor, &request.request_id);
        grant::complete(&cause, tx, &[Word::reason(&request.reason)], &mut grant).await?;
        Ok(message(base.tenant(&call.org)?, &grant, call.micros()))
    }, kept => {
        let (principal, grant) = named(base, tx, call, &request.name).await?;
        require_holder(base, tx, call, &principal, &grant).await.map(|()| kept)
    })
}

async fn named(base: &Base, tx: &mut Tx, call: &Call, resource: &str) -> Result<(Principal, Grant)> {
    let principal = base.principal(tx, call).await?;
    let id = name::id("name", "grants", resource)?;
    let grant = store::grant::lookup(tx, &call.org, id).await?.ok_or_else(|| no_grant(resource))?;
    Ok((principal, grant))
}

async fn require_holder(base: &Base, tx: &mut Tx, call: &Call, principal: &Principal, grant: &Grant) -> Result<()> {
    if grant.holder == principal.person {
        return Ok(());
    }
    let seen = sees(base, tx, call, principal, grant).await?;
    Err(if seen { Error::new(Reason::PermissionDenied) } else { no_grant(&grant.name()) })
}

// Who may: action `grant.revoke` as far as the clearance reaches, and whoever signed for it.
async fn require_revoker(base: &Base, tx: &mut Tx, call: &Call, principal: &Principal, grant: &Grant) -> Result<()> {
    let pack = base.pack(&call.org)?;
    if signed(tx, call, grant, principal.person).await? {
        return Ok(());
    }
    let cleared = store::grant::cleared(tx, &call.org, principal.person, call.micros(), grant.id).await?;
    if cleared && principal.can(pack, Action::GrantRevoke) {
        return Ok(());
    }
    if sees(base, tx, call, principal, grant).await? {
        return Err(Error::new(Reason::PermissionDenied).with("action", Action::GrantRevoke.as_str()));
    }
    Err(no_grant(&grant.name()))
}

async fn signed(tx: &mut Tx, call: &Call, grant: &Grant, person: Uuid) -> Result<bool> {
    let Some(approval) = grant.approval else { return Ok(false) };
    let decisions = store::decision::of_approval(tx, &call.org, approval).await?;
    Ok(decisions.iter().any(|one| one.signer == person && one.verdict == Verdict::Approve))
}

fn check(resource: &str, reason: &str, required: bool) -> Result<Uuid> {
    words::require(reason, required)?;
    name::id("name", "grants", resource)
}
