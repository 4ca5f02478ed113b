//! AppointPerson.

use dossier_authority::act::{Spending, unneeded};
use dossier_authority::{Base, Principal};
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::etag;
use dossier_kernel::time::{kept_from_proto, micros};
use dossier_kernel::{mutate, name, words};
use dossier_proto::access::v1 as pb;
use dossier_regime::Action;
use uuid::Uuid;

use super::{appointed, found, message, publish};
use crate::domain::act::Act;
use crate::domain::appointment::{Appointment, OPEN_END, label};
use crate::domain::person::Person;
use crate::rpc::record::{Saying, Word};
use crate::store;

/// Gives a person a post in a unit; nobody appoints himself.
///
/// # Errors
/// `PERMISSION_DENIED`, `FIELD_VIOLATION`, `RESOURCE_NOT_FOUND`, `ETAG_STALE`, `WRONG_STATE`,
/// `APPOINTMENT_EXISTS`, `APPROVAL_MISSING`.
pub(crate) async fn appoint(base: &Base, call: &Call, request: pb::AppointPersonRequest) -> Result<pb::Person> {
    mutate!(base.mutations, call, request, tx => {
        let principal = base.authorise(tx, call, Action::DirectoryManage).await?;
        words::require(&request.reason, false)?;
        let one = appointment_of(request.appointment.as_ref(), base.providers.ids.uuid(), call.micros())?;
        let tenant = base.tenant(&call.org)?;
        one.check(tenant.pack(), tenant.organisation(), call.micros())?;
        let id = name::id("name", "persons", &request.name)?;
        let mut person = load(tx, call, id, &request.etag).await?;
        require_other(&principal, person.id)?;
        person.require_active()?;
        if person.appointments.iter().any(|held| held.collides(&one)) {
            return Err(about(Reason::AppointmentExists, &person, &one.post).with("unit", one.unit));
        }
        let approval = approved(base, tx, call, &principal, &request, &person, &one).await?;
        let event = appointed(person.id, &one, false, approval);
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

// A post that gives power over what others may is given on an approval of exactly this appointment.
async fn approved(
    base: &Base,
    tx: &mut Tx,
    call: &Call,
    principal: &Principal,
    request: &pb::AppointPersonRequest,
    person: &Person,
    one: &Appointment,
) -> Result<String> {
    let pack = base.pack(&call.org)?;
    let wanted = act(person.id, one, request.appointment.as_ref())?;
    let Some(rule) = wanted.rule(pack) else { return unneeded(&request.approval) };
    let (digest, approval, subject) = (wanted.digest(), request.approval.as_str(), request.name.as_str());
    Spending { act: rule, digest, approval, subject, person: principal.person, at: call.micros() }
        .spend(tx, &call.org, pack)
        .await
}

/// The act of an appointment: with the beginning that was said, because the one that counts moves with the call.
///
/// # Errors
/// `FIELD_VIOLATION` of a time.
pub(crate) fn act(person: Uuid, one: &Appointment, given: Option<&pb::Appointment>) -> Result<Act> {
    let from = given.and_then(|given| given.valid_from.as_ref());
    let from = from.map(|time| kept_from_proto("appointment.valid_from", time).map(micros)).transpose()?;
    let until = (one.valid_until != OPEN_END).then_some(one.valid_until);
    Ok(Act::Appointment { person, post: one.post.clone(), unit: one.unit.clone(), from, until })
}

/// The person `id`, whom the caller knows as `etag` says.
///
/// # Errors
/// `RESOURCE_NOT_FOUND`, `ETAG_STALE`.
pub(super) async fn load(tx: &mut Tx, call: &Call, id: Uuid, etag: &str) -> Result<Person> {
    let person = found(tx, &call.org, id).await?;
    etag::require(etag, &etag::of(person.version), &person.name())?;
    Ok(person)
}

/// Every change of an appointment raises the person's version, so that two of them never cross.
///
/// # Errors
/// `CONFLICT_RETRY`, `STORE_UNAVAILABLE`.
pub(super) async fn touch(tx: &mut Tx, call: &Call, person: &mut Person) -> Result<()> {
    person.updated_at = call.micros();
    store::person::update(tx, &call.org, person).await?;
    person.version += 1;
    Ok(())
}

/// The appointment that is asked for. A beginning in the past means from now: a post gives no power over what has been.
///
/// # Errors
/// `FIELD_VIOLATION`.
pub(crate) fn appointment_of(given: Option<&pb::Appointment>, id: Uuid, now: i64) -> Result<Appointment> {
    let given = given.ok_or_else(|| Error::violation("appointment", "must be given"))?;
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

/// Nobody appoints himself.
///
/// # Errors
/// `PERMISSION_DENIED`.
pub(crate) fn require_other(principal: &Principal, person: Uuid) -> Result<()> {
    if principal.person != person {
        return Ok(());
    }
    Err(Error::new(Reason::PermissionDenied).with("action", Action::DirectoryManage.as_str()))
}

fn about(reason: Reason, person: &Person, post: &str) -> Error {
    Error::new(reason).with("person", person.name()).with("post", label(post))
}
