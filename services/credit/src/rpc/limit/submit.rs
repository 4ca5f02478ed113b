//! SubmitLimit, in the three steps of [`dossier_authority::approvals`]: note it, ask access, note that it was asked with the caller's
//! own idempotency row and the journal entry. The same call again goes on with what broke off.
//!
//! What was current when it was begun may have aged when the call is repeated. Then access alone knows whether it was
//! asked: what it has is adopted, and otherwise the submission is given up, so that the limit can be corrected.

use dossier_authority::Principal;
use dossier_authority::approvals::{self, Asked, Given, Question, Submission};
use dossier_authority::disposal;
use dossier_authority::store::file::FileCopy;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Again, Error, Missing, Reason, Result};
use dossier_kernel::etag;
use dossier_kernel::mutation;
use dossier_kernel::{mutate, name, transact, words};
use dossier_proto::credit::v1::{Limit as Message, SubmitLimitRequest};
use dossier_regime::Action;
use uuid::Uuid;

use super::{again, content, load, message, saying};
use crate::domain::limit::Limit;
use crate::rpc::LimitRpc;
use crate::rpc::enter::{customer, file_name, money, person_name, require_active};
use crate::rpc::record::record;
use crate::store;
use crate::work::submission;

/// A submission under way.
struct Begun {
    limit: Limit,
    submission: Submission,
    /// Whether it was begun by this call.
    new: bool,
    /// What access is asked; a refusal when it was begun by a call before, and what was current then is not any more.
    question: Result<Question>,
}

/// SubmitLimit.
pub(crate) async fn submit(rpc: &LimitRpc, call: &Call, request: SubmitLimitRequest) -> Result<Message> {
    if let Some(reply) = replayed(rpc, call, &request).await? {
        return Ok(reply);
    }
    if request.validate_only {
        return tried(rpc, call, &request).await;
    }
    let begun = transact!(rpc.base.db, tx => {
        let mut begun = begin(rpc, tx, call, &request).await?;
        if begun.new {
            approvals::save(&rpc.base.vault, tx, &call.org, &mut begun.submission).await?;
            store::limit::lock(tx, &call.org, &begun.limit).await?;
        }
        Ok(begun)
    })?;
    let Begun { limit, submission, question, .. } = begun;
    let asked = match question {
        Ok(question) => rpc.approvals.ask(call, &question, &submission).await?,
        Err(refusal) => {
            let found = rpc.approvals.find(call, &limit.subject(), &submission).await?;
            found.map_or(Asked::Refused(refusal), Asked::Approval)
        }
    };
    match asked {
        Asked::Approval(given) => end(rpc, call, &request, (limit.id, submission.round), given).await,
        Asked::Refused(refusal) => {
            refused(rpc, call, limit.id, submission.round).await?;
            Err(refusal)
        }
    }
}

/// The reply to the same call before.
async fn replayed(rpc: &LimitRpc, call: &Call, request: &SubmitLimitRequest) -> Result<Option<Message>> {
    if request.request_id.is_empty() {
        return Ok(None);
    }
    let mutations = &rpc.base.mutations;
    let key = mutations.key(call, &request.request_id, request.validate_only, request)?;
    let mut tx = rpc.base.db.read().await?;
    match mutations.known(&mut tx, &[&key]).await?.pop().flatten() {
        Some(reply) => again(rpc, &mut tx, call, mutation::decode(&reply?)?).await.map(Some),
        None => Ok(None),
    }
}

/// What the submission would be: everything is checked, access is asked without effect, and nothing is kept.
async fn tried(rpc: &LimitRpc, call: &Call, request: &SubmitLimitRequest) -> Result<Message> {
    let mut tx = rpc.base.db.read().await?;
    let Begun { mut limit, mut submission, question, .. } = begin(rpc, &mut tx, call, request).await?;
    tx.rollback().await?;
    rpc.approvals.whether(call, &question?, &submission).await?;
    let before = limit.approval;
    submission.asked(submission.round, Given { approval: Uuid::nil(), round: 0 });
    limit.submitted(&submission, call.now);
    (limit.approval, limit.updated_at) = (before, call.now);
    Ok(message::of(&limit, call.now))
}

