//! Events applied to the shared tables.
//!
//! access applies its own events in the transaction that journals them; profile and credit apply them as their
//! consumers hear of them. Both call [`apply`], so owner and copy cannot drift.

use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::time::{from_proto, micros};
use dossier_kernel::{fault, name, sql};
use dossier_proto::access::v1::ApprovalState;
use dossier_proto::journal::v1::event::Kind;
use dossier_proto::journal::v1::{
    AppointmentChanged, ApprovalChanged, DelegationChanged, EntryBody, FileChanged, GrantChanged, LoanChanged,
    PersonChanged,
};
use dossier_proto::types::AccessKind;
use dossier_regime::Pack;
use prost_types::Timestamp;
use sqlx::types::Json;
use uuid::Uuid;

use crate::disposal;
use crate::scope::Scope;
use crate::store::appointment::Appointment;
use crate::store::approval::Given;
use crate::store::delegation::Delegation;
use crate::store::file::FileCopy;
use crate::store::grant::Grant;
use crate::store::loan::Lent;
use crate::store::number::Number;
use crate::store::{appointment, approval, delegation, file, grant, loan, number, principal};

/// Applies the event of `entry`, if it is one that the shared tables keep; others are left alone.
///
/// `pack` is the pack of the entry's org: it says which rank a level has.
///
/// # Errors
/// `JOURNAL_CORRUPT` when an event of the journal is malformed, `STORE_UNAVAILABLE`.
pub async fn apply(tx: &mut Tx, pack: &Pack, entry: &EntryBody) -> Result<()> {
    let at = instant(entry.time.as_ref())?.unwrap_or_default();
    match entry.event.as_ref().and_then(|event| event.kind.as_ref()) {
        Some(Kind::PersonChanged(one)) => person(tx, &entry.org, one).await,
        Some(Kind::AppointmentChanged(one)) => appointed(tx, &entry.org, one).await,
        Some(Kind::DelegationChanged(one)) => delegated(tx, &entry.org, pack, one, at).await,
        Some(Kind::GrantChanged(one)) => granted(tx, &entry.org, one, at).await,
        Some(Kind::LoanChanged(one)) => lent(tx, &entry.org, one).await,
        Some(Kind::FileChanged(one)) => filed(tx, &entry.org, one).await,
        Some(Kind::NumberChanged(one)) => numbered(tx, &entry.org, &one.series, one.sequence, &one.number).await,
        Some(Kind::ApprovalChanged(one)) => approved(tx, &entry.org, one, at).await,
        Some(Kind::DisposalChanged(one)) => disposal::applied(tx, &entry.org, one).await,
        _ => Ok(()),
    }
}

async fn person(tx: &mut Tx, org: &str, one: &PersonChanged) -> Result<()> {
    principal::put(tx, org, id("persons", &one.person)?, &one.subject, one.active).await
}

async fn appointed(tx: &mut Tx, org: &str, one: &AppointmentChanged) -> Result<()> {
    let row = Appointment {
        // Entries of earlier versions have the last part of the name alone.
        id: Uuid::try_parse(&one.appointment).or_else(|_| appointment_id(&one.appointment))?,
        person: id("persons", &one.person)?,
        post: one.post.clone(),
        unit: one.unit.clone(),
        valid_from: instant(one.valid_from.as_ref())?.unwrap_or(i64::MIN),
        valid_until: instant(one.valid_until.as_ref())?.unwrap_or(i64::MAX),
    };
    appointment::put(tx, org, &row).await
}

async fn delegated(tx: &mut Tx, org: &str, pack: &Pack, one: &DelegationChanged, at: i64) -> Result<()> {
    let row = Delegation {
        id: id("delegations", &one.delegation)?,
        delegator: id("persons", &one.delegator)?,
        delegate: id("persons", &one.delegate)?,
        post: one.post.clone(),
        matters: Json(one.matters.clone()),
        // The owner decided it; entries of earlier versions leave it to the pack.
        max_rank: one.max_rank.unwrap_or_else(|| pack.rank(&one.max_level).unwrap_or(-1)),
        valid_from: instant(one.valid_from.as_ref())?.unwrap_or(i64::MAX),
        valid_until: instant(one.valid_until.as_ref())?.unwrap_or(i64::MIN),
        revoked_at: one.revoked.then_some(at),
    };
    delegation::put(tx, org, &row).await
}

