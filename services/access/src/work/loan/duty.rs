//! The duty to bring an original back: it opens with the hand-out, is due at the end of the loan, and falls to the
//! borrower. What else the pack lets begin with a hand-out or an expiry lies beside it.

use dossier_authority::duty::{About, close_for, open as open_one};
use dossier_authority::store::{file, principal};
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::time::from_micros;
use dossier_proto::duty::v1::DutyState;
use dossier_regime::{Due, Pack, Scope, Trigger};
use uuid::Uuid;

use crate::domain::access_request::{AccessKind, Rule};
use crate::domain::loan::Loan;
use crate::work::cause::Cause;

/// The kind of the borrower's duty.
const RETURN: &str = "loan.return";

/// Opens what begins with a hand-out.
///
/// # Errors
/// `PACK_FAULT`, `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub(super) async fn open(cause: &Cause<'_>, tx: &mut Tx, loan: &Loan, unit: &str) -> Result<()> {
    give_back(cause, tx, loan, unit).await?;
    triggered(cause, tx, loan, unit, Trigger::LoanHandedOut, loan.out_at).await
}

/// Moves the borrower's duty to the loan's present end.
///
/// # Errors
/// As [`open`].
pub(super) async fn moved(cause: &Cause<'_>, tx: &mut Tx, loan: &Loan) -> Result<()> {
    close_for(cause.base, tx, cause.org, &[RETURN], &loan.name(), DutyState::Cancelled, None).await?;
    let unit = unit(tx, cause, loan.file).await?;
    give_back(cause, tx, loan, &unit).await
}

/// Opens what the pack demands at once when a loan has run out.
///
/// # Errors
/// As [`open`].
pub(super) async fn expired(cause: &Cause<'_>, tx: &mut Tx, loan: &Loan) -> Result<()> {
    let unit = unit(tx, cause, loan.file).await?;
    triggered(cause, tx, loan, &unit, Trigger::LoanExpired, cause.now).await
}

/// Ends every duty about a loan that is back.
///
/// # Errors
/// `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub(super) async fn close(cause: &Cause<'_>, tx: &mut Tx, loan: &Loan, by: Uuid) -> Result<()> {
    let kinds = kinds(cause.base.pack(cause.org)?);
    close_for(cause.base, tx, cause.org, &kinds, &loan.name(), DutyState::Completed, Some(by)).await
}

fn kinds(pack: &Pack) -> Vec<&str> {
    let ours = |trigger: Trigger| matches!(trigger, Trigger::LoanHandedOut | Trigger::LoanExpired);
    let triggered = pack.duties.iter().filter(|rule| ours(rule.on)).map(|rule| rule.kind.as_str());
    std::iter::once(RETURN).chain(triggered).collect()
}

async fn give_back(cause: &Cause<'_>, tx: &mut Tx, loan: &Loan, unit: &str) -> Result<()> {
    let holder = principal::lookup_person(tx, cause.org, loan.borrower, cause.now).await?;
    let post = holder.and_then(|person| person.posts.into_iter().next()).map(|held| held.post);
    let tenant = cause.base.tenant(cause.org)?;
    let longest = Rule::of(tenant.pack(), &loan.level, AccessKind::Original).map(|rule| rule.longest());
    let due = Due {
        window: 0,
        at: from_micros(loan.due_at),
        role: post.unwrap_or_default(),
        scope: Scope::Org,
        kind: RETURN.to_owned(),
        label: "归还借出档案".to_owned(),
        calendar_version: tenant.calendar().version(),
        provisional: longest.is_ok_and(|term| tenant.is_provisional(term, from_micros(loan.due_at))),
        requirements: vec!["A-30".to_owned()],
    };
    let (subject, file) = (loan.name(), Some(loan.file));
    let about = About { subject: &subject, file, unit, assignee: Some(loan.borrower) };
    open_one(cause.base, tx, cause.org, &due, &about).await
}

async fn triggered(cause: &Cause<'_>, tx: &mut Tx, loan: &Loan, unit: &str, trigger: Trigger, at: i64) -> Result<()> {
    let tenant = cause.base.tenant(cause.org)?;
    let beyond = |_| Error::new(Reason::PackFault).with("place", &tenant.pack().id);
    let dues = tenant.due(trigger, from_micros(at)).map_err(beyond)?;
    let subject = loan.name();
    let about = About { subject: &subject, file: Some(loan.file), unit, assignee: None };
    for due in &dues {
        open_one(cause.base, tx, cause.org, due, &about).await?;
    }
    Ok(())
}

async fn unit(tx: &mut Tx, cause: &Cause<'_>, file: Uuid) -> Result<String> {
    Ok(file::lookup(tx, cause.org, file).await?.map(|file| file.unit).unwrap_or_default())
}
