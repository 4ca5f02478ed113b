//! The loan ledger: originals handed out, demanded and taken back.

mod change;
mod check_out;
mod give_back;
mod message;
mod order;
mod read;

pub(super) use change::{recall, renew};
pub(super) use check_out::check_out;
pub(super) use give_back::give_back;
pub(super) use read::{get, list, list_overdue};

use message::message;

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Missing, Reason, Result};
use dossier_kernel::name;
use dossier_proto::access::v1 as pb;
use dossier_regime::Action;

use crate::domain::loan::Loan;
use crate::store;

/// There is no such loan for this caller.
fn no_loan(loan: &str) -> Error {
    Error::missing(Missing::Loan, loan)
}

// The loan that an administrator works on, as far as their clearance reaches; a loan of their own is somebody else's work.
async fn worked_on(base: &Base, tx: &mut Tx, call: &Call, resource: &str) -> Result<Loan> {
    let principal = base.principal(tx, call).await?;
    let id = name::id("name", "loans", resource)?;
    let loan = store::loan::lookup(tx, &call.org, id).await?.ok_or_else(|| no_loan(resource))?;
    if loan.borrower == principal.person {
        return Ok(loan);
    }
    let cleared = store::loan::cleared(tx, &call.org, principal.person, call.micros(), id).await?;
    if cleared { Ok(loan) } else { Err(no_loan(resource)) }
}

/// The reply to a call that was answered before, for who may still do what it did and sees the loan.
///
/// # Errors
/// `PERSON_UNKNOWN`, `PERMISSION_DENIED`, `RESOURCE_NOT_FOUND`.
async fn again(base: &Base, tx: &mut Tx, call: &Call, action: Action, kept: pb::Loan) -> Result<pb::Loan> {
    base.authorise(tx, call, action).await?;
    worked_on(base, tx, call, &kept.name).await?;
    Ok(kept)
}

// A borrower neither hands out nor takes back a loan of their own.
fn require_other(loan: &Loan, administrator: uuid::Uuid) -> Result<()> {
    if loan.borrower != administrator {
        return Ok(());
    }
    Err(Error::new(Reason::BorrowerInvolved).with("loan", loan.name()))
}
