//! GetPerson and ListPersons.

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::error::Result;
use dossier_kernel::filter::Field;
use dossier_kernel::list::List;
use dossier_kernel::{asked, name};
use dossier_proto::access::v1 as pb;
use dossier_regime::Action;

use super::{found, message};
use crate::store;
use crate::store::person::Filter;

const PERSONS: List = List {
    fields: &[Field::flag("active"), Field::text("appointments.post"), Field::text("appointments.unit")],
    orders: &["name"],
};

/// Answers one person; everybody may read themselves.
///
/// # Errors
/// `FIELD_VIOLATION`, `PERMISSION_DENIED`, `RESOURCE_NOT_FOUND`.
pub(crate) async fn get(base: &Base, call: &Call, request: pb::GetPersonRequest) -> Result<pb::Person> {
    let mut tx = base.db.read().await?;
    let principal = base.principal(&mut tx, call).await?;
    let me = request.name == "persons/me";
    let id = if me { principal.person } else { name::id("name", "persons", &request.name)? };
    if id != principal.person {
        principal.require(base.pack(&call.org)?, Action::DirectoryRead)?;
    }
    found(&mut tx, &call.org, id).await.map(|person| message(&person))
}

/// Lists people by id.
///
/// # Errors
/// `PERMISSION_DENIED`, `FIELD_VIOLATION`, `FILTER_INVALID`, `PAGE_TOKEN_INVALID`.
pub(crate) async fn list(base: &Base, call: &Call, request: pb::ListPersonsRequest) -> Result<pb::ListPersonsResponse> {
    let mut tx = base.db.read().await?;
    base.authorise(&mut tx, call, Action::DirectoryRead).await?;
    let (found, page) = PERSONS.read(call, &asked!(request))?;
    let filter = Filter {
        post: found.text("appointments.post"),
        unit: found.text("appointments.unit"),
        active: found.flag("active"),
        now: call.micros(),
    };
    let mut people = store::person::list(&mut tx, &call.org, &filter, &page).await?;
    let next_page_token = page.cut(&mut people, |person| person.id.to_string());
    Ok(pb::ListPersonsResponse { persons: people.iter().map(message).collect(), next_page_token })
}
