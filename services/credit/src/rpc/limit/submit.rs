//! SubmitLimit: three steps, because two services cannot share a transaction.
//!
//! 1. Note the submission. 2. Ask access, under a request id that follows from limit, round and content.
//! 3. Note that it was asked, with the caller's own idempotency row and the journal entry. A crash anywhere leaves a
//!    submission under way; the same call again goes on with it, and access's journal ends it if nobody calls again.
//!
//! What was current when it was begun may have aged when the call is repeated. Then access alone knows whether it was
//! asked: what it has is adopted, and otherwise the submission is given up, so that the limit can be corrected.

use dossier_authority::Principal;
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

use super::ask::{self, Asked};
use super::{again, content, load, message, saying};
use crate::domain::limit::{Content, Limit, Submission};
use crate::rpc::LimitRpc;
use crate::rpc::enter::{customer, file_name, require_active};
use crate::rpc::record::record;
use crate::store;

/// What access is asked about.
pub(super) struct Under {
    pub limit: Limit,
    pub submission: Submission,
    pub file: FileCopy,
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
        let begun = begin(rpc, tx, call, &request).await?;
        if let Begun::Now(under) = &begun {
            store::limit::begin(tx, &call.org, &under.limit).await?;
        }
        Ok(begun)
    })?;
    let (limit, asked) = match begun {
        Begun::Now(under) | Begun::Before(under) => {
            let asked = ask::access(rpc, call, &under).await?;
            (under.limit, asked)
        }
        Begun::Aged(limit, submission, refusal) => {
            let known = ask::known(rpc, call, &limit, &submission).await?;
            (limit, known.map_or(Asked::Refused(refusal), Asked::Approval))
        }
    };
    match asked {
        Asked::Approval(approval) => end(rpc, call, &request, &limit, approval).await,
        Asked::Refused(refusal) => {
            abandon(rpc, call, &limit).await?;
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
    let begun = begin(rpc, &mut tx, call, request).await?;
    tx.rollback().await?;
    let under = match begun {
        Begun::Now(under) | Begun::Before(under) => under,
        Begun::Aged(.., refusal) => return Err(refusal),
    };
    ask::whether(rpc, call, &under).await?;
    let mut limit = under.limit;
    let before = limit.approval;
    limit.submitted(under.submission.round, Uuid::nil(), call.now);
    limit.approval = before;
    limit.updated_at = call.now;
    Ok(message::of(&limit, call.now))
}

enum Begun {
    /// By this call.
    Now(Under),
    /// By a call before, which broke off.
    Before(Under),
    /// By a call before, and what was current then is not any more.
    Aged(Limit, Submission, Error),
}

async fn begin(rpc: &LimitRpc, tx: &mut Tx, call: &Call, request: &SubmitLimitRequest) -> Result<Begun> {
    let principal = rpc.base.authorise(tx, call, Action::LimitPropose).await?;
    let id = name::id("name", "limits", &request.name)?;
    words::require(&request.reason, false)?;
    let mut limit = load(tx, call, principal.person, id).await?;
    etag::require(&request.etag, &etag::of(limit.version), &limit.name())?;
    limit.require_open(principal.person)?;
    let fresh = limit.submission.is_none();
    let submission = limit.begin(&request.reason, call.now).clone();
    match (filed(rpc, tx, call, &principal, &limit, &submission.content).await, fresh) {
        (Ok(file), true) => Ok(Begun::Now(Under { limit, submission, file })),
        (Ok(file), false) => Ok(Begun::Before(Under { limit, submission, file })),
        (Err(refusal), false) if Again::of(refusal.reason()) == Again::Decide => {
            Ok(Begun::Aged(limit, submission, refusal))
        }
        (Err(fault), _) => Err(fault),
    }
}

/// The rules of the pack, and the forms of the stages before: an active and complete file, and a rating (C-13).
async fn filed(
    rpc: &LimitRpc,
    tx: &mut Tx,
    call: &Call,
    principal: &Principal,
    limit: &Limit,
    content: &Content,
) -> Result<FileCopy> {
    content::check(&rpc.base, call, content)?;
    let file = customer(tx, call, principal, limit.customer).await?;
    require_active(&file)?;
    if !file.complete {
        return Err(Error::new(Reason::FileIncomplete).with("file", file_name(file.id)));
    }
    let missing = |fault: Error| match fault.is_missing() {
        Some(Missing::Rating) => Error::new(Reason::RatingMissing).with("customer", file_name(file.id)),
        _ => fault,
    };
    content::require_rating(&rpc.base, tx, call, principal, limit.customer, content.rating).await.map_err(missing)?;
    Ok(file)
}

async fn end(
    rpc: &LimitRpc,
    call: &Call,
    request: &SubmitLimitRequest,
    begun: &Limit,
    approval: Uuid,
) -> Result<Message> {
    let base = &rpc.base;
    mutate!(base.mutations, *call, *request, tx => {
        let gone = || Error::new(Reason::StoreInconsistent).with("table", "credit_limit");
        let mut limit = store::limit::lookup(tx, &call.org, begun.id).await?.ok_or_else(gone)?;
        // When access's journal was quicker, the entry is written and the limit may have been decided already.
        if limit.submitted(begun.round + 1, approval, call.now) {
            store::limit::update(tx, &call.org, &mut limit, call.now).await?;
            let actor = crate::rpc::enter::person_name(limit.proposer);
            let saying = saying(&limit, "limit.submitted", &request.request_id, &request.reason);
            record(base, tx, call, &actor, saying).await?;
        }
        Ok(message::of(&limit, call.now))
    }, kept => again(rpc, tx, call, kept).await)
}

async fn abandon(rpc: &LimitRpc, call: &Call, begun: &Limit) -> Result<()> {
    transact!(rpc.base.db, tx => {
        let Some(mut limit) = store::limit::lookup(tx, &call.org, begun.id).await? else { return Ok(()) };
        if limit.abandon(begun.round + 1) {
            store::limit::give_up(tx, &call.org, &limit).await?;
        }
        Ok(())
    })
}
