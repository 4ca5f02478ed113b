//! CreateApproval.

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Result};
use dossier_kernel::{money, mutate, name, words};
use dossier_proto::access::v1 as pb;
use dossier_proto::types::Money;
use dossier_regime::Action;
use uuid::Uuid;

use super::deed;
use super::message::message;
use crate::domain::approval::Amount;
use crate::rpc::enter::given_id;
use crate::store;
use crate::work::approval::{ApprovalView, Closeness, Question, ask};
use crate::work::caller::Caller;
use crate::work::person::no_person;
use crate::work::record::Asked;

/// Puts a matter before its approvers: by a service for a person, or by a person for itself.
///
/// # Errors
/// `PERMISSION_DENIED`, `FIELD_VIOLATION`, `RESOURCE_NOT_FOUND`, `WRONG_STATE`, and as [`ask`] and [`deed::question`].
pub(crate) async fn create(base: &Base, call: &Call, request: pb::CreateApprovalRequest) -> Result<pb::Approval> {
    mutate!(base.mutations, call, request, tx => {
        let caller = Caller::of(base, tx, call).await?;
        let act = request.approval.as_ref().and_then(|approval| approval.act.as_ref());
        let question = match (act, &caller) {
            (Some(act), Caller::Person(principal)) => deed::question(base, tx, call, principal, &request, act).await?,
            (Some(_), Caller::Service(_)) => return Err(Error::violation("approval.act", "is asked for by a person")),
            (None, Caller::Person(principal)) => {
                principal.require(base.pack(&call.org)?, Action::ApprovalCreate)?;
                question(&request, &caller)?
            }
            (None, Caller::Service(_)) => question(&request, &caller)?,
        };
        question.check(base.pack(&call.org)?)?;
        require_people(tx, call, &question).await?;
        let actor = caller.actor();
        let asked = Asked { base, call, actor: &actor, request_id: &request.request_id, reason: &request.reason };
        let approval = ask(asked, tx, question).await?;
        Ok(message(&approval))
    }, kept => {
        let kept: pb::Approval = kept;
        let caller = Caller::of(base, tx, call).await?;
        // Who asked for an act needs no action but that of the act, and takes part in its approval.
        if let (Caller::Person(principal), None) = (&caller, &kept.act) {
            principal.require(base.pack(&call.org)?, Action::ApprovalCreate)?;
        }
        ApprovalView::of(base, tx, call, &caller, &kept.name, Closeness::Sees).await.map(|_| kept)
    })
}

fn question(request: &pb::CreateApprovalRequest, caller: &Caller) -> Result<Question> {
    words::require(&request.reason, false)?;
    let one = request.approval.as_ref().ok_or_else(|| Error::violation("approval", "must be given"))?;
    let excluded = one.excluded_persons.iter().map(|text| name::id("approval.excluded_persons", "persons", text));
    let (requester, asker) = requester(caller, &one.requester)?;
    Ok(Question {
        matter: one.matter.clone(),
        subject: one.subject.clone(),
        file: given_id("approval.file", "files", &one.file)?,
        act: None,
        unit: one.unit.clone(),
        level: one.level.clone(),
        amount: one.amount.as_ref().map(|sum| amount("approval.amount", sum)).transpose()?,
        digest: one.content_digest.clone(),
        summary: one.summary.clone(),
        requester,
        asker,
        excluded: excluded.collect::<Result<_>>()?,
    })
}

fn requester(caller: &Caller, text: &str) -> Result<(Uuid, String)> {
    let named = given_id("approval.requester", "persons", text)?;
    match (caller, named) {
        (Caller::Person(principal), None) => Ok((principal.person, String::new())),
        (Caller::Person(principal), Some(named)) if named == principal.person => Ok((named, String::new())),
        (Caller::Person(_), Some(_)) => Err(Error::violation("approval.requester", "must be the caller")),
        (Caller::Service(service), Some(named)) => Ok((named, service.clone())),
        (Caller::Service(_), None) => Err(Error::violation("approval.requester", "must be given by a service")),
    }
}

async fn require_people(tx: &mut Tx, call: &Call, question: &Question) -> Result<()> {
    let requester = store::person::lookup(tx, &call.org, question.requester).await?;
    requester.ok_or_else(|| no_person(question.requester))?.require_active()?;
    for &id in &question.excluded {
        store::person::lookup(tx, &call.org, id).await?.ok_or_else(|| no_person(id))?;
    }
    Ok(())
}

/// A sum of the contract, within its limits.
///
/// # Errors
/// `FIELD_VIOLATION`.
pub(super) fn amount(field: &str, sum: &Money) -> Result<Amount> {
    money::require(field, sum.minor_units, &sum.currency_code)?;
    Ok(Amount { minor_units: sum.minor_units, currency: sum.currency_code.clone() })
}
