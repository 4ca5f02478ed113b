//! People and their posts.

mod appoint;
mod create;
mod end;
mod get;
mod update;

pub(super) use appoint::appoint;
pub(crate) use appoint::{act, appointment_of};
pub(super) use create::create;
pub(super) use end::end;
pub(super) use get::{get, list};
pub(super) use update::update;

use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::etag;
use dossier_kernel::time::micros_to_proto;
use dossier_proto::access::v1 as pb;
use uuid::Uuid;

use crate::domain::appointment::{Appointment, OPEN_END};
use crate::domain::person::Person;
use crate::store;
use crate::work::person::no_person;

/// The person as the contract shows it.
fn message(person: &Person) -> pb::Person {
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

async fn found(tx: &mut Tx, org: &str, id: Uuid) -> Result<Person> {
    store::person::lookup(tx, org, id).await?.ok_or_else(|| no_person(id))
}
