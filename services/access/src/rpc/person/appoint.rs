//! AppointPerson and DismissPerson.

use dossier_authority::{Base, Principal};
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::time::{kept_from_proto, micros};
use dossier_kernel::{mutate, name};
use dossier_proto::access::v1 as pb;
use dossier_regime::Action;
use uuid::Uuid;

use super::{appointed, found, message, publish};
use crate::domain::appointment::{Appointment, OPEN_END, label};
use crate::domain::person::Person;
use crate::rpc::enter::{check_etag, check_reason};
use crate::rpc::record::{Saying, Word};
use crate::store;

/// Gives a person a post in a unit; nobody appoints himself.
///
/// # Errors
/// `PERMISSION_DENIED`, `FIELD_VIOLATION`, `PERSON_NOT_FOUND`, `ETAG_STALE`, `WRONG_STATE`, `POST_NOT_FOUND`,
/// `UNIT_NOT_FOUND`, `APPOINTMENT_EXISTS`.
pub(crate) async fn appoint(base: &Base, call: &Call, request: pb::AppointPersonRequest) -> Result<pb::Person> {
    mutate!(base.mutations, call, request, tx => {
        let principal = base.authorise(tx, call, Action::DirectoryManage).await?;
        let one = wanted(&request, base.providers.ids.uuid(), call.micros())?;
        let mut person = load(tx, call, &request.name, &request.etag).await?;
        require_other(&principal, person.id)?;
        person.require_active()?;
        let tenant = base.tenant(&call.org)?;
        one.check(tenant.pack(), tenant.organisation(), call.micros())?;
        if person.appointments.iter().any(|held| held.collides(&one)) {
            return Err(about(Reason::AppointmentExists, &person, &one.post).with("unit", one.unit));
        }
        let event = appointed(person.id, &one, false);
        person.appointments.push(one);
        person.appointments.sort_by_key(|held| std::cmp::Reverse(held.valid_from));
        touch(tx, call, &mut person).await?;
        let (subject, request_id) = (&request.name, &request.request_id);
        let words = [Word::reason(&request.reason)];
        let saying = Saying { action: "person.appointed", subject, request_id, words: &words };
        publish(base, tx, call, &principal.name(), saying, event).await?;
        Ok(message(&person))
    }, kept => base.authorise(tx, call, Action::DirectoryManage).await.map(|_| kept))
}

/// Ends the current appointment of a person to a post in a unit; it holds no more from the commit on (I5).
///
/// # Errors
/// `PERMISSION_DENIED`, `FIELD_VIOLATION`, `PERSON_NOT_FOUND`, `ETAG_STALE`, `APPOINTMENT_NOT_FOUND`.
pub(crate) async fn dismiss(base: &Base, call: &Call, request: pb::DismissPersonRequest) -> Result<pb::Person> {
    mutate!(base.mutations, call, request, tx => {
        let principal = base.authorise(tx, call, Action::DirectoryManage).await?;
        let mut faults = Vec::new();
        check_reason(&request.reason, true, &mut faults);
        Error::check(faults)?;
        let mut person = load(tx, call, &request.name, &request.etag).await?;
        let missing = about(Reason::AppointmentNotFound, &person, &request.post);
        let now = call.micros();
        let wanted = |held: &&mut Appointment| {
            held.post == request.post && held.unit == request.unit && held.holds_at(now)
        };
        let held = person.appointments.iter_mut().find(wanted).ok_or(missing)?;
        held.valid_until = now;
        let event = appointed(person.id, &held.clone(), true);
        touch(tx, call, &mut person).await?;
        let (subject, request_id) = (&request.name, &request.request_id);
        let words = [Word::reason(&request.reason)];
        let saying = Saying { action: "person.dismissed", subject, request_id, words: &words };
        publish(base, tx, call, &principal.name(), saying, event).await?;
        Ok(message(&person))
    }, kept => base.authorise(tx, call, Action::DirectoryManage).await.map(|_| kept))
}

async fn load(tx: &mut Tx, call: &Call, resource: &str, etag: &str) -> Result<Person> {
    let person = found(tx, &call.org, name::id("name", "persons", resource)?).await?;
    check_etag(etag, person.version, resource)?;
    Ok(person)
}

// Every change of an appointment raises the person's version, so that two of them never cross.
async fn touch(tx: &mut Tx, call: &Call, person: &mut Person) -> Result<()> {
    person.updated_at = call.micros();
    store::person::update(tx, &call.org, person).await?;
    person.version += 1;
    Ok(())
}

// A beginning in the past means from now: a post gives no power over what has been.
fn wanted(request: &pb::AppointPersonRequest, id: Uuid, now: i64) -> Result<Appointment> {
    let mut faults = Vec::new();
    check_reason(&request.reason, false, &mut faults);
    Error::check(faults)?;
    let given = request.appointment.as_ref().ok_or_else(|| Error::violation("appointment", "must be given"))?;
    let from = given.valid_from.as_ref().map(|time| kept_from_proto("appointment.valid_from", time)).transpose()?;
    let until = given.valid_until.as_ref().map(|time| kept_from_proto("appointment.valid_until", time)).transpose()?;
    Ok(Appointment {
        id,
        post: given.post.clone(),
        unit: given.unit.clone(),
        valid_from: from.map_or(now, micros).max(now),
        valid_until: until.map_or(OPEN_END, micros),
    })
}

fn require_other(principal: &Principal, person: Uuid) -> Result<()> {
    if principal.person != person {
        return Ok(());
    }
    Err(Error::new(Reason::PermissionDenied).with("action", Action::DirectoryManage.as_str()))
}

fn about(reason: Reason, person: &Person, post: &str) -> Error {
    Error::new(reason).with("person", person.name()).with("post", label(post))
}