// A right whose reach or kind is not known here opens nothing: it is kept as one that was taken back.
async fn granted(tx: &mut Tx, org: &str, one: &GrantChanged, at: i64) -> Result<()> {
    let scope = Scope::of(one.scope.as_ref());
    let revoked = (one.revoked && !fault::weakened("revocation")) || !is_known(one);
    let row = Grant {
        id: id("grants", &one.grant)?,
        file: id("files", &one.file)?,
        holder: id("persons", &one.holder)?,
        purpose: one.purpose.clone(),
        scope: Json(scope),
        kind: i64::from(one.kind),
        valid_from: instant(one.valid_from.as_ref())?.unwrap_or(i64::MAX),
        valid_until: instant(one.valid_until.as_ref())?.unwrap_or(i64::MIN),
        max_uses: i64::from(one.max_uses),
        uses: 0,
        revoked_at: revoked.then_some(at),
        completed_at: one.completed.then_some(at),
    };
    grant::put(tx, org, &row).await
}

/// Whether it is known here what a right opens and for what kind of use: a reading, a copy or the original. Everything else opens
/// nothing.
pub fn is_known(one: &GrantChanged) -> bool {
    let kinds = [AccessKind::View, AccessKind::Copy, AccessKind::Original];
    Scope::of(one.scope.as_ref()) != Scope::Unknown && kinds.contains(&one.kind())
}

// Only what was given can be used; every other state leaves nothing.
async fn approved(tx: &mut Tx, org: &str, one: &ApprovalChanged, at: i64) -> Result<()> {
    if one.state != ApprovalState::Approved.as_str_name() {
        return Ok(());
    }
    let row = Given {
        id: id("approvals", &one.approval)?,
        matter: one.matter.clone(),
        digest: one.content_digest.clone(),
        requester: id("persons", &one.requester)?,
        decided_at: at,
    };
    approval::put(tx, org, &row).await
}

async fn lent(tx: &mut Tx, org: &str, one: &LoanChanged) -> Result<()> {
    let id = id("loans", &one.loan)?;
    if one.return_time.is_some() {
        return loan::forget(tx, org, id).await;
    }
    let (file, borrower) = (self::id("files", &one.file)?, self::id("persons", &one.borrower)?);
    let due_at = instant(one.due_time.as_ref())?.unwrap_or_default();
    loan::put(tx, org, &Lent { id, file, borrower, due_at }).await
}

async fn filed(tx: &mut Tx, org: &str, one: &FileChanged) -> Result<()> {
    let custodian = if one.custodian.is_empty() { None } else { Some(id("persons", &one.custodian)?) };
    let row = FileCopy {
        id: id("files", &one.file)?,
        number: one.number.clone(),
        level: one.level.clone(),
        unit: one.unit.clone(),
        custodian,
        state: one.state.clone(),
        customer_type: i64::from(one.customer_type),
        revision: one.revision,
        complete: one.complete,
    };
    file::put(tx, org, &row).await
}

async fn numbered(tx: &mut Tx, org: &str, series: &str, sequence: i64, text: &str) -> Result<()> {
    number::put(tx, org, &Number { series: series.to_owned(), sequence, number: text.to_owned() }).await
}

/// Whether this store already knows anybody of `org`.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn knows_anybody(tx: &mut Tx, org: &str) -> Result<bool> {
    let row =
        sql!(tx, fetch_optional as (i64,), "SELECT CAST(1 AS BIGINT) FROM principal WHERE org = $1 LIMIT 1", org)?;
    Ok(row.is_some())
}

fn id(collection: &str, text: &str) -> Result<Uuid> {
    name::id("event", collection, text).map_err(|_| malformed())
}

fn appointment_id(text: &str) -> Result<Uuid> {
    name::ids_below("event", "persons", "appointments", text).map(|(_, id)| id).map_err(|_| malformed())
}

fn instant(value: Option<&Timestamp>) -> Result<Option<i64>> {
    value.map(|value| from_proto("time", value).map(micros).map_err(|_| malformed())).transpose()
}

fn malformed() -> Error {
    Error::new(Reason::JournalCorrupt).because("an event is malformed")
}
