//! AppointPerson.

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::etag;
use dossier_kernel::time::{kept_from_proto, micros};
use dossier_kernel::{mutate, name, words};
use dossier_proto::access::v1 as pb;
use dossier_regime::Action;
use uuid::Uuid;

use super::{found, message};
use crate::domain::act::Act;
use crate::domain::appointment::{Appointment, OPEN_END, label};
use crate::domain::person::Person;
use crate::work;
use crate::work::act::approved;
use crate::work::person::require_other;
use crate::work::record::Asked;

/// Gives a person a post in a unit; nobody appoints themselves.
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
        let wanted = act(person.id, &one, request.appointment.as_ref())?;
        let approval = approved(tx, call, tenant.pack(), &principal, &wanted, (&request.approval, &request.name)).await?;
        let actor = principal.name();
        let asked = Asked { base, call, actor: &actor, request_id: &request.request_id, reason: &request.reason };
        work::person::appoint(asked, tx, &mut person, (one, approval)).await?;
        Ok(message(&person))
    }, kept => base.authorise(tx, call, Action::DirectoryManage).await.map(|_| kept))
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

fn about(reason: Reason, person: &Person, post: &str) -> Error {
    Error::new(reason).with("person", person.name()).with("post", label(post))
}
