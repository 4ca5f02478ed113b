//! People and their posts, written, journaled and applied to the shared tables.

use dossier_authority::{Base, Principal, feed};
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Missing, Reason, Result};
use dossier_kernel::name;
use dossier_kernel::time::micros_to_proto;
use dossier_proto::journal::v1::event::Kind;
use dossier_proto::journal::v1::{AppointmentChanged, PersonChanged};
use dossier_regime::Action;
use uuid::Uuid;

use super::record::{Asked, Saying, Word, record};
use super::wire::person_name;
use crate::domain::appointment::{Appointment, OPEN_END};
use crate::domain::person::Person;
use crate::store;

/// What the journal says of a person.
pub(crate) fn changed(person: &Person) -> Kind {
    Kind::PersonChanged(PersonChanged { person: person.name(), subject: person.subject.clone(), active: person.active })
}

/// What the journal says of an appointment; `approval` is the one that it rests on.
pub(crate) fn appointed(person: Uuid, one: &Appointment, dismissed: bool, approval: String) -> Kind {
    Kind::AppointmentChanged(AppointmentChanged {
        appointment: one.name(person),
        person: name::name("persons", person),
        post: one.post.clone(),
        unit: one.unit.clone(),
        valid_from: Some(micros_to_proto(one.valid_from)),
        valid_until: (one.valid_until != OPEN_END).then(|| micros_to_proto(one.valid_until)),
        dismissed,
        approval,
    })
}

/// Enters a person.
///
/// # Errors
/// `PERSON_EXISTS`, `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub(crate) async fn create(asked: Asked<'_>, tx: &mut Tx, person: &Person) -> Result<()> {
    store::person::insert(tx, &asked.call.org, person).await?;
    let words = [display_name(&person.display_name), Word::reason(asked.reason)];
    let (name, request_id) = (person.name(), asked.request_id);
    let saying = Saying { action: "person.created", subject: &name, request_id, words: &words };
    publish(asked.base, tx, asked.call, asked.actor, saying, changed(person)).await.map_err(|fault| taken(fault, &name))
}

/// Writes what is new about a person; `renamed` says whether the name is.
///
/// # Errors
/// `CONFLICT_RETRY`, `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub(crate) async fn update(asked: Asked<'_>, tx: &mut Tx, person: &mut Person, renamed: bool) -> Result<()> {
    store::person::update(tx, &asked.call.org, person).await?;
    person.version += 1;
    let words = [display_name(if renamed { &person.display_name } else { "" }), Word::reason(asked.reason)];
    let (name, request_id) = (person.name(), asked.request_id);
    let saying = Saying { action: "person.updated", subject: &name, request_id, words: &words };
    publish(asked.base, tx, asked.call, asked.actor, saying, changed(person)).await
}

/// Gives a person a post, on the approval named.
///
/// # Errors
/// `CONFLICT_RETRY`, `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub(crate) async fn appoint(
    asked: Asked<'_>,
    tx: &mut Tx,
    person: &mut Person,
    (one, approval): (Appointment, String),
) -> Result<()> {
    let event = appointed(person.id, &one, false, approval);
    person.appointments.push(one);
    person.appointments.sort_by_key(|held| std::cmp::Reverse(held.valid_from));
    moved(asked, tx, person, ("person.appointed", event)).await
}

/// Ends the appointment `id` of a person.
///
/// # Errors
/// `RESOURCE_NOT_FOUND`, `WRONG_STATE`, `CONFLICT_RETRY`, `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub(crate) async fn end(asked: Asked<'_>, tx: &mut Tx, person: &mut Person, id: Uuid) -> Result<()> {
    let missing = || Error::missing(Missing::Appointment, format!("{}/appointments/{id}", person_name(person.id)));
    let held = person.appointments.iter_mut().find(|held| held.id == id).ok_or_else(missing)?;
    // The trail says whether the post was ever held: of what was taken back nothing is to be asked.
    let past = held.end(person.id, asked.call.micros())?;
    let action = if past { "person.dismissed" } else { "person.appointment_withdrawn" };
    let event = appointed(person.id, held, true, String::new());
    moved(asked, tx, person, (action, event)).await
}

// Every change of an appointment raises the person's version, so that two of them never cross.
async fn moved(
    asked: Asked<'_>,
    tx: &mut Tx,
    person: &mut Person,
    (action, event): (&'static str, Kind),
) -> Result<()> {
    person.updated_at = asked.call.micros();
    store::person::update(tx, &asked.call.org, person).await?;
    person.version += 1;
    let (name, request_id, words) = (person.name(), asked.request_id, [Word::reason(asked.reason)]);
    let saying = Saying { action, subject: &name, request_id, words: &words };
    publish(asked.base, tx, asked.call, asked.actor, saying, event).await
}

fn display_name(text: &str) -> Word<'_> {
    Word { field: "display_name", text, keep: false }
}

// Two at once: the second finds the subject taken only when it writes.
fn taken(fault: Error, name: &str) -> Error {
    match fault.reason() {
        Reason::AlreadyExists => Error::new(Reason::PersonExists).with("person", name),
        _ => fault,
    }
}

/// That there is no such person.
pub(crate) fn no_person(id: Uuid) -> Error {
    Error::missing(Missing::Person, person_name(id))
}

/// Nobody appoints themselves.
///
/// # Errors
/// `PERMISSION_DENIED`.
pub(crate) fn require_other(principal: &Principal, person: Uuid) -> Result<()> {
    if principal.person != person {
        return Ok(());
    }
    Err(Error::new(Reason::PermissionDenied).with("action", Action::DirectoryManage.as_str()))
}

// Journals a change and applies the very event to the shared tables, as the other services will.
async fn publish(base: &Base, tx: &mut Tx, call: &Call, actor: &str, saying: Saying<'_>, event: Kind) -> Result<()> {
    let entry = record(base, tx, call, actor, saying, event).await?;
    feed::apply(tx, base.pack(&call.org)?, &entry).await
}
