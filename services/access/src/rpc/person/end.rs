//! EndAppointment.

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::error::Result;
use dossier_kernel::{mutate, name, words};
use dossier_proto::access::v1 as pb;
use dossier_regime::Action;

use super::appoint::load;
use super::message;
use crate::work;
use crate::work::record::Asked;

/// Ends an appointment: a current one holds no more from the commit on (I5), one that is to come is taken back.
///
/// # Errors
/// `PERMISSION_DENIED`, `FIELD_VIOLATION`, `RESOURCE_NOT_FOUND`, `ETAG_STALE`, `WRONG_STATE`.
pub(crate) async fn end(base: &Base, call: &Call, request: pb::EndAppointmentRequest) -> Result<pb::Person> {
    mutate!(base.mutations, call, request, tx => {
        let principal = base.authorise(tx, call, Action::DirectoryManage).await?;
        words::require(&request.reason, true)?;
        let (id, own) = name::ids_below("name", "persons", "appointments", &request.name)?;
        let mut person = load(tx, call, id, &request.etag).await?;
        let actor = principal.name();
        let asked = Asked { base, call, actor: &actor, request_id: &request.request_id, reason: &request.reason };
        work::person::end(asked, tx, &mut person, own).await?;
        Ok(message(&person))
    }, kept => base.authorise(tx, call, Action::DirectoryManage).await.map(|_| kept))
}
