//! EndAppointment.

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::error::{Error, Missing, Result};
use dossier_kernel::{mutate, name, words};
use dossier_proto::access::v1 as pb;
use dossier_regime::Action;

use super::appoint::{load, touch};
use super::{appointed, message, publish};
use crate::rpc::record::{Saying, Word};

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
        let held = person.appointments.iter_mut().find(|held| held.id == own);
        let held = held.ok_or_else(|| Error::missing(Missing::Appointment, request.name.as_str()))?;
        // The trail says whether the post was ever held: of what was taken back nothing is to be asked.
        let action = if held.end(id, call.micros())? { "person.dismissed" } else { "person.appointment_withdrawn" };
        let event = appointed(id, &held.clone(), true, String::new());
        touch(tx, call, &mut person).await?;
        let (subject, request_id) = (&person.name(), &request.request_id);
        let words = [Word::reason(&request.reason)];
        let saying = Saying { action, subject, request_id, words: &words };
        publish(base, tx, call, &principal.name(), saying, event).await?;
        Ok(message(&person))
    }, kept => base.authorise(tx, call, Action::DirectoryManage).await.map(|_| kept))
}
