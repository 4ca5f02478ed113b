//! RevokeDelegation.

use dossier_authority::{Base, Principal};
use dossier_kernel::call::Call;
use dossier_kernel::error::Result;
use dossier_kernel::etag;
use dossier_kernel::{mutate, words};
use dossier_proto::access::v1 as pb;
use dossier_regime::{Action, Pack};

use super::{found, message};
use crate::domain::directory_snapshot::DelegationTerms;
use crate::work;
use crate::work::record::Asked;

/// Ends a letter at once: by one of its parties, or by whoever manages letters.
///
/// # Errors
/// `FIELD_VIOLATION`, `RESOURCE_NOT_FOUND`, `PERMISSION_DENIED`, `ETAG_STALE`, `WRONG_STATE`.
pub(crate) async fn revoke(base: &Base, call: &Call, request: pb::RevokeDelegationRequest) -> Result<pb::Delegation> {
    mutate!(base.mutations, call, request, tx => {
        let pack = base.pack(&call.org)?;
        let principal = base.principal(tx, call).await?;
        words::require(&request.reason, true)?;
        let all = principal.can(pack, Action::DirectoryRead) || principal.can(pack, Action::DelegationManage);
        let mut one = found(tx, &call.org, &request.name, |party| all || party == principal.person).await?;
        require(pack, &principal, &one.terms)?;
        etag::require(&request.etag, &etag::of(one.version), &request.name)?;
        one.revoke(principal.person, call.micros())?;
        let actor = principal.name();
        let asked = Asked { base, call, actor: &actor, request_id: &request.request_id, reason: &request.reason };
        work::delegation::revoke(asked, tx, &mut one).await?;
        Ok(message(&one, call.micros()))
    }, kept => {
        let (pack, principal) = (base.pack(&call.org)?, base.principal(tx, call).await?);
        let all = principal.can(pack, Action::DirectoryRead) || principal.can(pack, Action::DelegationManage);
        let one = found(tx, &call.org, &request.name, |party| all || party == principal.person).await?;
        require(pack, &principal, &one.terms).map(|()| kept)
    })
}

fn require(pack: &Pack, principal: &Principal, delegation: &DelegationTerms) -> Result<()> {
    if [delegation.delegator, delegation.delegate].contains(&principal.person) {
        return Ok(());
    }
    principal.require(pack, Action::DelegationManage)
}