async fn begin(rpc: &LimitRpc, tx: &mut Tx, call: &Call, request: &SubmitLimitRequest) -> Result<Begun> {
    let base = &rpc.base;
    let principal = base.authorise(tx, call, Action::LimitPropose).await?;
    let id = name::id("name", "limits", &request.name)?;
    words::require(&request.reason, false)?;
    if !request.validate_only {
        submission::adopt(base, tx, &call.org, id, call.now).await?;
    }
    let kept = submission::kept(base, tx, &call.org, id).await?;
    let limit = load(tx, call, principal.person, id).await?;
    etag::require(&request.etag, &etag::of(limit.version), &limit.name())?;
    limit.require_open(principal.person)?;
    // Behind it whoever announces the destruction of the file sees that a limit is asked for, or this sees the announcement.
    if !request.validate_only {
        disposal::require_open(tx, &call.org, limit.customer).await?;
    }
    let mut submission = limit.submission(kept);
    let new = submission.begin(&limit.subject(), limit.digest, &request.reason, call.now)?;
    let question = match filed(rpc, tx, call, &principal, &limit).await {
        Ok(file) => Ok(question(rpc, call, &limit, file)?),
        Err(refusal) if !new && Again::of(refusal.reason()) == Again::Decide => Err(refusal),
        Err(fault) => return Err(fault),
    };
    Ok(Begun { limit, submission, new, question })
}

fn question(rpc: &LimitRpc, call: &Call, limit: &Limit, file: FileCopy) -> Result<Question> {
    let content = &limit.content;
    let (sum, customer, until) = (content.amount.text(), file_name(limit.customer), content.valid_until);
    Ok(Question {
        subject: limit.subject(),
        matter: rpc.base.pack(&call.org)?.credit.limit_matter.clone(),
        digest: limit.digest,
        summary: format!("credit limit of {sum} for {customer} until {until}"),
        amount: Some(money(content.amount.minor, &content.amount.currency)),
        unit: file.unit,
        level: file.level,
        excluded: Vec::new(),
    })
}

/// The rules of the pack, and the forms of the stages before: an active and complete file, and a rating (C-13).
async fn filed(rpc: &LimitRpc, tx: &mut Tx, call: &Call, principal: &Principal, limit: &Limit) -> Result<FileCopy> {
    content::check(&rpc.base, call, &limit.content)?;
    let file = customer(tx, call, principal, limit.customer).await?;
    require_active(&file)?;
    if !file.complete {
        return Err(Error::new(Reason::FileIncomplete).with("file", file_name(file.id)));
    }
    let missing = |fault: Error| match fault.is_missing() {
        Some(Missing::Rating) => Error::new(Reason::RatingMissing).with("customer", file_name(file.id)),
        _ => fault,
    };
    content::require_rating(&rpc.base, tx, call, principal, limit.customer, limit.content.rating)
        .await
        .map_err(missing)?;
    Ok(file)
}

async fn end(
    rpc: &LimitRpc,
    call: &Call,
    request: &SubmitLimitRequest,
    (id, round): (Uuid, i64),
    given: Given,
) -> Result<Message> {
    let base = &rpc.base;
    mutate!(base.mutations, *call, *request, tx => {
        let gone = || Error::new(Reason::StoreInconsistent).with("table", "credit_limit");
        let found = submission::with_limit(base, tx, &call.org, id).await?;
        let (mut limit, mut submission) = found.ok_or_else(gone)?;
        // When access's journal was quicker, the entry is written and the limit may have been decided already.
        if submission.asked(round, given) && limit.submitted(&submission, call.now) {
            approvals::save(&base.vault, tx, &call.org, &mut submission).await?;
            store::limit::update(tx, &call.org, &mut limit, call.now).await?;
            let saying = saying(&limit, "limit.submitted", &request.request_id, &request.reason);
            record(base, tx, call, &person_name(limit.proposer), saying).await?;
        }
        Ok(message::of(&limit, call.now))
    }, kept => again(rpc, tx, call, kept).await)
}

async fn refused(rpc: &LimitRpc, call: &Call, id: Uuid, round: i64) -> Result<()> {
    let base = &rpc.base;
    transact!(base.db, tx => {
        let Some((_, mut submission)) = submission::with_limit(base, tx, &call.org, id).await? else { return Ok(()) };
        if submission.refused(round) {
            approvals::save(&base.vault, tx, &call.org, &mut submission).await?;
        }
        Ok(())
    })
}
