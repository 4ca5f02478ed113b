//! CreateDelegation.

use dossier_authority::act::{Spending, unneeded};
use dossier_authority::{Base, Principal, feed};
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::time::{kept_from_proto, micros};
use dossier_kernel::{mutate, name, words};
use dossier_proto::access::v1 as pb;
use dossier_regime::{Action, Pack};
use uuid::Uuid;

use super::{changed, found, message};
use crate::domain::delegation::Delegation;
use crate::domain::directory_snapshot::DelegationTerms;
use crate::rpc::approval::deed;
use crate::rpc::enter::{self, no_person};
use crate::rpc::record::{Saying, Word, record};
use crate::store;

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
        let approval = approved(tx, call, pack, &principal, &request, &one).await?;
        store::delegation::insert(tx, &call.org, &one).await?;
        let reference = Word { field: "letter_reference", text: &one.reference, keep: false };
        let words = [Word::reason(&request.reason), reference];
        let (name, request_id) = (one.name(), &request.request_id);
        let saying = Saying { action: "delegation.created", subject: &name, request_id, words: &words };
        let entry = record(base, tx, call, &principal.name(), saying, changed(&one, approval)).await?;
        feed::apply(tx, pack, &entry).await?;
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
    one.check(pack, call.micros())?;
    require_people(tx, call, &one.terms).await?;
    let delegator = store::directory_snapshot::member(tx, &call.org, pack, one.terms.delegator, call.micros()).await?;
    let delegate = store::directory_snapshot::member(tx, &call.org, pack, one.terms.delegate, call.micros()).await?;
    one.check_power(pack, &delegator, &delegate)?;
    Ok(one)
}

// A voice where two decide, or that decides acts, is lent on an approval of exactly this letter.
async fn approved(
    tx: &mut Tx,
    call: &Call,
    pack: &Pack,
    principal: &Principal,
    request: &pb::CreateDelegationRequest,
    one: &Delegation,
) -> Result<String> {
    let from = request.delegation.as_ref().and_then(|given| given.valid_from.as_ref());
    let from = from.map(|time| kept_from_proto("delegation.valid_from", time).map(micros)).transpose()?;
    let act = deed::delegation(&one.terms, &one.max_level, from, &one.reference);
    let Some(rule) = act.rule(pack) else { return unneeded(&request.approval) };
    let (digest, subject, approval) = (act.digest(), one.name(), request.approval.as_str());
    Spending { act: rule, digest, approval, subject: &subject, person: principal.person, at: call.micros() }
        .spend(tx, &call.org, pack)
        .await
}

// Who lends his own power needs one action, who enters a letter for others another; nobody lends to himself.
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

async fn require_people(tx: &mut Tx, call: &Call, delegation: &DelegationTerms) -> Result<()> {
    for id in [delegation.delegator, delegation.delegate] {
        store::person::lookup(tx, &call.org, id).await?.ok_or_else(|| no_person(id))?.require_active()?;
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
