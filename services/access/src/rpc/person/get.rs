//! GetPerson and ListPersons.

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::error::Result;
use dossier_kernel::name;
use dossier_kernel::page::Page;
use dossier_proto::access::v1 as pb;
use dossier_regime::Action;

use super::{found, message};
use crate::rpc::enter::given;
use crate::store;
use crate::store::person::Wanted;

/// Answers one person; everybody may read himself.
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
/// `PERMISSION_DENIED`, `FIELD_VIOLATION`, `PAGE_TOKEN_INVALID`.
pub(crate) async fn list(base: &Base, call: &Call, request: pb::ListPersonsRequest) -> Result<pb::ListPersonsResponse> {
    let mut tx = base.db.read().await?;
    base.authorise(&mut tx, call, Action::DirectoryRead).await?;
    let inactive = request.show_inactive;
    let filters = [request.post.as_str(), &request.unit, if inactive { "all" } else { "" }];
    let page = Page::of(call, request.page_size, &request.page_token, &filters)?;
    let wanted = Wanted { post: given(&request.post), unit: given(&request.unit), inactive, now: call.micros() };
    let mut people = store::person::list(&mut tx, &call.org, &wanted, &page).await?;
    let next_page_token = page.cut(&mut people, |person| person.id.to_string());
    Ok(pb::ListPersonsResponse { persons: people.iter().map(message).collect(), next_page_token })
}
