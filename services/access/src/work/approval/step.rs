//! The steps of an approval: signed, put again, taken back. Each gives what the approval is about; the caller lets that follow.

use dossier_authority::{Base, feed};
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Missing, Result};
use dossier_kernel::name;
use uuid::Uuid;

use super::ask::require_reachable;
use super::event::changed;
use super::view::ApprovalView;
use crate::domain::approval::{About, Approval, Ballot, Correction};
use crate::store;
use crate::work::record::{Asked, Saying, Word, record};

/// Signs, in the name of `actor`.
///
/// # Errors
/// As [`Approval::sign`]; `CONFLICT_RETRY`, `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub(crate) async fn sign(
    base: &Base,
    tx: &mut Tx,
    call: &Call,
    view: &mut ApprovalView,
    ballot: Ballot,
    (actor, saying): (&str, Saying<'_>),
) -> Result<About> {
    let mut approval = view.approval.clone();
    approval.sign(&view.case(), ballot)?;
    view.approval = approval;
    save(base, tx, call, actor, &mut view.approval, saying).await?;
    store::decision::append(tx, &call.org, &view.approval).await?;
    Ok(view.approval.about())
}

/// Puts a returned matter before its approvers again, from the first step, in the next round.
///
/// # Errors
/// `WRONG_STATE`, `APPROVAL_UNREACHABLE`, `CONFLICT_RETRY`, `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub(crate) async fn resubmit(
    base: &Base,
    tx: &mut Tx,
    call: &Call,
    view: &mut ApprovalView,
    correction: Correction,
    asked: Asked<'_>,
) -> Result<About> {
    view.approval.resubmit(correction, call.micros())?;
    require_reachable(&view.approval.feasibility(&view.case()), &view.approval.matter)?;
    say(base, tx, call, "approval.resubmitted", &mut view.approval, asked).await
}

/// Takes a matter back.
///
/// # Errors
/// `WRONG_STATE` when it is final, `CONFLICT_RETRY`, `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub(crate) async fn withdraw(
    base: &Base,
    tx: &mut Tx,
    call: &Call,
    approval: &mut Approval,
    asked: Asked<'_>,
) -> Result<About> {
    approval.withdraw(call.micros())?;
    say(base, tx, call, "approval.withdrawn", approval, asked).await
}

/// Takes back the approval of a subject that this service itself ends, in the transaction that ends it; nobody is told
/// besides the journal.
///
/// # Errors
/// `RESOURCE_NOT_FOUND`, `WRONG_STATE` when it is final.
pub(crate) async fn take_back(base: &Base, tx: &mut Tx, call: &Call, approval: Uuid, asked: Asked<'_>) -> Result<()> {
    let missing = || Error::missing(Missing::Approval, name::name("approvals", approval));
    let mut approval = store::approval::lookup(tx, &call.org, approval).await?.ok_or_else(missing)?;
    // What it is about ends by itself: nothing has to follow.
    withdraw(base, tx, call, &mut approval, asked).await.map(drop)
}

async fn say(
    base: &Base,
    tx: &mut Tx,
    call: &Call,
    action: &'static str,
    approval: &mut Approval,
    asked: Asked<'_>,
) -> Result<About> {
    let (name, words) = (approval.name(), [Word::reason(asked.reason)]);
    let saying = Saying { action, subject: &name, request_id: asked.request_id, words: &words };
    save(base, tx, call, asked.actor, approval, saying).await?;
    Ok(approval.about())
}

// Writes where an approval stands now and journals it.
async fn save(
    base: &Base,
    tx: &mut Tx,
    call: &Call,
    actor: &str,
    approval: &mut Approval,
    saying: Saying<'_>,
) -> Result<()> {
    store::approval::update(tx, &call.org, approval).await?;
    let entry = record(base, tx, call, actor, saying, changed(approval)).await?;
    // What was given can be used here as in the other services.
    feed::apply(tx, base.pack(&call.org)?, &entry).await
}
