//! UpdatePerson.

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::error::{Error, Result};
use dossier_kernel::etag;
use dossier_kernel::faults::Faults;
use dossier_kernel::path::Path;
use dossier_kernel::{mask, mutate, name, words};
use dossier_proto::access::v1 as pb;
use dossier_regime::Action;

use super::{found, message};
use crate::domain::person::{Person, check_display_name};
use crate::work;
use crate::work::record::Asked;

/// Changes the name, or switches a person off or on; a loss of rights holds with the commit (I5).
///
/// # Errors
/// `PERMISSION_DENIED`, `FIELD_VIOLATION`, `UPDATE_MASK_INVALID`, `RESOURCE_NOT_FOUND`, `ETAG_STALE`.
pub(crate) async fn update(base: &Base, call: &Call, request: pb::UpdatePersonRequest) -> Result<pb::Person> {
    mutate!(base.mutations, call, request, tx => {
        let principal = base.authorise(tx, call, Action::DirectoryManage).await?;
        let given = request.person.as_ref().ok_or_else(|| Error::violation("person", "must be given"))?;
        let id = name::id("person.name", "persons", &given.name)?;
        let paths = paths(&request)?;
        let mut person = found(tx, &call.org, id).await?;
        etag::require(&given.etag, &etag::of(person.version), &given.name)?;
        change(&mut person, given, &paths, call.micros());
        let (actor, renamed) = (principal.name(), mask::names(&paths, "display_name"));
        let asked = Asked { base, call, actor: &actor, request_id: &request.request_id, reason: &request.reason };
        work::person::update(asked, tx, &mut person, renamed).await?;
        Ok(message(&person))
    }, kept => base.authorise(tx, call, Action::DirectoryManage).await.map(|_| kept))
}

fn change(person: &mut Person, given: &pb::Person, paths: &[Path], now: i64) {
    if mask::names(paths, "display_name") {
        given.display_name.trim().clone_into(&mut person.display_name);
    }
    if mask::names(paths, "active") {
        person.active = given.active;
    }
    person.updated_at = now;
}

fn paths(request: &pb::UpdatePersonRequest) -> Result<Vec<Path>> {
    let paths = mask::paths(request.update_mask.as_ref(), &["display_name", "active"])?;
    let mut faults = Faults::default();
    if mask::names(&paths, "display_name") {
        check_display_name(request.person.as_ref().map_or("", |person| &person.display_name), &mut faults);
    }
    words::reason(&request.reason, false, &mut faults);
    faults.finish()?;
    Ok(paths)
}
