//! The steps of an approval: signed, put again, taken back. Each gives what the approval is about; the caller lets that follow.

use dossier_authority::feed;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Missing, Result};
use dossier_kernel::name;
use uuid::Uuid;

use super::ask::require_reachable;
use super::event::changed;
use super::view::ApprovalView;
use crate::domain::approval::{About, Approval, Ballot, Correction};
use crate::domain::decision::Verdict;
use crate::store;
use crate::work::record::{Asked, Saying, Word, record};

/// Signs; the reason is what the signer says to it.
///
/// # Errors
/// As [`Approval::sign`]; `CONFLICT_RETRY`, `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub(crate) async fn sign(asked: Asked<'_>, tx: &mut Tx, view: &mut ApprovalView, ballot: Ballot) -> Result<About> {
    let action = match ballot.verdict {
        Verdict::Approve => "approval.signed",
        Verdict::Reject => "approval.rejected",
        Verdict::Return => "approval.returned",
    };
    let mut approval = view.approval.clone();
    approval.sign(&view.case(), ballot)?;
    view.approval = approval;
    let comment = Word { field: "comment", text: asked.reason, keep: false };
    let about = save(asked, tx, action, comment, &mut view.approval).await?;
    store::decision::append(tx, &asked.call.org, &view.approval).await?;
    Ok(about)
}

/// Puts a returned matter before its approvers again, from the first step, in the next round.
///
/// # Errors
/// `WRONG_STATE`, `APPROVAL_UNREACHABLE`, `CONFLICT_RETRY`, `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub(crate) async fn resubmit(
    asked: Asked<'_>,
    tx: &mut Tx,
    view: &mut ApprovalView,
    correction: Correction,
) -> Result<About> {
    view.approval.resubmit(correction, asked.call.micros())?;
    require_reachable(&view.approval.feasibility(&view.case()), &view.approval.matter)?;
    save(asked, tx, "approval.resubmitted", Word::reason(asked.reason), &mut view.approval).await
}

/// Takes a matter back.
///
/// # Errors
/// `WRONG_STATE` when it is final, `CONFLICT_RETRY`, `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub(crate) async fn withdraw(asked: Asked<'_>, tx: &mut Tx, approval: &mut Approval) -> Result<About> {
    approval.withdraw(asked.call.micros())?;
    save(asked, tx, "approval.withdrawn", Word::reason(asked.reason), approval).await
}

/// Takes back the approval of a subject that this service itself ends, in the transaction that ends it; nobody is told
/// besides the journal.
///
/// # Errors
/// `RESOURCE_NOT_FOUND`, `WRONG_STATE` when it is final.
pub(crate) async fn take_back(asked: Asked<'_>, tx: &mut Tx, approval: Uuid) -> Result<()> {
    let missing = || Error::missing(Missing::Approval, name::name("approvals", approval));
    let mut approval = store::approval::lookup(tx, &asked.call.org, approval).await?.ok_or_else(missing)?;
    // What it is about ends by itself: nothing has to follow.
    withdraw(asked, tx, &mut approval).await.map(drop)
}

// Writes where an approval stands now and journals it.
async fn save(
    asked: Asked<'_>,
    tx: &mut Tx,
    action: &'static str,
    word: Word<'_>,
    approval: &mut Approval,
) -> Result<About> {
    let Asked { base, call, actor, request_id, .. } = asked;
    store::approval::update(tx, &call.org, approval).await?;
    let saying = Saying { action, subject: &approval.name(), request_id, words: &[word] };
    let entry = record(base, tx, call, actor, saying, changed(approval)).await?;
    // What was given can be used here as in the other services.
    feed::apply(tx, base.pack(&call.org)?, &entry).await?;
    Ok(approval.about())
}
