//! CreateDelegation.

use dossier_authority::{Base, Principal};
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::time::{kept_from_proto, micros};
use dossier_kernel::{mutate, name, words};
use dossier_proto::access::v1 as pb;
use dossier_regime::{Action, Pack};
use uuid::Uuid;

use super::{found, message};
use crate::domain::act::Act;
use crate::domain::delegation::Delegation;
use crate::domain::directory_snapshot::DelegationTerms;
use crate::rpc::enter;
use crate::work;
use crate::work::act::approved;
use crate::work::delegation::require_power;
use crate::work::record::Asked;

/// Enters a letter: by the delegator, or by somebody else who is not the delegate.
///
/// # Errors
/// `PERMISSION_DENIED`, `FIELD_VIOLATION`, `RESOURCE_NOT_FOUND`, `WRONG_STATE`, `DELEGATION_EXCEEDS_POWER`,
/// `APPROVAL_MISSING`.
pub(crate) async fn create(base: &Base, call: &Call, request: pb::CreateDelegationRequest) -> Result<pb::Delegation> {
    mutate!(base.mutations, call, request, tx => {
        let pack = base.pack(&call.org)?;
        let principal = base.principal(tx, call).await?;
        words::require(&request.reason, false)?;
        let id = base.providers.ids.uuid();
        let one = asked(base, tx, call, &principal, request.delegation.as_ref(), id).await?;
        // A voice where two decide, or that decides acts, is lent on an approval of exactly this letter.
        let wanted = act(&one, request.delegation.as_ref())?;
        let approval = approved(tx, call, pack, &principal, &wanted, (&request.approval, &one.name())).await?;
        let actor = principal.name();
        let asked = Asked { base, call, actor: &actor, request_id: &request.request_id, reason: &request.reason };
        work::delegation::create(asked, tx, &one, approval).await?;
        Ok(message(&one, call.micros()))
    }, kept => {
        let kept: pb::Delegation = kept;
        let (pack, principal) = (base.pack(&call.org)?, base.principal(tx, call).await?);
        let one = found(tx, &call.org, &kept.name, |_| true).await?;
        require(pack, &principal, &one.terms).map(|()| kept)
    })
}

/// The letter that is asked for, as far as it may be entered by the caller.
///
/// # Errors
/// As [`create`], but for the approval.
pub(crate) async fn asked(
    base: &Base,
    tx: &mut Tx,
    call: &Call,
    principal: &Principal,
    given: Option<&pb::Delegation>,
    id: Uuid,
) -> Result<Delegation> {
    let pack = base.pack(&call.org)?;
    let one = read(given, principal, pack, id, call.micros())?;
    require(pack, principal, &one.terms)?;
    require_power(base, tx, call, &one).await?;
    Ok(one)
}

/// The act that a letter is entered by: with the beginning that was said, because the one that counts moves with the call.
///
/// # Errors
/// `FIELD_VIOLATION` of a time.
pub(crate) fn act(one: &Delegation, given: Option<&pb::Delegation>) -> Result<Act> {
    let from = given.and_then(|given| given.valid_from.as_ref());
    let from = from.map(|time| kept_from_proto("delegation.valid_from", time).map(micros)).transpose()?;
    Ok(Act::Delegation {
        delegator: one.terms.delegator,
        delegate: one.terms.delegate,
        post: one.terms.post.clone().unwrap_or_default(),
        matters: one.terms.matters.clone(),
        level: one.max_level.clone(),
        from,
        until: one.terms.valid_until,
        reference: one.reference.clone(),
    })
}

// Who lends their own power needs one action, who enters a letter for others another; nobody lends to themselves.
fn require(pack: &Pack, principal: &Principal, delegation: &DelegationTerms) -> Result<()> {
    if delegation.delegator == principal.person {
        return principal
            .require(pack, Action::DelegationCreate)
            .or_else(|fault| principal.require(pack, Action::DelegationManage).map_err(|_| fault));
    }
    principal.require(pack, Action::DelegationManage)?;
    if delegation.delegate == principal.person {
        return Err(Error::new(Reason::PermissionDenied).with("action", Action::DelegationManage.as_str()));
    }
    Ok(())
}

// A beginning in the past means from now: no letter covers what was signed before it.
fn read(given: Option<&pb::Delegation>, principal: &Principal, pack: &Pack, id: Uuid, now: i64) -> Result<Delegation> {
    let one = given.ok_or_else(|| Error::violation("delegation", "must be given"))?;
    let person = |field: &str, text: &str| name::id(field, "persons", text);
    let delegator = enter::given(&one.delegator).map(|text| person("delegation.delegator", text)).transpose()?;
    let from = one.valid_from.as_ref().map(|time| kept_from_proto("delegation.valid_from", time)).transpose()?;
    let until = one.valid_until.as_ref().map(|time| kept_from_proto("delegation.valid_until", time)).transpose()?;
    let until = until.ok_or_else(|| Error::violation("delegation.valid_until", "must be given"))?;
    Ok(Delegation {
        terms: DelegationTerms {
            id,
            delegator: delegator.unwrap_or(principal.person),
            delegate: person("delegation.delegate", &one.delegate)?,
            post: enter::given(&one.post).map(str::to_owned),
            matters: one.matters.clone(),
            max_rank: pack.rank(&one.max_level).unwrap_or(-1),
            valid_from: from.map_or(now, micros).max(now),
            valid_until: micros(until),
            revoked_at: None,
        },
        max_level: one.max_level.clone(),
        reference: one.letter_reference.clone(),
        creator: principal.person,
        created_at: now,
        revoker: None,
        version: 1,
    })
}
