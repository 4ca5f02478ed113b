//! Duties: "when this happened, that is due by then, by this role" (P-39, P-40, A-30, X-40).
//!
//! The packs say what is due; [`open_for`] turns a happening into rows, [`close_for`] ends them when it was done, and
//! [`DutyRpc`] shows them in every service.

mod rpc;
mod schedule;

use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::time::{micros, micros_to_proto};
use dossier_proto::duty::v1::DutyState;
use dossier_proto::journal::v1::DutyChanged;
use dossier_proto::journal::v1::event::Kind;
use dossier_regime::{Due, Scope, Trigger};
use jiff::Timestamp;
use uuid::Uuid;

pub use rpc::{DutyRpc, message};
pub use schedule::open_scheduled;

use crate::base::Base;
use crate::entries::Effect;
use crate::store::duty::{self, Duty, End};

/// What a service's duties are called below its name; entries of earlier versions call them so by themselves.
const PART: &str = "duties";

/// What a happening is about.
#[derive(Clone, Debug)]
pub struct About<'a> {
    /// The resource name that the duty is about.
    pub subject: &'a str,
    /// The file, if it is about one.
    pub file: Option<Uuid>,
    /// The owning unit.
    pub unit: &'a str,
    /// The person who owes it, if it is one person.
    pub assignee: Option<Uuid>,
}

/// Who must not learn of a duty, and what its holders are told besides.
#[derive(Clone, Copy, Debug)]
pub struct Confined {
    /// Never sees the duty, whatever their posts.
    pub barred: Uuid,
    /// Another file that the duty is about, shown to who may see it.
    pub other: Option<Uuid>,
}

/// Opens whatever the pack says is due because `trigger` happened at `at`; opening twice changes nothing.
///
/// # Errors
/// `PACK_FAULT` when a due date lies beyond the calendar, `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub async fn open_for(
    base: &Base,
    tx: &mut Tx,
    call: &Call,
    trigger: Trigger,
    at: Timestamp,
    about: &About<'_>,
) -> Result<()> {
    let tenant = base.tenant(&call.org)?;
    let dues = tenant.due(trigger, at).map_err(|_| beyond(&tenant.pack().id))?;
    for due in &dues {
        open(base, tx, &call.org, due, about).await?;
    }
    Ok(())
}

/// Opens one duty with a due date that the caller computed, for example the end of a loan.
///
/// # Errors
/// `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub async fn open(base: &Base, tx: &mut Tx, org: &str, due: &Due, about: &About<'_>) -> Result<()> {
    let row = row(base, due, about);
    if duty::open(tx, org, &row).await? {
        journal(base, tx, org, "duty.opened", &row).await?;
    }
    Ok(())
}

/// As [`open`], a duty that only holders of the post that owes it see.
///
/// # Errors
/// As [`open`].
pub async fn open_confined(
    base: &Base,
    tx: &mut Tx,
    org: &str,
    due: &Due,
    about: &About<'_>,
    confined: Confined,
) -> Result<()> {
    let row = Duty { barred: Some(confined.barred), other: confined.other, ..row(base, due, about) };
    if duty::open(tx, org, &row).await? {
        journal(base, tx, org, "duty.opened", &row).await?;
    }
    Ok(())
}

fn row(base: &Base, due: &Due, about: &About<'_>) -> Duty {
    let unit = if due.scope == Scope::Unit { about.unit } else { "" };
    Duty {
        id: base.providers.ids.uuid(),
        kind: due.kind.clone(),
        subject: about.subject.to_owned(),
        time_window: due.window,
        file: about.file,
        post: due.role.clone(),
        unit: unit.to_owned(),
        assignee: about.assignee,
        due_at: micros(due.at),
        calendar_version: due.calendar_version.clone(),
        provisional: due.provisional,
        state: DutyState::Open.as_str_name().to_owned(),
        opened_at: micros(base.providers.clock.now()),
        closed_at: None,
        closed_by: None,
        ground: due.requirements.join(" "),
        version: 1,
        barred: None,
        other: None,
        shown: None,
    }
}

