//! CreateDelegation.

use dossier_authority::{Base, Principal, feed};
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::time::{kept_from_proto, micros};
use dossier_kernel::{mutate, name};
use dossier_proto::access::v1 as pb;
use dossier_regime::{Action, Pack};
use uuid::Uuid;

use super::{changed, found, message};
use crate::domain::delegation::Delegation;
use crate::domain::roll::Letter;
use crate::rpc::enter::{check_reason, given, no_person};
use crate::rpc::record::{Saying, Word, record};
use crate::store;

/// Enters a letter: by the delegator, or by somebody else who is not the delegate.
///
/// # Errors
/// `PERMISSION_DENIED`, `FIELD_VIOLATION`, `PERSON_NOT_FOUND`, `WRONG_STATE`, `DELEGATION_EXCEEDS_POWER`.
pub(crate) async fn create(base: &Base, call: &Call, request: pb::CreateDelegationRequest) -> Result<pb::Delegation> {
    mutate!(base.mutations, call, request, tx => {
        let pack = base.pack(&call.org)?;
        let principal = base.principal(tx, call).await?;
        let one = wanted(&request, &principal, pack, base.providers.ids.uuid(), call.micros())?;
        require(pack, &principal, &one.letter)?;
        one.check(pack, call.micros())?;
        require_people(tx, call, &one.letter).await?;
        let delegator = store::roll::member(tx, &call.org, pack, one.letter.delegator, call.micros()).await?;
        let delegate = store::roll::member(tx, &call.org, pack, one.letter.delegate, call.micros()).await?;
        one.check_power(pack, &delegator, &delegate)?;
        store::delegation::insert(tx, &call.org, &one).await?;
        let words = [Word::reason(&request.reason)];
        let (name, request_id) = (one.name(), &request.request_id);
        let saying = Saying { action: "delegation.created", subject: &name, request_id, words: &words };
        let entry = record(base, tx, call, &principal.name(), saying, changed(&one)).await?;
        feed::apply(tx, pack, &entry).await?;
        Ok(message(&one, call.micros()))
    }, kept => {
        let kept: pb::Delegation = kept;
        let (pack, principal) = (base.pack(&call.org)?, base.principal(tx, call).await?);
        let one = found(tx, &call.org, &kept.name, |_| true).await?;
        require(pack, &principal, &one.letter).map(|()| kept)
    })
}

// Who lends his own power needs one action, who enters a letter for others another; nobody lends to himself.
fn require(pack: &Pack, principal: &Principal, letter: &Letter) -> Result<()> {
    if letter.delegator == principal.person {
        return principal
            .require(pack, Action::DelegationCreate)
            .or_else(|fault| principal.require(pack, Action::DelegationManage).map_err(|_| fault));
    }
    principal.require(pack, Action::DelegationManage)?;
    if letter.delegate == principal.person {
        return Err(Error::new(Reason::PermissionDenied).with("action", Action::DelegationManage.as_str()));
    }
    Ok(())
}

async fn require_people(tx: &mut Tx, call: &Call, letter: &Letter) -> Result<()> {
    for id in [letter.delegator, letter.delegate] {
        store::person::lookup(tx, &call.org, id).await?.ok_or_else(|| no_person(id))?.require_active()?;
    }
    Ok(())
}

// A beginning in the past means from now: no letter covers what was signed before it.
fn wanted(
    request: &pb::CreateDelegationRequest,
    principal: &Principal,
    pack: &Pack,
    id: Uuid,
    now: i64,
) -> Result<Delegation> {
    let mut faults = Vec::new();
    check_reason(&request.reason, false, &mut faults);
    Error::check(faults)?;
    let one = request.delegation.as_ref().ok_or_else(|| Error::violation("delegation", "must be given"))?;
    let person = |field: &str, text: &str| name::id(field, "persons", text);
    let delegator = given(&one.delegator).map(|text| person("delegation.delegator", text)).transpose()?;
    let from = one.valid_from.as_ref().map(|time| kept_from_proto("delegation.valid_from", time)).transpose()?;
    let until = one.valid_until.as_ref().map(|time| kept_from_proto("delegation.valid_until", time)).transpose()?;
    let until = until.ok_or_else(|| Error::violation("delegation.valid_until", "must be given"))?;
    Ok(Delegation {
        letter: Letter {
            id,
            delegator: delegator.unwrap_or(principal.person),
            delegate: person("delegation.delegate", &one.delegate)?,
            post: given(&one.post).map(str::to_owned),
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
