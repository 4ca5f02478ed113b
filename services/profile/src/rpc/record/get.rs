//! `GetRecord`: one record with the fields its reader may see, once the journal has it (A-42, I3).

use dossier_authority::Base;
use dossier_authority::reading::purpose;
use dossier_kernel::call::Call;
use dossier_kernel::error::{Error, Result};
use dossier_kernel::faults::Faults;
use dossier_proto::profile::v1::{FileRecord, GetRecordRequest};
use dossier_regime::Action;

use super::basic;
use crate::domain::completeness::whole;
use crate::domain::record::ids;
use crate::rpc::customer_file::reading::{self, Outgoing};
use crate::rpc::customer_file::view;
use crate::work::customer_file::session::{Session, place};
use crate::work::record;

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: GetRecordRequest) -> Result<FileRecord> {
    let mut tx = base.db.read().await?;
    let session = Session::open(base, &mut tx, call, Action::FileRead).await?;
    let mut faults = Faults::default();
    purpose(session.pack(), &request.purpose, &mut faults);
    place(session.pack(), &request.reading_place, &mut faults);
    let ids = faults.absorb(ids("name", &request.name));
    faults.finish()?;
    let opened = record::load(&session, &mut tx, ids.unwrap_or_default()).await?;
    let loaded = &opened.loaded;
    let ground = reading::require_ground(&session, &mut tx, loaded, &request.purpose, &request.reading_place).await?;
    if !ground.is_whole() {
        return Err(Error::violation(
            "purpose",
            "is that of a right to fields of the file, which opens none of its records",
        ));
    }
    tx.commit().await?;
    let template = record::template(&session, &opened.record.template)?;
    let filling = opened.content.filling(template, &opened.seal)?;
    let filling = filling.shown(|key| ground.visibility.shows(template, key));
    let measured = whole(template, loaded.file.customer_type, |key| filling.of(key));
    let (fields, shown, masked) = view::opened(template, &opened.content, &opened.seal, &ground.visibility)?;
    let message = FileRecord {
        fields,
        masked_fields: masked,
        completeness: Some(view::detailed(&measured)),
        ..basic(loaded, &opened.record)
    };
    let (resource, revision) = (opened.record.name(), opened.record.version);
    let leaving = Outgoing { message, resource, file: loaded.file.id, revision, fields: shown, ground };
    reading::release_one(&session, leaving, &request.purpose).await
}
