//! People and their posts.

mod appoint;
mod create;
mod end;
mod get;
mod update;

pub(super) use appoint::appoint;
pub(crate) use appoint::{act, appointment_of, require_other};
pub(super) use create::create;
pub(super) use end::end;
pub(super) use get::{get, list};
pub(super) use update::update;

use dossier_authority::{Base, feed};
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::etag;
use dossier_kernel::name;
use dossier_kernel::time::micros_to_proto;
use dossier_proto::access::v1 as pb;
use dossier_proto::journal::v1::event::Kind;
use dossier_proto::journal::v1::{AppointmentChanged, PersonChanged};
use uuid::Uuid;

use super::enter::no_person;
use super::record::{Saying, record};
use crate::domain::appointment::{Appointment, OPEN_END};
use crate::domain::person::Person;
use crate::store;

/// The person as the contract shows it.
pub(crate) fn message(person: &Person) -> pb::Person {
    pb::Person {
        name: person.name(),
        subject: person.subject.clone(),
        display_name: person.display_name.clone(),
        active: person.active,
        appointments: person.appointments.iter().map(|one| held(person.id, one)).collect(),
        etag: etag::of(person.version),
        create_time: Some(micros_to_proto(person.created_at)),
        update_time: Some(micros_to_proto(person.updated_at)),
    }
}

fn held(person: Uuid, one: &Appointment) -> pb::Appointment {
    pb::Appointment {
        name: one.name(person),
        post: one.post.clone(),
        unit: one.unit.clone(),
        valid_from: Some(micros_to_proto(one.valid_from)),
        valid_until: (one.valid_until != OPEN_END).then(|| micros_to_proto(one.valid_until)),
    }
}

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

async fn found(tx: &mut Tx, org: &str, id: Uuid) -> Result<Person> {
    store::person::lookup(tx, org, id).await?.ok_or_else(|| no_person(id))
}

// Journals a change and applies the very event to the shared tables, as the other services will.
async fn publish(base: &Base, tx: &mut Tx, call: &Call, actor: &str, saying: Saying<'_>, event: Kind) -> Result<()> {
    let entry = record(base, tx, call, actor, saying, event).await?;
    feed::apply(tx, base.pack(&call.org)?, &entry).await
}
