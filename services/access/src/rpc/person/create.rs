//! CreatePerson.

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::faults::Faults;
use dossier_kernel::{mutate, words};
use dossier_proto::access::v1 as pb;
use dossier_regime::Action;
use uuid::Uuid;

use super::message;
use crate::domain::person::{Person, check_display_name, check_subject};
use crate::store;
use crate::work;
use crate::work::record::Asked;
use crate::work::wire::person_name;

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
        let actor = principal.name();
        let asked = Asked { base, call, actor: &actor, request_id: &request.request_id, reason: &request.reason };
        work::person::create(asked, tx, &person).await?;
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
