//! CreatePerson.

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::faults::Faults;
use dossier_kernel::{mutate, words};
use dossier_proto::access::v1 as pb;
use dossier_regime::Action;
use uuid::Uuid;

use super::{changed, message, publish};
use crate::domain::person::{Person, check_display_name, check_subject};
use crate::rpc::enter::person_name;
use crate::rpc::record::{Saying, Word};
use crate::store;

/// Enters a person.
///
/// # Errors
/// `PERMISSION_DENIED`, `FIELD_VIOLATION`, `PERSON_EXISTS`.
pub(crate) async fn create(base: &Base, call: &Call, request: pb::CreatePersonRequest) -> Result<pb::Person> {
    mutate!(base.mutations, call, request, tx => {
        let principal = base.authorise(tx, call, Action::DirectoryManage).await?;
        let person = person_of(&request, base.providers.ids.uuid(), call.micros())?;
        if let Some(known) = store::person::by_subject(tx, &call.org, &person.subject).await? {
            return Err(exists(known));
        }
        store::person::insert(tx, &call.org, &person).await?;
        let words = [
            Word { field: "display_name", text: &person.display_name, keep: false },
            Word::reason(&request.reason),
        ];
        let name = person.name();
        let request_id = &request.request_id;
        let saying = Saying { action: "person.created", subject: &name, request_id, words: &words };
        publish(base, tx, call, &principal.name(), saying, changed(&person)).await.map_err(|fault| taken(fault, &name))?;
        Ok(message(&person))
    }, kept => base.authorise(tx, call, Action::DirectoryManage).await.map(|_| kept))
}

fn person_of(request: &pb::CreatePersonRequest, id: Uuid, now: i64) -> Result<Person> {
    let given = request.person.as_ref().ok_or_else(|| Error::violation("person", "must be given"))?;
    let mut faults = Faults::default();
    check_subject(&given.subject, &mut faults);
    check_display_name(&given.display_name, &mut faults);
    words::reason(&request.reason, false, &mut faults);
    faults.finish()?;
    Ok(Person {
        id,
        subject: given.subject.clone(),
        display_name: given.display_name.trim().to_owned(),
        active: true,
        appointments: Vec::new(),
        created_at: now,
        updated_at: now,
        version: 1,
    })
}

fn exists(person: Uuid) -> Error {
    Error::new(Reason::PersonExists).with("person", person_name(person))
}

// Two at once: the second finds the subject taken only when it writes.
fn taken(fault: Error, name: &str) -> Error {
    match fault.reason() {
        Reason::AlreadyExists => Error::new(Reason::PersonExists).with("person", name),
        _ => fault,
    }
}