/// Ends the open duties of these `kinds` about `subject` as done (or as cancelled), if there are any: of several of a kind the
/// earliest is done, and all are cancelled.
///
/// # Errors
/// `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub async fn close_for(
    base: &Base,
    tx: &mut Tx,
    org: &str,
    kinds: &[&str],
    subject: &str,
    state: DutyState,
    by: Option<Uuid>,
) -> Result<()> {
    for kind in kinds {
        while close_one(base, tx, org, (kind, subject), state, by).await?.is_some() {
            if state != DutyState::Cancelled {
                break;
            }
        }
    }
    Ok(())
}

/// Ends the open duty of this kind and subject, of several the earliest; gives it, if there was one.
///
/// # Errors
/// As [`close_for`].
pub async fn close_one(
    base: &Base,
    tx: &mut Tx,
    org: &str,
    (kind, subject): (&str, &str),
    state: DutyState,
    by: Option<Uuid>,
) -> Result<Option<Duty>> {
    let end = End { state: state.as_str_name(), by, at: micros(base.providers.clock.now()) };
    let closed = duty::close(tx, org, kind, subject, &end).await?;
    if let Some(row) = &closed {
        journal(base, tx, org, "duty.closed", row).await?;
    }
    Ok(closed)
}

/// Opens anew what was cancelled about `file`, and about what lies in it, from `since` on (microseconds): each is due when it was, by
/// who owed it.
///
/// # Errors
/// `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub async fn reopen(base: &Base, tx: &mut Tx, org: &str, file: Uuid, since: i64) -> Result<()> {
    for one in duty::cancelled(tx, org, file, since).await? {
        let row = Duty {
            id: base.providers.ids.uuid(),
            state: DutyState::Open.as_str_name().to_owned(),
            opened_at: micros(base.providers.clock.now()),
            closed_at: None,
            closed_by: None,
            version: 1,
            ..one
        };
        if duty::open(tx, org, &row).await? {
            journal(base, tx, org, "duty.opened", &row).await?;
        }
    }
    Ok(())
}

/// Makes the earliest open duty of this kind and subject due at `until`; false when there is none that is due earlier.
///
/// # Errors
/// `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub async fn extend(base: &Base, tx: &mut Tx, org: &str, about: (&str, &str), until: i64) -> Result<bool> {
    match duty::extend(tx, org, about, until).await? {
        Some(row) => journal(base, tx, org, "duty.extended", &row).await.map(|()| true),
        None => Ok(false),
    }
}

pub(crate) async fn journal(base: &Base, tx: &mut Tx, org: &str, action: &str, row: &Duty) -> Result<()> {
    let subject = name(base.service, row.id);
    let effect = Effect::new(action, &subject, event(row, &subject));
    base.record_work(tx, org, effect).await.map(drop)
}

/// `services/{service}/duties/{uuid}`.
pub(crate) fn name(service: &str, id: Uuid) -> String {
    dossier_kernel::name::name(&dossier_kernel::name::collection(service, PART), id)
}

/// The subject and the file that an entry names for a duty called `name`; `confined` holds the second file of a confined one.
///
/// A trail that the barred person reads must not tell them either: the entry belongs to the other file's trail.
pub(crate) fn told(
    name: &str,
    confined: Option<Option<Uuid>>,
    subject: &str,
    file: Option<Uuid>,
) -> (String, Option<Uuid>) {
    match confined {
        None => (subject.to_owned(), file),
        Some(other) => (name.to_owned(), other.or(file)),
    }
}

pub(crate) fn event(row: &Duty, name: &str) -> Kind {
    let file = |id| dossier_kernel::name::name("files", id);
    let confined = row.barred.map(|_| row.other);
    let (subject, about) = told(name, confined, &row.subject, row.file);
    Kind::DutyChanged(DutyChanged {
        duty: name.to_owned(),
        kind: row.kind.clone(),
        subject,
        post: row.post.clone(),
        unit: row.unit.clone(),
        assignee: row.assignee.map(|id| dossier_kernel::name::name("persons", id)).unwrap_or_default(),
        due_time: Some(micros_to_proto(row.due_at)),
        due_provisional: row.provisional,
        state: row.state.clone(),
        time_window: row.time_window,
        file: about.map(file).unwrap_or_default(),
    })
}

fn beyond(pack: &str) -> Error {
    Error::new(Reason::PackFault).with("place", pack)
}
